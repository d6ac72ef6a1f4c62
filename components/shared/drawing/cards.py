"""What the models of a lab have read, each with a link to its model card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from markupsafe import Markup

from components.shared.view import Lab
from inference.catalog import Catalog
from inference.collection import GROWING, SIMPLE
from inference.entry import Entry


def cards(lab: Lab, catalog: Catalog) -> Markup:
    """A line for every card; models that share one, and have read the same, share the line."""
    offered = dict.fromkeys(one for can in (lab.can, *lab.also) for one in catalog.entries(can))
    if lab.can == "attend":
        offered |= dict.fromkeys(aged(catalog))
    lines = (line(list(some)) for _, some in groupby(offered, lambda one: (one.card, one.read)))
    return Markup(
        '<section class="cards"><h2>What the models have read</h2><ul>{}</ul></section>'
    ).format(Markup("").join(lines))


def aged(catalog: Catalog) -> list[Entry]:
    """The model that is there at several ages, as one; nothing where its folder is not here."""
    newest = [*catalog.ages(GROWING).values()][-1:]
    return [replace(one, name=GROWING, title="Growing storyteller", read=SIMPLE) for one in newest]


def line(some: Sequence[Entry]) -> Markup:
    """The models by their names, then what they have read."""
    first = some[0]
    names = ", ".join(one.title.partition(", over ")[0] for one in some)
    address = first.card if first.card.startswith("https:") else f"cards/{first.name}"
    linked = Markup('<a href="{}" target="_blank" rel="noopener">{}</a>').format(address, names)
    return Markup("<li>{}: {}</li>").format(linked if first.card else names, first.read)
