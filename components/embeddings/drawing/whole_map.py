"""A map of thousands of words in its colours, the true neighbours of one, and how far it lies."""

from __future__ import annotations

import numpy as np
from gradio.components.plot import PlotData
from markupsafe import Markup

from components.embeddings.drawing.cloud import (
    FLAT_TOOLS,
    LASSOED,
    SPACE_TOOLS,
    Colours,
    cloud,
    told_apart,
)
from components.embeddings.lists.categories import CATEGORIES, category_of
from components.embeddings.models import remarks
from components.embeddings.near.on_map import Found, ranks_of
from components.shared.drawing.bars import bar, bars
from components.shared.drawing.figure_template import SERIES
from components.shared.drawing.figures import plot_data
from components.shared.drawing.numbers import percent, signed
from components.shared.drawing.spelling import note
from inference.words import NEIGHBOURS

GROUPS, LISTS, SEEN, KEPT = "groups", "lists", "seen", "kept"
COLOURS = (
    ("Groups of likeness", GROUPS),
    ("Our own lists", LISTS),
    ("How often seen", SEEN),
    ("Neighbours kept", KEPT),
)
TYPICAL = 3  # words that stand for a group
NAMES, NAMES_IN_SPACE = 400, 30  # words that may be written on the map; map.js hides overlaps


def draw(found: Found) -> list[object]:
    """A note, the map, and the true neighbours."""
    return [str(note(found.note)), picture(found), str(neighbours(found))]


def picture(found: Found) -> PlotData:
    words, drawn = found.words, found.drawn
    flat = drawn.dimensions == 2
    first = [found.place] if found.place is not None else []
    shown = coloured(found)
    rest = np.argsort(shown.values < 0, kind="stable").tolist()  # those of a list first
    typical = typical_places(found) if found.colour == GROUPS else []
    named = near_names(found)
    silent = set(found.near) - set(named)
    order = [one for one in dict.fromkeys([*first, *named, *typical, *rest]) if one not in silent]
    figure = cloud(
        drawn.points,
        words,
        found.vectors.counts[found.maps.rows],
        shown,
        order[: NAMES if flat else NAMES_IN_SPACE],
        found.place,
        list(found.near),
    )
    return plot_data(figure, "word-map", FLAT_TOOLS if flat else SPACE_TOOLS)


def near_names(found: Found) -> list[int]:
    """Neighbours that are named; in space, where no name can give way, those that stand far off."""
    if found.drawn.dimensions == 2:
        return list(found.near)
    pairs = zip(found.near, ranks_of(found), strict=True)
    return [one for one, rank in pairs if rank is not None and rank > NEIGHBOURS]


def typical_places(found: Found) -> list[int]:
    """Places of the words that stand for the groups: the most typical of each, then the next."""
    places = {row: place for place, row in enumerate(found.maps.rows.tolist())}
    rows = found.maps.typical[:, :TYPICAL].T.ravel().tolist()
    return [places[row] for row in rows if row in places]


def coloured(found: Found) -> Colours:
    """What the colours say."""
    if found.colour == GROUPS:
        return told_apart(found.maps.groups)
    if found.colour == LISTS:
        known = category_of()
        return told_apart(np.array([known.get(word, -1) for word in found.words]))
    if found.colour == KEPT:
        ticks = tuple((share, percent(share, 0)) for share in (0.0, 0.5, 1.0))
        return Colours(found.drawn.kept, (0.0, 1.0), ticks)
    counts = np.log10(np.maximum(1, found.vectors.counts[found.maps.rows]))
    powers = range(int(counts.min()), int(np.ceil(counts.max())) + 1)
    ticks = tuple((float(power), f"{10**power:,}") for power in powers)
    return Colours(counts, (float(counts.min()), float(counts.max())), ticks)


def neighbours(found: Found) -> Markup:
    """The true neighbours, with where the map has them, and how far to trust it (truth: R9)."""
    words = found.words
    rows = (
        bar(words[one], cosine, signed(cosine), "" if rank is None else f"{rank:,}.")
        for one, cosine, rank in zip(found.near, found.cosines, ranks_of(found), strict=True)
    )
    listed = bars(
        f"Truly nearest to {found.word.text}",
        "Cosine in all dimensions; then its rank among the nearest points of the map. A long red "
        "line is a lie of the map.",
        rows,
    )
    return remarks(found.word) + listed + trust(found) + legend(found) + LASSOED


def trust(found: Found) -> Markup:
    """The share of true neighbours that are near on the map, for all words and for this one."""
    own = Markup()
    if found.place is not None:
        share = found.drawn.kept[found.place]
        own = Markup(" Of {}: {} of {}.").format(
            found.word.text, round(share * NEIGHBOURS), NEIGHBOURS
        )
    return Markup(
        '<p class="trust">Of the {} true neighbours of every word, {} are among the {} nearest '
        "points of this map.{}</p>"
    ).format(NEIGHBOURS, percent(found.kept, 0), NEIGHBOURS, own)


def legend(found: Found) -> Markup:
    """The lists by their colours, or what stands for the group of the word."""
    if found.colour == LISTS:
        spans = Markup(" ").join(
            Markup(
                '<span class="range"><i class="swatch" style="background: {}"></i>{}</span>'
            ).format(*one)
            for one in zip(SERIES, CATEGORIES, strict=True)
        )
        return Markup('<p class="legend">{}</p>').format(spans)
    if found.colour != GROUPS:
        return Markup()
    said = (
        f"Colours: {len(found.maps.typical)} groups, by k-means in all dimensions from one seed; "
        "the most typical words of each are named first."
    )
    if found.place is not None:
        rows = found.maps.typical[found.maps.groups[found.place]].tolist()
        typical = [found.vectors.words[row] for row in rows if row != found.word.row][:TYPICAL]
        said += f" {found.word.text} is in the group of {', '.join(typical)}."
    return Markup('<p class="trust">{}</p>').format(said)
