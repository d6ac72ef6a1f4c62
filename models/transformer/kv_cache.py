"""Keys and values of the positions already read, for a batch whose rows differ in length."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

BLOCK = 64  # positions by which the storage grows
NEAR = 16  # positions: rows that differ from about the same one on are copied together
MANY = 32  # copies of one text hold what it has read in common
FEW = 24  # positions by which the storage of so many grows: there is less to skip in memory


class Apart(NamedTuple):
    """One layer's keys and values where all rows begin alike, the beginning by itself."""

    common: torch.Tensor
    """(2, heads, before, head_width)"""
    own: torch.Tensor
    """(2, rows, heads, room, head_width) with zeros, or what is finite, where nothing is yet."""
    held: int
    """How many of the positions in `own` are taken after this step."""


class KVCache:
    """Keys and values of every layer, in one storage that grows with the text.

    Rows advance together but may have started at different times, so all of them end at the same
    place of the storage and a shorter row begins later in it. What lies before a row's beginning
    is finite and masked. So one slice takes the new positions of every row. Many copies of one
    row keep its positions once, apart from the storage; while they do, all are of one length.
    """

    def __init__(
        self,
        layers: int,
        rows: int,
        heads: int,
        head_width: int,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        shape = (layers, 2, rows, heads, 0, head_width)  # 2: keys, values
        self._storage = torch.zeros(shape, device=device, dtype=dtype)
        self._lengths = np.zeros(rows, dtype=np.int64)  # on the host: no step waits for the device
        # (rows, rows) how many first positions two rows surely have in common, as beams do
        self._shared = np.zeros((rows, rows), dtype=np.int64)
        self._common: torch.Tensor | None = None  # (layers, 2, heads, positions, head_width)
        self._end = 0
        self.longest = 0
        self._ragged = False

    @property
    def rows(self) -> int:
        return len(self._lengths)

    @property
    def _held(self) -> int:
        """Positions of the longest row that lie in the storage."""
        return self.longest - (0 if self._common is None else self._common.shape[3])

    @property
    def lengths(self) -> torch.Tensor:
        return torch.from_numpy(self._lengths)

    def positions(self, count: int) -> torch.Tensor:
        """Where the next `count` tokens of every row stand in its text: (rows, count)."""
        return torch.from_numpy(self._lengths[:, None] + np.arange(count))

    def reserve(self, count: int) -> None:
        """Make room for `count` more positions, before the layers write them."""
        if count > 1:
            self._spread()
        if self._end + count > self._storage.shape[4]:
            self._reallocate(self.rows, self._held + count)

    def write(
        self, layer: int, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Store one layer's new positions, (rows, heads, count, head_width) each.

        Returns all keys and values so far, up to the longest row after this step.
        """
        self._spread()
        new, held = self.windows(keys.shape[2])[layer]
        new[0], new[1] = keys, values
        return held[0], held[1]

    def windows(self, count: int, room: bool = False) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Of every layer, where `count` new positions go, and all of them with what is before.

        What the rows keep apart is not among them. Both are views of keys and values:
        (2, rows, heads, positions, head_width). With `room`, the second goes on to the end of the
        storage, with zeros where nothing is yet.
        """
        begin, end = self._end - self._held, self._end + count
        used = self._storage[:, :, : self.rows]
        new = used[..., self._end : end, :]
        held = used[..., begin:, :] if room else used[..., begin:end, :]
        return list(zip(new.unbind(), held.unbind(), strict=True))

    def fills(self, count: int) -> bool:
        """Whether at least half of the storage is taken after `count` more positions, from its
        beginning on: to read all of it, in one piece of memory, is faster then."""
        return self._end == self._held and 2 * (self._end + count) >= self._storage.shape[4]

    def apart(self) -> list[Apart] | list[None]:
        """Of every layer, what rows that begin alike read in the next step; None of others."""
        if self._common is None:
            return [None] * len(self._storage)
        used = self._storage[:, :, : self.rows]
        layers = zip(self._common, used, strict=True)
        return [Apart(common, own, self._held + 1) for common, own in layers]

    def advance(self, count: int) -> None:
        """Count the positions that every layer has now written."""
        self._lengths = self._lengths + count
        self._end += count
        self.longest += count

    def mask(self, count: int, room: bool = False) -> torch.Tensor | None:
        """Which keys each of the next `count` queries may read: (rows, 1, count, keys) bool.

        None where every query may read every key, so that the fast path stays free of masks.
        room: as for `windows`.
        """
        if count == 1 and not self._ragged and not room:
            return None
        keys = np.arange(self._storage.shape[4] if room else self.longest + count)
        begun = keys >= (self.longest - self._lengths)[:, None]  # (rows, keys)
        past = keys <= self.longest + np.arange(count)[:, None]  # (count, keys)
        return torch.from_numpy(begun[:, None, None] & past).to(self._storage.device)

    def expand(self, copies: int) -> None:
        if self.rows == 1 and self._common is None and copies >= MANY:
            self._common = self._storage[:, :, 0, :, self._end - self.longest : self._end].clone()
            self._storage, self._end = self._storage[..., :0, :], 0
        self.reorder(torch.arange(self.rows).repeat_interleave(copies))

    def reorder(self, rows: torch.Tensor) -> None:
        wanted = rows.numpy()
        if len(wanted) > self._storage.shape[2]:
            self._reallocate(len(wanted), self._held + 1)
        np.fill_diagonal(self._shared, self._lengths)  # a row shares all it holds with itself
        moved = np.flatnonzero(wanted != np.arange(len(wanted)))
        if len(moved):
            self._move(moved, wanted[moved])
        self._lengths = self._lengths[wanted]
        self._shared = self._shared[np.ix_(wanted, wanted)]
        self._measure()

    def drop(self, rows: torch.Tensor) -> None:
        self.reorder(torch.from_numpy(np.delete(np.arange(self.rows), rows.numpy())))

    def join(self, other: KVCache) -> None:
        self._spread()
        other._spread()
        before, rows = self.rows, self.rows + other.rows
        longest = max(self.longest, other.longest)
        room = self._storage.shape[2]
        if rows > room or longest > self.longest:  # rows by doubling: people join one by one
            room = room if rows <= room else max(rows, 2 * room)
            self._reallocate(room, longest + 1, padding=longest - self.longest)
        new = self._storage[:, :, before:rows, :, self._end - longest : self._end]
        new[..., : longest - other.longest, :] = 0  # what earlier rows left there
        begin = other._end - other.longest
        new[..., longest - other.longest :, :] = other._storage[
            :, :, : other.rows, :, begin : other._end
        ]
        shared = np.zeros((rows, rows), dtype=np.int64)
        shared[:before, :before] = self._shared
        shared[before:, before:] = other._shared
        self._shared = shared
        self._lengths = np.concatenate([self._lengths, other._lengths])
        self._measure()

    def _move(self, rows: NDArray[np.int64], sources: NDArray[np.int64]) -> None:
        """Copy only the rows that change, and of rows that began alike only where they differ."""
        storage, end = self._storage, self._end
        began = np.zeros(len(rows), dtype=np.int64)
        known = rows < self.rows
        began[known] = self._shared[rows[known], sources[known]]
        # a stranger's row takes all of it, lest numbers that are none stay before its beginning
        starts = np.where(began > 0, end - self._lengths[sources] + began, end - self.longest)
        starts = np.maximum(starts, end - self._held) // NEAR * NEAR
        taken = [
            (rows[near], start, storage[:, :, sources[near], :, start:end])
            for start in np.unique(starts)
            for near in [starts == start]
        ]
        for moved, start, held in taken:  # once all are taken: a row may be a source as well
            storage[:, :, moved, :, start:end] = held

    def _reallocate(self, rows: int, positions: int, padding: int = 0) -> None:
        """Larger storage, where what is held stands behind `padding` empty positions."""
        layers, _, room, heads, _, head_width = self._storage.shape
        block = BLOCK if self._common is None else FEW
        blocks = -(-positions // block)
        shape = (layers, 2, max(rows, room), heads, blocks * block, head_width)
        held = self._storage[:, :, : self.rows, :, self._end - self._held : self._end]
        self._storage = self._storage.new_zeros(shape)
        self._end = padding + self._held
        self._storage[:, :, : self.rows, :, padding : self._end] = held

    def _spread(self) -> None:
        """Give every row a copy of what they have in common."""
        if (common := self._common) is not None:
            before = common.shape[3]
            self._reallocate(self.rows, self.longest + 1, padding=before)
            self._storage[:, :, : self.rows, :, :before] = common[:, :, None]
            self._common = None

    def _measure(self) -> None:
        self.longest = int(self._lengths.max(initial=0))
        if not self.rows:
            self._common = None
        self._ragged = bool((self._lengths != self.longest).any())
