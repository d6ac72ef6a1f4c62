"""The bench: what it asks for, what it tells, and what it hands to the browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest

from components.ladder import train
from components.ladder.bench.experiments import EXPERIMENTS
from components.ladder.train import Bench, Drawing, ask, data, described, named
from inference.broadcast.topics import Topics
from inference.limits import Limits
from inference.tasks.ladder.train import Train
from inference.types.waiting import Waiting
from learning.live.training import Point, Run, Sample, Settings, Share

POINTS = (Point(0, 4.7, 4.8, 0.0), Point(50, 3.123456789, None, 0.01, 0.5, (0.25, None)))
RUN = Run(100, 27, 900, 300, 3.5, ("embedding", "output"), POINTS, step=50, seconds=1.234)
DONE = replace(
    RUN, end="done", samples=(Sample(50, ("<b>", "")),), scores=(Share("familiar", 0.5, 1_000),)
)
DIALS = ("names", "", "lstm", 64, 0.01, 100, "adamw", 1, 32, 32, "linear", 0.0, 0.0, 1.0, 3)


class Trains:
    """A service whose trainings are done at once."""

    limits = Limits()

    def __init__(self, kept: str = "") -> None:
        self.asked: list[Train] = []
        self.kept = kept
        self.catalog = self
        self.topics = Topics(self.limits)

    def entry(self, name: str) -> SimpleNamespace:
        assert name == self.kept
        return SimpleNamespace(can=frozenset({"write", "keep a state"}))

    def run(self, task: Train, session: str | None) -> Iterator[Waiting | Run]:
        self.asked.append(task)
        yield Waiting(ahead=2, seconds=40.0)
        yield RUN
        yield replace(DONE, kept=self.kept)


def asked(experiment: str, *dials: Any) -> tuple[list[Bench], list[Train]]:
    service = Trains()
    return list(ask(service, "me", experiment, *dials)), service.asked  # type: ignore[arg-type]


def drawn(bench: Bench) -> tuple[str, dict[str, Any]]:
    remark, widget = Drawing()(bench)
    value = re.search(r'data-value="([^"]*)"', str(widget))
    assert value is not None
    return str(remark), json.loads(unescape(value[1]))


def test_the_dials_are_what_is_trained() -> None:
    benches, tasks = asked("", *DIALS)
    (task,) = tasks
    assert task.settings == Settings(
        "names", "lstm", 64, 1, 32, 32, 100, 0.01, "linear", "adamw", 0.0, 0.0, 1.0, 3
    )
    assert benches[-1].ended and benches[-1].runs == (DONE,)
    assert not benches[-2].ended
    assert benches[0].note == "2 people are ahead of you; about 40 s."
    assert benches[-1].note == ""


@pytest.mark.parametrize("label", EXPERIMENTS)
def test_an_experiment_trains_its_own_one_after_another(label: str) -> None:
    benches, tasks = asked(label, *DIALS)
    experiment = EXPERIMENTS[label]
    assert [task.settings for task in tasks] == list(experiment.runs.values())
    assert 1 < len(experiment.runs) <= 4
    assert len(set(experiment.runs.values())) == len(experiment.runs)
    told = [drawn(bench)[1] for bench in benches]
    assert {one["question"] for one in told} == {experiment.question}
    assert [bool(one["answer"]) for one in told] == [False] * (len(told) - 1) + [True]
    assert told[-1]["answer"] == experiment.answer
    assert len(data(benches[-1])["runs"]) == len(experiment.runs)


def test_an_experiment_that_there_is_none_of_is_told_and_the_dials_are_used() -> None:
    benches, tasks = asked("Alchemy <b>", *DIALS)
    assert tasks[0].settings.width == 64
    assert benches[-1].note == train.CLOSED


def test_the_data_is_exact_and_the_drawing_short() -> None:
    bench = Bench({"one": Settings(), "two": Settings()}, (DONE,))
    run = data(bench)["runs"][0]
    assert run["label"] == "one" and run["settings"]["rate"] == Settings().rate
    assert run["points"][1]["heldout"] == 3.123456789 and run["points"][1]["train"] is None
    json.dumps(data(bench), allow_nan=False)
    _, value = drawn(bench)
    assert value["runs"][0]["points"][1] == [50, 3.1235, None, 0.01, 0.5, 0.25, None]
    assert value["runs"][0]["samples"] == [[50, ["<b>", ""]]]
    assert value["runs"][1] == {
        "label": "two", "about": described(Settings()), "steps": Settings().steps, "points": [],
    }  # fmt: skip
    assert not value["ended"] and value["limit"] is None


def test_the_browser_is_told_by_what_name_to_ask_for_a_model_and_what_it_can_do() -> None:
    kept = f"trained-{'k' * 22}"
    benches = list(ask(Trains(kept), "me", "", *DIALS))  # type: ignore[arg-type]
    *before, last = [drawn(bench)[1] for bench in benches]
    assert not any(run.get("model") for value in before for run in value["runs"])
    title = "LSTM, rate 0.01"
    can = ["keep a state", "write"]
    assert last["runs"][0]["model"] == {"name": kept, "title": title, "can": can}
    assert last["keeps"] == 3_600
    assert data(benches[-1])["runs"][0]["kept"] == kept
    (run,) = drawn(replace(benches[-1], settings={"300 names": Settings()}))[1]["runs"]
    assert run["model"]["title"] == "LSTM, 300 names"


def test_two_presses_are_told_apart_and_the_news_of_one_are_not() -> None:
    one, two = Drawing(), Drawing()
    bench = Bench({"one": Settings()}, (RUN,))
    assert one(bench) == one(bench) != two(bench)


def test_a_run_that_was_out_of_time_says_so() -> None:
    assert Bench({"one": Settings()}, (replace(DONE, end="late"),)).note == train.LATE


@pytest.mark.parametrize(
    ("settings", "name", "line"),
    [
        (
            Settings(model="counted"),
            "Bigram, counted",
            "Names (10,000). Bigram, counted.",
        ),
        (
            Settings(text="own", model="gpt", steps=600, dropout=0.1, clip=0.0, optimiser="muon"),
            "Small GPT, rate 0.02",
            "Your own. Small GPT of width 128, 600 steps, Muon at 0.02, dropout 0.1, no clipping.",
        ),
    ],
)
def test_a_training_is_described_in_a_line(settings: Settings, name: str, line: str) -> None:
    assert named(settings) == name
    assert described(settings) == line
