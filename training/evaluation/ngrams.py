"""How many n-grams there could be, how many a text holds, and how many of another text are new.

All counts are over one alphabet, the tokenizer's: every character it knows, one id for all others,
and the end of a document, which stands inside n-grams like a character (truth: R45).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.ladder.ngram import encode
from training.evaluation.metrics import Value

SECTION = "n-grams of characters, in the training text and in held-out stories"
ORDERS = (1, 2, 3, 4, 5, 6)


def evaluate(
    read: NDArray[np.int64], held_out: NDArray[np.int64], vocabulary: int
) -> dict[str, dict[str, Value]]:
    """One row for every order. read, held_out: ids of the training text and of the other."""
    rows = {}
    for order in ORDERS:
        seen, new = (codes_of(ids, order, vocabulary) for ids in (read, held_out))
        rows[str(order)] = row(seen, new, vocabulary**order)
    return rows


def codes_of(ids: NDArray[np.int64], order: int, vocabulary: int) -> NDArray[np.int64]:
    """Every n-gram of a text as one number, in the order of the text."""
    return encode(np.lib.stride_tricks.sliding_window_view(ids, order), vocabulary)


def row(read: NDArray[np.int64], held_out: NDArray[np.int64], possible: int) -> dict[str, Value]:
    """The figures of one order, from the n-grams of both texts as numbers."""
    known = np.unique(read)
    kinds, counts = np.unique(held_out, return_counts=True)
    at = np.searchsorted(known, kinds).clip(max=len(known) - 1)
    new = known[at] != kinds
    return {
        "possible": possible,
        "in the training text": len(read),
        "different": len(known),
        "in the held-out text": len(held_out),
        "of these never seen": int(counts[new].sum()),
        "held out, different": len(kinds),
        "different and never seen": int(new.sum()),
    }
