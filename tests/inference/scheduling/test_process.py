"""Tasks in processes of their own: their news, their line, and their end, however it comes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from inference import wire
from inference.errors import (
    Busy,
    Cancelled,
    InternalError,
    NothingToLearn,
    OrreryError,
    ProcessLost,
    Restarted,
    TimedOut,
)
from inference.limits import Limits
from inference.scheduling.process import PROGRAM, ROOT, ProcessPool
from inference.task import Failure, Result
from inference.tasks.ladder.train import Train
from inference.types.waiting import Waiting
from learning.live.training import Settings

pytestmark = pytest.mark.process
TASK = Train("", settings=Settings(model="mlp", width=16, steps=50))
PATIENCE = 60.0
SAY = (
    "import sys, time, os; sys.stdin.readline(); sys.stdin.readline(); "
    "say = lambda line: print(line, flush=True); "
)
LONG = SAY + "say(os.getpid()); time.sleep(600)"


def pool(program: str, **limits: Any) -> ProcessPool:
    asked = Limits(**{"update_seconds": 0.0, "heartbeat_seconds": 0.05, **limits})
    return ProcessPool(asked, program=(sys.executable, "-c", program))


def results(stream: Iterator[Waiting | Result[Any]]) -> list[Any]:
    return [news.value for news in stream if isinstance(news, Result)]


def said(news: object) -> str:
    return f"say({wire.dumps(news).decode()!r}); "


def process_of(stream: Iterator[Waiting | Result[Any]]) -> int:
    """The process whose first news is its number."""
    return next(int(news) for news in stream if isinstance(news, int))


def is_gone(process: int) -> bool:
    """Whether it has ended, and somebody has taken note of it."""
    for _ in range(int(PATIENCE / 0.05)):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{process}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_real_training_comes_back_through_bytes() -> None:
    stream = ProcessPool(Limits()).run(TASK, "me")
    assert next(stream) == Waiting(seconds=0.0)
    *_, last = results(stream)
    assert (last.end, last.step) == ("done", 50)
    assert last.points[-1].heldout < last.points[0].heldout


def test_the_newest_news_is_read_and_the_last_is_never_lost() -> None:
    program = SAY + "".join(said(Result(number)) for number in range(5))
    found = results(pool(program).run(TASK, None))
    assert found == sorted(found) and found[-1] == 4


def test_who_leaves_ends_the_process() -> None:
    stream = pool(LONG).run(TASK, "me")
    with closing(stream):
        process = process_of(stream)
    assert is_gone(process)


def test_the_process_ends_when_the_one_that_asked_is_killed() -> None:
    """As `kill -9` ends the app: nothing of it can run any more to end what it has started."""
    parent = (
        "from inference.scheduling.process import *; from inference.tasks.ladder.train import *; "
        "task = Train('', settings=Settings(steps=3000, width=256, layers=4)); "
        "stream = ProcessPool(Limits(training_seconds=600)).run(task, None); "
        "any(isinstance(news, Result) for news in stream); "
        "import subprocess; print(list_children(), flush=True); time.sleep(600)"
    ).replace("list_children()", "open(f'/proc/self/task/{os.getpid()}/children').read()")
    code = f"import os, time; {parent}"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert not is_gone_now(child)
        process.kill()
    assert is_gone(child)


def is_gone_now(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_others_wait_in_line_and_are_told_for_how_long() -> None:
    line = pool(LONG, processes_waiting=1)
    first, second = line.run(TASK, "one"), line.run(TASK, "two")
    with closing(first), closing(second):
        process = process_of(first)
        told = next(second)
        assert isinstance(told, Waiting)
        assert told.ahead == 1 and told.seconds == pytest.approx(TASK.seconds, abs=1.0)
        with pytest.raises(Busy, match="2 are ahead of you"):
            next(line.run(TASK, "three"))
        first.close()
        assert is_gone(process)
        assert process_of(second) != process
    assert len(line.queue) == 0


def test_a_newer_run_of_the_same_page_takes_the_place_of_one_that_waits() -> None:
    line = pool(LONG, processes_waiting=5)
    running, waits, newer = (line.run(TASK, "me") for _ in range(3))
    with closing(running), closing(newer):
        process_of(running)
        next(waits)
        next(newer)
        with pytest.raises(Cancelled):
            list(waits)


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("import os; os.kill(os.getpid(), 9)", ProcessLost),
        ("raise ValueError", ProcessLost),
        (SAY + said(Failure("internal", "", "at home")), InternalError),
        (SAY + said(Failure("nothing_to_learn", "There is nothing.")), OrreryError),
        (SAY + "say('hello')", InternalError),
    ],
)
def test_a_process_that_fails_ends_in_a_sentence(program: str, error: type[OrreryError]) -> None:
    line = pool(program)
    with pytest.raises(error) as told:
        list(line.run(TASK, None))
    assert len(line.queue) == 0
    if error is OrreryError:
        assert (told.value.code, str(told.value)) == (NothingToLearn.code, "There is nothing.")


def test_many_runs_leave_neither_threads_nor_open_files() -> None:
    line = pool(SAY + said(Result(1)))
    kept = []
    for _ in range(12):
        assert results(line.run(TASK, None)) == [1]
        kept.append((threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))))
    # those of the tests before may still be ending
    assert all(last <= early for last, early in zip(kept[-1], kept[1], strict=True)), kept


def test_a_process_that_is_late_is_killed() -> None:
    with pytest.raises(TimedOut):
        list(pool(LONG, process_seconds=1.0).run(TASK, None))


def test_a_closing_pool_ends_everybody_and_admits_nobody() -> None:
    line = pool(LONG)
    stream = line.run(TASK, None)
    process = process_of(stream)
    line.close()
    with pytest.raises(Restarted):
        list(stream)
    assert is_gone(process)
    with pytest.raises(Busy):
        next(line.run(TASK, None))


def test_memory_is_bounded_and_its_end_is_told() -> None:
    large = Settings(model="gpt", width=256, layers=4, window=64, batch=128, steps=50)
    with pytest.raises(OrreryError, match="a smaller model or batch needs less memory") as told:
        list(ProcessPool(Limits(process_megabytes=700)).run(Train("", settings=large), None))
    assert told.value.code == ProcessLost.code


def test_nothing_of_a_person_is_in_the_command_or_the_environment() -> None:
    assert PROGRAM[1:] == ("-m", "inference.scheduling.child")
