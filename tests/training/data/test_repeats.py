"""What is told again is told exactly, and takes the share that it should."""

from __future__ import annotations

import numpy as np

from training.data import repeats

END, VOCABULARY = 3, 40


def test_a_passage_tells_one_string_of_ids_again() -> None:
    random = np.random.default_rng(0)
    found = [repeats.passage(random, VOCABULARY, END) for _ in range(400)]
    told = set()
    for ids in found:
        assert ids[0] == END and not (ids[1:] == END).any()
        assert ids.min() >= 0 and ids.max() < VOCABULARY
        fits = [
            times
            for times in (2, 3, 4)
            if (len(ids) - 1) % times == 0
            and (ids[1:].reshape(times, -1) == ids[1 : 1 + (len(ids) - 1) // times]).all()
        ]
        assert fits
        told.add(max(fits))
    assert told == {2, 3, 4}
    assert min(map(len, found)) == 1 + 2 * 4 and 200 < max(map(len, found)) <= 1 + 4 * 64


def test_passages_stand_between_documents_and_take_their_share() -> None:
    documents = [np.array([END, *([7] * length)]) for length in range(200, 500)]
    stream = np.concatenate(documents)
    mixed = repeats.mixed_in(stream, 0.05, VOCABULARY, END, seed=1)
    added = len(mixed) - len(stream)
    assert 0.05 <= added / len(mixed) < 0.055
    parts = [tuple(part.tolist()) for part in np.split(mixed, np.flatnonzero(mixed == END))[1:]]
    kept = [part for part in parts if set(part[1:]) == {7}]
    assert kept == [tuple(one.tolist()) for one in documents]  # all of them, whole and in order
    assert (repeats.mixed_in(stream, 0.05, VOCABULARY, END, seed=1) == mixed).all()


def test_no_share_changes_nothing() -> None:
    stream = np.array([END, 1, 2, END, 4])
    assert repeats.mixed_in(stream, 0.0, VOCABULARY, END, seed=1).tolist() == stream.tolist()
