"""By which steps does a tokenizer cut a text, and where could it have cut one of its words?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar, Self

from inference.entry import Capability
from inference.errors import OrreryError, TooLong
from inference.task import Task
from inference.text.cleaning import clean
from inference.text.notes import joined
from inference.text.pieces import end_of_text, pieces
from inference.types.options import in_range
from inference.types.tokenized import Tokenized
from models.text.lattice import Lattice as Lattice
from models.text.lattice import Path as Path
from models.text.lattice import lattice, sampled
from models.text.merges import Merge
from models.text.protocol import RuledTokenizer
from models.text.rules import (
    LongestMatch,
    Matched,
    Merges,
    PieceScores,
    Pretoken,
    Rules,
    matched,
    mentioned,
    merged,
)
from models.text.rules import WordCut as WordCut

if TYPE_CHECKING:
    from inference.text.preprocessor import Preprocessor

LONGEST = 2_000  # characters of a text
LONG = 60  # characters of a word that is taken apart
DRAWS, ALPHA, SEED = 5, 0.3, 7  # of cuts that are sampled, as in subword regularisation
WIDEST = 400  # letters of a word that is merged: each merge looks at all that are left
WHOLE = "This tokenizer looks whole words up: there is nothing to put together."
OTHERWISE = (
    "This tokenizer does more with this text than its rules say, by added tokens, say, or by bytes "
    "where a letter has no token: its steps cannot be shown. See its tokens in Pieces."
)
CHANGED = "This tokenizer changes the text before it cuts it: what is cut is shown."


@dataclass(frozen=True)
class Replayed:
    """A text, cut word by word."""

    tokens: Tokenized
    words: tuple[WordCut, ...]
    chosen: int
    lattice: Lattice | None
    """All ways of cutting the chosen word, where pieces have probabilities."""
    draws: tuple[Path, ...]
    """Cuts of it that were sampled."""
    size: int
    """Tokens without those that merges made; of all, where nothing is merged."""
    merges: int
    """How many were learned."""
    counts: Mapping[int, int]
    """By the rank of a merge: how often its pair stood in the training text."""
    pieces: Mapping[int, bytes]
    """The bytes of every token that is mentioned."""
    end_of_text: int


@dataclass(frozen=True)
class Replay(Task[None, Replayed]):
    """A text in one tokenizer, step by step."""

    word: int = 1
    """Which word is taken apart, counted from 1; beyond the last, the last."""
    found: Replayed | None = None

    needs: ClassVar[tuple[Capability, ...]] = ("cut",)

    def __post_init__(self) -> None:
        in_range("The word", self.word, (1, LONGEST), whole=True)

    def prepare(self, model: Preprocessor) -> Self:
        """Raises OrreryError where the text cannot be used, or the tokenizer only looks up."""
        cleaned = clean(self.text, LONGEST, self.what)
        tokens = model.segmenter.segment(cleaned)
        tokenizer = model.segmenter.tokenizer
        rules = tokenizer.rules if isinstance(tokenizer, RuledTokenizer) else None
        if rules is None or not isinstance(tokenizer, RuledTokenizer):
            raise OrreryError(WHOLE)
        whole = tokenizer.normalised(tokens.text)
        if whole != tokens.text:
            tokens = replace(tokens, text=whole, note=joined(CHANGED, tokens.note))
        words = cut_all(tokenizer.pretokens(whole), rules)
        found = [token for word in words for token in end_of(word)]
        if fused(found, tokenizer.unknown) != fused(tokens.ids, tokenizer.unknown):
            raise OrreryError(OTHERWISE)
        chosen = min(self.word, len(words)) - 1
        origins = model.segmenter.origins.values()
        counts = {one.rank: one.count for one in origins if isinstance(one, Merge)}
        replayed = partial(
            Replayed,
            tokens,
            tuple(words),
            chosen,
            size=tokenizer.vocabulary - len(getattr(rules, "products", ())),
            merges=len(getattr(rules, "products", ())),
            counts=counts,
            end_of_text=end_of_text(tokenizer),
        )
        ways, draws = apart(words[chosen].word.written, rules)
        used = {token for word in words for token in mentioned(word)}
        used |= {arc.token for arc in ways.arcs} if ways else set()
        done = replayed(lattice=ways, draws=draws, pieces=pieces(tokenizer, used))
        return replace(self.of(tokens, model), found=done)

    def known(self) -> Replayed | None:
        return self.found


def cut_all(words: list[Pretoken], rules: Rules) -> list[WordCut]:
    """All words by their rules. Raises OrreryError where that is not all that there is to it."""
    longest = max((len(word.written) for word in words), default=0)
    if longest > WIDEST and isinstance(rules, Merges):
        raise TooLong("longest word", WIDEST, longest, "letters")
    try:
        return [cut(word, rules) for word in words]
    except KeyError as error:  # a letter without a token
        raise OrreryError(OTHERWISE) from error


def end_of(word: WordCut) -> list[int]:
    """The tokens that a word becomes."""
    tokens = list(word.letters)
    for one in word.merges:
        tokens[one.place : one.place + 2] = [one.token]
    return tokens or [one.token for one in word.pieces]


def fused(tokens: Iterable[int], unknown: int | None) -> list[int]:
    """The tokens with every run of unknown ones as one: some write it so."""
    return [one for one, run in groupby(tokens) for _ in ([0] if one == unknown else run)]


def cut(word: Pretoken, rules: Rules) -> WordCut:
    """One word by its rules."""
    if isinstance(rules, Merges):
        letters = rules.letters(word.written)
        return WordCut(word, letters, merged(letters, rules), ())
    if isinstance(rules, LongestMatch):
        return WordCut(word, (), (), matched(word.written, rules))
    ways = lattice(word.written, rules, best=1)
    taken = (ways.arcs[number] for number in ways.paths[0].arcs)
    return WordCut(word, (), (), tuple(Matched(one.token, one.start, one.end) for one in taken))


def apart(written: str, rules: Rules) -> tuple[Lattice | None, tuple[Path, ...]]:
    """All ways of cutting a word, and some that are drawn; None where there is but one."""
    if not isinstance(rules, PieceScores) or len(written) > LONG:
        return None, ()
    ways = lattice(written, rules)
    return ways, tuple(sampled(ways, len(written), DRAWS, ALPHA, SEED))
