"""One step of learning in numbers: the loss, every column of the computation, and bars."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from analysis.loss import Learned, Prediction
from components.shared.drawing.bars import Row, bar, bars
from components.shared.drawing.numbers import minus

HEADS = ("", "score z", "e^z", "p", "y", "p \N{MINUS SIGN} y", "new z", "new p")


def tally(found: Learned) -> Markup:
    """Probability, loss and perplexity, before and after."""
    before, after = found.before, found.after
    pairs = (
        ("p of the right answer", *(share(one.chances[found.right]) for one in (before, after))),
        ("loss \N{MINUS SIGN}ln p, in nats", *(number(one.nats) for one in (before, after))),
        ("the same in bits", *(number(one.bits) for one in (before, after))),
        ("perplexity", *(number(one.perplexity) for one in (before, after))),
    )
    items = Markup("").join(
        Markup("<div><dd>{} → {}</dd><dt>{}</dt></div>").format(first, then, what)
        for what, first, then in pairs
    )
    return Markup('<dl class="tally">{}</dl>').format(items)


def worked(names: Sequence[str], found: Learned, rate: float) -> Markup:
    """Every column from the scores to the new probabilities; sums below."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(one) for one in HEADS)
    rows = Markup("").join(row(name, i, found) for i, name in enumerate(names))
    said = (
        f"p is e^z over the sum of its column; y is 1 for the right answer; new z is "
        f"z \N{MINUS SIGN} {rate:g} (p \N{MINUS SIGN} y). p sums to 1, p \N{MINUS SIGN} y to 0."
    )
    return Markup(
        '<table class="numbers worked"><caption>{}</caption><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table>"
    ).format(said, head, rows)


def row(name: str, i: int, found: Learned) -> Markup:
    before, after = found.before, found.after
    cells = (
        number(before.scores[i]),
        number(raised(before, i)),
        share(before.chances[i]),
        "1" if i == found.right else "0",
        minus(f"{found.gradient[i]:+.3f}"),
        number(after.scores[i]),
        share(after.chances[i]),
    )
    columns = Markup("").join(Markup("<td>{}</td>").format(cell) for cell in cells)
    kind = Markup(' class="right"') if i == found.right else ""
    return Markup('<tr{}><th scope="row">{}</th>{}</tr>').format(kind, name, columns)


def raised(prediction: Prediction, i: int) -> float:
    """e to the score; at most e^100, which float64 holds."""
    return math.exp(prediction.scores[i])


def bars_of(names: Sequence[str], found: Learned) -> Markup:
    """The distribution before and after, the right answer marked."""
    return Markup('<div class="before-after">{}{}</div>').format(
        *(
            bars(title, caption, rows(names, one, found.right))
            for title, caption, one in (
                ("Before", "What softmax makes of the scores.", found.before),
                ("After one step", "What it makes of the new ones.", found.after),
            )
        )
    )


def rows(names: Sequence[str], prediction: Prediction, right: int) -> list[Row]:
    return [
        bar(name, p, p, "right" if i == right else "", "hit" if i == right else "")
        for i, (name, p) in enumerate(zip(names, prediction.chances.tolist(), strict=True))
    ]


def number(value: float) -> str:
    """Three digits after the point, or a power of ten where that says nothing."""
    if value and not 0.001 <= abs(value) < 100_000:
        return minus(f"{value:.2e}")
    return minus(f"{value:,.3f}")


def share(p: float) -> str:
    return number(float(p)) if p < 0.9995 or p == 1 else "> 0.999"
