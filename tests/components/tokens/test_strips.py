"""Chips and strips of tokenizers that lose something say what, and escape it."""

from __future__ import annotations

import html
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from analysis.tokens import groups
from components.tokens.chips import MOST_SHOWN, chips, origin
from components.tokens.strips import losses, missing, strip, strips
from inference.types import Detail, Merge, PieceScore

KNOWN, UNKNOWN = Detail("##ox", False, Merge(1234, 56789)), Detail("<|unknown|>", True, None)
PIECES, GAPS = [b"f", b"ox", "\u4f60<b>".encode()], [b"", b"", b" \n", b" "]
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
    assert origin(PieceScore(-3.20654)) == "log-probability -3.21"


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


def test_a_strip_counts_and_names_what_is_lost() -> None:
    drawn = str(strip("WordPiece", GROUPS, DETAILS))
    facts = re.findall(r"<span>(.*?)</span>", drawn.split("</p>")[0])
    assert facts == ["3 tokens", "longest ox", "1 unknown", "whitespace lost"]
    pieces = re.findall(r'<span class="(\w+)">(.*?)</span>', drawn)
    assert pieces == [("c0", "f"), ("c1", "ox"), ("u", "\u4f60&lt;b&gt;")]
    assert drawn.count("<s>") == 2
    assert "<b>" not in drawn


def test_nothing_is_said_to_be_lost_where_nothing_is() -> None:
    whole = groups([5, 6], [b"f", b" ox"])
    assert losses(whole, DETAILS[:2]) == []
    assert "longest ox" in strip("x", whole, DETAILS[:2])
    assert "longest" not in strip("x", groups([1], [b"fox"]), [UNKNOWN])
    assert "<span>1 token</span>" in strip("x", groups([5], [b"f"]), DETAILS[:1])


@pytest.mark.parametrize("reason", ["<script>alert(1)</script>", "${7*7}"])
def test_t7_names_and_reasons_are_escaped(reason: str) -> None:
    drawn = str(strips("Heading", [missing(reason, reason)]))
    assert "<script" not in drawn
    assert html.unescape(drawn).count(reason) == 2
