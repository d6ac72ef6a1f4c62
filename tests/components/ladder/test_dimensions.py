"""The view of n-grams and backing off: figure, table, bars, answers, and bad input."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.ladder import dimensions
from components.ladder.counts import backing
from components.ladder.counts.backing import Mixed, mixed
from components.ladder.counts.growth import growth_figure, growth_table
from components.ladder.dimensions import Dimensions
from inference import wire
from inference.errors import EmptyText, OrreryError, TooLong
from inference.rungs import NGrams
from inference.service import Service
from inference.tasks.ladder.back_off import BackedOff, BackOff
from inference.types.tokenized import Tokenized
from models.ladder.order import Order

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
ROWS = (NGrams(1, 105, 104, 900, 100, 0), NGrams(6, 105**6, 880_691, 900, 1_000_000, 46_900))


def order(n: int, counts: list[int], kept: list[float], left: float) -> Order:
    return Order(n, np.array(counts), (0.0, 0.5, 1.0, 1.5), np.array(kept), left)


def small(*pieces: bytes) -> Mixed:
    """Three characters; the pair was counted, the triple not."""
    orders = (
        order(1, [2, 1, 1], [0.4, 0.2, 0.1], 0.3),
        order(2, [0, 3, 1], [0.0, 0.5, 0.1], 0.4),
        order(3, [0, 0, 0], [0.0, 0.0, 0.0], 1.0),
    )
    tokens = Tokenized("b", (1,), (pieces[1],))
    return mixed(BackedOff(tokens, orders, pieces))


def test_the_figure_and_its_table_say_the_same() -> None:
    figure = growth_figure(ROWS)
    possible, held = figure.data
    assert possible.y == (105, 105**6) and held.y == (104, 880_691)
    assert figure.layout.yaxis.type == "log"
    cells = re.findall(r"<td>(.*?)</td>", str(growth_table(ROWS)))
    assert cells[:4] == ["105", "104", "1", "0.00\xa0%"]
    assert cells[4:] == ["1.34 trillion", "880,691", "1.52 million", "4.69\xa0%"]


def test_r45_the_caption_says_which_alphabet_and_that_ends_count() -> None:
    assert "same 105 ids" in str(growth_table(ROWS)) and "end of a document" in str(
        growth_table(ROWS)
    )


def test_every_order_has_a_row_and_their_shares_sum_to_one() -> None:
    mix = small(b"a", b"b", b" ")
    rows = re.findall(r"<tr>(.*?)</tr>", str(backing.orders_table(mix)))[1:]
    cells = [re.findall(r"<t[hd][^>]*>(?:<code>)?(.*?)(?:</code>)?</t[hd]>", row) for row in rows]
    assert cells == [
        ["3", "(start) b", "0", "0", "never seen", "0.0\xa0%"],
        ["2", "b", "4", "2", "b 3", "60.0\xa0%"],
        ["1", "anything", "4", "3", "a 2", "28.0\xa0%"],
        ["0", "an even spread over 3 characters", "12.0\xa0%"],
    ]


def test_bars_come_in_the_parts_of_the_orders() -> None:
    drawn = html.unescape(str(backing.mixture_bars(small(b"a", b"b", b" "))))
    value = json.loads(re.search('data-value="(.*)"></section>', drawn)[1])
    assert value["orders"] == [3, 2, 1, 0]
    label, parts = value["rows"][0]
    assert label == "b" and parts == pytest.approx([0, 0.5, 0.08, 0.04])
    assert [row[0] for row in value["rows"]] == ["b", "a", "·"] and value["others"] == 0
    assert value["rest"] == pytest.approx(0)


@pytest.mark.parametrize("piece", ["<script>", "'", '"><img>', "{{x}}"])
def test_t7_characters_are_shown_literally(piece: str) -> None:
    mix = small(b"a", piece.encode(), b"\xff")
    drawn = str(backing.orders_table(mix)) + str(backing.mixture_bars(mix))
    assert "<script" not in drawn and "<img" not in drawn


def test_without_figures_the_rest_still_stands() -> None:
    drawn = dimensions.draw(Dimensions((), "Figures are missing.", small(b"a", b"b", b"c")))
    assert "Figures are missing." in str(drawn[0]) and "never seen" in str(drawn[3])


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def asked(service: Service, text: Any) -> Dimensions:
    *_, found = dimensions.ask(service, None, text)
    assert isinstance(found, Dimensions)
    return found


@pytest.mark.weights
def test_r30_frequent_contexts_are_decided_by_the_longest_order_and_new_ones_below(
    service: Service,
) -> None:
    often = asked(service, *dimensions.EXAMPLES["Often"]).mix
    assert often.context(5) == "prin" and often.found.orders[4].counts.sum() == 2015
    assert round(100 * often.parts[5].sum(), 1) == 99.7
    never = asked(service, *dimensions.EXAMPLES["Never"]).mix
    assert not any(one.counts.any() for one in never.found.orders[2:])
    assert never.parts.sum(axis=1)[:3] == pytest.approx([0.014, 0.211, 0.775], abs=5e-4)


@pytest.mark.weights
def test_r30_shorter_orders_count_different_characters_before(service: Service) -> None:
    alone, longer = (asked(service, text).mix for text in ("q", "The q"))
    u = alone.found.pieces.index(b"u")
    assert round(alone.chances.tolist()[u], 2) == 0.55 and longer.chances[u] > 0.99
    pair = alone.found.orders[1].counts
    assert (pair[u], pair.sum()) == (24, 42)


@pytest.mark.weights
def test_r30_most_6_grams_of_held_out_stories_are_known_and_3_grams_nearly_all(
    service: Service,
) -> None:
    rows = {row.order: row for row in service.dimensions()}
    assert round(100 * rows[6].unseen / rows[6].held_out, 1) == 4.7
    assert 100 * rows[3].unseen / rows[3].held_out < 0.1
    assert round(rows[6].possible / rows[6].different / 1e6, 1) == 1.5


@pytest.mark.weights
@pytest.mark.parametrize("text", ["\U0001f642", "a\r\nb", "\0", "é" * 3])
def test_what_the_model_has_not_learned_is_said(service: Service, text: str) -> None:
    found = asked(service, text)
    data = json.loads(json.dumps(dimensions.data(found)))
    assert sum(data["probabilities"]) == pytest.approx(1, abs=1e-6)
    if text[0] in "\U0001f642\0":
        assert "has not learned" in data["note"]


@pytest.mark.weights
def test_bad_texts_are_refused_and_only_counting_models_back_off(service: Service) -> None:
    for text, error in (("", EmptyText), (None, EmptyText), ("x" * 300_000, TooLong)):
        with pytest.raises(error):
            asked(service, text)
    with pytest.raises(OrreryError, match="gru cannot count"):
        service.answer(BackOff("a", "gru"))
    found = service.answer(BackOff("the", "trigram"))
    assert [one.order for one in found.orders] == [1, 2, 3]
    again = wire.loads(wire.dumps(found), wire.known())
    assert (again.orders[2].counts == found.orders[2].counts).all()
