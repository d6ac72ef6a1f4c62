"""Every answer of the Attention lab, measured on the text that it speaks of as the page gets it."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.ablation import moved_bits
from analysis.attention.maps import even_share, is_sink, sink_shares
from components.attention import cell, lens
from components.attention.changed import opened, ranking
from components.attention.sentences import EXAMPLES, OPENING
from inference.decoding.head_sweep import HeadSweeper, reference
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.attention.ablation import HeadSweep, Removal
from inference.tasks.attention.cell import AttentionCell
from inference.tasks.attention.lens import Lens, LensOverText
from inference.tasks.attention.maps import Attention, AttentionMaps
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from tests.conftest import finished

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
TEXTS = [str(values[0]) for values in EXAMPLES.values()]
REPLACEMENTS: tuple[Removal, ...] = ("mean", "resample", "zero")


@cache
def service() -> Service:
    return Service(CHECKPOINTS)


@cache
def maps(text: str) -> AttentionMaps:
    *_, found = service().run(Attention(text))
    assert isinstance(found, AttentionMaps)
    return found


@cache
def sweeper() -> HeadSweeper:
    """What the service calls, without its time limit for a step."""
    folder = CHECKPOINTS / "storyteller"
    end = [Tokenizer.load(folder).end_of_text]
    model = checkpoint.load(folder)
    return HeadSweeper(model, finished(reference(model, end, end)), "cpu")


@cache
def removals(text: str, removal: Removal = "mean") -> HeadSweep:
    return sweeper()(maps(text).tokens.ids, removal)


def on_word(text: str, layer: int, head: int, word: bytes) -> float:
    """What the last row of a head gives to the last token that reads `word`."""
    found = maps(text)
    at = max(i for i, piece in enumerate(found.tokens.pieces) if piece == word)
    return float(found.weights[layer - 1, head - 1, -1, at])


def chances(sweep: HeadSweep, word: str, layer: int, head: int) -> tuple[float, float]:
    """Probability of a token next, with all heads and without this one."""
    (at,) = Tokenizer.load(CHECKPOINTS / "storyteller").encode(word)
    return float(sweep.following[at]), float(sweep.following_without[layer - 1, head - 1, at])


def moved(sweep: HeadSweep) -> NDArray[np.float64]:
    """Bits by which every head's removal moves the next token: (layers, heads)."""
    return moved_bits(sweep.following, sweep.following_without)


@pytest.mark.parametrize("text", TEXTS)
def test_layer_3_head_1_looks_at_the_token_just_before(text: str) -> None:
    before = np.diagonal(maps(text).weights, offset=-1, axis1=2, axis2=3).mean(axis=2)
    assert before[2, 0] > 0.55
    assert before.argmax() == 2 * before.shape[1]


def test_one_head_finds_the_verb_and_another_the_one_who_acts() -> None:
    assert on_word(OPENING, 4, 1, b" helped") > 0.9
    assert on_word(OPENING, 5, 3, b" dog") > 0.9


@pytest.mark.parametrize("text", TEXTS)
def test_r12_layer_6_head_2_is_a_sink(text: str) -> None:
    weights = maps(text).weights
    assert is_sink(weights)[5, 1]
    assert sink_shares(weights)[5, 1] > 2.5 * even_share(weights.shape[2])


@pytest.mark.parametrize("removal", REPLACEMENTS)
def test_r16_a_bright_cell_moves_nothing_and_a_dull_row_moves_most(removal: Removal) -> None:
    found = removals(OPENING, removal)
    if removal == "mean":  # what the view opens with
        assert moved(found)[3, 0] < 0.1
    assert maps(OPENING).weights[5, 0, -1].max() < 0.5
    assert moved(found).argmax() == 5 * 4
    before, without = chances(found, " bird", 6, 1)
    assert before > 0.7
    assert without < before / 3


@pytest.mark.parametrize("removal", REPLACEMENTS)
def test_r16_layer_5_head_3_keeps_the_dog_from_helping_the_dog(removal: Removal) -> None:
    found = removals(OPENING, removal)
    before, without = chances(found, " dog", 5, 3)
    assert without > 5 * before
    _, bird = chances(found, " bird", 5, 3)
    assert without > bird


@pytest.mark.parametrize("removal", REPLACEMENTS)
def test_r16_without_layer_4_head_1_the_girl_lives_in_a_little_girl(removal: Removal) -> None:
    text = str(EXAMPLES["A little"][0])
    assert on_word(text, 4, 1, b" in") > 0.9
    found = removals(text, removal)
    assert moved(found).argmax() == 3 * 4
    house, no_house = chances(found, " house", 4, 1)
    girl, more_girl = chances(found, " girl", 4, 1)
    assert house > 2 * girl
    assert more_girl > 5 * no_house


def test_r16_the_head_that_leads_over_all_examples_does_nothing_on_the_first() -> None:
    opening, *others = (removals(text) for text in TEXTS)
    every = np.array([moved(one) for one in (opening, *others)])
    mean, spread = every.mean(axis=0), every.std(axis=0, ddof=1)
    assert np.unravel_index(mean.argmax(), mean.shape) == (5, 1)
    assert every[0, 5, 1] < 0.05
    assert list(EXAMPLES)[4] == "Thanks" and every[4, 5, 1] > 0.8 * every[:, 5, 1].sum()
    listed = np.argsort(-mean, axis=None)[: ranking.RANKED]
    assert (spread > mean).flat[listed].all()


@pytest.mark.parametrize("removal", REPLACEMENTS)
def test_r16_other_heads_stand_in_where_a_text_repeats(removal: Removal) -> None:
    text = str(EXAMPLES["Repetition"][0])
    before, without = chances(removals(text, removal), " ball", 6, 1)
    assert before > 0.9
    assert without > 0.75
    for head, least in ((1, 0.5), (2, 0.3), (4, 0.2)):
        row = maps(text).weights[5, head - 1, -1]
        assert maps(text).tokens.pieces[int(row.argmax())] == b" ball"
        assert row.max() > least


def test_found_and_thanks_look_where_the_answer_stands() -> None:
    assert on_word(str(EXAMPLES["Found"][0]), 6, 1, b" doll") > 0.8
    thanks = str(EXAMPLES["Thanks"][0])
    assert on_word(thanks, 6, 2, b" Ben") > 0.8
    before, without = chances(removals(thanks), " Ben", 6, 2)
    assert before > 0.6
    assert without < 0.1


@cache
def under_the_lens(text: str) -> LensOverText:
    return service().answer(Lens(text))


def leading(text: str, at: int = -1) -> list[str]:
    """What leads after the embedding and after every layer, at one position."""
    found = under_the_lens(text)
    return [found.pieces[one].decode(errors="replace") for one in found.reading.top[:, at, 0]]


def test_r17_house_leads_after_layer_5_and_girl_after_1_to_3() -> None:
    assert lens.EXAMPLES[lens.FIRST[0]] == EXAMPLES["A little"]
    little, *layers = leading(str(EXAMPLES["A little"][0]))
    assert little == " little"
    assert layers == [" girl", " girl", " girl", ",", " house", " house"]


def test_r17_easy_words_lead_early_and_the_bird_late() -> None:
    text = str(EXAMPLES["A little"][0])
    lived = [piece.decode() for piece in maps(text).tokens.pieces].index(" lived")
    assert leading(text, lived)[1:] == [" in"] * 6
    assert under_the_lens(text).reading.leads[lived] == 1
    bird = under_the_lens(OPENING).reading
    assert (bird.leads[-1], bird.ranks[5, -1]) == (6, 5)


def test_r17_most_embeddings_repeat_the_token_itself() -> None:
    found = under_the_lens(str(EXAMPLES["A little"][0]))
    same = [
        token == first
        for token, first in zip(found.tokens.ids, found.reading.top[0, :, 0], strict=True)
    ]
    assert same[-1]
    assert sum(same) > 0.75 * len(same)


@cache
def opened_cell(example: str) -> dict[str, Any]:
    text, at, score = cell.EXAMPLES[example]
    place = cell.numbered(at)
    found = service().answer(AttentionCell(text, "storyteller", *place, cell.number(score)))
    return cell.data(found)


def after(example: str, change: str, word: str) -> float:
    """Probability of a word once something is changed, where it is among those shown."""
    found = {one["change"]: one["following"] for one in opened_cell(example)["changes"]}
    return next(one["after"] for one in found[change] if one["text"] == word)


def test_one_score_decides_where_the_girl_lives() -> None:
    found = opened_cell("Where she lives")
    assert [found["tokens"][found[at] - 1]["text"] for at in ("query", "key")] == [" little", " in"]
    assert found["weight"] > 0.9
    assert round(after("Where she lives", "none", " house"), 2) == 0.71
    assert round(after("Where she lives", "score", " house"), 2) == 0.01
    assert round(after("Where she lives", "score", " girl"), 2) == 0.87


def test_an_even_head_a_missing_root_and_a_missing_mask() -> None:
    girl, house = (
        {change: after("Where she lives", change, word) for change, _ in opened.CHANGES}
        for word in (" girl", " house")
    )
    assert girl["uniform"] > 5 * house["uniform"]
    weights = {one["change"]: one["weight"] for one in opened_cell("Where she lives")["changes"]}
    assert weights["root"] > 0.995
    assert abs(house["root"] - house["none"]) < 0.02
    assert girl["root everywhere"] > house["root everywhere"]
    assert round(house["mask"], 2) == 0.67
    assert round(house["mask everywhere"], 2) == 0.57


@pytest.mark.parametrize("example", cell.EXAMPLES)
def test_every_cell_of_an_example_is_bright_and_its_sum_adds_up(example: str) -> None:
    found = opened_cell(example)
    assert found["weight"] > 0.5
    assert sum(found["terms"]) / found["root"] == pytest.approx(found["score"], abs=1e-4)
    scores = np.array([one["score"] for one in found["row"]])
    weights = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    assert [one["weight"] for one in found["row"]] == pytest.approx(weights.tolist(), abs=1e-4)


@pytest.mark.parametrize("typed", ["", "4.1", "a.b c.d", "4.1 15.13 2", "4.1 15.-"])
def test_what_is_no_cell_is_refused(typed: str) -> None:
    with pytest.raises(OrreryError, match=r"such as 4\.1 15\.13"):
        cell.numbered(typed)


def test_a_score_is_a_number_or_minus_infinity() -> None:
    assert (cell.number("-1,5"), cell.number("\u22122"), cell.number("-inf")) == (
        -1.5,
        -2.0,
        -math.inf,
    )
    for typed in ("much", "inf", "nan"):
        with pytest.raises(OrreryError, match="The score is a number"):
            cell.number(typed)
