"""Pieces and merges against the `tokenizers` library, their counts against each other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tokenizers

from inference.service import Service
from inference.tasks.vocabulary.listing import Listed, Vocabulary
from inference.wire import dumps, known, loads
from models.files import CheckpointError
from models.text import uses

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"
NAMES = ("characters", "words", "bpe", "byte-bpe", "wordpiece", "unigram", "multilingual")
MERGED = ("bpe", "byte-bpe", "multilingual")


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def listed(service: Service, name: str) -> Listed:
    return service.answer(Vocabulary("", name))


def library(name: str) -> tokenizers.Tokenizer:
    return tokenizers.Tokenizer.from_file(str(CHECKPOINTS / "tokenizers" / name / "tokenizer.json"))


@pytest.mark.parametrize("name", NAMES)
def test_every_token_of_the_library_is_listed_with_its_bytes(service: Service, name: str) -> None:
    found, theirs = listed(service, name), library(name)
    assert list(found.pieces) == sorted(theirs.get_vocab().values())
    for token, held in found.pieces.items():
        if name == "byte-bpe" and token not in found.specials:
            shown = theirs.decode([token])
            assert held.decode("utf-8", errors="replace") == shown
    assert loads(dumps(found), known()) == found


@pytest.mark.parametrize("name", MERGED)
def test_r4_merges_join_what_the_file_says_in_its_order(service: Service, name: str) -> None:
    found, theirs = listed(service, name), library(name)
    folder = CHECKPOINTS / "tokenizers" / name
    merges = json.loads((folder / "tokenizer.json").read_text())["model"]["merges"]
    counts = json.loads((folder / "merges.json").read_text())["counts"]
    for rank, ((left, right), count) in enumerate(zip(merges, counts, strict=True), start=1):
        token = theirs.token_to_id(left + right)
        made = found.learned[token]
        if made.rank == rank:
            assert (theirs.id_to_token(made.left), theirs.id_to_token(made.right)) == (left, right)
            assert made.pairs == count
        else:
            assert made.rank < rank
    assert len({one.rank for one in found.learned.values()}) == len(found.learned)


@pytest.mark.parametrize("name", MERGED)
def test_a_piece_that_no_merge_took_in_is_counted_alike_by_encoding_and_by_merging(
    service: Service, name: str
) -> None:
    """Two programs counted: one merged pair by pair, the other cut the text with the library.

    Where a pair can overlap itself, as in "eee", fewer are merged than stood there.
    """
    found = listed(service, name)
    counts = found.uses[uses.PAIRS if name == "multilingual" else uses.OLD]
    parts = {part for one in found.learned.values() for part in (one.left, one.right)}
    last = {token: one.pairs for token, one in found.learned.items() if token not in parts}
    unlike = [token for token, pairs in last.items() if counts[token] != pairs]
    assert len(last) > 2_000
    assert len(unlike) <= 2
    assert all(counts[token] < (last[token] or 0) for token in unlike)


def test_a_tokenizer_from_elsewhere_has_merges_and_no_counts(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(
        (CHECKPOINTS / "tokenizers" / "byte-bpe" / "tokenizer.json").read_bytes()
    )
    own = Service(CHECKPOINTS, "cpu", own_tokenizers={"mine": str(tmp_path / "tokenizer.json")})
    found = own.answer(Vocabulary("", "mine"))
    assert len(found.learned) == 3_839
    assert {one.pairs for one in found.learned.values()} == {None}
    assert not found.uses


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[]", "is not a JSON object"),
        ('{"a": [1, 2]}', "does not hold a count for every token"),
        ('{"a": [1, 2, -3]}', "holds what is no count"),
        ('{"a": [1, 2, "x"]}', "holds what is no count"),
    ],
)
def test_damaged_counts_are_named(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / uses.USES).write_text(content)
    with pytest.raises(CheckpointError, match=says):
        uses.load(tmp_path, 3)


def test_without_counts_there_are_none(tmp_path: Path) -> None:
    assert uses.load(tmp_path, 3) == {}
