"""What is lost on the way round, by hand and against the normalisers of the library."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tokenizers import normalizers

from analysis.texts.agreement import spans, unlike
from analysis.texts.round_trip import culprits, losses, of_gap


@pytest.mark.parametrize(
    ("text", "read", "named"),
    [
        ("the", "the", ()),
        ("The", "the", ("case",)),
        ("caf\u00e9", "cafe", ("accents",)),
        ("\u00c9", "e", ("case", "accents")),
        ("e\u0301", "\u00e9", ("normalisation",)),
        ("\ufb01n", "fin", ("normalisation",)),
        ("the", " the", ("spaces",)),
        ("The", " the", ("spaces", "case")),
        ("cat", "dog", ("something else",)),
    ],
)
def test_the_culprit_by_hand(text: str, read: str, named: tuple[str, ...]) -> None:
    assert culprits(text, read) == named


NORMALISERS = {
    "case": normalizers.Lowercase(),
    "accents": normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()]),
    "normalisation": normalizers.NFKC(),
}


@pytest.mark.parametrize("name", NORMALISERS)
@given(text=some.text(some.characters(max_codepoint=0x24F), max_size=12))
def test_what_one_normaliser_of_the_library_changes_is_laid_on_it(name: str, text: str) -> None:
    read = NORMALISERS[name].normalize_str(text)
    named = culprits(text, read)
    if read == text:
        assert named == ()
    elif name == "normalisation":  # before all others, which may do the same
        assert named == ("normalisation",)
    else:
        assert set(named) <= {"normalisation", name}


def test_losses_are_counted_by_their_culprit() -> None:
    found = losses(["The", "cat", "caf\u00e9"], ["the", None, "cafe"], ["", " ", "\n", "\u0301"])
    assert found == {"case": 1, "unknown": 1, "accents": 2, "spaces": 2}
    assert of_gap("\x00") == "normalisation"


def test_pieces_are_compared_without_the_spaces_around_them() -> None:
    text = b"a  cat"
    assert spans(text, [1, 5], [0, 0, 0]) == [(0, 1), (3, 6)]
    assert spans(text, [1, 3], [0, 2, 0]) == [(0, 1), (3, 6)]
    assert spans(text, [1, 1, 4], [0, 0, 0]) == [(0, 1), (1, 2), (3, 6)]


def test_a_piece_is_unlike_where_fewer_than_half_of_the_others_make_it() -> None:
    whole, parted, other = [(0, 3)], [(0, 1), (1, 3)], [(0, 2), (2, 3)]
    assert unlike([whole, whole]) == [[], []]
    assert unlike([whole, parted, whole]) == [[], [0, 1], []]
    assert unlike([whole, parted, other]) == [[0], [0, 1], [0, 1]]
    assert unlike([whole]) == [[]]
