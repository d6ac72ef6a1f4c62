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


def test_models_from_elsewhere_are_named_once_or_often() -> None:
    both = {"a": "/x", "b.2": "owner/name@main"}
    assert read_settings(["--model", "a=/x", "--model", "b.2 = owner/name@main"], {}).model == both
    assert read_settings([], {"ORRERY_MODEL": "a=/x,b.2=owner/name@main"}).model == both
    assert read_settings(["--model", "c=/y"], {"ORRERY_MODEL": "a=/x"}).model == {"c": "/y"}


@pytest.mark.parametrize("value", ["", "/x", "=/x", "a=", "a b=/x", "../a=/x", f"{'a' * 41}=/x"])
def test_a_model_needs_a_plain_name_and_a_place(value: str) -> None:
    with pytest.raises(ValueError, match="model must be NAME=PATH"):
        read_settings(["--model", value], {})


def test_no_two_models_have_one_name() -> None:
    with pytest.raises(ValueError, match="two models are called a"):
        read_settings(["--model", "a=/x", "--model", "a=/y"], {})


@pytest.mark.process
@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("mine=no-such-folder", "model mine cannot be used. no-such-folder is no folder here"),
        ("mine=tests", "model mine cannot be used. tests brings code of its own"),
    ],
)
def test_a_model_that_cannot_be_used_ends_the_start_with_a_sentence(value: str, says: str) -> None:
    ended = subprocess.run(
        [sys.executable, "app.py", "--model", value], cwd=ROOT, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert f"Setting refused: {says}" in ended.stderr
    assert "Traceback" not in ended.stderr
