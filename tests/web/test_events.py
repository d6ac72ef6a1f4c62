"""What a program may send to the named events: taken as text, or refused in a sentence."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from tests.web.conftest import Live

NAMES = {
    "tokens_pieces": ["text", "tokenizer", "special_tokens"],
    "tokens_duel": ["text", "special_tokens", "own"],
    "tokens_merges": ["text", "tokenizer", "merges", "word"],
    "tokens_train": ["text", "kind", "merges", "shown", "other"],
    "tokens_cost": ["text", "tokenizer"],
    "tokens_vocabulary": ["tokenizer", "search", "sort", "merges", "text", "token", "page"],
    "embeddings_neighbours": ["word", "other", "model", "least", "second", "third", "names"],
    "embeddings_analogies": [
        *("a", "b", "c", "model", "least", "method", "lengths", "pairs", "names", "may_win"),
    ],
    "embeddings_map": ["word", "model", "method", "colour", "dimensions", "seed"],
    "embeddings_benchmark": ["opened", "columns", "model"],
    "embeddings_arithmetic": ["words", "model", "least", "names"],
    "embeddings_axes": ["words", "across", "upwards", "model"],
    "embeddings_words": ["words", "word", "model", "method"],
    "embeddings_matrix": ["words", "model", "arranged"],
    "embeddings_context": ["word", "sentences"],
    "embeddings_counting": ["sentences"],
    "embeddings_ratios": ["one", "other", "words"],
    "embeddings_windows": ["sentence", "seed"],
    "embeddings_classifier": ["lines", "judged"],
    "embeddings_pieces": ["word", "off", "least"],
    "attention_heads": ["text", "model", "head", "part", "age", "written"],
    "attention_journey": ["text", "place", "model"],
    "attention_removal": ["text", "model", "removal", "more"],
    "attention_cell": ["text", "cell", "score", "model"],
    "attention_lens": ["text", "model"],
    "attention_roles": ["text", "model"],
    "attention_growing": ["text", "head"],
    "attention_explanation": ["text", "token", "taken", "layer", "model"],
    "attention_positions": ["scheme", "length", "power", "which"],
    "attention_translation": ["text", "beams", "reference"],
    "attention_masked": ["text", "hidden"],
    "attention_cost": ["power", "model"],
    "generation_lanes": [
        *("prompt", "model", "temperature", "k", "p", "beams", "length", "seed", "own"),
    ],
    "generation_choice": [
        *("prompt", "follow", "model", "choice", "order", "temperature", "k", "p", "least"),
        *("typical", "penalty", "seed", "ngram"),
    ],
    "generation_wheel": [
        *("prompt", "written", "tried", "model", "choice", "temperature", "k", "p", "seed"),
    ],
    "generation_tree": ["prompt", "model", "depth", "percent"],
    "generation_beam": ["prompt", "model", "beams", "steps", "penalty", "stopping", "opened"],
    "generation_thousand": [
        *("prompt", "model", "temperature", "k", "p", "least", "draws", "length", "seed"),
    ],
    "generation_game": ["text", "played", "unit"],
    "generation_text": ["text", "model", "below", "phrase"],
    "ladder_models": ["prompt", "model", "length", "seed", "text"],
    "ladder_dimensions": ["text"],
    "ladder_letters": ["text", "pair", "model"],
    "ladder_loss": ["scores", "right", "rate"],
    "ladder_train": [
        *("experiment", "text", "own", "model", "width", "rate", "steps", "optimiser", "layers"),
        *("window", "batch", "schedule", "weight_decay", "dropout", "clip", "seed", "watched"),
    ],
    "ladder_table": ["source", "start", "rolls", "seed"],
    "ladder_forcing": ["text", "model", "own", "temperature", "seed"],
    "ladder_reach": ["text", "factor", "seed"],
    "ladder_state": ["text", "model", "follows", "held", "cell", "seed"],
}
BROKEN = "ab\ud800cd\udc00"


@pytest.fixture(scope="module")
def events(live: Live) -> dict[str, tuple[int, dict[str, Any]]]:
    """By name, the number of an event and the values that its inputs open with."""
    config = live.http.get("/config").json()
    opening = {part["id"]: part["props"].get("value") for part in config["components"]}
    return {
        event["api_name"]: (
            event["id"],
            dict(zip(NAMES[event["api_name"]], (opening[i] for i in event["inputs"]), strict=True)),
        )
        for event in config["dependencies"]
        if event["api_visibility"] == "public"
    }


class Refusal(Exception):
    """What was said instead of an answer."""


def call(live: Live, event: tuple[int, dict[str, Any]], **values: object) -> list[Any]:
    """Send an event and follow it to its end; a value not named is the opening one."""
    number, opening = event
    session = secrets.token_hex(6)
    body = {"data": [*(opening | values).values()], "fn_index": number, "session_hash": session}
    content = json.dumps(body).encode("ascii")  # writes half a character as \ud800
    headers = {"content-type": "application/json"}
    joined = live.http.post("/gradio_api/queue/join", content=content, headers=headers)
    if joined.status_code == 422:
        raise Refusal(joined.text)
    joined.raise_for_status()
    said = live.http.get("/gradio_api/queue/data", params={"session_hash": session}).text
    lines = [line.removeprefix("data: ") for line in said.splitlines() if line]
    messages = [message for line in lines if (message := json.loads(line))["msg"] != "close_stream"]
    last = messages[-1]
    if not last["success"]:
        raise Refusal(str(last["output"]["error"]))
    results: list[Any] = last["output"]["data"]
    return results


def test_the_names_of_events_and_inputs_are_stable(live: Live) -> None:
    described = live.http.get("/gradio_api/info").json()
    found = {
        name.removeprefix("/"): [one["parameter_name"] for one in endpoint["parameters"]]
        for name, endpoint in described["named_endpoints"].items()
    }
    assert found == NAMES
    assert described["unnamed_endpoints"] == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("temperature", value) for value in (0, -1, 1e9, 2.01)),
        *(("k", value) for value in (0, -5, 10**6)),
        *(("p", value) for value in (0, 1.5)),
        *(("beams", value) for value in (1, 10**6)),
        *(("length", value) for value in (0, 10**6)),
        *(("seed", value) for value in (-1, 2**40, None)),
    ],
)
def test_a_number_out_of_range_is_refused_with_its_range(
    live: Live, events: Any, name: str, value: float | None
) -> None:
    with pytest.raises(Refusal, match=r"from [\d.,]+ to [\d.,]+"):
        call(live, events["generation_lanes"], **{name: value})


@pytest.mark.parametrize("value", ["much", [1], {"a": 1}, None])
def test_what_is_no_number_is_refused(live: Live, events: Any, value: object) -> None:
    with pytest.raises(Refusal, match="Temperature is a number"):
        call(live, events["generation_lanes"], temperature=value)


@pytest.mark.parametrize("value", ["../storyteller", "", None, ["mean"], {"a": 1}, 7])
@pytest.mark.parametrize(
    ("name", "choice"),
    [
        ("attention_removal", "removal"),
        ("embeddings_neighbours", "model"),
        ("tokens_pieces", "tokenizer"),
        ("generation_lanes", "model"),
    ],
)
def test_what_is_no_choice_is_refused(
    live: Live, events: Any, name: str, choice: str, value: object
) -> None:
    with pytest.raises(Refusal, match=r"one of .+, .+|there is none of this name"):
        call(live, events[name], **{choice: value})


@pytest.mark.parametrize("name", ["tokens_pieces", "attention_heads", "generation_lanes"])
def test_half_a_character_is_replaced_and_said_so(live: Live, events: Any, name: str) -> None:
    outputs = call(live, events[name], **{NAMES[name][0]: BROKEN})
    assert "2 characters were not valid Unicode" in outputs[0]["note"]


def test_half_a_character_is_no_word(live: Live, events: Any) -> None:
    with pytest.raises(Refusal, match="is not in this vocabulary"):
        call(live, events["embeddings_neighbours"], word=BROKEN)


@pytest.mark.parametrize("name", NAMES)
def test_every_event_answers_after_all_that(live: Live, events: Any, name: str) -> None:
    assert call(live, events[name])
