"""One model at its ages: the best score in every role, one head's maps, and what it predicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from components.attention.scores.scored import Scored, scored
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.tasks.attention.roles import LooksOverText

BORN = 0.3
"""A score from which on a head is said to play a role: no even spread gives so much."""


class Place(NamedTuple):
    """A head, counted from 0."""

    layer: int
    head: int

    @property
    def called(self) -> str:
        return f"layer {self.layer + 1}, head {self.head + 1}"


@dataclass(frozen=True)
class Age:
    """The model after so many steps."""

    steps: int
    looks: LooksOverText
    stories: float
    """Bits per byte of held-out stories; nan where it was not measured."""

    @property
    def told_again(self) -> float:
        """Bits of a random token when it comes a second time."""
        return self.looks.looks.trained.bits

    @property
    def roles(self) -> Mapping[str, Scored]:
        return {one.role: one for one in scored(self.looks)}

    def maps(self, place: Place) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The head's maps of the text, and of random tokens: (queries, keys) each."""
        trained = self.looks.looks.trained
        return trained.text[place], trained.shown[place]


@dataclass(frozen=True)
class Growth:
    """All ages, the youngest first; those that were looked at so far."""

    ages: tuple[Age, ...]
    place: Place
    count: int
    """How many ages there are."""
    waiting: Waiting = field(default_factory=Waiting)

    @property
    def whole(self) -> bool:
        return len(self.ages) == self.count

    def best(self) -> Iterator[tuple[str, list[float]]]:
        """The best head's score by age, of every role that this text has."""
        for role in self.ages[-1].roles:
            yield role, [float(age.roles[role].trained.max()) for age in self.ages]
