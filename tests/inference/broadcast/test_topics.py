"""Topics: said once, followed by many, bounded and forgotten."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from inference.broadcast.topics import QUIET, Topic, Topics
from inference.errors import FullHouse, NoTopic, TooManyTopics
from inference.limits import Limits

LIMITS = replace(Limits(), topics=3, topic_followers=2, topic_seconds=3600.0)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def said(topic: Topic, at: int = 0) -> list[tuple[int, Any]]:
    """What a follower is told, as a browser reads it: the id and the data of each event."""
    found = []
    for message in topic.since(at).messages:
        number, data, *rest = message.decode().split("\n")
        assert rest == ["", ""]
        found.append((int(number.removeprefix("id: ")), json.loads(data.removeprefix("data: "))))
    return found


def test_everybody_is_told_the_same_and_who_comes_late_all_of_it() -> None:
    topics = Topics(LIMITS)
    topic = topics.open()
    turn = topic.begin()
    topic.say(turn, {"a": 1})
    early = topic.since(0)
    topic.say(turn, "zwei\nLinien")
    assert said(topic) == [(1, {"a": 1}), (2, "zwei\nLinien")]
    assert said(topic, early.at) == [(2, "zwei\nLinien")]
    one, other = topic.since(0).messages, topics.by_code(topic.code).since(0).messages
    assert all(mine is theirs for mine, theirs in zip(one, other, strict=True))


def test_a_place_that_is_none_begins_at_the_oldest_that_is_kept() -> None:
    topic = Topics(LIMITS).open()
    turn = topic.begin()
    for message in ("one", "two"):
        topic.say(turn, message)
    topic.say(turn, "all", whole=True)
    topic.say(turn, "more")
    for place in (0, 1, 99, -4):
        assert said(topic, place) == [(3, "all"), (4, "more")], place
    assert said(topic, 2) == [(3, "all"), (4, "more")]
    assert said(topic, 3) == [(4, "more")] and said(topic, 4) == []


def test_who_speaks_later_is_heard_alone() -> None:
    topic = Topics(LIMITS).open()
    first = topic.begin()
    second = topic.begin()
    assert topic.say(second, "new", whole=True) and not topic.say(first, "old")
    assert said(topic) == [(1, "new")]


def test_followers_are_woken_counted_and_capped() -> None:
    topic = Topics(LIMITS).open()
    woken: list[str] = []
    with topic.followed(lambda: woken.append("a")), topic.followed(lambda: woken.append("b")):
        assert topic.followers == 2
        with pytest.raises(FullHouse, match="more than 2 people"), topic.followed(print):
            pass
        topic.say(topic.begin(), "x")
    assert sorted(woken) == ["a", "b"] and topic.followers == 0
    topic.say(topic.begin(), "y")
    assert len(woken) == 2


def test_a_topic_is_forgotten_an_hour_after_its_last_word() -> None:
    clock = Clock()
    topics = Topics(LIMITS, clock)
    topic = topics.open()
    clock.now += 3000
    topic.say(topic.begin(), "still there")
    clock.now += 3000
    assert topics.by_code(topic.code) is topics.by_key(topic.key) is topic
    clock.now += 601
    assert topic.since(0).over
    for asked in (topics.by_code, topics.by_key):
        with pytest.raises(NoTopic, match="an hour after the last word"):
            asked(topic.code)
    assert len(topics) == 0 and not topic.say(topic.begin(), "too late")


@pytest.mark.parametrize("name", ["", "x" * 22, "..", "\0"])
def test_an_invented_link_leads_nowhere(name: str) -> None:
    topics = Topics(LIMITS)
    opened = topics.open()
    for asked in (topics.by_code, topics.by_key):
        with pytest.raises(NoTopic):
            asked(name)
    with pytest.raises(NoTopic):  # who follows cannot speak
        topics.by_key(opened.code)
    with pytest.raises(NoTopic):
        topics.by_code(opened.key)


def test_where_there_are_too_many_the_quietest_that_nobody_follows_goes() -> None:
    clock = Clock()
    topics = Topics(LIMITS, clock)
    followed, quiet, _ = (topics.open() for _ in range(3))
    with pytest.raises(TooManyTopics):
        topics.open()
    clock.now += QUIET
    with followed.followed(lambda: None):
        topics.open()
        assert topics.by_code(followed.code) is followed
    with pytest.raises(NoTopic):
        topics.by_code(quiet.code)
    assert quiet.since(0).over and len(topics) == 3


def test_a_code_that_is_taken_is_made_up_again() -> None:
    topics, codes = Topics(LIMITS), iter(["KILO", "KILO", "KILO", "LIMA"])
    assert [topics.open(lambda: next(codes)).code for _ in range(2)] == ["KILO", "LIMA"]


def test_nothing_is_lost_where_many_threads_speak_and_follow() -> None:
    topic = Topics(LIMITS).open()
    turn = topic.begin()
    speakers = [
        threading.Thread(target=lambda: [topic.say(turn, i) for i in range(200)]) for _ in range(4)
    ]
    for one in speakers:
        one.start()
    heard: list[tuple[int, Any]] = []
    while any(one.is_alive() for one in speakers) or len(heard) < 800:
        heard += said(topic, len(heard))
    assert [number for number, _ in heard] == list(range(1, 801))
    assert sorted(data for _, data in heard) == sorted([*range(200)] * 4)
