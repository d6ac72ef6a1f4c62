"""Start the models as deployments of Ray Serve, for pages that are started with `--backend`.

python -m inference.cluster --replicas 1-2 --port 8000
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from inference.cluster.settings import ClusterSettings
from inference.loading.references import references

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
DTYPES = ("float32", "half")


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m inference.cluster", description=__doc__)
    found.add_argument("--host", default="127.0.0.1", help="to listen on; the page alone needs it")
    found.add_argument("--port", type=int, default=8000)
    found.add_argument("--address", help="of a Ray cluster that runs already")
    found.add_argument("--replicas", default="1-2", metavar="FEWEST-MOST", help="that decode")
    found.add_argument("--checkpoints", type=Path, default=CHECKPOINTS)
    found.add_argument("--device", default="auto")
    found.add_argument("--dtype", choices=DTYPES, default="float32")
    found.add_argument("--gpu-share", type=float, default=1.0, help="of a GPU for each replica")
    found.add_argument("--model", action="append", default=[], metavar="NAME=PATH")
    return found


def read_settings(given: argparse.Namespace) -> ClusterSettings:
    """Raises ValueError that names the setting."""
    fewest, _, most = given.replicas.partition("-")
    try:
        replicas = int(fewest), int(most or fewest)
    except ValueError:
        raise ValueError(f"replicas must be FEWEST-MOST, not {given.replicas!r}.") from None
    return ClusterSettings(
        given.checkpoints.resolve(),
        given.device,
        given.dtype == "half",
        given.gpu_share,
        references("model", given.model),
        *replicas,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    given = parser().parse_args(arguments)
    try:
        settings = read_settings(given)
    except ValueError as error:
        sys.exit(f"Setting refused: {error}")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    logging.getLogger("ray").setLevel(logging.WARNING)
    try:
        from inference.cluster import deployments  # noqa: PLC0415  # Ray, once it is needed
    except ModuleNotFoundError as error:
        sys.exit(f"{error.name} is missing: pip install -r requirements-ray.txt")
    deployments.start(settings, given.host, given.port, given.address)
    ended = threading.Event()
    for stop in (signal.SIGTERM, signal.SIGINT):  # not before: Ray sets its own, which abort
        signal.signal(stop, lambda *_: ended.set())
    print(f"The cluster answers on http://{given.host}:{given.port}", flush=True)
    ended.wait()
    deployments.stop()


if __name__ == "__main__":
    main()
