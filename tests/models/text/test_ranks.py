"""Byte-level BPE by ranks: `tiktoken`, given our merges and GPT-2's pattern, has the same ids."""

from __future__ import annotations

from functools import cache

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as some

from learning import names
from models.text.rules import Merges
from models.text.tokenizer import Tokenizer
from tests.conftest import CHECKPOINTS

pytestmark = pytest.mark.weights
NAMES = ("byte-bpe", "multilingual")
# Radford et al. 2019: endings, letters, numbers and other characters, each with the space before
# it; of several spaces the last goes with what follows
PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
TEXTS = some.text(some.characters(exclude_categories=("Cs",)), max_size=60)
WORDS = some.text("theanigrsud ,.'0189\n", max_size=60)


@cache
def ours(name: str) -> Tokenizer:
    return Tokenizer.load(CHECKPOINTS / "tokenizers" / name)


@cache
def theirs(name: str) -> tiktoken.Encoding:
    """Without a download: its ranks are our ids, which are in the order of the merges."""
    tokenizer = ours(name)
    rules, special = tokenizer.rules, tokenizer.end_of_text
    assert isinstance(rules, Merges)
    made = [one.token for one in sorted(rules.products.values())]
    assert made == sorted(made) and len(set(made)) == len(made)
    ranks = {
        tokenizer.bytes_of(token): token
        for token in range(tokenizer.vocabulary)
        if token != special
    }
    assert len(ranks) == tokenizer.vocabulary - 1
    return tiktoken.Encoding(
        name,
        pat_str=PATTERN,
        mergeable_ranks=ranks,
        special_tokens={tokenizer.piece(special): special},
    )


@pytest.mark.parametrize("name", NAMES)
def test_r4_ten_thousand_names_have_the_ids_of_tiktoken(name: str) -> None:
    whole = [spelled for one in names.read() for spelled in (one, f" {one.capitalize()}")]
    assert len(whole) == 20_000
    assert ours(name).encode_batch(whole) == theirs(name).encode_ordinary_batch(whole)


@pytest.mark.parametrize("name", NAMES)
@given(text=TEXTS | WORDS)
def test_r4_any_text_has_the_ids_of_tiktoken(name: str, text: str) -> None:
    assert ours(name).encode(text) == theirs(name).encode_ordinary(text)


@pytest.mark.parametrize("name", NAMES)
def test_every_token_stands_for_the_bytes_of_tiktoken(name: str) -> None:
    for token in range(ours(name).vocabulary):
        assert ours(name).bytes_of(token) == theirs(name).decode_single_token_bytes(token)


@pytest.mark.parametrize("name", NAMES)
def test_r3_what_spells_a_special_token_is_text_or_that_token(name: str) -> None:
    text = "The end.<|endoftext|>Once"
    known = {"<|endoftext|>"}
    read = [one.token for one in ours(name).segment(text, specials=True)]
    assert read == theirs(name).encode(text, allowed_special=known)
    assert ours(name).encode(text) == theirs(name).encode_ordinary(text)
