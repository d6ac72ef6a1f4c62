"""Keys and values of the positions already read, for a batch whose rows differ in length."""

from __future__ import annotations

import torch


class KeyValueCache:
    """Preallocated keys and values of every layer.

    Rows advance together but may have started at different lengths, so a position is written at
    its own row's length and what lies beyond that length is masked.
    """

    def __init__(
        self,
        layers: int,
        rows: int,
        capacity: int,
        heads: int,
        head_width: int,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        shape = (layers, rows, heads, capacity, head_width)
        self.keys = torch.zeros(shape, device=device, dtype=dtype)
        self.values = torch.zeros(shape, device=device, dtype=dtype)
        self.lengths = torch.zeros(rows, dtype=torch.int64, device=device)
        # (rows, rows) how many first positions two rows surely have in common, as beams do
        self.shared = torch.zeros(rows, rows, dtype=torch.int64, device=device)
        self.longest = 0  # kept beside `lengths`: reading it must not wait for the device
        self.ragged = False  # True once rows of different lengths have been joined

    @property
    def rows(self) -> int:
        return self.keys.shape[1]

    @property
    def capacity(self) -> int:
        return self.keys.shape[3]

    def positions(self, count: int) -> torch.Tensor:
        """Where the next `count` tokens of every row stand: (rows, count)."""
        return self.lengths[:, None] + torch.arange(count, device=self.lengths.device)

    def write(
        self, layer: int, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Store one layer's new positions, (rows, heads, count, head_width) each.

        Returns all keys and values so far, up to the longest row after this step.
        """
        count = keys.shape[2]
        end = self.longest + count
        if self.ragged:
            rows = torch.arange(self.rows, device=keys.device)[:, None]
            at = self.positions(count)
            self.keys[layer].transpose(1, 2)[rows, at] = keys.transpose(1, 2)
            self.values[layer].transpose(1, 2)[rows, at] = values.transpose(1, 2)
        else:  # the common case: one slice, no index arithmetic
            self.keys[layer, :, :, self.longest : end] = keys
            self.values[layer, :, :, self.longest : end] = values
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]

    def advance(self, count: int) -> None:
        """Count the positions that every layer has now written."""
        self.lengths += count
        self.longest += count

    def mask(self, count: int) -> torch.Tensor | None:
        """Which keys each of the next `count` queries may read: (rows, 1, count, keys) bool.

        None where every query may read every key, so that the fast path stays free of masks.
        """
        if count == 1 and not self.ragged:
            return None
        keys = torch.arange(self.longest + count, device=self.lengths.device)
        return (keys[None, None, :] <= self.positions(count)[:, :, None])[:, None]

    def expand(self, copies: int) -> None:
        self.keys = self.keys.repeat_interleave(copies, dim=1)
        self.values = self.values.repeat_interleave(copies, dim=1)
        shared = self._shared_now().repeat_interleave(copies, dim=0)
        self.shared = shared.repeat_interleave(copies, dim=1)
        self.lengths = self.lengths.repeat_interleave(copies)

    def reorder(self, rows: torch.Tensor) -> None:
        shared = self._shared_now()
        if len(rows) == self.rows:
            self._move(rows, shared)
        else:
            self.keys = self.keys[:, rows]
            self.values = self.values[:, rows]
        self.lengths = self.lengths[rows]
        self.shared = shared[rows][:, rows]
        if self.ragged or not len(rows):  # rows of one length keep it, in whatever order
            self._measure()

    def drop(self, rows: torch.Tensor) -> None:
        keep = torch.ones(self.rows, dtype=torch.bool, device=self.lengths.device)
        keep[rows] = False
        self.reorder(keep.nonzero()[:, 0])

    def join(self, other: KeyValueCache) -> None:
        if other.capacity != self.capacity:
            raise ValueError(
                f"Caches of capacity {self.capacity} and {other.capacity} cannot be joined; "
                "make both with the same capacity."
            )
        self.keys = torch.cat([self.keys, other.keys], dim=1)
        self.values = torch.cat([self.values, other.values], dim=1)
        shared = torch.block_diag(self.shared, other.shared)  # type: ignore[no-untyped-call]
        self.shared = shared
        self.lengths = torch.cat([self.lengths, other.lengths])
        self._measure()

    def _move(self, rows: torch.Tensor, shared: torch.Tensor) -> None:
        """Copy, in place, only the rows that change, and of these only where they differ."""
        moved = (rows != torch.arange(self.rows, device=rows.device)).nonzero()[:, 0]
        if len(moved):
            source = rows[moved]
            start, end = int(shared[moved, source].min()), self.longest
            self.keys[:, moved, :, start:end] = self.keys[:, source, :, start:end]
            self.values[:, moved, :, start:end] = self.values[:, source, :, start:end]

    def _shared_now(self) -> torch.Tensor:
        """`shared`, where a row also shares all it holds with itself."""
        return self.shared.diagonal_scatter(self.lengths)

    def _measure(self) -> None:
        self.longest = int(self.lengths.max()) if len(self.lengths) else 0
        self.ragged = bool((self.lengths != self.longest).any())
