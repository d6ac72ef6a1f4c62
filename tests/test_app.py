"""Settings: from arguments, then the environment, then the defaults; a bad one is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app import Settings, read_settings

ROOT = Path(__file__).parents[1]


def test_defaults() -> None:
    assert read_settings([], {}) == Settings()


def test_arguments_win_over_the_environment() -> None:
    environment = {"ORRERY_PORT": "9000", "ORRERY_DEVICE": "cpu", "ORRERY_GPU_SHARE": "0.5"}
    settings = read_settings(["--port", "9001"], environment)
    assert (settings.port, settings.device, settings.gpu_share) == (9001, "cpu", 0.5)


@pytest.mark.parametrize(
    ("arguments", "environment", "named"),
    [
        (["--port", "many"], {}, "port"),
        (["--port", "0"], {}, "port"),
        ([], {"ORRERY_PORT": "70000"}, "port"),
        (["--device", "tpu"], {}, "device"),
        ([], {"ORRERY_DEVICE": "gpu"}, "device"),
        (["--dtype", "int8"], {}, "dtype"),
        (["--gpu-share", "0"], {}, "gpu-share"),
        (["--gpu-share", "nan"], {}, "gpu-share"),
        ([], {"ORRERY_GPU_SHARE": "half"}, "gpu-share"),
        (["--checkpoints", "no/such/folder"], {}, "checkpoints"),
    ],
)
def test_a_bad_value_is_an_error_that_names_the_setting(
    arguments: list[str], environment: dict[str, str], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        read_settings(arguments, environment)


@pytest.mark.process
def test_the_program_says_so_in_one_line_without_a_traceback() -> None:
    ended = subprocess.run(
        [sys.executable, "app.py", "--port", "many"], cwd=ROOT, capture_output=True, text=True
    )
    assert ended.returncode != 0
    assert "port must be a whole number" in ended.stderr
    assert "Traceback" not in ended.stderr
