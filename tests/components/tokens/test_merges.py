"""Merges: what the view says of its examples, and what it does with texts that are none."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from components.tokens import merges
from components.tokens.merges import EXAMPLES, Recut, ask, data, draw
from inference import wire
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.replay import Replay, Replayed

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def example(service: Service, name: str) -> Recut:
    return ask(service, None, *EXAMPLES[name])


def tokens(found: Replayed, limit: int) -> list[int]:
    """How many tokens each word has once so many merges are known."""
    return [len(one.letters) - sum(m.rank <= limit for m in one.merges) for one in found.words]


def chosen(recut: Recut) -> dict[str, object]:
    words: list[dict[str, object]] = data(recut)["words"]
    return words[recut.found.chosen]


def test_r4_all_merges_give_the_tokens_of_the_text(service: Service) -> None:
    found = example(service, "All merges").found
    assert sum(tokens(found, found.merges)) == len(found.tokens.ids)
    assert sum(tokens(found, 0)) == len(found.tokens.text.encode())


def test_r30_the_answers_hold_on_the_examples(service: Service) -> None:
    found = example(service, "All merges").found
    origins = service.preprocessor("byte-bpe", "cut").segmenter
    first = {one.rank: token for token, one in origins.origins.items()}  # type: ignore[union-attr]
    made = [origins.tokenizer.bytes_of(first[rank]).decode() for rank in range(1, 7)]
    assert made == [" t", "he", " a", " the", " s", "in"]
    assert tokens(found, found.merges)[found.chosen] == 7
    few = tokens(found, 300)
    assert (sum(few), sum(tokens(found, found.merges)), few[0]) == (45, 28, 3)
    rained = example(service, "Learned first")
    last = chosen(rained)["merges"]
    assert [one["text"] for one in last][-1] == "ained"  # type: ignore[attr-defined, index]
    ranks = {origins.tokenizer.piece(token): one.rank for token, one in origins.origins.items()}  # type: ignore[union-attr]
    assert ranks["ained"] < ranks["\u0120rain"]
    longest = chosen(example(service, "The longest"))
    assert [one["text"] for one in longest["pieces"]] == ["rain", "ed"]  # type: ignore[attr-defined, index]
    cuts = data(example(service, "The most probable"))["cuts"]
    assert cuts["number"] == 108
    assert [round(100 * one["share"]) for one in cuts["best"][:2]] == [56, 35]
    assert chosen(example(service, "The most probable"))["text"] == " unbelievably"


def test_counts_are_those_of_the_training_text(service: Service) -> None:
    counts = [one["count"] for one in chosen(example(service, "All merges"))["merges"]]  # type: ignore[attr-defined]
    assert counts == sorted(counts, reverse=True) and counts[0] == 561_822


@pytest.mark.parametrize(
    ("text", "tokenizer", "word", "says"),
    [
        ("", "byte-bpe", 1, "is empty"),
        ("a" * 2_001, "byte-bpe", 1, "up to 2,000 characters; yours has 2,001"),
        ("\n\u2003", "wordpiece", 1, "is empty"),
        ("a", "words", 1, "looks whole words up"),
        ("a", "byte-bpe", 5_000, "The word is a whole number from 1 to 2,000, not 5000"),
        ("a", "storyteller-of-none", 1, "none of this name"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    service: Service, text: str, tokenizer: str, word: int, says: str
) -> None:
    with pytest.raises(OrreryError, match=says):
        ask(service, None, text, tokenizer, 0, word)


def test_a_word_beyond_the_last_is_the_last_and_a_long_one_is_not_taken_apart(
    service: Service,
) -> None:
    assert ask(service, None, "one two", "byte-bpe", 0, 9).found.chosen == 1
    assert ask(service, None, "a" * 61, "unigram", 0, 1).found.lattice is None
    found = service.answer(Replay("one two", "unigram", word=2))
    assert wire.loads(wire.dumps(found), wire.known()) == found


@pytest.mark.parametrize("tokenizer", merges.NAMES)
def test_t7_hostile_text_is_no_markup(service: Service, tokenizer: str) -> None:
    text = '<script>alert(1)</script> "><img src=x>'
    _, drawn = draw(ask(service, None, text, tokenizer, 0, 1))
    assert "<script" not in str(drawn) and "<img" not in str(drawn)
    value = json.loads(html.unescape(re.search('data-value="(.*?)"', str(drawn))[1]))  # type: ignore[index]
    assert "".join(one[0] for one in value["words"]).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("merges", [-1, 3_901, 1.5, float("nan"), None])
def test_a_number_of_merges_out_of_range_is_refused(service: Service, merges: int) -> None:
    with pytest.raises(OrreryError, match="The number of merges"):
        ask(service, None, "a", "byte-bpe", merges, 1)
