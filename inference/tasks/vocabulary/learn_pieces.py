"""Which pieces does a Unigram model keep of this text, round by round?"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from inference.entry import LEARNED, Capability
from inference.task import TextTask
from inference.tasks.vocabulary.cutting import NONE, Regrown, Reread
from inference.tasks.vocabulary.measured import (
    AHEAD,
    MERGES,
    SHOWN,
    Measured,
    Unseen,
    measured,
    text_beside,
)
from inference.text.cleaning import clean
from inference.text.notes import joined
from inference.types.options import in_range
from inference.types.waiting import Waiting
from learning import unigram
from models.text import learned as line
from models.text.protocol import RuledTokenizer
from models.text.rules import PieceScores
from models.text.unigram import (
    ScoredPieces,
    built,
    bytes_of,
    rounded,
    tokenizer_file,
    words_of,
    written,
)

if TYPE_CHECKING:
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer
    from models.text.tokenizer import Tokenizer

LONGEST = 10_000  # characters of a text: every round sums over all cuts of every word
PARTED = (
    f"What has no space for more than {unigram.PART} characters is learned in parts of as many."
)
BEST = 4  # pieces of a round that are told


@dataclass(frozen=True)
class LearnedRound:
    """The pieces between two prunings."""

    pieces: int
    """With the letters."""
    bits: tuple[float, ...]
    """A character, a space being one: before every step of EM, and after the last."""
    best: tuple[tuple[int, float], ...]
    """The most probable pieces."""
    gone: int
    """How many are left out next."""
    pruned: tuple[tuple[int, float], ...]
    """The first of them, and how many bits more the text would take without each."""
    tokens: int
    """Of the whole text."""


@dataclass(frozen=True)
class LearnedPieces:
    """A Unigram model that was learned from one text."""

    note: str
    symbols: tuple[str, ...]
    """Every piece that there was, as the vocabulary writes it; first those that are left."""
    pieces: Mapping[int, bytes]
    letters: int
    """Single characters, which always stay."""
    rounds: tuple[LearnedRound, ...]
    words: tuple[Regrown, ...]
    """Of the beginning of the text, and how each is cut in every round."""
    measured: Measured
    unseen: Unseen | None
    ours: int
    """Pieces of the tokenizer of the collection that it is compared with."""
    scores: tuple[float, ...]
    """Of the pieces that are left: natural log-probabilities."""
    kind: str = "unigram"
    end_of_text: int = -1

    @property
    def scored(self) -> ScoredPieces:
        return ScoredPieces(self.symbols[: len(self.scores)], self.scores)

    @property
    def name(self) -> str:
        """What other tasks may call it: all that it is. "" where that is too long to be sent."""
        found = line.scored_line(self.scored)
        return found and LEARNED + found

    @property
    def title(self) -> str:
        """What it is called on the page."""
        return line.titled("unigram", len(self.scores))

    @property
    def file(self) -> dict[str, Any]:
        """The content of its tokenizer.json."""
        return tokenizer_file(self.scored)


@dataclass(frozen=True)
class LearnPieces(TextTask[LearnedPieces]):
    """Unigram of somebody's own text; `model` names what it is compared with."""

    longer: int = 60
    """Pieces to keep beside the letters."""
    other: object = ""
    """A text to be compared on, as somebody typed it; none where it is empty."""

    needs: ClassVar[tuple[Capability, ...]] = ("cut",)

    def __post_init__(self) -> None:
        in_range("The number of pieces", self.longer, MERGES, whole=True)

    def work(self, model: Preprocessor) -> Iterator[Waiting | LearnedPieces]:
        cleaned = clean(self.text, LONGEST, self.what)
        text, ours = cleaned.text, model.segmenter.tokenizer
        other = text_beside(self.other)
        whole = written(text)
        words = unigram.parted(whole)
        rounds = yield from learned(words, self.longer)
        symbols = symbols_of(rounds)
        ids = {piece: i for i, piece in enumerate(symbols)}
        cutters, told = [], []
        size = sum(len(word) * count for word, count in words.items())
        for one in rounds:
            cutters.append(cutter_of(ids, one.scores))
            told.append(round_of(one, ids, size, len(cutters[-1].encode(text))))
            yield Waiting(doing=f"Round {len(told)} of {len(rounds)}: cutting the text.")
        shown = words_in(text[:SHOWN], cutters, ids)
        rules = ours.rules if isinstance(ours, RuledTokenizer) else None
        used = {token for word in shown for cut in word.cuts for token in cut.tokens} - {NONE}
        used |= {token for one in told for token, _ in (*one.best, *one.pruned)}
        last = rounds[-1].scores
        yield LearnedPieces(
            joined(cleaned.note, "" if words == whole else PARTED),
            symbols,
            {token: bytes_of(symbols[token]) for token in used},
            len({letter for word in words for letter in word}),
            tuple(told),
            shown,
            measured(text, ours),
            unseen(other, cutters, ours),
            len(rules.pieces) if isinstance(rules, PieceScores) else 0,
            rounded([last[piece] for piece in symbols[: len(last)]]),
        )


def learned(words: Mapping[str, int], longer: int) -> Generator[Waiting, None, list[unigram.Round]]:
    """All rounds; on the way how many pieces there are still."""
    rounds: list[unigram.Round] = []
    doing = "Counting what stands twice or more."
    for one in unigram.learn(words, longer):
        if one:
            rounds.append(one)
            left = len(one.scores) - len(one.pruned)
            doing = f"Round {len(rounds) + 1}: {left:,} pieces, letters included; "
            doing += f"{longer:,} and the letters stay."
        yield Waiting(doing=doing)
    return rounds


def symbols_of(rounds: list[unigram.Round]) -> tuple[str, ...]:
    """Every piece: those that are left by their probability, then those that went last."""
    last = rounds[-1].scores
    left = sorted(last, key=lambda piece: (-last[piece], piece))
    return (*left, *(piece for one in reversed(rounds) for piece, _ in one.pruned))


def unseen(text: str, cutters: list[Tokenizer], ours: TextTokenizer) -> Unseen | None:
    """The other text, cut in every round; None where there is none."""
    if not text:
        return None
    cuts = [cutter.encode(text) for cutter in cutters]
    unknown = sum(token == cutters[-1].unknown for token in cuts[-1])
    return Unseen(measured(text, ours), tuple(map(len, cuts)), unknown)


def cutter_of(ids: Mapping[str, int], scores: unigram.Scores) -> Tokenizer:
    """What cuts with the pieces of a round: always the most probable way."""
    pieces = sorted(scores, key=ids.__getitem__)
    return built(ScoredPieces(tuple(pieces), rounded([scores[one] for one in pieces])))


def round_of(one: unigram.Round, ids: Mapping[str, int], size: int, tokens: int) -> LearnedRound:
    """size: characters of the text."""
    best = sorted(one.scores, key=lambda piece: (-one.scores[piece], ids[piece]))[:BEST]
    return LearnedRound(
        len(one.scores),
        tuple(-found / math.log(2) / size for found in one.likelihoods),
        tuple((ids[piece], math.exp(one.scores[piece])) for piece in best),
        len(one.pruned),
        tuple((ids[piece], loss / math.log(2)) for piece, loss in one.pruned[:AHEAD]),
        tokens,
    )


def words_in(text: str, cutters: list[Tokenizer], ids: Mapping[str, int]) -> tuple[Regrown, ...]:
    """The words of a text, each with the rounds from which on it is cut otherwise."""
    found = []
    for word in words_of(text):
        cuts = [tuple(ids.get(c.piece(one), NONE) for one in c.encode(word)) for c in cutters]
        changes = enumerate(pairwise([(), *cuts]))
        found.append(
            Regrown(tuple(Reread(rank, now) for rank, (then, now) in changes if now != then))
        )
    return tuple(found)
