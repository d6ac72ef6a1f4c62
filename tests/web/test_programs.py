"""A program that uses the endpoints through `gradio_client` passes the edge unharmed."""

from __future__ import annotations

import json

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError, ValidationError


def test_a_program_gets_data_and_no_html(program: Client) -> None:
    found = program.predict("<b>'s & co", api_name="/tokens_pieces")
    assert "".join(token["text"] for token in found["tokens"]) == "<b>'s & co"
    assert found["view"] == "tokens-pieces" and found["inputs"]["tokenizer"] == "byte-bpe"
    job = program.submit("Once upon a time", length=8, api_name="/generation_lanes")
    lanes = job.result(timeout=60)["lanes"]
    assert [len(lane["steps"]) for lane in lanes] == [8] * 5
    assert [one for one in job.outputs() if one is not None] == [job.result()]
    assert "<span" not in json.dumps(lanes)


def test_a_program_is_told_what_is_wrong_by_name_and_code(program: Client) -> None:
    with pytest.raises(AppError, match="The text is empty") as told:
        program.predict("", api_name="/tokens_pieces")
    assert told.value.title == "empty"
    with pytest.raises(ValidationError, match="Temperature is a number from 0"):
        program.predict("Once", temperature=9, api_name="/generation_lanes")


def test_errors_are_plain_text(program: Client) -> None:
    with pytest.raises(AppError, match="'<b>&x' is not in this vocabulary"):
        program.predict("<b>&x", api_name="/embeddings_neighbours")


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [
        ("tokens_pieces", "text"),
        ("tokens_duel", "text"),
        ("embeddings_neighbours", "word"),
        ("embeddings_analogies", "b"),
        ("attention_heads", "text"),
        ("attention_removal", "text"),
        ("generation_lanes", "prompt"),
        ("generation_wheel", "prompt"),
        ("ladder_models", "prompt"),
        ("ladder_dimensions", "text"),
        ("ladder_letters", "text"),
        ("ladder_loss", "scores"),
        ("ladder_state", "text"),
        ("ladder_reach", "text"),
        ("ladder_forcing", "text"),
    ],
)
def test_no_text_is_as_an_empty_text(program: Client, endpoint: str, name: str) -> None:
    with pytest.raises(AppError) as told:
        program.predict(**{name: None}, api_name=f"/{endpoint}")
    assert told.value.title == "empty"


@pytest.mark.parametrize(
    ("endpoint", "name"), [("embeddings_neighbours", "other"), ("generation_wheel", "written")]
)
def test_a_text_that_may_be_empty_may_be_none(program: Client, endpoint: str, name: str) -> None:
    found, same = (
        program.predict(**{name: nothing}, api_name=f"/{endpoint}") for nothing in (None, "")
    )
    assert found | {"inputs": None} == same | {"inputs": None}


def test_a_program_may_stop_what_it_began(program: Client) -> None:
    job = program.submit("Once upon a time", length=128, api_name="/generation_lanes")
    next(iter(job))
    assert job.cancel()
