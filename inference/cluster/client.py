"""The backend of a page whose models run on other machines. See `protocol`."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

import httpx

from inference.backend import BackendStatus
from inference.cluster.protocol import SESSION, VERSION, ClusterStatus, Lane, version
from inference.errors import InternalError, OrreryError, ProcessLost, TimedOut, Unreachable
from inference.limits import Limits
from inference.scheduling.job import Clock
from inference.task import ProcessTask, Result, Task
from inference.types.waiting import Waiting

T = TypeVar("T")
N = TypeVar("N")
log = logging.getLogger(__name__)
SILENCE = 5.0
"""Seconds without a word after which a replica counts as hung: it says something four times a
second, whatever it does."""
CONNECT = 3.0  # seconds
LOOK = 2.0  # seconds between two looks at the status
GONE = BackendStatus("unreachable", "", (), 0, 0.0, "The machines that run the models are away.")


class Lost(Exception):
    """The connection, or what answered, has gone in the midst of it."""


class NeedsFiles(Exception):
    """The model was trained by a visitor, and this replica does not hold it yet."""


class RemoteBackend:
    """Asks a cluster; fulfils `Backend`. Safe to call from any thread.

    What was under way on a replica that is lost goes on elsewhere. A task computes the same again,
    dice and all, so the other replica is told how much of it has been shown and sends what is new.
    """

    def __init__(
        self,
        url: str,
        limits: Limits,
        files: Callable[[str], Mapping[str, bytes]] = lambda name: {},
        clock: Clock = time.monotonic,
    ) -> None:
        """url: of the cluster, http or https. files: of a model that a visitor has trained."""
        self._limits, self._files, self._clock = limits, files, clock
        self._client = httpx.Client(
            base_url=url,
            headers={VERSION: version()},
            timeout=httpx.Timeout(SILENCE, connect=CONNECT, pool=limits.seconds),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=limits.jobs),
            trust_env=False,  # a proxy of the machine is for the world outside
        )
        self._status = GONE
        self._closed = threading.Event()
        threading.Thread(target=self._look, name="orrery-cluster", daemon=True).start()

    @cached_property
    def _classes(self) -> Mapping[str, type[Any]]:
        """What may be read from an answer; collected once, at the first."""
        from inference import wire  # noqa: PLC0415  # it knows all tasks, some of which know torch

        return wire.known()

    @property
    def status(self) -> BackendStatus:
        """As it was a moment ago: looking at it waits for nobody."""
        return self._status

    def cluster(self) -> ClusterStatus:
        """How the cluster is, asked now. Raises Unreachable."""
        from inference import wire  # noqa: PLC0415  # see above

        try:
            answer = self._client.get("/status/").raise_for_status()
            found: ClusterStatus = wire.loads(answer.content, self._classes)
            return found
        except (httpx.HTTPError, ValueError) as error:
            raise Unreachable from error

    def open(self, model: str) -> None:
        try:
            timeout = httpx.Timeout(self._limits.seconds, connect=CONNECT)
            answer = self._client.post("/decode/open", json={"model": model}, timeout=timeout)
        except httpx.HTTPError as error:
            raise Unreachable from error
        if answer.is_error:
            refused = refusal(answer, self._classes)
            raise refused if isinstance(refused, OrreryError) else Unreachable()

    def run(
        self, task: Task[N, Any], session: str | None, after: int = 0
    ) -> Generator[Waiting | Result[N], None, None]:
        """As `Backend.run`. Raises Unreachable where nobody has answered within its time, and
        ProcessLost where a process of its own was lost that had shown something."""
        lane: Lane = "train" if isinstance(task, ProcessTask) else "decode"
        ends, done, tries = self._clock() + self._limits.seconds, after, 0
        while True:
            try:
                for news in self._asked(lane, task, session, done, tries):
                    if isinstance(news, Result):
                        done = max(done, news.done, 1)
                    yield news
                return
            except Lost as lost:
                if not tries:
                    log.warning("a replica is lost: %s", lost)
            if lane == "train" and done:
                raise ProcessLost
            if self._clock() > ends:
                raise TimedOut(self._limits.seconds) if done else Unreachable()
            yield Waiting()
            time.sleep(self._limits.heartbeat_seconds)
            tries += 1

    def close(self, seconds: float) -> None:
        self._closed.set()
        self._client.close()

    def _asked(
        self, lane: Lane, task: Task[N, Any], session: str | None, after: int, tries: int
    ) -> Iterator[Waiting | Result[N]]:
        """Ask one replica. Raises Lost where it does not answer to the end."""
        from inference import wire  # noqa: PLC0415  # see above

        asked = {"task": wire.plain(task), "session": session, "after": after, "files": None}
        # to try again is to be somebody else: the replica that holds the page may hang
        page = {SESSION: f"{session}-{tries}" if tries else session} if session else {}
        try:
            yield from self._lines(lane, asked, page)
        except NeedsFiles:
            asked["files"] = wire.plain(dict(self._files(task.model)))
            yield from self._lines(lane, asked, page)

    def _lines(self, lane: Lane, asked: Any, page: Mapping[str, str]) -> Iterator[Any]:
        """The news of one answer. Raises Lost, NeedsFiles, and the errors of the backend."""
        from inference import wire  # noqa: PLC0415  # see above
        from inference.cluster.growth import grown  # noqa: PLC0415  # likewise

        classes, held = self._classes, None
        body, path = wire.encoded(asked), f"/{lane}/run"
        try:
            with self._client.stream("POST", path, content=body, headers=page) as answer:
                if answer.is_error:
                    answer.read()
                    raise refusal(answer, classes)
                for kind, said in map(parsed, answer.iter_lines()):
                    if kind == "end":
                        return
                    if kind == "files":
                        raise NeedsFiles
                    if kind == "failure":
                        raise told(wire.built(said, classes).error)
                    if kind == "waiting":
                        yield wire.built(said, classes)
                    else:
                        held = grown(held, said, classes)
                        yield held
        except httpx.TransportError as error:
            raise Lost(type(error).__name__) from error
        raise Lost("the answer has no end")

    def _look(self) -> None:
        """Ask for the status, again and again, until it is closed."""
        while not self._closed.is_set():
            try:
                self._status = self.cluster().backend
            except Unreachable:
                self._status = replace(self._status, note=GONE.note)
            self._closed.wait(LOOK)


def told(error: OrreryError) -> OrreryError:
    """The same error; a fault of ours is in the log of this process too, as the person reads it."""
    if isinstance(error, InternalError):
        log.error("reference %s, on a replica: %s", error.reference, error.cause)
    return error


def parsed(line: str) -> tuple[str, Any]:
    """What kind of line it is, and what it says. Raises Lost where it was cut off."""
    try:
        ((kind, said),) = json.loads(line).items()
    except ValueError as error:
        raise Lost("a line has no end") from error
    return kind, said


def refusal(answer: httpx.Response, classes: Any) -> Exception:
    """What to raise for an answer that is no stream: what our server says, or else Lost."""
    from inference import wire  # noqa: PLC0415  # see above

    try:
        error: OrreryError = wire.built(answer.json(), classes).error
    except (ValueError, KeyError, TypeError, AttributeError):  # a proxy without a replica behind it
        return Lost(f"status {answer.status_code}")
    return error
