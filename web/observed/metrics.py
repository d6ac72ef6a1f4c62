"""`/metrics` in the format of Prometheus, where the app was started with `--metrics`.

What is counted is read from the service at every scrape, so that nobody pays for it in between;
only the lag of the event loop is sampled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from inference.status import STEP_SECONDS, ModelStatus, ServiceStatus, Work
from web.routes import without_root

PATH = "/metrics"
SAMPLE = 0.5  # seconds between two samples of the event loop's lag
LAGS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
NOW = ("arriving", "queued", "running")


def metrics(
    status: Callable[[], ServiceStatus],
    ended: Callable[[], Mapping[Any, int]],
    updates: Callable[[], int],
) -> list[Middleware]:
    """To stand before all others. ended: requests by kind and end. updates: results that were
    sent to people."""
    return [Middleware(Metrics, collector=ServiceCollector(status, ended, updates))]


class Metrics:
    """Answers `/metrics`, and lets everything else pass."""

    def __init__(self, app: ASGIApp, collector: Collector) -> None:
        self._app = app
        self._registry = CollectorRegistry()
        self._registry.register(collector)
        ProcessCollector(registry=self._registry)
        self._lag = Histogram(
            "orrery_event_loop_lag_seconds",
            "How late the event loop of the page is.",
            buckets=LAGS,
            registry=self._registry,
        )
        self._sampling: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._sampling is None:
            self._sampling = asyncio.create_task(self._sample())
        if scope["type"] == "http" and without_root(scope) == PATH:
            body = generate_latest(self._registry)
            await Response(body, media_type=CONTENT_TYPE_LATEST)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _sample(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + SAMPLE
            await asyncio.sleep(SAMPLE)
            self._lag.observe(max(0.0, loop.time() - due))


class ServiceCollector(Collector):
    """The service's own counters, as they are at the moment of a scrape."""

    def __init__(
        self,
        status: Callable[[], ServiceStatus],
        ended: Callable[[], Mapping[Any, int]],
        updates: Callable[[], int],
    ) -> None:
        self._status, self._ended, self._updates = status, ended, updates

    def collect(self) -> Iterator[Metric]:
        status = self._status()
        yield from self._requests(status)
        yield from work(status.work)
        yield from models(status.models)

    def _requests(self, status: ServiceStatus) -> Iterator[Metric]:
        now = GaugeMetricFamily(
            "orrery_requests", "Requests that are under way, by state.", labels=["state"]
        )
        for state in NOW:
            now.add_metric([state], getattr(status.requests, state))
        yield now
        ended = CounterMetricFamily(
            "orrery_requests_ended", "Requests by kind and end.", labels=["kind", "state"]
        )
        for labels, many in self._ended().items():
            ended.add_metric(list(labels), many)
        yield ended
        yield CounterMetricFamily(
            "orrery_updates", "Results and their beginnings sent to people.", value=self._updates()
        )
        yield GaugeMetricFamily(
            "orrery_queue_length", "Requests that run or wait.", value=status.waiting
        )


def work(done: Work) -> Iterator[Metric]:
    """What the worker has done, and what is under way."""
    yield CounterMetricFamily("orrery_tokens", "Tokens written by all rows.", value=done.tokens)
    below, buckets = 0, []
    for bound, many in zip((*map(str, STEP_SECONDS), "+Inf"), done.steps, strict=True):
        below += many
        buckets.append((bound, below))
    yield HistogramMetricFamily(
        "orrery_step_seconds", "Steps of running batches.", buckets=buckets, sum_value=done.seconds
    )
    yield GaugeMetricFamily("orrery_batch_rows", "Rows of running batches.", value=done.rows)
    yield GaugeMetricFamily(
        "orrery_queue_oldest_seconds",
        "Age of the oldest request that has not begun.",
        value=done.oldest_seconds,
    )
    yield CounterMetricFamily("orrery_trainings", "Trainings begun.", value=done.trainings)
    yield GaugeMetricFamily("orrery_trainings_running", "Trainings now.", value=done.training)


def models(found: tuple[ModelStatus, ...]) -> Iterator[Metric]:
    """Which models are in memory, how often each was loaded, and which cannot be used."""
    loads = CounterMetricFamily("orrery_model_loads", "Loads of a model.", labels=["model"])
    memory = GaugeMetricFamily(
        "orrery_model_memory_bytes", "Memory of a model that is loaded.", labels=["model"]
    )
    available = GaugeMetricFamily(
        "orrery_model_available", "1 for a model that can be used, 0 for others.", labels=["model"]
    )
    for one in found:
        loads.add_metric([one.name], one.loads)
        memory.add_metric([one.name], 1e6 * one.megabytes if one.loaded else 0.0)
        available.add_metric([one.name], float(one.available))
    yield from (loads, memory, available)
