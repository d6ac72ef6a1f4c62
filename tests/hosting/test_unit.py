"""docs/systemd/orrery.service, read by systemd itself."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "docs" / "systemd" / "orrery.service"
MOST = 20  # tenths: 0 is wholly shut in, 100 wholly open
analyze = shutil.which("systemd-analyze")
asked = pytest.mark.skipif(analyze is None, reason="there is no systemd here")


def test_the_unit_waits_as_long_as_the_app_takes_to_close() -> None:
    from web import closing, process

    text = UNIT.read_text(encoding="utf-8")
    assert setting(text, "TimeoutStopSec") > closing.SECONDS + 3
    assert setting(text, "LimitNOFILE") >= process.NEEDED


def setting(text: str, name: str) -> int:
    found = re.search(rf"^{name}=(\d+)$", text, re.MULTILINE)
    assert found is not None, name
    return int(found[1])


@asked
@pytest.mark.process
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(shutil.which("true") or "/bin/true")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/orrery", str(tmp_path)))
    checked = subprocess.run(
        (str(analyze), "verify", "--man=no", str(unit)), capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@asked
@pytest.mark.process
def test_the_unit_is_shut_in() -> None:
    judged = subprocess.run(
        (str(analyze), "security", "--offline=true", f"--threshold={MOST}", str(UNIT)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout
