"""Asking a model where only its result is shown."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service
    from inference.task import R, Task


def result(
    service: Service, task: Task[Any, R], session: str | None
) -> Generator[Waiting, None, R]:
    """Hand on how long a task has to wait, and return its last news. Raises OrreryError."""
    found: list[R] = []
    for news in service.run(task, session):
        if isinstance(news, Waiting):
            yield news
        else:
            found = [news]
    if not found:
        raise TypeError(f"{type(task).__name__} ended without a result.")
    return found[0]
