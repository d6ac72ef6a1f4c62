"""On ZeroGPU: the CPU serves whatever torch says, and a page that asks for the GPU is lent one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import gradio as gr
import httpx
import pytest
from gradio_client import Client

from app import read_settings
from components import masthead
from components.page import build_app
from inference.service import Service
from tests.browser import running
from tests.inference.lent.spaces import FACTOR

ROOT = Path(__file__).parents[3]
STAND_IN = Path(__file__).parent
ON_ZEROGPU = {"SPACES_ZERO_GPU": "true", "PYTHONPATH": str(STAND_IN)}
PROGRAM = """
import app
app.Service.warm_up = lambda self: None
import gradio, spaces
pages = []
gradio.Blocks.launch = lambda self, **options: pages.append(self)
app.Closing.wait = lambda self: print(
    spaces.platform.decorated, pages[0]._queue.max_size, pages[0]._queue.ANALYTICS_MAX_EVENTS
)
app.close = lambda *rest: None
app.sys.argv = ["app.py"]
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
        env=ON_ZEROGPU | {"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.stdout.strip() == "[('on_gpu', 10)] 512 200", ended.stderr


def boxes(page: gr.Blocks) -> list[gr.Checkbox]:
    return [
        part
        for part in page.blocks.values()
        if isinstance(part, gr.Checkbox) and part.elem_id == "lent"
    ]


def test_the_choice_is_there_only_where_a_gpu_can_be_lent(checkpoints: Path) -> None:
    with gr.Blocks() as page:  # its top alone: a whole one takes seconds to build
        masthead.masthead(page, Service(checkpoints), public=True)
    assert not boxes(page)
    found = boxes(build_app(Service(checkpoints, lend=lambda *_: lambda *_: iter(()))))  # type: ignore[arg-type, return-value]
    assert len(found) == 6 and not any(part.value for part in found)
    assert f"and {10 * FACTOR:.0f} must be left" in masthead.LENT


@pytest.mark.process
@pytest.mark.thorough
@pytest.mark.weights
def test_the_running_app_lends_to_a_page_that_asks(checkpoints: Path, tmp_path: Path) -> None:
    port = running.free_port()
    address = f"http://127.0.0.1:{port}"
    with running.app_process(checkpoints, tmp_path / "log.txt", port, **ON_ZEROGPU):
        program, other = (
            Client(address, verbose=False, download_files=str(tmp_path)) for _ in range(2)
        )
        (box, *_) = (
            part["id"]
            for part in program.config["components"]
            if part["props"].get("elem_id") == "lent"
        )
        (choice,) = (
            event["id"]
            for event in program.config["dependencies"]
            if [box, "input"] in event["targets"]
        )
        ticked = {"data": [True], "fn_index": choice, "session_hash": program.session_hash}
        httpx.post(f"{address}/gradio_api/run/predict", json=ticked).raise_for_status()
        asked = {"prompt": "The cat", "length": 8, "api_name": "/generation_lanes"}
        notes = [one.predict(**asked)["note"] for one in (program, other)]
    assert notes == ["There is no working CUDA; the CPU does the work.", ""]
