"""What does every head do, and what would it do untrained?"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.task import Result, Task
from inference.text.pieces import end_of_text, pieces
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

Maps = NDArray[np.float32]


WHY = (
    "The maps of all heads travel to the page, so that going from role to role asks for nothing; "
    "of a longer text they would be too many."
)


@dataclass(frozen=True)
class HeadLooks:
    """Where the heads of one model look: (layers, heads, queries, keys) each."""

    text: Maps
    repeated: Maps
    """The mean over random texts that each come twice."""
    shown: Maps
    """A shorter one of them."""
    bits: float
    """Mean surprisal of a random token when it comes again; nan of a model that predicts none."""


@dataclass(frozen=True)
class ModelLooks:
    """A model, and its untrained twin."""

    trained: HeadLooks
    untrained: HeadLooks | None
    """The same layout with random weights; None where it was not asked for, or is too large."""
    lengths: NDArray[np.float32]
    """(layers, heads, tokens) of what every token of the text would add, if all weight were on it;
    (0,) of a model whose values are out of reach."""
    drawn: tuple[int, ...]
    """The tokens of `shown`, each half."""


@dataclass(frozen=True)
class LooksOverText:
    """What a view is given."""

    tokens: Tokenized
    model: str
    looks: ModelLooks
    pieces: Mapping[int, bytes]
    """The bytes of the random tokens."""
    end_of_text: int


@dataclass(frozen=True)
class HeadRoles(Task[ModelLooks, LooksOverText]):
    """Where every head looks, in a text of up to `limits.attention_tokens` tokens and elsewhere."""

    twin: bool = True
    """Whether the untrained twin is looked at too."""

    needs: ClassVar[tuple[Capability, ...]] = ("attend",)
    what: ClassVar[str] = "text"

    def prepare(self, model: Preprocessor) -> Self:
        limit = min(model.limits.attention_tokens, model.bounds.context)
        return self.of(model.cut(self.text, self.what, limit, why=WHY), model)

    def program(self, placed: PlacedModel) -> Generator[ModelLooks | None, None, ModelLooks]:
        """What concerns random tokens is found once a model. Raises NumericalFault."""
        from inference.decoding.inside import roles  # noqa: PLC0415  # torch

        device = placed.device.tensors
        trained = yield from self._looks(placed, placed.model, "trained")
        lengths = roles.value_lengths(placed.model, self.tokens.ids, device)
        yield None
        fresh = roles.untrained(placed.model, device) if self.twin else None
        yield None
        twin = fresh and (yield from self._looks(placed, fresh, "untrained"))
        return ModelLooks(trained, twin, lengths, placed.derived["looks trained"].drawn)

    def _looks(
        self, placed: PlacedModel, model: object, which: str
    ) -> Generator[None, None, HeadLooks]:
        from inference.decoding import engine  # noqa: PLC0415  # torch
        from inference.decoding.inside import roles  # noqa: PLC0415

        kept, device, name = placed.derived, placed.device.tensors, f"looks {which}"
        if name not in kept:
            kept[name] = yield from roles.repeated(model, device)
        found = engine.attention(model, self.tokens.ids, device)  # type: ignore[arg-type]
        yield None
        return HeadLooks(found, kept[name].mean, kept[name].shown, kept[name].bits)

    def finish(self, found: Result[ModelLooks], tokenizer: TextTokenizer) -> LooksOverText:
        return LooksOverText(
            self.noted(found),
            self.model,
            found.value,
            pieces(tokenizer, found.value.drawn),
            end_of_text(tokenizer),
        )
