"""A program that uses the documented events through `gradio_client` passes the edge unharmed."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError, ValidationError

from tests.web.conftest import Live


@pytest.fixture
def program(live: Live, tmp_path: Path) -> Client:
    return Client(str(live.http.base_url), verbose=False, download_files=str(tmp_path))


def test_a_program_gets_what_the_page_gets(program: Client) -> None:
    assert "token 1," in program.predict("Rumpelstiltskin", api_name="/tokens_pieces")
    job = program.submit("Once upon a time", length=8, api_name="/generation_lanes")
    assert "Greedy" in job.result(timeout=60)[1]
    assert len(job.outputs()) >= 1
    note, maps = program.predict("The cat", api_name="/attention_heads")
    assert "note" in note and "data-value" in maps


def test_a_program_is_told_what_is_wrong_by_name(program: Client) -> None:
    with pytest.raises(AppError, match="The text is empty"):
        program.predict("", api_name="/tokens_pieces")
    with pytest.raises(ValidationError, match="Temperature is a number from 0"):
        program.predict("Once", temperature=9, api_name="/generation_lanes")


def test_a_program_may_stop_what_it_began(program: Client) -> None:
    job = program.submit("Once upon a time", length=128, api_name="/generation_lanes")
    next(iter(job))
    assert job.cancel()
