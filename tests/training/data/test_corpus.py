"""Corpora are read line by line, and what is wrong with one is said with its place."""

from __future__ import annotations

import hashlib
import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from training.data import corpus, slurs
from training.data.corpus import CorpusError, Document

GOOD = {"title": "The Fox", "source": "by hand", "text": "A fox ran.\n", "split": "train"}


def write(path: Path, lines: list[Any]) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_bytes(lzma.compress("\n".join(texts).encode("utf-8", "surrogateescape")))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stories.jsonl.xz"


def test_documents_come_in_order(path: Path) -> None:
    other = {**GOOD, "title": "Die Füchsin", "split": "heldout", "author": "A. Nonymous"}
    write(path, [GOOD, other])
    assert list(corpus.read(path)) == [
        Document("The Fox", "by hand", "A fox ran.\n", "train"),
        Document("Die Füchsin", "by hand", "A fox ran.\n", "heldout", "A. Nonymous"),
    ]


def test_documents_under_a_non_commercial_licence_are_passed_over(path: Path) -> None:
    write(
        path, [{**GOOD, "source": f"a site, CC {terms}"} for terms in ("BY-NC", "BY NC-SA", "BY")]
    )
    assert [document.source for document in corpus.read(path)] == ["a site, CC BY"]


def test_paragraphs_with_a_slur_are_passed_over_and_the_rest_is_untouched(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.sha256(b"gribble").hexdigest()[:16]
    monkeypatch.setattr(slurs, "_KNOWN", slurs._KNOWN | {digest})
    write(path, [{**GOOD, "text": "A fox ran.\n\nThe GRIBBLE, he said.\n gribbles  stay.\nEnd"}])
    assert next(corpus.read(path)).text == "A fox ran.\n\n gribbles  stay.\nEnd"


def test_an_author_may_be_missing_or_null(path: Path) -> None:
    write(path, [{**GOOD, "author": None}])
    assert next(corpus.read(path)).author == ""


def test_a_missing_file_is_named_with_a_hint(path: Path) -> None:
    with pytest.raises(CorpusError, match=r"stories\.jsonl\.xz does not exist; is --data"):
        list(corpus.read(path))


@pytest.mark.parametrize("damage", [slice(0, 40), slice(0, -8), slice(10, None)])
def test_a_truncated_or_damaged_file_is_named(path: Path, damage: slice) -> None:
    write(path, [{**GOOD, "text": str(list(range(500)))}] * 3)
    path.write_bytes(path.read_bytes()[damage])
    with pytest.raises(CorpusError, match=r"stories\.jsonl\.xz is damaged after line \d+"):
        list(corpus.read(path))


def test_text_that_is_not_utf8_is_damage(path: Path) -> None:
    write(path, [json.dumps(GOOD, ensure_ascii=False).replace("fox", "f\udcffx")])
    with pytest.raises(CorpusError, match=r"stories\.jsonl\.xz is damaged after line \d+"):
        list(corpus.read(path))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "not JSON"),
        ("", "not JSON"),
        ({**GOOD, "split": "test"}, "split is 'test', not train or heldout"),
        ({**GOOD, "split": None}, "no text field named split"),
        ({"title": "The Fox", "split": "train"}, "no text field named source, text"),
        ({**GOOD, "text": 7}, "no text field named text"),
        ([], "not a JSON object"),
        ("7", "not a JSON object"),
    ],
)
def test_a_bad_line_is_named_by_its_number(path: Path, line: Any, reason: str) -> None:
    write(path, [GOOD, line, GOOD])
    documents = corpus.read(path)
    assert next(documents).title == "The Fox"
    with pytest.raises(CorpusError, match=rf"stories\.jsonl\.xz, line 2: {reason}"):
        next(documents)


def test_the_data_folder_is_the_argument_or_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ORRERY_DATA", "elsewhere")
    assert corpus.data_folder("here") == Path("here")
    assert corpus.data_folder(None) == Path("elsewhere")
    monkeypatch.delenv("ORRERY_DATA")
    with pytest.raises(CorpusError, match="pass --data FOLDER or set ORRERY_DATA"):
        corpus.data_folder(None)
