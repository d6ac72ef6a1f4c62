"""The picture of the ladder: every mark where its numbers say, and the same in a table."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from components.ladder.picture import (
    ALL,
    Measured,
    characters_seen,
    held,
    ladder_picture,
    ladder_table,
    tie,
)
from inference.rungs import Rung

BIGRAM = Measured("Bigram", 2871, "counts", "the last character", 3.5, 3.25)
LSTM = Measured("LSTM", 943_761, "parameters", "its state, carried from the start", 1.697, None)
GPT = Measured("Small <GPT>", 987_648, "parameters", "the last 192 to 256 characters", 1.702, 1.9)
TELLER = Measured("Storyteller", 5_900_000, "parameters", "the last 1,050 characters", None, 0.5)
MODELS = [BIGRAM, LSTM, GPT, TELLER]


def test_both_panels_show_the_same_bits_against_size_and_context() -> None:
    held_out, text, again, text_again = ladder_picture(MODELS).data
    assert list(held_out.x) == [2871, 943_761, 987_648, 5_900_000]
    assert list(again.x) == [1, ALL, 256, 1050]
    assert list(held_out.y) == list(again.y) == [3.5, 1.697, 1.702, None]
    assert list(text.y) == list(text_again.y) == [3.25, None, 1.9, 0.5]
    assert held_out.marker.symbol != text.marker.symbol  # colour is never alone
    assert held_out.hovertext[2].startswith("Small &lt;GPT&gt;: 1.702 bits held out, 1.900 bits")


def test_marks_that_lie_on_each_other_share_a_label() -> None:
    figure = ladder_picture(MODELS)
    first, second = (
        [one.text for one in figure.layout.annotations if one.xref == panel]
        for panel in ("x", "x2")
    )
    assert sorted(first) == ["Bigram", "LSTM, Small &lt;GPT&gt;", "Storyteller"]
    assert sorted(second) == ["Bigram", "LSTM", "Small &lt;GPT&gt;", "Storyteller"]


def test_bits_begin_at_zero_in_both_panels() -> None:
    layout = ladder_picture(MODELS).layout
    assert layout.yaxis.rangemode == layout.yaxis2.rangemode == "tozero"


@pytest.mark.parametrize(
    ("sees", "seen"),
    [
        ("the last character", 1),
        ("the last 4 characters", 4),
        ("the last 192 to 256 characters", 256),
        ("its state, carried from the document's start", ALL),
        ("the last 1,050 characters or so", 1050),
    ],
)
def test_what_a_model_sees_is_a_number_of_characters(sees: str, seen: int) -> None:
    assert characters_seen(sees) == seen


def test_the_table_says_what_the_picture_shows() -> None:
    rows = re.findall(r"<tr>(.*?)</tr>", str(ladder_table(MODELS)))
    assert [re.findall(r">([^<]+)<", row) for row in rows] == [
        ["Model", "Held out", "Yours", "Sees", "Holds"],
        ["Bigram", "3.500", "3.250", "the last character", "2,871 counts"],
        ["LSTM", "1.697", "\N{EN DASH}", LSTM.sees, "944 k parameters"],
        ["Small &lt;GPT&gt;", "1.702", "1.900", GPT.sees, "988 k parameters"],
        ["Storyteller", "\N{EN DASH}", "0.500", TELLER.sees, "5.9 million parameters"],
    ]


def test_a_tie_is_said_plainly_and_a_difference_is_none() -> None:
    lstm, gpt = (Rung(one, one, bits, "", 1, "") for one, bits in (("LSTM", 1.697), ("GPT", 1.702)))
    other = Rung("RNN", "RNN", 1.75, "", 1, "")
    assert tie([other, lstm, gpt]).startswith("LSTM and GPT tie: 1.697 and 1.702 bits.")
    assert tie([other, lstm, replace(gpt, bits=1.72)]) == ""


@pytest.mark.parametrize(
    ("size", "unit", "said"),
    [
        (2871, "counts", "2,871 counts"),
        (358_135, "counts", "358 k counts"),
        (999_499, "counts", "999 k counts"),
        (999_500, "parameters", "1.0 million parameters"),
    ],
)
def test_sizes_are_said_in_a_few_digits(size: int, unit: str, said: str) -> None:
    assert held(size, unit) == said
