"""The roles of heads in words: what is averaged over what, and who described it."""

from __future__ import annotations

from typing import NamedTuple

from analysis.attention.roles import ROLES


class Definition(NamedTuple):
    """One role."""

    title: str
    score: str
    """The formula in words."""
    source: str


DEFINITIONS = {
    "previous": Definition(
        "Previous token",
        "Mean over all tokens but the first: the share of the row on the token just before.",
        "Clark et al. 2019, arXiv 1906.04341",
    ),
    "next": Definition(
        "Next token",
        "Mean over all tokens but the last: the share of the row on the token just after, which "
        "only a model can see that reads both sides.",
        "Clark et al. 2019, arXiv 1906.04341",
    ),
    "duplicate": Definition(
        "Duplicate token",
        "Mean over tokens that stand elsewhere in sight too: the share of the row on those other "
        "occurrences together.",
        "Wang et al. 2022, arXiv 2211.00593",
    ),
    "induction": Definition(
        "Induction",
        "The model reads 50 random tokens and then the same 50 again; 16 such texts. Mean over the "
        "second halves: the share of the row on what followed this token the first time.",
        "Olsson et al. 2022, arXiv 2209.11895",
    ),
    "first": Definition(
        "First token (sink)",
        "Mean over all tokens but the first: the share of the row on the first token, a resting "
        "place where a head finds nothing to read.",
        "Xiao et al. 2023, arXiv 2309.17453",
    ),
    "word": Definition(
        "Same word",
        "Mean over tokens with another piece of their word in sight: the share of the row on those "
        "pieces together.",
        "Correia et al. 2019, arXiv 1909.00015",
    ),
    "punctuation": Definition(
        "Punctuation",
        "Mean over tokens with a mark in sight: the share of the row on all marks together, the "
        "token itself left out.",
        "Clark et al. 2019, arXiv 1906.04341",
    ),
}
assert tuple(DEFINITIONS) == ROLES
