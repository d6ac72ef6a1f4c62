"""What the process needs: open files for a class, an address of its own, and no more memory."""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

if sys.platform != "win32":
    import resource

PEOPLE = 300  # a lecture hall
FILES_EACH = 4  # a browser opens several connections at first and keeps one or two
NEEDED = PEOPLE * FILES_EACH
QUIET = 30.0  # seconds between two looks whether anybody is at work


def make_room() -> None:
    """Raise this process's limit of open files to what a class needs.

    Raises ValueError where the system's own limit is lower: the app would fail in the middle of
    a lecture, in ways that nobody could read.
    """
    if sys.platform == "win32":
        return  # no such limit there
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if not_below(soft, NEEDED):
        return
    if not not_below(hard, NEEDED):
        raise ValueError(
            f"only {hard} open files are allowed here, and a class of {PEOPLE} needs {NEEDED}. "
            f"Raise the limit (`ulimit -n {NEEDED}`, or the container's nofile) and start again."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (NEEDED, hard))


def without_matplotlib() -> None:
    """Have every import of matplotlib fail at once, unless it was imported before.

    Gradio tries twice at every step of every run. Where it is not installed, which is the rule
    here, each try looks through all folders of packages: a fifth of the event loop's time with a
    class at work. Nothing here draws with it.
    """
    sys.modules.setdefault("matplotlib", None)  # type: ignore[arg-type]  # as `import` defines it


@contextmanager
def without_garbage() -> Iterator[None]:
    """Look for garbage only after what is made here, and never again in what is left of it.

    What the app consists of stays as long as it runs: to look through it takes a fifth of the
    start, and later stops all threads for tenths of a second.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def give_back_when_quiet(at_work: Callable[[], int]) -> None:
    """Give freed memory back to the system after a class, from a thread of its own.

    glibc keeps it, for each of the many threads that have served it, until it is asked. at_work:
    how many are, from any thread. Does nothing with another C library.
    """
    if sys.platform != "linux" or not hasattr(library := ctypes.CDLL(None), "malloc_trim"):
        return
    look = once_quiet(at_work, lambda: library.malloc_trim(0))

    def looks() -> None:
        while True:
            time.sleep(QUIET)
            look()

    threading.Thread(target=looks, name="orrery-quiet", daemon=True).start()


def once_quiet(at_work: Callable[[], int], act: Callable[[], object]) -> Callable[[], None]:
    """A look that acts where nobody is at work for the first time since somebody was."""
    worked = True

    def look() -> None:
        nonlocal worked
        now = bool(at_work())
        if worked and not now:
            act()
        worked = now

    return look


def not_below(limit: int, needed: int) -> bool:
    """Whether a limit, which may be none at all, allows as much."""
    return limit == resource.RLIM_INFINITY or limit >= needed


def check_address(host: str | None, port: int | None) -> None:
    """Raise ValueError with the reason where nothing can be served at this address.

    host: a name or an address, None for this machine alone. port: None leaves the choice of one.
    """
    name = (host or "127.0.0.1").strip("[]")
    try:
        found = socket.getaddrinfo(name, port or 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ValueError(f"host {name} is not known; use 127.0.0.1, 0.0.0.0 or ::1.") from None
    family, kind, protocol, _, address = found[0]
    try:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ValueError(f"port {port} is in use; choose another one with --port.") from None
        if error.errno == errno.EACCES:
            raise ValueError(f"port {port} is not allowed to this user.") from None
        raise ValueError(f"host {name} is no address of this machine.") from None


@contextmanager
def past_the_proxy() -> Iterator[None]:
    """Let the process reach its own address directly, whatever proxy the environment names.

    Gradio asks its own address whether it answers, before `launch` returns.
    """
    names = ("no_proxy", "NO_PROXY")
    before = {name: os.environ[name] for name in names if name in os.environ}
    os.environ.update(dict.fromkeys(names, "*"))
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]
        os.environ.update(before)
