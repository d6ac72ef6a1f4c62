"""Beam search, against a hand-computed search, exhaustive search and another library."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.decoding import beam, engine, lanes
from inference.decoding.beam import Beams, Hypothesis, Shortlist
from inference.decoding.sampling import log_softmax
from inference.types.options import LaneOptions
from models.transformer.model import Transformer

END = 0
ENDS = frozenset({END})
Scorer = Callable[[tuple[int, ...]], np.ndarray]


def advance(beams: Beams, *probabilities: Sequence[float]) -> Beams:
    return over_all(beams, np.log(np.array(probabilities)))


def over_all(beams: Beams, log_probabilities: np.ndarray) -> Beams:
    """A step that looks at every token of every beam; (beams, vocabulary)."""
    return beam.advance(beams, [whole(row) for row in log_probabilities])


def whole(row: np.ndarray) -> Shortlist:
    order = np.argsort(-row, kind="stable")
    return Shortlist(order.tolist(), row[order].tolist())


def after_three_steps(alpha: float) -> list[Beams]:
    """Two beams over three tokens, 0 being the end; the numbers are worked out below."""
    first = advance(Beams(2, ENDS, alpha), [0.2, 0.5, 0.3])
    second = advance(first, [0.6, 0.3, 0.1], [0.1, 0.1, 0.8])
    third = advance(second, [0.9, 0.05, 0.05], [0.2, 0.4, 0.4])
    return [first, second, third]


def probabilities(hypotheses: tuple[Hypothesis, ...]) -> dict[tuple[int, ...], float]:
    return {h.ids: round(float(np.exp(h.log_probability)), 6) for h in hypotheses}


def test_a_search_worked_out_by_hand() -> None:
    first, second, third = after_three_steps(alpha=0.0)
    # the end has probability 0.2, third of two beams: it does not count
    assert probabilities(first.running) == {(1,): 0.5, (2,): 0.3}
    assert first.finished == ()
    # 0.5 * 0.6 ends and leads, then 0.3 * 0.8 and 0.5 * 0.3 go on
    assert probabilities(second.finished) == {(1, 0): 0.3}
    assert probabilities(second.running) == {(2, 2): 0.24, (1, 1): 0.15}
    assert second.parents.tolist() == [1, 0]
    # 0.24 * 0.9 ends; 0.15 * 0.4 twice goes on, the lower id first
    assert probabilities(third.finished) == {(1, 0): 0.3, (2, 2, 0): 0.216}
    assert probabilities(third.running) == {(1, 1, 1): 0.06, (1, 1, 2): 0.06}
    assert third.parents.tolist() == [1, 1]


def fates(beams: Beams) -> list[tuple[int, int, float, str]]:
    return [
        (c.parent, c.token, round(float(np.exp(c.log_probability)), 6), c.fate)
        for c in beams.candidates
    ]


def test_r24_every_candidate_is_on_record_with_its_fate() -> None:
    first, second, third = after_three_steps(alpha=0.0)
    # three tokens are all there are; the end is third of two beams and so dropped
    assert fates(first) == [(0, 1, 0.5, "kept"), (0, 2, 0.3, "kept"), (0, 0, 0.2, "pruned")]
    assert fates(second) == [
        (0, 0, 0.3, "finished"),
        (1, 2, 0.24, "kept"),
        (0, 1, 0.15, "kept"),
        (0, 2, 0.05, "pruned"),
    ]
    assert fates(third) == [
        (0, 0, 0.216, "finished"),
        (1, 1, 0.06, "kept"),
        (1, 2, 0.06, "kept"),
        (1, 0, 0.03, "pruned"),
    ]
    assert Beams(2, ENDS).candidates == ()


def test_r24_an_ending_that_the_pool_has_no_room_for_is_pruned() -> None:
    pool = (Hypothesis((1, 0), -1.0), Hypothesis((2, 0), -1.5))
    running = (Hypothesis((1, 1), -2.0), Hypothesis((1, 2), -5.0))
    beams = advance(Beams(2, ENDS, 0.0, running, pool), [0.9, 0.06, 0.04], [0.1, 0.6, 0.3])
    assert [c.fate for c in beams.candidates if c.token == END] == ["pruned"]
    assert beams.finished == pool


def test_r23_sums_are_compared_as_they_are_at_alpha_0() -> None:
    *_, third = after_three_steps(alpha=0.0)
    assert third.best.ids == (1, 0)
    assert third.best.score(0.0) == pytest.approx(np.log(0.3))
    assert third.is_done(steps_left=7)  # 0.06 cannot rise to 0.216


def test_r23_length_divides_the_sum_at_alpha_1() -> None:
    *_, third = after_three_steps(alpha=1.0)
    assert third.best.ids == (2, 2, 0)  # log 0.216 / 3 is above log 0.3 / 2
    assert third.best.score(1.0) == pytest.approx(np.log(0.216) / 3)
    assert not third.is_done(steps_left=7)  # log 0.06 / 10 is above log 0.3 / 2
    assert third.is_done(steps_left=0)


def test_a_negative_alpha_does_not_stop_a_search_that_can_still_win() -> None:
    pool = (Hypothesis((1, 1, 0), -1.0), Hypothesis((1, 2, 0), -1.1))
    running = (Hypothesis((2, 2, 2), -0.9),)
    beams = Beams(2, ENDS, alpha=-1.0, running=running, finished=pool)
    assert not beams.is_done(steps_left=5)


def test_r24_ended_beams_make_room_for_running_ones() -> None:
    beams = advance(Beams(2, ENDS), [0.1, 0.5, 0.4])
    beams = advance(beams, [0.9, 0.06, 0.04], [0.8, 0.15, 0.05])
    assert [h.ids for h in beams.finished] == [(1, 0), (2, 0)]
    assert [h.ids for h in beams.running] == [(2, 1), (1, 1)]  # of four candidates, two ended


def test_r24_a_better_ending_pushes_the_worst_out_of_the_pool() -> None:
    pool = (Hypothesis((1, 0), -3.0), Hypothesis((2, 0), -4.0))
    running = (Hypothesis((1, 1), -1.0), Hypothesis((1, 2), -2.0))
    beams = advance(Beams(2, ENDS, 0.0, running, pool), [0.9, 0.05, 0.05], [0.1, 0.6, 0.3])
    assert [h.ids for h in beams.finished] == [(1, 1, 0), (1, 0)]


def test_candidates_are_ranked_with_ties_by_lower_index() -> None:
    scores = np.array([[-1.0, -2.0, -1.0], [-1.0, -np.inf, -0.5]])
    rows, running = [whole(row) for row in scores], (Hypothesis(), Hypothesis())

    def best(width: int) -> list[tuple[int, int]]:
        found = beam.best_extensions(Beams(width, ENDS, running=running), rows, frozenset())
        return [(row, token) for row, token, _ in found]

    assert best(50) == [(1, 2), (0, 0), (0, 2), (1, 0), (0, 1)]
    assert best(1) == best(50)[:2] and best(2) == best(50)[:4]


@given(
    logits=arrays(np.float32, (3, 40), elements=st.integers(-4, 4)),  # full of ties
    sums=st.lists(st.integers(-3, 0), min_size=3, max_size=3),
    width=st.integers(1, 6),
    forbidden=st.frozensets(st.integers(0, 39), max_size=2),
)
def test_looking_at_the_best_of_each_row_is_enough(
    logits: np.ndarray, sums: list[int], width: int, forbidden: frozenset[int]
) -> None:
    """Against the whole table of sums in one sort: ties by lower beam, then by lower token."""
    table = np.array(sums)[:, None] + log_softmax(logits.astype(np.float64))
    table[:, list(forbidden)] = -np.inf
    best = np.argsort(-table.ravel(), kind="stable")[: 2 * width]
    running = tuple(Hypothesis((row,), float(value)) for row, value in enumerate(sums))
    rows = [Shortlist.of(row, 2 * width + len(forbidden)) for row in logits]
    found = beam.best_extensions(Beams(width, ENDS, running=running), rows, forbidden)
    assert [row * 40 + token for row, token, _ in found] == best.tolist()
    assert [total for _, _, total in found] == table.ravel()[best].tolist()


def test_what_has_no_probability_is_never_a_candidate() -> None:
    rows = [Shortlist.of(np.array([0.0, -np.inf, 1.0], dtype=np.float32), 3)]
    extensions = beam.best_extensions(Beams(2, ENDS), rows, frozenset())
    assert [token for _, token, _ in extensions] == [2, 0]


def random_scorer(vocabulary: int, seed: int) -> Scorer:
    """A model that has no structure at all: every text has its own random next tokens."""

    def score(ids: tuple[int, ...]) -> np.ndarray:
        return log_softmax(np.random.default_rng((seed, *ids)).normal(scale=2, size=vocabulary))

    return score


def search(score: Scorer, beams: Beams, steps: int) -> Hypothesis:
    """Drive a search with no cache and no batch; the text so far is scored afresh every step."""
    for step in range(1, steps + 1):
        beams = over_all(beams, np.stack([score(h.ids) for h in beams.running]))
        assert all(END not in h.ids for h in beams.running)
        assert all(END not in h.ids[:-1] for h in beams.finished)
        if beams.is_done(steps - step):
            break
    return beams.best


def every_text(score: Scorer, vocabulary: int, steps: int) -> list[Hypothesis]:
    texts = [
        ids
        for length in range(1, steps + 1)
        for ids in itertools.product(range(vocabulary), repeat=length)
        if END not in ids[:-1] and (ids[-1] == END or length == steps)
    ]
    return [
        Hypothesis(ids, sum(float(score(ids[:i])[token]) for i, token in enumerate(ids)))
        for ids in texts
    ]


@pytest.mark.parametrize("alpha", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_r22_a_beam_as_wide_as_everything_finds_the_most_probable_text(
    seed: int, alpha: float
) -> None:
    score = random_scorer(vocabulary=3, seed=seed)
    best = max(every_text(score, 3, steps=4), key=lambda h: h.score(alpha))
    found = search(score, Beams(3**4, ENDS, alpha), steps=4)
    assert found.ids == best.ids
    assert found.log_probability == pytest.approx(best.log_probability)


def test_r22_a_narrow_beam_can_miss_the_most_probable_text() -> None:
    missed = 0
    for seed in range(20):
        score = random_scorer(vocabulary=3, seed=seed)
        best = max(every_text(score, 3, steps=4), key=lambda h: h.log_probability)
        found = search(score, Beams(1, ENDS), steps=4)
        assert found.log_probability <= best.log_probability + 1e-9
        missed += found.ids != best.ids
    assert missed > 0


def generated(
    reference: Any,
    prompt: list[int],
    beams: int,
    steps: int,
    *ends: int,
    alpha: float = 0.0,
) -> list[int]:
    """What transformers' canonical beam search writes after the prompt."""
    ids = torch.tensor([prompt])
    output = reference.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=steps,
        do_sample=False,
        num_beams=beams,
        length_penalty=alpha,
        early_stopping="never",
        eos_token_id=list(ends),
        pad_token_id=63,
    )
    written = output[0, len(prompt) :].tolist()
    length = next((i for i, token in enumerate(written, 1) if token in ends), len(written))
    return written[:length]


def ours(model: Transformer, prompt: list[int], beams: int, steps: int, *ends: int) -> list[int]:
    lane = lanes.build(LaneOptions("Beam", beams=beams), seed=0, end_of_text=ends)
    *_, (state,) = engine.decode(model, prompt, [lane], steps)
    return [step.token for step in state.steps]


@pytest.mark.parametrize("beams", [2, 3, 4, 8])
def test_r23_beam_search_equals_transformers(
    tiny: Transformer, tiny_reference: Any, beams: int
) -> None:
    ended = 0
    for seed in range(8):
        generator = np.random.default_rng(seed)
        prompt, end = generator.integers(1, 63, size=6).tolist(), int(generator.integers(63))
        expected = generated(tiny_reference, prompt, beams, 20, end)
        assert ours(tiny, prompt, beams, 20, end) == expected
        ended += expected[-1] == end
    assert 0 < ended < 8  # both ways to end have been compared


@pytest.mark.parametrize("beams", [2, 4])
def test_r23_a_text_may_end_with_any_of_several_tokens(
    tiny: Transformer, tiny_reference: Any, beams: int
) -> None:
    last = set()
    for seed in range(8):
        generator = np.random.default_rng(seed)
        prompt, ends = generator.integers(1, 63, size=6).tolist(), [3, 9, 22, 31]
        expected = generated(tiny_reference, prompt, beams, 20, *ends)
        assert ours(tiny, prompt, beams, 20, *ends) == expected
        last.add(expected[-1])
    assert len(last & {3, 9, 22, 31}) > 1


@pytest.mark.parametrize("alpha", [0.0, 1.0, -1.0])
def test_r23_length_normalised_search_equals_transformers(
    tiny: Transformer, tiny_reference: Any, alpha: float
) -> None:
    prompt = [5, 17, 40]

    @torch.inference_mode()
    def score(ids: tuple[int, ...]) -> np.ndarray:
        logits = tiny(torch.tensor([[*prompt, *ids]]))[0, -1]
        return log_softmax(logits.double().numpy())

    for end in (3, 9, 22, 31, 50):
        beams = Beams(3, frozenset({end}), alpha)
        for step in range(1, 13):
            beams = over_all(beams, np.stack([score(h.ids) for h in beams.running]))
            if beams.is_done(12 - step):
                break
        expected = generated(tiny_reference, prompt, 3, 12, end, alpha=alpha)
        assert list(beams.best.ids) == expected


@pytest.mark.weights
@pytest.mark.parametrize(
    ("text", "beams"),
    [("Once upon a time", 8), ("The old king", 4), ("\n", 2), ("“Who are you?” said", 4)],
)
def test_r23_the_storyteller_searches_as_in_transformers(
    storyteller: Transformer, storyteller_reference: Any, tokenizer: Any, text: str, beams: int
) -> None:
    prompt = tokenizer.encode(text)
    for end in (tokenizer.end_of_text, tokenizer.encode(".")[0]):
        expected = generated(storyteller_reference, prompt, beams, 16, end)
        assert ours(storyteller, prompt, beams, 16, end) == expected
