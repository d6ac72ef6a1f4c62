"""Loading: once, off the request's path, within a budget, and never a model in use unloaded."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import ModelUnavailable
from inference.loading.lazy import LazyResource, MemoryBudget

PATIENCE = 20.0


class Shop:
    """Members of fake sizes, and how often each was loaded."""

    def __init__(self, sizes: dict[str, int], budget: int) -> None:
        self.memory = MemoryBudget(budget)
        self.loads = dict.fromkeys(sizes, 0)
        self.peak = 0
        self._lock = threading.Lock()
        self.members = {
            name: LazyResource(name, self._loader(name), len, lambda s=size: s, self.memory)
            for name, size in sizes.items()
        }

    def _loader(self, name: str) -> Callable[[], str]:
        def load() -> str:
            with self._lock:
                self.loads[name] += 1
                self.peak = max(self.peak, self.memory.used)
            return name

        return load


def test_f11_sixty_four_threads_cause_one_load() -> None:
    gate, loads = threading.Event(), []

    def load() -> str:
        loads.append(threading.current_thread().name)
        assert gate.wait(PATIENCE)
        return "model"

    member = LazyResource("m", load, len)
    with ThreadPoolExecutor(64) as people:
        asked = [people.submit(member.get) for _ in range(64)]
        assert member.opened() is member.opened()
        assert member.status.loading
        gate.set()
        assert {one.result(PATIENCE) for one in asked} == {"model"}
    assert loads == ["orrery-load"]  # and not on the thread of any request
    assert (member.status.loaded, member.status.loading) == (True, False)
    assert member.status.parameters == 5


def test_f11_the_least_recently_used_idle_model_makes_room() -> None:
    shop = Shop({"a": 40, "b": 40, "c": 40}, budget=100)
    a, b, c = shop.members.values()
    a.get(), b.get(), a.get()
    c.get()
    assert [member.status.loaded for member in (a, b, c)] == [True, False, True]
    assert shop.memory.used == 80
    b.get()
    assert [member.status.loaded for member in (a, b, c)] == [False, True, True]
    assert shop.loads == {"a": 1, "b": 2, "c": 1}
    assert shop.peak <= 100


def test_f11_a_model_in_use_is_never_unloaded() -> None:
    shop = Shop({"a": 60_000_000, "b": 60_000_000}, budget=100_000_000)
    a, b = shop.members.values()
    with a.use():
        a.get()
        with pytest.raises(ModelUnavailable, match=r"needs 60 MB.*in use") as told:
            b.get()
        assert "Try again in a minute" in str(told.value)
        assert a.status.loaded
        assert not b.status.available
    assert b.get() == "b"  # tried again on request, and now there is room
    assert (b.status.available, b.status.reason) == (True, "")
    assert not a.status.loaded


def test_f11_one_that_never_fits_unloads_nobody() -> None:
    shop = Shop({"small": 40, "huge": 400}, budget=100)
    shop.members["small"].get()
    with pytest.raises(ModelUnavailable, match="The other views still work"):
        shop.members["huge"].get()
    assert shop.members["small"].status.loaded
    assert shop.loads["huge"] == 0


@given(
    st.lists(st.integers(1, 60), min_size=2, max_size=5),
    st.lists(st.integers(0, 4), max_size=40),
)
def test_f11_the_budget_holds_in_any_order(sizes: list[int], uses: list[int]) -> None:
    shop = Shop({str(i): size for i, size in enumerate(sizes)}, budget=100)
    members = list(shop.members.values())
    for use in uses:
        member = members[use % len(members)]
        with member.use():
            assert member.get() == member.status.name
            assert member.status.loaded
    assert max(shop.peak, shop.memory.used) <= 100
    loaded = sum(size for size, member in zip(sizes, members, strict=True) if member.status.loaded)
    assert shop.memory.used == loaded


def test_f11_the_budget_holds_with_many_threads() -> None:
    shop = Shop({str(i): 30 for i in range(8)}, budget=100)
    members = list(shop.members.values())
    in_use_but_gone = []

    def person(start: int) -> int:
        refused = 0
        for i in range(50):
            member = members[(start * 3 + i) % 8]
            with member.use():
                try:
                    member.get()
                except ModelUnavailable:
                    refused += 1
                else:
                    in_use_but_gone.extend([] if member.status.loaded else [member])
        return refused

    with ThreadPoolExecutor(8) as people:
        list(people.map(person, range(8)))
    assert not in_use_but_gone
    assert shop.peak <= 100


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("weights.bin is damaged."), "weights.bin is damaged."),
        (PermissionError("/a/secret/path"), "it cannot be read."),
        (MemoryError(), "there is not enough memory for it."),
        (RuntimeError("CUDA out of memory at 0xdeadbeef"), "there is not enough memory for it."),
        (ZeroDivisionError("inside"), "it cannot be loaded (reference "),
        (SystemExit("inside"), "it cannot be loaded (reference "),
    ],
)
def test_a_failure_is_remembered_with_its_reason_and_tried_again(
    error: BaseException, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    errors = [error]

    def load() -> str:
        if errors:
            raise errors.pop()
        return "model"

    member = LazyResource("m", load, len)
    with caplog.at_level(logging.ERROR), pytest.raises(ModelUnavailable) as told:
        member.get()
    assert f"The model m is not available: {reason}" in str(told.value)
    assert "secret" not in str(told.value) and "inside" not in str(told.value)
    assert (member.status.available, member.status.loading) == (False, False)
    assert member.status.reason.startswith(reason)
    assert member.get() == "model"
    assert member.status.available


def test_an_older_load_that_fails_says_nothing_about_a_newer_one() -> None:
    gate, loads = threading.Event(), list[int]()

    def load() -> str:
        loads.append(len(loads))
        if loads == [0]:
            assert gate.wait(PATIENCE)
            raise ValueError("its device is lost.")
        return "model"

    memory = MemoryBudget(100)
    member = LazyResource("m", load, len, lambda: 40, memory)
    older = member.opened()
    while not loads:
        time.sleep(0.001)
    member.unload()
    assert member.get() == "model"
    gate.set()
    with pytest.raises(ModelUnavailable, match="its device is lost"):
        older.result(PATIENCE)
    assert (member.status.available, member.status.loaded, memory.used) == (True, True, 40)
    assert member.get() == "model"
    assert loads == [0, 1]


def test_evicting_the_idle_says_whether_it_helped() -> None:
    shop = Shop({"a": 10, "b": 10}, budget=100)
    a, b = shop.members.values()
    a.get(), b.get()
    with a.use():
        assert shop.memory.evict_idle()
        assert [a.status.loaded, b.status.loaded] == [True, False]
        assert not shop.memory.evict_idle()
