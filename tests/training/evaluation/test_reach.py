"""Averages of gradients over passages: the same passages for all, and means by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inference.decoding.reach import gradients
from inference.tasks.ladder.probe import PROBE
from inference.tasks.ladder.reach import predicted
from models.loading import load
from models.text.tokenizer import Tokenizer
from training.evaluation import reach


def test_passages_are_of_one_length_and_from_every_document() -> None:
    documents = ["a" * 2500, "b" * 9000, "short", "c" * 4000]
    found = reach.passages(documents)
    assert len(found) == reach.PASSAGES and {len(one) for one in found} == {reach.CHARACTERS}
    assert [found.count(one * reach.CHARACTERS) for one in "abc"] == [22, 21, 21]


def test_r32_the_averages_are_ratios_of_means_with_an_error_over_passages(
    tiny_ladder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "PASSAGES", 4)
    folder, documents = tiny_ladder / "ladder" / "gru", [PROBE * 2, PROBE[100:] * 2]
    (rows,) = reach.evaluate(folder, documents).values()
    model, tokenizer = load(folder), Tokenizer.load(folder)
    means = []
    for passage in reach.passages(documents):
        ids = tokenizer.encode(passage)
        found = gradients(model, ids, predicted(len(ids)), "cpu")
        assert found is not None
        means.append(found.mean(axis=0))
    ratio = np.mean(means, axis=0) / np.mean([one[0] for one in means])
    for distance in reach.DISTANCES:
        shown = rows[str(distance)]["relative to the newest"]
        assert shown == pytest.approx(ratio[distance], rel=0.01)
        assert float(str(rows[str(distance)]["standard error"])) >= 0
