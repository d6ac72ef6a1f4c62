"""The table of pairs: its rolls, its picture, its words, and what it does with bad input."""

from __future__ import annotations

import html
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from analysis.pairs import distances, shares
from components.ladder import table
from components.ladder.counts import pair_map
from components.ladder.counts.pair_tables import NAMES, STORIES, PairTable, of_stories
from components.ladder.counts.rolls import stepper
from components.ladder.table import Rolled
from inference.errors import OutOfRange, TooLong
from inference.service import Service
from inference.tasks.ladder.pairs import PairCounts
from models.ladder import checkpoint

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def asked(service: Service, start: Any = ".", rolls: Any = 24, seed: Any = 7) -> Rolled:
    *_, found = table.ask(service, None, NAMES, start, rolls, seed)
    assert isinstance(found, Rolled)
    return found


def strange(*letters: str) -> PairTable:
    """A table of hostile letters, each followed by each once."""
    counts = np.ones((len(letters), len(letters)), dtype=np.int64)
    return PairTable(STORIES, letters, counts)


def test_the_opening_text_is_what_a_slow_walk_writes(service: Service) -> None:
    follow: dict[str, list[str]] = {}
    for name in service.names():
        text = f".{name}."
        for before, after in pairwise(text):
            follow.setdefault(before, []).append(after)
    text, generator = ".", np.random.default_rng(7)
    for _ in range(24):
        ordered = sorted(follow[text[-1]])
        text += ordered[int(generator.random() * len(ordered))]
    assert asked(service).text == text == ".lyn.es.ron.dalemyney.bo."


def test_more_rolls_go_on_from_the_same_text(service: Service) -> None:
    assert asked(service, rolls=24).rolls == asked(service, rolls=40).rolls[:24]
    assert asked(service, rolls=0).text == "."


def test_the_data_hold_the_whole_table_and_every_roll(service: Service) -> None:
    found = table.data(asked(service, "q", 1))
    assert found["text"] == "qu" and json.loads(json.dumps(found)) == found
    assert np.asarray(found["counts"]).sum() == sum(len(n) + 1 for n in service.names())
    assert found["rolls"][0]["number"] == np.random.default_rng(7).random()


@pytest.mark.parametrize("start", ["", None])
def test_no_letter_is_the_first_row(service: Service, start: object) -> None:
    found = asked(service, start)
    assert found.text.startswith(".") and not found.note


@pytest.mark.parametrize(
    ("start", "named"),
    [("É", "É"), ("\0", "U+0000"), (" ", "·"), ("\ud83d", "U+D83D"), ("🙂", "🙂")],
)
def test_a_letter_without_a_row_is_named_and_the_text_begins_elsewhere(
    service: Service, start: str, named: str
) -> None:
    found = asked(service, start)
    assert found.note == f"This table has no row for {named}; the text begins in its first row."
    assert found.text.startswith(".")


@pytest.mark.parametrize("start", ["ab", "\r\n", "x" * 300_000])
def test_more_than_one_letter_is_refused(service: Service, start: str) -> None:
    with pytest.raises(TooLong, match="letter to begin with may have up to 1 characters"):
        asked(service, start)


@pytest.mark.parametrize(
    "wrong", [{"rolls": 121}, {"rolls": -1}, {"rolls": 1.5}, {"rolls": float("nan")}, {"seed": -1}]
)
def test_numbers_out_of_range_are_refused(service: Service, wrong: dict[str, Any]) -> None:
    with pytest.raises(OutOfRange):
        asked(service, **wrong)


def test_r15_the_map_has_a_row_a_letter_and_rows_sum_to_one(service: Service) -> None:
    found = asked(service)
    figure = pair_map.pair_map(found.table, 0, 1)
    (heat,) = figure.data
    cells = np.nan_to_num(np.asarray(heat.z, dtype=np.float64))
    assert cells.shape == (27, 27) and cells.sum(axis=1) == pytest.approx(np.ones(27))
    assert np.isnan(np.asarray(heat.z)).sum() == (found.table.counts == 0).sum()
    assert list(figure.layout.yaxis.tickvals) == list(range(27))
    q, u = (found.table.letters.index(letter) for letter in "qu")
    assert heat.text[q][u] == "q then u: 67 of 78, 85.90\N{NO-BREAK SPACE}%"


def test_letters_without_a_row_of_their_own_are_counted_together() -> None:
    letters = (*" \n.,'\"", *"abcdefghijklmnopqrstuvwxyz", "A", "é")
    counts = np.ones((len(letters), len(letters)), dtype=np.int64)
    (heat,) = pair_map.pair_map(PairTable(STORIES, letters, counts), 32, None).data
    assert np.asarray(heat.z).shape == (33, 33)
    assert heat.text[32][32] == "others then others: 4 of 68, 5.88\N{NO-BREAK SPACE}%"
    assert heat.z[0][32] == pytest.approx(2 / 34)


def test_buttons_set_the_inputs_that_they_name(service: Service) -> None:
    found = asked(service, "e", 1)
    drawn = str(stepper(found.table, found.letters, found.rolls, 120))
    set_ = [json.loads(html.unescape(one)) for one in re.findall(r'data-inputs="(.*?)"', drawn)]
    assert set_[:3] == [{"rolls": 2}, {"rolls": 0}, {"rolls": 0}]
    assert [one["start"] for one in set_[3:]] == list(found.table.letters)
    last = str(stepper(found.table, found.letters, found.rolls, 1))
    assert '<button type="button" class="step-on" disabled>Roll' in last


def test_every_roll_says_the_number_and_where_it_fell(service: Service) -> None:
    found = asked(service, "q", 1)
    _, _, caption, drawn = table.draw(found)
    assert "In row q the dice show 0.6251. Laid end to end, u covers 0.1410 to 1.0000" in drawn
    assert "for it followed 67 of 78 times" in drawn and 'style="left:62.510%"' in drawn
    assert "10,000 first names" in str(caption)


@pytest.mark.parametrize("letter", ["<script>", "&", '"><img src=x>', "'"])
def test_t7_letters_are_shown_literally(letter: str) -> None:
    hostile = PairTable(
        STORIES,
        (*" \n.,'\"abcdefghijklmnopqrstuvwxyz"[:32], letter),
        np.ones((33, 33), dtype=np.int64),
    )
    found = Rolled(hostile, 32, ())
    drawn = "".join(map(str, table.draw(found)[2:]))
    assert "<script" not in drawn and "<img" not in drawn


def test_a_table_of_stories_takes_its_letters_from_the_model() -> None:
    found = of_stories(PairCounts((b"a", b"\xc3\xa9", b""), np.eye(3, dtype=np.int64)))
    assert found.letters == ("a", "é", "") and found.source == STORIES


def test_r30_most_of_row_q_belongs_to_u_and_22_cells_are_blank(service: Service) -> None:
    found = asked(service, *table.EXAMPLES["After q"][1:])
    letters, row = found.table.letters, found.table.counts[found.start]
    assert row[letters.index("u")] == 67 and row.sum() == 78
    assert (row == 0).sum() == 22


def test_r30_one_or_two_letters_are_far_more_frequent_than_in_names(service: Service) -> None:
    found = asked(service, *table.EXAMPLES["Names"][1:])
    p = shares(found.table.counts)
    short = p[0, 1:] @ p[1:, 0] + p[0, 1:] @ p[1:, 1:] @ p[1:, 0]
    assert short > 0.25
    names = service.names()
    assert round(100 * np.mean([len(name) <= 2 for name in names]), 1) == 0.2
    assert found.text.split(".")[1:6] == ["lyn", "es", "ron", "dalemyney", "bo"]


def test_r30_the_rows_of_vowels_are_near_each_other(service: Service) -> None:
    found = asked(service)
    a = found.table.letters.index("a")
    apart = distances(shares(found.table.counts), a)
    nearest = apart.argsort()[1:4].tolist()
    assert [found.table.letters[i] for i in nearest] == ["e", "o", "i"]
    assert round(float(apart[nearest[0]]), 2) == 0.11


@pytest.mark.weights
def test_r30_the_bigram_among_the_rungs_rules_nothing_out() -> None:
    with torch.inference_mode():
        chances = checkpoint.load(CHECKPOINTS / "ladder" / "bigram")(torch.arange(105)[:, None])
    assert chances.exp().min() > 0
