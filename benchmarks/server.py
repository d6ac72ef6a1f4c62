"""A server as a process of its own, and what it uses of the machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
APP = ("app.py",)
STARTING = 120.0  # seconds


@dataclass(frozen=True)
class Usage:
    """What a process uses right now."""

    megabytes: float
    """Resident."""
    cpu_seconds: float
    """Used since it began, by all its threads."""
    files: int
    threads: int


@dataclass(frozen=True)
class Server:
    """A running server."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def usage(self) -> Usage:
        """Read from /proc, so on Linux alone."""
        folder = Path(f"/proc/{self.process.pid}")
        fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        ticks = int(fields[11]) + int(fields[12])
        pages = int((folder / "statm").read_text().split()[1])
        return Usage(
            pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
            ticks / os.sysconf("SC_CLK_TCK"),
            len(list((folder / "fd").iterdir())),
            int(fields[17]),
        )


@contextmanager
def running(program: Sequence[str] = APP) -> Iterator[Server]:
    """Start a server on a free port, and end it with the block. It gets `--port`.

    Raises RuntimeError with the server's own words where it never answers.
    """
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *program, "--port", str(port)],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        server = Server(f"http://127.0.0.1:{port}", process, log)
        try:
            wait_until_it_answers(server)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(server: Server) -> None:
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.address}/") as answer:
                answer.read()
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise RuntimeError(f"No answer. It said:\n{server.log.read_text(errors='replace')[-2000:]}")
