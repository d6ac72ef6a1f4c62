"""Every answer carries the headers, whatever it is."""

from __future__ import annotations

import pytest

from tests.web.conftest import Live
from web.responses import HEADERS


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/theme.css", "/gradio_api/info", "/nothing/here", "/assets/none.js"]
)
def test_every_answer_carries_them(live: Live, path: str) -> None:
    answer = live.http.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_the_hub_may_frame_the_page_and_nobody_else() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://huggingface.co https://*.hf.space" in policy
    assert "connect-src 'self';" in policy
    assert "*" not in policy.replace("https://*.hf.space", "")
