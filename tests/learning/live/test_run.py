"""Trainings from their first step to their last."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from learning.live import networks
from learning.live.run import POINTS, points, train
from learning.live.texts import corpus
from learning.live.training import Run, Settings

SMALL = Settings(model="mlp", width=16, window=4, batch=8, steps=60, rate=0.01)


def last(settings: Settings, own: str = "", seconds: float = 600.0) -> Run:
    *_, found = train(settings, own, seconds)
    return found


def test_it_learns_and_every_news_holds_the_news_before() -> None:
    news = list(train(replace(SMALL, steps=150), seconds=600))
    run = news[-1]
    assert run.end == "done" and run.step == 150
    heldout = [point.heldout for point in run.points]
    assert heldout[0] == pytest.approx(math.log2(27), abs=0.3)
    assert run.points[-1].heldout is not None and run.points[-1].heldout < 4.0
    assert [point.step for point in run.points] == [0, *sorted(points(150))]
    for before, after in itertools.pairwise(news):
        assert after.points[: len(before.points)] == before.points
        assert after.samples[: len(before.samples)] == before.samples
    assert [sample.step for sample in run.samples][::5] == [0, 150]
    assert len(run.points[-1].norms) == len(run.layers)
    assert {score.name for score in run.scores} == {"familiar", "copied"}


def test_r41_the_same_settings_train_the_same_model_to_the_bit() -> None:
    one, two = last(SMALL), last(SMALL)
    assert replace(one, seconds=0.0) == replace(two, seconds=0.0)
    assert last(replace(SMALL, seed=2)).points[-1] != one.points[-1]


@pytest.mark.parametrize("model", ["table", "mlp", "rnn", "gru", "lstm", "gpt"])
@pytest.mark.parametrize("optimiser", ["sgd", "muon"])
def test_every_model_trains_by_every_kind_of_optimiser(model: str, optimiser: str) -> None:
    run = last(replace(SMALL, model=model, optimiser=optimiser, steps=4, window=8))
    assert (run.step, run.end) == (4, "done")
    assert all(point.heldout is not None for point in run.points)


def test_the_first_measurement_is_told_before_an_optimiser_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first one of a process loads torch's compiler, which takes as long as all before it."""
    monkeypatch.delattr(networks, "new_trainer")
    news = train(SMALL)
    assert next(news).points == ()
    run = next(news)
    assert [point.step for point in run.points] == [0] and run.samples[0].texts


def test_counting_has_nothing_to_learn_step_by_step() -> None:
    run = last(replace(SMALL, model="counted"))
    assert (run.end, len(run.points), run.layers) == ("done", 1, ())
    assert run.points[0].heldout == pytest.approx(run.bigram)
    assert run.samples[0].texts


def test_counted_and_learned_bigram_agree_to_a_thousandth() -> None:
    """What a table learns by gradients are the shares of what followed, as counted by hand."""
    found = corpus("grammar")
    size = len(found.alphabet)
    pairs = np.zeros((size, size))
    np.add.at(pairs, (found.train[:-1], found.train[1:]), 1)
    expected = pairs / np.maximum(1, pairs.sum(axis=1, keepdims=True))
    table = networks.built(replace(SMALL, model="table"), size)
    optimiser = torch.optim.AdamW(table.parameters(), lr=0.5, weight_decay=0.0)
    counts = torch.from_numpy(pairs).float()
    for step in range(400):  # on all pairs at once
        for group in optimiser.param_groups:
            group["lr"] = 0.5 * (1 - step / 400)
        optimiser.zero_grad()
        scores = table(torch.arange(size)[None])[0].log_softmax(-1)
        (-(counts * scores).sum() / counts.sum()).backward()
        optimiser.step()
    learned = table(torch.arange(size)[None])[0].softmax(-1).detach().numpy()
    seen = pairs.sum(axis=1) > 100
    assert np.abs(learned - expected)[seen].max() < 1e-3


def test_a_rate_far_too_high_ends_in_no_number_and_says_so() -> None:
    wild = replace(SMALL, model="rnn", optimiser="sgd", rate=1000.0, clip=0.0, schedule="constant")
    run = last(replace(wild, steps=400))
    assert run.end == "diverged"
    assert run.step < 400
    assert run.points[-1].heldout is None
    assert run.points[0].heldout is not None
    assert run.scores == ()


def test_a_run_that_is_out_of_time_ends_where_it_stands() -> None:
    run = last(replace(SMALL, steps=3_000), seconds=0.0)
    assert (run.end, run.step) == ("late", 1)
    assert run.points[-1].step == 1 and run.samples[-1].step == 1


def test_there_are_as_many_measurements_as_are_planned() -> None:
    assert max(points(3_000)) == 3_000
    assert len(points(3_000)) == POINTS
    assert points(1) == {1}


def test_dropout_and_clipping_reach_the_model() -> None:
    plain = last(SMALL)
    assert last(replace(SMALL, dropout=0.5)).points[-1] != plain.points[-1]
    clipped = last(replace(SMALL, clip=0.01))
    assert clipped.points[-1] != plain.points[-1]
    # the size of the gradients is told as it was before clipping
    assert clipped.points[1].norm == pytest.approx(plain.points[1].norm or 0)
    assert clipped.points[1].norms == pytest.approx(plain.points[1].norms, rel=1e-3)
    parts = sum(norm**2 for norm in plain.points[1].norms if norm is not None)
    assert math.sqrt(parts) == pytest.approx(plain.points[1].norm or 0, rel=1e-3)


@pytest.mark.parametrize("own", ["ab" * 120, "\U0001f600\U0001f60b\u20ac " * 60, "a\x00b\n" * 90])
def test_any_text_of_two_characters_or_more_can_be_trained_on(own: str) -> None:
    run = last(replace(SMALL, text="own", steps=5), own)
    assert run.end == "done"
    assert run.alphabet == len(set(own))
