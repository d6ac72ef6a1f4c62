"""Characters in sentences: named where they cannot be seen, and kept from turning the sentence."""

from __future__ import annotations

import unicodedata

BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U00016fe4\U0001d159"
"""Without a glyph, although Unicode calls them letters, marks or symbols."""
SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
FIRST_STRONG, POP = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def invisible(character: str) -> bool:
    """Whether a character shows nothing, by Unicode's data: spaces, controls, joiners, fillers."""
    if unicodedata.category(character)[0] in "CZ" or character in BLANK:
        return True
    return any(ord(character) in selectors for selectors in SELECTORS)


def named(character: str) -> str:
    """A character as a sentence quotes it: itself, or code point and name where it shows nothing.

    Marks are named too: alone they would sit on what stands before them.
    """
    if not invisible(character) and unicodedata.category(character)[0] != "M":
        return isolated(character)
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    if ord(character) < 0x20:  # control characters have no name of their own, their pictures do
        picture = chr(0x2400 + ord(character))
        name = unicodedata.name(picture).removeprefix("SYMBOL FOR ")
    return f"{code} ({name.lower()})" if name else code


def quoted(text: str) -> str:
    """Words as a sentence quotes them: hidden characters as code points, the rest as it is."""
    return isolated("".join(c if c == " " or not invisible(c) else _code(c) for c in text))


def _code(character: str) -> str:
    return f"<U+{ord(character):04X}>"


def isolated(text: str) -> str:
    """The text, kept apart where it is written from right to left (Unicode annex 9)."""
    turned = any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text)
    return f"{FIRST_STRONG}{text}{POP}" if turned else text
