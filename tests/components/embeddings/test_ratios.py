"""embeddings-ratios: rows from a table made by hand, what is refused, and what the room is told."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np
import pytest

from analysis.words.ratios import Near, Ratio
from components.embeddings import ratios as view
from components.embeddings.drawing.strips import Row, between, number, strips
from components.embeddings.ratios import EXAMPLES, Told, data, draw
from inference.errors import ModelUnavailable, OrreryError, TooLong, UnknownWord
from inference.service import Service
from inference.words import Contexts, WordVectors

WORDS = ("ice", "steam", "<b>", "hot", "rare")
TABLE = ((0, 0, 40, 5), (0, 0, 0, 90), (40, 0, 0, 0), (5, 90, 0, 0))


@dataclass
class Words:
    """What the view asks a service for."""

    vectors: WordVectors

    def word_vectors(self, _name: str) -> WordVectors:
        return self.vectors

    def word(self, typed: str) -> str:
        return typed.strip()


@pytest.fixture(scope="module")
def service() -> Words:
    counts = np.zeros((5, 5), dtype=np.int32)
    counts[:4, :4] = TABLE
    rows, columns = np.nonzero(counts)
    contexts = Contexts.of(
        np.searchsorted(rows, np.arange(6)),
        columns.astype(np.int32),
        counts[rows, columns],
        np.array([100, 100, 50, 100, 2]),
        window=3,
    )
    read = np.array([2_000_000, 100_000, 9, 9, 9])
    return Words(WordVectors(WORDS, read, contexts.unit, contexts=contexts))


def told(service: Words, *asked: str) -> Told:
    return view.ask(service, None, *asked)  # type: ignore[arg-type]


def test_rows_are_the_counts_over_their_totals(service: Words) -> None:
    found = data(told(service, "ice", "steam", "hot <b> hot zzz"))
    assert [row["word"] for row in found["rows"]] == ["<b>", "hot"]
    first, second = found["rows"]
    assert second["seen"] == [[5, 5], [90, 90]] and second["shares"] == [0.05, 0.9]
    assert second["ratio"] == pytest.approx(5 / 90)
    assert first["seen"][0] == [40, 40] and first["seen"][1][0] == 0 < first["seen"][1][1]
    assert first["shares"][1] is None and first["ratio"] is None
    assert first["interval"][0] > 1 and first["interval"][1] is None
    assert found["totals"] == [100, 100] and found["window"] == 3
    assert found["note"] == "Not in this vocabulary, and left out: zzz."
    json.dumps(found, allow_nan=False)


def test_the_picture_escapes_words_and_has_every_number_in_text(service: Words) -> None:
    shown = str(draw(told(service, "ice", "steam", "hot <b>"))[1])
    assert "<h2>1 lean to ice, 1 to steam</h2>" in shown
    assert '<th scope="row">&lt;b&gt;</th>' in shown and "<b></th>" not in shown
    assert "in 2 million words: 100 stood near ice, 100 near steam" in shown
    assert "90<small>90.0\N{NO-BREAK SPACE}%</small>" in shown and "0.06<small>" in shown
    (left,) = re.findall(r'<b style="left: ([\d.]+)%"></b>', shown)  # one ratio is known
    assert float(left) == pytest.approx(50 + 50 * np.log10(5 / 90) / 2, abs=0.01)


def test_without_words_those_are_found_that_surely_lean(service: Words) -> None:
    found = told(service, "ice", "steam", " ")
    assert [row.word for row in found.rows] == ["<b>", "hot"]
    assert told(service, "ice", "rare", "").sides[2] == 0


def test_numbers_and_intervals_are_written_with_two_digits() -> None:
    assert [number(one) for one in (1152.4, 9.96, 1.3, 0.996, 0.93, 0.05, 0.0049)] == [
        *("1,152", "10", "1.3", "1.0", "0.93", "0.05", "0.005"),
    ]
    assert between(Ratio(None, 0.0, inf)) == "anything"
    assert between(Ratio(None, 4.0, inf)) == "> 4.0"
    assert between(Ratio(None, 0.0, 0.5)) == "< 0.50"
    assert between(Ratio(1.3, 0.79, 2.1)) == "0.79 to 2.1"


def test_a_share_is_not_rounded_to_nothing_and_no_power_stands_on_another() -> None:
    rare, often = Near(2, 2, 88_946), Near(97, 97, 67_030)
    drawn = str(strips([Row("whiskers", often, rare, Ratio(64.0, 17.0, 237.0))], ("cat", "dog")))
    assert "2<small>&lt; 0.01\N{NO-BREAK SPACE}%</small>" in drawn
    powers = re.findall(r'<b style="left: ([\d.]+)%">([^<]+)</b>', drawn)
    assert [text for _, text in powers] == ["1/1,000", "1/10", "1", "10", "1,000"]
    assert [float(place) for place, _ in powers] == pytest.approx(
        [0, 100 / 3, 50, 200 / 3, 100], abs=0.01
    )


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        (("ice", "ice", "hot"), OrreryError, "Both words are ice"),
        (("ice", "zzz", "hot"), UnknownWord, "zzz"),
        (("ice", "steam", "zzz"), UnknownWord, "zzz"),
        (("ice", "steam", "hot " * 25), TooLong, "24 words"),
        (("ice", "steam", "x" * 1_001), TooLong, "1,000"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    service: Words, asked: tuple[str, ...], error: type[OrreryError], says: str
) -> None:
    with pytest.raises(error, match=says):
        told(service, *asked)


def test_vectors_without_counts_are_refused() -> None:
    bare = Words(WordVectors(WORDS, np.ones(5), np.eye(5, dtype=np.float32)))
    with pytest.raises(ModelUnavailable, match="no counts"):
        told(bare, "ice", "steam", "hot")


@pytest.mark.weights
def test_what_the_room_is_told_of_ice_and_steam(checkpoints: Path) -> None:
    found = view.ask(Service(checkpoints, "cpu"), None, *EXAMPLES["Ice, steam"])
    rows = {row.word: row for row in found.rows}
    assert {word for word, row in rows.items() if row.ratio.side > 0} == {"cream", "cold", "snow"}
    steam = {word for word, row in rows.items() if row.ratio.side < 0}
    assert {"engine", "train", "hot", "gas"} == steam
    water, the = rows["water"], rows["the"]
    assert (water.one.least, water.other.least) == (87, 18) and water.ratio.side == 0
    assert all(near.share == pytest.approx(0.005, abs=0.001) for near in (water.one, water.other))
    assert the.one.least == 1357 and the.ratio.side == 0
    assert between(rows["fashion"].ratio) == "anything"
    assert rows["cream"].one.share == pytest.approx(0.07, abs=0.005)
    assert 37e6 < found.read < 6e9 / 100
    assert found.rows[0].word == "cream" and found.rows[-1].word == "engine"
