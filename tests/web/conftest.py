"""The real app as a process of its own, asked over HTTP as a browser would."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from gradio_client import Client

from tests.browser import running


@dataclass(frozen=True)
class Live:
    """A running app."""

    http: httpx.Client
    log: Path
    temporary: Path
    """Where Gradio would write files."""
    process: subprocess.Popen[bytes]


@pytest.fixture(scope="session")
def live(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    log, temporary = folder / "log.txt", folder / "temporary"
    port, environment = running.free_port(), {"GRADIO_TEMP_DIR": str(temporary)}
    address = f"http://127.0.0.1:{port}"
    with (
        running.app_process(checkpoints, log, port, **environment) as process,
        httpx.Client(base_url=address, timeout=running.PATIENCE, trust_env=False) as http,
    ):
        yield Live(http, log, temporary, process)


@pytest.fixture
def program(live: Live, tmp_path: Path) -> Client:
    """A program that uses the app."""
    return Client(str(live.http.base_url), verbose=False, download_files=str(tmp_path))
