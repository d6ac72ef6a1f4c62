"""Which texts stay beside the one on stage."""

from __future__ import annotations

import html
import json
import re

import pytest

from components.generation.steps.branches import fork, tried_data
from inference.errors import BadTrajectory
from inference.tasks.path_scores import PATHS, PathScores, kept_paths
from tests.components.test_parts import HOSTILE


def test_a_text_that_another_one_begins_with_is_no_text_of_its_own() -> None:
    assert kept_paths("1 2;1 2 3;4", (1, 2, 5)) == ((1, 2, 3), (4,), (1, 2, 5))
    assert kept_paths("1 2 3", (1, 2)) == ((1, 2, 3), (1, 2))  # one has gone back
    assert kept_paths("1;1 2", (1, 2, 3)) == ((1, 2, 3),)
    assert kept_paths("", ()) == ((),)
    assert kept_paths("7;7", (7,)) == ((7,),)


def test_the_oldest_go_first_where_there_are_too_many() -> None:
    found = kept_paths(";".join(map(str, range(40))), (99,))
    assert len(found) == PATHS
    assert found[-2:] == ((39,), (99,))


def test_what_are_no_tokens_is_refused() -> None:
    for bad in ("x", "1 2;-3", "1;2 y", "1.5"):
        with pytest.raises(BadTrajectory):
            kept_paths(bad, ())


def test_every_text_is_given_with_its_probability() -> None:
    tried = PathScores(((1, 2), (3,)), ((0.5, 0.1), (0.25,)), {1: b"a", 2: b" b", 3: b"\xf0"}, 9)
    whole = tried_data(tried)
    assert [one["probability"] for one in whole] == [pytest.approx(0.05), 0.25]
    assert whole[0]["tokens"][1] == {"id": 2, "text": " b", "probability": 0.1}
    assert tried_data(None) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_t7_nothing_that_was_written_becomes_markup(text: str) -> None:
    shown = text.replace(" ", "\N{MIDDLE DOT}")
    tried = PathScores(((1,), (2,)), ((0.5,), (0.5,)), {1: text.encode(), 2: b"a"}, 9)
    drawn = str(fork(tried))
    assert "<img" not in drawn and "<script" not in drawn
    value = json.loads(html.unescape(re.search('data-value="(.*?)"', drawn)[1]))
    (((token, probability, spans),), second) = value["paths"]
    assert (token, probability, "".join(one for one, _ in spans)) == (1, 0.5, shown)
    assert second == [[2, 0.5, [["a", False]]]]
