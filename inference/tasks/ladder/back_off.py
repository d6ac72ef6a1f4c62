"""How does an n-gram model back off after a text: what does each order know, and who decides?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from inference.entry import Capability
from inference.task import Result, Task
from inference.text.notes import joined, strange
from inference.text.pieces import pieces
from inference.types.tokenized import Tokenized
from models.ladder.order import Order

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from models.text.protocol import TextTokenizer


@dataclass(frozen=True)
class BackedOff:
    """What every order of a model knows of the end of a text."""

    tokens: Tokenized
    orders: tuple[Order, ...]
    """The first and shortest one first."""
    pieces: tuple[bytes, ...]
    """The bytes of every token, by its number."""


@dataclass(frozen=True)
class BackOff(Task[tuple[Order, ...], BackedOff]):
    """The orders of an n-gram model for the context that a text ends in."""

    model: str = "five-gram"

    needs: ClassVar[tuple[Capability, ...]] = ("count",)
    what: ClassVar[str] = "context"

    def answer(self, placed: PlacedModel) -> tuple[Order, ...]:
        from models.ladder.backing_off import back_off  # noqa: PLC0415  # torch

        return back_off(placed.model, self.tokens.ids)

    def finish(self, found: Result[tuple[Order, ...]], tokenizer: TextTokenizer) -> BackedOff:
        tokens = self.noted(replace(found, note=joined(found.note, strange(self.tokens))))
        every = pieces(tokenizer, range(len(found.value[0].counts)))
        return BackedOff(tokens, found.value, tuple(every[token] for token in sorted(every)))
