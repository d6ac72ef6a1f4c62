"""Every window is seen once an epoch, and a resumed run sees what is left."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from learning.stream import batches, read_on, stream_of, windows, windows_once
from models.text.tokenizer import Tokenizer
from training import tokenizers as tokenizer_training


def test_every_document_is_opened_by_end_of_text() -> None:
    tokenizer = Tokenizer(tokenizer_training.byte_bpe(["a fox and an owl"], vocabulary=258))
    end = tokenizer.end_of_text
    expected = [end, *tokenizer.encode("a fox"), end, *tokenizer.encode("an owl")]
    assert stream_of(["a fox", "an owl"], tokenizer).tolist() == expected


def test_an_epoch_visits_every_window_once_and_the_next_in_another_order() -> None:
    stream = np.arange(1000)
    source = windows(stream, length=10, seed=1, skip=0)
    seen = [next(source) for _ in range(250)]
    assert all(np.diff(window).tolist() == [1] * 10 for window in seen)
    starts = [int(window[0]) for window in seen]
    # every epoch opens at an offset of its own, which all its windows share
    epochs = [list(epoch) for _, epoch in itertools.groupby(starts, lambda start: start % 10)]
    assert len(epochs) == 3
    for epoch in epochs[:2]:
        assert np.diff(sorted(epoch)).tolist() == [10] * (len(epoch) - 1)
        assert len(epoch) in (98, 99)
        assert epoch != sorted(epoch)


@pytest.mark.parametrize("skip", [1, 50, 98, 99, 250])
def test_skipped_windows_are_those_already_seen(skip: int) -> None:
    stream = np.arange(1000)
    source = windows(stream, length=10, seed=1, skip=0)
    for _ in range(skip):
        next(source)
    resumed = windows(stream, length=10, seed=1, skip=skip)
    for _ in range(120):
        assert next(resumed).tolist() == next(source).tolist()


def test_a_batch_is_the_next_windows() -> None:
    source = windows(np.arange(100), length=10, seed=1, skip=0)
    expected = list(itertools.islice(windows(np.arange(100), 10, seed=1, skip=0), 6))
    found = list(itertools.islice(batches(source, rows=3), 2))
    assert np.concatenate(found).tolist() == np.stack(expected).tolist()


def test_windows_once_predict_every_id_but_the_first_once() -> None:
    stream = np.arange(161)
    seen = list(windows_once(stream, rows=4, length=8, seed=2, step=0))
    assert sorted(np.concatenate([batch[:, 1:] for batch in seen], axis=None)) == [*range(1, 161)]
    later = list(windows_once(stream, rows=4, length=8, seed=2, step=3))
    assert [batch.tolist() for batch in later] == [batch.tolist() for batch in seen[3:]]


def test_rows_read_on_for_some_batches_and_cover_everything_once() -> None:
    stream = np.arange(161)
    seen = list(read_on(stream, rows=2, length=8, pieces=5, seed=2, step=0))
    assert sorted(np.concatenate([batch[:, 1:] for batch in seen], axis=None)) == [*range(1, 161)]
    for batch, following in itertools.pairwise(seen[:5]):
        assert following[:, 0].tolist() == batch[:, -1].tolist()
    assert seen[5][:, 0].tolist() != seen[4][:, -1].tolist()
    later = list(read_on(stream, rows=2, length=8, pieces=5, seed=2, step=7))
    assert [batch.tolist() for batch in later] == [batch.tolist() for batch in seen[7:]]
