"""Bits of a text, against one pass and against the library of the model's layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inference import wire
from inference.decoding.scoring import windows
from inference.errors import OrreryError, TooLong
from inference.service import Service
from inference.tasks.score import Score, TextScore
from models.loading import load

TEXT = "The miller had three goats, and each of them believed it."


@pytest.fixture(scope="module")
def service(tiny_ladder: Path) -> Service:
    return Service(tiny_ladder, "cpu")


def asked(service: Service, *args: Any) -> TextScore:
    *_, last = service.run(Score(*args))
    assert isinstance(last, TextScore)
    return last


@pytest.mark.parametrize("name", ["five-gram", "mlp", "rnn", "gpt"])
def test_r5_bits_per_character_are_those_of_one_pass_after_an_end_of_text(
    service: Service, tiny_ladder: Path, name: str
) -> None:
    found, model = asked(service, TEXT, name), load(tiny_ladder / "ladder" / name)
    ids = torch.tensor([found.tokens.ids])
    assert ids[0, 0] == 0 and ids.shape[1] == len(TEXT) + 1
    with torch.inference_mode():
        logs = model.forward(ids[:, :-1])[0].double().log_softmax(-1)
    expected = -logs[torch.arange(len(TEXT)), ids[0, 1:]].sum() / np.log(2) / len(TEXT)
    assert found.per_character == pytest.approx(float(expected), abs=1e-4)
    size = sum(one.numel() for one in model.parameters())
    assert found.scored.parameters == (size or len(model.counts.counts))


@pytest.mark.parametrize("name", ["five-gram", "gru"])
def test_r18_rank_entropy_and_what_was_expected_are_over_the_whole_vocabulary(
    service: Service, tiny_ladder: Path, name: str
) -> None:
    found, model = asked(service, TEXT, name), load(tiny_ladder / "ladder" / name)
    ids = found.tokens.ids
    with torch.inference_mode():
        logits = model.forward(torch.tensor([ids[:-1]]))[0].double().numpy()
    for place, row in enumerate(logits):
        shares = np.exp(row - row.max()) / np.exp(row - row.max()).sum()
        order = sorted(range(len(row)), key=lambda token: (-row[token], token))
        entropy = -sum(share * np.log2(share) for share in shares if share)
        scored = found.scored
        assert scored.ranks[place] == order.index(ids[place + 1]) + 1
        assert scored.entropy[place] == pytest.approx(entropy, abs=1e-4)
        assert scored.expected[place].tolist() == order[:5]
        assert scored.chances[place] == pytest.approx(shares[order[:5]], abs=1e-5)
    assert found.vocabulary == logits.shape[1]
    assert set(found.pieces) == set(found.scored.expected.ravel().tolist())


def test_r5_bits_per_byte_and_perplexity_are_of_all_tokens(service: Service) -> None:
    found = asked(service, "né, né", "rnn")
    bits = found.scored.bits
    assert found.per_byte == pytest.approx(bits.sum() / 8)
    assert np.log2(found.perplexity) == pytest.approx(bits.mean())


def test_r2_tokens_have_their_place_in_bytes(service: Service) -> None:
    spans = asked(service, "né a", "rnn").spans
    assert spans.tolist() == [[0, 1], [1, 3], [3, 4], [4, 5]]


def test_a_text_beyond_the_context_is_read_in_windows(service: Service, tiny_ladder: Path) -> None:
    long = " ".join([TEXT] * 8)
    found, model = asked(service, long, "gpt"), load(tiny_ladder / "ladder" / "gpt")
    ids = found.tokens.ids
    assert len(ids) > model.context and len(found.scored.bits) == len(ids) - 1
    for place in (1, 100, 256, 257, 330, len(ids) - 1):
        (start, _, _) = next(one for one in windows(len(ids), 256) if one[1] > place >= one[2])
        with torch.inference_mode():
            logs = model.forward(torch.tensor([ids[start:place]]))[0, -1].double().log_softmax(-1)
        expected = -float(logs[ids[place]]) / np.log(2)
        assert found.scored.bits[place - 1] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("count", "context"), [(2, 8), (9, 8), (10, 8), (100, 8), (50, 3), (5, 1)])
def test_every_id_is_scored_once_from_enough_of_the_text(count: int, context: int) -> None:
    scored: list[int] = []
    for start, end, first in windows(count, context):
        assert 0 <= start < first < end <= count and end - 1 - start <= context
        assert start == 0 or first - start >= context - max(1, context // 4)
        scored += range(first, end)
    assert scored == list(range(1, count))


def test_the_answer_travels_as_bytes(service: Service) -> None:
    found = asked(service, TEXT, "gru")
    again = wire.loads(wire.dumps(found), wire.known())
    assert again.per_character == found.per_character


@pytest.mark.parametrize(
    ("text", "error", "sentence"),
    [
        ("", OrreryError, "text is empty"),
        ("a" * 1001, TooLong, "up to 1,000 characters; yours has 1,001"),
        ("a" * 300_000, TooLong, "up to 1,000 characters; yours has 300,000"),
        (7, OrreryError, "must be text"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_a_sentence(
    service: Service, text: object, error: type[OrreryError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        asked(service, text, "rnn")


@pytest.mark.parametrize("text", ["a", "\N{FIRE}", "a\r\nb", "\0"])
def test_any_other_text_has_bits(service: Service, text: str) -> None:
    assert np.isfinite(asked(service, text, "lstm").per_character)
