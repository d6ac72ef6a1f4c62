"""A text on the page: totals, escaping, and what its text says, on the committed weights."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from analysis.surprise import Repetition
from components.generation import text
from components.generation.reading import Reader, again, reading, repetition, verdict
from inference.errors import OrreryError, TooLong
from inference.service import Service

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
OPENING = text.EXAMPLES["Two voices"][0]
pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def read(
    service: Service, typed: object = OPENING, *models: str, phrase: object = ""
) -> tuple[Reader, ...]:
    model, below = models or text.MODELS
    *_, last = text.ask(service, None, typed, model, below, phrase)  # type: ignore[arg-type]
    assert isinstance(last, tuple)
    return last


@pytest.fixture(scope="module")
def opening(service: Service) -> tuple[Reader, ...]:
    return read(service, phrase=text.PHRASE)


def test_r30_each_half_is_cheap_for_the_model_that_has_read_its_like(
    opening: tuple[Reader, ...],
) -> None:
    cut = OPENING.index(' "Alas')
    halves = []
    for one in opening:
        ends, bits = one.score.spans[:, 1], one.score.scored.bits
        halves += [bits[ends <= cut].sum() / cut, bits[ends > cut].sum() / (len(OPENING) - cut)]
    assert [round(float(half), 1) for half in halves] == [0.9, 3.1, 1.9, 1.2]


def token(reader: Reader, spelt: str) -> dict[str, float]:
    (found,) = (one for one in text.data((reader,))["models"][0]["tokens"] if one["text"] == spelt)
    return dict(found)


def test_r30_a_surprise_may_be_fair_or_a_mistake(opening: tuple[Reader, ...]) -> None:
    red, child = (token(opening[0], one) for one in (" red", " child"))
    assert (round(red["bits"], 1), round(red["entropy"], 1)) == (6.2, 7.6)
    assert (round(child["bits"]), round(child["entropy"], 1)) == (22, 0.1)
    assert text.data(opening)["models"][0]["tokens"][-2]["expected"][0]["text"] == "m"
    assert "child" in [word.text for word in opening[0].words[:4]]


def test_r30_only_one_of_them_knows_what_neither_waits_for(opening: tuple[Reader, ...]) -> None:
    there, here = (token(one, " nor") for one in reversed(opening))
    assert round(100 * 2 ** -there["bits"]) == 97 and there["rank"] == 1
    assert here["rank"] == 420


def test_r30_a_phrase_becomes_more_probable_until_greedy_decoding_cannot_leave_it(
    opening: tuple[Reader, ...],
) -> None:
    said = opening[0].repetitions
    chances = [one.probability or 0.0 for one in said]
    assert [round(100 * chances[place]) for place in (0, 1, 7)] == [2, 30, 56]
    assert chances == sorted(chances)
    assert [one.greedy == one.tokens for one in said] == [False] * 3 + [True] * 5
    assert {one.tokens for one in said} == {5}


def test_r5_the_totals_are_those_of_the_tokens(opening: tuple[Reader, ...]) -> None:
    for one, told in zip(opening, text.data(opening)["models"], strict=True):
        bits = [found["bits"] for found in told["tokens"]]
        assert told["bits_per_byte"] == pytest.approx(sum(bits) / len(OPENING.encode()))
        assert told["perplexity"] == pytest.approx(2 ** (sum(bits) / len(bits)))
        assert f"{told['bits_per_byte']:.2f} bits per byte" in str(reading(opening))
        assert "".join(found["text"] for found in told["tokens"]) == OPENING
        assert one.words[0].bits <= sum(bits)


def test_the_example_with_a_wrong_word_names_it_and_an_old_tale_is_of_old_books(
    service: Service,
) -> None:
    assert {one.words[0].text for one in read(service, *text.EXAMPLES["A wrong word"])} == {
        "refrigerator"
    }
    tale = read(service, *text.EXAMPLES["An old tale"])
    assert "Storyteller of old books expected this text more" in verdict(tale)
    none = read(service, *text.EXAMPLES["No story"])
    assert min(one.score.per_byte for one in none) > max(one.score.per_byte for one in tale)


def test_what_is_typed_is_escaped_and_nothing_is_said_of_no_phrase(service: Service) -> None:
    page = str(text.draw(read(service, '<b>bold</b> & "q" \'<script>'))[1])
    assert "<b>b" not in page and "<script" not in page
    assert "&lt;" in page
    assert "data-shows" not in page


def test_two_tokenizers_are_said_not_to_compare_by_perplexity_and_one_model_stands_once(
    service: Service,
) -> None:
    assert "perplexities do not compare" in verdict(
        read(service, "The king.", "gpt", "storyteller")
    )
    assert "perplexities" not in verdict(read(service, "The king."))
    (alone,) = read(service, "The king.", "gpt", "gpt")
    assert "GPT needs" in verdict((alone,))


def test_a_text_beyond_the_context_says_how_it_was_read(service: Service) -> None:
    long = read(service, "The king rode into the forest. " * 30, "gpt", "gpt")
    assert "read in windows of 256" in str(reading(long))
    assert "windows" not in str(reading(read(service, "The king.", "gpt", "gpt")))


@pytest.mark.parametrize("typed", ["a", "\N{FIRE}", "a\r\nb", "\x00", "...", "e\u0301" * 9])
def test_any_text_can_be_read_and_said_again(service: Service, typed: str) -> None:
    found = read(service, typed, "storyteller", "storyteller", phrase=typed)
    assert all(math.isfinite(one.score.per_byte) for one in found)
    json.dumps(text.data(found), allow_nan=False)
    assert str(text.draw(found)[1])


@pytest.mark.parametrize("typed", ["", "  ", None, 7, "a" * 300_000, "word " * 1_001])
def test_what_is_no_text_is_refused(service: Service, typed: object) -> None:
    with pytest.raises(OrreryError):
        read(service, typed)


@pytest.mark.parametrize("model", ["minilm", "../storyteller", None, 7, "skip-gram-1"])
def test_what_does_not_write_cannot_read(service: Service, model: object) -> None:
    with pytest.raises(OrreryError):
        read(service, "The king.", "storyteller", model)  # type: ignore[arg-type]


def test_a_phrase_is_said_as_often_as_it_fits() -> None:
    assert text.again("No. ") == ("No. No. No. No. No. No. No. No.", 8)
    said, times = text.again("\N{FIRE}" * 100)
    assert times == 2 and len(said.encode()) == 801
    assert text.again(" ")[0] == text.again(None)[0] == ""
    with pytest.raises(TooLong, match="phrase may have up to 100 characters; yours has 300,000"):
        text.again("a" * 300_000)


def test_a_repetition_that_holds_all_of_itself_is_marked(opening: tuple[Reader, ...]) -> None:
    drawn = str(again(opening))
    assert drawn.count("hit") == 5


def test_a_repetition_without_a_token_of_its_own_has_no_probability() -> None:
    drawn = repetition(2, Repetition(None, 0, 0))
    assert drawn == ("2nd", 0.0, "\N{EN DASH}", "0 of 0", "")
