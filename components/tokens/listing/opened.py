"""One piece: what made it, how often it was seen, those beside it, and what follows it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.shared.drawing.lane_data import name
from components.tokens.listing.rows import RARE, Pieces
from components.tokens.listing.table import read, row_data

NEAR, NEXT = 6, 5  # neighbours, and tokens that may follow


def nearest(cosines: NDArray[np.float32], token: int) -> list[int]:
    """The tokens with the largest cosines, of equals the lower id first, without itself."""
    order = np.argsort(-cosines, kind="stable").tolist()
    return [one for one in order if one != token][:NEAR]


def bits(chances: NDArray[np.float64]) -> float:
    """Entropy of a distribution."""
    some = chances[chances > 0]
    return float(-(some * np.log2(some)).sum())


def top(chances: NDArray[np.float64]) -> list[int]:
    found: list[int] = np.argsort(-chances, kind="stable")[:NEXT].tolist()
    return found


def after(pieces: Pieces, token: int, chances: NDArray[np.float64]) -> dict[str, Any]:
    """What a model expects after a token: the most probable, and the entropy of all."""
    return {
        "id": token,
        "text": name(token, pieces.listed),
        "uses": pieces.used(token),
        "entropy": bits(chances),
        "next": [
            {"id": one, "text": name(one, pieces.listed), "probability": float(chances[one])}
            for one in top(chances)
        ],
    }


def followed(pieces: Pieces, token: int) -> list[dict[str, Any]]:
    """After the piece, and after what the model itself would have written there."""
    if pieces.inside is None:
        return []
    found = pieces.inside.vectors
    own = after(pieces, token, found.after_token)
    if token == found.favourite:
        return [own]
    return [own, after(pieces, found.favourite, found.after_favourite)]


def opened_data(pieces: Pieces, token: int) -> dict[str, Any]:
    """Everything about one piece. `after` has it first, then what the model expected instead."""
    made = pieces.listed.learned.get(token)
    near = [] if pieces.inside is None else nearest(pieces.inside.vectors.cosines, token)
    return row_data(pieces, token) | {
        "made_of": [name(one, pieces.listed) for one in (made.left, made.right)] if made else [],
        "part_of": [name(one, pieces.listed) for one in parts_of(pieces, token)],
        "nearest": [
            {
                "id": one,
                "text": name(one, pieces.listed),
                "cosine": cosine(pieces, one),
                "uses": pieces.used(one),
            }
            for one in near
        ],
        "after": followed(pieces, token),
    }


def cosine(pieces: Pieces, token: int) -> float:
    return 0.0 if pieces.inside is None else float(pieces.inside.vectors.cosines[token])


def parts_of(pieces: Pieces, token: int) -> list[int]:
    """The pieces that merges made of it, the first learned first."""
    learned = pieces.listed.learned
    found = [i for i, one in learned.items() if token in (one.left, one.right)]
    return sorted(found, key=lambda one: learned[one].rank)


def opened(pieces: Pieces, token: int) -> dict[str, Any]:
    """The same for vocabulary.js, with how pieces read."""
    made = pieces.listed.learned.get(token)
    value = opened_data(pieces, token)
    for one in (
        *value["nearest"],
        *value["after"],
        *(n for a in value["after"] for n in a["next"]),
    ):
        one["read"] = read(pieces, one["id"])
    return value | {
        "read": read(pieces, token),
        "rare": RARE,
        "made_of": [[one, read(pieces, one)] for one in (made.left, made.right)] if made else [],
        "part_of": [[one, read(pieces, one)] for one in parts_of(pieces, token)],
        "special": token in pieces.listed.specials,
        "before": pieces.inside.tokens.text if pieces.inside else "",
    }
