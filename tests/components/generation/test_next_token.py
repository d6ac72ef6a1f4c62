"""The stage of the Step by step tab: what its buttons lead to, and what it says."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from markupsafe import Markup

from components.generation.steps.next_token import next_token, segments
from components.generation.wheel import continued, strategy
from inference.types.generation import Candidate, EndReason, Generation, LaneState, Step
from inference.types.options import LaneOptions
from tests.components.test_parts import HOSTILE

END = 2
PIECES = {0: b"cat", 1: b" sat", END: b"<end>", 3: b"\xf0\x9f"}
DICE = LaneOptions("Step by step", sample=True, top_p=0.9)


def step(token: int, *candidates: Candidate, survivors: int = 2, mass: float = 0.75) -> Step:
    return Step(token, 0.25, candidates, survivors, mass, rest_kept=0.05, rest_cut=0.1)


def standing(
    offered: Step | None,
    *written: int,
    end: EndReason = "running",
    options: LaneOptions = DICE,
    pieces: dict[int, bytes] = PIECES,
) -> Generation:
    steps = tuple(step(token, Candidate(token, 0.25, True)) for token in written)
    lane = LaneState(options, steps, end)
    return Generation((0,), (lane,), pieces, 8, END, offered=offered)


OFFERED = step(1, Candidate(0, 0.5, True), Candidate(1, 0.25, True), Candidate(3, 0.1, False))


def buttons(drawn: str) -> list[tuple[str, str, str]]:
    """(text, keep, token) of every button that leads somewhere."""
    found = re.findall(r"<button([^>]*)>(.*?)</button>", drawn)
    return [
        (
            html.unescape(re.sub("<[^>]+>", "", inner)),
            *(
                (re.search(f'data-{name}="(.*?)"', attributes) or ["", ""])[1]
                for name in ("keep", "token")
            ),
        )
        for attributes, inner in found
        if "data-keep" in attributes
    ]


def test_every_button_names_the_text_that_it_leads_to() -> None:
    drawn = str(next_token(standing(OFFERED, 0, 1), "storyteller", "A prompt", Markup()))
    assert 'data-written="storyteller 0 1"' in drawn
    assert buttons(drawn) == [
        ("cat", "0", ""),
        (" sat", "1", ""),
        ("Step", "2", "1"),
        ("Back", "1", ""),
        ("Start over", "0", ""),
    ]
    assert choices(drawn) == {
        "written": 2,
        "offered": 1,
        "candidates": [
            [0, [["cat", False]], 0.5, True],
            [1, [["·", True], ["sat", False]], 0.25, True],
            [3, [["F0 9F", True]], 0.1, False],
        ],
        "rest": pytest.approx(0.15),
        "vocabulary": 8,
        "survivors": 2,
        "mass": 0.75,
        "sample": True,
        "temperature": 1.0,
    }


def choices(drawn: str) -> dict[str, Any]:
    """What the browser draws the candidates from."""
    return json.loads(html.unescape(re.search('data-value="(.*?)"', drawn)[1]))


def test_before_the_first_token_there_is_nothing_to_take_back() -> None:
    drawn = str(next_token(standing(OFFERED), "gru", "A prompt", Markup()))
    assert 'data-written="gru"' in drawn
    assert [one for one in buttons(drawn) if one[1] != "0" or not one[2]] == []
    assert drawn.count(" disabled>") == 2


@pytest.mark.parametrize(
    ("end", "says"), [("end of text", "has ended its text"), ("length", "as long as this view")]
)
def test_at_the_end_one_can_only_go_back(end: EndReason, says: str) -> None:
    drawn = str(next_token(standing(None, 0, END, end=end), "storyteller", "A prompt", Markup()))
    assert says in drawn
    assert [one[0] for one in buttons(drawn)] == ["cat", "end of text", "Back", "Start over"]


def test_who_takes_the_most_probable_one_leaves_none_out() -> None:
    greedy = LaneOptions("Step by step")
    drawn = str(next_token(standing(OFFERED, options=greedy), "storyteller", "A prompt", Markup()))
    assert [kept for *_, kept in choices(drawn)["candidates"]] == [True] * 3
    assert choices(drawn)["sample"] is False


def test_the_number_drawn_is_shown_on_the_survivors_laid_end_to_end() -> None:
    rolled = replace(OFFERED, dice=0.7)  # 0.5 / 0.75 is 0.6667: the second one
    found = standing(rolled)
    assert [one[0] for one in segments(rolled, found)] == [0, 1]
    for (_, _, start, end), right in zip(
        segments(rolled, found), [(0, 2 / 3), (2 / 3, 1)], strict=True
    ):
        assert (start, end) == pytest.approx(right)
    drawn = str(next_token(found, "storyteller", "A prompt", Markup()))
    assert "The dice show 0.7000. Laid end to end, ·sat covers 0.6667 to 1.0000" in drawn
    assert 'style="left:70.000%"' in drawn
    assert "The dice" not in str(next_token(standing(OFFERED), "storyteller", "A prompt", Markup()))


def test_a_token_from_beyond_the_list_lies_among_the_others() -> None:
    listed = [Candidate(0, 0.1, True)] * 7
    rolled = replace(step(1, *listed, Candidate(1, 0.01, True), survivors=8, mass=1.0), dice=0.9)
    found = standing(rolled)
    assert segments(rolled, found)[-1] == (None, "1 others", pytest.approx(0.7), 1.0)
    assert "among them ·sat" in str(next_token(found, "storyteller", "A prompt", Markup()))


@pytest.mark.parametrize("text", HOSTILE)
def test_t7_prompt_tokens_and_candidates_show_hostile_text_literally(text: str) -> None:
    pieces = {**PIECES, 0: text.encode(), 1: text.encode()}
    drawn = str(next_token(standing(OFFERED, 0, pieces=pieces), "storyteller", text, Markup()))
    held = re.search('data-prompt="(.*?)"', drawn)[1]
    assert json.loads(html.unescape(held)) == text
    assert "<script" not in drawn
    assert "<img" not in drawn
    assert html.unescape(re.search("<em>(.*?)</em>", drawn)[1]) == text
    assert buttons(drawn)[0][0] == text


def test_dials_at_their_ends_cut_nothing() -> None:
    assert strategy("dice", 1.0, 0, 1.0) == LaneOptions("Step by step", sample=True)
    assert strategy("most probable", 0.5, 3, 0.2) == LaneOptions(
        "Step by step", temperature=0.5, top_k=3, top_p=0.2
    )


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        (None, ""),
        ("", ""),
        ("gru", ""),
        ("gru 1 2", "1 2"),
        ("storyteller 1 2", ""),
        ("gru x", "x"),
        ("gru + a b ", "+ a b "),
    ],
)
def test_the_tokens_of_another_model_are_not_gone_on_from(written: str | None, tokens: str) -> None:
    found, said = continued(written, "gru")
    assert found == tokens
    assert bool(said) == (written == "storyteller 1 2")
