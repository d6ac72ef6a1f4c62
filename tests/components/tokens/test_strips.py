"""Chips and strips of tokenizers that lose something say what, and escape it."""

from __future__ import annotations

import html
import re

import pytest

from analysis.tokens import groups
from components.tokens.chips import chips, origin
from components.tokens.strips import losses, missing, strip, strips
from inference.types import Detail, Merge, PieceScore

KNOWN, UNKNOWN = Detail("##ox", False, Merge(1234, 56789)), Detail("<|unknown|>", True, None)
PIECES, GAPS = [b"f", b"ox", "\u4f60<b>".encode()], [b"", b"", b" \n", b" "]
GROUPS = groups([5, 6, 1], PIECES, GAPS)
DETAILS = [Detail("f", False, None), KNOWN, UNKNOWN]


def titles(drawn: str) -> list[str]:
    return [html.unescape(title) for title in re.findall(r'title="([^"]*)"', drawn)]


def test_a_chip_says_how_its_token_came_to_be() -> None:
    first, second, _, third, _ = titles(str(chips(GROUPS, DETAILS)))
    assert first == "token 1, id 5, bytes 66, in the vocabulary as f"
    assert second == (
        "token 2, id 6, bytes 6F 78, in the vocabulary as ##ox, "
        "made by merge 1,234, whose pair was seen 56,789 times in the training text"
    )
    assert third.endswith("unknown: the vocabulary has no token for it")
    assert origin(PieceScore(-3.20654)) == "log-probability -3.21"


def test_r3_a_special_token_is_called_one() -> None:
    name = b"<|endoftext|>"
    drawn = str(chips(groups([0], [name], [b"", b""]), [Detail("", False, None, special=True)]))
    (title,) = titles(drawn)
    assert title.endswith("special: a mark that the model was trained with, not text")
    assert "<small>special</small>" in drawn


def test_what_no_token_holds_is_shown_where_it_stood() -> None:
    drawn = str(chips(GROUPS, DETAILS))
    assert re.findall(r'<li class="gap"[^>]*>(.*?)</li>', drawn) == [
        "<i>\u00b7\u21b5</i>",
        "<i>\u00b7</i>",
    ]
    assert titles(drawn)[2] == "lost: no token holds \u00b7\u21b5"


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
