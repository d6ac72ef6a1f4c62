"""Every answer of the Translation view, measured on its own example as the page gets it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from components.attention import translation
from components.attention.translation import Translations
from inference.errors import OrreryError
from inference.service import Service

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
GREEDY, BEAM = 0, 1


@cache
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


@cache
def opening() -> Translations:
    *_, found = translation.ask(
        service(), None, str(next(iter(translation.EXAMPLES.values()))[0]), 4
    )
    assert isinstance(found, Translations)
    return found


def text(model: int, way: int) -> str:
    return str(translation.data(opening())["translators"][model]["ways"][way]["text"])


def bits(model: int, way: int) -> float:
    return opening().found[model].written.lanes[way].bits


def looked_at(model: int, word: str, layer: int = 1, head: int = 1) -> str:
    """Where most of the row of a token that was written lies."""
    told = translation.data(opening())
    way = told["translators"][model]["ways"][GREEDY]
    row = [token["text"] for token in way["tokens"]].index(word)
    shares = way["alignment"][layer - 1][head - 1][row]
    return str(told["source"][int(np.argmax(shares))]["text"])


@pytest.mark.parametrize(("model", "layer"), [(0, 2), (1, 1)])
def test_chat_noir_crosses_black_cat(model: int, layer: int) -> None:
    assert looked_at(model, " chat", layer) == " cat"
    assert looked_at(model, " noir", layer) == " black"


def test_one_vector_loses_the_dog() -> None:
    assert text(2, GREEDY) == "Elle a acheté un chat et un chat noir."
    assert opening().found[2].aligned.looks.vector.shape == (512,)
    assert text(0, GREEDY) == text(1, GREEDY) == "Elle a acheté un chat noir et un chien blanc."


def test_the_beam_finds_what_is_more_probable_and_the_dog_is_gone() -> None:
    assert text(1, BEAM) == "Elle a acheté un chat noir."
    assert (round(bits(1, GREEDY), 1), round(bits(1, BEAM), 1)) == (7.3, 6.5)


def test_layer_1_head_4_looks_at_what_has_just_been_translated() -> None:
    assert looked_at(0, " noir", 1, 4) == " cat"
    assert looked_at(0, " et", 1, 4) == " black"


def test_bits_and_text_are_of_the_same_steps() -> None:
    for one in translation.data(opening())["translators"]:
        for way in one["ways"]:
            joined = "".join(token["text"] for token in way["tokens"][:-1])
            assert way["text"] == joined
            assert way["end"] == "end of text"


@pytest.mark.parametrize(("typed", "said"), [("", "empty"), ("cat " * 80, "40")])
def test_a_sentence_that_cannot_be_used_is_refused_before_anything_is_written(
    typed: str, said: str
) -> None:
    with pytest.raises(OrreryError, match=said):
        next(translation.ask(service(), None, typed, 4))
