"""Every answer carries the headers, whatever it is."""

from __future__ import annotations

from fnmatch import fnmatch
from urllib.parse import urlsplit

import pytest

from tests.web.conftest import Live
from web.responses import HEADERS


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/theme.css", "/gradio_api/info", "/nothing/here", "/assets/none.js"]
)
def test_every_answer_carries_them(live: Live, path: str) -> None:
    answer = live.http.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def allowed(directive: str, site: str) -> bool:
    """Whether a browser lets a site in, by the rules of CSP level 3 for sources with a host."""
    policy = HEADERS["Content-Security-Policy"]
    directives = {name: sources for name, *sources in map(str.split, policy.split(";"))}
    there = urlsplit(site)
    for source in directives.get(directive, ["*"]):
        listed = urlsplit(source if "//" in source else f"//{source}")
        if source == f"{there.scheme}:":
            return True
        if listed.scheme in ("", there.scheme) and fnmatch(there.netloc, listed.netloc):
            return True
    return False


@pytest.mark.parametrize(
    ("site", "framed"),
    [
        ("https://huggingface.co", True),
        ("https://somebody-orrery.hf.space", True),
        ("http://huggingface.co", False),
        ("https://huggingface.co.example.org", False),
        ("https://not-huggingface.co", False),
        ("https://hf.space.example.org", False),
        ("https://example.org", False),
    ],
)
def test_the_hub_may_frame_the_page_and_nobody_else(site: str, framed: bool) -> None:
    assert allowed("frame-ancestors", site) is framed


@pytest.mark.parametrize(
    "directive", ["default-src", "script-src", "connect-src", "base-uri", "form-action"]
)
def test_nothing_is_fetched_from_or_sent_to_any_other_site(directive: str) -> None:
    for site in ("https://huggingface.co", "https://a.hf.space", "https://example.org"):
        assert not allowed(directive, site)
