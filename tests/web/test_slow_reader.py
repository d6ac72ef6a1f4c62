"""F4: who reads a byte at a time holds nobody up, and gets the whole result."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import socket
from typing import Any

import httpx
import pytest
from gradio_client.utils import apply_diff

from benchmarks import server
from benchmarks.visitor import API, Kind, Visitor, client, kinds

PEOPLE = 12
PATIENCE = 60.0


async def trickle(http: httpx.AsyncClient, port: int, kind: Kind, read_on: asyncio.Event) -> bytes:
    """Press, and read the stream a byte at a time until told to read on; all that was read."""
    session = secrets.token_hex(6)
    body = {"data": kind.values, "fn_index": kind.number, "session_hash": session}
    (await http.post(f"{API}/queue/join", json=body)).raise_for_status()
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=line, limit=1024)
    query = (
        f"GET {API}/queue/data?session_hash={session} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    )
    writer.write(query.encode())
    read = bytearray()
    while not read_on.is_set():
        read += await reader.read(1)
        await asyncio.sleep(0.1)
    while not re.search(rb"close_stream[^\n]*\n", read):  # all of the last message
        piece = await asyncio.wait_for(reader.read(65536), PATIENCE)
        assert piece, "the stream ended too early"  # and would be read for ever
        read += piece
    writer.close()
    return bytes(read)


async def nobody_at_work(http: httpx.AsyncClient) -> dict[str, int]:
    """The counters once every run has ended, and its handler with it."""
    while True:
        counts: dict[str, int] = (await http.get("/healthz")).json()["requests"]
        if not counts["queued"] + counts["running"]:
            return counts
        await asyncio.sleep(0.1)


async def slow_and_fast(app: server.Server) -> None:
    read_on = asyncio.Event()
    async with client(app.address, PATIENCE) as http:
        pressed, opening = await kinds(http)
        await Visitor(http).press(*opening)
        generate = pressed["generation_lanes"]
        port = int(app.address.rsplit(":", 1)[1])
        slow = [asyncio.create_task(trickle(http, port, generate, read_on)) for _ in range(PEOPLE)]
        (answered,) = await Visitor(http).press(generate)
        assert answered.ending == "answered"
        counts = await nobody_at_work(http)
        assert counts["done"] == counts["received"] > PEOPLE  # all ran to their end
        assert not any(task.done() for task in slow)
        read_on.set()
        results = [result(said) for said in await asyncio.gather(*slow)]
        # the texts, for probabilities differ in the fifth digit by who else was in the batch
        assert len({tuple(map(tokens, lanes)) for _, *lanes in results}) == 1
        _, *lanes = results[0]
        assert [len(tokens(lane)) > 10 for lane in lanes[:5]] == [
            True
        ] * 5 and "per token" in lanes[0]


def result(said: bytes) -> list[str]:
    """The last state that a stream brought: a whole one, and what changed in it again and again."""
    _, _, rest = said.partition(b"\r\n\r\n")
    content = bytearray()
    while rest:  # chunks: a length in hexadecimal, then so many bytes
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        content += rest[:length]
        rest = rest[length + 2 :]
    messages = [json.loads(line[6:]) for line in content.splitlines() if line.startswith(b"data: ")]
    (completed,) = [one for one in messages if one["msg"] == "process_completed"]
    assert completed["success"]
    first, *changes = [one["output"]["data"] for one in messages if "generating" in one["msg"]]
    state: list[Any] = list(first)
    shown = [""] * len(state)
    for change in changes:
        state = [apply_diff(old, edits) for old, edits in zip(state, change, strict=True)]
        # what is no text leaves a part as it was
        both = zip(state, shown, strict=True)
        shown = [new if isinstance(new, str) else old for new, old in both]
    return shown


def tokens(lane: str) -> tuple[str, ...]:
    """What a lane wrote."""
    return tuple(re.findall(r'data-place="\d+"[^>]*>(.*?)</span>', lane))


@pytest.mark.thorough
@pytest.mark.process
@pytest.mark.weights
def test_f4_a_slow_reader_holds_nobody_up_and_is_told_everything_later() -> None:
    with server.running() as app:
        asyncio.run(slow_and_fast(app))
