"""Every kind of character, also those of other scripts."""

from __future__ import annotations

import pytest

from components.ladder.networks.letter_classes import letter_class


@pytest.mark.parametrize(
    ("characters", "kind"),
    [
        ("aeiouéöâæ", "vowels"),
        ("bqywñß", "consonants"),
        ("AZÆÉ", "capitals"),
        ("0159", "digits"),
        (" \n.,'\"[–\0\U0001f642", "marks"),
    ],
)
def test_characters_have_their_class(characters: str, kind: str) -> None:
    assert {letter_class(one) for one in characters} == {kind}
