"""Logs as JSON, which say where an error came from and never what it quotes."""

from __future__ import annotations

import json
import logging
import sys

from web.observed.logs import JsonLines

TYPED = "Zibbo the Quarl"


def line(message: str, *values: object, failed: bool = False) -> dict[str, str]:
    info = None
    if failed:
        try:
            raise ZeroDivisionError(TYPED)
        except ZeroDivisionError:
            info = sys.exc_info()
    record = logging.LogRecord("inference", logging.WARNING, __file__, 1, message, values, info)
    written = JsonLines().format(record)
    assert "\n" not in written
    found: dict[str, str] = json.loads(written)
    return found


def test_a_line_is_one_object() -> None:
    found = line("%s\nis \u202e lost", "it")
    assert found["message"] == "it\nis \u202e lost"
    assert (found["level"], found["logger"]) == ("warning", "inference")
    assert found["time"].endswith("+00:00") and "error" not in found


def test_an_error_is_named_and_placed_and_not_quoted() -> None:
    found = line("it failed", failed=True)
    assert found["error"] == "ZeroDivisionError" and "test_logs.py" in found["where"]
    assert TYPED not in json.dumps(found)
