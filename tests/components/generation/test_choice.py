"""One choice on the page: numbers, escaping, and what its text says, on the committed weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.generation import choice
from components.generation.waterfall import percent, waterfall
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.choice import Choice

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
pytestmark = pytest.mark.weights
DIALS: dict[str, Any] = {
    "follow": " dragon",
    "model": "storyteller",
    "choice": "sample",
    "order": choice.BEFORE,
    "temperature": 1.2,
    "k": 40,
    "p": 0.9,
    "least": 0.0,
    "typical": 1.0,
    "penalty": 1.0,
    "seed": 7,
}


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def shown(service: Service, prompt: str = choice.OPENING, **more: Any) -> Choice:
    *_, last = choice.ask(service, None, prompt, **{**DIALS, **more})
    assert isinstance(last, Choice)
    return last


def test_r30_heat_before_the_nucleus_lets_more_tokens_in(service: Service) -> None:
    before = shown(service)
    after = shown(service, order=choice.AFTER)
    nucleus = [next(s for s in one.stages if s.filter == "top_p") for one in (before, after)]
    assert nucleus[0].survivors > nucleus[1].survivors
    assert [stage.filter for stage in after.stages] == ["", "top_k", "top_p", "temperature"]


def test_r30_what_is_cut_goes_to_the_others_in_proportion(service: Service) -> None:
    found = shown(service)
    for earlier, later in zip(found.stages[1:], found.stages[2:], strict=False):
        kept = [token for token in found.listed if later.chances[token].kept]
        ratios = [later.chances[one].share / earlier.chances[one].share for one in kept]
        assert ratios == pytest.approx([1 / (1 - later.cut)] * len(kept))


def test_r30_a_followed_token_has_a_row_and_a_filter_that_took_it(service: Service) -> None:
    found = shown(service)
    assert found.followed in found.listed
    assert found.pieces[found.followed or 0] == b" dragon"
    cut = [stage.filter for stage in found.stages if not stage.chances[found.followed or 0].kept]
    assert cut[0] == "top_k"


def test_every_token_of_the_vocabulary_can_be_followed_by_its_number(service: Service) -> None:
    found = shown(service, follow="#0")
    assert found.followed == 0
    assert found.tokens.note == ""
    assert "end of text" in str(waterfall(found))
    assert shown(service, follow="#4095").followed == 4095
    assert shown(service, follow="#").followed not in (None, 0)  # the character itself
    with pytest.raises(OrreryError, match="A token is a whole number from 0 to 4,095, not 4096"):
        shown(service, follow="#4096")


def test_the_head_of_a_column_says_who_goes_and_what_is_left(service: Service) -> None:
    page = str(waterfall(shown(service)))
    assert page.count("none has gone") == page.count("none goes") == 1
    assert "4,056 go: 11.3 %</span><span>40 left: mass 88.7 %" in page
    assert "32 go: 9.8 %</span><span>8 left: mass 80.1 %" in page


def test_of_several_tokens_the_first_is_followed_and_the_note_says_so(service: Service) -> None:
    assert "the first is followed" in shown(service, follow=" dragon castle").tokens.note
    assert shown(service).tokens.note == ""


def test_every_example_has_something_to_see(service: Service) -> None:
    for prompt, follow in choice.EXAMPLES.values():
        found = shown(service, prompt, follow=follow)
        assert len(found.stages) == 4
        assert found.last.survivors < found.stages[0].survivors
    repeated = choice.EXAMPLES["Already said"]
    plain, penalised = (shown(service, *repeated[:1], follow=" cat", penalty=p) for p in (1, 1.5))
    token = plain.followed or 0
    assert penalised.stages[1].chances[token].share < plain.stages[0].chances[token].share


def test_an_n_gram_that_would_stand_twice_is_cut_whatever_its_probability(service: Service) -> None:
    found = shown(service, "The cat saw a dog. The cat saw a", follow=" dog", ngram=2)
    stage = next(one for one in found.stages if one.filter == "no_repeat_ngram")
    dog = found.followed or 0
    assert found.pieces[dog] == b" dog" and stage.value == 2
    assert not stage.chances[dog].kept and found.token != dog
    assert stage.cut == pytest.approx(found.stages[0].chances[dog].share)  # "a dog", nothing else
    assert found.stages[0].survivors - stage.survivors == 1
    assert "No-repeat 2" in str(waterfall(found))


def test_what_is_typed_is_escaped_and_what_is_off_has_no_column(service: Service) -> None:
    page = str(waterfall(shown(service, "<b>bold", follow="<i>", k=0, p=1.0, temperature=1.0)))
    assert "<b>bold" not in page
    assert "&lt;" in page
    assert page.count('<th scope="col">') == 1


def test_greedy_rolls_no_dice(service: Service) -> None:
    found = shown(service, choice="greedy")
    assert found.dice is None
    assert "No dice" in str(waterfall(found))
    assert choice.data(found)["dice"] is None


@pytest.mark.parametrize("follow", ["", "\x00", "é" * 300, "👩‍👧"])
def test_any_text_can_be_followed(service: Service, follow: str) -> None:
    assert shown(service, follow=follow).listed


@pytest.mark.parametrize("more", [{"temperature": float("nan")}, {"k": -1}, {"p": 7.0}])
def test_numbers_out_of_range_are_refused(service: Service, more: dict[str, Any]) -> None:
    with pytest.raises(OrreryError):
        shown(service, **{"p": 0.9, **more})


def test_no_share_that_is_not_nothing_reads_as_nothing() -> None:
    assert [percent(share) for share in (0.0, 1e-7, 0.00123, 0.01, 0.627)] == [
        *("0.00", "1e-05", "0.12", "1.0", "62.7")
    ]
