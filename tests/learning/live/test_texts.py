"""Texts in two parts: what is trained on and what is held out have no line in common."""

from __future__ import annotations

from collections import Counter

import pytest

from learning import names
from learning.live import texts
from learning.live.texts import Corpus, corpus, of_text


def whole(found: Corpus) -> str:
    return found.spell([*found.train, *found.heldout])


def test_a_tenth_of_the_names_is_held_out_and_never_trained_on() -> None:
    found = corpus("names")
    train, heldout = found.lines
    assert (len(train), len(heldout)) == (9_000, 1_000)
    assert not set(train) & set(heldout)
    assert set(train) | set(heldout) == set(names.read())
    assert found.spell(found.train.tolist()) == "".join(f"\n{name}" for name in train) + "\n"
    assert found.alphabet == "\nabcdefghijklmnopqrstuvwxyz"
    assert found.alphabet[found.start] == "\n"


def test_few_names_are_some_of_them_and_are_measured_on_the_same_ones() -> None:
    few, many = corpus("few names"), corpus("names")
    assert few.lines[0] == many.lines[0][: texts.FEW]
    assert few.lines[1] == many.lines[1]


def test_every_line_of_the_memory_task_ends_as_it_begins() -> None:
    for line in (one for part in corpus("memory").lines for one in part):
        assert line[0] == line[-1] in texts.CONSONANTS
        assert set(line[1:-1]) <= set(texts.VOWELS)


def test_the_grammar_is_running_text_whose_end_is_held_out() -> None:
    found = corpus("grammar")
    assert not found.listed
    assert len(found.heldout) == (len(found.train) + len(found.heldout)) // 10
    assert whole(found).startswith(("The ", "One ", "All ", '"Who '))


def test_short_lines_of_ones_own_are_a_list_and_others_running_text() -> None:
    lines = [f"line {i}" for i in range(60)]
    listed = of_text("\r\n".join(lines))
    assert listed.listed and sorted(one for part in listed.lines for one in part) == sorted(lines)
    running = of_text("No line end, only a sentence that goes on. " * 20)
    assert not running.listed
    assert running.alphabet[running.start] == "N"


def test_all_of_running_text_is_read_in_order() -> None:
    text = "A \U0001f600 here,\x00 an é there.\n" * 30 + "x" * 50
    assert whole(of_text(text)) == text


def test_the_rarest_of_very_many_characters_become_one() -> None:
    text = "".join(chr(0x4E00 + i) * (2 if i < 300 else 1) for i in range(5_000))
    found = of_text(text)
    assert len(found.alphabet) == texts.MOST + 1
    counts = Counter(whole(found))
    assert counts[texts.OTHER] == len(text) - 2 * texts.MOST
    assert len(whole(found)) == len(text)


def test_another_name_is_none() -> None:
    with pytest.raises(KeyError):
        corpus("novels")
