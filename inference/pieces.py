"""What the page is told: numbers, and the bytes of every token that is mentioned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from inference.backend import Result
from inference.notes import joined
from inference.tasks.trajectory import StepState
from inference.types import Generation, HeadSweep, LaneState, Standing, Step, Tokenized, Waiting
from models.text.protocol import TextTokenizer
from models.text.tokenizer import Tokenizer


def generation(
    tokens: Tokenized,
    tokenizer: Tokenizer,
    latest: Result[tuple[LaneState, ...]],
    waiting: Waiting | None,
    further: Iterable[Step] = (),
) -> Generation:
    """All lanes as they are now. further: steps that were not taken, and are mentioned too."""
    steps = [*further, *(step for lane in latest.value for step in lane.steps)]
    return Generation(
        prompt=tokens.ids,
        lanes=latest.value,
        pieces=pieces(tokenizer, {*tokens.ids, *mentioned(steps)}),
        vocabulary=tokenizer.vocabulary,
        end_of_text=tokenizer.end_of_text,
        note=joined(tokens.note, latest.note),
        waiting=waiting,
    )


def standing(tokens: Tokenized, tokenizer: Tokenizer, found: Result[StepState]) -> Standing:
    """A place in a text, and what can come next."""
    lanes = Result((found.value.lane,), found.note)
    offered = found.value.offered
    further = () if offered is None else (offered,)
    return Standing(generation(tokens, tokenizer, lanes, None, further), offered)


def mentioned(steps: Iterable[Step]) -> Iterator[int]:
    """Every token that was written or could have been, as far as the steps show it."""
    for step in steps:
        yield from (candidate.token for candidate in step.candidates)


def leading(sweep: HeadSweep, count: int = 10) -> set[int]:
    """The most probable tokens after the text, with nothing removed and without each head."""
    rows = [sweep.following, *sweep.following_without.reshape(-1, len(sweep.following))]
    return {int(token) for row in rows for token in np.argsort(-row, kind="stable")[:count]}


def pieces(tokenizer: TextTokenizer, tokens: Iterable[int]) -> Mapping[int, bytes]:
    """The bytes of every token."""
    return {token: tokenizer.bytes_of(token) for token in tokens}
