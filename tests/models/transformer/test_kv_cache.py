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


def test_what_the_storage_holds_behind_the_text_is_zero_and_closed() -> None:
    cache = cache_of(BLOCK // 2, 20, fill=0.5)
    cache.reserve(1)
    assert cache.fills(1)
    _, room = cache.windows(1, room=True)[0]
    open_ = cache.mask(1, room=True)
    assert room.shape[3] == BLOCK and open_ is not None
    held = torch.arange(BLOCK) < BLOCK // 2
    assert (room[..., ~held, :] == 0).all() and (room[:, 0, :, held, :] == 0.5).all()
    assert open_[0, 0, 0].tolist() == (torch.arange(BLOCK) <= BLOCK // 2).tolist()
    assert open_[1, 0, 0].nonzero().flatten().tolist() == list(range(12, BLOCK // 2 + 1))
    cache.drop(torch.tensor([0]))
    assert not cache.fills(1)  # what the longest row left lies before the others
    assert not cache_of(9).fills(1)


@pytest.mark.parametrize("seed", range(3))
def test_rows_that_are_moved_for_long_hold_what_was_written_to_them(seed: int) -> None:
    """Against lists that are copied whole, as beams of many people come and go."""
    dice = torch.Generator().manual_seed(seed)
    cache, written = KVCache(1, 6, 1, 1, torch.device("cpu"), torch.float32), [[]] * 6
    for step in range(90):
        new = torch.rand(6, 1, 1, 1, generator=dice)
        cache.reserve(1)
        keys, values = cache.write(0, new, -new)
        cache.advance(1)
        written = [[*row, one] for row, one in zip(written, new.flatten().tolist(), strict=True)]
        assert keys[:, 0, :, 0].tolist() == written
        assert torch.equal(values, -keys)
        pairs = torch.arange(6).view(2, 3)  # two people of three beams; the second moves seldom
        pairs[0] = pairs[0][torch.randint(3, (3,), generator=dice)]
        if step % 20 == 19:
            pairs[1] = pairs[1][torch.randint(3, (3,), generator=dice)]
        cache.reorder(pairs.flatten())
        written = [written[row] for row in pairs.flatten()]


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
