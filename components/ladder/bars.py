"""The ladder of models: how many bits each needs for a character, and what it sees."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from components.shared.bars import bar, bars
from inference.types import Rung

CAPTION = (
    "Bits per character of held-out stories, every character scored once; fewer is better, and a "
    "hundredth is a tie, since another seed changes as much. All rungs have read the same "
    "characters of other stories, once. The storyteller is none of them: it reads tokens, and its "
    "bits per byte are another measure."
)


def ladder_bars(rungs: Sequence[Rung]) -> Markup:
    """One bar a rung, from 0, in the order of the ladder."""
    most = max(rung.bits for rung in rungs)
    rows = (
        bar(rung.title, rung.bits / most, f"{rung.bits:.3f}", f"sees {rung.sees}; {held(rung)}")
        for rung in rungs
    )
    return bars("The ladder", CAPTION, rows)


def held(rung: Rung) -> str:
    """How much a rung holds, in a few digits."""
    if rung.size < 10_000:
        return f"{rung.size:,} {rung.unit}"
    if rung.size < 999_500:
        return f"{rung.size / 1e3:.0f} k {rung.unit}"
    return f"{rung.size / 1e6:.1f} million {rung.unit}"
