"""What the page is told: numbers, and the bytes of every token that is mentioned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from inference.types.generation import Generation, LaneState, Step
from inference.types.tokenized import Tokenized
from models.text.protocol import TextTokenizer


def generation(
    tokens: Tokenized,
    tokenizer: TextTokenizer,
    lanes: tuple[LaneState, ...],
    offered: Step | None = None,
) -> Generation:
    """All lanes as they are now, and the step that is offered next, if any."""
    steps = [*filter(None, [offered]), *(step for lane in lanes for step in lane.steps)]
    return Generation(
        prompt=tokens.ids,
        lanes=lanes,
        pieces=pieces(tokenizer, {*tokens.ids, *mentioned(steps)}),
        vocabulary=tokenizer.vocabulary,
        end_of_text=end_of_text(tokenizer),
        note=tokens.note,
        opened=tokens.opened,
        offered=offered,
    )


def mentioned(steps: Iterable[Step]) -> Iterator[int]:
    """Every token that was written or could have been, as far as the steps show it."""
    for step in steps:
        yield from (candidate.token for candidate in step.candidates)


def pieces(tokenizer: TextTokenizer, tokens: Iterable[int]) -> Mapping[int, bytes]:
    """The bytes of every token."""
    return {token: tokenizer.bytes_of(token) for token in tokens}


def end_of_text(tokenizer: TextTokenizer) -> int:
    """The token that ends a text, which is named and not spelled; -1 where none does."""
    end = tokenizer.end_of_text
    return -1 if end is None else end
