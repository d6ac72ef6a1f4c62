"""The tokenizers of the collection cut as their algorithms say, and hide nothing that they lose."""

from __future__ import annotations

import json
import math
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from models.text import merges
from models.text.merges import Merge, PieceScore
from models.text.tokenizer import END_OF_TEXT, UNKNOWN, Tokenizer
from training.data.slurs import is_slur

FOLDER = Path(__file__).parents[2] / "checkpoints" / "tokenizers"
NAMES = ("bpe", "byte-bpe", "characters", "multilingual", "unigram", "wordpiece", "words")
LOSSLESS = ("byte-bpe", "multilingual", "characters", "unigram")
TEXTS = st.text(max_size=40) | st.text(
    st.sampled_from("aehinorst THE,.'-\n\t\u00e9\u4f60\u2581#</w>|"), max_size=40
)


@cache
def opened(name: str) -> Tokenizer:
    return Tokenizer.load(FOLDER / name)


@cache
def stored(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / name / "tokenizer.json").read_text(encoding="utf-8"))["model"]


@cache
def library(name: str) -> tokenizers.Tokenizer:
    return tokenizers.Tokenizer.from_file(str(FOLDER / name / "tokenizer.json"))


def every(names: tuple[str, ...] = NAMES) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", names)


def test_the_collection_is_complete() -> None:
    assert tuple(sorted(path.parent.name for path in FOLDER.glob("*/tokenizer.json"))) == NAMES


@every()
def test_all_have_the_same_size_and_characters_take_what_there_is(name: str) -> None:
    assert opened(name).vocabulary == (105 if name == "characters" else 4096)
    assert opened(name).piece(opened(name).end_of_text) == END_OF_TEXT


def test_the_byte_level_one_is_the_storytellers(checkpoints: Path) -> None:
    theirs = checkpoints / "storyteller" / "tokenizer.json"
    assert (FOLDER / "byte-bpe" / "tokenizer.json").read_bytes() == theirs.read_bytes()


@every()
@given(text=TEXTS)
def test_r2_tokens_stand_in_order_and_only_whitespace_is_dropped(name: str, text: str) -> None:
    cuts, whole = opened(name).segment(text), text.encode()
    assert [one.token for one in cuts] == opened(name).encode(text)
    bounds = [0, *(place for one in cuts for place in (one.start, one.end)), len(whole)]
    assert bounds == sorted(bounds)
    gaps = b"".join(whole[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True))
    assert not gaps.decode().strip()
    assert name not in LOSSLESS or not gaps
    for one in cuts:
        if one.token != opened(name).unknown and "\u2581" not in text:
            assert opened(name).bytes_of(one.token) == whole[one.start : one.end]


@every(("characters", "bpe", "wordpiece", "unigram", "words"))
def test_what_is_unknown_is_shown_where_it_stands(name: str) -> None:
    text = "x\u4f60 a"
    whole = text.encode()
    unknown = [one for one in opened(name).segment(text) if one.token == opened(name).unknown]
    held = {"words": "x\u4f60", "wordpiece": "x\u4f60"}.get(name, "\u4f60")
    assert [whole[one.start : one.end].decode() for one in unknown] == [held]


@every()
@pytest.mark.parametrize("typed", [END_OF_TEXT, UNKNOWN, f"a{UNKNOWN}{END_OF_TEXT} b"])
def test_r3_typed_special_tokens_stay_text(name: str, typed: str) -> None:
    cuts, whole = opened(name).segment(typed), typed.encode()
    assert opened(name).end_of_text not in [one.token for one in cuts]
    held = [whole[one.start : one.end] for one in cuts]
    assert b"".join(held).replace(b" ", b"") == whole.replace(b" ", b"")
    assert typed.encode() not in held
    assert UNKNOWN.encode() not in held


@every()
def test_r3_special_tokens_are_read_on_request_and_only_then(name: str) -> None:
    tokenizer, text = opened(name), f"The end.{END_OF_TEXT}Once"
    plain = tokenizer.segment(text)
    assert tokenizer.end_of_text not in [one.token for one in plain]
    read = tokenizer.segment(text, specials=True)
    (place,) = [i for i, one in enumerate(read) if one.token == tokenizer.end_of_text]
    assert read[place] == (tokenizer.end_of_text, 8, 8 + len(END_OF_TEXT))
    assert [one.token for one in read[:place]] == tokenizer.encode("The end.")
    assert text.encode()[read[place + 1].start :].startswith(b"O")
    assert tokenizer.segment(text) == plain


@every()
def test_no_token_is_a_slur(name: str) -> None:
    for token in range(opened(name).vocabulary):
        held = opened(name).bytes_of(token).decode(errors="replace")
        assert not is_slur(held.strip())


# ---- R4: how the algorithms cut, each in the slow obvious way


def lowest_rank_first(symbols: list[str], ranks: dict[tuple[str, str], int]) -> list[str]:
    while known := [pair for pair in pairwise(symbols) if pair in ranks]:
        pair = min(known, key=lambda one: ranks[one])
        place = 0
        while place < len(symbols) - 1:
            if (symbols[place], symbols[place + 1]) == pair:
                symbols[place : place + 2] = ["".join(pair)]
            place += 1
    return symbols


WORDS = st.text(st.sampled_from("abcdeghilnorstuy"), min_size=1, max_size=16) | st.sampled_from(
    ["unhappiest", "Rumpelstiltskin", "aaaaaaa", "mississippi", "themselves"]
)


@every(("bpe", "byte-bpe", "multilingual"))
@given(word=WORDS)
def test_r4_of_all_pairs_the_merge_learned_first_is_applied_first(name: str, word: str) -> None:
    ranks = {(left, right): rank for rank, (left, right) in enumerate(stored(name)["merges"])}
    end = stored(name)["end_of_word_suffix"] or ""
    cut = lowest_rank_first([*word[:-1], word[-1] + end], ranks)
    assert [opened(name).piece(i) for i in opened(name).encode(word)] == cut


@given(word=WORDS)
def test_r4_wordpiece_takes_the_longest_piece_that_fits(word: str) -> None:
    vocabulary = stored("wordpiece")["vocab"]
    pieces, place = [], 0
    while place < len(word):
        mark = "##" if place else ""
        ends = range(len(word), place, -1)
        end = next(end for end in ends if mark + word[place:end] in vocabulary)
        pieces.append(mark + word[place:end])
        place = end
    assert [opened("wordpiece").piece(i) for i in opened("wordpiece").encode(word)] == pieces


@given(word=WORDS.filter(lambda word: len(word) < 13))
def test_r4_unigram_takes_the_most_probable_of_all_cuts(word: str) -> None:
    scores = dict(stored("unigram")["vocab"])

    def best(rest: str) -> float:
        if not rest:
            return 0.0
        heads = (rest[:end] for end in range(1, len(rest) + 1))
        return max(
            (scores[h] + best(rest[len(h) :]) for h in heads if h in scores), default=-math.inf
        )

    found = merges.load(FOLDER / "unigram")
    sums = [found[i] for i in opened("unigram").encode(word)]
    assert all(isinstance(one, PieceScore) for one in sums)
    assert sum(one.log_probability for one in sums) == pytest.approx(best(word))


# ---- Where tokens come from


@every(("bpe", "byte-bpe", "multilingual"))
def test_every_merge_has_its_rank_and_a_count_that_never_grows(name: str) -> None:
    found, learned = merges.load(FOLDER / name), stored(name)["merges"]
    ranked = sorted((one.rank, token, one.count) for token, one in found.items())
    assert [rank for rank, _, _ in ranked] == list(range(1, len(learned) + 1))
    assert [opened(name).piece(token) for _, token, _ in ranked] == ["".join(m) for m in learned]
    counts = [count for _, _, count in ranked]
    if name != "byte-bpe":  # the storyteller's was trained before paragraphs were taken out
        assert counts == sorted(counts, reverse=True)
    assert min(counts) > 0


@every(("characters", "words", "wordpiece"))
def test_other_tokens_have_no_origin(name: str) -> None:
    assert merges.load(FOLDER / name) == {}


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"counts": 3}', '{"counts": [1]}'])
def test_missing_or_damaged_counts_are_named(tmp_path: Path, content: str | None) -> None:
    source = FOLDER / "bpe" / "tokenizer.json"
    (tmp_path / "tokenizer.json").write_bytes(source.read_bytes())
    if content is not None:
        (tmp_path / merges.COUNTS).write_text(content)
    with pytest.raises(ValueError, match=r"merges\.json (in|is missing from) "):
        merges.load(tmp_path)


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"model": 3}', '{"model": {}}'])
def test_a_damaged_tokenizer_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(ValueError, match=r"tokenizer\.json (in|is missing from) "):
        merges.load(tmp_path)


def test_a_merge_is_known_by_rank_and_count() -> None:
    token = opened("bpe").encode("the")[0]
    first, second = stored("bpe")["merges"][0], stored("bpe")["merges"][2]
    assert (first, second) == (["t", "h"], ["th", "e</w>"])
    assert merges.load(FOLDER / "bpe")[token] == Merge(3, 435_007)


@every()
def test_transformers_cuts_alike(name: str) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(FOLDER / name)
    text = "Once upon a time, there lived a tailor's cat.\nIt was unbelievably clever: \u4f60"
    assert theirs(text, add_special_tokens=False)["input_ids"] == opened(name).encode(text)
    assert theirs.eos_token_id == opened(name).end_of_text
