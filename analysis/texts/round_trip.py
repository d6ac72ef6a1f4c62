"""What a tokenizer loses of a text on the way to its tokens and back, and by what.

Two texts are the same but for case, say, where both in lower case are equal. Of all such sets the
smallest that makes them equal is named.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Literal

Culprit = Literal["unknown", "spaces", "normalisation", "case", "accents", "something else"]


def _without_accents(text: str) -> str:
    parted = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in parted if not unicodedata.combining(c)))


FORGET: Mapping[Culprit, Callable[[str], str]] = {
    "normalisation": lambda text: unicodedata.normalize("NFKC", text),
    "spaces": lambda text: "".join(text.split()),
    "case": str.casefold,
    "accents": _without_accents,
}
"""What makes two texts equal that differ by this alone; the first that is enough is named."""


def culprits(text: str, read: str) -> tuple[Culprit, ...]:
    """By what `read` differs from `text`; () where they are equal."""
    if text == read:
        return ()
    for many in range(1, len(FORGET) + 1):
        for some in combinations(FORGET, many):
            here, there = text, read
            for one in some:
                here, there = FORGET[one](here), FORGET[one](there)
            if here == there:
                return some
    return ("something else",)


def of_gap(text: str) -> Culprit:
    """By what text went that no token holds."""
    if not text.strip():
        return "spaces"
    accents = all(unicodedata.combining(character) for character in text)
    return "accents" if accents else "normalisation"


def losses(
    pieces: Sequence[str], read: Sequence[str | None], gaps: Sequence[str]
) -> Counter[Culprit]:
    """How many places of a text are not given back, by their culprit.

    pieces: what each token covers of the text; read: what it stands for, None where it is unknown.
    gaps: what no token holds; empty ones are none.
    """
    found: Counter[Culprit] = Counter(of_gap(gap) for gap in gaps if gap)
    for piece, back in zip(pieces, read, strict=True):
        found.update(("unknown",) if back is None else culprits(piece, back))
    return found
