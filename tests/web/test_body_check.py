"""A malformed event gets a sentence: never a 500, and never a line of its text in the log."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from tests.web.asking import ask
from tests.web.conftest import Live
from web.events import CANCEL, BodyCheck, Refused, cancellation, check
from web.responses import refusal

JOIN = "/gradio_api/queue/join"
JSON = {"content-type": "application/json; charset=utf-8"}
CANARY = "kingfisher-7f3a"
GOOD: dict[str, Any] = {"data": ["a"], "fn_index": 3, "session_hash": "abc", "trigger_id": None}


def is_text(value: object) -> str | None:
    return None if isinstance(value, str) else "Text must be text."


EVENTS = {3: (is_text,), 4: ()}


def body(**changes: object) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def test_a_good_event_reaches_the_app_whole() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((await receive())["body"])
        await refusal(200, "")(scope, receive, send)

    answer = ask(BodyCheck(app, EVENTS), JOIN, "POST", JSON, [body(data=["\ud800"])])
    assert (answer.status, seen) == (200, [body(data=["\ud800"])])


@pytest.mark.parametrize(
    "changes",
    [
        {"fn_index": 4, "data": []},
        {"event_data": {"index": 1}},
        {"event_id": None, "batched": False, "simple_format": False},  # as gradio_client sends
        {"trigger_id": 12},
    ],
)
def test_events_of_the_page_and_of_programs_pass(changes: dict[str, object]) -> None:
    check(body(**changes), EVENTS)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"data": []}, "takes a list of 1 inputs, not 0"),
        ({"data": ["a", "b"]}, "takes a list of 1 inputs, not 2"),
        ({"data": None}, "takes a list of 1 inputs, not none"),
        ({"data": {"a": 1}}, "takes a list of 1 inputs, not none"),
        ({"data": [3]}, "Text must be text"),
        ({"data": [{"path": "/etc/passwd"}]}, "Text must be text"),
        ({"fn_index": 99}, "no such event"),
        ({"fn_index": None}, "no such event"),
        ({"fn_index": "3"}, "no such event"),
        ({"fn_index": True}, "no such event"),
        ({"fn_index": 3.0}, "no such event"),
        ({"session_hash": None}, "session_hash"),
        ({"session_hash": "\ud800"}, "session_hash"),
        ({"session_hash": "x" * 65}, "session_hash"),
        ({"trigger_id": "x"}, "trigger_id"),
        ({"batched": True}, "no others"),
        ({"event_id": "x"}, "no others"),
        ({"surprise": None}, "no others"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        check(body(**changes), EVENTS)


@pytest.mark.parametrize(
    "fields",
    [
        {"session_hash": "b"},
        {"event_id": "\ud800"},
        {"event_id": "a", "session_hash": "b"},
        {"event_id": "a", "session_hash": "b", "fn_index": "c"},
        {"event_id": "a", "fn_index": 1},
        {"event_id": "a", "session_hash": "b", "fn_index": 1, "more": 10**400},
    ],
)
def test_what_names_no_event_cancels_none(fields: dict[str, object]) -> None:
    for wanted in CANCEL.values():
        with pytest.raises(Refused, match=r"must be|takes the fields"):
            cancellation(json.dumps(fields).encode(), wanted)


def test_an_event_is_cancelled_by_its_name() -> None:
    cancel, reset = CANCEL.values()
    named = {"event_id": "a1", "session_hash": "b2", "fn_index": 3}
    assert json.loads(cancellation(json.dumps(named).encode(), cancel)) == named
    assert json.loads(cancellation(b'{"event_id": "a1"}', reset)) == {"event_id": "a1"}


def test_a_page_may_cancel_what_it_has_not_been_told_the_id_of(live: Live) -> None:
    event = {"session_hash": "b2", "fn_index": 3}
    untold = {"event_id": None}
    for path, body in (
        ("cancel", event),
        ("cancel", event | untold),
        ("reset", {}),
        ("reset", untold),
    ):
        answer = live.http.post(f"/gradio_api/{path}", json=body)
        assert (answer.status_code, answer.json()) == (200, {"success": True})


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_taken_and_never_repeated(live: Live, kind: str) -> None:
    content = body(data=[CANARY])
    for route in ROUTES:
        answer = live.http.post(route, content=content, headers={"content-type": kind})
        assert (answer.status_code, CANARY in answer.text) == (415, False)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-32-be", "utf-8-sig"])
def test_only_utf_8_is_taken_and_never_logged(live: Live, encoding: str) -> None:
    content = body(data=[CANARY]).decode().encode(encoding)
    for route in ROUTES:
        answer = live.http.post(route, content=content, headers=JSON)
        assert answer.status_code == 400
        assert "one JSON object in UTF-8" in answer.json()["detail"]
    log = live.log.read_bytes()
    assert CANARY.encode() not in log and CANARY.encode("utf-16-le") not in log


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"data": [NaN]}',
        b'{"data": [-Infinity]}',
        b"[" * 100_000,
        b'{"fn_index": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused, match="one JSON object"):
        check(raw, EVENTS)


def test_the_sentence_never_repeats_what_was_typed() -> None:
    for changes in ({"data": [CANARY, CANARY]}, {"session_hash": f"{CANARY}!"}, {CANARY: 1}):
        with pytest.raises(Refused) as refused:
            check(body(**changes), EVENTS)
        assert CANARY not in str(refused.value)


# ---- the running app: seeded nonsense on every route that takes a body

ROUTES = (JOIN, "/gradio_api/run/predict", "/gradio_api/cancel", "/gradio_api/reset")
FILE = {"path": f"/tmp/{CANARY}", "meta": {"_type": "gradio.FileData"}}
ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**70, 10**400, 1e308),
    *("", "\x00", CANARY, f"{CANARY}\ud800"),
    *([], [[CANARY]], {}, FILE, {"__type__": "update"}),
)


def nonsense(dice: random.Random) -> bytes:
    """An event with a few fields gone wrong, or bytes that are none."""
    if dice.random() < 0.1:
        return dice.randbytes(dice.randrange(40))
    event = {
        "data": [dice.choice(ODD) for _ in range(dice.randrange(9))],
        "fn_index": dice.choice((*range(70), 999, *ODD)),
        "session_hash": dice.choice(("abc", "abd", *ODD)),
        "trigger_id": dice.choice((None, 1, 5000, *ODD)),
        "event_id": dice.choice((None, *ODD)),
        "event_data": dice.choice(ODD),
        dice.choice(("batched", "simple_format", "oauth_token", CANARY)): dice.choice(ODD),
    }
    for name in dice.sample(list(event), dice.randrange(4)):
        del event[name]
    return json.dumps(event).encode()


def test_no_nonsense_is_a_500_or_reaches_the_log(live: Live) -> None:
    dice = random.Random(4)
    for _ in range(600):
        content, route = nonsense(dice), dice.choice(ROUTES)
        answer = live.http.post(
            route, content=content, headers={"content-type": "application/json"}
        )
        assert answer.status_code < 500, (route, content, answer.text)
    assert live.http.get("/healthz").status_code == 200
    log = live.log.read_text(encoding="utf-8")
    assert CANARY not in log
    assert "Traceback" not in log


def test_a_wrong_number_on_the_running_app_names_its_input(live: Live) -> None:
    config = live.http.get("/config").json()
    generate = next(d for d in config["dependencies"] if d["api_name"] == "generation_lanes")
    values = [part["props"].get("value") for part in inputs_of(config, generate)]
    values[2] = 5
    event = {"data": values, "fn_index": generate["id"], "session_hash": "abc"}
    answer = live.http.post(JOIN, json=event)
    assert answer.status_code == 422
    said = [one["message"] for one in answer.json()["detail"] if not one["is_valid"]]
    assert said == ["Temperature is a number from 0.1 to 2, not 5."]


def inputs_of(config: Any, event: Any) -> list[Any]:
    by_id = {part["id"]: part for part in config["components"]}
    return [by_id[number] for number in event["inputs"]]
