"""From `python app.py` to the page answering, against a bare Gradio app with four tabs.

    python -m benchmarks.startup

Both are started as processes of their own, in turn, the first round dropped; the figure is the
ratio of the medians of wall time.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.server import ROOT, free_port

ROUNDS = 6
BARE = """
import sys
import gradio as gr

with gr.Blocks() as page:
    for name in ("One", "Two", "Three", "Four"):
        with gr.Tab(name):
            text = gr.Textbox(label="Text")
            gr.Button("Run").click(lambda value: value, text, gr.HTML())
page.launch(server_port=int(sys.argv[1]))
"""


def seconds_to_answer(command: list[str], port: int) -> float:
    """Start a server, wait for its page, stop it. Raises RuntimeError if it never answers."""
    started = time.monotonic()
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        while time.monotonic() - started < 120:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
                    answer.read()
                    return time.monotonic() - started
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.02)
    finally:
        server.kill()
        server.wait()
    raise RuntimeError(f"{command} did not answer")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        times: dict[str, list[float]] = {"bare Gradio": [], "Orrery": []}
        for _ in range(ROUNDS):
            port = free_port()
            times["bare Gradio"].append(
                seconds_to_answer([sys.executable, str(bare), str(port)], port)
            )
            port = free_port()
            times["Orrery"].append(
                seconds_to_answer([sys.executable, "app.py", "--port", str(port)], port)
            )
    medians = {name: statistics.median(values[1:]) for name, values in times.items()}
    for name, values in times.items():
        print(
            f"{name:12}  median {medians[name]:5.2f} s   "
            f"from {min(values[1:]):5.2f} to {max(values[1:]):5.2f} s"
        )
    print(f"page answers in {medians['Orrery'] / medians['bare Gradio']:.2f} times the bare time")


if __name__ == "__main__":
    main()
