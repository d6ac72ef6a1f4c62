"""A class needs open files, and the page an address: what is amiss is found out at the start."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import threading
import weakref
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from gradio.utils import MatplotlibBackendMananger

from web.process import (
    NEEDED,
    check_address,
    once_quiet,
    past_the_proxy,
    without_garbage,
    without_matplotlib,
)

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


def test_memory_is_given_back_once_after_every_class() -> None:
    people = iter((0, 0, 3, 5, 0, 0, 1, 0))
    given: list[int] = []
    look = once_quiet(lambda: next(people), lambda: given.append(len(looked)))
    looked: list[int] = []
    for number in range(8):
        looked.append(number)
        look()
    assert given == [1, 5, 8]  # at the first look, and after each class


def test_matplotlib_is_not_looked_for_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the finders that are asked, as Gradio's own context asks them twice."""
    asked: list[str] = []

    class Finder:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            asked.append(name)

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    monkeypatch.delitem(sys.modules, "matplotlib", raising=False)
    with MatplotlibBackendMananger():
        pass
    monkeypatch.delitem(sys.modules, "matplotlib", raising=False)
    assert "matplotlib" in asked
    asked.clear()
    without_matplotlib()
    with MatplotlibBackendMananger():
        pass
    assert not asked
    assert find_spec("matplotlib") is None
    monkeypatch.delitem(sys.modules, "matplotlib")


def test_one_that_was_imported_before_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", there := ModuleType("matplotlib"))
    without_matplotlib()
    assert sys.modules["matplotlib"] is there


@pytest.mark.process
def test_too_low_a_limit_is_refused_in_one_line() -> None:
    ended = limited(256, 256, "app.py")
    assert ended.returncode == 1
    assert "only 256 open files are allowed here" in ended.stderr
    assert f"ulimit -n {NEEDED}" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("host", [None, "127.0.0.1", "localhost", "0.0.0.0", "::1", "[::1]", "::"])
def test_an_address_of_this_machine_will_do(host: str | None) -> None:
    if host and ":" in host and not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    check_address(host, None)


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("no.such.invalid", "host no.such.invalid is not known"),
        ("127.0.0.1:80", "host 127.0.0.1:80 is not known"),
        ("a..b", "host a..b is not known"),
        ("a" * 300, "is not known; use 127.0.0.1, 0.0.0.0 or ::1."),
        ("192.0.2.1", "host 192.0.2.1 is no address of this machine"),
    ],
)
def test_any_other_is_refused_with_the_reason(host: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check_address(host, None)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ValueError, match=f"port {port} is in use; choose another"):
            check_address(None, port)
    check_address(None, port)


def test_the_way_to_its_own_address_goes_past_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", "example.org")
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        server.timeout = 5.0
        threading.Thread(target=server.handle_request, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        with pytest.raises(httpx.ConnectError):
            httpx.head(address)
        with past_the_proxy():
            assert httpx.head(address).status_code == 204
    assert os.environ["no_proxy"] == "example.org"
    assert "NO_PROXY" not in os.environ


def test_what_is_made_at_the_start_is_never_looked_through_again() -> None:
    class Knot:
        def __init__(self) -> None:
            self.itself = self

    before = gc.get_freeze_count()
    with without_garbage():
        assert not gc.isenabled()
        kept, gone = Knot(), weakref.ref(Knot())
        assert gone() is not None
    assert gc.isenabled() and gone() is None  # what is garbage by then is not kept for ever
    assert gc.get_freeze_count() > before
    assert all(one is not kept for one in gc.get_objects())
