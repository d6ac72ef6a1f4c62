"""What a storyteller writes is counted as by hand, and a slur in it stops the figures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
import torch

from models.text.tokenizer import Tokenizer
from models.transformer.model import Transformer, TransformerConfig
from training.data import slurs
from training.evaluation import storytellers
from training.evaluation.storytellers import continuations, repeated, written


class Scripted(Transformer):
    """Writes the same tokens after every prompt, whatever stands in it."""

    def __init__(self, vocabulary: int, script: list[int]) -> None:
        super().__init__(TransformerConfig(vocabulary, 512, 1, 1, 8, 8))
        self.script = script

    def forward(self, ids, cache=None, trace=None):  # type: ignore[no-untyped-def]
        first = cache.longest == 0 or ids.shape[1] > 1
        self.at = 0 if first else self.at + 1
        logits = super().forward(ids, cache) * 0
        logits[..., self.script[self.at % len(self.script)]] = 100.0
        return logits


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(storytellers, "SAMPLES", 8)
    monkeypatch.setattr(storytellers, "BATCH", 4)
    monkeypatch.setattr(storytellers, "LENGTH", 12)
    yield


def scripted(tokenizer: Tokenizer, text: str, ends: bool) -> Scripted:
    end = [tokenizer.end_of_text] if ends else []
    return Scripted(tokenizer.vocabulary, [*tokenizer.encode(text), *end])


def test_repetition_and_ends_are_counted(tokenizer: Tokenizer) -> None:
    row = written(scripted(tokenizer, " The fox sleeps.", ends=True), tokenizer)
    assert row["repeated 4-grams in 128 greedy tokens"] == 0.0
    assert row["samples that end within 12 tokens"] == 1.0
    row = written(scripted(tokenizer, " fox", ends=False), tokenizer)
    assert row["repeated 4-grams in 128 greedy tokens"] == round(124 / 125, 4)
    assert row["samples that end within 12 tokens"] == 0.0


def test_a_gram_counts_from_its_second_time_on_within_one_text() -> None:
    assert repeated([[1, 2, 3, 4, 1, 2, 3, 4]]) == 1 / 5
    assert repeated([[1, 2, 3, 4], [1, 2, 3, 4]]) == 0.0
    assert repeated([[1, 2]]) == 0.0


def test_a_slur_in_one_sample_stops_the_figures(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.sha256(b"gribble").hexdigest()[:16]
    monkeypatch.setattr(slurs, "_KNOWN", slurs._KNOWN | {digest})
    model = scripted(tokenizer, " You gribble", ends=True)
    with pytest.raises(ValueError, match="8 of 8 samples hold a slur"):
        written(model, tokenizer)


def test_prompts_of_different_length_are_continued_as_each_alone(
    storyteller: Transformer, tokenizer: Tokenizer
) -> None:
    prompts = ("Once upon a time", "The", "There was an old woman who lived")

    def best(logits: torch.Tensor) -> torch.Tensor:
        return logits.argmax(-1)

    together = continuations(storyteller, tokenizer, prompts, 12, best)
    assert together == [
        continuations(storyteller, tokenizer, [prompt], 12, best)[0] for prompt in prompts
    ]
    ids = [tokenizer.end_of_text, *tokenizer.encode(prompts[1])]
    with torch.inference_mode():
        first = int(storyteller(torch.tensor([ids]))[0, -1].argmax())  # read after an end-of-text
    assert together[1][0] == first


def test_there_are_fifty_openings() -> None:
    assert len(set(storytellers.OPENINGS)) == 50
