"""A tokenizer as one line: it comes back as the one that was learned, or is refused."""

from __future__ import annotations

import base64
import json
import struct
from typing import get_args

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from learning import bpe
from learning.wordpiece import ScoredPairs
from models.text import learned
from models.text.merges import Merge
from models.text.symbols import (
    END_OF_WORD,
    INSIDE,
    Symbols,
    joined,
    symbols_of,
    tokenizer_file,
    words_of,
)
from models.text.tokenizer import ALPHABET

TEXT = "The goats gather, the other goats bother. Naïve goats eat 100 oats: \N{GRINNING FACE}!"
PLAIN = learned.line_of("bytes", sorted(ALPHABET), [learned.Pair(71, 68, 9)])


def packed(*pairs: tuple[int, int, int]) -> str:
    content = b"".join(struct.pack(">HHI", *one) for one in pairs)
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def trained(text: str, kind: Symbols, merges: int) -> tuple[str, tokenizers.Tokenizer]:
    """The line of a training, and the library's own tokenizer of the same."""
    counted: dict[tuple[str, ...], int] = {}
    for word in words_of(text, kind):
        symbols = symbols_of(word.written, kind)
        counted[symbols] = counted.get(symbols, 0) + 1
    letters = sorted(ALPHABET if kind == "bytes" else {one for word in counted for one in word})
    symbols, pairs = list(letters), []
    scored = ScoredPairs if kind == "wordpiece" else None
    for one in bpe.learn(counted, letters, merges, 1, scored):
        left, right = (symbols.index(part) for part in one.pair)
        pairs.append(learned.Pair(left, right, one.ahead[0].times))
        if joined(*one.pair, kind) not in symbols:
            symbols.append(joined(*one.pair, kind))
    file = tokenizer_file(symbols, [one[:2] for one in pairs], kind)
    whole = tokenizers.Tokenizer.from_str(json.dumps(file))
    whole.encode_special_tokens = True
    return learned.line_of(kind, letters, pairs), whole


@given(
    taught=st.text(min_size=1).filter(str.strip),
    asked=st.text(),
    kind=st.sampled_from(get_args(Symbols)),
)
def test_the_line_cuts_as_the_library_does(taught: str, asked: str, kind: Symbols) -> None:
    line, library = trained(TEXT + taught, kind, 20)
    tokenizer, origins, _ = learned.read(line)
    for text in (asked, taught, TEXT):
        ids = library.encode(text, add_special_tokens=False).ids
        assert tokenizer.encode(text) == ids
    assert json.loads(library.to_str())["model"]["vocab"] == {
        tokenizer.piece(token): token for token in range(tokenizer.vocabulary)
    }
    assert [one.rank for one in origins.values()] == sorted(one.rank for one in origins.values())


def test_the_counts_of_training_come_along() -> None:
    line = learned.line_of("characters", ["a", "b" + END_OF_WORD], [learned.Pair(0, 1, 70_000)])
    tokenizer, origins, parts = learned.read(line)
    assert line == "characters.YQ.Yg.AAAAAQABEXA"
    assert origins == {2: Merge(1, 70_000)} and parts == {2: (0, 1)}
    assert tokenizer.encode("ab abb") == [2, 0, 4, 1]  # b inside a word is unknown


def test_a_wordpiece_takes_the_longest_piece_and_forgets_its_merges() -> None:
    letters = [INSIDE + "b", INSIDE + "c", "a"]
    pairs = [learned.Pair(2, 0, 5), learned.Pair(0, 1, 4), learned.Pair(3, 1, 3)]
    line = learned.line_of("wordpiece", letters, pairs)
    tokenizer, origins, parts = learned.read(line)
    assert line.startswith("wordpiece.YQ.YmM.")
    assert [tokenizer.piece(token) for token in origins] == ["ab", "##bc", "abc"]
    assert parts == {3: (2, 0), 4: (0, 1), 5: (3, 1)}
    assert tokenizer.encode("abc abbc abd") == [5, 3, 4, tokenizer.unknown]
    assert tokenizer.bytes_of(4) == b"bc" and learned.parsed(line).title.endswith("of 3 merges")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "a part of it is missing"),
        ("bytes...", "a part of it is missing"),
        ("words...AAAA", "a part of it is missing"),
        (PLAIN + "\n", "a part of it is missing"),
        (PLAIN + "=", "a part of it is missing"),
        ("bytes...A", "a part of it is cut off"),
        ("characters._w.YQ." + packed((0, 1, 1)), "a part of it is cut off"),  # no UTF-8
        (PLAIN[:-3], "no whole number of merges from 1 to 1,000"),
        ("bytes..." + packed(*[(1, 2, 1)] * 1_001), "no whole number of merges from 1 to 1,000"),
        ("bytes..." + packed((1, 256, 1)), "merge 1 joins tokens that are not there"),
        ("bytes..." + packed((1, 2, 1), (1, 2, 1)), "merge 2 joins tokens that are not there"),
        ("characters..YQ." + packed((0, 1, 1)), "merge 1 joins tokens that are not there"),
        ("bytes..." + packed((1, 1, 1), *((i, i, 1) for i in range(256, 300))), "merge 17 makes"),
        (
            "bytes." + "A" * 64_000 + ".." + packed((1, 1, 1)),
            "64,019 characters, of at most 64,000",
        ),
    ],
)
def test_t7_what_a_browser_may_send_is_refused_in_a_clause(line: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        learned.read(line)


def test_no_merge_makes_the_name_of_a_special_token() -> None:
    letters = sorted(ALPHABET)
    name, pairs, left = "<|endoftext|>", [], letters.index("<")
    for number, letter in enumerate(name[1:]):
        pairs.append((left, letters.index(letter), 1))
        left = 256 + number
    with pytest.raises(ValueError, match="merge 12 makes a token that none can be"):
        learned.read("bytes..." + packed(*pairs))
    learned.read("bytes..." + packed(*pairs[:-1]))


@given(
    st.binary(min_size=8, max_size=400),
    st.text(max_size=9),
    st.sampled_from(get_args(Symbols)),
)
def test_t7_whatever_is_sent_is_read_or_refused(content: bytes, letters: str, kind: str) -> None:
    parts = (letters.encode("utf-8", "replace"), letters.encode("utf-8", "replace"), content)
    coded = (base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts)
    try:
        tokenizer, *_ = learned.read(".".join((kind, *coded)))
    except ValueError:
        return
    tokenizer.segment(TEXT + letters)


def test_what_is_too_much_to_be_sent_has_no_line() -> None:
    many = sorted(chr(0x4E00 + i) for i in range(20_000))
    assert not learned.line_of("characters", many, [learned.Pair(0, 1, 2)])
    assert not learned.line_of("bytes", sorted(ALPHABET), [learned.Pair(0, 1, 1 << 32)])
