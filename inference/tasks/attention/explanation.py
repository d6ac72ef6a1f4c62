"""Which tokens does one prediction depend on, by five ways of telling?"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import OrreryError
from inference.task import Result, Task
from inference.text.cleaning import clean
from inference.text.notes import joined, strange
from inference.text.pieces import end_of_text, pieces
from inference.types.options import in_range
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

Floats = NDArray[np.float64]
Taken = Literal["removed", "replaced"]
"""How a token is taken away; the mean of all embeddings replaces it."""
PLACES = (0, 4096)
LONGEST = 128  # tokens, each of which is taken away in a copy of the text
LEADING = 6  # tokens that could come next


@dataclass(frozen=True)
class Explained:
    """One prediction, and what tells of it. Everything but `weights` is over the tokens read."""

    following: Floats
    """(vocabulary,) probability of what follows the tokens that were read."""
    token: int
    """The one that is explained."""
    weights: NDArray[np.float32]
    """(layers, queries, keys): attention, the mean over the heads of a layer."""
    added: NDArray[np.float32] | None
    """(layers, tokens): the length of what each adds at the last position; None where the values
    of a model are out of reach."""
    gradient: Floats
    """Gradient times input, in bits, as below."""
    integrated: Floats
    """Integrated gradients from the mean of all embeddings."""
    occluded: Floats
    """Bits that are lost without each token."""
    baseline: float
    """log2 of the probability after the baseline."""
    steps: int
    """Of the path from there."""

    @property
    def bits(self) -> float:
        """log2 of the probability of the token."""
        return float(np.log2(max(self.following[self.token], np.finfo(np.float64).tiny)))


@dataclass(frozen=True)
class ExplainedText:
    """The same of a text that somebody typed."""

    tokens: Tokenized
    read: int
    """How many of them were read, what opens the text included; the rest comes later."""
    taken: Taken
    explained: Explained
    pieces: Mapping[int, bytes]
    """The bytes of the token that is explained, and of those that could come."""
    typed: Mapping[int, str]
    """What the same tokens are called as `Explanation.token`."""
    end_of_text: int

    @property
    def at(self) -> int:
        """As in `Explanation`."""
        return self.read - self.tokens.opened + 1 if self.read < len(self.tokens.ids) else 0

    @property
    def leading(self) -> tuple[int, ...]:
        """The most probable tokens next; the one that is explained always among them."""
        order = np.argsort(-self.explained.following, kind="stable")[:LEADING].tolist()
        token = self.explained.token
        return tuple(order if token in order else [*order[:-1], token])


@dataclass(frozen=True)
class Explanation(Task[Explained, ExplainedText]):
    """One prediction over a text of up to `LONGEST` tokens."""

    token: str = ""
    """What is predicted: the text of a token, or # and its number; empty for the one that stands
    there, or the most probable one after the text."""
    at: int = 0
    """0 predicts what follows the text; else the typed token of this number, from 1."""
    taken: Taken = "removed"
    candidates: tuple[int, ...] = field(default=(), kw_only=True)
    """Of which the most probable is explained; () of all. Filled in by `prepare`, as is `read`."""
    read: int = field(default=0, kw_only=True)

    needs: ClassVar[tuple[Capability, ...]] = ("write", "attend")

    def __post_init__(self) -> None:
        in_range("The token predicted", self.at, PLACES, whole=True)
        if self.taken not in get_args(Taken):
            raise OrreryError(f"A token is one of {', '.join(get_args(Taken))}.")

    def prepare(self, model: Preprocessor) -> Self:
        """Raises OrreryError where the text cannot be used, TooLong beyond `LONGEST`."""
        limit = min(LONGEST, model.bounds.context)
        return self.of(model.cut(self.text, self.what, limit), model)

    def of(self, tokens: Tokenized, model: Preprocessor) -> Self:
        """A place that the text has not becomes its end. Raises OrreryError where too little is
        read before the token that is explained, or it is none."""
        typed = len(tokens.ids) - tokens.opened
        at = self.at if self.at <= typed else 0
        read = tokens.opened + at - 1 if at else len(tokens.ids)
        if read < 2:
            raise OrreryError(
                "At least two tokens must be read before the one that is explained. Type a longer "
                "text, or choose a later token."
            )
        candidates, remark = chosen(self.token, model)
        if at and not candidates:
            candidates = (tokens.ids[read],)
        there = f"What follows the text is explained: it has no token {self.at}."
        note = joined(tokens.note, strange(tokens), remark, "" if at == self.at else there)
        ready = super().of(replace(tokens, note=note), model)
        return replace(ready, at=at, read=read, candidates=candidates)

    def program(self, placed: PlacedModel) -> Generator[Explained | None, None, Explained]:
        """A pass, then the gradients and the texts without a token, in batches. Raises
        NumericalFault, or OrreryError where the model cannot be read so."""
        from inference.decoding.inside import added, explaining  # noqa: PLC0415  # torch

        ids, device = self.tokens.ids[: self.read], placed.device.tensors
        model = explaining.exact(placed.model)
        text = explaining.Explaining(model, ids, device)
        among = np.array(self.candidates or range(len(text.following)))
        token = int(among[text.following[among].argmax()])
        yield None
        seen = added.seen(model, ids, device)
        gradient = text.gradient_times_input(token)
        yield None
        path = yield from text.along_path(token)
        occluded = yield from text.without(token, self.taken)
        return Explained(
            *(text.following, token, *seen, gradient, path.bits, occluded),
            baseline=path.baseline,
            steps=path.steps,
        )

    def finish(self, found: Result[Explained], tokenizer: TextTokenizer) -> ExplainedText:
        value, end = found.value, end_of_text(tokenizer)
        text = ExplainedText(self.noted(found), self.read, self.taken, value, {}, {}, end)
        spelled = pieces(tokenizer, sorted(text.leading))
        typed = {token: called(token, piece, tokenizer) for token, piece in spelled.items()}
        return replace(text, pieces=spelled, typed=typed)


def called(token: int, piece: bytes, tokenizer: TextTokenizer) -> str:
    """What to type for this token: its text, where that means no other one."""
    text = piece.decode("utf-8", errors="replace")
    alone = tokenizer.encode(text) == [token] and not tokenizer.special(token)
    other = not text.isspace() and len(tokenizer.encode(f" {text}")) == 1
    return f"#{token}" if other or not alone or text.startswith("#") else text


def chosen(typed: str, model: Preprocessor) -> tuple[tuple[int, ...], str]:
    """The tokens that somebody may mean, and a remark where only the first of several is taken.

    A word means itself with and without a space before it. Raises OrreryError where it is none.
    """
    if not typed:
        return (), ""
    vocabulary = model.bounds.vocabulary
    if number := re.fullmatch(r"#(\d{1,7})", typed, re.ASCII):
        if int(number[1]) >= vocabulary:
            raise OrreryError(f"The tokens of this model go from #0 to #{vocabulary - 1}.")
        return (int(number[1]),), ""
    text = typed if typed.isspace() else clean(typed, model.limits.word_characters, "token").text
    spelled = (text,) if text.isspace() else (f" {text}", text)
    cut = [model.tokenizer.encode(one) for one in spelled]
    whole = tuple(ids[0] for ids in cut if len(ids) == 1)
    if whole:
        return whole, ""
    firsts = [ids[0] for ids in cut if ids]
    if not firsts:
        raise OrreryError("This model has no token for what you typed as the next one.")
    inked = (one for one in firsts if model.tokenizer.bytes_of(one).strip())
    first = next(inked, firsts[0])
    return (first,), "What you typed as the next token is several; the first is explained."
