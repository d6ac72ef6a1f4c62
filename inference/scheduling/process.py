"""Tasks in processes of their own: so many at once, the others in line, none left alone.

A process is spawned, never forked, and is spoken to in lines of bytes: the task goes in, its news
come out. It lives no longer than the person who asked for it looks on.
"""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from inference.errors import InternalError, ProcessLost, Restarted, TimedOut
from inference.limits import Limits
from inference.scheduling.job import Clock, Job
from inference.scheduling.request_queue import RequestQueue
from inference.scheduling.throughput import Workload
from inference.task import Failure, N, ProcessTask, Result
from inference.types.waiting import Waiting

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "inference.scheduling.child")


class ProcessPool:
    """Runs tasks in processes. Safe to call from any thread."""

    def __init__(
        self, limits: Limits, clock: Clock = time.monotonic, program: Sequence[str] = PROGRAM
    ) -> None:
        """program: reads a task and limits, writes its news, as `child.py` does."""
        at_once, waiting = limits.processes, limits.processes_waiting
        self.queue = RequestQueue(at_once + waiting, at_once)
        # A run of so many seconds is a row of as many steps, and takes as many seconds.
        self.queue.throughput.measured(at_once, 1.0)
        self._longest = limits.process_seconds * (1 + waiting / at_once)
        self._limits = limits
        self._clock = clock
        self._program = program
        self.begun = 0
        """Processes since the start."""

    def run(
        self, task: ProcessTask[N, Any], session: str | None
    ) -> Generator[Waiting | Result[N], None, None]:
        """As `Backend.run`. Raises Busy, ProcessLost, TimedOut, and what the process has raised."""
        limits = self._limits
        owner = session and (session, type(task).__name__)
        cost = Workload(1, math.ceil(task.seconds))
        job: Job[Result[N]] = Job(self._longest, owner, self._clock, cost, task)
        with self.queue.admitted(job):
            try:
                yield self.queue.waiting(job)
                while not self._begins(job):
                    yield self.queue.waiting(job)
                self.begun += 1
                with Process(self._program, task, limits, job):
                    for news in job.results(limits.update_seconds, limits.heartbeat_seconds):
                        yield Waiting() if news is None else news
            finally:
                self.queue.leave(job)

    @property
    def running(self) -> int:
        """Processes now."""
        return sum(job.running for job in self.queue.jobs())

    def close(self) -> None:
        """Admit nobody more, and end what runs and waits."""
        self.queue.close()
        for job in self.queue.jobs():
            job.end(Restarted())

    def _begins(self, job: Job[Any]) -> bool:
        """Wait until it is this job's turn, or it has ended; False after a heartbeat without."""
        if not job.ended:
            self.queue.next(short=False)  # whoever is first: everybody who waits asks for them
        if not job.ended and not job.running:
            with self.queue.news:
                self.queue.news.wait(self._limits.heartbeat_seconds)
        return job.running or job.ended


class Process:
    """One process that does one task for a job, from the beginning of a block to its end."""

    def __init__(self, program: Sequence[str], task: object, limits: Limits, job: Job[Any]) -> None:
        self._program, self._task, self._limits, self._job = program, task, limits, job

    def __enter__(self) -> None:
        from inference import wire  # noqa: PLC0415  # it knows all tasks, some of which know torch

        self._process = subprocess.Popen(
            self._program,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._late = threading.Timer(self._limits.process_seconds, self._too_late)
        self._reader = threading.Thread(target=self._read, args=(wire.known(),), daemon=True)
        self._late.start()
        self._reader.start()
        assert self._process.stdin is not None
        with suppress(OSError):  # it has ended; who reads its output says so
            for value in (self._task, self._limits):
                self._process.stdin.write(wire.dumps(value) + b"\n")
            self._process.stdin.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill it, whatever it is doing, and wait until it is gone."""
        self._late.cancel()
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._late.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):  # what could not be written any more
                pipe.close()

    def _too_late(self) -> None:
        self._job.end(TimedOut(self._limits.process_seconds))
        self._process.kill()

    def _read(self, classes: Any) -> None:
        """Publish its news, until there are no more."""
        from inference import wire  # noqa: PLC0415  # see above

        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                found = wire.loads(line, classes)
                if isinstance(found, Failure):
                    self._job.end(found.error)
                else:
                    self._job.publish(found)
            self._job.end(None if self._process.wait() == 0 else ProcessLost())
        except ValueError as error:  # what was said is none of our values
            self._job.end(InternalError(error))
