"""Any backend behind HTTP: one question a request, its news as lines. See `protocol`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import anyio
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from inference import wire
from inference.backend import Backend
from inference.cluster.growth import growth
from inference.cluster.protocol import VERSION, version
from inference.entry import TRAINED
from inference.errors import InternalError, OrreryError, OtherVersion
from inference.limits import Limits
from inference.loading.trained import TrainedModels
from inference.scheduling.request_counts import RequestCounts
from inference.status import Counts
from inference.task import Failure, Result, Task
from inference.types.waiting import Waiting

END = b'{"end":null}\n'
LINES = "application/x-ndjson"
FILES = b'{"files":null}\n'


class BackendServer:
    """Answers requests of `client.RemoteBackend`; belongs to one event loop."""

    def __init__(self, backend: Backend, trained: TrainedModels, limits: Limits) -> None:
        """trained: the store that `backend` finds models of visitors in."""
        self._backend = backend
        self._trained = trained
        self._classes = wire.known()
        self._counts = RequestCounts()
        # Whoever waits for news holds a thread; beyond so many the backend's queue refuses.
        self._threads = anyio.CapacityLimiter(2 * limits.jobs)

    @property
    def counts(self) -> Counts:
        return self._counts.counts

    async def run(self, request: Request) -> Response:
        """The stream of one question's news; 409 where the sender is of another version."""
        if request.headers.get(VERSION) != version():
            return JSONResponse(wire.plain(Failure.of(OtherVersion())), 409)
        try:
            asked = json.loads(await request.body())
            task: Task[Any, Any] = wire.built(asked["task"], self._classes)
            if asked["files"] is not None:
                self._trained.restore(task.model, wire.built(asked["files"], self._classes))
            elif task.model.startswith(TRAINED) and self._trained.folder(task.model) is None:
                return Response(FILES, media_type=LINES)
            news = self._news(task, asked["session"], asked["after"])
        except ClientDisconnect:
            return Response(status_code=499)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return JSONResponse(wire.plain(Failure.of(InternalError(error))), 400)
        return StreamingResponse(self._lines(news), media_type=LINES)

    async def open(self, request: Request) -> Response:
        """Load a model, and answer once it is there."""
        if request.headers.get(VERSION) != version():
            return JSONResponse(wire.plain(Failure.of(OtherVersion())), 409)
        asked = json.loads(await request.body())
        try:
            await run_sync(self._backend.open, asked["model"], limiter=self._threads)
        except OrreryError as error:
            return JSONResponse(wire.plain(Failure.of(error)), 503)
        return JSONResponse({})

    def _news(
        self, task: Task[Any, Any], session: str | None, after: int
    ) -> Iterator[Waiting | Result[Any]]:
        """As the backend's, and counted."""
        with (
            self._counts.request(type(task).__name__) as request,
            closing(self._backend.run(task, session, after)) as stream,
        ):
            for news in stream:
                request.queued() if isinstance(news, Waiting) else request.running()
                yield news

    async def _lines(self, news: Iterator[Waiting | Result[Any]]) -> AsyncIterator[bytes]:
        """Every line of the answer. Leaving it cancels the work within one slice."""
        last: Result[Any] | None = None
        try:
            while (one := await self._thread(partial(next, news, None))) is not None:
                if isinstance(one, Waiting):
                    yield wire.encoded({"waiting": wire.plain(one)}) + b"\n"
                else:
                    yield wire.encoded({"news": growth(last, one)}) + b"\n"
                    last = one
            yield END
        except OrreryError as error:
            yield wire.encoded({"failure": wire.plain(Failure.of(error))}) + b"\n"
        except Exception as error:
            yield wire.encoded({"failure": wire.plain(Failure.of(InternalError(error)))}) + b"\n"
        finally:
            with anyio.CancelScope(shield=True):
                await self._thread(news.close)  # type: ignore[attr-defined]

    async def _thread(self, work: Any) -> Any:
        return await run_sync(work, limiter=self._threads)
