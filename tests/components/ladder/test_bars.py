"""The bars of the ladder: from zero, in order, with sizes in a few digits."""

from __future__ import annotations

import re

import pytest

from components.ladder.bars import held, ladder_bars
from inference.types import Rung

FIRST = Rung("bigram", "Bigram", 3.5, "the last character", 2871, "counts")
LAST = Rung("gpt", "Small <GPT>", 1.75, "the last 256 characters", 987_648, "parameters")


def test_bars_begin_at_zero_and_keep_their_order() -> None:
    drawn = str(ladder_bars([FIRST, LAST]))
    assert re.findall(r"width:([\d.]+)%", drawn) == ["100.0", "50.0"]
    assert drawn.index("Bigram") < drawn.index("Small &lt;GPT&gt;")
    assert "1.750" in drawn and "sees the last 256 characters; 988 k parameters" in drawn


@pytest.mark.parametrize(
    ("size", "said"),
    [(2871, "2,871 counts"), (358_135, "358 k counts"), (999_499, "999 k counts")],
)
def test_sizes_are_said_in_a_few_digits(size: int, said: str) -> None:
    assert held(Rung("a", "A", 1.0, "nothing", size, "counts")) == said


def test_a_million_is_said_so() -> None:
    assert held(Rung("a", "A", 1.0, "nothing", 999_500, "parameters")) == "1.0 million parameters"
