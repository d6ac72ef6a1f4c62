"""Every head's score in every role, beside those of the untrained twin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.attention import roles
from analysis.attention.maps import is_causal
from analysis.attention.sinks import by_length

if TYPE_CHECKING:
    from inference.tasks.attention.roles import LooksOverText

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """One role over one text."""

    role: str
    trained: Floats
    """(layers, heads)"""
    untrained: Floats | None
    even: float
    """The score of a head that looks everywhere alike."""
    cells: NDArray[np.bool_]
    """(queries, keys) where the role looks; of induction, in the random text that is shown."""

    @property
    def best(self) -> tuple[int, int]:
        """(layer, head), of equals the first."""
        layer, head = np.unravel_index(int(self.trained.argmax()), self.trained.shape)
        return int(layer), int(head)


def scored(found: LooksOverText) -> Iterator[Scored]:
    """All roles that have a place in this text, in order."""
    looks, tokens = found.looks, found.tokens
    causal = is_causal(looks.trained.repeated)
    places = roles.targets(tokens.ids, tokens.pieces, tokens.gaps, causal)
    for role, cells in places.items():
        if role == "induction":
            yield _induction(found, causal)
        elif cells.any():
            trained, untrained = (
                None if one is None else roles.scores(one.text, cells)
                for one in (looks.trained, looks.untrained)
            )
            assert trained is not None
            even = roles.scores(roles.even(len(tokens.ids), causal), cells)
            yield Scored(role, trained, untrained, float(even), cells)


def _induction(found: LooksOverText, causal: bool) -> Scored:
    """On random tokens that come twice, whatever somebody typed."""
    trained, untrained = found.looks.trained, found.looks.untrained
    drawn = found.looks.drawn
    even = roles.induction(roles.even(trained.repeated.shape[-1], causal))
    return Scored(
        "induction",
        roles.induction(trained.repeated),
        None if untrained is None else roles.induction(untrained.repeated),
        float(even),
        np.eye(2 * len(drawn), k=1 - len(drawn), dtype=bool) & _second_half(len(drawn)),
    )


def _second_half(span: int) -> NDArray[np.bool_]:
    return np.arange(2 * span)[:, None] >= span


def first_by_length(found: LooksOverText) -> Floats | None:
    """The score of the first token once every weight counts by the length of what it mixes in.

    (layers, heads); None where the values of a model are out of reach, or there is one token.
    """
    weighted = weighted_maps(found)
    cells = roles.targets(found.tokens.ids, found.tokens.pieces, found.tokens.gaps, False)["first"]
    return None if weighted is None or not cells.any() else roles.scores(weighted, cells)


def weighted_maps(found: LooksOverText) -> Floats | None:
    """The maps of the text by length; None where the values of a model are out of reach."""
    lengths = found.looks.lengths
    return by_length(found.looks.trained.text, lengths) if lengths.size else None
