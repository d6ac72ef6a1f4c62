"""Bits per byte, against models whose bits are known and against one token at a time."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.ladder.recurrent import Recurrent, RecurrentConfig
from models.text.tokenizer import Tokenizer
from models.transformer.model import Transformer, TransformerConfig
from training.evaluation import scoring
from training.evaluation.scoring import Score, bits_per_byte

TEXTS = ["The cat sat on the mat.", "“Who?” said the owl – 3 times.", "", "a"]


class Uniform(torch.nn.Module):
    """Knows nothing: every token is equally probable."""

    def __init__(self, vocabulary: int, context: int) -> None:
        super().__init__()
        self.vocabulary, self.context = vocabulary, context
        self.nothing = torch.nn.Parameter(torch.zeros(()))

    def forward(
        self, ids: torch.Tensor, cache: object = None, trace: object = None
    ) -> torch.Tensor:
        assert ids.shape[1] <= self.context
        return torch.zeros(*ids.shape, self.vocabulary)


@pytest.fixture(scope="module")
def model(tokenizer: Tokenizer) -> Transformer:
    """Untrained but opinionated, over the committed vocabulary."""
    torch.manual_seed(3)
    shape = TransformerConfig(tokenizer.vocabulary, context=48, layers=2, width=32, feed_forward=64)
    model = Transformer(shape)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(8)
    return model.eval()


@torch.inference_mode()
def naive_bits(model: Transformer, ids: list[int]) -> float:
    """One token at a time, from as much before it as the context holds."""
    nats = 0.0
    for i in range(1, len(ids)):
        before = ids[max(0, i - model.context) : i]
        logits = model(torch.tensor([before]))[0, -1].double()
        nats -= float(logits.log_softmax(-1)[ids[i]])
    return nats / math.log(2)


def test_a_uniform_model_needs_log2_of_the_vocabulary(tokenizer: Tokenizer) -> None:
    long = "Once upon a time there was a fox. " * 30
    score = bits_per_byte(Uniform(4096, context=16), tokenizer, [long, *TEXTS], stride=8)
    tokens = sum(len(tokenizer.encode(text)) for text in [long, *TEXTS])
    assert score.tokens == tokens
    assert score.bits == pytest.approx(12 * tokens)
    assert score.bytes == sum(len(text.encode()) for text in [long, *TEXTS])
    assert score.bits_per_byte == pytest.approx(12 * tokens / score.bytes)
    assert score.perplexity == pytest.approx(4096)


def test_texts_within_the_context_equal_one_token_at_a_time(
    model: Transformer, tokenizer: Tokenizer
) -> None:
    expected = sum(
        naive_bits(model, [tokenizer.end_of_text, *tokenizer.encode(text)]) for text in TEXTS
    )
    for stride in (1, 16, 48):
        score = bits_per_byte(model, tokenizer, TEXTS, stride)
        assert score.bits == pytest.approx(expected, rel=1e-5)
    assert expected > 13 * score.tokens  # surer of itself than a uniform guess, and wrong


def test_a_long_text_is_predicted_from_a_full_window(
    model: Transformer, tokenizer: Tokenizer
) -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 6
    ids = [tokenizer.end_of_text, *tokenizer.encode(text)]
    assert len(ids) > model.context + 10
    score = bits_per_byte(model, tokenizer, [text], stride=1)
    assert score.bits == pytest.approx(naive_bits(model, ids), rel=1e-5)


@given(st.integers(1, 60), st.integers(1, 12), st.integers(1, 12))
def test_r5_every_token_is_scored_exactly_once(length: int, context: int, stride: int) -> None:
    ids = list(range(length))
    stride = min(stride, context)
    scored: list[int] = []
    for window, new in scoring._windows(ids, context, stride):
        assert len(window) <= context + 1
        assert new < len(window)  # what is predicted has at least one token before it
        if window[0] > 0:
            assert len(window) - new >= context + 1 - stride
        scored += window[-new:]
    assert scored == ids[1:]


def test_r5_perplexity_is_per_token_and_bits_are_per_byte() -> None:
    score = Score(bits=24.0, bytes=16, tokens=8, documents=1)
    assert score.bits_per_byte == 1.5
    assert score.perplexity == 8.0


@pytest.mark.parametrize("stride", [0, -1, 49])
def test_a_stride_that_would_miss_or_repeat_tokens_is_refused(
    model: Transformer, tokenizer: Tokenizer, stride: int
) -> None:
    with pytest.raises(ValueError, match="stride must be between 1 and 48"):
        bits_per_byte(model, tokenizer, TEXTS, stride)


@torch.no_grad()
def test_carried_scores_are_those_of_one_long_reading(tokenizer: Tokenizer) -> None:
    """Documents of different length, in chunks smaller than they are, against one text alone."""
    torch.manual_seed(3)
    model = Recurrent(RecurrentConfig("lstm", tokenizer.vocabulary, 8, hidden=16, layers=1))
    long = "Once upon a time there was a fox. " * 9
    score = scoring.bits_carried(model, tokenizer, [long, *TEXTS], chunk=7)
    bits, tokens = 0.0, 0
    for text in filter(None, (long, *TEXTS)):
        ids = torch.tensor([[tokenizer.end_of_text, *tokenizer.encode(text)]])
        logits = model(ids[:, :-1])[0].double().log_softmax(-1)
        bits -= float(logits.gather(1, ids[0, 1:, None]).sum()) / math.log(2)
        tokens += ids.shape[1] - 1
    assert score.bits == pytest.approx(bits, rel=1e-5)
    assert (score.tokens, score.bytes) == (tokens, sum(len(t.encode()) for t in (long, *TEXTS)))
