"""What the contract suite cannot see of keys and values: their storage."""

from __future__ import annotations

import pytest
import torch

from models.transformer.kv_cache import BLOCK, FEW, MANY, KVCache


def cache_of(*lengths: int, fill: float = 0.5) -> KVCache:
    """Rows of these lengths, joined one by one, all of whose numbers are `fill`."""
    joined = KVCache(2, 0, 1, 2, torch.device("cpu"), torch.float32)
    for length in lengths:
        row = KVCache(2, 1, 1, 2, torch.device("cpu"), torch.float32)
        write(row, length, fill)
        joined.join(row)
    return joined


def write(cache: KVCache, count: int, fill: float) -> list[torch.Tensor]:
    """Every layer's keys and values after `count` more positions."""
    cache.reserve(count)
    new = torch.full((cache.rows, 1, count, 2), fill)
    held = [part for layer in range(2) for part in cache.write(layer, new, new)]
    cache.advance(count)
    return held


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("length", [2, 9, 30])
def test_f8_a_row_of_nan_leaves_nothing_behind(place: int, length: int) -> None:
    """A masked NaN would still be one: softmax adds -inf to it."""
    cache = cache_of(3, 12, 5)
    cache.join(cache_of(length, fill=torch.nan))
    order = [0, 1, 2]
    order.insert(place, 3)
    cache.reorder(torch.tensor(order))
    write(cache, 1, 0.5)
    cache.drop(torch.tensor([place]))
    assert cache.lengths.tolist() == [4, 13, 6]
    assert all(held.isfinite().all() for held in write(cache, 1, 0.5))
    cache.reorder(torch.tensor([2, 0, 0, 0, 0, 1]))  # into the place that the bad row had
    cache.join(cache_of(40))
    assert all(held.isfinite().all() for held in write(cache, 1, 0.5))


def test_only_the_keys_of_a_row_are_open_to_it() -> None:
    cache = cache_of(3, 1)
    mask = cache.mask(2)
    assert mask.int()[:, 0].tolist() == [
        [[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]],
        [[0, 0, 1, 1, 0], [0, 0, 1, 1, 1]],
    ]
    cache.drop(torch.tensor([1]))
    assert cache.mask(1) is None  # rows of one length need none


def test_the_storage_grows_with_the_text_and_not_beyond() -> None:
    cache = cache_of(3)
    assert cache._storage.shape[4] == BLOCK
    for _ in range(BLOCK):
        write(cache, 1, 0.5)
    assert cache._storage.shape[4] == 2 * BLOCK
    for _ in range(20):  # people come and go for longer than any text
        cache.join(cache_of(2))
        write(cache, 30, 0.5)
        cache.drop(torch.tensor([0]))
    assert cache._storage.shape[4] <= 2 * BLOCK
    assert cache._storage.shape[2] <= 4


def test_many_copies_keep_their_beginning_once() -> None:
    cache = cache_of(40)
    cache.expand(MANY)
    cache.reserve(1)
    first = cache.apart()[0]
    assert first is not None
    common, own, held = first
    assert common.shape == (2, 1, 40, 2) and (common == 0.5).all()
    assert own.shape == (2, MANY, 1, FEW, 2) and held == 1
    (keys, *_) = write(cache, 1, 0.25)  # one that is not read apart has all again
    assert keys.shape == (MANY, 1, 41, 2)
    assert (keys[..., :40, :] == 0.5).all() and (keys[..., 40:, :] == 0.25).all()


def test_nobody_is_left_of_many_and_somebody_joins() -> None:
    cache = cache_of(5)
    cache.expand(MANY)
    cache.drop(torch.arange(MANY))
    cache.join(cache_of(3))
    assert write(cache, 1, 0.5)[0].shape == (1, 1, 4, 2)
