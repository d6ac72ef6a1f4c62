"""The letters and their window: the map's honest numbers, the pairs, the answers, bad input."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from components.ladder import letters
from components.ladder.letters import Slide, slide
from components.ladder.networks.letter_map import Letters, letter_map, trust
from components.ladder.networks.window_strip import NOTHING, context, guesses, slider
from inference.errors import OutOfRange
from inference.service import Service
from inference.tasks.ladder.sliding_window import SlidWindow
from inference.types.tokenized import Tokenized

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
COUNTS = np.array([500, 500, 99, 500])


def drawn_from(text: str, *pieces: bytes) -> SlidWindow:
    """Four characters under a window of three."""
    ids = tuple(pieces.index(one.encode()) for one in text)
    tokens = Tokenized(text, ids, tuple(pieces[i] for i in ids))
    chances = np.random.default_rng(1).dirichlet(np.ones(4), len(ids) - 1)
    vectors = np.random.default_rng(2).normal(size=(5, 6)).astype(np.float32)
    return SlidWindow(tokens, 3, vectors, chances, pieces, -1)


FOUND = drawn_from("abcab", b"a", b"b", b"c", b"\n")


def test_the_window_holds_what_came_before_and_nothing_before_that() -> None:
    assert context(FOUND, 1) == [NOTHING, NOTHING, "a"]
    assert context(FOUND, 4) == ["b", "c", "a"]
    whole = str(slider(FOUND, 4))
    assert '<div class="out">a<span class="inside">bca</span><mark>b</mark></div>' in whole
    assert "3 letters, each looked up as 6 numbers: 18 numbers go in" in whole
    rows = re.findall(r"<td>(\d)</td><td><code>(.*?)</code></td><td><code>(.)</code>", whole)
    assert rows == [("4", "bca", "b"), ("3", "abc", "a"), ("2", "□ab", "c")]


def test_at_the_ends_one_cannot_step_on() -> None:
    assert 'class="step-on" disabled>Step' in str(slider(FOUND, 4))
    first = str(slider(FOUND, 1))
    assert first.count(" disabled>") == 2 and "pair 1 of 4" in first


def test_bits_are_those_of_the_true_next_character() -> None:
    bits = -np.log2(FOUND.chances[2, FOUND.tokens.ids[3]])
    assert f"costs {bits:.2f} bits" in str(slider(FOUND, 3))
    pairs = letters.data(slide(FOUND, 3, COUNTS))["pairs"]
    assert [one["context"] + one["next"] for one in pairs] == ["ab", "abc", "abca", "bcab"]
    assert pairs[2]["probability"] == FOUND.chances[2, 0]


def test_a_pair_beyond_the_text_is_its_last_and_rare_letters_have_no_place() -> None:
    found = slide(FOUND, 60, COUNTS)
    assert found.pair == 4 and "This text has 4 pairs; the last is shown." in found.note
    assert found.letters.labels == ("a", "b", "↵") and found.chosen == 0
    assert slide(FOUND, 3, COUNTS).chosen is None  # after c, which was read too seldom


def vectors(count: int, width: int = 9) -> NDArray[np.float32]:
    return np.random.default_rng(4).normal(size=(count, width)).astype(np.float32)


def test_r9_the_numbers_of_the_map_are_those_of_scikit_learn() -> None:
    letters_ = Letters(tuple("abcdefghijkl"), tuple("abcdefghijkl"), vectors(12))
    flat, exact = letters_.flat, letters_.vectors.astype(np.float64)
    pca = PCA(2).fit(exact)
    assert flat.variance_shown == pytest.approx(pca.explained_variance_ratio_.sum(), abs=1e-9)
    near = flat.neighbours
    expected = trustworthiness(exact, pca.transform(exact), n_neighbors=near)
    assert flat.trustworthiness == pytest.approx(expected)
    order = [
        [j for j in np.argsort(np.linalg.norm(space - space[i], axis=1)) if j != i][:near]
        for space in (exact, flat.points)
        for i in range(12)
    ]
    shared = [len(set(a) & set(b)) / near for a, b in zip(order[:12], order[12:], strict=True)]
    assert flat.overlap == pytest.approx(np.mean(shared))
    assert f"{100 * flat.variance_shown:.0f}\N{NO-BREAK SPACE}% of how" in str(
        trust(letters_, None)
    )


def test_r9_lines_lead_to_the_nearest_in_all_dimensions() -> None:
    letters_ = Letters(tuple("aeX0. b"), tuple("aeX0.·b"), vectors(7))
    apart = np.linalg.norm(letters_.vectors - letters_.vectors[2], axis=1)
    assert [i for i, _ in letters_.nearest(2)] == np.argsort(apart)[1:6].tolist()
    figure = letter_map(letters_, 2)
    *groups, line, ring = figure.data
    assert (ring.x[0], ring.y[0]) == tuple(letters_.flat.points[2])
    assert np.asarray(line.x)[0::3] == pytest.approx([letters_.flat.points[2, 0]] * 5)
    assert {one.name: one.text for one in groups} == {
        "vowels": ("a", "e"),
        "consonants": ("b",),
        "capitals": ("X",),
        "digits": ("0",),
        "marks": (".", "·"),
    }
    assert len({one.marker.symbol for one in groups}) == 5


@pytest.mark.parametrize("piece", ["<script>", "'", '"><img>', "&"])
def test_t7_characters_are_shown_literally(piece: str) -> None:
    found = SlidWindow(
        Tokenized("", (0, 1), (piece.encode(),) * 2),
        3,
        vectors(3, 4),
        np.full((1, 2), 0.5),
        (piece.encode(),) * 2,
        end_of_text=-1,
    )
    whole = str(slider(found, 1))
    assert "<script" not in whole and "<img" not in whole


def test_the_end_of_a_text_is_named_and_not_spelled() -> None:
    pieces = (b"a", b"<|endoftext|>")
    tokens = Tokenized("aa", (0, 0), (b"a", b"a"))
    found = SlidWindow(tokens, 3, vectors(3, 4), np.array([[0.4, 0.6]]), pieces, end_of_text=1)
    drawn = str(guesses(found, 1))
    assert "end of text" in drawn and "endoftext" not in drawn


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def asked(service: Service, text: Any = letters.OPENING, pair: Any = 32) -> Slide:
    *_, found = letters.ask(service, None, text, pair, letters.MLP)
    assert isinstance(found, Slide)
    return found


@pytest.mark.parametrize("pair", [0, 64, 1.5, float("nan")])
def test_a_pair_out_of_range_is_refused(service: Service, pair: float) -> None:
    with pytest.raises(OutOfRange):
        asked(service, pair=pair)


@pytest.mark.weights
def test_r30_the_map_keeps_little(service: Service) -> None:
    found = asked(service)
    flat, count = found.letters.flat, len(found.letters.characters)
    assert (round(100 * flat.variance_shown), round(100 * flat.overlap)) == (16, 17)
    assert flat.neighbours == 5 and round(100 * 5 / (count - 1)) == 7
    assert found.letters.vectors.shape[1] == 24
    assert json.loads(json.dumps(letters.data(found)))["window"] == 16


def nearest(found: Slide, character: str) -> list[str]:
    characters = found.letters.characters
    return [characters[i] for i, _ in found.letters.nearest(characters.index(character))]


@pytest.mark.weights
def test_r30_marks_that_end_a_sentence_are_near_and_ten_capitals_have_their_letter(
    service: Service,
) -> None:
    found = asked(service)
    assert set(nearest(found, ".")[:2]) == {"!", "?"} and nearest(found, "q")[0] == "Q"
    capitals = [one for one in found.letters.characters if one.isupper()]
    assert len(capitals) == 26
    assert sum(nearest(found, one)[0] == one.lower() for one in capitals) == 10
    vowels = [sum(one in "aeiou" for one in nearest(found, vowel)) for vowel in "aeiou"]
    assert max(vowels) <= 1


@pytest.mark.weights
def test_r30_digits_are_rare(service: Service) -> None:
    pairs = service.answer(letters.Pairs())
    counts = dict(zip(pairs.pieces, pairs.counts.sum(axis=1).tolist(), strict=True))
    digits = [counts[str(one).encode()] for one in range(10)]
    assert max(digits) == counts[b"1"] == 587 and round(counts[b"e"] / 1e6, 1) == 1.2


@pytest.mark.weights
def test_r30_first_letters_of_words_cost_most_and_ends_hardly_any(service: Service) -> None:
    found = asked(service).found
    true = list(found.tokens.ids[1:])
    bits = -np.log2(found.chances[np.arange(len(true)), true])
    after = letters.OPENING.index("little") + 3
    assert bits[after - 1 : after + 2].sum() < 0.05
    assert 4.5 < bits[letters.OPENING.index("upon") - 1] < 5
