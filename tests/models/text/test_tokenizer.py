"""The committed tokenizer loses nothing, and takes what is typed as text."""

from __future__ import annotations

from pathlib import Path

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from models.text.tokenizer import END_OF_TEXT, UNKNOWN, Tokenizer, byte_alphabet

FAMILY = "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"


def bytes_of(tokenizer: Tokenizer, text: str) -> list[bytes]:
    return [tokenizer.bytes_of(token) for token in tokenizer.encode(text)]


def test_r1_the_byte_alphabet_is_that_of_gpt2() -> None:
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    assert byte_alphabet() == {stand_in: byte for byte, stand_in in bytes_to_unicode().items()}


@given(st.text(max_size=60))
def test_r1_the_bytes_of_the_tokens_are_those_of_the_text(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    assert b"".join(tokenizer.bytes_of(token) for token in ids) == text.encode()
    assert tokenizer.decode(ids) == text


@pytest.mark.parametrize(
    "text",
    [
        FAMILY,
        "\0",
        "a\0b",
        "\u202eright to left\u202c",
        "\ufeffbom",
        "e\u0301" * 50,
        "\N{REGIONAL INDICATOR SYMBOL LETTER F}\N{REGIONAL INDICATOR SYMBOL LETTER R}",
        "\u1112\u1161\u11ab",
        "\ufb01",  # a ligature that a normaliser would take apart
        "\U000e0041",
        " \t\r\n\u00a0\u2028",
    ],
)
def test_t13_nothing_is_normalised(tokenizer: Tokenizer, text: str) -> None:
    assert b"".join(bytes_of(tokenizer, text)) == text.encode()


def test_r1_a_piece_of_a_character_is_bytes_and_no_text(tokenizer: Tokenizer) -> None:
    pieces = bytes_of(tokenizer, FAMILY)
    assert len(pieces) > 1
    assert any(b"\xf0" in piece and len(piece) < 4 for piece in pieces)
    assert tokenizer.decode(tokenizer.encode(FAMILY)[:1]) == "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("text", [END_OF_TEXT, f"The {END_OF_TEXT} cat", END_OF_TEXT * 3])
def test_r3_a_typed_special_token_stays_text(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    assert tokenizer.end_of_text not in ids
    assert tokenizer.decode(ids) == text


def test_r3_the_library_alone_would_have_taken_it_for_the_end(checkpoints: Path) -> None:
    library = tokenizers.Tokenizer.from_file(str(checkpoints / "storyteller" / "tokenizer.json"))
    assert library.encode(END_OF_TEXT).ids == [0]


def test_every_token_has_bytes_of_its_own(tokenizer: Tokenizer) -> None:
    pieces = [tokenizer.bytes_of(token) for token in range(tokenizer.vocabulary)]
    assert len(set(pieces)) == len(pieces) == 4096
    assert {bytes([byte]) for byte in range(256)} <= set(pieces)


def test_a_batch_is_encoded_like_each_text_alone(tokenizer: Tokenizer) -> None:
    texts = ["The cat", "", f"{END_OF_TEXT} and", FAMILY]
    assert tokenizer.encode_batch(texts) == [tokenizer.encode(text) for text in texts]


def test_bytes_that_form_no_character_are_replaced_in_decoded_text(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("a" + FAMILY)
    assert tokenizer.decode(ids[:2]).startswith("a\N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize("content", [None, "", "{", "{}", '{"model": 3}'])
def test_a_missing_or_damaged_file_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(ValueError, match=r"tokenizer\.json (in .* cannot be read|is missing)"):
        Tokenizer.load(tmp_path)


def test_a_tokenizer_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no <\|endoftext\|> token"):
        Tokenizer(tokenizers.Tokenizer(tokenizers.models.BPE()))


@pytest.fixture(scope="module")
def characters(checkpoints: Path) -> Tokenizer:
    return Tokenizer.load(checkpoints / "tokenizers" / "characters")


def slow_characters(tokenizer: Tokenizer, text: str) -> list[int]:
    """The obvious way: look every character up."""
    pieces = {tokenizer.bytes_of(i).decode(): i for i in range(tokenizer.vocabulary)}
    return [pieces.get(character, tokenizer.unknown) for character in text]  # type: ignore[misc]


@given(st.text(max_size=60) | st.text(st.sampled_from("aeiou \n\t\u00e9\u4f60"), max_size=60))
def test_every_character_is_one_token_or_the_unknown_one(characters: Tokenizer, text: str) -> None:
    assert characters.encode(text) == slow_characters(characters, text)


@given(st.text(st.sampled_from("abcXYZ \n,.'\"!?-\u00e9\u00e6"), max_size=60))
def test_known_characters_are_given_back(characters: Tokenizer, text: str) -> None:
    assert characters.decode(characters.encode(text)) == text


@pytest.mark.parametrize("text", [END_OF_TEXT, UNKNOWN, f"a{UNKNOWN}b{END_OF_TEXT}"])
def test_r3_special_tokens_typed_as_characters_stay_text(characters: Tokenizer, text: str) -> None:
    ids = characters.encode(text)
    assert len(ids) == len(text)
    assert characters.end_of_text == 0
    assert 0 not in ids


def test_what_is_unknown_is_spelled_as_such(characters: Tokenizer) -> None:
    assert characters.unknown == 1
    assert characters.decode(characters.encode("a \u4f60")) == f"a {UNKNOWN}"


def test_bytes_know_no_unknown(tokenizer: Tokenizer) -> None:
    assert tokenizer.unknown is None


def test_transformers_reads_the_characters_alike(checkpoints: Path, characters: Tokenizer) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(checkpoints / "tokenizers" / "characters")
    text = "Once upon a time,\n  she said: \u4f60 \u00e9"
    ids = characters.encode(text)
    assert theirs(text, add_special_tokens=False)["input_ids"] == ids
    assert theirs.unk_token_id == characters.unknown
    assert theirs.eos_token_id == characters.end_of_text
    assert theirs.decode(ids) == characters.decode(ids)
