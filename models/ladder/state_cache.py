"""The cache of models that need the same room for every text: the last ids, or a state."""

from __future__ import annotations

import torch


class StateCache:
    """One tensor of a fixed size for every row, and how much each row has read.

    Nothing in it grows with the text, so rows of different length step together as they are.
    """

    def __init__(self, state: torch.Tensor) -> None:
        self.state = state
        """(rows, ...): whatever the model remembers of a row."""
        self.lengths = torch.zeros(len(state), dtype=torch.int64)  # on the host, as indices are

    @property
    def longest(self) -> int:
        return int(self.lengths.max()) if len(self.lengths) else 0

    def advance(self, state: torch.Tensor, count: int) -> None:
        """Replace the state by the one after `count` more positions."""
        self.state = state
        self.lengths = self.lengths + count

    def expand(self, copies: int) -> None:
        self.state = self.state.repeat_interleave(copies, dim=0)
        self.lengths = self.lengths.repeat_interleave(copies)

    def reorder(self, rows: torch.Tensor) -> None:
        self.state = self.state[rows.to(self.state.device)]
        self.lengths = self.lengths[rows]

    def drop(self, rows: torch.Tensor) -> None:
        keep = torch.ones(len(self.lengths), dtype=torch.bool)
        keep[rows] = False
        self.reorder(keep.nonzero()[:, 0])

    def join(self, other: StateCache) -> None:
        self.state = torch.cat([self.state, other.state])
        self.lengths = torch.cat([self.lengths, other.lengths])


def check_room(cache: StateCache, context: int, count: int) -> None:
    """Raise ValueError where `count` more positions would outgrow the context."""
    room = context - cache.longest
    if count > room:
        raise ValueError(f"{count} more tokens do not fit: there is room for {room}.")


def windows(previous: torch.Tensor, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What a model that sees its last ids alone sees at every position, oldest first.

    previous: (rows, size) the ids before `ids`. Returns (rows, positions, size), whose last entry
    is the id at that position, and the (rows, size) that the next call has as its `previous`.
    """
    size = previous.shape[1]
    text = torch.cat([previous, ids], dim=1)  # (rows, size + positions)
    return text[:, 1:].unfold(1, size, 1), text[:, text.shape[1] - size :]
