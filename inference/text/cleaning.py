"""The boundary for what a person typed: valid Unicode, of bounded length, otherwise untouched."""

from __future__ import annotations

from dataclasses import dataclass

from inference.errors import EmptyText, OrreryError, TooLong

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class CleanText:
    """Text that every tokenizer accepts, and what had to be changed, if anything."""

    text: str
    note: str = ""


def clean(
    text: object, limit: int, what: str = "text", told: int | None = None, why: str = ""
) -> CleanText:
    """Replace lone surrogates, which no encoder takes; keep every other character.

    told: the limit that a message names, where a stricter one comes after this. why: what it adds.
    Raises EmptyText, also for None, TooLong, or OrreryError where `text` is not a string.
    """
    if text is None:
        raise EmptyText(what)
    if not isinstance(text, str):
        raise OrreryError(f"The {what} must be text, not {type(text).__name__}.")
    # Browsers send UTF-16: a well-formed pair is one character, half of one is none.
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if not whole.strip():
        raise EmptyText(what)
    if len(whole) > limit:
        raise TooLong(what, told or limit, len(whole), "characters", why)
    replaced = whole.count(REPLACEMENT) - text.count(REPLACEMENT)
    if replaced == 0:
        return CleanText(whole)
    if replaced == 1:
        return CleanText(whole, "One character was not valid Unicode and is shown as U+FFFD.")
    note = f"{replaced} characters were not valid Unicode and are shown as U+FFFD."
    return CleanText(whole, note)
