"""Every parameter that keeps the page private, bounded and open to a class, read off a live app."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import pytest

from app import Settings, open_service, start
from components.shared.events import CLASSROOM
from inference.broadcast.topics import Topics
from inference.limits import Limits
from inference.status import ServiceStatus
from tests.browser.running import free_port
from web.closing import Closing
from web.live.stack import live
from web.sessions import Sessions
from web.stack import stack


@pytest.fixture(scope="module")
def page() -> Iterator[gr.Blocks]:
    before = dict(os.environ)
    settings = Settings(port=free_port(), device="cpu")
    page = start(settings, open_service(settings, Limits()), Closing(), Sessions(100))
    yield page
    page.close(verbose=False)
    os.environ.clear()
    os.environ.update(before)


def refuse(code: str, body: bytes) -> None:
    """What a room does with what is sent."""


EDGE = stack(
    (),
    {},
    lambda: ServiceStatus("cpu", (), 0, 0.0),
    str,
    lambda name: (name, b""),
    live(Topics(Limits()), {}, {}, refuse, refuse, Limits()),
    Closing(),
    Sessions(1),
)
Read = Callable[[Any], object]
PARAMETERS: dict[str, tuple[Read, object]] = {
    # Blocks: nothing calls home, and Gradio's own sweep of files is on, should there ever be any
    "analytics_enabled": (lambda page: page.analytics_enabled, False),
    "delete_cache": (lambda page: page.delete_cache, (600, 3600)),
    # queue
    "status_update_rate": (lambda page: page._queue.update_intervals, 5),
    "no live updates": (lambda page: page._queue.live_updates, False),
    "max_size": (lambda page: page._queue.max_size, 512),
    "api_open": (lambda page: page.api_open, False),
    "default_concurrency_limit": (lambda page: page._queue.default_concurrency_limit, CLASSROOM),
    # launch
    "max_threads": (lambda page: page.max_threads, 256),
    "running events": (lambda page: len(page._queue.active_jobs), 256),
    "show_error": (lambda page: page.show_error, False),
    "max_file_size": (lambda page: page.max_file_size, 1024**2),
    "allowed_paths": (lambda page: page.allowed_paths, []),
    "blocked_paths": (lambda page: page.blocked_paths, []),
    "run_history": (lambda page: page.config["run_history"], False),
    "enable_monitoring": (lambda page: page.enable_monitoring, False),
    "state_session_capacity": (lambda page: page.app.state_holder.capacity, 1500),
    "ssr_mode": (lambda page: page.ssr_mode, False),
    "pwa": (lambda page: page.pwa, False),
    "mcp_server": (lambda page: page.mcp_server, False),
    "share": (lambda page: page.share, False),
    "no static workers": (lambda page: page.app.static_worker_pool, None),
    "favicon_path": (lambda page: page.favicon_path, None),
    "root_path": (lambda page: page.root_path, ""),
    "auth": (lambda page: page.auth, None),
    "footer_links": (lambda page: page.footer_links, []),
    "strict_cors": (lambda page: option(page, "CustomCORSMiddleware", "strict_cors"), True),
    # environment
    "usage is summarised rarely": (lambda page: page._queue.ANAYLTICS_CACHE_FREQUENCY, 1000),
    "usage kept": (lambda page: page._queue.ANALYTICS_MAX_EVENTS, 200),
    "kernels kept": (lambda page: os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"], "64"),
    "kernels kept by torch": (lambda page: os.environ["LRU_CACHE_CAPACITY"], "64"),
    # events: Gradio would keep every value of a part that was once skipped
    "streams that postprocess": (
        lambda page: [e for e in page.fns.values() if e.types_generator and e.postprocess],
        [],
    ),
    # app_kwargs
    "middlewares": (
        lambda page: [one.cls for one in page.app.user_middleware[-len(EDGE) :]],
        [one.cls for one in EDGE],
    ),
}


def option(page: Any, middleware: str, name: str) -> object:
    (one,) = [m for m in page.app.user_middleware if m.cls.__name__ == middleware]
    return one.kwargs[name]


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameter(page: gr.Blocks, name: str) -> None:
    read, value = PARAMETERS[name]
    assert read(page) == value


def test_events_are_private_but_the_documented_ones(page: gr.Blocks) -> None:
    for event in page.fns.values():
        assert event.api_visibility in ("private", "public")
        assert event.concurrency_limit in (CLASSROOM, None, "default")
        assert event.trigger_mode in ("once", "always_last")
        assert event.time_limit is None  # works for streams of the browser alone
