"""docs/worked-example.md does what it says, in a copy of the sources."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "worked-example.md"
COPIED = ("analysis", "components", "inference", "learning", "models", "web")
USED = """
import sys
from pathlib import Path
import numpy as np
from components.page import LABS, build_app
from inference.decoding import sampling
from inference.decoding.lanes import build
from inference.service import Service
from inference.types.options import LaneOptions

service = Service(Path(sys.argv[1]))
page = build_app(service)
assert "tokens_letters" in {event.api_name for event in page.fns.values()}
view = next(view for lab in LABS for view in lab.views if view.key == "tokens-letters")
for text in ("Once upon a time there lived a little tailor.", "<b>"):
    print(view.data(view.ask(service, None, text)), view.draw()(view.ask(service, None, text)))

logits = np.log(np.float32([0.5, 0.3, 0.15, 0.05]))
kept = [sampling.epsilon(least)(sampling.ranked(logits)).survivors for least in (0.1, 0.4, 0.9)]
lane = build(LaneOptions("cut", sample=True, epsilon=0.2), 7, 3)
lane.advance(logits[None], 1)
print(kept, [one.kept for one in lane.state.steps[0].candidates])
LaneOptions("cut", epsilon=1.5)
"""


def changes() -> list[tuple[str, str, str]]:
    """(path, kind, text) of every fenced block that follows a path."""
    page = PAGE.read_text(encoding="utf-8")
    return re.findall(r"^`([\w/.]+)`\n```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def hunks(diff: str) -> list[tuple[str, str]]:
    """What is there, and what stands in its place, for each stretch of lines that belong together.

    A new one begins at `@@`, and at a removed line after an added one.
    """
    lines = re.sub(r"^(?=\n)", " ", diff, flags=re.MULTILINE).splitlines()
    parts = [list[str]()]
    for before, line in zip(["", *lines], lines, strict=False):
        if line == "@@" or (line.startswith("-") and before.startswith("+")):
            parts.append([])
        if line != "@@":
            parts[-1].append(line)
    return [
        (
            "\n".join(x[1:] for x in part if x[0] != "+"),
            "\n".join(x[1:] for x in part if x[0] != "-"),
        )
        for part in parts
    ]


def apply(root: Path, path: str, kind: str, text: str) -> None:
    """Write a new file, or change one in which every hunk fits in one place."""
    file = root / path
    if kind != "diff":
        assert not file.exists()
        file.write_text(text, encoding="utf-8")
        return
    source = file.read_text(encoding="utf-8")
    for old, new in hunks(text):
        assert source.count(old) == 1, f"docs/worked-example.md: {path} has not once\n{old}"
        source = source.replace(old, new)
    file.write_text(source, encoding="utf-8")


def test_a_view_and_a_filter_touch_three_files_each() -> None:
    paths = [path for path, _, _ in changes()]
    assert len([path for path in paths if path.startswith("components/")]) == 3
    assert len([path for path in paths if path.startswith("inference/")]) == 3
    assert len(set(paths)) == 6


@pytest.mark.process
@pytest.mark.weights
def test_both_work_once_they_are_made(tmp_path: Path) -> None:
    for folder in COPIED:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__py*"))
    for change in changes():
        apply(tmp_path, *change)
    command = [sys.executable, "-c", USED, str(ROOT / "checkpoints")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    shown = done.stdout.splitlines()
    assert shown[0] == "{'characters': 45, 'tokens': 11} ['<p>4.09 characters a token</p>']"
    assert shown[1].startswith("{'characters': 3, ")
    assert shown[2] == "[3, 1, 1] [True, True, False, False]"
    assert "OutOfRange" in done.stderr.splitlines()[-1]  # the options check the number themselves


def test_what_the_text_of_the_example_says_holds() -> None:
    from inference.service import Service
    from inference.tasks.cut import Cut

    service = Service(ROOT / "checkpoints")
    sizes = [len(service.answer(Cut(word, "byte-bpe")).ids) for word in (" little", " tailor")]
    assert sizes == [1, 2]
