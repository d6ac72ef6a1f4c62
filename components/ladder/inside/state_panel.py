"""What a recurrent network held while it read a text: drawn by state.js, with a table and lanes."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from analysis import ablation
from analysis.tokens import spelled
from components.shared.drawing.lane import LaneWriter
from components.shared.drawing.lane_data import lane_data, name, prompt_data
from components.shared.drawing.numbers import minus, signed

if TYPE_CHECKING:
    from inference.tasks.ladder.cell_state import CellStates

SHOWN = 4  # tokens that may follow
PROPERTIES = {
    "quotes": "inside quotation marks",
    "line ends": "the end of a line",
    "spaces": "a space",
    "word length": "letters read of a word",
    "vowels": "a vowel",
}
"""What a cell may follow, as the page says it."""
WITHOUT = {"zero": "Cell at zero", "mean": "Cell at its average"}


def data(states: CellStates) -> dict[str, Any]:
    """Which cells follow what, and one of them: its values and its gates after every character,
    and the text, what follows it and what is written, untouched and with the cell held."""
    sweep, written = states.sweep, states.written
    return {
        **prompt_data(written),
        "layers": sweep.layers,
        "width": sweep.width,
        "cell": sweep.cell + 1,
        "value": sweep.value,
        "followers": [
            {
                "follows": one.follows,
                "cell": one.cell + 1,
                "on_probe": None if math.isnan(one.on_probe) else one.on_probe,
                "here": None if math.isnan(one.here) else one.here,
                "bits_without": one.bits_without,
            }
            for one in sweep.followers
        ],
        "inside": {part: values.tolist() for part, values in sweep.inside.items()},
        "bits": sweep.bits.tolist(),
        "bits_without": sweep.bits_without.tolist(),
        "following": sweep.following.tolist(),
        "following_without": sweep.following_without.tolist(),
        "written": [lane_data(lane, written) for lane in written.lanes],
    }


def panel(states: CellStates, held: str) -> Markup:
    """Everything below the note."""
    return Markup(
        '<p class="cell-about">{}</p>{}<div class="cell-below">{}{}</div>'
        '<div class="cell-lanes">{}</div>'
    ).format(
        about(states, held), strip(states), table(states), following(states), lanes(states, held)
    )


def about(states: CellStates, held: str) -> str:
    """Which cell this is, and what the text costs without it."""
    sweep = states.sweep
    place = f"Cell {sweep.cell + 1:,} of {sweep.layers * sweep.width:,}, in layer {layer(states)}"
    at = f"Held at {'0' if held == 'zero' else f'its average, {signed(sweep.value)}'}"
    return (
        f"{place}. {at}, it makes this text cost {sweep.bits_without.mean():.2f} bits per "
        f"character instead of {sweep.bits.mean():.2f}."
    )


def layer(states: CellStates) -> int:
    return states.sweep.cell // states.sweep.width + 1


def strip(states: CellStates) -> Markup:
    """The text with what is below every character."""
    sweep = states.sweep
    rows = [row(part, values) for part, values in sweep.inside.items()]
    rise = sweep.bits_without - sweep.bits
    rows.append(
        {
            "name": "dearer by",
            "kind": "cost signed",
            "widest": max(1.0, float(np.abs(rise).max())),
            "values": [None, *np.round(rise, 3).tolist()],
        }
    )
    value = {
        "characters": [spelled(piece) or "\N{RETURN SYMBOL}" for piece in states.tokens.pieces],
        "rows": rows,
        "bits": np.round(sweep.bits, 3).tolist(),
        "without": np.round(sweep.bits_without, 3).tolist(),
        "open": int(rise.argmax()) + 1,
    }
    return Markup(
        '<section class="cell-states" data-widget="cell-states" data-value="{}"></section>'
    ).format(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def row(part: str, values: np.ndarray) -> dict[str, Any]:
    """One row below the text; a gate goes from 0 to 1, all else to both sides of 0."""
    gate = part.endswith("gate")
    return {
        "name": part,
        "kind": "gate" if gate else "signed",
        "widest": 1.0 if gate else max(1e-6, float(np.abs(values).max())),
        "values": np.round(values, 3).tolist(),
        "said": True,
    }


def table(states: CellStates) -> Markup:
    """The cells that were found, and how sure that is."""
    line = Markup(
        '<tr{}><th scope="row">{}</th><td>{:,}</td><td>{}</td><td>{}</td><td>{:.2f}</td></tr>'
    )
    shown = [
        line.format(
            Markup(' class="hit"') if one.cell == states.sweep.cell else "",
            PROPERTIES[one.follows],
            one.cell + 1,
            correlation(one.on_probe),
            correlation(one.here),
            one.bits_without,
        )
        for one in states.sweep.followers
    ]
    return Markup(
        '<table class="numbers cell-table"><caption>The cells that follow most closely, found on '
        'a text of ours</caption><thead><tr><th scope="col">Follows</th><th scope="col">Cell</th>'
        '<th scope="col">r there</th><th scope="col">r here</th>'
        '<th scope="col">Bits without</th></tr></thead><tbody>{}</tbody></table>'
    ).format(Markup("").join(shown))


def correlation(r: float) -> str:
    """A correlation; a dash where the text has nothing of the kind."""
    return "\N{EN DASH}" if math.isnan(r) else minus(f"{r:+.2f}")


def following(states: CellStates) -> Markup:
    """What follows the text, before and after."""
    before, after = states.sweep.following, states.sweep.following_without
    leading = ablation.movers(before, after, SHOWN)
    others = np.delete(np.arange(len(before)), leading)
    rows = [
        [name(token, states.written), float(before[token]), float(after[token])]
        for token in leading.tolist()
    ]
    rest = [float(before[others].sum()), float(after[others].sum())]
    value = ["What follows the text, with and without the cell", rows, len(others), rest]
    return Markup('<section class="moves" data-widget="changes" data-value="{}"></section>').format(
        json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    )


def lanes(states: CellStates, held: str) -> Markup:
    """What is written after the text, untouched and with the cell held."""
    titles = ("Untouched", WITHOUT[held])
    after = replace(states.written, opened=len(states.written.prompt))  # the text stands above
    return Markup("").join(
        LaneWriter(title).draw(after, number) + Markup("</span></div></div>")
        for number, title in enumerate(titles)
    )
