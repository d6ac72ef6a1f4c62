"""n-grams of two texts against sets and counters, and the committed figures against the counts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from inference.catalog import Catalog
from inference.errors import ModelUnavailable
from inference.rungs import dimensions
from models.ladder import checkpoint
from models.ladder.ngram import NGram
from training.evaluation.ngrams import ORDERS, evaluate

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


def test_r45_possible_seen_and_new_are_counted_over_one_alphabet() -> None:
    generator = np.random.default_rng(3)
    read, other = generator.integers(0, 4, 300), generator.integers(0, 5, 90)
    rows = evaluate(read, other, 6)
    for n in ORDERS:
        known = Counter(tuple(read[i : i + n]) for i in range(len(read) - n + 1))
        new = Counter(tuple(other[i : i + n]) for i in range(len(other) - n + 1))
        assert list(rows[str(n)].values()) == [
            6**n,
            sum(known.values()),
            len(known),
            sum(new.values()),
            sum(count for gram, count in new.items() if gram not in known),
            len(new),
            sum(gram not in known for gram in new),
        ]


@pytest.mark.weights
def test_r45_the_committed_figures_are_those_of_the_committed_counts() -> None:
    rows = {row.order: row for row in dimensions(Catalog(CHECKPOINTS))}
    assert list(rows) == list(ORDERS)
    for name in ("bigram", "trigram", "five-gram"):
        model = checkpoint.load(CHECKPOINTS / "ladder" / name)
        assert isinstance(model, NGram)
        row = rows[model.config.order]
        assert row.different == len(model.counts.counts)
        assert row.read == int(model.counts.counts.sum())
        assert row.possible == model.vocabulary**row.order


def test_missing_figures_are_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"its figures in metrics\.json cannot be read"):
        dimensions(Catalog(tmp_path))
    path = tmp_path / "ladder" / "five-gram" / "metrics.json"
    path.parent.mkdir(parents=True)
    for damaged in ('{"figures": {"a": {"1": {}}}}', '{"figures": []}', "[]", '{"figures": {}}'):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(ModelUnavailable, match="cannot be read"):
            dimensions(Catalog(tmp_path))
