"""What a model that reads from left to right expects where a token is hidden."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.shared.asking import result
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service
    from inference.tasks.fill_in import FilledGaps
    from inference.tasks.score import TextScore


@dataclass(frozen=True)
class FromTheLeft:
    """The next token after all that stands before the hidden one, over the whole vocabulary."""

    score: TextScore
    """Of the text as far as the hidden token."""
    at: int
    """Which of its predictions is the one in question."""
    whole: bool
    """Whether it, too, writes what is hidden as one token."""

    @property
    def expected(self) -> list[tuple[int, float]]:
        """(token, probability) of the most probable, best first."""
        scored = self.score.scored
        ids, chances = scored.expected[self.at].tolist(), scored.chances[self.at].tolist()
        return list(zip(ids, chances, strict=True))

    @property
    def token(self) -> int:
        """What really stands there, or what it begins with."""
        return self.score.tokens.ids[self.at + 1]

    @property
    def chance(self) -> float:
        return float(2 ** -self.score.scored.bits[self.at])

    @property
    def rank(self) -> int:
        return int(self.score.scored.ranks[self.at])


def from_the_left(
    service: Service, session: str | None, filled: FilledGaps, place: int, model: str
) -> Generator[Waiting, None, FromTheLeft | None]:
    """None where its tokens do not end where the hidden one begins, or a gap stands before it."""
    from inference.tasks.score import Score  # noqa: PLC0415  # a long chain of imports

    if any(gap < place for gap in filled.gaps):
        return None
    tokens = filled.tokens
    parts = list(zip(tokens.gaps[:-1], tokens.pieces, strict=True))
    before = b"".join(gap + piece for gap, piece in parts[:place])
    gap, hidden = parts[place]
    read = (before + gap + hidden).decode("utf-8", errors="ignore")
    score = yield from result(service, Score(read, model), session)
    held = 0
    for at, piece in enumerate(score.tokens.pieces):
        if held == len(before) and piece:
            whole = piece.strip() == hidden
            return FromTheLeft(score, at - 1, whole) if at else None
        held += len(piece)
    return None
