"""Two models with different tokens on one text: what can be compared of them (truth: R5)."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.shared.asking import result
from inference.errors import ModelUnavailable, OrreryError
from inference.rungs import HeldOut
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service
    from inference.tasks.score import Score

READERS = {"storyteller-books": "Storyteller of old books", "gpt": "Small GPT"}
"""Both have read the same stories, the first as tokens of byte-level BPE, the second as
characters."""
PART = "It does not read all of this text, so that its bits are not those of the whole."


@dataclass(frozen=True)
class Reading:
    """What a model makes of a text; None where there is no such number, and then the reason."""

    name: str
    tokens: int | None = None
    perplexity: float | None = None
    per_byte: float | None = None
    reason: str = ""


def held_out(service: Service) -> tuple[HeldOut, ...]:
    """Their figures on held-out stories; () where they cannot be read."""
    try:
        return service.held_out(tuple(READERS))
    except ModelUnavailable:
        return ()


def readings(
    service: Service, session: str | None, asked: Iterable[Score]
) -> Generator[Waiting, None, tuple[Reading, ...]]:
    """What each makes of a text that it is asked about."""
    found = []
    for one in asked:
        name = one.model
        try:
            score = yield from result(service, one, session)
        except OrreryError as error:
            found.append(Reading(name, reason=str(error)))
            continue
        details, gaps = score.tokens.details, score.tokens.gaps
        bits = score.scored.bits
        if any(detail.unknown for detail in details) or any(gaps):
            found.append(Reading(name, len(bits), reason=PART))
        else:
            found.append(Reading(name, len(bits), score.perplexity, score.per_byte))
    return tuple(found)


def data(stories: tuple[HeldOut, ...], read: tuple[Reading, ...]) -> list[dict[str, Any]]:
    """Both models, on the held-out stories and on this text."""
    known = {one.name: one for one in stories}
    here = {one.name: one for one in read}
    return [
        {
            "model": name,
            "title": title,
            "unit": "character" if name == "gpt" else "token",
            "held_out": vars(known[name]) if name in known else None,
            "here": vars(here[name]) if name in here else None,
        }
        for name, title in READERS.items()
    ]
