"""Tokenizers from elsewhere: each family is opened from its file, and what is none is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tokenizers

from inference.catalog import Catalog
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.cut import Cut
from inference.tasks.replay import Replay, end_of
from models.hub.own_tokenizer import open_tokenizer
from tests.models import conftest

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
FAMILIES = {
    "bytes": conftest.byte_level(),
    "pieces": conftest.wordpiece(),
    "scored": conftest.unigram(),
    "sentencepiece": conftest.sentencepiece(),
}
TEXTS = ("the cat sat on the mat", "Unbelievably tired", "a\u00e9 \U0001f469 <|endoftext|>")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("own")
    for name, tokenizer in FAMILIES.items():
        tokenizer.save(str(folder / f"{name}.json"))
    return {name: str(folder / f"{name}.json") for name in FAMILIES}


@pytest.fixture(scope="module")
def service(paths: dict[str, str]) -> Service:
    return Service(CHECKPOINTS, "cpu", own_tokenizers=paths)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("text", TEXTS)
def test_what_the_library_cuts_is_cut_here(service: Service, name: str, text: str) -> None:
    library = tokenizers.Tokenizer.from_str(FAMILIES[name].to_str())
    library.encode_special_tokens = True
    found = service.answer(Cut(text, name))
    assert list(found.ids) == library.encode(text, add_special_tokens=False).ids
    joined = b"".join(part for pair in zip(found.gaps, (*found.pieces, b""), strict=True)
                      for part in pair)  # fmt: skip
    assert joined == text.encode()


@pytest.mark.parametrize("name", FAMILIES)
def test_r4_steps_lead_to_the_librarys_tokens_or_are_refused(service: Service, name: str) -> None:
    shown = 0
    for text in TEXTS:
        try:
            replayed = service.answer(Replay(text, name))
        except OrreryError as refused:
            assert "its steps cannot be shown" in str(refused)
            continue
        shown += 1
        found = [token for word in replayed.words for token in end_of(word)]
        assert found == list(service.answer(Cut(text, name)).ids)
    assert shown


def test_a_folder_is_opened_by_the_file_that_is_in_it(tmp_path: Path) -> None:
    FAMILIES["bytes"].save(str(tmp_path / "tokenizer.json"))
    assert open_tokenizer(tmp_path).vocabulary == FAMILIES["bytes"].get_vocab_size()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "mine.json is no tokenizer.json that can be used: it is not JSON"),
        ("not JSON", "it is not JSON"),
        (b"\x80\x02\xff\x00" * 9, "it is not JSON"),
        ("[1]", "it has no model with a vocabulary"),
        ('{"model": {"type": "BPE"}}', "it has no model with a vocabulary"),
        ('{"architectures": ["Llama"]}', "it has no model with a vocabulary"),
        ('{"model": {"type": "BPE", "vocab": {"a": 0}}}', "can be used: "),
        (None, "mine.json is missing from"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_in_a_sentence(
    tmp_path: Path, content: str | bytes | None, says: str
) -> None:
    path = tmp_path / "mine.json"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=r"^tokenizer mine cannot be used\. ") as refused:
        Catalog(CHECKPOINTS, tokenizers={"mine": str(path)})
    assert says in str(refused.value)


def test_an_empty_vocabulary_and_a_taken_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.json"
    tokenizers.Tokenizer(tokenizers.models.BPE()).save(str(path))
    with pytest.raises(ValueError, match="its vocabulary is empty"):
        Catalog(CHECKPOINTS, tokenizers={"mine": str(path)})
    with pytest.raises(ValueError, match="two models are called bpe"):
        Catalog(CHECKPOINTS, tokenizers={"bpe": str(path)})


def test_a_text_that_breaks_a_tokenizer_is_refused_in_a_sentence(tmp_path: Path) -> None:
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0}, unk_token="[UNK]"))
    path = tmp_path / "words.json"
    words.save(str(path))
    service = Service(CHECKPOINTS, "cpu", own_tokenizers={"words-of-one": str(path)})
    assert service.answer(Cut("a", "words-of-one")).ids == (0,)
    with pytest.raises(OrreryError, match="This tokenizer cannot read that text"):
        service.answer(Cut("b", "words-of-one"))
    with pytest.raises(OrreryError, match="looks whole words up"):
        service.answer(Replay("a", "words-of-one"))
    assert json.loads(path.read_text())["model"]["type"] == "WordLevel"
