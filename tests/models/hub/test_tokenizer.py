"""Tokenizers from elsewhere, each family by hand and against the library's own decoding."""

from __future__ import annotations

from pathlib import Path

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import decoders, models, pre_tokenizers

from models.hub.policy import HubError
from models.hub.tokenizer import HubTokenizer, spelling
from tests.models import conftest

SNOWMAN = "\N{SNOWMAN}"
LIBRARY = [
    conftest.byte_level(),
    conftest.sentencepiece(),
    conftest.wordpiece(),
    conftest.unigram(),
]
BYTE_LEVEL = HubTokenizer(LIBRARY[0], 0)
SENTENCEPIECE = HubTokenizer(LIBRARY[1], 2)
WORDPIECE = HubTokenizer(LIBRARY[2])
UNIGRAM = HubTokenizer(LIBRARY[3], 1)


def pieces(tokenizer: HubTokenizer, text: str) -> list[bytes]:
    return [tokenizer.bytes_of(token) for token in tokenizer.encode(text)]


@given(st.text(max_size=40))
def test_r1_byte_level_tokens_are_the_bytes_of_the_text(text: str) -> None:
    assert b"".join(pieces(BYTE_LEVEL, text)) == text.encode()
    assert BYTE_LEVEL.decode(BYTE_LEVEL.encode(text)) == text


@given(st.text(max_size=40))
def test_r1_sentencepiece_falls_back_to_bytes_after_the_space_it_puts_in_front(text: str) -> None:
    spelled = text.replace("\u2581", " ")  # what it writes for a space is one to it
    assert b"".join(pieces(SENTENCEPIECE, text)) == (b" " + spelled.encode() if text else b"")
    assert SENTENCEPIECE.decode(SENTENCEPIECE.encode(text)) == spelled


def test_r1_a_byte_that_forms_no_character_stays_a_byte() -> None:
    assert pieces(SENTENCEPIECE, SNOWMAN) == [b" ", b"\xe2", b"\x98", b"\x83"]
    assert SENTENCEPIECE.decode(SENTENCEPIECE.encode(SNOWMAN)[:2]) == "\N{REPLACEMENT CHARACTER}"


def test_wordpiece_joins_what_goes_on_within_a_word_and_drops_spaces() -> None:
    assert b"".join(pieces(WORDPIECE, "Unbelievably")) == b"unbelievably"
    assert len(pieces(WORDPIECE, "unbelievably tired")) > 2
    assert b"".join(pieces(WORDPIECE, "the  café")) == b"thecafe"
    assert WORDPIECE.decode(WORDPIECE.encode("the cat")) == "the cat"
    assert not any(piece.startswith(b"##") for piece in pieces(WORDPIECE, "unbelievably"))


def test_unigram_writes_its_spaces_out() -> None:
    text = "The cat sat on the mat"
    assert b"".join(pieces(UNIGRAM, text)) == b" " + text.encode()
    assert UNIGRAM.decode(UNIGRAM.encode(text)) == text


def test_a_suffix_that_ends_words_is_read_as_a_space() -> None:
    stored = tokenizers.Tokenizer(models.BPE())
    stored.decoder = decoders.BPEDecoder(suffix="</w>")
    state = {"decoder": {"type": "BPEDecoder", "suffix": "</w>"}, "model": {"type": "BPE"}}
    spell = spelling(state)
    assert (spell("cat</w>"), spell("c</w>at"), spell("cat")) == (b"cat ", b"c</w>at", b"cat")


@pytest.mark.parametrize(
    ("tokenizer", "names"),
    [
        (BYTE_LEVEL, conftest.SPECIALS["byte-level"]),
        (SENTENCEPIECE, conftest.SPECIALS["sentencepiece"]),
        (WORDPIECE, conftest.SPECIALS["wordpiece"]),
        (UNIGRAM, conftest.SPECIALS["unigram"]),
    ],
    ids=conftest.SPECIALS,
)
def test_r3_a_typed_special_token_stays_text(tokenizer: HubTokenizer, names: list[str]) -> None:
    unknown = {i for i, name in enumerate(names) if "unk" in name.lower()}
    for name in names:
        for text in (name, f"the {name} cat", name * 3, f" {name} "):
            special = set(range(len(names))) - unknown  # a letter without a token is unknown
            assert not special & set(tokenizer.encode(text)), text
            assert tokenizer.encode_batch([text]) == [tokenizer.encode(text)]


def test_r3_the_library_s_own_switch_is_not_enough() -> None:
    stored = conftest.unigram()
    stored.encode_special_tokens = True
    assert 1 in stored.encode("the </s> cat", add_special_tokens=False).ids


def test_r3_whole_words_in_the_vocabulary_are_not_special_either() -> None:
    stored = tokenizers.Tokenizer(models.WordLevel({"<end>": 0, "cat": 1, "?": 2}, unk_token="?"))
    stored.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    stored.add_special_tokens(["<end>", "?"])
    assert HubTokenizer(stored, 0).encode("cat <end> cat") == [1, 2, 1]


@pytest.mark.parametrize(
    ("tokenizer", "library"),
    list(zip([BYTE_LEVEL, SENTENCEPIECE, WORDPIECE, UNIGRAM], LIBRARY, strict=True)),
    ids=conftest.SPECIALS,
)
def test_text_without_special_tokens_has_the_ids_of_the_library(
    tokenizer: HubTokenizer, library: tokenizers.Tokenizer
) -> None:
    for text in (*conftest.TEXT, SNOWMAN, "", "a\n\tb", "1,234"):
        assert tokenizer.encode(text) == library.encode(text, add_special_tokens=False).ids


def test_what_stands_around_a_whole_text_is_known() -> None:
    assert (BYTE_LEVEL.opening, BYTE_LEVEL.closing) == ((), ())
    assert (SENTENCEPIECE.opening, SENTENCEPIECE.closing) == ((1,), ())
    assert (WORDPIECE.opening, WORDPIECE.closing) == ((2,), (3,))
    assert (UNIGRAM.opening, UNIGRAM.closing) == ((), (1,))
    assert WORDPIECE.bytes_of(2) == b"[CLS]"
    assert (WORDPIECE.mask, BYTE_LEVEL.mask) == (4, None)


def test_the_lengths_of_a_stranger_s_training_are_forgotten() -> None:
    stored = conftest.byte_level()
    stored.enable_truncation(3)
    stored.enable_padding(length=9)
    tokenizer = HubTokenizer(stored, 0)
    assert tokenizer.encode("The cat sat on the mat") == BYTE_LEVEL.encode("The cat sat on the mat")
    assert len(tokenizer.encode("The")) < 9


class Panic(BaseException):
    """What a panic in Rust looks like from Python."""


class Broken:
    def __getattr__(self, _: str) -> object:
        raise Panic("index out of bounds: the len is 3 but the index is 7")


def test_t16_a_panic_of_the_library_is_a_sentence() -> None:
    tokenizer = HubTokenizer(conftest.byte_level(), 0)
    tokenizer._typed = tokenizer._tokenizer = Broken()  # type: ignore[assignment]
    for broken in (
        lambda: tokenizer.encode("a"),
        lambda: tokenizer.encode_batch(["a"]),
        lambda: tokenizer.decode([1]),
    ):
        with pytest.raises(HubError, match=r"This tokenizer cannot .*index is 7"):
            broken()


def test_an_id_that_no_text_is_given_stands_for_nothing() -> None:
    assert BYTE_LEVEL.bytes_of(BYTE_LEVEL.vocabulary + 5) == b""


@pytest.mark.parametrize("content", ["", "{", "{}", '{"model": 3}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(HubError, match=r"tokenizer\.json of .* cannot be read"):
        HubTokenizer.load(tmp_path)
