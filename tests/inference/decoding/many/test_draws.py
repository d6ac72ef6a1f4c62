"""Many texts at once, against lanes that write each alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from inference.decoding import engine, lanes
from inference.decoding.many import draws
from inference.decoding.many.draws import (
    NONE,
    Plan,
    Texts,
    batches,
    first_shares,
    merged,
    prefilled,
)
from inference.errors import NumericalFault
from inference.types.options import LaneOptions
from models.transformer.model import Transformer

PROMPT = [5, 17, 40]
ENDS = frozenset([3, 9])
SAMPLED = LaneOptions("a", sample=True, temperature=0.8, top_p=0.95)


def drawn(model: Any, plan: Plan) -> Texts:
    found = [one for one in batches(model, prefilled(model, PROMPT), plan) if one is not None]
    return Texts(
        np.concatenate([one.tokens for one in found]), np.concatenate([one.logs for one in found])
    )


@pytest.mark.parametrize("name", ["tiny", "fast_tiny", "tiny_ngram", "tiny_window"])
def test_r25_text_i_is_what_a_lane_writes_with_its_seed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    model = request.getfixturevalue(name)
    monkeypatch.setattr(draws, "ROWS", 7)  # three batches
    found = drawn(model, Plan(SAMPLED, 20, 12, 11, ENDS))
    ended = 0
    for i, (row, logs) in enumerate(zip(found.tokens.tolist(), found.logs, strict=True)):
        lane = lanes.build(SAMPLED, 11 + i, ENDS)
        *_, (state,) = engine.decode(model, PROMPT, [lane], 12)
        assert [one for one in row if one != NONE] == [step.token for step in state.steps]
        own = [np.log(step.probability) for step in state.steps]
        assert logs[: len(own)] == pytest.approx(own, abs=1e-4)
        assert not logs[len(own) :].any()
        ended += state.end == "end of text"
    assert name == "tiny_ngram" or ended


def test_texts_that_are_the_same_so_far_are_read_once(
    tiny: Transformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    forward = tiny.forward

    def counted(ids: torch.Tensor, *rest: Any) -> torch.Tensor:
        read.append(len(ids))
        return forward(ids, *rest)

    monkeypatch.setattr(tiny, "forward", counted)
    found = drawn(tiny, Plan(LaneOptions("greedy"), 50, 6, 1, frozenset()))
    assert read == [1] * 6
    assert len(np.unique(found.tokens, axis=0)) == 1
    read.clear()
    found = drawn(tiny, Plan(SAMPLED, 50, 4, 1, frozenset()))
    assert read[1:] == [len(np.unique(found.tokens[:, :n], axis=0)) for n in (1, 2, 3)]


def test_rows_keep_their_places_where_they_can() -> None:
    parents, ids, places = merged(np.array([0, 0, 1, 3, 3, 0]), np.array([4, 5, 6, 7, 7, 4]))
    assert [(parents[p], ids[p]) for p in places] == [
        (0, 4),
        (0, 5),
        (1, 6),
        (3, 7),
        (3, 7),
        (0, 4),
    ]
    assert parents[:2].tolist() == [0, 1] and len(parents) == 4 and parents[3] == 3


def test_r18_the_first_tokens_are_those_that_survive(tiny: Transformer) -> None:
    _, logits = prefilled(tiny, PROMPT)
    tokens, shares = first_shares(logits, LaneOptions("a", sample=True, top_k=4))
    own = logits[0].double().softmax(-1).numpy()
    best = np.argsort(-own)[:4]
    assert tokens.tolist() == best.tolist()
    assert shares == pytest.approx(own[best] / own[best].sum())
    assert first_shares(logits, LaneOptions("greedy"))[1].tolist() == [1.0]


def test_what_is_no_number_is_a_fault(tiny: Transformer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiny, "forward", lambda *_: torch.full((1, 1, 64), torch.nan))
    with pytest.raises(NumericalFault):
        prefilled(tiny, PROMPT)
