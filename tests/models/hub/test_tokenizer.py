"""Tokenizers from elsewhere, each family by hand and against the library's own decoding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import decoders, models, pre_tokenizers, processors

from models.hub.policy import HubError
from models.hub.tokenizer import HubTokenizer
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


def pieces_of(tokenizer: HubTokenizer, text: str) -> list[bytes]:
    return [tokenizer.bytes_of(token) for token in tokenizer.encode(text)]


@given(st.text(max_size=40))
def test_r1_byte_level_tokens_are_the_bytes_of_the_text(text: str) -> None:
    assert b"".join(pieces_of(BYTE_LEVEL, text)) == text.encode()


@given(st.text(max_size=40))
def test_r1_sentencepiece_falls_back_to_bytes_after_the_space_it_puts_in_front(text: str) -> None:
    spelled = text.replace("\u2581", " ")  # what it writes for a space is one to it
    assert b"".join(pieces_of(SENTENCEPIECE, text)) == (b" " + spelled.encode() if text else b"")


def test_r1_a_byte_that_forms_no_character_stays_a_byte() -> None:
    assert pieces_of(SENTENCEPIECE, SNOWMAN) == [b" ", b"\xe2", b"\x98", b"\x83"]


def test_wordpiece_joins_what_goes_on_within_a_word_and_drops_spaces() -> None:
    assert b"".join(pieces_of(WORDPIECE, "Unbelievably")) == b"unbelievably"
    assert len(pieces_of(WORDPIECE, "unbelievably tired")) > 2
    assert b"".join(pieces_of(WORDPIECE, "the  café")) == b"thecafe"
    assert not any(piece.startswith(b"##") for piece in pieces_of(WORDPIECE, "unbelievably"))


def test_unigram_writes_its_spaces_out() -> None:
    text = "The cat sat on the mat"
    assert b"".join(pieces_of(UNIGRAM, text)) == b" " + text.encode()


def marked(**settings: Any) -> tokenizers.Tokenizer:
    """A BPE of four pieces, spelled with the marks of its settings."""
    pieces = {piece: i for i, piece in enumerate(["<end>", "cat</w>", "##l", "c</w>at", "cat"])}
    tokenizer = tokenizers.Tokenizer(models.BPE(pieces, [], **settings))
    tokenizer.add_special_tokens(["<end>"])
    return tokenizer


def test_marks_of_a_piece_s_place_in_its_word_are_not_shown() -> None:
    clip = marked(end_of_word_suffix="</w>")  # byte-level besides
    clip.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    clip.decoder = decoders.ByteLevel()
    decoding = marked()
    decoding.decoder = decoders.BPEDecoder(suffix="</w>")  # the first GPT
    for stored in (marked(end_of_word_suffix="</w>"), clip, decoding):
        tokenizer = HubTokenizer(stored, 0)
        assert [tokenizer.bytes_of(i) for i in (1, 3, 4)] == [b"cat", b"c</w>at", b"cat"]
    inside = HubTokenizer(marked(continuing_subword_prefix="##"), 0)
    assert [inside.bytes_of(i) for i in (0, 2, 4)] == [b"<end>", b"l", b"cat"]


def automatic(stored: tokenizers.Tokenizer, folder: Path) -> Any:
    """The same tokenizer as plain transformers opens it."""
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    PreTrainedTokenizerFast(tokenizer_object=stored).save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


@pytest.mark.parametrize("merged", [False, True])
def test_a_special_token_of_one_character_is_the_piece_of_that_character(
    merged: bool, tmp_path: Path
) -> None:
    letters = sorted({*pre_tokenizers.ByteLevel.alphabet()} - {"!"})
    pieces = ["<end>", "!", *letters, *(["!!"] if merged else [])]
    merges = [("!", "!")] if merged else []
    bpe = models.BPE({piece: i for i, piece in enumerate(pieces)}, merges)
    stored = tokenizers.Tokenizer(bpe)
    stored.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    stored.decoder = decoders.ByteLevel()
    stored.add_special_tokens(["<end>", "!"])
    stored.save(str(tmp_path / "tokenizer.json"))
    tokenizer = HubTokenizer.load(tmp_path, 0)
    reference = automatic(stored, tmp_path / "plain")
    for text in ("Stop! Now!", "!", "!!", "a!!! b", "! !"):
        assert tokenizer.encode(text) == reference.encode(text, add_special_tokens=False)
        assert b"".join(pieces_of(tokenizer, text)) == text.encode()
    assert tokenizer.encode("Stop! Now!")[4] == tokenizer.encode("Stop! Now!")[-1] == 1
    assert 0 not in tokenizer.encode("a <end> b")


def test_r3_merges_that_spell_a_special_token_are_not_followed() -> None:
    letters = ["<", "e", ">"]
    bpe = models.BPE(
        {piece: i for i, piece in enumerate([*letters, "<e", "<e>", "<e>e"])},
        [("<", "e"), ("<e", ">"), ("<e>", "e")],
    )
    stored = tokenizers.Tokenizer(bpe)
    stored.add_special_tokens(["<e>"])
    assert HubTokenizer(stored, 4).encode("<e>e") == [3, 2, 1]


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


@pytest.mark.parametrize("name", ["</s>", "\U0010ffff</s>\U0010ffff", "</s>" * 3])
def test_r3_no_text_is_renamed_into_a_special_token(name: str) -> None:
    words = {"</s>": 0, "cat": 1, "?": 2, name: 3} if "\U0010ffff" in name else None
    stored = tokenizers.Tokenizer(
        models.WordLevel(words or {"</s>": 0, "cat": 1, "?": 2}, unk_token="?")
    )
    stored.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    stored.add_special_tokens(["</s>"])
    expected = [1, 3 if words else 2, 1]  # a word of its own stays one
    assert HubTokenizer(stored, 0).encode(f"cat {name} cat") == expected


def test_what_stands_around_a_text_is_known_whatever_letters_there_are(tmp_path: Path) -> None:
    pieces = ["<bos>", "<eos>", "A", "C", "G", "T"]
    stored = tokenizers.Tokenizer(models.BPE({piece: i for i, piece in enumerate(pieces)}, []))
    stored.add_special_tokens(["<bos>", "<eos>"])
    stored.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>", special_tokens=[("<bos>", 0), ("<eos>", 1)]
    )
    tokenizer = HubTokenizer(stored, 1)
    assert (tokenizer.opening, tokenizer.closing) == ((0,), (1,))
    framed = [*tokenizer.opening, *tokenizer.encode("GATTACA"), *tokenizer.closing]
    assert framed == automatic(stored, tmp_path).encode("GATTACA") == [0, 4, 2, 5, 5, 2, 3, 2, 1]
    for frame in (
        processors.RobertaProcessing(("<eos>", 1), ("<bos>", 0)),
        processors.BertProcessing(("<eos>", 1), ("<bos>", 0)),
        processors.Sequence([processors.ByteLevel(), stored.post_processor]),
    ):
        stored.post_processor = frame
        tokenizer = HubTokenizer(stored, 1)
        assert (tokenizer.opening, tokenizer.closing) == ((0,), (1,))


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
    for read in (tokenizer.encode, tokenizer.segment):
        with pytest.raises(HubError, match=r"This tokenizer cannot .*index is 7"):
            read("a")


def test_an_id_that_no_text_is_given_stands_for_nothing() -> None:
    assert BYTE_LEVEL.bytes_of(BYTE_LEVEL.vocabulary + 5) == b""


@pytest.mark.parametrize("content", ["", "{", "{}", '{"model": 3}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(HubError, match=r"tokenizer\.json of .* cannot be read"):
        HubTokenizer.load(tmp_path)
