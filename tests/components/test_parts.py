"""The parts escape what a person typed, in text and in attributes, and say what they should."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import numpy as np
import pytest

from analysis.projection import project
from analysis.tokens import counts, groups, label
from components.attention.changed.panel import SHOWN, data, most_moving, removal
from components.embeddings.drawing.word_map import trust, word_map
from components.shared.drawing.bars import bar, bars
from components.shared.drawing.lane import LaneWriter
from components.shared.drawing.spelling import note, spelling
from components.tokens.chips import chips, tally
from inference.tasks.attention.ablation import HeadRemovals, HeadSweep
from inference.types.generation import Candidate, Generation, LaneState, Step
from inference.types.options import LaneOptions
from inference.types.tokenized import Detail, Tokenized

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


def bytewise_chips(text: str) -> dict[str, Any]:
    return chips(groups(*bytewise(text)), [Detail("", False, None)] * len(text.encode()))


@pytest.mark.parametrize("text", HOSTILE)
def test_t7_chips_show_hostile_text_literally(text: str) -> None:
    found = bytewise_chips(text)
    shapes = [found["shapes"][shape][0] for shape in found["order"]]
    shown = "".join(part for spans in shapes for part, _ in spans)
    assert shown.replace("·", " ") == text


@pytest.mark.parametrize("text", HOSTILE)
def test_t7_lanes_escape_labels_inside_attributes(text: str) -> None:
    generation = lanes_of(state(1, "length"), pieces={1: text.encode(), 2: b"x"})
    drawn = str(LaneWriter("Greedy").draw(generation, 0))
    assert "<script" not in drawn
    assert "<img" not in drawn
    (attribute,) = re.findall(r'data-step="([^"]*)"', drawn)
    shown = json.loads(html.unescape(attribute))["bars"][0][0]
    assert shown == text.replace(" ", "·")


def state(*tokens: int | str) -> LaneState:
    """A lane of these tokens; a word at the end is why it ended."""
    end = tokens[-1] if isinstance(tokens[-1], str) else "running"
    candidates = (Candidate(1, 0.5, True), Candidate(2, 0.25, False))
    steps = [Step(t, 0.25, candidates, 1, 0.5, 0.0, 0.25) for t in tokens if isinstance(t, int)]
    return LaneState(LaneOptions("Greedy"), tuple(steps), end)  # type: ignore[arg-type]


def lanes_of(*states: LaneState, pieces: dict[int, bytes] | None = None) -> Generation:
    known = pieces or {0: b"<|endoftext|>", 1: b"a", 2: b"b"}
    return Generation((1,), states, known, vocabulary=3, end_of_text=0)


def test_a_lane_only_grows_while_it_is_written() -> None:
    writer = LaneWriter("Greedy")
    before = str(writer.draw(lanes_of(state(1)), 0))
    assert str(writer.draw(lanes_of(state(1, 2)), 0)).startswith(before)


def test_drawing_again_gives_what_drawing_afresh_does_also_when_a_beam_rewrites_itself() -> None:
    writer = LaneWriter("Beam 4")
    first, second = state(1, 1, 2), state(1, 2)
    kept = LaneState(second.options, (first.steps[0], *second.steps[1:]), "length")
    writer.draw(lanes_of(first), 0)
    again = writer.draw(lanes_of(kept), 0)
    assert again == LaneWriter("Beam 4").draw(lanes_of(kept), 0)


def test_the_first_token_that_differs_is_marked_and_no_other() -> None:
    greedy, other = state(1, 1, 1), state(1, 2, 2)
    drawn = str(LaneWriter("Top-k").draw(lanes_of(greedy, other), 1))
    assert drawn.count("▲") == 1
    assert drawn.index('data-place="0"') < drawn.index("▲") < drawn.index('data-place="1"')
    assert "▲" not in LaneWriter("Greedy").draw(lanes_of(greedy, other), 0)


def test_a_finished_lane_says_its_bits_and_a_running_one_does_not() -> None:
    assert "6 bits, 2.00 per token" in LaneWriter("Greedy").draw(
        lanes_of(state(1, 1, 1, "length")), 0
    )
    ended = LaneWriter("Greedy").draw(lanes_of(state(1, 0, "end of text")), 0)
    assert "ended by itself" in ended
    assert "bits" not in LaneWriter("Greedy").draw(lanes_of(state(1)), 0)


def test_r3_the_end_of_a_text_is_not_drawn_as_if_it_had_been_written() -> None:
    drawn = str(LaneWriter("Greedy").draw(lanes_of(state(1, 0, "end of text")), 0))
    assert "<i>end of text</i>" in drawn
    assert "endoftext" not in drawn


def test_a_token_of_spaces_alone_has_a_name_for_screen_readers() -> None:
    pieces = {0: b"<|endoftext|>", 1: b" ", 2: b"a", 3: b" a"}
    drawn = str(LaneWriter("Bigram").draw(lanes_of(state(1, 2, 3), pieces=pieces), 0))
    assert drawn.count('aria-label="space">') == 1


def test_r1_half_a_character_is_written_in_hexadecimal() -> None:
    found = bytewise_chips("é")
    assert [kind[0] for kind in found["kinds"]] == [[("C3", True)], [("A9", True)]]
    assert found["shapes"] == [[[("é", False)], (0, 1)]] and found["order"] == [0]


def test_counts_are_shown_with_their_units() -> None:
    drawn = str(tally(counts("aé", [1, 2, 3])))
    for figure, unit in [("3", "tokens"), ("2", "characters"), ("3", "bytes")]:
        assert f"<dd>{figure}</dd><dt>{unit}</dt>" in drawn


def test_spelling_sets_symbols_apart() -> None:
    assert str(spelling(label(b" a\n"))) == "<i>·</i>a<i>↵</i>"


def test_notes_and_bars_escape() -> None:
    assert "&lt;b&gt;" in note("<b>")
    drawn = str(bars("<h>", "<p>", [bar("<b>", 0.5, "<i>")]))
    assert "<b>" not in drawn and "<h>" not in drawn
    assert value_of(drawn) == ["<h>", "<p>", [["<b>", 0.5, "<i>", "", ""]]]


def removals_of(*labels: str) -> HeadRemovals:
    """Two layers of one head over a small vocabulary, 0 being the end of a text."""
    before = np.array([0.1, 0.6, 0.3])
    without = np.array([[[0.1, 0.6, 0.3]], [[0.7, 0.1, 0.2]]])
    bits = np.array([2.0, 3.0])
    sweep = HeadSweep(bits, np.array([[bits], [bits + 0.5]]), before, without)
    pieces = dict(enumerate(label.encode() for label in labels))
    tokens = Tokenized("".join(labels), (1, 2), (pieces[1], pieces[2]))
    return HeadRemovals(tokens, "mean", sweep, pieces, end_of_text=0)


def value_of(drawn: str) -> Any:
    """What a widget is drawn from."""
    return json.loads(html.unescape(re.findall(r'data-value="([^"]*)"', drawn)[0]))


def test_r16_the_removal_panel_carries_every_head_and_opens_on_the_one_that_matters() -> None:
    removals = removals_of("<|endoftext|>", " a", "b")
    facts = value_of(str(removal(data(removals))))
    kl = 0.1 * np.log2(0.1 / 0.7) + 0.6 * np.log2(6) + 0.3 * np.log2(1.5)
    assert facts["moved"] == [[0.0], [pytest.approx(kl, abs=1e-12)]]
    assert facts["cost"] == [[0.0], [0.5]]
    assert facts["open"] == list(most_moving(removals)) == [1, 0]
    assert facts["rows"][1][0] == [["end of text", 0.1, 0.7], ["·a", 0.6, 0.1], ["b", 0.3, 0.2]]
    assert facts["after"] == "b"


def test_r18_what_the_removal_panel_lists_and_the_rest_sum_to_1() -> None:
    dice = np.random.default_rng(4)
    before, *without = dice.dirichlet(np.full(40, 0.3), size=7)
    bits = np.zeros((2, 3, 1))
    sweep = HeadSweep(bits[0, 0], bits, before, np.array(without).reshape(2, 3, 40))
    pieces = {token: b"%d" % token for token in range(40)}
    tokens = Tokenized("1", (1,), (b"1",))
    facts = data(HeadRemovals(tokens, "mean", sweep, pieces, 0))
    assert facts["others"] == 40 - SHOWN
    for layer, head in np.ndindex(2, 3):
        listed = np.array([row[1:] for row in facts["rows"][layer][head]])
        columns = listed.sum(axis=0) + facts["rest"][layer][head]
        assert columns == pytest.approx([1.0, 1.0], abs=1e-12)
    few = data(removals_of("<|endoftext|>", "a", "b"))
    assert (few["others"], few["rest"][1][0]) == (0, (0.0, 0.0))


@pytest.mark.parametrize("text", HOSTILE)
def test_t7_the_removal_panel_escapes_tokens(text: str) -> None:
    drawn = str(removal(data(removals_of("<|endoftext|>", text, text))))
    assert "<script" not in drawn and "<img" not in drawn
    assert value_of(drawn)["rows"][0][0][0][0] == text.replace(" ", "·")


def test_t8_a_word_map_escapes_words_and_keeps_equal_ones_apart() -> None:
    points = np.random.default_rng(0).normal(size=(4, 8))
    flat = project(points)
    drawn = json.loads(word_map(flat, ["<b>", "a", "a", "c"], arrows=[(0, 1)]).plot)
    (shown,), (arrow,) = drawn["data"], drawn["layout"]["annotations"]
    assert shown["text"] == ["&lt;b&gt;", "a", "a", "c"]
    assert len(shown["textposition"]) == 4
    assert (arrow["ax"], arrow["y"]) == (flat.points[0, 0], flat.points[1, 1])


def test_r9_the_map_says_how_far_to_trust_it() -> None:
    vectors = np.random.default_rng(1).normal(size=(8, 20))
    said = str(trust(project(vectors)))
    assert "%" in said
    assert "trustworthiness" in said
    assert "coincide" in trust(project(np.ones((3, 5))))
