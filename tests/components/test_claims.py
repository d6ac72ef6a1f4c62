"""What the page tells the room about these very models, measured on the committed weights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from components.embeddings.analogies import ANALOGIES, analogy, data, draw
from components.generation import lanes, wheel
from components.shared.drawing.forks import first_difference
from inference.service import Service
from inference.tasks.generate import Generate
from inference.types.generation import Generation
from inference.types.options import GenerationOptions

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
pytestmark = pytest.mark.weights


def opening(example: str, examples: Mapping[str, Sequence[object]]) -> Generation:
    """What the five lanes of a page write after an example, with the dials as they stand."""
    *_, last = Service(CHECKPOINTS, "cpu").run(
        Generate(examples[example][0], options=GenerationOptions(new_tokens=24))
    )
    assert isinstance(last, Generation)
    return last


def test_the_nucleus_adapts_as_the_answer_says() -> None:
    top_p = [opening(one, lanes.EXAMPLES).lanes[3].steps[0] for one in ("Certain", "Open")]
    assert top_p[0].survivors <= 12
    assert top_p[1].survivors >= 5 * top_p[0].survivors


def test_beam_finds_a_more_probable_text_than_greedy_on_the_first_example() -> None:
    greedy, *_, beam = opening("A little ...", lanes.EXAMPLES).lanes
    assert len(greedy.steps) == len(beam.steps)
    assert beam.bits < greedy.bits


def test_at_the_first_fork_the_bar_taken_is_not_the_longest() -> None:
    greedy, *sampled, _ = opening("A little ...", lanes.EXAMPLES).lanes
    for lane in sampled:
        fork = first_difference(lane, greedy)
        assert fork is not None
        step = lane.steps[fork]
        assert step.token != step.candidates[0].token == greedy.steps[fork].token


def test_one_bar_takes_nearly_everything_or_none_reaches_half() -> None:
    sure, unsure = (
        opening(one, wheel.EXAMPLES).lanes[0].steps[0] for one in ("Inside a phrase", "All open")
    )
    assert sure.probability > 0.8
    assert unsure.probability < 0.5


@pytest.mark.parametrize(("a", "b", "c"), ANALOGIES)
def test_every_example_is_an_analogy_that_these_vectors_solve(a: str, b: str, c: str) -> None:
    solutions = {
        "king": "queen",
        "paris": "vienna",
        "walked": "swam",
        "woman": "aunt",
        "cold": "winter",
        "better": "worse",
        "kingdom": "empire",
        "doctor": "nurse",
    }
    solved = analogy(Service(CHECKPOINTS).word_vectors(), a, b, c)
    assert solved.answer == solutions[b]
    assert f'<p class="verdict"><b>{solutions[b]}</b>' in draw(solved)[0]


def test_r6_a_query_word_far_down_the_ranking_is_still_shown_with_its_rank() -> None:
    solved = analogy(Service(CHECKPOINTS).word_vectors(), "man", "king", "woman")
    ranking = data(solved)["ranking"]
    assert {one["word"] for one in ranking if one["asked"]} == {"man", "king", "woman"}
    shown, figure = draw(solved)
    assert "rank " in shown
    assert len(json.loads(figure.plot)["data"][0]["text"]) == 4


def test_the_same_word_twice_is_one_point_of_the_map() -> None:
    _, figure = draw(analogy(Service(CHECKPOINTS).word_vectors(), "king", "king", "king"))
    assert len(json.loads(figure.plot)["data"][0]["text"]) == 2
