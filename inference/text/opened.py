"""A text of any length that begins after an end-of-text, as all texts did in training."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inference.errors import OrreryError
from inference.text.notes import joined, strange
from inference.types.tokenized import Detail, Tokenized

if TYPE_CHECKING:
    from inference.text.preprocessor import Preprocessor

TOKENS = 1_000  # of a text
FIRST = "This model knows no beginning of a text: the first character is given and not scored."
TOO_SHORT = (
    "This model knows no beginning of a text, so that the first character is given. Type at least "
    "two that it has learned."
)


def opened(model: Preprocessor, text: object, what: str) -> Tokenized:
    """The text cut, an end-of-text before it; it may be longer than the model's context.

    A model that was trained on one text alone has no such token: the first of the text is given.
    what: what messages call the text. Raises OrreryError on unusable text.
    """
    # a text may be longer than the context: it is read in windows
    reads = replace(model, bounds=replace(model.bounds, context=TOKENS + 2))
    tokens = reads.cut(text, what, TOKENS)
    remark = strange(tokens)
    if not model.ends:
        if len(tokens.ids) < 2:
            raise OrreryError(TOO_SHORT)
        remark = joined(FIRST, remark)
    elif not tokens.opened:
        end = Detail("", unknown=False, origin=None, special=True)
        tokens = replace(
            tokens,
            ids=(model.ends[0], *tokens.ids),
            pieces=(b"", *tokens.pieces),
            gaps=(b"", *tokens.gaps) if tokens.gaps else (),
            details=(end, *tokens.details),
        )
    return replace(tokens, note=joined(tokens.note, remark))
