"""The contract on Ray Serve with two replicas, and what happens when one is killed or hangs.

Run by `make test-cluster`, which has Ray in an environment of its own.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from inference.cluster.protocol import ROOT
from inference.limits import Limits
from inference.service import Service
from inference.tasks.attention.maps import Attention
from inference.tasks.generate import Generate
from inference.types.generation import Generation
from inference.types.options import GenerationOptions
from tests.inference.cluster.test_contract import PATIENCE, Contract
from tests.inference.values import equal

pytestmark = [pytest.mark.weights, pytest.mark.process, pytest.mark.cluster]
TEXT = "Once upon a time there was a little"
LONG = GenerationOptions(new_tokens=200)
STARTING = 120.0


class Cluster:
    """`python -m inference.cluster` as a process."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = (sys.executable, "-m", "inference.cluster", "--replicas", "2")
        self.process = subprocess.Popen(
            (*command, "--port", str(self.port)),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        late = threading.Timer(STARTING, self.process.kill)
        late.start()
        assert "answers" in self.process.stdout.readline()
        late.cancel()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()

    def kill(self) -> None:
        """All of it at once, as where the machine fails."""
        for pid in [*processes("ray::"), *processes("gcs_server"), *processes("raylet")]:
            with suppress(ProcessLookupError):  # it went with another of them
                os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def processes(what: str) -> list[int]:
    """Those whose command begins with, or names, something."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if command.startswith(what) or f"/{what} " in command:
            found.append(int(path.parent.name))
    return found


def replicas() -> list[int]:
    return processes("ray::ServeReplica:decode:decode")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def far(checkpoints: Path, cluster: Cluster) -> Iterator[Service]:
    service = Service(checkpoints, cluster=cluster.url)
    yield service
    service.close(0.0)


class TestOnRay(Contract):
    report_seconds = 2.5


def busy(pids: list[int], seconds: float = 0.5) -> int:
    """The process of these that has used most of the processor lately."""

    def used() -> dict[int, int]:
        stats = {pid: Path(f"/proc/{pid}/stat").read_text().split() for pid in pids}
        return {pid: int(fields[13]) + int(fields[14]) for pid, fields in stats.items()}

    before = used()
    time.sleep(seconds)
    after = used()
    return max(pids, key=lambda pid: after[pid] - before[pid])


def struck(far: Service, how: signal.Signals) -> tuple[list[Any], int]:
    """All news of a long run whose replica is struck in its midst, and the replica."""
    seen: list[Any] = []
    runs = threading.Thread(
        target=lambda: seen.extend(far.run(Generate(TEXT, options=LONG), "struck"))
    )
    runs.start()
    while runs.is_alive() and not any(isinstance(one, Generation) for one in list(seen)):
        time.sleep(0.01)
    victim = busy(replicas())
    os.kill(victim, how)
    runs.join(PATIENCE)
    assert not runs.is_alive()
    return seen, victim


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_a_run_goes_on_where_its_replica_is_lost(
    near: Service, far: Service, how: signal.Signals
) -> None:
    for text in ("A", "B", "C", "D"):  # both have the model
        far.answer(Generate(text), text)
    seen, victim = struck(far, how)
    lengths = [len(one.lanes[0].steps) for one in seen if isinstance(one, Generation)]
    assert lengths == sorted(lengths)
    expected = near.answer(Generate(TEXT, options=LONG))
    for lane, other in zip(expected.lanes, seen[-1].lanes, strict=True):
        assert [s.token for s in lane.steps] == [s.token for s in other.steps]
    assert far.status.requests.failed == far.status.requests.partial == 0
    ends = time.monotonic() + PATIENCE
    while victim in replicas() or len(replicas()) < 2:  # another takes its place
        assert time.monotonic() < ends
        time.sleep(0.2)


def test_a_page_stays_with_its_replica_and_others_spread(far: Service) -> None:
    def used() -> dict[int, int]:
        stats = {pid: Path(f"/proc/{pid}/stat").read_text().split() for pid in replicas()}
        return {pid: int(fields[13]) for pid, fields in stats.items()}

    for page in map(str, range(4)):
        far.answer(Generate("Once"), page)
    for page in ("0", "1"):
        grown = []
        for _ in range(3):
            before = used()
            far.answer(Generate(TEXT, options=LONG), page)
            after = used()
            grown.append(max(after, key=lambda pid: after[pid] - before.get(pid, 0)))
        assert len(set(grown)) == 1


@pytest.mark.thorough
def test_a_cluster_that_was_killed_and_started_again_answers_who_waited(
    near: Service, checkpoints: Path, cluster: Cluster
) -> None:
    patient = Service(checkpoints, limits=Limits(seconds=STARTING), cluster=cluster.url)
    cluster.kill()
    again = threading.Thread(target=cluster.start)
    again.start()
    task = Attention("The cat sat on the mat.")
    assert equal(patient.answer(task, "me"), near.answer(task))
    again.join()
    patient.close(0.0)
