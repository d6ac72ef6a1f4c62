"""The ladder of models: how many bits each needs for a character, and what it sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from components.shared.drawing.figures import bars
from inference.types import Rung

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

CAPTION = (
    "Bits per character of held-out stories, every character scored once; fewer is better, and a "
    "hundredth is a tie, since another seed changes as much. All rungs have read the same "
    "characters of other stories, once. The storyteller is none of them: it reads tokens, and its "
    "bits per byte are another measure."
)


def ladder_figure(rungs: Sequence[Rung]) -> Figure:
    """One bar a rung, from 0, in the order of the ladder."""
    return bars(
        [rung.title for rung in rungs],
        [rung.bits for rung in rungs],
        "bits per character",
        [f"{rung.bits:.3f}" for rung in rungs],
        [f"sees {rung.sees}; {held(rung)}" for rung in rungs],
    )


def ladder_table(rungs: Sequence[Rung]) -> Markup:
    """What the figure shows, in text, with what each rung sees and how much it holds."""
    row = Markup('<tr><th scope="row">{}</th><td>{:.3f}</td><td>{}</td><td>{}</td></tr>')
    rows = (row.format(rung.title, rung.bits, rung.sees, held(rung)) for rung in rungs)
    return Markup(
        '<table class="numbers"><caption>{}</caption><thead><tr><th scope="col">Rung</th>'
        '<th scope="col">Bits</th><th scope="col">Sees</th><th scope="col">Holds</th></tr></thead>'
        "<tbody>{}</tbody></table>"
    ).format(CAPTION, Markup("").join(rows))


def held(rung: Rung) -> str:
    """How much a rung holds, in a few digits."""
    if rung.size < 10_000:
        return f"{rung.size:,} {rung.unit}"
    if rung.size < 999_500:
        return f"{rung.size / 1e3:.0f} k {rung.unit}"
    return f"{rung.size / 1e6:.1f} million {rung.unit}"
