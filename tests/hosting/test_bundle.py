"""The folder for a machine without internet: installs from its wheels alone, or says why not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OFFLINE = ROOT / "docs" / "offline"
pytestmark = pytest.mark.process


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """As `make offline-bundle` lays it out, with one small package and a page that uses it."""
    folder = tmp_path / "orrery-offline"
    wheels, repository = folder / "wheels", folder / "orrery"
    wheels.mkdir(parents=True)
    repository.mkdir()
    for path in OFFLINE.iterdir():
        shutil.copy(path, folder)
    (repository / "requirements.txt").write_text("planets==1.0\n")
    (repository / "app.py").write_text("import planets, sys\nprint(planets.NAME, *sys.argv[1:])\n")
    about = "planets-1.0.dist-info"
    with zipfile.ZipFile(wheels / "planets-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("planets.py", "NAME = 'Ceres'\n")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: planets\nVersion: 1.0\n")
        tag = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{about}/WHEEL", tag)
        wheel.writestr(f"{about}/RECORD", "")
    found = subprocess.check_output((sys.executable, str(OFFLINE / "which.py")), text=True)
    (wheels / "for").write_text(found)
    return folder


def install(bundle: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHON": sys.executable,
        "PIP_INDEX_URL": "http://127.0.0.1:9/",  # whoever asks it fails
    }
    command = ("sh", str(bundle / "install.sh"))
    return subprocess.run(
        command, env=environment, cwd="/", capture_output=True, text=True, check=False
    )


def test_it_installs_from_its_wheels_alone_and_starts(bundle: Path) -> None:
    installed = install(bundle)
    assert installed.returncode == 0, installed.stderr
    start = installed.stdout.splitlines()[-1].split()
    assert subprocess.check_output(start, text=True) == "Ceres --host 0.0.0.0\n"


def test_a_missing_wheel_is_no_reason_to_ask_the_network(bundle: Path) -> None:
    next((bundle / "wheels").glob("*.whl")).unlink()
    installed = install(bundle)
    assert installed.returncode != 0
    assert "No matching distribution found for planets==1.0" in installed.stderr
    assert "127.0.0.1" not in installed.stderr


def test_another_python_is_refused_with_a_sentence(bundle: Path) -> None:
    (bundle / "wheels" / "for").write_text("Python 3.99 on Linux x86_64\n")
    installed = install(bundle)
    assert installed.returncode == 1
    assert "These packages are for Python 3.99 on Linux x86_64, and" in installed.stderr
    assert not (bundle / "orrery" / ".venv").exists()
