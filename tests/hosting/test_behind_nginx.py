"""The app behind nginx, as docs/hosting.md says: at "/", under a sub-path, and from elsewhere."""

from __future__ import annotations

import json
import re
import secrets
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client

from tests.browser import running
from tests.hosting.nginx import Proxied, proxied

pytestmark = [pytest.mark.process, pytest.mark.thorough]
PER_ADDRESS = 112


@pytest.fixture(scope="module", params=["", "/orrery", "/orrery from elsewhere"])
def behind(
    request: pytest.FixtureRequest, checkpoints: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxied]:
    root, _, elsewhere = request.param.partition(" ")
    folder = tmp_path_factory.mktemp("nginx")
    with proxied(checkpoints, folder, root, bool(elsewhere)) as found:
        yield found


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=running.PATIENCE, trust_env=False, follow_redirects=True) as client:
        yield client


def ask_from(source: str) -> httpx.Client:
    """A client at another address of this machine."""
    transport = httpx.HTTPTransport(local_address=source)
    return httpx.Client(transport=transport, timeout=running.PATIENCE, trust_env=False)


def root_of(page: httpx.Response) -> str:
    """Where a page believes that it is."""
    assert page.status_code == 200
    found = re.search(r'"root":"([^"]*)"', page.text)
    assert found is not None
    return found[1]


def test_a_page_knows_the_address_that_the_browser_sees(
    behind: Proxied, http: httpx.Client
) -> None:
    trusted = ssl.create_default_context(cafile=behind.certificate)
    with httpx.Client(verify=trusted, timeout=running.PATIENCE, trust_env=False) as secure:
        for path in ("/", "/generation"):
            assert root_of(http.get(behind.plain + path)) == behind.plain
            assert root_of(secure.get(behind.secure + path)) == behind.secure


def test_an_address_with_a_slash_too_few_or_too_many_leads_to_the_page(
    behind: Proxied, http: httpx.Client
) -> None:
    for path, end in (("", "/"), ("/tokens/", "/tokens"))[not behind.root :]:
        page = http.get(behind.plain + path, params={"view": "tokens-duel"})
        assert root_of(page) == behind.plain
        assert str(page.url) == f"{behind.plain}{end}?view=tokens-duel"


def test_the_edge_answers_as_it_does_without_a_proxy(behind: Proxied, http: httpx.Client) -> None:
    assert http.get(f"{behind.plain}/healthz").json()["ok"]
    assert "library_name: transformers" in http.get(f"{behind.plain}/cards/storyteller").text
    assert http.get(f"{behind.plain}/gradio_api/upload").status_code == 404
    page = http.get(f"{behind.plain}/")
    assert "frame-ancestors" in page.headers["content-security-policy"]
    script = re.search(r"assets/[\w-]+-[\w-]{8,}\.js", page.text)
    assert script is not None
    address = f"{behind.plain}/{script[0]}"
    kept = http.get(address, headers={"Accept-Encoding": "br"})
    assert (kept.status_code, kept.headers["content-encoding"]) == (200, "br")
    assert "immutable" in kept.headers["cache-control"]
    again = http.get(address, headers={"If-None-Match": kept.headers["etag"]})
    assert again.status_code == 304


def test_metrics_are_for_those_inside_alone(behind: Proxied, http: httpx.Client) -> None:
    for root in {"", behind.root}:
        assert "orrery_requests" in http.get(f"{behind.direct}{root}/metrics").text
        host = behind.plain.removesuffix(behind.root)
        for path in ("/metrics", "//metrics", "/metrics/", "/%6detrics", "/x/../metrics"):
            refused = http.get(f"{host}{root}{path}")
            assert refused.status_code in (403, 404), path
            assert "orrery_requests" not in refused.text
        assert http.get(f"{host}{root}/metrics").status_code == 403


def test_a_program_is_answered(behind: Proxied) -> None:
    client = Client(f"{behind.plain}/", verbose=False, download_files=False)
    cut = client.predict("Behind a proxy", api_name="/tokens_pieces")
    assert "".join(token["text"] for token in cut["tokens"]) == "Behind a proxy"


@pytest.mark.weights
def test_a_run_is_seen_while_it_is_at_work(behind: Proxied, http: httpx.Client) -> None:
    event = event_of(http, behind.plain, "generation_lanes", length=256)
    session = secrets.token_hex(6)
    assert join(http, behind.plain, event, session) == 200
    told, at_work = [], []
    address = f"{behind.plain}/gradio_api/queue/data?session_hash={session}"
    with http.stream("GET", address) as stream:
        for line in stream.iter_lines():
            told.append(json.loads(line.removeprefix("data: "))["msg"] if line else "")
            if told[-1] == "process_generating":
                now = http.get(f"{behind.direct}/healthz").json()
                at_work.append(now["requests"]["running"])
    assert "process_completed" in told
    assert sum(at_work) > 2  # kept back by nginx, all would come once nothing runs any more


def test_a_topic_is_opened_and_followed(behind: Proxied, http: httpx.Client) -> None:
    address = f"{behind.plain}/watch"
    told = http.post(address, content=f"{address}/").json()
    assert told["qr"]
    page = http.get(f"{address}/{told['code']}")
    assert "A training, as it goes on" in page.text
    with http.stream("GET", f"{address}/{told['code']}/news") as news:
        assert next(news.iter_lines()) == "event: people"


def test_each_visitor_is_an_address_of_its_own_whatever_a_header_says(behind: Proxied) -> None:
    with (
        ask_from("127.0.0.2") as crowd,
        ask_from("127.0.0.3") as other,
        ask_from("127.0.0.5") as liar,
    ):
        event = event_of(crowd, behind.plain, "tokens_pieces")
        assert fill(crowd, behind.plain, event) >= PER_ADDRESS
        assert join(other, behind.plain, event) == 200
        fill(crowd, behind.plain, event, {"X-Forwarded-For": "127.0.0.4"})
        # Past nginx nobody speaks for others.
        assert join(liar, behind.direct, event, headers={"X-Forwarded-For": "127.0.0.2"}) == 200


def fill(
    http: httpx.Client, address: str, event: dict[str, Any], headers: dict[str, str] | None = None
) -> int:
    """Send events until one is refused, as each is given up after a while; how many were taken."""
    for taken in range(4 * PER_ADDRESS):
        status = join(http, address, event, headers=headers)
        if status == 429:
            return taken
        assert status == 200
    raise AssertionError("No bound was met.")


def join(
    http: httpx.Client,
    address: str,
    event: dict[str, Any],
    session: str = "",
    headers: dict[str, str] | None = None,
) -> int:
    """Send an event, as a new session where none is named; the status."""
    body = {**event, "session_hash": session or secrets.token_hex(6)}
    return http.post(f"{address}/gradio_api/queue/join", json=body, headers=headers).status_code


def event_of(http: httpx.Client, address: str, name: str, **values: object) -> dict[str, Any]:
    """An event with the values that its inputs open with, as every program reads them."""
    config = http.get(f"{address}/config").json()
    opening = {part["id"]: part["props"].get("value") for part in config["components"]}
    (found,) = (one for one in config["dependencies"] if one["api_name"] == name)
    labels = {part["id"]: part["props"].get("elem_id", "") for part in config["components"]}
    data = {labels[one].rpartition("-")[2]: opening[one] for one in found["inputs"]}
    assert values.keys() <= data.keys()
    return {"fn_index": found["id"], "data": [*(data | values).values()]}
