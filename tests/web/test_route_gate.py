"""What no tab uses is not there."""

from __future__ import annotations

import pytest
from starlette.types import Receive, Scope, Send

from tests.web.asking import ask
from tests.web.conftest import Live
from web.responses import refusal
from web.routes import RouteGate

A = "/gradio_api"
PAGES = ("/", "/tokens")
USED = (
    ("GET", "/"),
    ("HEAD", "/"),
    ("GET", "/tokens"),
    ("GET", "/healthz"),
    ("GET", "/assets/index-DphvyggB.js"),
    ("GET", "/static/fonts/IBMPlexSans/IBMPlexSans-Regular.woff2"),
    ("GET", "/theme.css"),
    ("GET", "/config"),
    ("GET", f"{A}/info"),
    ("GET", f"{A}/queue/data"),
    ("GET", f"{A}/heartbeat/abc-1_2"),
    ("POST", f"{A}/queue/join"),
    ("POST", f"{A}/run/predict"),
    ("POST", f"{A}/cancel"),
)
UNUSED = (
    ("POST", f"{A}/upload"),
    ("GET", f"{A}/upload_progress?upload_id=1"),
    ("POST", f"{A}/process_recording"),
    ("GET", f"{A}/file=http://127.0.0.1/"),
    ("GET", f"{A}/file=app.py"),
    ("GET", f"{A}/file=/etc/passwd"),
    ("GET", f"{A}/file/app.py"),
    ("GET", f"{A}/proxy=https://x.hf.space/"),
    ("GET", f"{A}/deep_link?session_hash=a"),
    ("GET", f"{A}/openapi.json"),
    ("GET", f"{A}/runs"),
    ("POST", f"{A}/run-history/connect"),
    ("POST", f"{A}/component_server"),
    ("POST", f"{A}/vibe-edit"),
    ("GET", f"{A}/vibe-code"),
    ("GET", f"{A}/custom_component/a/client/b/c.js"),
    ("GET", f"{A}/stream/a/b/c/playlist.m3u8"),
    ("POST", f"{A}/stream/a"),
    ("POST", f"{A}/call/tokens_pieces"),
    ("POST", f"{A}/call/v2/tokens_pieces"),
    ("POST", f"{A}/api/predict"),
    ("GET", f"{A}/dev/reload"),
    ("GET", f"{A}/token"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/monitoring"),
    ("GET", "/monitoring/summary"),
    ("GET", "/pwa_icon"),
    ("GET", "/pwa_icon/99999"),
    ("GET", "/manifest.json"),
    ("GET", "/svelte/a.js"),
    ("POST", "/login"),
    ("GET", "/logout"),
    ("POST", "/"),
    ("DELETE", f"{A}/queue/join"),
    ("GET", "/assets/../../app.py"),
    ("GET", "/app.py"),
    ("GET", "/nothing/"),
    ("POST", "/tokens"),
    ("GET", "/assets/" + "a" * 300),
)


@pytest.mark.parametrize(("method", "path"), USED)
def test_what_the_page_uses_is_let_in(method: str, path: str) -> None:
    assert RouteGate(reached, PAGES).lets_in(method, path)


@pytest.mark.parametrize(("method", "path"), UNUSED)
def test_everything_else_is_404_before_gradio(method: str, path: str) -> None:
    assert ask(RouteGate(reached, PAGES), path, method).status == 404


@pytest.mark.parametrize("root", ["", "/orrery", "/orrery/"])
@pytest.mark.parametrize("kept", [False, True])
def test_a_path_is_the_same_whether_the_proxy_keeps_its_prefix(root: str, kept: bool) -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["path"])
        await refusal(200, "")(scope, receive, send)

    gate = RouteGate(app, PAGES)
    paths = ["/", "/tokens", "/config", "/config/", f"{A}/queue/data"]
    for path in paths:
        asked = root.rstrip("/") + path if kept else path
        assert ask(gate, asked, root=root).status == 200
    assert seen == [path.rstrip("/") or "/" for path in paths]
    for strange in ("/orrerytokens", "//", "///", "/tokens//"):
        assert ask(gate, strange, root=root).status == 404


@pytest.mark.parametrize(
    ("path", "root", "target"),
    [
        ("/tokens/", "", "../tokens?a=1"),
        ("/orrery/tokens/", "/orrery", "../tokens?a=1"),
        ("/orrery", "/orrery", "orrery/?a=1"),
    ],
)
def test_a_page_is_opened_where_its_links_work(path: str, root: str, target: str) -> None:
    answer = ask(RouteGate(reached, PAGES), path, query="a=1", root=root)
    assert (answer.status, answer.headers["location"]) == (308, target)


async def reached(*_: object) -> None:
    raise AssertionError("The app behind the gate was reached.")


@pytest.mark.parametrize(("method", "path"), UNUSED)
def test_everything_else_is_404_on_the_running_app(live: Live, method: str, path: str) -> None:
    assert live.http.request(method, path).status_code == 404
