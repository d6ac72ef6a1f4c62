"""What could come, on the page: numbers, escaping, and what its text says, on the weights."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from components.generation import tree
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks import continuations
from inference.tasks.continuations import Continuations
from tests.conftest import CHECKPOINTS

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    made = Service(CHECKPOINTS, "cpu")
    yield made
    made.close(1)


def shown(
    service: Service, prompt: str = tree.OPENING, depth: int = 4, percent: float = 1.0, **more: str
) -> Continuations:
    *_, last = tree.ask(service, None, prompt, more.get("model", "storyteller"), depth, percent)
    assert isinstance(last, Continuations)
    return last


def text(found: Continuations, tokens: tuple[int, ...]) -> str:
    return b"".join(found.pieces[one] for one in tokens).decode()


def test_r30_the_most_probable_text_may_begin_with_a_less_probable_token(service: Service) -> None:
    found = shown(service, *tree.EXAMPLES["The cat sat"])
    assert text(found, (found.tree.branches[0].token,)) == " grass"
    assert text(found, found.texts[0][0]) == " couch. It"
    assert len(found.texts[0][0]) == 4


def test_r30_what_the_listed_texts_hold_falls_with_every_token(service: Service) -> None:
    held = [shown(service, depth=depth).held for depth in (1, 2, 4)]
    assert [round(100 * one) for one in held] == [89, 86, 45]


def test_r30_in_the_middle_of_a_phrase_there_is_one_way(service: Service) -> None:
    found = shown(service, *tree.EXAMPLES["One way"])
    assert len(found.texts) == 5
    assert found.held > 0.975
    best, share = found.texts[0]
    assert text(found, best) == " a time, there"
    assert round(100 * share) == 72


@pytest.mark.parametrize("prompt", [example[0] for example in tree.EXAMPLES.values()])
def test_the_sentence_says_what_is_held_and_the_data_sum_to_one(
    service: Service, prompt: str
) -> None:
    found = shown(service, prompt)
    data = tree.data(found)
    assert f"{len(data['texts'])} texts have 1 % or more each" in tree.sentence(found)
    beyond = data["rest"] + sum(branch["rest"] for branch in data["branches"])
    assert data["held"] + beyond == pytest.approx(1, abs=1e-6)


def test_nothing_listed_and_too_much_are_both_told(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = shown(service, "In the middle of the", percent=20.0)
    assert tree.sentence(nothing) == "No text of 4 tokens has 20 %. Ask for less."
    assert "<ol></ol>" in tree.draw(nothing)[1]
    monkeypatch.setattr(continuations, "OPENED", 2)
    much = tree.sentence(shown(service))
    assert "were too many to look beyond" in much


def test_what_a_model_writes_is_escaped(service: Service) -> None:
    found = shown(service, "<b>x</b> & <script>", model="gpt", percent=0.2)
    drawn = tree.draw(found)[1]
    assert "<script>" not in drawn and "<b>x" not in drawn
    value = json.loads(html.unescape(re.search(r'data-value="(.*?)"', drawn)[1]))
    assert value["prompt"] == "<b>x</b> & <script>"
    assert len(value["branches"]) == len(found.tree.branches)


@pytest.mark.parametrize(
    "more", [{"percent": None}, {"percent": 0.0}, {"percent": float("nan")}, {"depth": 9}]
)
def test_numbers_out_of_range_are_refused(service: Service, more: dict[str, Any]) -> None:
    with pytest.raises(OrreryError):
        shown(service, **more)
