"""Sentences as somebody types them: one a line, an empty line between two kinds of them."""

from __future__ import annotations

from inference.errors import EmptyText, OrreryError, TooLong

CHARACTERS = 4_000


def parsed(typed: object, most: int, least: int = 2) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The sentences, and of each the number of its kind, from 0.

    Raises EmptyText, TooLong, or OrreryError where there are too few to compare.
    """
    text = typed if isinstance(typed, str) else ""
    if len(text) > CHARACTERS:
        raise TooLong("list of sentences", CHARACTERS, len(text), "characters")
    sentences: list[str] = []
    groups: list[int] = []
    group, apart = -1, True
    for line in (one.strip() for one in text.splitlines()):
        if not line:
            apart = True
            continue
        group += apart
        apart = False
        sentences.append(line)
        groups.append(group)
    if not sentences:
        raise EmptyText("list of sentences")
    if len(sentences) < least:
        raise OrreryError(
            "One sentence cannot be compared. Write another one on a line of its own."
        )
    if len(sentences) > most:
        raise TooLong("list", most, len(sentences), "sentences")
    return tuple(sentences), tuple(groups)
