"""What may be asked of a model's reach, and where in a text it is measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference import wire
from inference.errors import OrreryError, OutOfRange, TooLong
from inference.service import Service
from inference.tasks.ladder.reach import PREDICTIONS, SWAPS, Reach, TextReach, predicted, swapped

TEXT = "The miller had three goats, and each of them believed it."


@pytest.fixture(scope="module")
def service(tiny_ladder: Path) -> Service:
    return Service(tiny_ladder, "cpu")


def asked(service: Service, *args: Any, **named: Any) -> TextReach:
    *_, last = service.run(Reach(*args, **named))
    assert isinstance(last, TextReach)
    return last


@pytest.mark.parametrize("name", ["five-gram", "mlp", "rnn", "gru", "lstm", "gpt"])
def test_every_rung_has_a_reach_on_the_same_predictions(service: Service, name: str) -> None:
    found = asked(service, TEXT, name).reached
    places = predicted(len(TEXT))
    distances = places[0] + 1
    assert found.swaps.shape == (len(swapped([ord(c) for c in TEXT], 7)), distances)
    if name == "five-gram":
        assert found.gradients is None
    else:
        assert found.gradients is not None
        assert found.gradients.shape == (len(places), distances)
        assert not np.isnan(found.gradients).any()


def test_a_larger_recurrent_matrix_is_another_network(service: Service) -> None:
    plain, larger = (asked(service, TEXT, "rnn", factor).reached for factor in (1.0, 3.0))
    assert not np.allclose(plain.swaps, larger.swaps, equal_nan=True)
    again = asked(service, TEXT, "rnn").reached
    np.testing.assert_array_equal(again.swaps, plain.swaps)


def test_predictions_and_swaps_lie_evenly() -> None:
    places = predicted(160)
    assert len(places) == PREDICTIONS and places[0] == 96 and places[-1] == 158
    assert predicted(12) == [7, 8, 9, 10]
    ids = list("abcabcabcab" * 12)
    pairs = swapped([ord(one) for one in ids], 3)
    assert len(pairs) == SWAPS and pairs[0][0] == 0 and pairs[-1][0] == len(ids) - 1
    assert all(chr(other) in "abc" and chr(other) != ids[place] for place, other in pairs)
    assert swapped([1, 2] * 9, 5) == swapped([1, 2] * 9, 5)


def test_the_answer_travels_as_bytes(service: Service) -> None:
    found = asked(service, TEXT, "gru")
    again = wire.loads(wire.dumps(found), wire.known())
    np.testing.assert_array_equal(again.reached.gradients, found.reached.gradients)


@pytest.mark.parametrize(
    ("args", "error", "sentence"),
    [
        (("", "rnn"), OrreryError, "text is empty"),
        (("a", "rnn"), OrreryError, "needs 12 characters at least"),
        (("a" * 50, "rnn"), OrreryError, "not all of them the same"),
        (("ab" * 101, "rnn"), TooLong, "up to 200 characters; yours has 202"),
        (("a" * 300_000, "rnn"), TooLong, "characters"),
        ((TEXT, "gpt", 2.0), OrreryError, "gpt has no recurrent matrix"),
        ((TEXT, "rnn", float("nan")), OutOfRange, "The factor"),
        ((TEXT, "rnn", 9.0), OutOfRange, "The factor goes from 0.5 to 4.0, not 9.0"),
        ((TEXT, "rnn", 1.0, -1), OutOfRange, "The seed"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    service: Service, args: tuple[Any, ...], error: type[OrreryError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        asked(service, *args)


@pytest.mark.parametrize(
    "text", ["\N{WOMAN}\N{ZERO WIDTH JOINER}\N{FIRE} The goat", "a\r\nb" * 5, "\0ab" * 5]
)
def test_any_text_that_is_long_enough_has_a_reach(service: Service, text: str) -> None:
    assert "unknown" in asked(service, text, "lstm").tokens.note
