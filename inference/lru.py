"""A cache bounded by bytes: what was used longest ago goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ByteLRU(Generic[K, V]):
    """Holds at most `limit` bytes, by the sizes that its user states. Not for several threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """The value, which becomes the newest; None where it is not or no longer here."""
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key][0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep a value of `size` bytes and drop the oldest; one beyond the limit is not kept."""
        if key in self._entries:
            self.bytes -= self._entries.pop(key)[1]
        if size > self.limit:
            return
        self._entries[key] = (value, size)
        self.bytes += size
        while self.bytes > self.limit:
            _, (_, gone) = self._entries.popitem(last=False)
            self.bytes -= gone
