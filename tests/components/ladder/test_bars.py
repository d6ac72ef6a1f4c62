"""The bars of the ladder: from zero, in order, with sizes in a few digits."""

from __future__ import annotations

import re

import pytest

from components.ladder.bars import held, ladder_figure, ladder_table
from inference.types import Rung

FIRST = Rung("bigram", "Bigram", 3.5, "the last character", 2871, "counts")
LAST = Rung("gpt", "Small <GPT>", 1.75, "the last 256 characters", 987_648, "parameters")


def test_bars_begin_at_zero_and_keep_their_order() -> None:
    figure = ladder_figure([FIRST, LAST])
    (bar,) = figure.data
    assert bar.x.tolist() == [3.5, 1.75] and figure.layout.xaxis.range[0] == 0
    assert [label.strip() for label in figure.layout.yaxis.ticktext] == [
        "Bigram",
        "Small &lt;GPT&gt;",
    ]
    assert bar.text == ("3.500", "1.750")
    assert bar.hovertext[1] == "sees the last 256 characters; 988 k parameters"


def test_the_table_says_what_the_figure_shows() -> None:
    rows = re.findall(r"<tr>(.*?)</tr>", str(ladder_table([FIRST, LAST])))
    assert [re.findall(r">([^<]+)<", row) for row in rows] == [
        ["Rung", "Bits", "Sees", "Holds"],
        ["Bigram", "3.500", "the last character", "2,871 counts"],
        ["Small &lt;GPT&gt;", "1.750", "the last 256 characters", "988 k parameters"],
    ]


@pytest.mark.parametrize(
    ("size", "said"),
    [(2871, "2,871 counts"), (358_135, "358 k counts"), (999_499, "999 k counts")],
)
def test_sizes_are_said_in_a_few_digits(size: int, said: str) -> None:
    assert held(Rung("a", "A", 1.0, "nothing", size, "counts")) == said


def test_a_million_is_said_so() -> None:
    assert held(Rung("a", "A", 1.0, "nothing", 999_500, "parameters")) == "1.0 million parameters"
