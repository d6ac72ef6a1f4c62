"""Room for a class: every open page holds a connection, and every connection a file."""

from __future__ import annotations

import sys

if sys.platform != "win32":
    import resource

PEOPLE = 300  # a lecture hall
FILES_EACH = 4  # a browser opens several connections at first and keeps one or two
NEEDED = PEOPLE * FILES_EACH


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


def not_below(limit: int, needed: int) -> bool:
    """Whether a limit, which may be none at all, allows as much."""
    return limit == resource.RLIM_INFINITY or limit >= needed
