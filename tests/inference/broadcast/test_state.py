"""A state that grows is sent as what has changed, and put together again it is the same."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inference.broadcast import state
from inference.broadcast.growing import patch
from inference.broadcast.state import State
from inference.broadcast.topics import Topics
from inference.limits import Limits
from tests.inference.broadcast.test_topics import Clock, said

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=8,
)


def patched(old: Any, change: dict[str, Any]) -> Any:
    """What the browser does (components/shared/js/following.js)."""
    if "=" in change:
        return change["="]
    new = [*old] if isinstance(old, list) else {**old} if isinstance(old, dict) else old
    for name, one in change.get(".", {}).items():
        at = int(name) if isinstance(new, list) else name
        known = old[at] if isinstance(old, list) else old.get(at)
        new[at] = patched(known, one)
    return [*new, *change["+"]] if "+" in change else new


@given(JSON, JSON)
def test_any_state_becomes_any_other(old: Any, new: Any) -> None:
    change = json.loads(json.dumps(patch(old, new)))
    assert json.dumps(patched(old, change), sort_keys=True) == json.dumps(new, sort_keys=True)
    assert bool(change) == (json.dumps(old, sort_keys=True) != json.dumps(new, sort_keys=True))


def test_what_grows_costs_what_is_new() -> None:
    old = {"runs": [{"points": [[0, 1.5]], "step": 0}], "note": "", "same": "x" * 1000}
    new = {"runs": [{"points": [[0, 1.5], [9, 1.2]], "step": 9}], "note": "", "same": "x" * 1000}
    assert patch(old, new) == {
        ".": {"runs": {".": {"0": {".": {"points": {"+": [[9, 1.2]]}, "step": {"=": 9}}}}}}
    }


def heard(topic: Any, at: int = 0) -> Any:
    """The state that a browser has which comes now."""
    found = None
    for _, change in said(topic, at):
        found = patched(found, change)
    return found


def test_whoever_comes_whenever_sees_the_same() -> None:
    clock, topics = Clock(), Topics(Limits())
    topic = topics.open()
    speaker = State(topic, clock)
    shown: dict[str, Any] = {"points": [], "step": 0}
    early = None
    at = 0
    for step in range(40):
        shown = {"points": [*shown["points"], (step, "x" * 4000)], "step": step}
        clock.now += state.EVERY
        speaker.show(shown)
        for _, change in said(topic, at):
            early = patched(early, change)
        at = topic.since(at).at
        assert early == heard(topic) == json.loads(json.dumps(shown))
    kept = sum(map(len, topic.since(0).messages))
    assert kept < 2 * len(json.dumps(shown)) + state.MOST < 500_000  # and not all that was said


def test_a_state_right_after_another_waits_unless_it_is_the_last() -> None:
    clock, topic = Clock(), Topics(Limits()).open()
    speaker = State(topic, clock)
    speaker.show(1)
    speaker.show(2)
    assert heard(topic) == 1
    speaker.show(3, at_once=True)
    assert heard(topic) == 3
    clock.now += state.EVERY
    speaker.show(4)
    assert heard(topic) == 4


def test_who_speaks_anew_begins_anew() -> None:
    topic = Topics(Limits()).open()
    first, second = State(topic), State(topic)
    first.show({"of": "the first"})
    second.show({"of": "the second"})
    first.show({"of": "the first", "more": 1}, at_once=True)
    assert heard(topic) == {"of": "the second"}
