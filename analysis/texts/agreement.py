"""Where tokenizers agree on how a text is cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

Span = tuple[int, int]
"""Where a piece starts and ends, in bytes."""


def spans(text: bytes, lengths: Sequence[int], gaps: Sequence[int]) -> list[Span]:
    """Of every piece, without the whitespace at its ends: with whom that goes is another question.

    lengths: of the pieces; gaps: what lies before each of them and after the last, in bytes.
    """
    found, place = [], 0
    for length, gap in zip(lengths, gaps, strict=False):
        start = place + gap
        place = start + length
        held = text[start:place]
        inner = held.strip()
        before = len(held) - len(held.lstrip()) if inner else 0
        found.append((start + before, start + before + len(inner or held)))
    return found


def unlike(cuts: Sequence[Sequence[Span]]) -> list[list[int]]:
    """In every tokenizer, the pieces that fewer than half of the others cut out too."""
    made = Counter(span for row in cuts for span in set(row))
    others = len(cuts) - 1
    return [
        [place for place, span in enumerate(row) if 2 * (made[span] - 1) < others] for row in cuts
    ]
