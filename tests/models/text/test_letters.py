"""The tokenizer of a model over characters, against the library that reads its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tokenizers

from models.text import letters
from models.text.letters import OTHER, Letters
from models.text.protocol import Segment, TextTokenizer
from models.text.tokenizer import END_OF_TEXT, Tokenizer

TEXTS = ["anna", "Anna!", "caf\u00e9 \U0001f600 na", "", "a\nb", "\n", f"{END_OF_TEXT}an"]
KINDS = {
    "list": ("\nabceinz", True),
    "running": ("\n !Nabcn", False),
    "many": (f"abn{OTHER}", False),
}


@pytest.fixture(params=KINDS)
def ours(request: pytest.FixtureRequest) -> Letters:
    return Letters(*KINDS[request.param])


def test_a_list_ends_with_its_line_and_has_no_capitals() -> None:
    listed: TextTokenizer = Letters("\nanz", True)
    assert (listed.end_of_text, listed.ends, listed.unknown, listed.vocabulary) == (0, {0}, None, 4)
    assert listed.segment("An\nn\u00e9z") == [
        *(Segment(1, 0, 1), Segment(2, 1, 2), Segment(2, 3, 4), Segment(3, 6, 7))
    ]
    assert listed.special(0) and not listed.special(1)
    assert (listed.piece(0), listed.bytes_of(2)) == (END_OF_TEXT, b"n")
    assert listed.segment(f"a{END_OF_TEXT}n", specials=True)[1] == Segment(0, 1, 14)
    assert 0 not in listed.encode(END_OF_TEXT)  # what is typed is text


def test_a_running_text_has_no_end_and_its_line_ends_are_characters() -> None:
    running = Letters("\nAa", False)
    assert (running.end_of_text, running.ends) == (None, frozenset())
    assert running.encode("a\nA\nb") == [2, 0, 1, 0]
    assert running.decode([2, 0, 1]) == "a\nA"
    assert not running.special(0)


def test_the_rare_characters_of_a_text_with_too_many_have_a_token() -> None:
    many = Letters(f"ab{OTHER}", False)
    assert many.unknown == 2 and many.special(2)
    assert many.encode("axb") == [0, 2, 1]


@pytest.mark.parametrize("text", TEXTS)
def test_the_file_means_the_same_to_the_library(ours: Letters, text: str, tmp_path: Path) -> None:
    ours.save(tmp_path, context=8)
    library = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    library.encode_special_tokens = True
    found = library.encode(text, add_special_tokens=False)
    assert found.ids == ours.encode(text)
    starts = [0]
    for character in text:
        starts.append(starts[-1] + len(character.encode()))
    places = [(starts[start], starts[end]) for start, end in found.offsets]
    assert places == [(one.start, one.end) for one in ours.segment(text)]


def test_it_comes_back_and_no_other_file_is_taken_for_it(
    ours: Letters, tmp_path: Path, checkpoints: Path
) -> None:
    ours.save(tmp_path, context=8)
    again = letters.load(tmp_path)
    assert isinstance(again, Letters)
    assert vars(again) == vars(ours)
    for name in ("characters", "byte-bpe", "words"):
        assert isinstance(letters.load(checkpoints / "tokenizers" / name), Tokenizer)
    stored = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    stored["model"]["vocab"]["ab"] = len(stored["model"]["vocab"])
    (tmp_path / "tokenizer.json").write_text(json.dumps(stored), encoding="utf-8")
    assert Letters.load(tmp_path) is None
    (tmp_path / "tokenizer.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"tokenizer\.json"):
        letters.load(tmp_path)
