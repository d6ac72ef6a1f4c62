"""Start Orrery: settings, service, page, launch. The only reader of arguments and environment."""

from __future__ import annotations

import os

# Two threads of NumPy's BLAS gain little on a quiet machine and collapse beside a class, as torch's
# do. It reads this as it is loaded; what is set there already wins.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# isort: split

import gc

gc.disable()  # nothing that is imported is garbage, and looking for some takes a fifth of the time
# isort: split

import argparse
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from components.generation.guessing.turns import turn
from components.lean.pages import lean_pages, openers
from components.page import build_app, launch_options
from components.shared.inputs import events
from inference.limits import Limits
from inference.loading.references import references
from inference.service import Service
from web.closing import Closing, end, finish
from web.live.stack import live
from web.observed.logs import log_json
from web.process import (
    check_address,
    give_back_when_quiet,
    make_room,
    past_the_proxy,
    without_garbage,
    without_matplotlib,
)
from web.sessions import Sessions
from web.stack import stack

gc.freeze()  # and none of it ever will be
gc.enable()

DEVICES = ("auto", "cpu", "cuda", "mps")
DTYPES = ("float32", "half")
LOGS = ("text", "json")
ELSEWHERE = {
    "model": "another model: a folder, or owner/name on the Hub; may be given several times",
    "vectors": "word vectors: a file of word2vec or safetensors; may be given several times",
    "tokenizer": "another tokenizer: a tokenizer.json; may be given several times",
}
"""What may be named beside the collection."""
LIBRARIES = {
    # Summarising usage after every event costs more than most events, and nobody reads it.
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000",
    "GRADIO_ANALYTICS_MAX_EVENTS": "200",
    # oneDNN and torch beside it keep half a megabyte for every new number of rows; 1,024 of them.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
    "LRU_CACHE_CAPACITY": "64",
}
"""What libraries read from the environment at their first use; what is set there already wins."""


@dataclass(frozen=True)
class Settings:
    """Every setting of the app; each comes from `--name`, else `ORRERY_NAME`, else the default."""

    host: str | None = None
    """None leaves it to Gradio: this machine alone, or what a Space demands."""
    port: int | None = None
    """None takes the first free one from 7860."""
    device: str = "auto"
    dtype: str = "float32"
    """Or half: 16 bit where the device can, which is less exact."""
    gpu_share: float = 1.0
    """Of a GPU's memory; less than 1 where several of these apps use the same GPU."""
    checkpoints: Path = Path(__file__).parent / "checkpoints"
    model: Mapping[str, str] = field(default_factory=dict)
    """Folders or Hub ids of models from elsewhere, by the names that they are to have."""
    vectors: Mapping[str, str] = field(default_factory=dict)
    """Files of word vectors from elsewhere, likewise."""
    tokenizer: Mapping[str, str] = field(default_factory=dict)
    """Files of tokenizers from elsewhere, likewise."""
    backend: str | None = None
    """The URL of a cluster that runs the models; None runs them in this process."""
    metrics: bool = False
    """Answer `/metrics`, for Prometheus."""
    log: str = "text"
    """Or json: an object a line."""

    def __post_init__(self) -> None:
        if self.port is not None and not 0 < self.port < 65536:
            raise ValueError(f"port must be between 1 and 65535, not {self.port}.")
        if self.device not in DEVICES:
            raise ValueError(f"device must be one of {', '.join(DEVICES)}, not {self.device!r}.")
        if self.dtype not in DTYPES:
            raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, not {self.dtype!r}.")
        if not 0 < self.gpu_share <= 1:
            raise ValueError(f"gpu-share must be above 0 and at most 1, not {self.gpu_share}.")
        if self.log not in LOGS:
            raise ValueError(f"log must be one of {', '.join(LOGS)}, not {self.log!r}.")
        if self.backend is not None and not self.backend.startswith(("http://", "https://")):
            raise ValueError(f"backend must be the URL of a cluster, not {self.backend!r}.")
        if not self.checkpoints.is_dir():
            raise ValueError(f"checkpoints must be a folder; {self.checkpoints} is none.")


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Parse once. Raises ValueError that names the setting; argparse exits on unknown flags."""
    parser = argparse.ArgumentParser(prog="app.py", description="Start the Orrery page.")
    for name in ("host", "port", "device", "dtype", "gpu_share", "checkpoints", "backend", "log"):
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, default=environment.get(f"ORRERY_{name.upper()}"))
    asked = bool(environment.get("ORRERY_METRICS"))
    parser.add_argument("--metrics", action="store_true", default=asked)
    for name, what in ELSEWHERE.items():
        parser.add_argument(f"--{name}", action="append", metavar="NAME=PATH", help=what)
    given = {k: v for k, v in vars(parser.parse_args(arguments)).items() if v is not None}
    for name, read, kind in (("port", int, "a whole number"), ("gpu_share", float, "a number")):
        if name in given:
            try:
                given[name] = read(given[name])
            except ValueError:
                flag = name.replace("_", "-")
                raise ValueError(f"{flag} must be {kind}, not {given[name]!r}.") from None
    for name in ELSEWHERE:
        elsewhere = environment.get(f"ORRERY_{name.upper()}", "").split(",")
        given[name] = references(name, given.get(name) or [one for one in elsewhere if one])
    if environment.get("SPACES_ZERO_GPU"):
        given["device"] = "cpu"  # torch must not be asked there: see inference/loading/device.py
    if ":" in given.get("host", "") and not given["host"].startswith("["):
        given["host"] = f"[{given['host']}]"  # as Gradio writes an IPv6 address
    if "checkpoints" in given:
        given["checkpoints"] = Path(given["checkpoints"])
    return Settings(**given)


def main() -> None:
    """Serve until SIGTERM or Ctrl-C, and end with 0; a setting that cannot be used ends with 1."""
    try:
        settings = read_settings(sys.argv[1:], os.environ)
        if settings.log == "json":
            log_json()
        make_room()
        without_matplotlib()
        check_address(settings.host, settings.port)
        limits = Limits(gpu_share=settings.gpu_share)
        service = open_service(settings, limits)
    except ValueError as error:
        sys.exit(f"Setting refused: {error}")
    # Of the requests at once, an eighth is kept for those at other addresses.
    closing, sessions = Closing(), Sessions(per_address=limits.jobs * 7 // 8)
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, closing.begin)
    try:
        with without_garbage():
            page = start(settings, service, closing, sessions)
    except OSError as error:  # such as no free port, where none was named
        sys.exit(f"The page cannot be served: {error}")
    if not closing.has_begun():
        give_back_when_quiet(lambda: len(sessions))
        service.warm_up()  # after the page is up: torch takes longer to import than to serve
    closing.wait()
    finish(sessions, lambda: service.close(0.0))
    end(page.close)


def open_service(settings: Settings, limits: Limits) -> Service:
    """The service; of models from elsewhere all but the weights is read, and fetched if need be.
    Word vectors from elsewhere are mapped; a file of word2vec is laid out anew the first time.
    Tokenizers from elsewhere are read whole.

    Raises ValueError that names the model where one cannot be used.
    """
    lend: Any = None
    if os.environ.get("SPACES_ZERO_GPU"):
        from inference.lent.zerogpu import lend  # noqa: PLC0415  # `spaces` exists there alone
    for name, value in LIBRARIES.items():
        os.environ.setdefault(name, value)
    return Service(
        settings.checkpoints,
        settings.device,
        limits,
        settings.dtype == "half",
        cluster=settings.backend,
        elsewhere=settings.model,
        own_vectors=settings.vectors,
        own_tokenizers=settings.tokenizer,
        lend=lend,
    )


def start(settings: Settings, service: Service, closing: Closing, sessions: Sessions) -> gr.Blocks:
    """Build the page and serve it; returns once it answers. Raises OSError where it cannot be."""
    page = build_app(service)
    pages = tuple(f"/{path}" for path, *_ in page.pages)
    inputs, card, packed = events(page), service.catalog.card, service.trained.packed
    followed = live(
        *(service.topics, lean_pages(), openers(service)),
        *(service.rooms.guess, partial(turn, service), service.limits),
    )
    edge = observed(settings, service) + stack(
        *(pages, inputs, lambda: service.status, card, packed, followed, closing, sessions),
    )
    with past_the_proxy():
        page.launch(
            server_name=settings.host,
            server_port=settings.port,
            prevent_thread_lock=True,
            app_kwargs={"middleware": edge},
            **launch_options(),
        )
    return page


def observed(settings: Settings, service: Service) -> list[Any]:
    """What answers `/metrics`, where that was asked for."""
    if not settings.metrics:
        return []
    from web.observed.metrics import metrics  # noqa: PLC0415  # prometheus_client is for this alone

    counts = service.counts
    return metrics(lambda: service.status, lambda: counts.ended, lambda: counts.updates)


if __name__ == "__main__":
    main()
