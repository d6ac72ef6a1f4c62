"""Model cards by the name of their model, and nothing else."""

from __future__ import annotations

import pytest

from tests.web.asking import Answer, ask
from web.cards import Cards
from web.responses import refusal


def card(name: str) -> str:
    if name != "storyteller":
        raise ValueError("There is none of this name.")
    return "# Storyteller caf\u00e9"


def answer(path: str) -> Answer:
    return ask(Cards(refusal(418, "the app"), card), path)


def test_a_card_is_plain_text() -> None:
    found = answer("/cards/storyteller")
    assert (found.status, found.body.decode()) == (200, "# Storyteller caf\u00e9")
    assert found.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("path", ["/cards/", "/cards/other", "/cards/../storyteller"])
def test_what_is_no_card_is_not_there(path: str) -> None:
    found = answer(path)
    assert found.status == 404
    assert b"none of this name" in found.body


def test_everything_else_passes() -> None:
    assert answer("/tokens").status == answer("/card").status == 418
