"""Which tokens does a vocabulary have, and how did it come to each?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from inference.entry import Capability
from inference.task import Task
from inference.text.pieces import end_of_text, pieces
from inference.types.tokenized import Merge
from models.text.protocol import RuledTokenizer
from models.text.rules import Merges, Rules

if TYPE_CHECKING:
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer


class Learned(NamedTuple):
    """The merge that made a token."""

    rank: int
    """1 was learned first."""
    left: int
    right: int
    pairs: int | None
    """How often the pair stood in the training text just before it was merged, where known."""


@dataclass(frozen=True)
class Listed:
    """A whole vocabulary, by id."""

    pieces: Mapping[int, bytes]
    """The bytes that every token stands for."""
    specials: tuple[int, ...]
    """Tokens that mark something and stand for no text."""
    learned: Mapping[int, Learned]
    """Of the tokens that merges made, the first merge that makes each."""
    uses: Mapping[str, tuple[int, ...]]
    """By the name of a training text: how often each token stands in it, once through, when all
    merges are known. Empty where nobody has counted."""
    end_of_text: int
    marks: Mapping[int, tuple[str, str]]
    """Of the tokens that the vocabulary marks, what it writes before them or after them."""


@dataclass(frozen=True)
class Vocabulary(Task[None, Listed]):
    """All tokens of one tokenizer. Its text is empty."""

    found: Listed | None = None

    needs: ClassVar[tuple[Capability, ...]] = ("cut",)

    def prepare(self, model: Preprocessor) -> Self:
        tokenizer, known = model.tokenizer, model.segmenter.origins
        rules = tokenizer.rules if isinstance(tokenizer, RuledTokenizer) else None
        learned: dict[int, Learned] = {}
        if isinstance(rules, Merges):
            for (left, right), (rank, token) in rules.products.items():
                origin = known.get(token)
                pairs = origin.count if isinstance(origin, Merge) and origin.rank == rank else None
                learned.setdefault(token, Learned(rank, left, right, pairs))
        for token, parts in model.segmenter.parts.items():  # WordPiece forgets its merges
            origin = known.get(token)
            if isinstance(origin, Merge):
                learned.setdefault(token, Learned(origin.rank, *parts, origin.count))
        every = range(tokenizer.vocabulary)
        return replace(
            self,
            found=Listed(
                pieces(tokenizer, every),
                tuple(token for token in every if tokenizer.special(token)),
                learned,
                model.segmenter.uses,
                end_of_text(tokenizer),
                marks(tokenizer, rules),
            ),
        )

    def known(self) -> Listed | None:
        return self.found


def marks(tokenizer: TextTokenizer, rules: Rules | None) -> dict[int, tuple[str, str]]:
    """`##` before what never begins a word, `</w>` after what always ends one."""
    before, after = getattr(rules, "prefix", ""), getattr(rules, "suffix", "")
    found = {}
    for token in range(tokenizer.vocabulary) if before or after else ():
        if tokenizer.special(token):
            continue
        piece = tokenizer.piece(token)
        ends = before * piece.startswith(before), after * piece.endswith(after)
        if any(ends):
            found[token] = ends
    return found
