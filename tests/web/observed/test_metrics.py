"""What Prometheus is told, read by its own parser, and that none of it is about a person."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from inference.entry import TRAINED
from inference.errors import OrreryError
from inference.limits import Limits
from inference.service import Service
from inference.status import STEP_SECONDS, ModelStatus, ServiceStatus, Work
from inference.tasks.generate import Generate
from inference.tasks.ladder.train import Train
from inference.types.options import GenerationOptions, LaneOptions, Settings
from web.observed.metrics import metrics

MONITORING = Path(__file__).parents[3] / "docs" / "monitoring"
GREEDY = GenerationOptions((LaneOptions("Greedy"),), new_tokens=12)
SECRET = "Zibbo the Quarl"


async def passed(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def scraped(
    status: Callable[[], ServiceStatus],
    ended: Callable[[], Any] = dict,
    updates: Callable[[], int] = lambda: 0,
    block: float = 0.0,
) -> tuple[str, dict[str, Metric]]:
    """The text of a scrape, and its families by name. block: seconds that the event loop hangs."""

    async def scrape() -> str:
        (middleware,) = metrics(status, ended, updates)
        app = middleware.cls(passed, *middleware.args, **middleware.kwargs)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
            assert (await client.get("/other")).status_code == 204
            if block:
                await asyncio.sleep(0.01)
                time.sleep(block)  # and the event loop with it
                await asyncio.sleep(0.01)
            answer = await client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=")
        return answer.text

    text = asyncio.run(scrape())
    return text, {one.name: one for one in text_string_to_metric_families(text)}


def value(found: dict[str, Metric], name: str, **labels: str) -> float:
    samples = [s for family in found.values() for s in family.samples]
    (one,) = [s.value for s in samples if s.name == name and s.labels == labels]
    return float(one)


@pytest.mark.weights
@pytest.mark.process
def test_a_scrape_says_what_was_done_and_nothing_of_who_did_it(checkpoints: Path) -> None:
    service = Service(checkpoints, device="cpu", limits=Limits(prompt_tokens=20))
    service.answer(Generate(SECRET, options=GREEDY), "session-of-somebody")
    with pytest.raises(OrreryError):
        service.answer(Generate("the " * 100, options=GREEDY))
    trained = service.answer(Train("", settings=Settings(text="names", width=16, steps=50)), "me")
    assert trained.kept
    service.answer(Generate("Emm", trained.kept, GREEDY), "me")
    text, found = scraped(
        lambda: service.status, lambda: service.counts.ended, lambda: service.counts.updates
    )
    assert value(found, "orrery_requests_ended_total", kind="Generate", state="done") == 2
    assert value(found, "orrery_requests_ended_total", kind="Generate", state="refused") == 1
    assert value(found, "orrery_requests_ended_total", kind="Train", state="done") == 1
    assert value(found, "orrery_trainings_total") == 1
    assert value(found, "orrery_trainings_running") == 0
    assert value(found, "orrery_updates_total") >= 3
    again = service.answer(Generate(SECRET, options=GREEDY))
    written = sum(len(lane.steps) for lane in again.lanes)
    assert written <= value(found, "orrery_tokens_total") <= 3 * written
    steps = value(found, "orrery_step_seconds_count")
    assert 0 < steps <= 3 * written
    assert value(found, "orrery_step_seconds_bucket", le="+Inf") == steps
    assert value(found, "orrery_model_loads_total", model="storyteller") == 1
    assert value(found, "orrery_model_memory_bytes", model="storyteller") > 1e7
    assert value(found, "orrery_model_available", model="storyteller") == 1
    assert value(found, "process_open_fds") > 0
    for private in ("Zibbo", "Quarl", "somebody", TRAINED):
        assert private not in text
    service.close(0.0)


def test_buckets_hold_what_took_at_most_so_long() -> None:
    work = Work(tokens=8, seconds=0.6, steps=(1, 2, 0, 0, 0, 1, 0, 0, 3), rows=5)
    models = (ModelStatus("a", False, reason="damaged"),)
    _, found = scraped(lambda: ServiceStatus("cpu", models, 4, 0.0, work=work))
    bounds = [str(bound) for bound in STEP_SECONDS] + ["+Inf"]
    counts = [value(found, "orrery_step_seconds_bucket", le=bound) for bound in bounds]
    assert counts == [1, 3, 3, 3, 3, 4, 4, 4, 7]
    assert value(found, "orrery_step_seconds_sum") == 0.6
    assert value(found, "orrery_batch_rows") == 5 and value(found, "orrery_queue_length") == 4
    assert value(found, "orrery_model_available", model="a") == 0


def test_a_loop_that_was_held_up_is_late() -> None:
    _, found = scraped(lambda: ServiceStatus("cpu", (), 0, 0.0), block=0.8)
    assert value(found, "orrery_event_loop_lag_seconds_count") >= 1
    assert value(found, "orrery_event_loop_lag_seconds_sum") >= 0.2


def named(expressions: str) -> set[str]:
    return set(re.findall(r"\b(?:orrery|process)_\w+", expressions))


def test_dashboard_and_alerts_ask_for_what_is_there() -> None:
    ended = {("Generate", "done"): 1}
    status = ServiceStatus("cpu", (ModelStatus("a", True),), 0, 0.0)
    text, _ = scraped(lambda: status, lambda: ended)
    there = set(re.findall(r"^(\w+)[{ ]", text, re.M))
    dashboard = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    asked = [t["expr"] for panel in dashboard["panels"] for t in panel["targets"]]
    assert len(asked) >= 10 and all(map(named, asked))
    alerts = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    assert rules and all(rule["annotations"]["summary"] for rule in rules)
    for expression in (*asked, *(rule["expr"] for rule in rules)):
        assert named(expression) <= there, expression
