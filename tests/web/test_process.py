"""A class needs open files; too few are found out at the start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from web.process import NEEDED

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")


def limited(soft: int, hard: int, *program: str) -> subprocess.CompletedProcess[str]:
    """Run a program under limits of its own."""
    limits = f'ulimit -S -n {soft}; ulimit -H -n {hard}; exec "$@"'
    command = ["sh", "-c", limits, "sh", sys.executable, *program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.process
def test_a_low_limit_that_may_rise_is_raised() -> None:
    look = "import resource as r; print(r.getrlimit(r.RLIMIT_NOFILE)[0])"
    program = f"from web.process import make_room; make_room(); {look}"
    assert limited(256, NEEDED, "-c", program).stdout.strip() == str(NEEDED)


@pytest.mark.process
def test_too_low_a_limit_is_refused_in_one_line() -> None:
    ended = limited(256, 256, "app.py")
    assert ended.returncode == 1
    assert "only 256 open files are allowed here" in ended.stderr
    assert f"ulimit -n {NEEDED}" in ended.stderr
    assert "Traceback" not in ended.stderr
