"""Filters that mind the text, min-p, typical p, and the chain, against transformers and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from transformers.generation import logits_process as theirs

from inference.decoding import lanes, penalties, sampling
from inference.decoding.chain import chain
from inference.errors import OrreryError, OutOfRange
from inference.types.options import FILTERS, LaneOptions

TEXT = (3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5)
rows = st.lists(st.integers(-400, 400), min_size=12, max_size=40, unique=True)


def logits_of(row: list[int]) -> np.ndarray:
    """No two alike, so that ties, which transformers breaks at will, do not matter."""
    return np.array(row, dtype=np.float32) / 64


def applied(options: LaneOptions, row: np.ndarray, text: tuple[int, ...]) -> dict[int, float]:
    """Logits of the survivors by token, prompt and continuation being the same text."""
    found = sampling.ranked(row)
    for _, process in chain(options, text, ()):
        found = process(found)
    alive = slice(found.survivors)
    return dict(zip(found.tokens[alive].tolist(), found.logits[alive].tolist(), strict=True))


def by_transformers(row: np.ndarray, *processors: object) -> dict[int, float]:
    scores = torch.tensor(row, dtype=torch.float64)[None]
    for process in processors:
        scores = process(torch.tensor([TEXT]), scores)
    return {i: float(x) for i, x in enumerate(scores[0]) if torch.isfinite(x)}


ONE_EACH = {
    "repetition_penalty": (1.3, theirs.RepetitionPenaltyLogitsProcessor(1.3)),
    "no_repeat_ngram": (2, theirs.NoRepeatNGramLogitsProcessor(2)),
    "temperature": (0.7, theirs.TemperatureLogitsWarper(0.7)),
    "top_k": (5, theirs.TopKLogitsWarper(5)),
    "top_p": (0.8, theirs.TopPLogitsWarper(0.8)),
    "min_p": (0.2, theirs.MinPLogitsWarper(0.2)),
    "typical_p": (0.6, theirs.TypicalLogitsWarper(0.6)),
}


@pytest.mark.parametrize("name", ONE_EACH)
@settings(max_examples=40)
@given(row=rows)
def test_r21_every_filter_does_what_the_one_of_transformers_does(name: str, row: list[int]) -> None:
    value, processor = ONE_EACH[name]
    ours = applied(LaneOptions("one", **{name: value}), logits_of(row), TEXT)
    assert ours == pytest.approx(by_transformers(logits_of(row), processor), abs=1e-9)


@settings(max_examples=60)
@given(row=rows, order=st.permutations(sorted(ONE_EACH)))
def test_r21_the_chain_follows_any_order(row: list[int], order: list[str]) -> None:
    rest = tuple(name for name in FILTERS if name not in order)
    options = LaneOptions(
        "all", order=(*order, *rest), **{name: ONE_EACH[name][0] for name in ONE_EACH}
    )
    ours = applied(options, logits_of(row), TEXT)
    expected = by_transformers(logits_of(row), *(ONE_EACH[name][1] for name in order))
    assume(expected)  # transformers may forbid all that is left; ours keeps it then
    assert ours == pytest.approx(expected, abs=1e-9)


def test_presence_and_frequency_count_what_the_lane_has_written_itself() -> None:
    options = LaneOptions("both", presence_penalty=0.5, frequency_penalty=0.25)
    found = sampling.ranked(np.zeros(4, dtype=np.float32))
    for _, process in chain(options, prompt=(3, 3, 3), written=(1, 1, 2)):
        found = process(found)
    of_token = dict(zip(found.tokens.tolist(), found.logits.tolist(), strict=True))
    assert of_token == {0: 0.0, 1: -1.0, 2: -0.75, 3: 0.0}
    assert found.tokens.tolist() == [0, 3, 2, 1]


def test_penalties_sort_what_is_cut_behind_what_is_not() -> None:
    cut = sampling.top_k(2)(sampling.ranked(np.log(np.float32([0.4, 0.3, 0.2, 0.1]))))
    found = penalties.presence_penalty(2.0, [0])(cut)
    assert found.tokens[: found.survivors].tolist() == [1, 0]
    assert found.tokens.tolist() == [1, 0, 2, 3]


def test_a_text_that_could_only_repeat_goes_on_all_the_same() -> None:
    found = penalties.no_repeat_ngram(1, [0, 1, 2])(sampling.ranked(np.float32([3, 2, 1])))
    assert found.survivors == 3


def test_typical_may_cut_the_most_probable_and_the_record_shows_it() -> None:
    shares = np.float32([0.2, *[0.01] * 80])  # entropy 4.01 nats: 0.01 (4.61) is near, 0.2 is not
    lane = lanes.build(LaneOptions("typical", sample=True, typical_p=0.295), 7, 99)
    lane.advance(np.log(shares)[None], 1)
    (step,) = lane.state.steps
    assert step.survivors == 30
    assert not step.candidates[0].kept
    assert step.candidates[0].token == 0
    assert [one.probability for one in step.candidates] == sorted(
        (one.probability for one in step.candidates), reverse=True
    )


def test_a_lane_reads_its_prompt() -> None:
    row = np.float32([1.0, 0.9, 0.0])
    for prompt, expected in (((), 0), ((0,), 1)):
        options = LaneOptions("greedy", repetition_penalty=2.0)
        lane = lanes.build(options, 7, 2, prompt=prompt)
        lane.advance(row[None], 1)
        assert lane.state.steps[0].token == expected


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -3, 1e9, "1", True])
def test_numbers_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(OutOfRange):
        LaneOptions("bad", **{name: value})


@pytest.mark.parametrize("order", [(), ("top_k",), (*FILTERS, "top_k"), ("a", *list(FILTERS)[1:])])
def test_an_order_names_every_filter_once(order: tuple[str, ...]) -> None:
    with pytest.raises(OrreryError, match="once"):
        LaneOptions("bad", order=order)
