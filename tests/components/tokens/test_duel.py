"""Side by side: figures against plain counting and metrics.json, and the answers beside them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from components.shared.drawing.spelling import note
from components.shared.handlers import asking, for_typing
from components.tokens import perplexities
from components.tokens.duel import VIEW, Duel, ask, data
from components.tokens.tokenizers import EXAMPLES
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.score import Score
from inference.types.waiting import Waiting
from models.text.tokenizer import Tokenizer

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def told(service: Service, text: str) -> dict[str, Any]:
    *_, last = (one for one in ask(service, None, text, "text") if not isinstance(one, Waiting))
    assert isinstance(last, Duel)
    return data(last)


def test_the_first_answer_waits_for_no_model_and_the_last_has_both(service: Service) -> None:
    first, *_, last = (
        one for one in ask(service, None, "The cat sat.", "text") if not isinstance(one, Waiting)
    )
    assert isinstance(first, Duel) and isinstance(last, Duel)
    assert first.rows == last.rows and not first.read and len(last.read) == 2


def test_what_is_typed_is_cut_and_waits_for_no_model(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> None:
        raise AssertionError("a model is asked")

    monkeypatch.setattr(perplexities, "readings", read)
    run = for_typing(VIEW, asking(VIEW, service), 2)
    remark, drawn = run(SimpleNamespace(session_hash=None), "The cat sat.", "text", "")
    assert "strips" in str(drawn) and "sat" in str(drawn) and remark == str(note(""))
    refused, kept = run(SimpleNamespace(session_hash=None), " ", "text", "")
    assert "The text is empty" in str(refused) and "strips" not in str(kept)


def test_figures_are_those_of_plain_counting(service: Service) -> None:
    (text,) = EXAMPLES["A story"]
    for row in told(service, text)["tokenizers"]:
        library = Tokenizer.load(CHECKPOINTS / "tokenizers" / row["tokenizer"])
        ids, said = library.encode(text), row["figures"]
        assert [one["id"] for one in row["tokens"]] == ids
        assert said["tokens_per_word"] == len(ids) / len(text.split())
        assert said["bytes_per_token"] == len(text.encode()) / len(ids)
        assert bool(said["lost"]) == (library.decode(ids) != text)


def test_r5_stored_figures_are_those_of_the_cards_and_belong_together(service: Service) -> None:
    tokens, letters = (one["held_out"] for one in told(service, "The cat sat.")["models"])
    path = CHECKPOINTS / "storyteller-books" / "metrics.json"
    row = json.loads(path.read_text())["figures"]["Held-out stories"]["storyteller-books"]
    assert tokens["perplexity"] == row["perplexity per token"]
    assert tokens["per_byte"] == row["bits per byte"]
    per_token = row["bits per byte"] * row["bytes"] / row["tokens"]
    assert math.log2(tokens["perplexity"]) == pytest.approx(per_token, abs=2e-3)
    ladder = json.loads((CHECKPOINTS / "ladder" / "metrics.json").read_text())["figures"]
    (rungs,) = ladder.values()
    assert rungs["gpt"]["characters scored"] == row["bytes"]  # so that a character is a byte
    assert letters["per_byte"] == math.log2(letters["perplexity"])
    assert letters["per_byte"] == pytest.approx(rungs["gpt"]["bits per character"])


def test_r5_on_the_text_itself_bits_are_shared_out_over_its_bytes(service: Service) -> None:
    text = "The cat sat on the mat."
    for found in told(service, text)["models"]:
        score = service.answer(Score(text, found["model"]))
        bits = float(np.sum(score.scored.bits))
        given = len(score.given.encode())
        assert found["here"]["per_byte"] == pytest.approx(bits / (len(text) - given))
        assert found["here"]["perplexity"] == pytest.approx(2 ** (bits / len(score.scored.bits)))


def test_a_model_that_cannot_read_all_of_a_text_has_no_bits_for_it(service: Service) -> None:
    tokens, letters = (one["here"] for one in told(service, "a \u4f60 cat")["models"])
    assert tokens["per_byte"] and letters["per_byte"] is None
    assert letters["reason"].startswith("It does not read all")


def test_r30_the_answers_hold(service: Service) -> None:
    found = told(service, *EXAMPLES["A story"])
    lost = {row["tokenizer"]: row["figures"]["lost"] for row in found["tokenizers"]}
    assert lost["byte-bpe"] == {} == lost["multilingual"]
    assert all(lost[name]["spaces"] for name in ("words", "bpe", "wordpiece"))
    tokens, letters = (one["held_out"] for one in found["models"])
    assert (round(letters["perplexity"], 2), round(tokens["perplexity"], 1)) == (3.25, 29.9)
    assert (round(tokens["per_byte"], 2), round(letters["per_byte"], 2)) == (1.32, 1.70)
    pieces = [{one["text"].strip() for one in row["tokens"]} for row in found["tokenizers"]]
    for word in ("Once", "upon", "there", "lived"):
        assert sum(word in row for row in pieces) > len(pieces) / 2
    for word in ("tailor", "unbelievably", "Rumpelstiltskin"):
        assert sum(word in row for row in pieces) < len(pieces) / 2


@pytest.mark.parametrize("text", ["", "a" * 10_001, None])
def test_what_cannot_be_cut_is_refused(service: Service, text: str) -> None:
    with pytest.raises(OrreryError):
        told(service, text)
