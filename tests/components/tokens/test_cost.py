"""Cost: the figures of every row, the answers beside them, and texts that are none."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import regex
from tokenizers import Tokenizer

from components.tokens.cost import EXAMPLES, MOST_SHOWN, OWN, ask, data, draw
from components.tokens.sentences import SENTENCES
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.cut import LONGEST

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def rows(service: Service, example: str, part: str = "rows") -> Rows:
    return {one["name"]: one for one in data(ask(service, None, *EXAMPLES[example]))[part]}


def drawn(service: Service, text: str, tokenizer: str = "byte-bpe") -> tuple[str, dict[str, Any]]:
    _, shown = draw(ask(service, None, text, tokenizer))
    (value,) = re.findall('data-value="(.*?)"', str(shown))
    return str(shown), json.loads(html.unescape(value))


def test_every_sentence_is_written_in_the_script_that_is_named() -> None:
    assert len(SENTENCES) == len({one.language for one in SENTENCES}) == 20
    assert len({one.script for one in SENTENCES}) == 10
    names = {"Han": ("CJK",), "Kana": ("CJK", "HIRAGANA", "KATAKANA")}
    for one in SENTENCES:
        letters = [letter for letter in one.text if letter.isalpha()]
        allowed = names.get(one.script, (one.script.upper(),))
        assert all(unicodedata.name(letter).startswith(allowed) for letter in letters), one
        assert unicodedata.is_normalized("NFC", one.text), one


@pytest.mark.parametrize("name", ["byte-bpe", "multilingual"])
def test_tokens_bytes_and_characters_are_those_of_other_libraries(
    service: Service, name: str
) -> None:
    theirs = Tokenizer.from_file(str(CHECKPOINTS / "tokenizers" / name / "tokenizer.json"))
    found = data(ask(service, None, "My own: \u00e9 e\u0301 \N{GRINNING FACE}", name))
    english = theirs.encode(SENTENCES[0].text)
    for one in found["rows"]:
        ids = theirs.encode(one["text"]).ids
        assert list(one["ids"]) == ids
        assert one["tokens"] == len(ids)
        assert one["bytes"] == len(one["text"].encode())
        assert one["graphemes"] == len(regex.findall(r"\X", one["text"]))
        assert one["share_of_window"] == len(ids) / 512
        assert one["ratio"] == (len(ids) / len(english.ids) if one["script"] else None)
    assert {one["tokenizer"] for one in found["twins"]} == {"byte-bpe", "multilingual"} - {name}


def test_r30_a_script_without_merges_costs_its_bytes(service: Service) -> None:
    found = rows(service, "Strawberry")
    for one in found.values():
        merged = one["tokens"] < one["bytes"]
        assert merged == (one["script"] in ("Latin", "")), one["name"]
    assert (found["Hindi"]["bytes"], round(found["Hindi"]["ratio"], 1)) == (95, 7.9)
    assert max(one["ratio"] or 0 for one in found.values()) == found["Hindi"]["ratio"] < 8
    width = {"Greek": 2, "Cyrillic": 2, "Hebrew": 2, "Arabic": 2}
    width |= {"Devanagari": 3, "Thai": 3, "Han": 3, "Kana": 3, "Hangul": 3}
    for sentence in SENTENCES:
        letters = [one for one in sentence.text if one.isalpha()]
        wide = width.get(sentence.script)
        assert wide is None or {len(one.encode()) for one in letters} == {wide}


def test_r30_french_costs_what_its_share_of_the_training_was(service: Service) -> None:
    alone, both = rows(service, "Strawberry"), rows(service, "Strawberry", "twins")
    assert [alone[one]["tokens"] for one in ("English", "French")] == [12, 21]
    assert [both[one]["tokens"] for one in ("English", "French")] == [12, 13]


def test_r30_of_strawberry_the_model_is_given_three_numbers(service: Service) -> None:
    own = rows(service, "Strawberry")[OWN]
    assert list(own["ids"][-4:-1]) == [3206, 682, 447]
    value = drawn(service, own["text"])[1]
    row = next(one for one in value["rows"] if one["name"] == OWN)
    said = ["".join(text for text, _ in label) for label in row["labels"]]
    assert [one.strip("\u00b7") for one in said[-4:-1]] == ["straw", "ber", "ry"]


def test_r30_digits_and_indentation_are_not_merged(service: Service) -> None:
    own = service.preprocessor("byte-bpe", "cut").segmenter.tokenizer  # type: ignore[union-attr]
    found = rows(service, "Strawberry")
    pieces = {name: [own.bytes_of(one) for one in found[name]["ids"]] for name in found}
    assert all(len(re.findall(rb"\d", piece)) <= 1 for piece in pieces["Numbers"])
    assert pieces["Indentation"] == [b" "] * 15 + [b" return"]


def test_r30_what_is_unknown_gets_no_ratio(service: Service) -> None:
    found = rows(service, "Mostly unknown")
    russian = found["Russian"]
    assert (russian["tokens"], russian["unknown"], russian["ratio"]) == (8, 7, None)
    assert len(set(russian["ids"])) == 2
    assert all(
        (one["ratio"] is None) == bool(one["unknown"]) for one in found.values() if one["script"]
    )


def test_an_empty_text_is_no_row_and_an_unusable_one_is_refused(service: Service) -> None:
    assert OWN not in {one["name"] for one in data(ask(service, None, " \n", "byte-bpe"))["rows"]}
    for text in (None, "a" * (LONGEST + 1)):
        with pytest.raises(OrreryError):
            ask(service, None, text, "byte-bpe")  # type: ignore[arg-type]
    with pytest.raises(OrreryError, match="none of this name"):
        ask(service, None, "a", "nobody")


@pytest.mark.parametrize("tokenizer", ["byte-bpe", "words", "unigram", "characters"])
def test_t7_hostile_text_is_no_markup_and_hides_nothing(service: Service, tokenizer: str) -> None:
    shown, value = drawn(service, '<script>alert(1)</script> "><img src=x> \u202eabc', tokenizer)
    assert "<script" not in shown and "<img" not in shown
    row = next(one for one in value["rows"] if one["name"] == OWN)
    assert not any("\u202e" in text for text, _ in row["spelled"])
    assert ["U+202E", True] in [[text.strip(), symbol] for text, symbol in row["spelled"]]


def test_a_long_text_is_spelled_in_part(service: Service) -> None:
    value = drawn(service, "z9" * 1_000)[1]
    row = next(one for one in value["rows"] if one["name"] == OWN)
    assert len(row["ids"]) == len(row["labels"]) == MOST_SHOWN < row["tokens"]
