"""The words of a text are counted as the library cuts the whole of it."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.text.symbols import Symbols, counted, symbols_of, words_of

SPACES = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u180e\u2003\u200b\u2028\u202f\u205f\u3000\ufeff"
)
TEXTS = some.text(some.characters(exclude_categories=("Cs",)), max_size=40)
SPACED = some.text(SPACES + "ab1'.\u00e9s", max_size=40)


@pytest.mark.parametrize("kind", get_args(Symbols))
@given(text=TEXTS | SPACED)
def test_the_words_of_a_text_are_those_of_the_whole(kind: Symbols, text: str) -> None:
    whole = Counter(symbols_of(one.written, kind) for one in words_of(text, kind))
    assert counted(text, kind) == whole
