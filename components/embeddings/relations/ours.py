"""The relations of our benchmark, read from the text beside this file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

CAPITALS = "Country : capital"
FACTS = Markup(
    '<p class="trust">Much of what these models know of capitals they have from sentences that we '
    'wrote from facts, 1.5 % of what they read: <a href="cards/skip-gram-1" target="_blank" '
    'rel="noopener">their card</a>.</p>'
)
"""Said wherever an analogy of this kind is shown."""
TEXT = Path(__file__).with_suffix(".txt")
_SECTION = re.compile(r"^\[(\w+)\] ([^=\n]+?)(?: = (\S+))?$", re.MULTILINE)


@dataclass(frozen=True)
class Relation:
    """Pairs of words, the second to the first always in the same way."""

    title: str
    group: str
    """`meaning`, or `form` where the spelling gives the answer away."""
    pairs: tuple[tuple[str, str], ...]
    google: str = ""
    """The relation of Google's questions that asks the same; empty where none does."""


def read(text: str) -> tuple[Relation, ...]:
    """Sections `[group] title = google` with pairs between commas; `#` begins a comment.

    Raises ValueError, with the section, where something is no pair.
    """
    bare = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    _, *parts = _SECTION.split(bare)
    sections = zip(*(parts[i::4] for i in range(4)), strict=True)
    return tuple(
        Relation(title, group, tuple(_pairs(title, body)), google or "")
        for group, title, google, body in sections
    )


def _pairs(title: str, body: str) -> Iterable[tuple[str, str]]:
    for piece in body.split(","):
        words = piece.split()
        if len(words) != 2:
            raise ValueError(f"{title}: {piece.strip()!r} is no pair of words.")
        yield words[0], words[1]


def relations() -> tuple[Relation, ...]:
    """Ours, in the order of the text."""
    return read(TEXT.read_text(encoding="utf-8"))
