"""What page and cluster say to each other over HTTP.

`POST /<lane>/run` has a question as its body, one line of JSON, and is answered by a stream of
lines, each an object with one key: `waiting`, `news` (how the result has grown since the last, see
`growth`), `failure`, `files` (the model was trained by a visitor and is not here: ask again with
its files), or `end`, without which the stream was cut off. `POST /decode/open` loads a model, and
`GET /status/` says how the cluster is. Every request names the version of its sender.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from inference.backend import BackendStatus
from inference.status import Counts

ROOT = Path(__file__).parents[2]
SHARED = ("inference", "learning", "models")
"""The code that both sides must hold in the same version."""
VERSION = "x-orrery-version"
SESSION = "x-session-id"
"""Names a person's page: its requests go to the replica that holds its caches."""
Lane = Literal["decode", "train"]
"""The deployments that answer questions: one decodes and computes, one trains."""


@dataclass(frozen=True)
class ClusterStatus:
    """How all replicas are together."""

    backend: BackendStatus
    requests: Counts
    """Since their start, of the replicas that are there."""
    replicas: int


@cache
def version() -> str:
    """A fingerprint of the shared code, 16 hexadecimal digits: equal where it is the same."""
    found = hashlib.sha256()
    for path in sorted(path for folder in SHARED for path in (ROOT / folder).rglob("*.py")):
        found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]
