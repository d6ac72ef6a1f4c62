"""Roles of heads, on maps and texts small enough to be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.attention import roles

IDS = [0, 5, 6, 7, 5, 6, 8]
PIECES = [b"", b"the", b" red", b" fox", b"the", b" red", b"."]


def cells(role: str, causal: bool = True) -> list[tuple[int, int]]:
    found = roles.targets(IDS, PIECES, (), causal)[role]
    return [(int(query), int(key)) for query, key in zip(*np.nonzero(found), strict=True)]


def test_where_every_role_looks_in_a_text_read_by_hand() -> None:
    assert cells("previous") == [(i, i - 1) for i in range(1, 7)]
    assert cells("next") == []
    assert cells("next", causal=False) == [(i, i + 1) for i in range(6)]
    assert cells("duplicate") == [(4, 1), (5, 2)]
    assert cells("duplicate", causal=False) == [(1, 4), (2, 5), (4, 1), (5, 2)]
    assert cells("induction") == [(4, 2), (5, 3)]
    assert cells("first") == [(i, 0) for i in range(1, 7)]
    assert cells("punctuation") == []  # it comes last, and does not count itself
    assert cells("punctuation", causal=False) == [(i, 6) for i in range(6)]


def test_pieces_of_a_word_look_at_each_other() -> None:
    found = roles.targets([1, 2, 3, 4], [b"um", b"brel", b"la", b" in"], (), causal=True)["word"]
    assert np.argwhere(found).tolist() == [[1, 0], [2, 0], [2, 1]]


def test_a_token_around_the_text_is_nobodys_duplicate() -> None:
    found = roles.targets([0, 5, 0], [b"", b"a", b""], (), causal=False)
    assert not found["duplicate"].any()


@pytest.mark.parametrize("causal", [True, False])
def test_a_perfect_map_scores_1_and_any_other_by_its_share(causal: bool) -> None:
    at = roles.targets(IDS, PIECES, (), causal)["previous"]
    perfect = at.astype(float)
    perfect[0, 0] = 1
    half = perfect / 2
    half[:, 0] += 0.5
    assert roles.scores(perfect, at) == 1
    # Row 1's own token before is the first, so it has all of its weight there; the other five half.
    assert roles.scores(half, at) == pytest.approx((1 + 5 * 0.5) / 6)
    assert roles.scores(np.stack([perfect, half]), at).shape == (2,)


def test_a_uniform_map_scores_the_chance_of_its_targets() -> None:
    at = roles.targets(IDS, PIECES, (), True)
    even = roles.even(7, causal=True)
    chances = {
        "previous": np.mean([1 / (i + 1) for i in range(1, 7)]),
        "duplicate": np.mean([1 / 5, 1 / 6]),
        "induction": np.mean([1 / 5, 1 / 6]),
        "first": np.mean([1 / (i + 1) for i in range(1, 7)]),
    }
    for role, chance in chances.items():
        assert roles.scores(even, at[role]) == pytest.approx(chance), role
    both = roles.targets(IDS, PIECES, (), False)["next"]
    assert roles.scores(roles.even(7, causal=False), both) == pytest.approx(1 / 7)


def test_a_role_without_a_place_in_the_text_has_no_score() -> None:
    at = roles.targets([1, 2], [b"a", b" b"], (), True)["duplicate"]
    assert np.isnan(roles.scores(np.ones((2, 3, 2, 2)), at)).all()


def test_a_sum_over_several_targets_is_the_share_of_all_of_them() -> None:
    at = roles.targets([5, 5, 5], [b"a", b"a", b"a"], (), True)["duplicate"]
    weights = np.array([[1, 0, 0], [0.25, 0.75, 0], [0.5, 0.25, 0.25]])
    assert roles.scores(weights, at) == pytest.approx((0.25 + 0.75) / 2)


def test_induction_on_a_repeated_sequence_is_that_of_a_loop() -> None:
    generator = np.random.default_rng(3)
    once = generator.permutation(40)[:9]
    ids = [*once, *once]
    weights = generator.random((2, 3, 18, 18)) * np.tri(18)
    weights /= weights.sum(axis=-1, keepdims=True)
    slow = np.zeros((2, 3))
    for layer in range(2):
        for head in range(3):
            shares = []
            for query in range(9, 18):
                first = next(at for at in range(query) if ids[at] == ids[query])
                shares.append(weights[layer, head, query, first + 1])
            slow[layer, head] = sum(shares) / len(shares)
    np.testing.assert_allclose(roles.induction(weights), slow)
    # All tokens are different, so that the targets of a text say the same.
    at = roles.targets(ids, [b"x"] * 18, (), True)["induction"]
    np.testing.assert_allclose(roles.scores(weights, at), slow)
    # A mean map has the mean score.
    np.testing.assert_allclose(roles.induction(weights.mean(axis=0)), slow.mean(axis=0))


def test_chance_of_induction_is_the_mean_of_one_in_as_many_as_are_seen() -> None:
    even = roles.induction(roles.even(100, causal=True))
    assert even == pytest.approx(np.mean([1 / (i + 1) for i in range(50, 100)]))
