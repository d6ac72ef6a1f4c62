"""A search on the page: what its text says on the committed weights, and escaping."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.generation import beam
from components.generation.search_tree import exact, lost, search_tree, text
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.beam_trail import BeamTrail

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def searched(
    service: Service,
    prompt: object,
    model: object = "storyteller",
    beams: object = 2,
    penalty: object = 0.0,
    stopping: object = "never",
    opened: object = 24,
) -> tuple[BeamTrail, int]:
    asked: Any = (prompt, model, beams, 8, penalty, stopping, opened)
    *_, last = beam.ask(service, None, *asked)
    assert isinstance(last, tuple)
    return last


def example(service: Service, label: str) -> BeamTrail:
    return searched(service, *beam.EXAMPLES[label])[0]


def candidates(trail: BeamTrail, step: int) -> dict[str, tuple[float, str]]:
    """By their texts: sum and fate."""
    return {
        text((one.token,), trail): (round(one.log_probability, 2), one.fate)
        for one in trail.searched.steps[step - 1]
    }


def test_r30_two_beams_lose_to_greedy_and_three_do_not(service: Service) -> None:
    two, three = example(service, "Loses to greedy"), example(service, "Three beams")
    greedy = two.searched.greedy
    assert text(greedy.ids, two) == " was walking in the park. He"
    assert round(greedy.log_probability, 2) == -4.08
    third = candidates(two, 3)
    assert third[" Tom"] == (-2.55, "kept")
    assert third[" T"] == (-2.77, "kept")
    assert third[" in"] == (-2.82, "pruned")
    assert lost(two.searched) == 3
    assert round(greedy.log_probability, 2) - third[" in"][0] == pytest.approx(-1.26)
    assert text(two.searched.outcome.ids, two).startswith(" named Timmy")
    assert round(two.searched.outcome.log_probability, 2) == -6.31
    assert three.searched.outcome.ids == greedy.ids
    assert lost(three.searched) is None


def test_r46_exact_search_shows_what_the_beams_have_missed(service: Service) -> None:
    two = {row.length: row for row in exact(example(service, "Against exact search"))}
    assert (two[7].best, round(two[7].log_probability, 2)) == ("nd the ", -9.05)
    assert (two[7].found, round(two[7].found_log_probability, 2)) == ("uthe th", -9.62)
    assert [length for length, row in two.items() if row.missed] == [2, 3, 6, 7]
    three, _ = searched(service, "She wanted to", "bigram", 3)
    assert [row.length for row in exact(three) if row.missed] == [2]
    assert all("the" in row.best for length, row in two.items() if length > 3)
    assert exact(example(service, "Loses to greedy")) == []


def scores(trail: BeamTrail, alpha: float) -> list[tuple[float, str]]:
    """As beam.js ranks them: all that has ended, and what runs at the end."""
    held: list[tuple[int, ...]] = [()]
    found = []
    for step in trail.searched.steps:
        grown = [((*held[one.parent], one.token), one) for one in step]
        found += [(ids, one.log_probability) for ids, one in grown if one.fate == "finished"]
        held = [ids for ids, one in grown if one.fate == "kept"]
    last = [one for one in trail.searched.steps[-1] if one.fate == "kept"]
    found += [(ids, one.log_probability) for ids, one in zip(held, last, strict=True)]
    return sorted(((total / len(ids) ** alpha, text(ids, trail)) for ids, total in found))[::-1]


def test_r23_the_penalty_ranks_a_longer_text_first(service: Service) -> None:
    found = example(service, "A text that ends")
    assert text(found.searched.outcome.ids, found) == " after."
    assert round(found.searched.outcome.log_probability, 2) == -1.87
    assert scores(found, 0.0)[0][1] == " after."
    assert scores(found, 1.0)[0][1].startswith(" after. One day")
    penalised, _ = searched(service, "and they lived happily ever", beams=3, penalty=1.0)
    assert text(penalised.searched.outcome.ids, penalised).startswith(" after. One day")


def test_with_one_beam_the_search_is_greedy(service: Service) -> None:
    one, _ = searched(service, "A man", beams=1)
    assert one.searched.outcome.ids == one.searched.greedy.ids
    assert "With one beam it is greedy" in search_tree(one, 24)


def test_a_search_that_stops_says_why(service: Service) -> None:
    found, _ = searched(service, "and they lived happily ever", beams=1)
    assert "steps were asked for" in search_tree(found, 24)
    short, _ = searched(service, "The end", beams=1, stopping="when the pool is full")
    assert "The search stops: the pool is full." in search_tree(short, 24)


def test_the_answer_holds_every_candidate_and_what_was_returned(service: Service) -> None:
    value = searched(service, "She wanted to", "bigram", 2)
    found = beam.data(value)
    assert [len(step) for step in found["steps"]] == [4] * 8
    assert found["outcome"]["log_probability"] == found["outcome"]["score"]
    assert found["greedy"]["lost_at"] is None
    assert found["exact"][6]["text"] == "nd the "
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("typed", ["<b>bold</b> & 'q'", "a\r\nb", "\N{FIRE}", "e\u0301" * 9])
def test_what_is_typed_is_escaped(service: Service, typed: str) -> None:
    shown, page = beam.draw(searched(service, typed))
    assert "<b>b" not in f"{shown}{page}"
    assert "<section" in str(page)


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": ""},
        {"prompt": None},
        {"model": "skip-gram-1"},
        {"beams": 9},
        {"beams": None},
        {"penalty": "high"},
        {"stopping": "soon"},
        {"opened": 25},
        {"opened": 1.5},
    ],
)
def test_what_cannot_be_searched_is_refused(service: Service, wrong: dict[str, object]) -> None:
    with pytest.raises(OrreryError):
        searched(service, **{"prompt": "A man", **wrong})  # type: ignore[arg-type]
