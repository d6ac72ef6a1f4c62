"""The contract over HTTP, and a line that breaks, hangs, crawls or leads elsewhere."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from inference import wire
from inference.cluster import protocol, server
from inference.cluster.protocol import SESSION, VERSION
from inference.errors import InternalError, OtherVersion, ProcessLost, Unreachable
from inference.limits import Limits
from inference.service import Service
from inference.tasks.attention.maps import Attention
from inference.tasks.generate import Generate
from inference.tasks.ladder.train import Train
from inference.types.generation import Generation
from inference.types.options import GenerationOptions, Settings
from tests.inference.cluster.serving import CutOff, Line, serving
from tests.inference.cluster.test_contract import GREEDY, Contract
from tests.inference.values import equal

pytestmark = [pytest.mark.weights, pytest.mark.process]  # a training starts a process
TEXT = "Once upon a time there was a little"


@pytest.fixture(scope="module")
def behind(checkpoints: Path) -> Iterator[Service]:
    """Whoever runs the models."""
    service = Service(checkpoints, device="cpu")
    yield service
    service.close(0.0)


@pytest.fixture(scope="module")
def line(behind: Service) -> Line:
    return Line(behind._backend, behind.trained, behind.limits)


@pytest.fixture(scope="module")
def url(line: Line) -> Iterator[str]:
    with serving(line) as url:
        yield url


@pytest.fixture(scope="module")
def far(checkpoints: Path, url: str) -> Iterator[Service]:
    service = Service(checkpoints, cluster=url)
    yield service
    service.close(0.0)


@pytest.fixture
def disturbed(line: Line) -> Iterator[Line]:
    """The line, which is as before once the test is over."""
    line.asked.clear()
    yield line
    line.disturb, line.away = None, False


class TestOverHttp(Contract):
    pass


def cut_at(*numbers: int) -> Callable[..., Any]:
    """Cut off the first answers, each at the line of this number."""
    left = list(numbers)

    async def disturb(headers: dict[str, str], number: int, sent: bytes) -> None:
        if left and number == left[0]:
            left.pop(0)
            raise CutOff

    return disturb


def written(news: Any) -> int:
    return len(news.lanes[0].steps) if isinstance(news, Generation) else 0


@pytest.mark.parametrize("numbers", [(0,), (1,), (4,), (3, 2, 5)], ids=str)
def test_what_was_cut_off_goes_on_without_a_gap(
    behind: Service, far: Service, disturbed: Line, numbers: tuple[int, ...]
) -> None:
    """The page sees the texts grow, never shrink, and all is as if nothing had happened."""
    disturbed.disturb = cut_at(*numbers)
    task = Generate(TEXT, options=GenerationOptions(new_tokens=90))
    seen = list(far.run(task, "me"))
    lengths = [written(news) for news in seen]
    assert lengths == sorted(lengths)
    assert equal(seen[-1], behind.answer(task))
    assert len(disturbed.asked) == len(numbers) + 1
    pages = [asked[SESSION] for asked in disturbed.asked]
    assert pages[0] == "me" and len(set(pages)) == len(pages)  # not to the same replica again
    assert far.status.requests.failed == far.status.requests.partial == 0


def test_a_line_that_was_cut_in_the_midst_is_not_believed(
    behind: Service, far: Service, disturbed: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded, times = wire.encoded, iter(range(100))
    monkeypatch.setattr(
        server.wire, "encoded", lambda value: encoded(value)[: 5 if next(times) == 2 else None]
    )
    task = Attention("The cat sat on the mat.")
    assert equal(far.answer(task, "me"), behind.answer(task))


def test_a_replica_that_hangs_is_left(
    behind: Service, far: Service, disturbed: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs = iter([True])

    async def disturb(headers: dict[str, str], number: int, sent: bytes) -> None:
        if number == 3 and next(hangs, False):
            await asyncio.sleep(30)

    disturbed.disturb = disturb
    backend: Any = far._backend
    monkeypatch.setattr(backend._client, "timeout", httpx.Timeout(0.6))
    began = time.monotonic()
    assert equal(far.answer(Generate(TEXT), "me"), behind.answer(Generate(TEXT)))
    assert len(disturbed.asked) == 2 and time.monotonic() - began < 20


def test_a_slow_line_is_slow_and_nothing_else(
    behind: Service, far: Service, disturbed: Line
) -> None:
    async def disturb(headers: dict[str, str], number: int, sent: bytes) -> None:
        await asyncio.sleep(0.15)

    disturbed.disturb = disturb
    seen = list(far.run(Generate(TEXT), "me"))
    assert equal(seen[-1], behind.answer(Generate(TEXT))) and len(disturbed.asked) == 1
    assert len(seen) < 20  # what was not sent in time was replaced by what was newer


def test_a_head_that_restarts_is_waited_for(behind: Service, far: Service, disturbed: Line) -> None:
    disturbed.away = True
    threading.Timer(0.7, lambda: setattr(disturbed, "away", False)).start()
    assert equal(far.answer(Generate(TEXT), "me"), behind.answer(Generate(TEXT)))


def test_a_cluster_that_stays_away_is_said_so(checkpoints: Path) -> None:
    limits = Limits(seconds=0.5)
    service = Service(checkpoints, limits=limits, cluster="http://127.0.0.1:9")
    with pytest.raises(Unreachable, match=r"do not answer\. Your input"):
        service.answer(Generate(TEXT, options=GREEDY))
    with pytest.raises(Unreachable):
        service._backend.open("storyteller")
    assert service.status.device == "unreachable" and "away" in service.status.note
    assert service.status.requests.failed == 1 and service.status.requests.add_up
    service.close(0.0)


def test_a_server_of_something_else_is_no_cluster(checkpoints: Path, behind: Service) -> None:
    async def other(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b"<h1>not here</h1>"})

    with serving(other) as url:  # type: ignore[arg-type]
        service = Service(checkpoints, limits=Limits(seconds=0.5), cluster=url)
        with pytest.raises(Unreachable):
            service.answer(Generate(TEXT, options=GREEDY))
        service.close(0.0)


def test_a_page_of_another_version_is_refused_with_a_sentence(far: Service, url: str) -> None:
    backend: Any = far._backend
    ours = backend._client.headers[VERSION]
    assert ours == protocol.version() and len(ours) == 16
    backend._client.headers[VERSION] = "0" * 16
    try:
        with pytest.raises(OtherVersion, match="both have to be started from the same version"):
            far.answer(Generate(TEXT, options=GREEDY), "me")
        with pytest.raises(OtherVersion):
            backend.open("storyteller")
    finally:
        backend._client.headers[VERSION] = ours


def test_the_version_is_another_where_a_line_of_code_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of(text: str) -> str:
        (tmp_path / "models").mkdir(exist_ok=True)
        (tmp_path / "models" / "one.py").write_text(text)
        protocol.version.cache_clear()
        return protocol.version()

    monkeypatch.setattr(protocol, "ROOT", tmp_path)
    try:
        assert of("a = 1") != of("a = 2") != of("a = 1") == of("a = 1")
    finally:
        monkeypatch.undo()
        protocol.version.cache_clear()


def test_a_training_that_was_lost_says_so(far: Service, disturbed: Line) -> None:
    seen = 0

    async def disturb(headers: dict[str, str], number: int, sent: bytes) -> None:
        nonlocal seen
        seen += sent.startswith(b'{"news"')
        if seen == 2:
            raise CutOff

    disturbed.disturb = disturb
    with pytest.raises(ProcessLost, match="What was shown so far stays"):
        far.answer(Train("", settings=Settings(text="names", width=16, steps=400)), "me")


def test_a_fault_of_ours_is_in_the_log_under_the_reference_that_is_shown(
    far: Service,
    behind: Service,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret of the house")

    monkeypatch.setattr(behind._backend, "run", broken)
    with pytest.raises(InternalError) as told:
        far.answer(Generate(TEXT, options=GREEDY), "me")
    logged = [
        one.getMessage() for one in caplog.records if told.value.reference in one.getMessage()
    ]
    assert len(logged) == 1 and "ZeroDivisionError" in logged[0]
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"task":null,"session":null,"after":0,"files":null}',
        b'{"task":{"class":"Popen"},"session":null,"after":0,"files":null}',
        b'{"task":{"class":"Generate","text":""}}',
        b"\xff\xfe",
    ],
)
def test_a_body_that_holds_no_question_is_refused(url: str, body: bytes) -> None:
    answer = httpx.post(f"{url}/decode/run", content=body, headers={VERSION: protocol.version()})
    assert answer.status_code == 400
    said = wire.built(answer.json(), wire.known())
    assert said.code == "internal" and "reference" in said.sentence


def test_files_go_nowhere_but_under_a_name_of_ours(behind: Service, far: Service, url: str) -> None:
    task = Generate("Emm", "trained-../../../../tmp/evil", GREEDY)
    asked = {"task": wire.plain(task), "session": None, "after": 0}
    files = wire.plain({"config.json": b"{}"})
    answer = httpx.post(
        f"{url}/decode/run",
        content=wire.encoded({**asked, "files": files}),
        headers={VERSION: protocol.version()},
    )
    assert answer.status_code == 400 and not Path("/tmp/evil").exists()
