"""How does one token get through the model, and how does its stream grow on the way?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import OrreryError
from inference.task import Result, Task
from inference.text.notes import joined
from inference.text.pieces import end_of_text, pieces
from inference.types.options import PLACES, in_range
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

TOKENS = 120
"""The longest text whose vectors travel to a page, in less than 300 kB."""
WHY = "The numbers of a whole layer travel to the page; those of a longer text would be too many."
LEADING = 120
"""Next tokens that are named; the logits of all travel."""
STRONGEST, RAISED = 5, 3
"""Neurons that are named, and of each the tokens that it raises most."""
Vector = NDArray[np.float32]


@dataclass(frozen=True)
class TokenWay:
    """One token's way through one layer, and from the last layer to the next token.

    The steps in order; "the token" is the one whose way is followed.
    """

    embedded: Vector
    """(tokens, width) rows of the table of embeddings."""
    stream: Vector
    """(tokens, width) what the layer is given."""
    normed: Vector
    """(width,) of the token, before attention."""
    queries: Vector
    """(2, heads, head_width) of the token, before and after they are turned by its place."""
    keys: Vector
    """(2, heads, tokens, head_width) likewise of all tokens."""
    values: Vector
    """(heads, tokens, head_width)"""
    scores: Vector
    """(heads, queries, keys) QK / sqrt(head_width), before any mask."""
    weights: Vector
    """(heads, queries, keys) after mask and softmax."""
    mixed: Vector
    """(heads, head_width) values mixed by the token's row."""
    attended: Vector
    """(width,) what the output projection makes of all heads."""
    between: Vector
    """(width,) the stream with that added."""
    normed_again: Vector
    """(width,) before the feed-forward."""
    neurons: Vector
    """(feed_forward,)"""
    lengths: Vector
    """(feed_forward,) of what each neuron adds to the stream: its value times its row of down."""
    raised: NDArray[np.int64]
    """(STRONGEST, RAISED) tokens, by neurons in the order of `strongest`."""
    raises: Vector
    """(STRONGEST, RAISED) logits above the mean of all tokens, on the direct way: what the neuron
    adds, by the last norm as it scales this token's stream, times embeddings. What later layers
    make of it, and that the norm would scale otherwise without it, is left out."""
    thought: Vector
    """(width,) what all neurons add."""
    after: Vector
    """(width,) what leaves the layer."""
    growth: Vector
    """(states, tokens) length of the stream after the embedding and every layer."""
    last: Vector
    """(width,) the token's stream after the last layer."""
    read: Vector
    """(width,) the same after the last norm."""
    logits: NDArray[np.float64]
    """(vocabulary,)"""
    heads: int
    layers: int

    @property
    def strongest(self) -> NDArray[np.int64]:
        """The neurons of the largest values, whatever their sign; of equals the lower first."""
        return strongest(self.neurons)

    @property
    def leading(self) -> NDArray[np.int64]:
        """The tokens that are named, best first; of equals the lower first."""
        return np.argsort(-self.logits, kind="stable")[:LEADING]


def strongest(neurons: Vector) -> NDArray[np.int64]:
    """Numbers of neurons by the size of their values. neurons: (feed_forward,)."""
    return np.argsort(-np.abs(neurons), kind="stable")[:STRONGEST]


@dataclass(frozen=True)
class WayOfText:
    """A token of a text that somebody typed."""

    tokens: Tokenized
    layer: int
    """Counted from 0, as are `head` and `token`."""
    head: int
    token: int
    way: TokenWay
    pieces: Mapping[int, bytes]
    """The bytes of the tokens that may come next, and of those that neurons raise."""
    end_of_text: int


@dataclass(frozen=True)
class Journey(Task[TokenWay, WayOfText]):
    """A token followed. Layer, head and token are counted from 1; token 0 is the last one."""

    layer: int = 1
    head: int = 1
    token: int = 0

    needs: ClassVar[tuple[Capability, ...]] = ("follow a token",)
    what: ClassVar[str] = "sentence"

    def __post_init__(self) -> None:
        """Raises OutOfRange."""
        for what in ("layer", "head"):
            in_range(f"The {what}", getattr(self, what), PLACES, whole=True)
        in_range("The token", self.token, (0, PLACES[1]), whole=True)

    def prepare(self, model: Preprocessor) -> Self:
        limit = min(TOKENS, model.bounds.context)
        return self.of(model.cut(self.text, self.what, limit, why=WHY), model)

    def of(self, tokens: Tokenized, model: Preprocessor) -> Self:
        """A token that the text has not becomes its last."""
        count = len(tokens.ids)
        token = min(self.token, count) or count
        remark = f"Token {count} is followed: there is none after it." if token < self.token else ""
        tokens = replace(tokens, note=joined(tokens.note, remark))
        return replace(super().of(tokens, model), token=token)

    def answer(self, placed: PlacedModel) -> TokenWay:
        """Raises NumericalFault, or OutOfRange where the model has no such layer or head."""
        from inference.decoding.inside import journey  # noqa: PLC0415  # torch

        place = (self.layer - 1, self.head - 1, self.token - 1)
        return journey.way(placed.model, self.tokens.ids, *place, placed.device.tensors)

    def finish(self, found: Result[TokenWay], tokenizer: TextTokenizer) -> WayOfText:
        return WayOfText(
            self.noted(found),
            *(self.layer - 1, self.head - 1, self.token - 1),
            found.value,
            pieces(
                tokenizer, [*found.value.leading.tolist(), *found.value.raised.ravel().tolist()]
            ),
            end_of_text(tokenizer),
        )


@dataclass(frozen=True)
class StreamGrowth:
    """How long the residual stream of a text is on its way up."""

    tokens: Tokenized
    lengths: Vector
    """(states, tokens) after the embedding and every layer."""


@dataclass(frozen=True)
class Growth(Task[Vector, StreamGrowth]):
    """Lengths alone, of any model that tells its states."""

    needs: ClassVar[tuple[Capability, ...]] = ("attend",)
    what: ClassVar[str] = "sentence"

    def answer(self, placed: PlacedModel) -> Vector:
        """Raises NumericalFault, or OrreryError of a model that does not tell its states."""
        from inference.decoding import engine  # noqa: PLC0415  # torch

        states = engine.hidden(placed.model, self.tokens.ids, placed.device.tensors)
        if not len(states):
            raise OrreryError(f"{self.model} does not tell what it holds inside.")
        lengths: Vector = np.linalg.norm(states, axis=-1)
        return lengths

    def finish(self, found: Result[Vector], tokenizer: TextTokenizer) -> StreamGrowth:
        return StreamGrowth(self.noted(found), found.value)
