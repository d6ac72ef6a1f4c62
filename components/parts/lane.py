"""A lane: one strategy's text, every token underlined by the probability the model gave it.

While a lane is written its HTML only ever grows at the end (the closing tags are left to the
browser), so that a stream sends what is new and not the whole lane again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from analysis.tokens import label
from components.parts.spelling import spelling
from inference.types import LaneState, Step

LEVELS = 10


def lane(
    title: str,
    state: LaneState,
    reference: LaneState,
    prompt: Sequence[int],
    pieces: Mapping[int, bytes],
    vocabulary: int,
) -> Markup:
    """One lane; `reference` is the lane it is compared with for the first fork."""
    tokens = [
        _fork(state, reference, i) + _token(step, i, pieces, vocabulary)
        for i, step in enumerate(state.steps)
    ]
    opening = Markup(
        '<div class="lane" role="group" aria-label="{0}"><div class="heading"><b>{0}</b>'
        '<span>{1}</span></div><div class="out" tabindex="0" role="textbox" aria-readonly="true" '
        'aria-label="{0}: left and right arrow move from token to token"><em>{2}</em>'
    ).format(title, _summary(state), _prompt(prompt, pieces))
    return opening + Markup("").join(tokens)


def _summary(state: LaneState) -> str:
    """Filled in at the end: a number that changes at every token would resend the lane."""
    if state.end == "running" or not state.steps:
        return "\N{NO-BREAK SPACE}"
    reason = ", ended by itself" if state.end == "end of text" else ""
    return f"{state.bits_per_token:.2f} bits/token{reason}"


def _prompt(prompt: Sequence[int], pieces: Mapping[int, bytes]) -> str:
    return b"".join(pieces[token] for token in prompt).decode("utf-8", errors="replace")


def _fork(state: LaneState, reference: LaneState, place: int) -> Markup:
    """A mark before the first token that differs from the reference lane."""
    ours = [step.token for step in state.steps[: place + 1]]
    theirs = [step.token for step in reference.steps[: place + 1]]
    if ours == theirs or ours[:-1] != theirs[:place]:
        return Markup("")
    return Markup('<span class="fork" title="first token that differs from greedy">▲</span>')


def _token(step: Step, place: int, pieces: Mapping[int, bytes], vocabulary: int) -> Markup:
    level = min(LEVELS - 1, int(step.probability * LEVELS))
    return Markup('<span class="t p{}" data-place="{}" data-step="{}">{}</span>').format(
        level,
        place,
        json.dumps(details(step, pieces, vocabulary), ensure_ascii=False, separators=(",", ":")),
        spelling(label(pieces[step.token], spaces=False)),
    )


def details(step: Step, pieces: Mapping[int, bytes], vocabulary: int) -> dict[str, object]:
    """What the page shows of a step when its token is picked (read by orrery.js)."""
    bars = [
        [
            "".join(span.text for span in label(pieces[candidate.token])),
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
        "vocabulary": vocabulary,
    }


def waiting(title: str, text: str) -> Markup:
    """A lane before its first text."""
    return Markup(
        '<div class="lane"><div class="heading"><b>{}</b></div><div class="out">{}</div></div>'
    ).format(title, Markup(text))
