"""Own words and true ones, every number computed again by one pass over one text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inference import wire
from inference.errors import OrreryError, OutOfRange, TooLong
from inference.service import Service
from inference.tasks.ladder.forcing import (
    AGAIN,
    PLACES,
    READ,
    SAMPLES,
    Forcing,
    TextForced,
    cuts,
    elsewhere,
)
from models.loading import load

TEXT = (
    "The miller had three goats, and each of them believed that it was the cleverest. Now the "
    "goats were frightened and crept together."
)
OWN = 5


@pytest.fixture(scope="module")
def service(tiny_ladder: Path) -> Service:
    return Service(tiny_ladder, "cpu")


def asked(service: Service, *args: Any, **named: Any) -> TextForced:
    *_, last = service.run(Forcing(*args, **named))
    assert isinstance(last, TextForced)
    return last


def slow_bits(model: Any, ids: list[int]) -> float:
    """Of the last of some ids, after the others."""
    with torch.inference_mode():
        logs = model.forward(torch.tensor([ids[:-1]]))[0, -1].double().log_softmax(-1)
    return -float(logs[ids[-1]]) / np.log(2)


@pytest.mark.parametrize("name", ["five-gram", "mlp", "lstm", "gpt"])
def test_every_number_is_that_of_one_pass_over_one_text(
    service: Service, tiny_ladder: Path, name: str
) -> None:
    found, model = asked(service, TEXT, name, OWN), load(tiny_ladder / "ladder" / name)
    ids = list(found.tokens.ids)
    others = elsewhere(ids, found.places, OWN, 7)
    for row, sample in ((0, 1), (len(found.places) - 1, SAMPLES - 1)):
        place = found.places[row]
        read, own = ids[:place], found.written[row, sample].tolist()
        for step in (0, 1, OWN - 1, OWN, OWN + 3, OWN + AGAIN - 1):
            true = ids[place + step]
            again = ids[place + OWN : place + step] if step > OWN else []
            for words, bits in (
                (own, found.after_own[row, sample]),
                (others[row, sample].tolist(), found.after_elsewhere[row, sample]),
            ):
                text = [*read, *words[:step], *again, true]
                assert bits[step] == pytest.approx(slow_bits(model, text), abs=1e-3), step
            expected = slow_bits(model, ids[: place + step + 1])
            assert found.forced[row, step] == pytest.approx(expected, abs=1e-3)
        for step in (0, OWN - 1):
            expected = slow_bits(model, [*read, *own[: step + 1]])
            assert found.written_bits[row, sample, step] == pytest.approx(expected, abs=1e-3)


def test_own_words_are_drawn_by_the_dice_and_never_end_the_text(service: Service) -> None:
    one, same, other = (asked(service, TEXT, "rnn", OWN, 1.0, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.written, same.written)
    assert (one.written != other.written).any()
    cold, hot = (asked(service, TEXT, "rnn", OWN, heat).written_bits.mean() for heat in (0.1, 2.0))
    assert cold < hot
    assert one.tokens.ids and 0 not in one.written  # the end of a text


def test_cuts_follow_blanks_and_leave_room() -> None:
    pieces = [bytes([byte]) for byte in TEXT.encode()]
    places = cuts(pieces, after=30)
    assert all(TEXT[place - 1] == " " for place in places)
    assert places[0] >= READ and places[-1] <= len(TEXT) - 30
    assert cuts([b"a", b" "] * 200, 10) == tuple(sorted(set(cuts([b"a", b" "] * 200, 10))))
    assert len(cuts([b"a", b" "] * 200, 10)) == PLACES


def test_words_from_elsewhere_are_of_another_place() -> None:
    ids, places = list(range(100)), (20, 30, 40)
    found = elsewhere(ids, places, 4, 1)
    for row, place in enumerate(places):
        for words in found[row].tolist():
            assert words == list(range(words[0], words[0] + 4))
            assert words[0] in set(places) - {place}


def test_the_answer_travels_as_bytes(service: Service) -> None:
    found = asked(service, TEXT, "gru", OWN)
    again = wire.loads(wire.dumps(found), wire.known())
    np.testing.assert_array_equal(again.written, found.written)


@pytest.mark.parametrize(
    ("args", "error", "sentence"),
    [
        (("", "rnn"), OrreryError, "text is empty"),
        (("a", "rnn"), OrreryError, "needs several words"),
        (("goat" * 30, "rnn"), OrreryError, "needs several words"),
        (("a b " * 61, "rnn"), TooLong, "up to 240 characters; yours has 244"),
        (("a" * 300_000, "rnn"), TooLong, "characters"),
        ((TEXT, "rnn", 0), OutOfRange, "own characters is a whole number from 1 to 32"),
        ((TEXT, "rnn", 2.5), OutOfRange, "own characters"),
        ((TEXT, "rnn", 5, float("nan")), OutOfRange, "Temperature"),
        ((TEXT, "rnn", 5, 1.0, -1), OutOfRange, "The seed"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    service: Service, args: tuple[Any, ...], error: type[OrreryError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        asked(service, *args)


def test_what_a_rung_has_not_learned_is_said(service: Service) -> None:
    odd = TEXT.replace("miller", "m\0\N{FIRE}ller\r\n")
    assert "unknown" in asked(service, odd, "gru", OWN).tokens.note
