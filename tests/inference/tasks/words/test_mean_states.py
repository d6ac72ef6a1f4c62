"""The states of a word in a sentence are those of plain `transformers`, layer by layer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, PreTrainedTokenizerFast

from inference import wire
from inference.errors import OrreryError, TooLong
from inference.service import Service
from inference.tasks.words.mean_states import MeanStates, SentenceStates, span_of, tokens_at
from inference.types.tokenized import Tokenized

SENTENCES = (
    "They sat on the bank of the river.",
    "A banker in the Bank, but “bank” twice.",
    "The rumpelstiltskin bank.",
)
END = "<|endoftext|>"


@pytest.fixture(scope="module")
def service(checkpoints: Path) -> Service:
    return Service(checkpoints, "cpu")


def of(service: Service, model: str, *sentences: str, word: str = "") -> SentenceStates:
    return service.answer(MeanStates(sentences, model, word))


@pytest.mark.weights
@pytest.mark.parametrize("name", ["fill-in", "storyteller"])
@pytest.mark.parametrize("word", ["bank", ""])
def test_every_layer_is_that_of_transformers(
    service: Service, checkpoints: Path, name: str, word: str
) -> None:
    found = of(service, name, *SENTENCES, word=word)
    for i, sentence in enumerate(SENTENCES):
        expected = reference(checkpoints / name, sentence, word)
        assert found.states[:, i] == pytest.approx(expected, abs=1e-4)
    assert len(found.places[2]) == 1 if word else len(found.places[2]) > 3


def reference(folder: Path, sentence: str, word: str) -> np.ndarray[Any, Any]:
    """The mean of the states of the tokens that overlap the word: (layers + 1, width)."""
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    end = [tokenizer.convert_tokens_to_ids(END)]
    masked = folder.name == "fill-in"
    kind = AutoModelForMaskedLM if masked else AutoModelForCausalLM
    model = kind.from_pretrained(folder, dtype=torch.float32).eval()
    cut = tokenizer(sentence, return_offsets_mapping=True, add_special_tokens=False)
    match = re.search(rf"\b{word}\b", sentence, re.IGNORECASE) if word else None
    low, high = match.span() if match else (0, len(sentence))
    tokens = [i for i, (a, b) in enumerate(cut["offset_mapping"], 1) if a < high and b > low]
    last = []
    if not masked:  # its last entry has passed the final norm; the stream before it is ours
        layer = model.model.layers[-1]
        layer.register_forward_hook(lambda _m, _i, output: last.append(output))
    ids = torch.tensor([[*end, *cut["input_ids"], *(end if masked else [])]])
    with torch.no_grad():
        states = list(model(ids, output_hidden_states=True).hidden_states)
    if last:
        states[-1] = last[0]
    mean: np.ndarray[Any, Any] = torch.stack([one[0, tokens].mean(0) for one in states]).numpy()
    return mean


def test_a_word_is_found_whole_and_in_any_case() -> None:
    assert span_of("bank", "A banker in the Bank.") == (16, 20)
    assert span_of("bank", "embankment") == (0, 0)
    assert span_of("ice cream", "Some ice cream!") == (5, 14)
    assert span_of("", "Some ice. ") == (0, 9)
    assert span_of("caf\u00e9", "A cafe\u0301!") == (2, 7)
    assert span_of("cafe\u0301", "A caf\u00e9!") == (2, 6)
    assert span_of("c++", "I like c++ and c.") == (7, 10)


def test_tokens_that_touch_the_word_are_its_own() -> None:
    pieces, gaps = ("", "é", "ba", "nk", ".", ""), (b"", b"", b" ", b"", b"", b"", b"")
    tokens = Tokenized("é bank.", (9, 1, 2, 3, 4, 9), tuple(p.encode() for p in pieces), gaps=gaps)
    assert tokens_at(tokens, (2, 6)) == (2, 3)
    assert tokens_at(tokens, (0, 7)) == (1, 2, 3, 4)  # not what opens and closes the text
    bare = Tokenized("a bank", (1, 2), (b"a", b" bank"))
    assert tokens_at(bare, (2, 6)) == (1,)


@pytest.mark.weights
def test_what_cannot_be_read_is_refused_with_its_number(service: Service) -> None:
    with pytest.raises(OrreryError, match="Sentence 2 does not hold the word 'bank': A banker"):
        of(service, "fill-in", "The bank.", "A banker.", word="bank")
    with pytest.raises(TooLong, match="16 sentences; yours has 17"):
        of(service, "fill-in", *["A bank."] * 17, word="bank")
    with pytest.raises(OrreryError, match="empty"):
        of(service, "fill-in", "A bank.", " ", word="bank")
    with pytest.raises(OrreryError, match="cannot attend"):
        of(service, "lstm", "A bank.", word="bank")


def test_task_and_result_travel_as_bytes() -> None:
    task = MeanStates(("A bank.",), "fill-in", "bank", spans=((2, 6),), places=((2,),))
    classes = wire.known()
    assert wire.loads(wire.dumps(task), classes) == task
    result = SentenceStates((), ((2, 6),), ((2,),), np.ones((2, 1, 3), dtype=np.float32), "x")
    back = wire.loads(wire.dumps(result), classes)
    assert (back.states == result.states).all() and back.spans == result.spans
