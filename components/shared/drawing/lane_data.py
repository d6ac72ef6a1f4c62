"""How tokens read, and what lanes have written as JSON with exact numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from analysis.characters import Span
from analysis.tokens import label
from inference.types.generation import Generation, LaneState, Step

END_OF_TEXT = (Span("end of text", symbol=True),)


class Spelling(Protocol):
    """Any result that mentions tokens."""

    @property
    def pieces(self) -> Mapping[int, bytes]: ...

    @property
    def end_of_text(self) -> int: ...


def named(token: int, found: Spelling, spaces: bool = True) -> tuple[Span, ...]:
    """How a token reads; the end of a text is named and not spelled."""
    if token == found.end_of_text:
        return END_OF_TEXT
    return label(found.pieces[token], spaces)


def name(token: int, found: Spelling) -> str:
    """The same as plain text."""
    return "".join(span.text for span in named(token, found))


def prompt_data(generation: Generation) -> dict[str, Any]:
    """What all lanes of a generation share."""
    return {
        "note": generation.note,
        "prompt": [token_data(one, generation) for one in generation.prompt[generation.opened :]],
        "vocabulary": generation.vocabulary,
    }


def lane_data(state: LaneState, generation: Generation) -> dict[str, Any]:
    """One lane: its text, why it ended, its bits, at least so many where a probability is 0."""
    written = [step.token for step in state.steps if step.token != generation.end_of_text]
    held = b"".join(generation.pieces[token] for token in written)
    return {
        "text": held.decode("utf-8", errors="replace"),
        "end": state.end,
        "bits": state.bits,
        "steps": [step_data(step, generation) for step in state.steps],
    }


def token_data(token: int, found: Spelling) -> dict[str, Any]:
    """A token and its text, in which U+FFFD stands for a part of a character."""
    return {"id": token, "text": found.pieces[token].decode("utf-8", errors="replace")}


def step_data(step: Step, generation: Generation) -> dict[str, Any]:
    """One token and what it was chosen from; the fields are those of `Step`."""
    return {
        **token_data(step.token, generation),
        "probability": step.probability,
        "candidates": [
            {
                **token_data(one.token, generation),
                "probability": one.probability,
                "kept": one.kept,
            }
            for one in step.candidates
        ],
        "survivors": step.survivors,
        "mass": step.mass,
        "rest_kept": step.rest_kept,
        "rest_cut": step.rest_cut,
        "dice": step.dice,
    }
