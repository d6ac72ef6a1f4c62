"""Every answer of a ready experiment, measured on the trainings that it starts (truth: R30)."""

from __future__ import annotations

import functools
import itertools
import math

import pytest

from components.ladder.bench.experiments import RUNS
from inference.tasks.ladder.train import Run
from inference.types.options import Settings
from learning.live.run import train

pytestmark = pytest.mark.slow
NOISE = 0.04  # bits, about what another seed changes


@functools.cache
def trained(settings: Settings) -> Run:
    """A training of some seconds; several experiments share one."""
    *_, run = train(settings, seconds=math.inf)
    return run


def runs_of(label: str) -> list[Run]:
    return [trained(settings) for settings in RUNS[label].values()]


def heldout(run: Run) -> float:
    return measured(run.points[-1].heldout)


def learned(run: Run) -> float:
    return measured(run.points[-1].train)


def measured(bits: float | None) -> float:
    assert bits is not None
    return bits


def best(run: Run) -> float:
    return min(measured(point.heldout) for point in run.points)


def share(run: Run, name: str) -> float:
    return next(score.share for score in run.scores if score.name == name)


def test_r30_a_rate_too_high_falls_at_once_and_stays_above() -> None:
    right, fast = runs_of("Too fast")
    assert heldout(fast) > heldout(right) + 0.15
    early = next(i for i, point in enumerate(fast.points) if point.step >= 30)
    assert measured(fast.points[early].heldout) < 3.7
    middle = next(i for i, point in enumerate(fast.points) if point.step >= 150)
    assert measured(fast.points[middle].heldout) > heldout(fast) + NOISE


def test_r30_a_rate_too_low_is_where_the_other_was_after_a_third() -> None:
    right, slow = runs_of("Too slow")
    assert heldout(slow) > heldout(right) + 0.15
    third = next(point for point in right.points if point.step >= right.step / 3)
    assert measured(third.heldout) == pytest.approx(heldout(slow), abs=0.1)
    losses = [measured(point.heldout) for point in slow.points]
    assert max(b - a for a, b in itertools.pairwise(losses)) < NOISE


def test_r30_300_names_are_learned_by_heart_and_9000_are_not() -> None:
    many, few = runs_of("Learned by heart")
    assert learned(few) < 0.2
    assert heldout(few) > math.log2(few.alphabet)
    assert share(few, "copied") > 0.5 > share(many, "copied")
    assert heldout(many) - learned(many) < 0.15


def test_r30_dropout_and_decay_help_and_stopping_early_helps_most() -> None:
    few, *helped = runs_of("Against learning by heart")
    for run in helped:
        assert heldout(run) < heldout(few) - 1.0
        assert heldout(run) > best(run) + 0.5
    assert best(few) < min(map(heldout, helped))


def test_r30_r40_sgd_needs_a_rate_of_its_own() -> None:
    adamw, same, own = runs_of("SGD or AdamW")
    assert heldout(same) > heldout(adamw) + 0.7
    assert heldout(own) < heldout(adamw) + 0.1


def test_r30_without_clipping_the_numbers_overflow() -> None:
    clipped, wild = runs_of("No clipping")
    assert clipped.end == "done" and heldout(clipped) < clipped.bigram
    assert wild.end == "diverged"


def test_r30_an_lstm_recalls_the_letter_and_an_rnn_guesses() -> None:
    rnn, lstm = runs_of("RNN or LSTM")
    assert share(lstm, "recalled") > 0.95
    assert share(rnn, "recalled") < 0.2
    assert pytest.approx(share(rnn, "recalled"), abs=0.1) == 1 / 14


def test_r30_four_characters_are_much_better_than_two_and_eight_hardly_than_four() -> None:
    two, four, eight = runs_of("A wider window")
    assert heldout(two) - heldout(four) > 0.15
    assert abs(heldout(four) - heldout(eight)) < 0.1
    assert learned(eight) < learned(four) < learned(two)


def test_r30_learning_arrives_where_counting_was() -> None:
    counted, table = runs_of("Counted or learned")
    assert heldout(table) == pytest.approx(heldout(counted), abs=0.02)
    assert learned(table) == pytest.approx(learned(counted), abs=0.02)


def test_r30_the_opening_learns_letters_then_pairs_and_then_the_lines_part() -> None:
    run = trained(Settings())
    losses = {point.step: measured(point.heldout) for point in run.points}
    guess = math.log2(run.alphabet)
    assert next(bits for step, bits in losses.items() if step >= 10) < guess - 0.3
    passed = next(step for step, bits in losses.items() if bits < run.bigram)
    assert 10 < passed < run.step / 4
    assert heldout(run) < run.bigram - 0.5
    first, last = run.points[1], run.points[-1]
    assert abs(measured(first.heldout) - measured(first.train)) < 0.1
    assert measured(last.heldout) - measured(last.train) > 0.15
    assert share(run, "familiar") > 0.8 > share(trained(Settings(model="counted")), "familiar")
