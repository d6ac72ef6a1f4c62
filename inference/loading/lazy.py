"""A resource that is loaded on first use, once for everybody, on a thread of its own; and the
budget of memory that resources share."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Generic, TypeVar

from inference.errors import InternalError, ModelUnavailable
from inference.status import ModelStatus

T = TypeVar("T")
log = logging.getLogger(__name__)


class DoesNotFit(ValueError):
    """A model does not fit, whatever else is unloaded."""


class MemoryBudget:
    """A budget of bytes. Members that nobody uses make room, the least recently used first."""

    def __init__(self, budget: int) -> None:
        self.lock = threading.RLock()
        self._budget = budget
        self._held: dict[LazyResource[Any], int] = {}  # the least recently used first

    @property
    def used(self) -> int:
        """Bytes of all members that are loaded or being loaded."""
        with self.lock:
            return sum(self._held.values())

    def size(self, member: LazyResource[Any]) -> int:
        """Bytes that one member holds; 0 while it is not loaded."""
        with self.lock:
            return self._held.get(member, 0)

    def touch(self, member: LazyResource[Any]) -> None:
        """It has just been used."""
        with self.lock:
            if member in self._held:
                self._held[member] = self._held.pop(member)

    def reserve(self, member: LazyResource[Any], size: int) -> None:
        """Make room before loading. Raises DoesNotFit where unloading others cannot help."""
        with self.lock:
            idle = [other for other in self._held if other is not member and not other.users]
            if self.used - sum(map(self.size, idle)) + size > self._budget:
                raise DoesNotFit(
                    f"it needs {size / 1e6:,.0f} MB, and {self._budget / 1e6:,.0f} MB are shared "
                    "by all models, some of them in use."
                )
            while self.used + size > self._budget:
                idle.pop(0).unload()
            self._held[member] = size

    def free(self, member: LazyResource[Any]) -> None:
        with self.lock:
            self._held.pop(member, None)

    def evict_idle(self) -> bool:
        """Unload every member that nobody uses; True where there was one."""
        with self.lock:
            idle = [member for member in self._held if not member.users and member.status.loaded]
            for member in idle:
                member.unload()
            return bool(idle)


class LazyResource(Generic[T]):
    """One model on disk. A failure is remembered for the status line, and tried again on use."""

    def __init__(
        self,
        name: str,
        load: Callable[[], T],
        count: Callable[[T], int],
        size: Callable[[], int] = lambda: 0,
        memory: MemoryBudget | None = None,
    ) -> None:
        """count: its parameters. size: bytes it will take, known before it is loaded."""
        self.status = ModelStatus(name, available=True)
        self.users = 0
        self._load = load
        self._count = count
        self._size = size
        self._memory = memory or MemoryBudget(2**63)
        self._future: Future[T] | None = None

    def get(self) -> T:
        """The model. Raises ModelUnavailable with the reason where it cannot be loaded."""
        return self.opened().result()

    def opened(self) -> Future[T]:
        """The model as soon as it is loaded, by a thread of its own, once for everybody."""
        with self._memory.lock:
            if self._future is None:
                self._future = Future()
                self.status = replace(self.status, loading=True)
                work = (self._future,)
                threading.Thread(
                    target=self._open, args=work, name="orrery-load", daemon=True
                ).start()
            self._memory.touch(self)
            return self._future

    @contextmanager
    def use(self) -> Iterator[None]:
        """It is not unloaded inside this block."""
        with self._memory.lock:
            self.users += 1
        try:
            yield
        finally:
            with self._memory.lock:
                self.users -= 1

    def unload(self) -> None:
        """Forget the model; the next use loads it again."""
        with self._memory.lock:
            self._memory.free(self)
            self._future = None
            self.status = replace(self.status, loaded=False, loading=False)

    def _open(self, future: Future[T]) -> None:
        try:
            self._memory.reserve(self, self._size())
            model = self._load()
            count = self._count(model)
        except BaseException as error:  # whatever it is, those who wait must hear of it
            self._failed(future, reason_of(error, self.status.name))
            return
        with self._memory.lock:
            if self._future is future:  # it may have been unloaded meanwhile
                megabytes = self._memory.size(self) / 1e6
                self.status = ModelStatus(
                    self.status.name,
                    available=True,
                    loaded=True,
                    parameters=count,
                    megabytes=megabytes,
                    loads=self.status.loads + 1,
                )
        future.set_result(model)

    def _failed(self, future: Future[T], reason: str) -> None:
        with self._memory.lock:
            if self._future is future:  # else a newer load has begun, which this says nothing about
                self.unload()
                self.status = replace(self.status, available=False, reason=reason)
        future.set_exception(ModelUnavailable(self.status.name, reason))


def reason_of(error: BaseException, name: str) -> str:
    """Why a model cannot be loaded, as a sentence that shows nothing of the inside."""
    if isinstance(error, ModelUnavailable):
        return error.reason
    if isinstance(error, ValueError):
        return str(error)
    if isinstance(error, OSError):
        return "it cannot be read."
    if isinstance(error, MemoryError) or "memory" in str(error):
        return "there is not enough memory for it."
    internal = InternalError(error)
    log.error("loading %s, reference %s: %s%s", name, internal.reference, internal.cause, error)
    return f"it cannot be loaded (reference {internal.reference})."
