"""What a load balancer reads."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from inference.status import ModelStatus, ServiceStatus
from tests.web.asking import Answer, ask
from tests.web.conftest import Live
from web.health import Healthz
from web.responses import refusal

WORKING = ServiceStatus(
    "cpu", (ModelStatus("storyteller", available=True),), waiting=2, tokens_per_second=70.5
)


def health(
    status: ServiceStatus = WORKING, closing: bool = False, path: str = "/healthz"
) -> Answer:
    beyond = refusal(418, "the app")
    return ask(Healthz(beyond, status=lambda: status, closing=lambda: closing), path)


def test_a_working_app_is_ok_and_says_what_the_status_line_says() -> None:
    answer = health()
    facts = json.loads(answer.body)
    assert answer.status == 200
    assert facts["ok"] is True
    assert facts["device"] == "cpu"
    assert facts["waiting"] == 2
    assert facts["models"][0]["name"] == "storyteller"
    assert facts["uptime_seconds"] >= 0
    assert answer.headers["cache-control"] == "no-store"


def test_an_app_that_is_closing_wants_no_new_visitors() -> None:
    answer = health(closing=True)
    assert answer.status == 503
    assert json.loads(answer.body)["ok"] is False


def test_one_model_that_works_is_enough_and_none_is_not() -> None:
    gone = ModelStatus("storyteller", available=False, reason="its weights are missing.")
    words = ModelStatus("word-vectors", available=True)
    assert health(replace(WORKING, models=(gone, words))).status == 200
    assert health(replace(WORKING, models=(gone,))).status == 503


def test_other_paths_go_to_the_app() -> None:
    assert health(path="/healthz/").status == 418


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_running_app_answers(live: Live, method: str) -> None:
    assert live.http.request(method, "/healthz").status_code == 200
