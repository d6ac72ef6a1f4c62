"""The ruler: every unit covers all bytes, and what the answer says of its example holds."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from analysis.tokens import Group, groups
from components.tokens.pieces import EXAMPLES, ask, draw
from components.tokens.ruler import LONGEST, rows, ruler, within
from components.tokens.tokenizers import SPECIAL, grouped, tokenizers
from inference.service import Service

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


def widths(group: Group) -> list[list[int]]:
    return [[width for _, width in row] for row in rows(group)]


@given(some.text(min_size=1, max_size=12), some.data())
def test_r1_all_four_units_cover_the_bytes_once(text: str, data: some.DataObject) -> None:
    held = text.encode()
    cuts = sorted(data.draw(some.sets(some.integers(1, len(held)), max_size=6)) | {0, len(held)})
    pieces = [held[start:end] for start, end in pairwise(cuts)]
    found = groups(range(len(pieces)), pieces)
    assert "".join(group.text for group in found) == text
    for group in found:
        assert {sum(row) for row in widths(group)} == {len(group.text.encode())}
        assert len(rows(group)[1]) == len(group.text)


def test_one_letter_in_two_spellings_by_hand() -> None:
    composed, parted = groups([1, 2, 3], ["\u00e9".encode(), b"e", "\u0301".encode()])
    assert widths(composed) == [[2], [2], [1, 1], [2]]
    assert widths(parted) == [[3], [1, 2], [1, 1, 1], [1, 2]]
    assert [str(text) for text, _ in rows(parted)[2]] == ["65", "CC", "81"]
    assert widths(Group(" \n", ()))[3] == [2]


def test_t7_typed_markup_is_text_and_a_long_text_is_laid_out_in_part() -> None:
    drawn = str(ruler(groups([1], [b"<img src=x>"])))
    assert "<img" not in drawn and "&lt;" in drawn
    long = groups(range(LONGEST + 1), [b"a"] * (LONGEST + 1))
    assert len(within(long, LONGEST)) == LONGEST
    assert "The start of the text." in str(ruler(long))
    assert "The start of the text." not in str(ruler(long[:LONGEST]))


@pytest.mark.weights
def test_r30_the_letter_and_the_family_have_the_lengths_of_the_answer() -> None:
    cut = ask(Service(CHECKPOINTS, "cpu"), None, *EXAMPLES["Emoji"], "byte-bpe", "text")
    found = {group.text.strip(): group for group in grouped(cut.found)}
    (family,) = (group for text, group in found.items() if "\u200d" in text)
    composed, parted = found["\u00e9"], found["e\u0301"]
    assert (len("\u00e9".encode()), len("e\u0301".encode())) == (2, 3)
    assert [one.token for one in composed.chips] != [one.token for one in parted.chips]
    assert len(family.text.strip()) == 5 and len(family.text.strip().encode()) == 18
    _, drawn = draw(cut)
    assert re.search(r"<td colspan=\"18\">", str(drawn))


@pytest.mark.weights
def test_every_unit_is_as_long_as_the_text_in_every_tokenizer() -> None:
    service = Service(CHECKPOINTS, "cpu")
    for (text,) in EXAMPLES.values():
        for one in tokenizers(service.catalog):
            for group in grouped(ask(service, None, text, one.name, SPECIAL).found):
                sums = {sum(row) for row in widths(group)}
                assert sums == {len(group.text.encode())}, (one.name, group)
