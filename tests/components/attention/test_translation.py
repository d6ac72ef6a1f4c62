"""Every answer of the Translation view, measured on its own example as the page gets it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU

from components.attention import translation
from components.attention.translated.known import SENTENCES
from components.attention.translated.scored import best, word_for_word
from components.attention.translation import Translations
from inference.errors import OrreryError
from inference.loading.measured import BY_LENGTH
from inference.service import Service
from inference.tasks.attention.alignment import Align

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
GREEDY, BEAM = 0, 1


@cache
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


@cache
def opening() -> Translations:
    *_, found = translation.ask(service(), None, *next(iter(translation.EXAMPLES.values())))
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
        next(translation.ask(service(), None, typed, 4, ""))


def test_r34_bleu_is_against_the_reference_and_rough() -> None:
    told = translation.data(opening())["translators"]
    greedy = [round(one["ways"][GREEDY]["bleu"]) for one in told]
    assert greedy == [100, 100, 49]
    another = "Elle acheta un chat noir et un chien blanc."
    assert BLEU(effective_order=True).sentence_score(text(0, GREEDY), [another]).score < 80
    theirs = BLEU(effective_order=True).sentence_score(
        text(2, GREEDY), [translation.EXAMPLES["Black cat, white dog"][2]]
    )
    assert told[2]["ways"][GREEDY]["bleu"] == pytest.approx(theirs.score)


def test_a_reference_of_another_sentence_is_left_out_and_that_is_said() -> None:
    cat, _, french = translation.EXAMPLES["Black cat, white dog"]
    assert translation.own_reference(cat, french) == (french, "")
    assert translation.own_reference("Hello.", french) == ("", translation.OTHERS)
    assert translation.own_reference("Hello.", "Bonjour.") == ("Bonjour.", "")
    with pytest.raises(OrreryError, match="1,000"):
        translation.own_reference("Hello.", "a" * 1001)


def test_r33_which_head_aligns_words() -> None:
    rates = {model: 100 * one for model, one in opening().scores.items()}
    assert list(rates) == ["translator", "translator-rnn"]
    first, second = rates["translator"]
    assert (first > 100 * word_for_word()).all()
    assert second[:4].min() == pytest.approx(20, abs=0.5)
    assert second[4] == pytest.approx(8, abs=0.5)
    assert best(opening().scores) == ("translator", 1, 4)
    assert round(rates["translator-rnn"][0, 0]) == 43
    assert round(100 * word_for_word()) == 42


def test_r33_the_error_rates_by_a_slow_obvious_way() -> None:
    """Of one head: every token's weight to its word by its place in the text, one by one."""
    reads, right, counted = service().preprocessor("translator", "translate"), 0, 0
    for known in SENTENCES:
        target = reads.cut(known.target, "sentence", 40)
        aligned = service().answer(Align(known.source, "translator", (target.ids,)))
        weights = aligned.looks.maps[0][1, 2]
        links = set()
        sides = [(target.pieces, known.target), (aligned.tokens.pieces, known.source)]
        of_row, of_column = (word_of(pieces, words) for pieces, words in sides)
        for word in range(max(one for one in of_row if one is not None) + 1):
            found: dict[int | None, float] = {}
            for row, its in enumerate(of_row):
                for column, other in enumerate(of_column):
                    if its == word:
                        found[other] = found.get(other, 0.0) + float(weights[row, column])
            leading = max(found, key=lambda one: found[one])
            if leading is not None:
                links.add((word, leading))
        right += len(links & known.sure) + len(links & known.possible)
        counted += len(links) + len(known.sure)
    assert opening().scores["translator"][1, 2] == pytest.approx(1 - right / counted)


def word_of(pieces: tuple[bytes, ...], text: str) -> list[int | None]:
    """The word of every token, found letter by letter; no token of ours holds two words."""
    words: list[int | None] = []
    number, last = -1, ""
    letters: list[int | None] = []
    for letter in text:
        if letter.isspace():
            letters.append(None)
        else:
            if not (letter.isalnum() or letter == "'") or not (last.isalnum() and last):
                number += 1
            letters.append(number)
        last = letter
    at = 0
    for piece in pieces:
        span = letters[at : at + len(piece.decode())]
        at += len(piece.decode())
        held = [one for one in span if one is not None]
        assert len(set(held)) <= 1
        words.append(held[0] if held else None)
    return words


def test_bleu_by_length_is_what_was_measured() -> None:
    rows = translation.data(opening())["translators"]
    longest = [one["bleu_by_length"][-1]["bleu"] for one in rows]
    assert [round(one) for one in longest] == [32, 31, 13]
    assert sum(one["sentences"] for one in rows[0]["bleu_by_length"]) == 2009
    metrics = json.loads((CHECKPOINTS / "translator-rnn/metrics.json").read_text(encoding="utf-8"))
    assert (
        rows[1]["bleu_by_length"][2]["bleu"]
        == (metrics["figures"][BY_LENGTH]["7 to 8"]["BLEU, free-running"])
    )
