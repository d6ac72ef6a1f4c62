"""Where two lanes part, also where different models write them."""

from __future__ import annotations

from collections.abc import Iterable

from inference.types.generation import Generation, LaneState

END = b"\0"
"""Stands for the end of a text, which no text holds."""


def fork(
    state: LaneState, generation: Generation, reference: LaneState, other: Generation
) -> int | None:
    """The first step that goes on differently than the reference; None while both agree.

    Models with the same tokens are compared by their tokens, others by their text.
    """
    if same_tokens(generation, other):
        return first_difference(state, reference)
    theirs = b"".join(written(reference, other))
    return first_other_text(written(state, generation), theirs)


def first_difference(state: LaneState, reference: LaneState) -> int | None:
    """Where two lanes first chose differently; None while they agree as far as both go."""
    pairs = zip(state.steps, reference.steps, strict=False)
    return next((i for i, (ours, theirs) in enumerate(pairs) if ours.token != theirs.token), None)


def first_other_text(ours: Iterable[bytes], theirs: bytes) -> int | None:
    """The first of our pieces that goes on differently than a text, as far as that goes."""
    at = 0
    for place, piece in enumerate(ours):
        there = theirs[at : at + len(piece)]
        if not piece.startswith(there):
            return place
        at += len(piece)
    return None


def same_tokens(one: Generation, other: Generation) -> bool:
    """Whether the same numbers stand for the same tokens, as far as both mention them."""
    if one is other:
        return True
    sizes = (one.vocabulary, one.end_of_text) == (other.vocabulary, other.end_of_text)
    both = one.pieces.keys() & other.pieces.keys()
    return sizes and all(one.pieces[token] == other.pieces[token] for token in both)


def written(state: LaneState, generation: Generation) -> list[bytes]:
    """The bytes of every step."""
    end = generation.end_of_text
    return [END if one.token == end else generation.pieces[one.token] for one in state.steps]
