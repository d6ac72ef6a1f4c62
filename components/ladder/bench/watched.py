"""The bench as those see it who watch: what the page that trains shows, but for its models."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any

from inference.broadcast.state import State
from inference.errors import NoTopic, OrreryError

if TYPE_CHECKING:
    from inference.broadcast.topics import Topics

GONE = "Nobody can watch: the link has been forgotten. Press Let others watch for a new one."
WAITS = "The training is about to begin."
RUNS = "The training is running."
DONE = "The training has ended."
STOPPED = "The training was stopped, or the page that trained was closed. What it showed stays."
FAILED = "The training ended with a message: {}"
WRONG = "The training ended by a mistake on our side."


class Watched:
    """Shows benches to whoever watches, for as long as the block lasts, and then how it ended.

    key: of the topic, with its code after a dot; empty where nobody is to watch.
    """

    def __init__(self, topics: Topics, key: str, value: Callable[[Any], dict[str, Any]]) -> None:
        self._value = value
        self._last: dict[str, Any] = {}
        self._state: State | None = None
        with suppress(NoTopic):
            self._state = State(topics.by_key(key.partition(".")[0])) if key else None
        self.remark = GONE if key and self._state is None else ""

    def __enter__(self) -> Watched:
        return self

    def show(self, bench: Any) -> None:
        """Show where it stands."""
        if self._state is None:
            return
        value = self._value(bench)
        for run in value["runs"]:
            run["model"] = None  # its name is a key, for the page that trains alone
        told = RUNS if bench.runs else WAITS
        self._last = {"value": value, "note": bench.note, "told": told}
        self._state.show(self._last)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._state is None or not self._last:
            return
        match error:
            case None:
                told = DONE
            case GeneratorExit():
                told = STOPPED
            case OrreryError():
                told = FAILED.format(error)
            case _:
                told = WRONG
        value = {**self._last["value"], "stopped": error is not None}
        self._state.show({**self._last, "value": value, "told": told}, at_once=True)
