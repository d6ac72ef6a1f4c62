"""What is the same for everybody is made once, whoever asks meanwhile waits."""

from __future__ import annotations

import threading

import pytest

from inference.loading.remembered import Remembered


def test_it_is_made_once_also_for_those_who_ask_meanwhile() -> None:
    kept, made, begun, go = Remembered(4), [], threading.Event(), threading.Event()

    def make() -> str:
        made.append(1)
        begun.set()
        go.wait(10)
        return "done"

    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(kept.get("a", make))) for _ in range(8)]
    for thread in threads:
        thread.start()
    begun.wait(10)
    go.set()
    for thread in threads:
        thread.join(10)
    assert found == ["done"] * 8 and made == [1]


def test_those_longest_unused_go_and_errors_are_not_kept() -> None:
    kept, made = Remembered(2), []

    def asked(key: str) -> str:
        return kept.get(key, lambda: made.append(key) or key)

    for key in ("a", "b", "a", "c", "a", "b"):
        assert asked(key) == key
    assert made == ["a", "b", "c", "b"]
    with pytest.raises(ValueError, match="no"):
        kept.get("d", lambda: int("no"))
    assert kept.get("d", lambda: 1) == 1


def test_what_is_there_is_known_without_making_it() -> None:
    kept = Remembered(2)
    assert kept.known("a") is None
    kept.get("a", lambda: "done")
    assert kept.known("a") == "done"
    with pytest.raises(OSError):
        kept.get("b", lambda: open("/nowhere/at/all"))  # noqa: SIM115
    assert kept.known("b") is None
