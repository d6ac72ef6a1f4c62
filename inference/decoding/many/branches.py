"""Texts that part from each other after a prompt: plain values, without torch."""

from __future__ import annotations

from typing import NamedTuple


class Branch(NamedTuple):
    """One token of the tree."""

    token: int
    parent: int
    """The place of the token before it among the branches; -1 after the prompt."""
    depth: int
    """Tokens since the prompt, this one included."""
    probability: float
    """Of the token, after all that stands before it."""
    joint: float
    """Of all tokens since the prompt together."""
    opened: bool
    """Whether what follows it has been looked at."""
    rest: float
    """The joint probability of all that follows it and is not listed; 0 where it is not opened."""


class Tree(NamedTuple):
    """Every continuation above a probability."""

    branches: tuple[Branch, ...]
    """By their depth, then most probable first."""
    rest: float
    """The probability of all first tokens that are not listed."""
    unopened: float
    """The joint probability of branches that were too many to be opened."""
