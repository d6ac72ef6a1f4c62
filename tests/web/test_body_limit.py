"""A body ends at its limit, announced or not."""

from __future__ import annotations

import json

import pytest
from starlette.types import Receive, Scope, Send

from tests.web.asking import ask
from tests.web.conftest import Live
from web.events import EVENT_BYTES, OTHER_BYTES, BodyLimit
from web.responses import refusal

JOIN = "/gradio_api/queue/join"


async def echo_size(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the size of the body, as one that reads it in pieces would see it."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await refusal(200, str(size))(scope, receive, send)


@pytest.mark.parametrize(
    ("path", "limit"), [(JOIN, EVENT_BYTES), ("/gradio_api/cancel", OTHER_BYTES)]
)
@pytest.mark.parametrize("chunk", [1000, 10**9])
def test_the_limit_is_met_to_the_byte(path: str, limit: int, chunk: int) -> None:
    for size, status in ((limit, 200), (limit + 1, 413)):
        body = b"x" * size
        chunks = [body[start : start + chunk] for start in range(0, size, chunk)]
        answer = ask(BodyLimit(echo_size), path, "POST", body=chunks)
        assert answer.status == status
        if status == 200:
            assert json.loads(answer.body)["detail"] == str(size)


def test_an_announced_length_is_refused_unread() -> None:

    headers = {"content-length": str(10**30)}
    answer = ask(BodyLimit(echo_size), JOIN, "POST", headers, [b"x"])
    assert answer.status == 413


def test_a_read_that_the_client_leaves_reaches_the_app_as_that() -> None:
    answer = ask(BodyLimit(echo_size), JOIN, "POST", body=())
    assert json.loads(answer.body)["detail"] == "0"


@pytest.mark.parametrize("chunked", [False, True])
def test_the_running_app_answers_with_a_sentence(live: Live, chunked: bool) -> None:
    text = b"x" * 2_000_000
    answer = live.http.post(JOIN, content=iter([text[:999], text]) if chunked else text)
    assert answer.status_code == 413
    assert answer.json()["detail"].startswith("This is more than 256 kB at once")
