"""The real app on a full, read-only disk without a network.

Start it by `python -m tests.browser.faults.sealed_app`.

Every attempt to write or to reach elsewhere fails as the system would let it fail, and is written
to stderr, so that a test can see that there was none on the way from the start to an answer.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import sys
import tempfile

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.link", "os.symlink"}
HERE = {None, "", "localhost"}


def is_here(host: object) -> bool:
    """Whether an address is this machine."""
    try:
        return host in HERE or ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook (PEP 578): what it raises, the call that it was asked about raises."""
    if event == "open":
        path, _, flags = arguments
        if isinstance(path, int) or path == os.devnull or not int(str(flags)) & WRITES:
            return
        number = errno.EROFS
    elif event in CHANGES:
        number = errno.ENOSPC
    elif event == "socket.connect":
        address = arguments[1]
        if not isinstance(address, tuple) or is_here(address[0]):
            return
        number = errno.ENETUNREACH
    elif event == "socket.getaddrinfo" and not is_here(arguments[0]):
        number = errno.ENETUNREACH
    else:
        return
    os.write(2, f"REFUSED {event} {arguments[0]!r}\n".encode())
    raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    tempfile.gettempdir()  # tries whether it can write there; Gradio cannot be imported otherwise
    sys.addaudithook(refuse)
    import app

    app.main()
