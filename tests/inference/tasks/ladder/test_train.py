"""What a training may be asked for, and what is said of the rest."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from inference import wire
from inference.errors import EmptyText, NothingToLearn, OrreryError, OutOfRange, TooLong
from inference.limits import Limits
from inference.tasks.ladder.train import Train
from learning.live import training
from learning.live.texts import corpus
from learning.live.training import Point, Run, Sample, Settings, Share

OWN = Settings(text="own")


def test_the_defaults_can_be_asked_for() -> None:
    assert Train("", settings=Settings()).checked(Limits()).text == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"steps": 10**9},
        {"steps": 50.5},
        {"rate": 1e9},
        {"rate": math.nan},
        {"rate": 0.0},
        {"width": 8},
        {"width": True},
        {"layers": 5},
        {"window": 1},
        {"batch": 0},
        {"weight_decay": -0.1},
        {"dropout": 1.0},
        {"clip": math.inf},
        {"seed": -1},
    ],
)
def test_what_is_out_of_range_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(OutOfRange):
        Train("", settings=replace(Settings(), **wrong))


@pytest.mark.parametrize(
    "wrong",
    [{"text": "novels"}, {"model": "bert"}, {"schedule": ""}, {"optimiser": None}, {"width": 100}],
)
def test_what_there_is_none_of_is_refused_with_what_there_is(wrong: dict[str, Any]) -> None:
    with pytest.raises(OrreryError, match=r"one of|multiple of 8"):
        Train("", settings=replace(Settings(), **wrong))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (None, EmptyText),
        (" \n", EmptyText),
        ("a", NothingToLearn),
        ("a" * 5_000, NothingToLearn),
        ("abc" * 66, NothingToLearn),
        ("ab" * 150_000, TooLong),
        (7, OrreryError),
    ],
)
def test_a_text_that_cannot_be_used_is_refused(text: object, error: type[OrreryError]) -> None:
    with pytest.raises(error):
        Train(text, settings=OWN).checked(Limits())


def test_half_a_character_is_replaced_and_a_text_that_is_not_asked_for_dropped() -> None:
    checked = Train("ab\ud800" * 100, settings=OWN).checked(Limits())
    assert checked.text == "ab\N{REPLACEMENT CHARACTER}" * 100
    assert Train("mine " * 100).checked(Limits()).text == ""


def test_what_is_read_otherwise_than_it_was_typed_is_said() -> None:
    def said(text: str) -> str:
        return Train(text, settings=OWN).changed(Limits())

    many = "".join(map(chr, range(0x4E00, 0x4E00 + 5_000)))
    assert said("ab" * 100) == "" and Train("mine " * 100).changed(Limits()) == ""
    assert said(many).startswith("Of 5,000 different characters the rarest are read as one, U+FFFD")
    assert said("ab\ud800" * 100).startswith("100 characters were not valid Unicode")
    assert len(corpus("own", many).alphabet) == training.DIFFERENT
    with pytest.raises(NothingToLearn, match="it has 1 character, and"):
        said("a")


def test_task_and_news_survive_bytes() -> None:
    task = Train("some text", settings=Settings(text="own", rate=0.3))
    point = Point(3, None, 2.5, 0.01, 1.5, (1.0, None))
    run = Run(1, 2, 3, 4, 5.0, ("one",), (point,), (Sample(3, ("a\x00",)),), (Share("x", 0.5, 9),))
    for value in (task, run, Limits()):
        assert wire.loads(wire.dumps(value), wire.known()) == value
