"""A lane: one strategy's text, every token underlined by the probability the model gave it.

While a sampling lane is written its HTML only grows at the end (the closing tags are left to the
browser), so that a stream sends what is new and not the whole lane again. A beam lane may rewrite
itself, for its best hypothesis may change.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from markupsafe import Markup

from analysis.characters import joined
from components.shared.drawing.forks import fork
from components.shared.drawing.lane_data import name, named
from components.shared.drawing.spelling import spelling
from inference.types.generation import Generation, LaneState, Step

LEVELS = 10
RESHAPE = {"temperature", "repetition_penalty", "presence_penalty", "frequency_penalty"}
"""Filters that change the probabilities and not only who is left."""
RANGE = Markup('<span class="range">0<span class="ramp" aria-hidden="true"></span>1</span>')
"""The colours of probabilities, for a legend."""
RANGE_LEGEND = Markup(
    '<div class="legend"><span>under the text: probability the model gave the token</span>{}</div>'
).format(RANGE)


class LaneWriter:
    """Draws one lane over and over as it grows; what stays is drawn only once."""

    def __init__(self, title: str, heading: Markup | None = None) -> None:
        """heading: what stands in place of the title alone."""
        self.title = title
        self._heading = Markup("<b>{}</b>").format(title) if heading is None else heading
        self._prompt: Markup | None = None
        self._drawn: list[tuple[Step, Markup]] = []

    def draw(self, generation: Generation, number: int, first: Generation | None = None) -> Markup:
        """The lane `number` of a generation.

        Its first fork is told from lane 0, of `first` where that is another model's.
        """
        state, other = generation.lanes[number], first or generation
        self._catch_up(state.steps, generation)
        tokens = [token for _, token in self._drawn]
        parts = fork(state, generation, other.lanes[0], other)
        if parts is not None:
            tokens.insert(parts, FORK)
        if self._prompt is None:
            self._prompt = prompt(generation)
        opening = OPENING.format(
            title=self.title,
            heading=self._heading,
            beams=state.options.beams or "",
            reshaped="yes" if RESHAPE & set(state.options.filters) else "",
            summary=summary(state),
            prompt=self._prompt,
        )
        return opening + Markup("").join(tokens)

    def _catch_up(self, steps: Sequence[Step], generation: Generation) -> None:
        same = 0
        while same < min(len(steps), len(self._drawn)) and self._drawn[same][0] is steps[same]:
            same += 1
        del self._drawn[same:]
        for place in range(same, len(steps)):
            self._drawn.append((steps[place], token(steps[place], place, generation)))


OPENING = Markup(
    '<div class="lane" role="group" aria-label="{title}" data-beams="{beams}" '
    'data-reshaped="{reshaped}">'
    '<div class="heading">{heading}'
    '<span>{summary}</span></div><div class="out"><em>{prompt}</em>'
    '<span class="tokens" role="listbox" tabindex="0" '
    'aria-label="{title}: arrow keys move from token to token">'
)
FORK = Markup(
    '<span class="fork" role="presentation" title="first token that differs from the first lane">'
    "▲</span>"
)


def summary(state: LaneState) -> str:
    """Filled in at the end: a number that changes at every token would resend the lane."""
    if state.end == "running" or not state.steps:
        return "\N{NO-BREAK SPACE}"
    reason = "\nended by itself" if state.end == "end of text" else ""
    over = "over " * any(step.probability == 0 for step in state.steps)
    return f"{over}{state.bits:,.0f} bits, {state.bits_per_token:.2f} per token{reason}"


def prompt(generation: Generation) -> Markup:
    """The prompt as running text, without what the model reads before every text."""
    typed = generation.prompt[generation.opened :]
    text = b"".join(generation.pieces[token] for token in typed)
    return spelling(joined(text.decode("utf-8", errors="replace"), spaces=False))


def level(step: Step) -> int:
    """The colour of a token's probability; `RANGE` says which is which."""
    return min(LEVELS - 1, int(step.probability * LEVELS))


def token(step: Step, place: int, generation: Generation) -> Markup:
    """One token, carrying in an attribute what the page shows when it is picked."""
    carried = json.dumps(details(step, generation), ensure_ascii=False, separators=(",", ":"))
    spans = named(step.token, generation, spaces=False)
    return Markup(
        '<span class="t p{}" role="option" data-place="{}" data-step="{}"{}>{}</span>'
    ).format(level(step), place, carried, blank("".join(s.text for s in spans)), spelling(spans))


def blank(text: str) -> Markup:
    """The name of a token of spaces alone: a screen reader would read nothing."""
    return Markup("" if text.strip() else ' aria-label="space"')


def details(step: Step, generation: Generation) -> dict[str, object]:
    """What the page shows of a step when its token is picked (read by lanes.js)."""
    bars = [
        [
            name(candidate.token, generation),
            round(candidate.probability, 5),
            int(candidate.kept),
            int(candidate.token == step.token),
        ]
        for candidate in step.candidates
    ]
    return {
        "bars": bars,
        "own": round(step.probability, 5),
        "survivors": step.survivors,
        "mass": round(step.mass, 5),
        "rest": [round(step.rest_kept, 5), round(step.rest_cut, 5)],
        "vocabulary": generation.vocabulary,
    }


def waiting(title: str, text: str) -> Markup:
    """A lane before its first text."""
    return Markup(
        '<div class="lane"><div class="heading"><b>{}</b></div><div class="out">{}</div></div>'
    ).format(title, Markup(text))
