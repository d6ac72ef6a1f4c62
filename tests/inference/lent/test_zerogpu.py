"""On ZeroGPU: the CPU serves whatever torch says, and one decorated function exists."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app import read_settings

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys, types
decorated = []
def GPU(duration):
    def mark(function):
        decorated.append((function.__name__, duration))
        return function
    return mark
sys.modules["spaces"] = types.SimpleNamespace(GPU=GPU)
import app
app.Service.warm_up = lambda self: None
import gradio
pages = []
gradio.Blocks.launch = lambda self, **options: pages.append(self)
app.Closing.wait = lambda self: print(
    decorated, pages[0]._queue.max_size, pages[0]._queue.ANALYTICS_MAX_EVENTS
)
app.close = lambda *rest: None
sys.argv = ["app.py"]
app.main()
"""


@pytest.mark.parametrize("arguments", [[], ["--device", "cuda"]])
def test_the_device_is_the_cpu_whatever_is_asked_for(arguments: list[str]) -> None:
    assert read_settings(arguments, {"SPACES_ZERO_GPU": "true"}).device == "cpu"


@pytest.mark.process
def test_the_app_starts_with_a_decorated_function_and_an_explicit_queue() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={"SPACES_ZERO_GPU": "true", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.stdout.strip() == "[('gpu_name', 5)] 512 200", ended.stderr


def test_nobody_spends_the_quota_of_a_visitor() -> None:
    """The decorated function is there because the platform demands one; no file calls it."""
    folders = ("components", "inference", "web")
    files = [ROOT / "app.py", *(path for one in folders for path in (ROOT / one).rglob("*.py"))]
    naming = [path.name for path in files if "gpu_name" in path.read_text(encoding="utf-8")]
    assert naming == ["zerogpu.py"]
