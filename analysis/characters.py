"""How characters are spelled on screen, so that none of them is invisible.

Whitespace gets a symbol, and whatever is blank, invisible, unassigned or changes the direction of
the text its code point. The classes come from Unicode's data (`regex` properties).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import regex

WHITESPACE = {" ": "·", "\n": "↵", "\t": "⇥", "\N{NO-BREAK SPACE}": "⍽"}

# Default ignorable code points (joiners, fillers, variation selectors, tags, ...) and three
# characters whose glyph is blank by design: Braille, music, Khitan.
BLANK = r"\p{Default_Ignorable_Code_Point}\u2800\U0001D159\U00016FE4"
INVISIBLE = regex.compile(rf"[{BLANK}\p{{White_Space}}\p{{C}}]")
IGNORABLE = regex.compile(f"[{BLANK}]")
SUBDIVISIONS = ("gbeng", "gbsct", "gbwls")  # the flags that emoji fonts spell with tags
TAGS = "|".join("".join(chr(0xE0000 + ord(c)) for c in name) for name in SUBDIVISIONS)
# Ignorable characters at work inside a grapheme: taking one away changes the glyph before it.
WORKING = regex.compile(
    r"(?<=(?![0-9#*])\p{Emoji})[\uFE0E\uFE0F]"  # text or emoji style
    r"|(?<=[0-9#*])\uFE0F(?=\u20E3)"  # keycaps
    r"|(?<=[\p{Emoji}\uFE0F])\u200D(?=\p{Extended_Pictographic})"  # emoji joined
    rf"|(?<=\U0001F3F4)(?:{TAGS})\U000E007F"
    r"|(?<=\p{ccc=9})[\u200C\u200D]"  # conjuncts after a virama
    r"|(?<=[\p{Joining_Type=D}\p{Joining_Type=L}]\p{Mn}*)[\u200C\u200D]"  # cursive letters
    r"|(?<=\p{Han})[\uFE00-\uFE02\U000E0100-\U000E01EF]"
    r"|(?<=\p{Mongolian})[\u180B-\u180D\u180F]"
)


@dataclass(frozen=True)
class Span:
    """A stretch of a label; a symbol stands for what has no shape of its own."""

    text: str
    symbol: bool = False


def graphemes(text: str) -> list[str]:
    """The characters of a text as people count them (Unicode annex 29)."""
    found: list[str] = regex.findall(r"\X", text)
    return found


def visible(text: str, spaces: bool = True) -> tuple[Span, ...]:
    """Every character spelled by itself; those without a shape become symbols.

    spaces: False leaves the ordinary space as it is, for running text.
    """
    spans: list[Span] = []
    for character in text:
        shape = _shape(character, spaces, alone=not spans or spans[-1].symbol)
        symbol = shape != character
        if spans and spans[-1].symbol == symbol:
            before = spans.pop().text
            gap = " " if shape.startswith("U+") and before[-1].isalnum() and symbol else ""
            shape = before + gap + shape
        spans.append(Span(shape, symbol))
    return tuple(spans)


def joined(text: str, spaces: bool = True) -> tuple[Span, ...]:
    """Whole text: as `visible`, but joiners that shape a grapheme do their work unseen."""
    spans: list[Span] = []
    for grapheme in graphemes(text):
        spans += [Span(grapheme)] if _whole(grapheme) else visible(grapheme, spaces)
    return tuple(spans)


def _whole(grapheme: str) -> bool:
    """Whether a grapheme of several characters can be shown as it is: nothing in it is hidden."""
    if len(grapheme) == 1 or grapheme == "\r\n":
        return False
    base = unicodedata.category(grapheme[0])
    return base[0] not in "MZ" and not IGNORABLE.search(WORKING.sub("", grapheme))


def _shape(character: str, spaces: bool, alone: bool) -> str:
    if character == " " and not spaces:
        return character
    if character in WHITESPACE:
        return WHITESPACE[character]
    if character.isascii() and character.isprintable():
        return character
    # `regex` lets other threads in at every match, and then waits for its next turn.
    if INVISIBLE.match(character, concurrent=False):
        return f"U+{ord(character):04X}"
    if alone and unicodedata.category(character) in ("Mn", "Me"):
        return f"◌{character}"
    return character
