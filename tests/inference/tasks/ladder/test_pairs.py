"""The bigram's own counts, through the service."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inference import wire
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.ladder.pairs import PairCounts, Pairs
from models.ladder.ngram import NGram, NGramConfig, count

CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"


@pytest.mark.parametrize("order", [2, 3, 4])
def test_pairs_are_those_of_the_text(order: int) -> None:
    stream = np.random.default_rng(5).integers(0, 6, 400)
    config = NGramConfig(vocabulary=6, order=order)
    found = NGram(config, count(stream, config)).pairs()
    expected = np.zeros((6, 6), dtype=np.int64)
    for before, after in zip(stream[order - 2 : -1], stream[order - 1 :], strict=True):
        expected[before, after] += 1
    assert (found == expected).all()


@pytest.mark.weights
def test_the_counts_of_the_collection_come_with_their_characters() -> None:
    service = Service(CHECKPOINTS, "cpu")
    found = service.answer(Pairs())
    assert found.counts.sum() == 13_107_200 and len(found.pieces) == len(found.counts) == 105
    at = {piece: token for token, piece in enumerate(found.pieces)}
    row = found.counts[at[b"q"]]
    assert row[at[b"u"]] > 0.98 * row.sum()
    again = wire.loads(wire.dumps(found), wire.known())
    assert isinstance(again, PairCounts) and (again.counts == found.counts).all()
    with pytest.raises(OrreryError, match=r"lstm cannot count\. Choose one of bigram, trigram"):
        service.answer(Pairs(model="lstm"))
