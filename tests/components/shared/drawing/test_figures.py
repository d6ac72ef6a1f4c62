"""Figures: colours that can be told apart, escaped text, numbers as arrays, one template."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest

from components.shared.drawing.figure_template import ACCENT, CIVIDIS, DIVERGING, INK, PAPER, SERIES
from components.shared.drawing.figures import bars, placeholder, plain, plot_data, point_map

CSS = Path(__file__).parents[4] / "components"
GROUNDS = {"light": "#ffffff", "dark": "#171717"}  # of the theme; the browser tests measure them
HOSTILE = '<b>x</b> & "$y$" %{x} <a href="javascript:1">'
OKABE_ITO = (
    "#000000", "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7",
)  # fmt: skip
VISION = {
    "usual": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
"""What is seen of linear RGB; Machado, Oliveira and Fernandes 2009, full severity."""


def linear(colour: str) -> np.ndarray:
    """The linear RGB of #rrggbb, each from 0 to 1 (IEC 61966-2-1)."""
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def apart(colours: tuple[str, ...], vision: str) -> float:
    """The least distance of any two colours in Oklab (Ottosson 2020), as this vision sees them."""
    seen = np.clip([linear(colour) @ np.transpose(VISION[vision]) for colour in colours], 0, 1)
    cones = seen @ np.transpose(
        [[0.4122214708, 0.5363325363, 0.0514459929],
         [0.2119034982, 0.6806995451, 0.1073969566],
         [0.0883024619, 0.2817188376, 0.6299787005]]
    )  # fmt: skip
    lab = np.cbrt(cones) @ np.transpose(
        [[0.2104542553, 0.7936177850, -0.0040720468],
         [1.9779984951, -2.4285922050, 0.4505937099],
         [0.0259040371, 0.7827717662, -0.8086757660]]
    )  # fmt: skip
    return min(np.linalg.norm(a - b) for i, a in enumerate(lab) for b in lab[:i])


def drawn(figure: object, name: str = "figure") -> dict:
    return json.loads(plot_data(figure, name).plot)


def numbers(packed: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])


@pytest.mark.parametrize("ground", GROUNDS)
def test_every_mark_stands_out_from_both_grounds(ground: str) -> None:
    assert all(contrast(mark, GROUNDS[ground]) >= 3 for mark in (*SERIES, ACCENT))


def test_text_of_a_downloaded_picture_is_legible_on_its_own_paper() -> None:
    assert contrast(INK, PAPER) >= 4.5


def test_colours_stay_farther_apart_than_those_of_okabe_and_ito() -> None:
    worst = min(apart(OKABE_ITO, vision) for vision in VISION)
    assert min(apart((*SERIES, ACCENT), vision) for vision in VISION) > worst


def test_probability_looks_the_same_in_figures_and_on_tokens() -> None:
    css = next(CSS.rglob("colours.css")).read_text(encoding="utf-8")
    light = css.split(".dark {")[0]
    assert re.findall(r"--orrery-p\d: (#\w+)", light) == list(CIVIDIS)
    assert re.findall(r"--orrery-(?:less|more): (#\w+)", light) == [DIVERGING[2], DIVERGING[0]]
    brightness = [float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in CIVIDIS]
    assert brightness == sorted(brightness) and DIVERGING[1] == "#ffffff"


def test_t8_hostile_text_is_escaped_everywhere() -> None:
    figure = drawn(bars([HOSTILE], [1.0], HOSTILE, [HOSTILE], [HOSTILE]))
    points = drawn(point_map(np.zeros((1, 2)), [HOSTILE], ["top center"]))
    for text in (
        figure["layout"]["yaxis"]["ticktext"][0],
        figure["layout"]["xaxis"]["title"]["text"],
        figure["data"][0]["text"][0],
        figure["data"][0]["hovertext"][0],
        points["data"][0]["text"][0],
        points["data"][0]["hovertext"][0],
    ):
        assert text.strip() == plain(HOSTILE)
        assert not set("<>$\"'") & set(text)
    assert "hovertemplate" not in json.dumps([figure["data"], points["data"]])  # fills in %{...}


def test_r15_equal_labels_keep_bars_and_points_of_their_own() -> None:
    figure = drawn(bars(["the", "the", "cat"], [1.0, 2.0, 3.0], "n", "123", "abc"))
    bar, axis = figure["data"][0], figure["layout"]["yaxis"]
    assert numbers(bar["y"]).tolist() == numbers(axis["tickvals"]).tolist() == [0, 1, 2]
    assert [text.strip() for text in axis["ticktext"]] == ["the", "the", "cat"]
    assert axis["range"] == [2.5, -0.5]  # the first on top
    points = drawn(point_map(np.eye(2), ["a", "a"], ["top center"] * 2))["data"][0]
    assert points["text"] == ["a", "a"] and len(numbers(points["x"])) == 2


def test_numbers_travel_as_arrays_and_bars_begin_at_zero() -> None:
    figure = drawn(bars(["a", "b"], [3.5, 1.75], "bits", ["3.500", "1.750"], ["", ""]))
    assert numbers(figure["data"][0]["x"]).tolist() == [3.5, 1.75]
    low, high = figure["layout"]["xaxis"]["range"]
    assert low == 0 and high > 3.5
    points = np.array([[0.25, -1.0], [2.0, 3.0]])
    scatter = drawn(point_map(points, ["a", "b"], ["top center"] * 2))["data"][0]
    assert np.stack([numbers(scatter["x"]), numbers(scatter["y"])], 1).tolist() == points.tolist()


def test_arrows_and_accents_are_on_the_points_asked_for() -> None:
    points = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    figure = drawn(point_map(points, list("abc"), ["top center"] * 3, [2], [(0, 1)]))
    assert [c == ACCENT for c in figure["data"][0]["marker"]["color"]] == [False, False, True]
    (arrow,) = figure["layout"]["annotations"]
    assert (arrow["ax"], arrow["ay"], arrow["x"], arrow["y"]) == (0, 0, 1, 2)
    assert figure["layout"]["yaxis"]["scaleanchor"] == "x"


def test_a_figure_of_nothing_and_of_one_point_can_be_drawn() -> None:
    for shown in (drawn(bars([], [], "n", [], [])), drawn(bars(["a"], [0.0], "n", ["0"], [""]))):
        assert shown["layout"]["xaxis"]["range"] == [0, 1.15]
    one = drawn(point_map(np.zeros((1, 2)), ["a"], ["top center"]))
    assert one["layout"]["xaxis"]["range"] == [-1, 1]


def test_parts_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="Every bar"):
        bars(["a"], [1.0, 2.0], "n", ["1"], ["1"])
    with pytest.raises(ValueError, match="Every point"):
        point_map(np.zeros((2, 2)), ["a"], ["top center"])


def test_every_figure_has_the_template_a_height_and_an_offline_toolbar() -> None:
    shown = [
        drawn(bars(["a"], [1.0], "n", ["1"], ["1"]), "the-name"),
        drawn(point_map(np.eye(2), ["a", "b"], ["top center"] * 2), "the-name"),
        json.loads(placeholder(300).plot),
    ]
    for figure in shown:
        layout = figure["layout"]
        assert layout["height"] >= 100
        assert "title" not in layout
        assert layout["template"]["layout"]["font"]["size"] == 15
        assert layout["template"]["data"]["scatter"][0]["line"]["width"] == 3
        assert len(json.dumps(layout["template"])) < 2500  # plotly's own takes 6.4 kB
        assert figure["config"]["displaylogo"] is False
        assert "toImage" in figure["config"]["modeBarButtons"][0]
    assert shown[0]["config"]["toImageButtonOptions"]["filename"] == "the-name"


def test_a_map_of_eleven_words_stays_small() -> None:
    points = np.random.default_rng(0).normal(size=(11, 2))
    words = ["a neighbour"] * 11
    arrows = [(0, 1), (2, 3)]
    figure = point_map(points, words, ["middle right"] * 11, [0], arrows)
    assert len(plot_data(figure, "neighbours").plot.encode()) < 10_000


def test_our_template_leaves_the_one_of_others_alone() -> None:
    import plotly.io

    before = plotly.io.templates.default
    bars(["a"], [1.0], "n", ["1"], ["1"])
    assert plotly.io.templates.default == before
