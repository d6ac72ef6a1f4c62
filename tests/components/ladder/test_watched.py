"""What those are shown who watch a training, and how they are told its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from components.ladder import train
from components.ladder.bench import watched
from components.lean.pages import lean_pages, openers
from inference.broadcast.rooms import Rooms
from inference.broadcast.topics import Topic, Topics
from inference.errors import ProcessLost
from inference.limits import Limits
from inference.tasks.ladder.train import Run
from inference.types.waiting import Waiting
from tests.components.ladder.test_train import DIALS, DONE, Trains
from tests.inference.broadcast.test_state import heard


class Shows(Trains):
    """A service with topics, whose trainings may end in an error."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(f"trained-{'k' * 22}")
        self.error = error

    def run(self, task: Any, session: str | None) -> Iterator[Waiting | Run]:
        yield from super().run(task, session)
        if self.error:
            raise self.error


def asked(service: Shows, topic: Topic, code: str = "") -> Iterator[train.Bench]:
    key = f"{topic.key}.{code or topic.code}"
    return train.ask(service, "me", "", *DIALS, key)  # type: ignore[arg-type]


def test_they_see_what_the_page_sees_but_not_the_name_of_the_model() -> None:
    service = Shows()
    topic = service.topics.open()
    *_, last = asked(service, topic)
    shown = heard(topic)
    assert shown["told"] == watched.DONE and shown["note"] == ""
    theirs, mine = shown["value"], train.compact_bench(last, shown["value"]["id"])
    assert mine["runs"][0]["model"]["name"].startswith("trained-")
    assert b"trained-" not in b"".join(topic.since(0).messages)
    mine["runs"][0]["model"] = None
    assert theirs == json.loads(json.dumps(mine))


def test_they_are_told_at_once_that_it_begins_and_that_it_was_stopped() -> None:
    service = Shows()
    topic = service.topics.open()
    news = asked(service, topic)
    next(news)
    assert heard(topic)["told"] == watched.WAITS
    for _ in range(2):
        next(news)
    news.close()  # type: ignore[attr-defined]
    shown = heard(topic)
    assert shown["told"] == watched.STOPPED and shown["value"]["runs"][0]["points"]
    assert shown["value"]["stopped"]  # so that no line says how long it will take


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ProcessLost(), watched.FAILED.format(ProcessLost())),
        (KeyError("secret"), watched.WRONG),
    ],
)
def test_they_are_told_what_went_wrong(error: Exception, told: str) -> None:
    service = Shows(error)
    topic, seen = service.topics.open(), []
    with pytest.raises(type(error)):
        seen.extend(asked(service, topic))
    assert seen[-1].stopped and seen[-1].runs and not seen[-2].stopped
    assert heard(topic)["told"] == told and heard(topic)["value"]["stopped"]


def test_a_second_training_takes_the_place_of_the_first() -> None:
    service = Shows()
    topic = service.topics.open()
    first, second = asked(service, topic), asked(service, topic)
    next(first)
    next(second)
    begun = heard(topic)["value"]["id"]
    first.close()  # type: ignore[attr-defined]
    assert heard(topic)["value"]["id"] == begun and heard(topic)["told"] == watched.WAITS


@pytest.mark.parametrize("key", ["x" * 22, "<b>", f"{'k' * 22}.{'c' * 22}"])
def test_a_key_that_is_none_is_said_and_the_training_goes_on(key: str) -> None:
    *_, last = train.ask(Shows(), "me", "", *DIALS, key)  # type: ignore[arg-type]
    assert last.note == watched.GONE and last.runs == (replace(DONE, kept=last.runs[0].kept),)


def test_a_topic_is_opened_with_a_code_for_its_address() -> None:
    topics = Topics(Limits())
    service = SimpleNamespace(topics=topics, rooms=Rooms(topics))
    opens = openers(service)["watch"]  # type: ignore[arg-type]
    room = openers(service)["room"]("http://lab.example.org/room/")  # type: ignore[arg-type]
    assert service.rooms.open().code != room["code"] and len(str(room["code"])) == 5
    told = opens("http://lab.example.org/watch/")
    assert topics.by_key(str(told["key"])) is topics.by_code(str(told["code"]))
    assert told["qr"]
    for address in ("", "javascript:alert(1)", "http://" + "x" * 200):
        assert opens(address)["qr"] is None


def test_the_page_is_lean_and_has_all_that_it_needs() -> None:
    page = lean_pages()["watch"]
    assert len(page) < 60_000
    for part in ('orrery.widget("bench"', "orrery.follow =", "--orrery-accent: #ff8a7a", "</html>"):
        assert part in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "") and "{{" not in page
