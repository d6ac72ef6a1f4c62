"""A Unigram model as it is sent and saved: it comes back, or is refused in a clause."""

from __future__ import annotations

import json
import math
import struct

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from models.text import learned
from models.text.unigram import ScoredPieces, packed, rounded, tokenizer_file, unpacked

PIECES = st.lists(st.text(min_size=1, max_size=5), unique=True, min_size=1, max_size=9)


@given(pieces=PIECES, scores=st.lists(st.floats(-50, 0), min_size=9, max_size=9), asked=st.text())
def test_it_comes_back_and_cuts_as_the_saved_file(
    pieces: list[str], scores: list[float], asked: str
) -> None:
    scored = ScoredPieces(tuple(pieces), rounded(scores[: len(pieces)]))
    assert unpacked(*packed(scored)) == scored
    read = learned.read(learned.scored_line(scored))
    library = tokenizers.Tokenizer.from_str(json.dumps(tokenizer_file(scored)))
    library.encode_special_tokens = True
    for text in (asked, "".join(pieces)):
        assert read.tokenizer.encode(text) == library.encode(text).ids
    assert [one.log_probability for one in read.origins.values()] == list(scored.scores)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("pieces", "scores", "says"),
    [
        ([], [], "no score for every piece"),
        (["a"], [], "no score for every piece"),
        (["a", "a"], [-1, -1], "is there twice"),
        (["<|unknown|>"], [-1], "cannot be there"),
        (["a" * 17], [-1], "no length from 1 to 16"),
        ([""], [-1], "no length from 1 to 16"),
        ([1], [-1], "no length from 1 to 16"),
        (["a"], [0.5], "no probability"),
        (["a"], [math.nan], "no probability"),
        (["a"], [-math.inf], "no probability"),
    ],
)
def test_t7_what_a_browser_may_send_is_refused(
    pieces: list[object], scores: list[float], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        unpacked(json.dumps(pieces).encode(), struct.pack(f">{len(scores)}f", *scores))


@pytest.mark.parametrize("line", ["unigram.W10..AAAA", "unigram.e30..AAAA", "unigram._w..AAAA"])
def test_t7_a_damaged_line_is_a_clause(line: str) -> None:
    with pytest.raises(ValueError, match=r"score for every piece|cut off"):
        learned.parsed(line)
