"""Logs as one JSON object a line, for a collector of logs: `--log json`."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from inference.errors import where


class JsonLines(logging.Formatter):
    """time, level, logger, message; of an exception its class and place, and never what it says,
    which may quote a person."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line |= {"error": type(error).__name__, "where": where(error)}
        return json.dumps(line)


def log_json() -> None:
    """Let all loggers write JSON to the standard error, from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
