"""The program of a process that does one task: the task as bytes in, its news as lines out.

    python -m inference.scheduling.child

Written to by `inference/scheduling/process.py`, which stays at the other end: when that is closed,
for whatever reason, this process ends at once.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import BinaryIO

import torch

from inference import wire
from inference.errors import InternalError, OrreryError, ProcessLost
from inference.limits import Limits
from inference.task import Failure, ProcessTask, Result

NICE = 5


def main() -> None:
    """Read a task and limits, a line each, and write a line for each of its news or its error."""
    classes = wire.known()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    task: ProcessTask[object, object] = wire.loads(source.readline(), classes)
    limits: Limits = wire.loads(source.readline(), classes)
    threading.Thread(target=_end_with, args=(source,), daemon=True).start()
    _modest(limits.process_megabytes)
    try:
        for news in task.work(limits):
            _say(sink, Result(news))
    except OrreryError as error:
        _say(sink, Failure.of(error))
    except Exception as error:
        short = isinstance(error, MemoryError) or "allocate memory" in str(error)
        _say(sink, Failure.of(ProcessLost() if short else InternalError(error)))


def _say(sink: BinaryIO, news: object) -> None:
    sink.write(wire.dumps(news) + b"\n")
    sink.flush()


def _modest(megabytes: int) -> None:
    """Give way to everybody else, and fail alone where the memory does not suffice."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # what is next to zero would be ten times as slow
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  # not there on Windows

        os.nice(NICE)
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        asked = megabytes << 20
        within = asked if most == resource.RLIM_INFINITY else min(asked, most)
        with suppress(OSError, ValueError):  # a system may not bound it
            resource.setrlimit(resource.RLIMIT_DATA, (within, most))


def _end_with(source: BinaryIO) -> None:
    """End where the other side has: it never writes again, so there is only its end to read."""
    source.read()
    os._exit(1)


if __name__ == "__main__":
    main()
    os._exit(0)  # Python's own shutdown would wait for the thread that reads
