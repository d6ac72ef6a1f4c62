"""ladder-forcing: what the true text costs a model after words of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup

from analysis.forcing import excess
from analysis.tokens import spelled
from components.shared.dials import dial, dice_seed, takes_trained
from components.shared.drawing.curves import Line, curves, legend
from components.shared.drawing.figure_template import ACCENT, MARK
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.lane import RANGE_LEGEND
from components.shared.drawing.numbers import signed
from components.shared.drawing.remark import remark_or
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.tasks.ladder.forcing import OWN, Forcing
from inference.types.options import FILTERS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from inference.catalog import Catalog
    from inference.service import Service
    from inference.tasks.ladder.forcing import TextForced
    from inference.types.waiting import Waiting

EXAMPLES = {
    "A story": (
        "The miller had three goats, and each of them believed that it was the cleverest. The "
        "first could open the gate, the second could count the sacks of flour, and the third only "
        "looked out of the window and watched the rain. In the night",
    ),
    "Speech": (
        '"Where are you going?" asked the wolf. "To my grandmother," said the little girl, "and I '
        'am taking her a cake." The wolf thought for a moment. "Then let us see," he said, "who '
        'of us two will be there first." And away he ran',
    ),
}
HEIGHT = 262  # px
BEFORE = 20  # characters of the true text that an example shows before the cut
LEVELS = 10  # colours of probabilities
OWN_LINE, OTHER_LINE = "after its own words", "after true words from elsewhere"


def ask(
    service: Service,
    session: str | None,
    text: str,
    model: str,
    own: int,
    temperature: float,
    seed: int,
) -> Iterator[Waiting | TextForced]:
    """Cuts in the text, and what the true text costs from there on."""
    yield from service.run(Forcing(text, model, int(own), temperature, int(seed)), session)


def data(found: TextForced) -> dict[str, Any]:
    """Bits of the true text by place, sample and distance from the cut; the first `own` after
    own characters or those from elsewhere, the others after true ones again."""
    return {
        "note": found.tokens.note,
        "places": list(found.places),
        "own": found.own,
        "teacher_forcing": found.forced.tolist(),
        "after_own": found.after_own.tolist(),
        "after_elsewhere": found.after_elsewhere.tolist(),
        "written": [[wording(found, row) for row in rows] for rows in found.written],
        "written_bits": found.written_bits.tolist(),
    }


def wording(found: TextForced, ids: np.ndarray) -> str:
    """What was written at a cut, as text."""
    held = b"".join(found.pieces[one] for one in ids.tolist())
    return held.decode("utf-8", errors="replace")


def draw(found: TextForced) -> list[object]:
    """A note, the figure with its legend, and one cut in full."""
    lines = both(found)
    return [
        str(note(found.tokens.note)),
        str(Markup('<p class="cell-about">{}</p>{}').format(about(found), legend(lines))),
        plot_data(figure(found, lines), "forcing"),
        str(example(found)),
    ]


def both(found: TextForced) -> list[Line]:
    """By how many bits the true text is dearer than under teacher forcing."""
    own, _ = excess(found.after_own, found.forced)
    other, _ = excess(found.after_elsewhere, found.forced)
    return [Line(OWN_LINE, ACCENT, "solid", own), Line(OTHER_LINE, MARK, "dash", other)]


def about(found: TextForced) -> str:
    """The averages that the figure shows, with their standard errors."""
    said = []
    for bits in (found.after_own, found.after_elsewhere):
        rise, error = excess(bits[..., 1 : found.own].mean(-1, keepdims=True), _forced_mean(found))
        said.append(f"{signed(rise[0], 1)} \N{PLUS-MINUS SIGN} {error[0]:.1f}")
    return (
        f"Under teacher forcing a character of this text costs {found.forced.mean():.2f} bits. "
        f"After own words {said[0]} more, after true words from elsewhere {said[1]} more: "
        f"means over {len(found.places)} cuts and {found.after_own.shape[1]} throws of the dice."
    )


def _forced_mean(found: TextForced) -> np.ndarray:
    mean: np.ndarray = found.forced[:, 1 : found.own].mean(-1, keepdims=True)
    return mean


def figure(found: TextForced, lines: list[Line]) -> Figure:
    """The lines over the distance from the cut; where the true text is read again is shaded."""
    count = found.forced.shape[1]
    axes = ("characters since the cut", "bits more")
    made = curves(np.arange(count), lines, axes, HEIGHT, zeroline=True, zerolinecolor="#808080")
    box = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 0}}
    made.add_shape(box | {"x0": found.own, "x1": count - 1, "fillcolor": "rgba(128,128,128,0.14)"})
    for x, said in ((0, "other words"), (found.own, "the true text again")):
        made.add_annotation(
            x=x, y=1, yref="paper", text=said, showarrow=False, xanchor="left", yanchor="top"
        )
    return made


def example(found: TextForced) -> Markup:
    """One cut: the true text from there on, coloured by what it cost, after what was read."""
    row = len(found.places) // 2
    place = found.places[row]
    pieces = [spelled(one) for one in found.tokens.pieces]
    true, own = pieces[place : place + found.forced.shape[1]], found.own
    before = shown("".join(pieces[max(0, place - BEFORE) : place]))
    written = shown("".join(spelled(found.pieces[one]) for one in found.written[row, 0].tolist()))
    rows = (
        ("Teacher forcing", Markup(), true, found.forced[row]),
        (
            "After own words",
            Markup('<b class="own">{}</b>').format(written),
            true[own:],
            found.after_own[row, 0, own:],
        ),
    )
    drawn = (
        Markup(
            '<div class="lane"><div class="heading"><b>{}</b></div>'
            '<div class="out"><em>\u2026{}</em>{}{}</div></div>'
        ).format(title, before, said, coloured(characters, bits))
        for title, said, characters, bits in rows
    )
    return Markup('<div class="forced-lanes">{}</div>').format(Markup("").join(drawn))


def shown(text: str) -> str:
    """Running text: a blank is a blank."""
    return text.replace("\u00b7", " ")


def coloured(characters: list[str], bits: np.ndarray) -> Markup:
    """Characters underlined by the probability that they were given."""
    levels = np.minimum(LEVELS - 1, (LEVELS * np.exp2(-bits)).astype(int)).tolist()
    one = Markup('<span class="t p{}" title="{:.1f} bits">{}</span>')
    return Markup("").join(
        one.format(level, cost, shown(character))
        for level, cost, character in zip(levels, bits.tolist(), characters, strict=True)
    )


def inputs(catalog: Catalog) -> Inputs:
    models = [
        (one.title.removesuffix(", over characters"), one.name)
        for one in catalog.entries("write")
        if one.kind == "ladder"
    ]
    return {
        "text": gr.Textbox(EXAMPLES["A story"][0], label="True text", lines=5, max_lines=8),
        "model": takes_trained(
            gr.Dropdown(models, value="lstm", label="Rung", filterable=False), "write"
        ),
        "own": dial("Own characters", *OWN, 24, 1),
        "temperature": dial("Temperature", *FILTERS["temperature"].limits, 1.0, 0.1),
        "seed": dice_seed(),
    }


def stage() -> list[Component]:
    return [
        remark_or(RANGE_LEGEND),
        gr.HTML('<ul class="curve-legend"></ul>', min_height=70, js_on_load=None),
        gr.Plot(placeholder(HEIGHT), show_label=False, container=False),
        gr.HTML(WAITING, min_height=120, js_on_load=None),
    ]


VIEW = View(
    key="ladder-forcing",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Let it write",
    examples=EXAMPLES,
    runs_on=("model", "own", "temperature"),
    stopped="Stopped; what was shown before stays.",
)
