"""The symbols of the guessing game: letters whatever their case, the space, and all other signs.

Shannon's 27, and one more for all that is neither letter nor space.
"""

from __future__ import annotations

from collections.abc import Iterable

SYMBOLS = "abcdefghijklmnopqrstuvwxyz ."
"""Each by itself, but for the last, which stands for every other sign."""
OTHER = len(SYMBOLS) - 1


def symbol_of(character: str) -> int:
    """The place of a character's symbol in `SYMBOLS`; all that is not one character is other."""
    found = SYMBOLS.find(character.lower()) if len(character) == 1 else -1
    return found if found >= 0 else OTHER


def symbols_of(characters: Iterable[str]) -> tuple[int, ...]:
    """The symbols of a text, or of the pieces of a vocabulary."""
    return tuple(map(symbol_of, characters))
