"""What kind of character is it? By Unicode's classes; y and w count as consonants."""

from __future__ import annotations

import unicodedata
from typing import Literal, get_args

LetterClass = Literal["vowels", "consonants", "capitals", "digits", "marks"]
CLASSES: tuple[LetterClass, ...] = get_args(LetterClass)


def letter_class(character: str) -> LetterClass:
    """Of one character; a vowel with an accent is a vowel."""
    if character.isupper():
        return "capitals"
    if character.isdigit():
        return "digits"
    if not character.isalpha():
        return "marks"
    base = unicodedata.normalize("NFD", character)[0]
    return "vowels" if base in "aeiouæœ" else "consonants"
