"""The translators of the collection: what they write, and the numbers of plain transformers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from inference.service import Service
from inference.tasks.translate import Translate
from inference.types.generation import Generation
from inference.types.options import GenerationOptions, LaneOptions
from models import loading
from models.text.tokenizer import Tokenizer

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
LONG = "My brother bought a red car last week because his old one was broken."
pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def written(service: Service, model: str, sentence: str) -> str:
    options = GenerationOptions((LaneOptions("Greedy"),), 64)
    *_, found = service.run(Translate(sentence, model, options))
    assert isinstance(found, Generation)
    steps = [step.token for step in found.lanes[0].steps if step.token != found.end_of_text]
    return b"".join(found.pieces[token] for token in steps).decode()


@pytest.mark.parametrize("name", ["translator", "translator-rnn", "translator-rnn-bottleneck"])
def test_a_short_sentence_is_translated(service: Service, name: str) -> None:
    assert name in [entry.name for entry in service.catalog.entries("translate")]
    assert written(service, name, "Where is the cat?") in {
        "Où est le chat ?",
        "Où se trouve le chat ?",
    }


def test_one_vector_loses_a_long_sentence_and_attention_does_not(service: Service) -> None:
    whole = written(service, "translator", LONG)
    assert "voiture rouge la semaine dernière parce que" in whole
    assert "rouge" in written(service, "translator-rnn", LONG)
    assert "rouge" not in written(service, "translator-rnn-bottleneck", LONG)


def test_plain_transformers_computes_the_same_logits() -> None:
    from transformers import AutoModelForSeq2SeqLM

    folder = CHECKPOINTS / "translator"
    theirs = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32).eval()
    ours, cut = loading.load(folder), Tokenizer.load(folder)
    end = cut.end_of_text
    assert end is not None
    source = torch.tensor([[*cut.encode(LONG), end]])
    target = torch.tensor([[ours.start, *cut.encode("Mon frère a acheté une voiture")]])
    with torch.inference_mode():
        found = ours.forward(target, ours.new_cache(1, source))
        expected = theirs(input_ids=source, decoder_input_ids=target).logits
    assert torch.allclose(found, expected, atol=1e-4)
