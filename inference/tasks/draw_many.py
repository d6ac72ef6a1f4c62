"""What does one strategy write a thousand times?"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.decoding.chain import ALONE
from inference.entry import Capability
from inference.errors import OrreryError
from inference.task import Result, Task
from inference.text.notes import joined
from inference.text.pieces import end_of_text, pieces
from inference.types.options import SEED, LaneOptions, in_range
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

TEXTS = (1, 1_000)
STEPS = (1, 24)
AT_ONCE = 2  # people whose texts are drawn in turns; the others wait, for every cache takes memory


@dataclass(frozen=True)
class Draws:
    """Texts that were drawn so far."""

    first: NDArray[np.int64]
    """(survivors,) tokens that the strategy may write first, most probable first."""
    shares: NDArray[np.float64]
    """(survivors,) their probabilities, which sum to 1."""
    tokens: NDArray[np.int64]
    """(texts, steps), -1 after the token that ends a text."""
    logs: NDArray[np.float64]
    """(texts, steps) natural log of the model's own probability of each; 0 after the end."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(texts,) tokens of each, the one that ends it included."""
        lengths: NDArray[np.int64] = (self.tokens >= 0).sum(axis=1)
        return lengths


@dataclass(frozen=True)
class ManyTexts:
    """The same of a prompt that somebody typed."""

    tokens: Tokenized
    task: DrawMany
    draws: Draws
    pieces: Mapping[int, bytes]
    """The bytes of every token that is mentioned."""
    end_of_text: int


@dataclass(frozen=True)
class DrawMany(Task[Draws, ManyTexts]):
    """Draw texts by one strategy; news after every batch of them.

    Text i takes the dice of the seed `seed + i`, so that a lane with that seed writes the same.
    """

    options: LaneOptions = field(default_factory=lambda: LaneOptions("Sampled", sample=True))
    texts: int = 1_000
    new_tokens: int = 20
    seed: int = 7

    needs: ClassVar[tuple[Capability, ...]] = ("write",)
    what: ClassVar[str] = "prompt"

    def __post_init__(self) -> None:
        in_range("The number of texts", self.texts, TEXTS, whole=True)
        in_range("The number of tokens", self.new_tokens, STEPS, whole=True)
        in_range("The seed", self.seed, (SEED[0], SEED[1] - TEXTS[1]), whole=True)
        if self.options.beams or not set(self.options.filters) <= ALONE.keys():
            raise OrreryError("Many draws take no beams, and no filter that minds the text.")

    def prepare(self, model: Preprocessor) -> Self:
        """The length becomes what the model has room for, and a note says so."""
        tokens = model.prompt(self.text, (self.options,))
        room = model.bounds.room(len(tokens.ids))
        if room >= self.new_tokens:
            return self.of(tokens, model)
        said = f"After this prompt there is room for {room:,} {model.unit}; so many are written."
        tokens = replace(tokens, note=joined(tokens.note, said))
        return replace(self.of(tokens, model), new_tokens=room)

    def program(self, placed: PlacedModel) -> Generator[Draws | None, None, Draws]:
        """A slice is one step of a batch. Raises NumericalFault."""
        from inference.decoding.many import draws  # noqa: PLC0415  # torch

        kept, device = placed.derived, placed.device.tensors
        while kept.get("drawing", 0) >= AT_ONCE:
            yield None
        kept["drawing"] = kept.get("drawing", 0) + 1
        try:
            plan = draws.Plan(
                self.options, self.texts, self.new_tokens, self.seed, frozenset(self.ends)
            )
            read = draws.prefilled(placed.decoding, self.tokens.ids, device)
            yield None
            first, shares = draws.first_shares(read[1], self.options)
            tokens, logs = [], []
            for batch in draws.batches(placed.decoding, read, plan, device):
                if batch is None:
                    yield None
                    continue
                tokens.append(batch.tokens)
                logs.append(batch.logs)
                found = Draws(first, shares, np.concatenate(tokens), np.concatenate(logs))
                if len(found.tokens) < self.texts:
                    yield found
            return found
        finally:
            kept["drawing"] -= 1

    def finish(self, found: Result[Draws], tokenizer: TextTokenizer) -> ManyTexts:
        draws = found.value
        mentioned = {*draws.first.tolist(), *np.unique(draws.tokens).tolist()} - {-1}
        return ManyTexts(
            self.noted(found),
            self,
            draws,
            pieces(tokenizer, mentioned),
            end_of_text(tokenizer),
        )
