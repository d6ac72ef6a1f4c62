"""A cache that never holds more bytes than it may."""

from __future__ import annotations

import random

from inference.lru import ByteLRU


def test_f12_what_was_used_longest_ago_goes_first() -> None:
    kept: ByteLRU[str, int] = ByteLRU(10)
    kept.put("a", 1, 4)
    kept.put("b", 2, 4)
    assert kept.get("a") == 1  # now the newer one
    kept.put("c", 3, 4)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)
    assert (kept.bytes, len(kept)) == (8, 2)


def test_f12_a_value_beyond_the_limit_is_not_kept_and_drops_nothing_else() -> None:
    kept: ByteLRU[str, int] = ByteLRU(10)
    kept.put("a", 1, 4)
    kept.put("huge", 2, 11)
    assert (kept.get("a"), kept.get("huge"), kept.bytes) == (1, None, 4)
    kept.put("a", 3, 11)  # the older value of the same key is gone all the same
    assert (kept.get("a"), kept.bytes) == (None, 0)


def test_a_key_that_is_put_again_counts_once() -> None:
    kept: ByteLRU[str, int] = ByteLRU(10)
    for value in range(5):
        kept.put("a", value, 6)
    assert (kept.get("a"), kept.bytes, len(kept)) == (4, 6, 1)


def test_f12_never_above_the_limit_whatever_is_put() -> None:
    kept: ByteLRU[int, int] = ByteLRU(1_000)
    dice = random.Random(3)
    sizes: dict[int, int] = {}
    for _ in range(20_000):
        key, size = dice.randrange(200), dice.randrange(300)
        sizes[key] = size
        kept.put(key, key, size)
        kept.get(dice.randrange(200))
        assert 0 <= kept.bytes <= 1_000
    assert kept.bytes == sum(size for key, size in sizes.items() if kept.get(key) is not None)
