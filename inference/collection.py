"""A member of the collection: loaded on first use, once, by whoever comes first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

from inference.errors import ModelUnavailable
from inference.types import ModelStatus

T = TypeVar("T")


class Member(Generic[T]):
    """One model on disk. A failure is remembered for the status line, and tried again on use."""

    def __init__(self, name: str, load: Callable[[], T], count: Callable[[T], int]) -> None:
        self.status = ModelStatus(name, available=True)
        self._load = load
        self._count = count
        self._model: T | None = None
        self._lock = threading.Lock()

    def get(self) -> T:
        """The model. Raises ModelUnavailable with the reason where it cannot be loaded."""
        with self._lock:
            if self._model is None:
                try:
                    self._model = self._load()
                except (ValueError, OSError) as error:  # missing, damaged, or not readable
                    reason = str(error) if isinstance(error, ValueError) else "it cannot be read."
                    self.status = replace(self.status, available=False, reason=reason)
                    raise ModelUnavailable(self.status.name, reason) from error
                count = self._count(self._model)
                self.status = ModelStatus(self.status.name, True, loaded=True, parameters=count)
            return self._model
