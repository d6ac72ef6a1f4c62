"""Chips and strips of tokenizers that lose something say what, and escape it."""

from __future__ import annotations

import html
import json
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from analysis.tokens import groups
from components.tokens.chips import MOST_SHOWN, chips, origin
from components.tokens.duel import Duel, Row, draw
from components.tokens.strips import MOST_SHOWN as STRIPS_MOST
from components.tokens.strips import figures, strips
from inference.entry import Entry
from inference.types.tokenized import Detail, Merge, PieceScore, Tokenized

KNOWN, UNKNOWN = Detail("##ox", False, Merge(1234, 56789)), Detail("<|unknown|>", True, None)
PIECES, GAPS = [b"f", b"ox", "\u4f60<b>".encode()], [b"", b"", b" \n", b" "]
ENTRY = Entry("bpe", "BPE", "tokenizer", frozenset({"cut"}), "bpe")
GROUPS = groups([5, 6, 1], PIECES, GAPS)
DETAILS = [Detail("f", False, None), KNOWN, UNKNOWN]


def facts(found: dict[str, Any]) -> list[str]:
    return [kind[4] for kind in found["kinds"]]


def test_a_chip_says_how_its_token_came_to_be() -> None:
    found = chips(GROUPS, DETAILS)
    first, second, third = facts(found)
    assert first == "in the vocabulary as f"
    assert second == (
        "in the vocabulary as ##ox, "
        "made by merge 1,234, whose pair was seen 56,789 times in the training text"
    )
    assert third == "unknown: the vocabulary has no token for it"
    assert [kind[1:4] for kind in found["kinds"][:2]] == [[5, "66", "f"], [6, "6F 78", "##ox"]]
    assert origin(PieceScore(-3.20654)) == "log-probability \N{MINUS SIGN}3.21"


def test_r3_a_special_token_is_called_one() -> None:
    name = b"<|endoftext|>"
    found = chips(groups([0], [name], [b"", b""]), [Detail("", False, None, special=True)])
    assert facts(found) == ["special: a mark that the model was trained with, not text"]
    assert found["kinds"][0][3] == "special"


def test_what_no_token_holds_is_shown_where_it_stood() -> None:
    found = chips(GROUPS, DETAILS)
    lost = [text for text, used in found["shapes"] if not used]
    assert lost == [[(" ", False), ("\u21b5", True)], [(" ", False)]]
    assert [found["shapes"][shape][1] for shape in found["order"]] == [(0,), (1,), (), (2,), ()]


@given(some.text(max_size=60), some.data())
def test_r2_chips_cover_any_text_exactly_once(text: str, data: some.DataObject) -> None:
    held = text.encode()
    cuts = sorted(data.draw(some.sets(some.integers(0, len(held)), max_size=9)) | {0, len(held)})
    pieces = [held[start:end] for start, end in pairwise(cuts)]
    found = chips(groups(range(len(pieces)), pieces), [KNOWN] * len(pieces))
    used = [kind for shape in found["order"] for kind in found["shapes"][shape][1]]
    assert b"".join(bytes.fromhex(found["kinds"][kind][2]) for kind in used) == held
    assert [found["kinds"][kind][1] for kind in used] == list(range(len(pieces)))
    assert found["unseen"] == 0


def test_a_long_text_is_counted_whole_and_shown_in_part() -> None:
    many = MOST_SHOWN + 7
    found = chips(groups([5] * many, [b"a"] * many), [KNOWN] * many)
    assert (len(found["order"]), found["unseen"], len(found["kinds"])) == (MOST_SHOWN, 7, 1)


def found(gaps: list[bytes], details: list[Detail]) -> Tokenized:
    whole = b"".join(part for pair in zip(gaps, [*PIECES, b""], strict=True) for part in pair)
    return Tokenized(
        whole.decode(), (5, 6, 1), tuple(PIECES), gaps=tuple(gaps), details=tuple(details)
    )


def test_a_strip_counts_and_names_what_is_lost() -> None:
    said = figures(found(GAPS, DETAILS))
    assert said["lost"] == {"spaces": 2, "unknown": 1} and said["unknown"] == 1
    assert (said["tokens"], said["words"], said["bytes"]) == (3, 2, 12)
    assert said["tokens_per_word"] == pytest.approx(1.5)
    assert said["bytes_per_token"] == pytest.approx(4.0)
    whole = Tokenized("fox", (5, 6), (b"f", b"ox"), details=(DETAILS[0], KNOWN))
    assert figures(whole)["lost"] == {}


def test_a_strip_holds_all_of_a_text_in_order_and_marks_what_others_cut_differently() -> None:
    one = found(GAPS, DETAILS)
    other = Tokenized(one.text, (9,), (one.text.encode(),), details=(KNOWN,))
    first, second = strips([one, other])
    assert [first["kinds"][kind][1] for kind in first["order"]] == [1, 2, 2, 6, 1]
    assert sum(second["kinds"][kind][1] for kind in second["order"]) == len(one.text.encode())
    assert [first["kinds"][kind][2:] for kind in first["order"]] == [
        *([False, True], [False, True], [False, False], [True, True], [False, False])
    ]
    assert (first["odd"], second["odd"]) == ([0, 1, 3], [0])
    assert [strip["odd"] for strip in strips([one, one])] == [[], []]


def test_a_long_strip_is_counted_whole_and_drawn_in_part() -> None:
    many = STRIPS_MOST + 5
    long = Tokenized("a" * many, (5,) * many, (b"a",) * many, details=(DETAILS[0],) * many)
    (drawn,) = strips([long])
    assert (len(drawn["order"]), drawn["unseen"]) == (STRIPS_MOST, 5)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "${7*7}", '"><img src=x>'])
def test_t7_what_was_typed_is_no_markup(text: str) -> None:
    row = Tokenized(text, (5,), (text.encode(),), details=(DETAILS[0],))
    _, drawn = draw(Duel((Row(ENTRY, row), Row(ENTRY, None, text)), ()))
    assert "<script" not in str(drawn) and "<img" not in str(drawn)
    value = json.loads(html.unescape(re.search('data-value="(.*?)"', str(drawn))[1]))  # type: ignore[index]
    assert (
        "".join(part for part, _ in value["rows"][0]["kinds"][0][0]).replace("\N{MIDDLE DOT}", " ")
        == text
    )
    assert value["rows"][1]["reason"] == text
