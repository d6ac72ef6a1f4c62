"""An n-gram model backing off: what each order knows of a context, and who decides what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from analysis.characters import visible
from analysis.mixture import contributions
from components.shared.drawing.numbers import percent

if TYPE_CHECKING:
    from inference.tasks.ladder.back_off import BackedOff

SHOWN = 7  # characters with a bar
HEADS = ("n", "After", "Counted", "Followed by", "Likeliest", "Decides")


@dataclass(frozen=True)
class Mixed:
    """What every order adds to the probability of every character."""

    found: BackedOff
    parts: NDArray[np.float64]
    """(orders + 1, vocabulary): row 0 is the even spread, the last is the longest order."""

    @property
    def chances(self) -> NDArray[np.float64]:
        """(vocabulary,): what may come next; they sum to 1."""
        total: NDArray[np.float64] = self.parts.sum(axis=0)
        return total

    def label(self, token: int) -> str:
        """A character as the page spells it."""
        return label(self.found.pieces[token])

    def context(self, order: int) -> str:
        """The characters before, as far as an order sees them."""
        pieces = self.found.tokens.pieces
        seen = "".join(map(label, pieces[max(0, len(pieces) - order + 1) :]))
        if order == 1:
            return "anything"
        return seen if len(pieces) >= order - 1 else f"(start) {seen}"

    @property
    def likeliest(self) -> list[int]:
        """The most probable characters, of equals the lower id first."""
        order: list[int] = np.argsort(-self.chances, kind="stable")[:SHOWN].tolist()
        return order


def label(piece: bytes) -> str:
    text = piece.decode("utf-8", errors="replace")
    return "".join(span.text for span in visible(text))


def mixed(found: BackedOff) -> Mixed:
    kept = np.stack([order.kept for order in found.orders])
    return Mixed(found, contributions(kept, np.array([order.left for order in found.orders])))


def orders_table(mix: Mixed) -> Markup:
    """One row an order, the longest on top; at the bottom the even spread."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(one) for one in HEADS)
    decides = mix.parts.sum(axis=1)
    rows = [order_row(mix, place, decides[place + 1]) for place in range(len(mix.found.orders))]
    spread = Markup(
        '<tr><th scope="row">0</th><td colspan="4">an even spread over {} characters</td>'
        "<td>{}</td></tr>"
    ).format(mix.parts.shape[1], percent(decides[0]))
    said = (
        "Counted: at the largest n how often; below, how many different characters came before. "
        "Part of each count goes to the order below."
    )
    return Markup(
        '<table class="numbers orders"><caption>{}</caption><thead><tr>{}</tr></thead>'
        "<tbody>{}{}</tbody></table>"
    ).format(said, head, Markup("").join(rows[::-1]), spread)


def order_row(mix: Mixed, place: int, decides: float) -> Markup:
    order = mix.found.orders[place]
    total = int(order.counts.sum())
    best = int(order.kept.argmax())
    likeliest = f"{mix.label(best)} {order.counts[best]:,}" if total else "never seen"
    return Markup(
        '<tr><th scope="row">{}</th><td><code>{}</code></td><td>{:,}</td><td>{}</td>'
        "<td><code>{}</code></td><td>{}</td></tr>"
    ).format(
        order.order,
        mix.context(order.order),
        total,
        int((order.counts > 0).sum()),
        likeliest,
        percent(decides),
    )


def mixture_bars(mix: Mixed) -> Markup:
    """A bar for each likely character, in the parts that the orders add; mixture.js draws it."""
    value = {
        "orders": [*(order.order for order in mix.found.orders[::-1]), 0],
        "rows": [[mix.label(one), mix.parts[::-1, one].tolist()] for one in mix.likeliest],
        "others": mix.parts.shape[1] - len(mix.likeliest),
        "rest": float(1 - mix.chances[mix.likeliest].sum()),
    }
    drawn = Markup('<section class="mixture" data-widget="mixture" data-value="{}"></section>')
    return drawn.format(json.dumps(value, ensure_ascii=False))
