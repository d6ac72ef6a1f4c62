"""The Dockerfile: what it copies is there and enough, and what it starts answers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from app import read_settings
from tests.browser import running
from tests.hosting import dockerfile
from tests.test_architecture import OURS
from tests.test_docs import front_matter
from web import health


def test_the_image_is_of_two_stages_and_the_python_of_the_space() -> None:
    stages = dockerfile.every("FROM", dockerfile.instructions())
    assert len(stages) == 2
    for one in stages:
        assert one.startswith(f"python:{front_matter()['python_version']}-slim")
    assert not dockerfile.every("ARG", dockerfile.last_stage())


def test_everything_that_is_copied_is_there_and_let_in() -> None:
    ignored = (dockerfile.ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert ignored[ignored.index("*") + 1 :][0].startswith("!")
    for rest in dockerfile.every("COPY", dockerfile.instructions()):
        if not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (dockerfile.ROOT / source).exists(), source
                assert f"!{source}" in ignored, source


def test_the_image_has_every_package_that_the_app_imports() -> None:
    sources = {source for source, _ in dockerfile.copied()}
    assert sources == {"LICENSE", "app.py", "checkpoints", *OURS} - {"training"}


def test_nobody_in_it_is_root_and_the_environment_sets_what_the_app_reads() -> None:
    (user,) = dockerfile.every("USER", dockerfile.last_stage())
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    order = [name for name, _ in dockerfile.last_stage()]
    assert order.index("USER") < order.index("ENTRYPOINT")
    settings = read_settings([], dockerfile.environment())
    (exposed,) = dockerfile.every("EXPOSE", dockerfile.last_stage())
    assert (settings.host, settings.port) == ("0.0.0.0", int(exposed))


class Answers(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == health.PATH else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.mark.process
def test_the_health_check_is_true_to_what_the_app_answers() -> None:
    (check,) = dockerfile.every("HEALTHCHECK", dockerfile.last_stage())
    python, *arguments = json.loads(check.partition("CMD ")[2])
    assert python == "python"
    port = dockerfile.environment()["ORRERY_PORT"]
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [one.replace(port, str(server.server_port)) for one in arguments]
        for Answers.status, ends in ((200, 0), (503, 1), (404, 1)):
            assert subprocess.run((sys.executable, *command), check=False).returncode == ends
        server.shutdown()
    gone = subprocess.run((sys.executable, *command), capture_output=True, check=False)
    assert gone.returncode == 1


@pytest.mark.weights
@pytest.mark.process
def test_what_is_copied_is_enough_to_answer(tmp_path: Path) -> None:
    for source, target in dockerfile.copied():
        (tmp_path / target).symlink_to(dockerfile.ROOT / source)
    (tmp_path / "app.py").unlink()
    (tmp_path / "app.py").write_bytes((dockerfile.ROOT / "app.py").read_bytes())
    (entry,) = dockerfile.every("ENTRYPOINT", dockerfile.last_stage())
    python, program = json.loads(entry)
    assert python == "python"
    port = running.free_port()
    settings = {**dockerfile.environment(), "PATH": os.environ["PATH"], "ORRERY_PORT": str(port)}
    log = tmp_path / "log.txt"
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as said:
        command = (sys.executable, program)
        process = subprocess.Popen(command, cwd=tmp_path, env=settings, stdout=said, stderr=said)
        try:
            running.wait_until_it_answers(process, address, log)
            status = httpx.get(f"{address}/healthz", trust_env=False).json()
        finally:
            process.terminate()
            assert process.wait(timeout=running.PATIENCE) == 0
    assert status["ok"] and all(model["available"] for model in status["models"])
