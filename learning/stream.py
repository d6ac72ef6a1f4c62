"""Documents as one row of ids, and the windows that training cuts out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from models.text.tokenizer import Tokenizer


def stream_of(documents: Sequence[str], tokenizer: Tokenizer) -> np.ndarray:
    """All documents in one row of ids, each one opened by end-of-text."""
    parts = []
    for document in documents:  # one at a time: the tokenizer needs much memory for each token
        parts.append(np.asarray([tokenizer.end_of_text, *tokenizer.encode(document)]))
    return np.concatenate(parts)


def windows(stream: np.ndarray, length: int, seed: int, skip: int) -> Iterator[np.ndarray]:
    """Windows of `length` + 1 ids, every epoch in a new order and from a new offset.

    `skip` windows are passed over, so that a resumed run sees what it has not seen.
    """
    epoch = 0
    while True:
        generator = np.random.default_rng((seed, epoch))
        offset = int(generator.integers(length))
        starts = np.arange(offset, len(stream) - length, length)
        generator.shuffle(starts)
        for start in starts[skip:]:
            yield stream[start : start + length + 1]
        skip = max(0, skip - len(starts))
        epoch += 1


def batches(source: Iterator[np.ndarray], rows: int) -> Iterator[np.ndarray]:
    """`rows` windows at a time: (rows, length + 1)."""
    while True:
        yield np.stack([next(source) for _ in range(rows)])


def windows_once(
    stream: np.ndarray, rows: int, length: int, seed: int, step: int
) -> Iterator[np.ndarray]:
    """Batches of (rows, length + 1) in random order that predict every id but the first once.

    From batch number `step` on. The stream holds a whole number of batches and one id before them.
    """
    starts = np.random.default_rng(seed).permutation(np.arange(0, len(stream) - 1, length))
    for at in range(step * rows, len(starts), rows):
        yield np.stack([stream[start : start + length + 1] for start in starts[at : at + rows]])


def read_on(
    stream: np.ndarray, rows: int, length: int, pieces: int, seed: int, step: int
) -> Iterator[np.ndarray]:
    """As `windows_once`, but each row reads on for `pieces` batches before it goes elsewhere.

    So a row meets `pieces` * `length` ids in a row, and a batch texts from everywhere.
    """
    far = length * pieces
    starts = np.random.default_rng(seed).permutation(np.arange(0, len(stream) - 1, far))
    for at in range(step, len(starts) // rows * pieces):
        group, piece = divmod(at, pieces)
        here = starts[group * rows : (group + 1) * rows] + piece * length
        yield np.stack([stream[start : start + length + 1] for start in here])


def random_windows(
    stream: np.ndarray, rows: int, length: int, seed: int, step: int = 0
) -> Iterator[np.ndarray]:
    """Batches of (rows, length + 1) from anywhere, for a stream too short to cut into windows.

    From batch number `step` on; each depends on seed and number alone. The length is at most what
    the stream holds.
    """
    span = np.arange(min(length, len(stream) - 1) + 1)
    while True:
        generator = np.random.default_rng((seed, step))
        starts = generator.integers(0, len(stream) - len(span) + 1, rows)
        yield stream[starts[:, None] + span]
        step += 1
