"""Heads ranked over several sentences, against sweeps over each of them alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from components.attention import removal
from components.attention.changed.ranking import MORE, RANKED, Removals, data, drawn, sentences
from components.attention.sentences import EXAMPLES, OPENING
from inference.errors import TooLong
from inference.service import Service
from inference.tasks.attention.ablation import Ablation, HeadRemovals, HeadSweep
from inference.types.tokenized import Tokenized

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


def swept(after: list[float]) -> HeadRemovals:
    """Two tokens, equally probable; without head i the first of them has after[i]."""
    following = np.array([[[share, 1 - share] for share in after]])
    sweep = HeadSweep(np.zeros(0), np.zeros((1, len(after), 0)), np.array([0.5, 0.5]), following)
    return HeadRemovals(Tokenized("a", (0,), (b"a",)), "mean", sweep, {0: b"a", 1: b"b"}, 0)


def test_mean_and_spread_by_hand() -> None:
    # 0.5 log2(0.5 / p) + 0.5 log2(0.5 / (1 - p)), for p = 1/4 and 1/8
    quarter = 0.5 * np.log2(2) + 0.5 * np.log2(2 / 3)
    eighth = 0.5 * np.log2(4) + 0.5 * np.log2(4 / 7)
    value = Removals(swept([0.5, 0.25]), (swept([0.5, 0.125]), swept([0.25, 0.5])))
    second, first = data(value)["ranking"]
    assert (second["head"], first["head"]) == (2, 1)
    assert second["bits"] == pytest.approx([quarter, eighth, 0.0])
    assert second["mean"] == pytest.approx((quarter + eighth) / 3)
    assert first["spread"] == pytest.approx(quarter / np.sqrt(3))  # of 0, 0 and one number
    assert drawn(value)["ranking"] == data(value)["ranking"]


def test_of_one_sentence_there_is_no_spread_and_no_list() -> None:
    alone = Removals(swept([0.5, 0.25]))
    assert [one["spread"] for one in data(alone)["ranking"]] == [None, None]
    assert drawn(alone)["ranking"] == []


def test_sentences_stand_one_a_line_and_each_once() -> None:
    assert sentences(" a \n\nb\na\r\nc", "c ") == ("a", "b")
    assert sentences(None, "") == ()
    with pytest.raises(TooLong, match="up to 7 sentences; yours has 8"):
        sentences("\n".join("abcdefgh"), "x")
    assert len(sentences("\n".join("abcdefgh"), "h")) == MORE


@pytest.mark.weights
def test_r16_the_ranking_is_the_mean_of_single_runs() -> None:
    service = Service(CHECKPOINTS)
    texts = [str(values[0]) for values in EXAMPLES.values()]
    long = "The bird sat in the tree. " * 60
    asked = removal.ask(service, None, OPENING, "storyteller", "zero", "\n".join([*texts, long]))
    *_, value = (one for one in asked if isinstance(one, Removals))
    found = data(value)
    assert found["sentences"] == texts
    assert "Not ranked: \u201cThe bird sat in the tree" in found["note"]
    singles = [service.answer(Ablation(text, removal="zero")).sweep for text in texts]
    moved = np.array(
        [
            [[stats.entropy(one.following, after, base=2) for after in row] for row in layers]
            for one in singles
            for layers in [one.following_without]
        ]
    )
    assert [one["mean"] for one in found["ranking"]] == sorted(
        (one["mean"] for one in found["ranking"]), reverse=True
    )
    for one in found["ranking"]:
        bits = moved[:, one["layer"] - 1, one["head"] - 1]
        assert one["bits"] == pytest.approx(bits.tolist(), abs=1e-9)
        assert one["mean"] == pytest.approx(bits.mean(), abs=1e-9)
        assert one["spread"] == pytest.approx(bits.std(ddof=1), abs=1e-9)
    assert len(drawn(value)["ranking"]) == RANKED
