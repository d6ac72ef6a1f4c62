"""The committed names: as many as are said, in order, and fit for a class."""

from __future__ import annotations

import pytest

from learning import names
from training.data.names import COUNT, commonest
from training.data.slurs import is_slur


def test_ten_thousand_different_names_in_small_letters() -> None:
    read = names.read()
    assert len(read) == len(set(read)) == COUNT
    assert read[:4] == ("emma", "liam", "olivia", "noah")
    assert set("".join(read)) == set("abcdefghijklmnopqrstuvwxyz")
    assert not [name for name in read if is_slur(name)]


def test_girls_and_boys_take_turns_and_a_name_of_both_is_taken_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("training.data.names.is_slur", lambda name: name == "bad")
    ranked = ["ann", "eva", "ida", "bob", "eva", "bad", "max", "jim"]
    assert commonest(ranked, 3, 6) == ["ann", "bob", "eva", "ida", "max", "jim"]
    assert commonest(ranked, 3, 2) == ["ann", "bob"]
