"""A text that is written one token at a time: what stands there, and what can come next.

Every button names the text that it leads to, so that pressing it twice is pressing it once: how
many of the written tokens stay, and which one follows them (read by wheel.js).
"""

from __future__ import annotations

import json

from markupsafe import Markup

from components.shared.drawing.dice import Segment, cumulative
from components.shared.drawing.lane import level, prompt
from components.shared.drawing.lane_data import name, named
from components.shared.drawing.spelling import spelling
from inference.types.generation import Generation, LaneState, Step

SHOWN = 7  # of the most probable candidates; one more may be the chosen one
ENDED = {
    "end of text": "The model has ended its text here. Go back to any token, or start over.",
    "length": "The text is as long as this view writes. Go back to any token, or start over.",
}


def next_token(found: Generation, model: str, typed: str, beside: Markup) -> Markup:
    """The text, the moves, the candidates, and beside them what was tried.

    model: named in what the page holds. typed: the prompt as it was typed, so that the page can
    tell whether another one has been typed since.
    """
    (state,) = found.lanes
    written = " ".join([model, *(str(step.token) for step in state.steps)])
    return Markup(
        '<section class="stepper" data-widget="stepper" data-written="{}" data-prompt="{}">'
        '{}{}<div class="choose"><div class="next">{}</div>{}</div>'
        "</section>"
    ).format(
        written,
        json.dumps(typed),  # in ASCII: an attribute cannot hold every character
        text(found, state),
        moves(found.offered, len(state.steps)),
        ended(state) if found.offered is None else candidates(found.offered, found),
        beside,
    )


FORCE = Markup(
    '<form class="force"><label>Write any token '
    '<input type="text" autocomplete="off" spellcheck="false" maxlength="200"></label>'
    "<button>Write</button><span>A space before a word is part of its token.</span></form>"
)


def dice(step: Step, number: float, generation: Generation) -> Markup:
    """The number drawn, on a bar from 0 to 1 that the survivors share in their order."""
    parts = (
        Segment(label, start, end, "hit" if one == step.token else "others" * (one is None))
        for one, label, start, end in segments(step, generation)
    )
    return Markup('<div class="dice"><h2>The dice</h2>{}<p>{}</p></div>').format(
        cumulative(parts, number), fallen(step, number, generation)
    )


def segments(step: Step, generation: Generation) -> list[tuple[int | None, str, float, float]]:
    """(token, label, start, end) from 0 to 1: the candidates kept, renormalised, then the others.

    A token chosen from beyond the most probable ones lies among the others (None).
    """
    kept = [one for one in step.candidates[:SHOWN] if one.kept]
    found: list[tuple[int | None, str, float, float]] = []
    end = 0.0
    for one in kept:
        start, end = end, min(1.0, end + one.probability / step.mass)
        found.append((one.token, name(one.token, generation), start, end))
    others = step.survivors - len(kept)
    return [*found, (None, f"{others:,} others", end, 1.0)] if others else found


def fallen(step: Step, number: float, generation: Generation) -> str:
    """Where the number fell, in a sentence."""
    said = f"The dice show {number:.4f}. Laid end to end, "
    own = name(step.token, generation)
    for token, label, start, end in segments(step, generation):
        if token == step.token:
            return f"{said}{label} covers {start:.4f} to {end:.4f}: Step writes it."
        if token is None:
            return f"{said}{label} cover {start:.4f} to 1, among them {own}: Step writes it."
    return said


def text(generation: Generation, state: LaneState) -> Markup:
    """The prompt and the tokens since; each is a button that goes back to just before it."""
    tokens = Markup("").join(
        Markup(
            '<button type="button" class="t p{}" data-keep="{}" data-probability="{}" '
            'data-bits="{}">{}</button>'
        ).format(
            level(step),
            place,
            step.probability,
            bits(step),
            spelling(named(step.token, generation, spaces=False)),
        )
        for place, step in enumerate(state.steps)
    )
    return Markup(
        '<div class="sheet"><div class="out"><em>{}</em>{}<span class="caret"></span></div></div>'
    ).format(prompt(generation), tokens)


def bits(step: Step) -> str:
    """The surprisal of a token; a probability of 0 has a lower bound alone."""
    return f"{'over ' * (step.probability == 0)}{step.surprisal:,.1f} bits"


def moves(offered: Step | None, written: int) -> Markup:
    """Step, step back, start over; what cannot be done is there and disabled."""
    forward = 'data-keep="{}" data-token="{}"'.format(*(written, offered.token)) if offered else ""
    backward = f'data-keep="{written - 1}"' if written else "disabled"
    return Markup(
        '<div class="stepper-moves"><button type="button" class="step-on" {}>Step</button>'
        '<button type="button" {}>Back</button><button type="button" {}>Start over</button>'
        "<span>{}</span></div>"
    ).format(
        Markup(forward or "disabled"),
        Markup(backward),
        Markup('data-keep="0"' if written else "disabled"),
        "no token written yet" if not written else f"{written} written",
    )


def candidates(step: Step, generation: Generation) -> Markup:
    """What could come next, for wheel.js, which draws a button that writes it for each."""
    (state,) = generation.lanes
    options = state.options
    value = {
        "written": len(state.steps),
        "offered": step.token,
        "candidates": [
            # nothing is cut off for who takes the most probable one
            [
                one.token,
                spans(one.token, generation),
                one.probability,
                one.kept or not options.sample,
            ]
            for one in step.candidates
        ],
        "rest": step.rest_kept + step.rest_cut,
        "vocabulary": generation.vocabulary,
        "survivors": step.survivors,
        "mass": step.mass,
        "sample": options.sample,
        "temperature": options.temperature,
    }
    return Markup('<div data-widget="choices" data-value="{}"></div>{}{}').format(
        json.dumps(value),
        Markup() if step.dice is None else dice(step, step.dice, generation),
        FORCE,
    )


def spans(token: int, generation: Generation) -> list[tuple[str, bool]]:
    """A label as (text, whether it is a symbol) for the browser."""
    return [(span.text, span.symbol) for span in named(token, generation)]


def ended(state: LaneState) -> Markup:
    """Why nothing can come next."""
    return Markup("<h2>The end</h2><p>{}</p>").format(ENDED[state.end])
