"""What is the same for everybody and takes a second or more: made once, the last few kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from cachetools import LRUCache

T = TypeVar("T")


class Remembered:
    """Values by keys that say nothing of a person. Safe from any thread."""

    def __init__(self, most: int) -> None:
        """most: so many values are kept; those longest unused go first."""
        self._lock = threading.Lock()
        self._kept: LRUCache[Hashable, Future[Any]] = LRUCache(most)

    def known(self, key: Hashable) -> Any | None:
        """What was made under this key, or None where it is not there yet."""
        with self._lock:
            future = self._kept.get(key)
        made = future is not None and future.done() and not future.exception()
        return future.result() if future is not None and made else None

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """`make()`, or what it gave before; who asks meanwhile waits. An error is not kept."""
        with self._lock:
            future = self._kept.get(key)
            own = future is None
            if future is None:
                future = self._kept[key] = Future()
        if own:
            try:
                future.set_result(make())
            except BaseException as error:
                with self._lock:
                    self._kept.pop(key, None)
                future.set_exception(error)
        return cast(T, future.result())
