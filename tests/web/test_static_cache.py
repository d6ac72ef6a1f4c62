"""The page and its files come from memory: once made, compressed once, and not sent twice."""

from __future__ import annotations

import asyncio
import gzip
import re
from pathlib import Path

import brotli
import pytest
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from tests.web.asking import Answer, ask
from tests.web.conftest import Live
from web import static_files
from web.static_files import Representation, StaticCache

FILE = "/assets/index-DphvyggB.js"
PAGES = ("/", "/tokens")
TEXT = b"const orrery = {};\n" * 100
FOREVER = "public, max-age=31536000, immutable"


class Origin:
    """An app that notes what it is asked."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.asked: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope)
        headers = {"content-type": "application/javascript", "set-cookie": "a=b"}
        await Response(TEXT, self.status, headers)(scope, receive, send)


@pytest.fixture
def origin() -> Origin:
    return Origin()


def get(cache: StaticCache, path: str = FILE, query: str = "", **headers: str) -> Answer:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(cache, path, headers=given, query=query)


def test_the_app_is_asked_once(origin: Origin) -> None:
    cache = StaticCache(origin, PAGES)
    assert [get(cache).body for _ in range(3)] == [TEXT] * 3
    assert len(origin.asked) == 1


def test_who_leaves_in_the_middle_of_the_first_answer_spoils_it_for_nobody(tmp_path: Path) -> None:
    """A page that was closed while it loaded left an empty script, which nobody could use."""
    file = tmp_path / "plain.js"
    file.write_bytes(200 * TEXT)
    cache = StaticCache(FileResponse(file), PAGES)

    async def leave() -> None:
        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None: ...

        scope = {"type": "http", "method": "GET", "path": FILE, "headers": [], "query_string": b""}
        await cache(scope, receive, send)

    asyncio.run(leave())
    assert get(cache).body == 200 * TEXT


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate", "gzip"),  # what browsers offer over plain http
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("BR;Q=0.1", "br"),
        ("br;q=0.0,gzip;q=0", None),
        ("", None),
    ],
)
def test_the_best_accepted_encoding_is_sent(
    origin: Origin, accepted: str, encoding: str | None
) -> None:
    answer = get(StaticCache(origin, PAGES), accept_encoding=accepted)
    assert answer.headers.get("content-encoding") == encoding
    decode = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert decode(answer.body) == TEXT
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.headers["vary"] == "Accept-Encoding"


def test_pictures_and_tiny_files_are_sent_as_they_are() -> None:
    for body, kind in ((TEXT, "font/woff2"), (TEXT[:399], "text/css")):
        kept = Representation(body, kind)
        assert (kept.body("br"), "content-encoding" in kept.headers("br")) == (body, False)


def test_who_has_the_bytes_gets_304(origin: Origin) -> None:
    cache = StaticCache(origin, PAGES)
    tag = get(cache).headers["etag"]
    for known in (tag, f'"other", {tag}', "*"):
        answer = get(cache, if_none_match=known)
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["etag"] == tag
    assert get(cache, if_none_match='"other"').status == 200


def test_a_head_has_the_headers_and_no_body(origin: Origin) -> None:
    answer = ask(StaticCache(origin, PAGES), FILE, "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(len(TEXT))


@pytest.mark.parametrize(
    ("path", "query", "lifetime"),
    [
        (FILE, "", FOREVER),
        ("/theme.css", "v=8088a0", FOREVER),
        ("/theme.css", "", "public, max-age=3600"),
        ("/static/fonts/IBMPlexSans/IBMPlexSans-Bold.woff2", "", "public, max-age=3600"),
        ("/assets/plain.js", "", "public, max-age=3600"),
        ("/", "view=tokens", "no-cache"),
    ],
)
def test_only_what_is_named_by_its_content_is_kept_forever(
    origin: Origin, path: str, query: str, lifetime: str
) -> None:
    assert get(StaticCache(origin, PAGES), path, query).headers["cache-control"] == lifetime


def test_nothing_of_one_visitor_reaches_another(origin: Origin) -> None:
    cache = StaticCache(origin, PAGES)
    answer = get(cache, "/", "deep_link=secret", cookie="c=1", range="bytes=0-1", if_none_match="x")
    asked = origin.asked[0]
    assert asked["query_string"] == b""
    assert {name for name, _ in asked["headers"]} == {b"host"}
    assert "set-cookie" not in answer.headers


def test_the_page_is_rendered_once_for_each_address_and_few_are_kept(origin: Origin) -> None:
    cache = StaticCache(origin, PAGES)
    for forwarded in ("a.hf.space", "b.hf.space", "a.hf.space"):
        get(cache, "/", x_forwarded_host=forwarded)
    assert len(origin.asked) == 2
    for number in range(100):
        get(cache, "/", host=f"invented-{number}")
    assert len(cache._kept) == static_files.ADDRESSES
    get(cache, "/", x_forwarded_host="a.hf.space")  # asked for twice, invented ones once
    assert len(origin.asked) == 102


def test_every_page_is_rendered_once_and_a_query_never_chooses_it(origin: Origin) -> None:
    cache = StaticCache(origin, PAGES)
    for path in ("/", "/tokens", "/"):
        get(cache, path, "page=tokens&deep_link=a")
    assert [(one["path"], one["query_string"]) for one in origin.asked] == [
        ("/", b""),
        ("/tokens", b""),
    ]


def test_a_configuration_is_kept_for_each_page_that_exists(origin: Origin) -> None:
    cache = StaticCache(origin, PAGES)
    for query in ("", "page=tokens", "page=", "x=1", "page=none", "page=tokens&x=1", "page="):
        get(cache, "/config", query)
    assert [one["query_string"] for one in origin.asked] == [b"", b"page=tokens", b"page="]


def test_what_one_visitor_asks_decides_for_no_other_how_long_a_file_is_kept(
    origin: Origin,
) -> None:
    cache = StaticCache(origin, PAGES)
    for query, lifetime in (("v=8088a0", FOREVER), ("", "public, max-age=3600")):
        assert get(cache, "/theme.css", query).headers["cache-control"] == lifetime


def test_memory_is_bounded(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_files, "BYTES", 3 * len(TEXT))
    cache = StaticCache(origin, PAGES)
    for number in range(10):
        assert get(cache, f"/assets/file-{number:08}.js").body == TEXT
    assert sum(one.size for one in cache._kept.values()) <= 3 * len(TEXT)


def test_an_answer_that_is_no_file_is_passed_on_and_not_kept() -> None:
    origin = Origin(404)
    cache = StaticCache(origin, PAGES)
    assert [get(cache).status for _ in range(2)] == [404, 404]
    assert len(origin.asked) == 2


@pytest.mark.parametrize("path", ["/gradio_api/info", "/healthz", "/gradio_api/queue/data"])
def test_what_changes_is_never_kept(origin: Origin, path: str) -> None:
    cache = StaticCache(origin, PAGES)
    for _ in range(2):
        get(cache, path)
    assert len(origin.asked) == 2


def test_the_running_page_and_its_files_are_kept(live: Live) -> None:
    page = live.http.get("/", headers={"accept-encoding": "br"})
    assert page.headers["content-encoding"] == "br"
    script = re.search(r"assets/index-[\w-]+\.js", page.text)
    assert script is not None
    for path in ("/", f"/{script[0]}"):
        plain = live.http.get(path, headers={"accept-encoding": "identity"})
        zipped = live.http.get(path, headers={"accept-encoding": "gzip"})
        assert (zipped.headers["content-encoding"], zipped.content) == ("gzip", plain.content)
        known = {"if-none-match": plain.headers["etag"]}
        assert live.http.get(path, headers=known).status_code == 304


def test_the_running_page_knows_the_address_it_is_reached_under(live: Live) -> None:
    for host in ("one.hf.space", "two.hf.space"):
        headers = {"x-forwarded-host": host, "x-forwarded-proto": "https"}
        page = live.http.get("/", headers=headers).text
        assert f'"root":"https://{host}"' in page
