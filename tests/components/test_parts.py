"""The parts escape what a person typed, in text and in attributes, and say what they should."""

from __future__ import annotations

import html
import json
import re

import numpy as np
import pytest

from analysis.projection import project
from analysis.tokens import counts, groups, label
from components.parts.bars import bar
from components.parts.chips import chips, tally
from components.parts.heads import heads
from components.parts.lane import lane
from components.parts.spelling import note, percent, spelling
from components.parts.word_map import label_places, trust, word_map
from inference.types import Candidate, LaneOptions, LaneState, Step

HOSTILE = [
    "<script>alert(1)</script>",
    "${7*7}",
    "`",
    "{{x}}",
    '"><img src=x onerror=alert(1)>',
    "'",
]


def bytewise(text: str) -> tuple[list[int], list[bytes]]:
    pieces = [bytes([byte]) for byte in text.encode()]
    return [piece[0] for piece in pieces], pieces


@pytest.mark.parametrize("text", HOSTILE)
def test_t7_chips_show_hostile_text_literally(text: str) -> None:
    drawn = str(chips(groups(*bytewise(text))))
    assert "<script" not in drawn
    assert "<img" not in drawn
    shown = "".join(html.unescape(b) for b in re.findall(r"<b>(.*?)</b>", drawn))
    assert shown.replace("<i>", "").replace("</i>", "").replace("·", " ") == text


@pytest.mark.parametrize("text", HOSTILE)
def test_t7_lanes_escape_labels_inside_attributes(text: str) -> None:
    pieces = {1: text.encode(), 2: b"x"}
    drawn = str(lane("Greedy", state(token=1), state(token=2), [1], pieces, 3))
    assert "<script" not in drawn
    assert "<img" not in drawn
    (attribute,) = re.findall(r'data-step="([^"]*)"', drawn)
    assert json.loads(html.unescape(attribute))["bars"][0][0] == text.replace(" ", "·")


def state(token: int, end: str = "length") -> LaneState:
    candidates = (Candidate(1, 0.5, True), Candidate(2, 0.25, False))
    step = Step(token, 0.25, candidates, 1, 0.5, 0.0, 0.25)
    return LaneState(LaneOptions("Greedy"), (step,), end)  # type: ignore[arg-type]


def test_a_lane_only_grows_while_it_is_written() -> None:
    pieces = {1: b"a", 2: b"b"}
    one = LaneState(LaneOptions("Greedy"), state(1).steps)
    two = LaneState(LaneOptions("Greedy"), state(1).steps * 2)
    before = str(lane("Greedy", one, one, [1], pieces, 3))
    assert str(lane("Greedy", two, two, [1], pieces, 3)).startswith(before)


def test_the_first_token_that_differs_is_marked_and_no_other() -> None:
    pieces = {1: b"a", 2: b"b"}
    greedy = LaneState(LaneOptions("Greedy"), state(1).steps * 3)
    other = LaneState(LaneOptions("Top-k"), (*state(1).steps, *state(2).steps * 2))
    drawn = str(lane("Top-k", other, greedy, [1], pieces, 3))
    assert drawn.count("▲") == 1
    assert drawn.index('data-place="0"') < drawn.index("▲") < drawn.index('data-place="1"')


def test_r1_half_a_character_is_written_in_hexadecimal() -> None:
    drawn = str(chips(groups(*bytewise("é"))))
    assert "�" not in drawn
    assert "<i>C3</i>" in drawn
    assert '<b class="whole">é</b>' in drawn


def test_counts_are_shown_with_their_units() -> None:
    drawn = str(tally(counts("aé", [1, 2, 3])))
    for figure, unit in [("3", "tokens"), ("2", "characters"), ("3", "bytes")]:
        assert f"<dd>{figure}</dd><dt>{unit}</dt>" in drawn


def test_spelling_sets_symbols_apart() -> None:
    assert str(spelling(label(b" a\n"))) == "<i>·</i>a<i>↵</i>"


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.5454, "54.5 %"), (0.00042, "0.04 %"), (0.00001, "< 0.01 %"), (0, "0.00 %"), (1, "100.0 %")],
)
def test_percentages_have_sensible_digits(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_notes_and_bars_escape() -> None:
    assert "&lt;b&gt;" in note("<b>")
    assert "&lt;b&gt;" in bar("<b>", 0.5, "<i>")
    assert "width:100.0%" in bar("x", 7.0, "7")


def test_r15_repeated_tokens_stay_apart_in_the_attention_widget() -> None:
    weights = np.tril(np.ones((1, 2, 3, 3), dtype=np.float32))
    weights /= weights.sum(axis=-1, keepdims=True)
    drawn = str(heads(weights, ["the", "cat", "the"]))
    facts = json.loads(html.unescape(re.findall(r'data-facts="([^"]*)"', drawn)[0]))
    assert facts["labels"] == ["the", "cat", "the"]
    assert (facts["layers"], facts["heads"]) == (1, 2)


def test_t8_a_word_map_escapes_words_and_keeps_equal_ones_apart() -> None:
    points = np.random.default_rng(0).normal(size=(4, 8))
    figure = word_map(project(points), ["<b>", "a", "a", "c"], arrows=[(0, 1)])
    assert figure.data[0].text == ("&lt;b&gt;", "a", "a", "c")
    assert len(figure.data[0].x) == 4


def test_labels_of_two_close_points_go_to_different_sides() -> None:
    points = np.array([[0.0, 0.0], [0.01, 0.0], [5.0, 5.0]])
    places = label_places(points, ["king", "vizier", "far"])
    assert places[0] != places[1]


def test_r9_the_map_says_how_far_to_trust_it() -> None:
    vectors = np.random.default_rng(1).normal(size=(8, 20))
    said = str(trust(project(vectors)))
    assert "%" in said
    assert "trustworthiness" in said
    assert "coincide" in trust(project(np.ones((3, 5))))
