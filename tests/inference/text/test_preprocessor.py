"""Every tokenizer of the collection behind the service: tokens, what is lost, and where from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inference.collection import COLLECTION
from inference.errors import EmptyText, ModelUnavailable, OrreryError
from inference.service import Service
from inference.tasks.cut import Cut
from inference.types.tokenized import Merge, PieceScore

NAMES = [one.name for one in COLLECTION if one.kind == "tokenizer"]
TEXT = "Unhappy  tailors\n\u4f60 \ufffd"


@pytest.fixture(scope="module")
def service(checkpoints: Path) -> Service:
    return Service(checkpoints)


@pytest.mark.parametrize("name", NAMES)
def test_pieces_and_gaps_in_turn_are_the_text(service: Service, name: str) -> None:
    cut = service.answer(Cut(TEXT, name))
    assert len(cut.ids) == len(cut.pieces) == len(cut.details) == len(cut.gaps) - 1
    turns = [part for pair in zip(cut.gaps, (*cut.pieces, b""), strict=True) for part in pair]
    assert b"".join(turns).decode() == cut.text == TEXT
    assert any(cut.gaps) == (name in ("words", "bpe", "wordpiece"))
    assert any(d.unknown for d in cut.details) == (name not in ("byte-bpe", "multilingual"))


def test_the_storytellers_own_is_the_default_and_loses_nothing(service: Service) -> None:
    own, byte_bpe = service.answer(Cut(TEXT)), service.answer(Cut(TEXT, "byte-bpe"))
    assert own.ids == byte_bpe.ids
    assert own.pieces == byte_bpe.pieces
    assert not any(own.gaps)
    assert all(detail.origin is None for detail in own.details)


def test_a_character_that_a_tokenizer_replaces_is_told(service: Service) -> None:
    """SentencePiece writes a space as U+2581, so that a typed one reads the same."""
    typed, space = (service.answer(Cut(text, "unigram")) for text in ("a\u2581b", "a b"))
    assert typed.ids == space.ids
    assert [detail.changed for detail in typed.details] == ["", " b"]
    assert "reads \u2581 as U+0020 (space)" in typed.note
    assert not space.note
    assert not any(detail.changed for detail in space.details)


@pytest.mark.parametrize("name", NAMES)
def test_ordinary_text_is_changed_by_none(service: Service, name: str) -> None:
    found = service.answer(Cut("The  king's caf\u00e9 e\u0301\t12, </w> ##x\u200b", name))
    assert not any(detail.changed for detail in found.details)


def test_details_are_those_of_the_kind(service: Service) -> None:
    bpe = service.answer(Cut("the", "bpe")).details
    assert [(d.piece, d.unknown, d.origin) for d in bpe] == [("the</w>", False, Merge(3, 435_007))]
    (unigram,) = service.answer(Cut(" the", "unigram")).details
    assert unigram.piece == "\u2581the"
    assert isinstance(unigram.origin, PieceScore)
    (byte_bpe,) = service.answer(Cut(" the", "byte-bpe")).details
    assert byte_bpe.piece == ""
    assert isinstance(byte_bpe.origin, Merge)


@pytest.mark.parametrize("name", ["runes", "", None, 3, ["bpe"], "../storyteller"])
def test_an_unknown_tokenizer_is_refused_with_the_names(service: Service, name: object) -> None:
    with pytest.raises(OrreryError, match="one of storyteller, storyteller-books, fill-in, t"):
        service.answer(Cut(TEXT, name))


def test_empty_text_is_refused_whatever_the_tokenizer(service: Service) -> None:
    with pytest.raises(EmptyText):
        service.answer(Cut("  ", "words"))


def test_a_damaged_tokenizer_is_named_and_the_others_work(
    checkpoints: Path, tmp_path: Path
) -> None:
    shutil.copytree(checkpoints / "tokenizers", tmp_path / "tokenizers")
    (tmp_path / "tokenizers" / "bpe" / "merges.json").unlink()
    (tmp_path / "tokenizers" / "words" / "tokenizer.json").write_text("{")
    service = Service(tmp_path)
    with pytest.raises(ModelUnavailable, match=r"bpe tokenizer is not available: merges\.json"):
        service.answer(Cut(TEXT, "bpe"))
    with pytest.raises(ModelUnavailable, match=r"words tokenizer .* tokenizer\.json in words"):
        service.answer(Cut(TEXT, "words"))
    assert service.answer(Cut(TEXT, "unigram")).ids
    missing = [model.name for model in service.status.models if not model.available]
    assert missing == ["words tokenizer", "bpe tokenizer"]
