"""Known words that are spelled nearly like an unknown one."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import islice

MOST_CANDIDATES = 1500  # some 15 ms; a vocabulary of 30,000 compared whole takes half a second
LENGTH_SLACK = 2
CLOSE = 0.6  # share of letters in common, as in difflib.get_close_matches


def near_spellings(word: str, words: Sequence[str], count: int = 5) -> list[str]:
    """Up to `count` of `words` (most frequent first) that are close to `word`, closest first.

    Equally close words keep their order, so that the frequent one comes first. Only words of
    similar length that share the first letter or the last two are compared, the most frequent of
    them, so that a long vocabulary and a long word both stay quick.
    """
    typed = word.strip().lower()
    likely = islice((known for known in words if _may_be_close(typed, known)), MOST_CANDIDATES)
    matcher = SequenceMatcher(b=typed)
    scored: list[tuple[float, str]] = []
    for known in likely:
        matcher.set_seq1(known)
        if matcher.quick_ratio() >= CLOSE:  # an upper bound that is cheap
            scored.append((matcher.ratio(), known))
    close = [pair for pair in scored if pair[0] >= CLOSE]
    return [known for _, known in sorted(close, key=lambda pair: -pair[0])[:count]]


def _may_be_close(typed: str, known: str) -> bool:
    if abs(len(typed) - len(known)) > LENGTH_SLACK:
        return False
    return typed[:1] == known[:1] or typed[-2:] == known[-2:]
