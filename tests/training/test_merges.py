"""The counts of merges agree with an obvious recount and with the library's own order of merges."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.bpe import merged
from training import merges, tokenizer_kinds, tokenizers
from training.merges import Pair, Symbols


def slow_replay(
    words: Counter[Symbols], learned: list[Pair], ids: dict[str, int]
) -> tuple[list[int], int]:
    """Count everything anew before every merge; merge by looking at every place in turn."""
    now = [(list(word), count) for word, count in words.items()]
    counts, passed_over = [], 0
    for pair in learned:
        seen: Counter[Pair] = Counter()
        for word, count in now:
            for found in pairwise(word):
                seen[found] += count
        first = min(seen, key=lambda p: (-seen[p], ids[p[0]], ids[p[1]]))
        passed_over += first != pair
        counts.append(seen[pair])
        for word, _ in now:
            place = 0
            while place < len(word) - 1:
                if (word[place], word[place + 1]) == pair:
                    word[place : place + 2] = ["".join(pair)]
                place += 1
    return counts, passed_over


def learned(tokenizer: object) -> tuple[list[Pair], dict[str, int]]:
    model = json.loads(tokenizer.to_str())["model"]  # type: ignore[attr-defined]
    return [(left, right) for left, right in model["merges"]], model["vocab"]


TEXTS = st.lists(st.text(st.sampled_from("aab c"), min_size=1, max_size=40), min_size=1, max_size=5)


@given(TEXTS)
def test_r4_byte_level_merges_are_the_most_frequent_pairs_in_turn(texts: list[str]) -> None:
    tokenizer = tokenizer_kinds.byte_bpe(texts, 300)
    counted = merges.count_words(texts, tokenizer.pre_tokenizer)
    pairs, ids = learned(tokenizer)
    slow, passed_over = slow_replay(merges.in_symbols(counted, ids), pairs, ids)
    fast = tokenizers.replayed(tokenizer, counted)
    assert (fast.counts, fast.passed_over) == (slow, passed_over)
    assert fast.passed_over == fast.behind == 0
    assert fast.counts == sorted(fast.counts, reverse=True)


@given(TEXTS.filter(lambda texts: any(text.strip() for text in texts)))
def test_r4_merges_with_a_mark_at_the_end_of_words_too(texts: list[str]) -> None:
    counted = tokenizer_kinds.words_of(texts)
    tokenizer = tokenizer_kinds.bpe(texts, counted, tokenizer_kinds.Recipe(60, rare=2))
    pairs, ids = learned(tokenizer)
    letters = [piece for piece in ids if len(piece) == 1]
    split = merges.in_symbols(counted, letters, tokenizer_kinds.WORD_END)
    slow, passed_over = slow_replay(split, pairs, ids)
    fast = tokenizers.replayed(tokenizer, counted)
    assert (fast.counts, fast.passed_over) == (slow, passed_over)
    assert fast.passed_over == 0


def test_counts_by_hand() -> None:
    words = Counter({tuple("aaa"): 2, tuple("ab"): 3, tuple("bab"): 1})
    ids = {"a": 0, "b": 1, "aa": 2, "ab": 3}
    # aa overlaps itself: twice in aaa, in two words; ab: three and one. Tied, and aa comes first.
    assert merges.replay(words, [("a", "a"), ("a", "b")], ids) == merges.Replay([4, 4], 0, 0.0)
    assert merges.replay(words, [("a", "b"), ("a", "a")], ids) == merges.Replay([4, 4], 1, 0.0)
    unlike = Counter({tuple("ab"): 3, tuple("cd"): 4})
    ids = {letter: i for i, letter in enumerate("abcd")}
    assert merges.replay(unlike, [("a", "b"), ("c", "d")], ids) == merges.Replay([3, 4], 1, 0.25)


@pytest.mark.parametrize(
    ("word", "expected"), [("aaa", ["aa", "a"]), ("aaaa", ["aa", "aa"]), ("baab", ["b", "aa", "b"])]
)
def test_r4_of_overlapping_pairs_the_left_one_is_merged(word: str, expected: list[str]) -> None:
    assert merged(word, ("a", "a"), "aa")[0] == expected


@given(st.text("ab", min_size=1, max_size=12), st.sampled_from(["aa", "ab", "ba"]))
def test_the_neighbours_that_go_and_come_are_those_that_differ(word: str, both: str) -> None:
    pair = (both[0], both[1])
    symbols, gone, come = merged(word, pair, "".join(pair))
    before, after = Counter(pairwise(word)), Counter(pairwise(symbols))
    before.subtract(gone)
    before.update(come)
    assert +before == after and "".join(symbols) == word


def test_a_symbol_that_was_there_already_has_no_new_neighbours() -> None:
    assert merged(["ab", "c", "a", "b"], ("a", "b"), "ab")[1:] == (
        [("c", "a"), ("a", "b")],
        [("c", "ab")],
    )


def test_a_character_outside_the_alphabet_is_passed_over() -> None:
    split = merges.in_symbols({"x?y": 2, "a?": 1}, "xya", "</w>")
    assert split == {("x", "y</w>"): 2, ("a",): 1}
