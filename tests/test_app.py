"""Settings: from arguments, then the environment, then the defaults; a bad one is named."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import app
from app import Settings, read_settings
from web import closing
from web.closing import Closing
from web.sessions import Sessions

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


def test_an_ipv6_address_is_written_as_in_an_address_of_a_page() -> None:
    assert read_settings(["--host", "::1"], {}).host == "[::1]"
    assert read_settings(["--host", "[::1]"], {}).host == "[::1]"
    assert read_settings(["--host", "localhost"], {}).host == "localhost"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--host", "no.such.invalid"], "Setting refused: host no.such.invalid is not known"),
        (["--host", "192.0.2.1"], "Setting refused: host 192.0.2.1 is no address of this machine"),
        (["--port", "{taken}"], "Setting refused: port {taken} is in use"),
        ([], "The page cannot be served: no free port"),
    ],
)
def test_where_nothing_can_be_served_the_program_ends_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    def no_port(*_: object) -> None:
        raise OSError("no free port")

    monkeypatch.setattr(app, "start", no_port)
    monkeypatch.setattr(app, "open_service", lambda *_: None)
    with socket.create_server(("127.0.0.1", 0)) as other, signals_to_handle():
        taken = str(other.getsockname()[1])
        given = [one.format(taken=taken) for one in arguments]
        monkeypatch.setattr(sys, "argv", ["app.py", *given])
        with pytest.raises(SystemExit, match=says.format(taken=taken)):
            app.main()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_ctrl_c_goes_the_same_way_as_sigterm(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stop: signal.Signals
) -> None:
    """It comes during the warm-up; those at work get their time, and are told where that ends."""
    told: list[float] = []

    class Warming:
        def warm_up(self) -> None:
            signal.raise_signal(stop)

        def close(self, seconds: float) -> None:
            told.append(seconds)

    def start(settings: Settings, service: object, closing: Closing, sessions: Sessions) -> Any:
        sessions.begin("somebody", "address")
        return SimpleNamespace(close=lambda: None)

    monkeypatch.setattr(app, "open_service", lambda *_: Warming())
    monkeypatch.setattr(app, "start", start)
    monkeypatch.setattr(app, "end", lambda closes: closes())
    monkeypatch.setattr(closing, "SECONDS", 0.1)
    monkeypatch.setattr(sys, "argv", ["app.py"])
    with signals_to_handle():
        app.main()
    assert told == [0.0]
    assert "Closed; 1 person cut short." in capsys.readouterr().err


@contextmanager
def signals_to_handle() -> Iterator[None]:
    """In this block a signal that nobody handles fails the test, and it ends no more than that."""

    def unhandled(*_: object) -> None:
        pytest.fail("nobody handles this signal")

    before = {one: signal.signal(one, unhandled) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@pytest.mark.process
def test_the_program_says_so_in_one_line_without_a_traceback() -> None:
    ended = subprocess.run(
        [sys.executable, "app.py", "--port", "many"], cwd=ROOT, capture_output=True, text=True
    )
    assert ended.returncode != 0
    assert "port must be a whole number" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.process
@pytest.mark.parametrize(("given", "threads"), [({}, {1}), ({"OPENBLAS_NUM_THREADS": "2"}, {2})])
def test_numpy_has_one_thread_unless_the_environment_says_otherwise(
    given: dict[str, str], threads: set[int]
) -> None:
    code = (
        "import app; from threadpoolctl import threadpool_info as info; "
        "print({one['num_threads'] for one in info() if one['internal_api'] == 'openblas'})"
    )
    others = {name: value for name, value in os.environ.items() if "_NUM_THREADS" not in name}
    output = subprocess.run(
        [sys.executable, "-c", code], env=others | given, cwd=ROOT, capture_output=True, text=True
    )
    assert output.stdout.strip() == str(threads), output.stderr


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


def test_word_vectors_from_elsewhere_are_named_likewise() -> None:
    assert read_settings(["--vectors", "a=/x.bin"], {}).vectors == {"a": "/x.bin"}
    assert read_settings([], {"ORRERY_VECTORS": "a=/x,b=/y"}).vectors == {"a": "/x", "b": "/y"}
    with pytest.raises(ValueError, match="vectors must be NAME=PATH, a plain name and a file"):
        read_settings(["--vectors", "/x.bin"], {})
    with pytest.raises(ValueError, match="two vectors are called a"):
        read_settings(["--vectors", "a=/x", "--vectors", "a=/y"], {})


def test_tokenizers_from_elsewhere_are_named_likewise() -> None:
    assert read_settings(["--tokenizer", "a=/x.json"], {}).tokenizer == {"a": "/x.json"}
    assert read_settings([], {"ORRERY_TOKENIZER": "a=/x,b=/y"}).tokenizer == {"a": "/x", "b": "/y"}
    with pytest.raises(ValueError, match="tokenizer must be NAME=PATH, a plain name and a file"):
        read_settings(["--tokenizer", "/x.json"], {})
    with pytest.raises(ValueError, match="two tokenizers are called a"):
        read_settings(["--tokenizer", "a=/x", "--tokenizer", "a=/y"], {})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("tokenizer", "mine=README.md", "tokenizer mine cannot be used. README.md is no tok"),
        ("vectors", "mine=no-such.bin", "vectors mine cannot be used. no-such.bin is missing from"),
        (
            "vectors",
            "mine=README.md",
            "vectors mine cannot be used. README.md cannot be used: it is no file of",
        ),
        ("vectors", "cbow=README.md", "two models are called cbow."),
        ("model", "mine=no-such-folder", "model mine cannot be used. no-such-folder is no folder"),
        ("model", "mine=tests", "model mine cannot be used. tests brings code of its own"),
    ],
)
def test_what_cannot_be_used_from_elsewhere_ends_the_start_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(app, "LIBRARIES", {})
    monkeypatch.setattr(sys, "argv", ["app.py", f"--{name}", value])
    with pytest.raises(SystemExit, match=re.escape(f"Setting refused: {says}")):
        app.main()
