"""The models in other processes: two replicas against one, and the wire against none.

    python -m benchmarks.cluster          # in an environment with requirements-ray.txt

Starts `python -m inference.cluster` with one replica and with two, each bound to a core of its
own. Thirty-two people ask for five lanes of 40 tokens at once; one person alone asks the cluster
and a service in this process, in turns.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from inference.service import Service
from inference.tasks.generate import Generate
from inference.types.generation import Generation
from inference.types.options import GenerationOptions

CHECKPOINTS = Path("checkpoints")
PROMPTS = [
    f"Once upon a time a {animal} {verb}"
    for animal in ("fox", "bear", "owl", "hare", "cat", "dog", "bird", "fish")
    for verb in ("lived in a", "went to the", "saw a big", "wanted to")
]
PORT = 8799


@contextmanager
def cluster(replicas: int) -> Iterator[Service]:
    """A service whose models run in so many replicas, each bound to a core."""
    command = (sys.executable, "-m", "inference.cluster", "--port", str(PORT))
    process = subprocess.Popen(
        (*command, "--replicas", str(replicas)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None and b"answers" in process.stdout.readline()
    for core, pid in enumerate(pids()):
        bind(pid, core % (os.cpu_count() or 1))
    service = Service(CHECKPOINTS, cluster=f"http://127.0.0.1:{PORT}")
    try:
        with ThreadPoolExecutor(8) as people:  # every replica loads the model
            list(people.map(lambda i: service.answer(Generate("A"), f"warm {i}"), range(8)))
        yield service
    finally:
        service.close(0.0)
        process.send_signal(signal.SIGTERM)
        process.wait()


def pids() -> list[int]:
    """The processes of the replicas that decode."""
    lines = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True)
    found = re.findall(r"^\s*(\d+) ray::ServeReplica:decode", lines.stdout, re.M)
    return [int(pid) for pid in found]


def bind(pid: int, core: int) -> None:
    """All threads of a process to one core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


def together(service: Service) -> float:
    """Tokens a second over thirty-two people."""
    began = time.perf_counter()
    with ThreadPoolExecutor(len(PROMPTS)) as people:
        asked = [people.submit(service.answer, Generate(t), f"page {t}") for t in PROMPTS]
        written = sum(tokens(future.result()) for future in asked)
    return written / (time.perf_counter() - began)


def tokens(found: Generation) -> int:
    return sum(len(lane.steps) * lane.options.rows for lane in found.lanes)


def alone(service: Service, new_tokens: int) -> tuple[float, float]:
    """Seconds to the first token, and tokens a second, of one person."""
    task = Generate(PROMPTS[0], options=GenerationOptions(new_tokens=new_tokens))
    began, first, last = time.perf_counter(), 0.0, None
    for last in service.run(task, "alone"):
        if isinstance(last, Generation) and not first:
            first = time.perf_counter() - began
    assert isinstance(last, Generation)
    return first, tokens(last) / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    rates: dict[int, list[float]] = {}
    for replicas in (1, 2, 1, 2):
        with cluster(replicas) as far:
            rates.setdefault(replicas, []).extend(together(far) for _ in range(rounds))
            print(f"{replicas} replicas: {statistics.median(rates[replicas]):,.0f} tokens a second")
    ratio = statistics.median(rates[2]) / statistics.median(rates[1])
    print(f"two replicas against one, 32 people: {ratio:.2f} times (asked 1.7)")
    near = Service(CHECKPOINTS, device="cpu")
    with cluster(1) as far:
        alone(near, 10)
        pairs = [(alone(near, 128), alone(far, 128)) for _ in range(4 * rounds)]
    near.close(0.0)
    later = statistics.median(b[0] - a[0] for a, b in pairs)
    share = statistics.median(b[1] / a[1] for a, b in pairs)
    print(f"first token over the wire: {1e3 * later:.0f} ms later (asked at most 30)")
    print(f"throughput of one person: {share:.2f} of that in process (asked 0.9)")


if __name__ == "__main__":
    main()
