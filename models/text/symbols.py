"""What a tokenizer merges, and the whole of one as a tokenizer.json.

The bytes of a word are those of byte-level BPE (Radford et al. 2019), its characters with a mark
after the last those of Sennrich et al. 2016, arXiv 1508.07909, and its characters with a mark
before all but the first those of WordPiece (Schuster and Nakajima 2012) as BERT writes them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tokenizers import pre_tokenizers

from models.text.rules import Merges, Pretoken, Product, pretokens_of
from models.text.tokenizer import ALPHABET, END_OF_TEXT, UNKNOWN

Symbols = Literal["bytes", "characters", "wordpiece"]
"""What a word is before its first merge."""
END_OF_WORD = "</w>"
INSIDE = "##"
WIDEST = 100  # characters of a word; WordPiece reads a longer one as unknown, as in BERT
PLAIN = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
WORDS = {"type": "BertPreTokenizer"}
DECODERS: Mapping[Symbols, Mapping[str, Any]] = {
    "bytes": BYTES,
    "characters": {"type": "BPEDecoder", "suffix": END_OF_WORD},
    "wordpiece": {"type": "WordPiece", "prefix": INSIDE, "cleanup": False},
}
SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # Unicode's White_Space
CHUNKS = re.compile(rf" ?[^{SPACE}]+|[{SPACE}]+(?![^{SPACE}])|[{SPACE}]+")
"""Beyond these no word reaches: they are those of GPT-2's pattern, were all letters of one kind."""


def words_of(text: str, kind: Symbols) -> list[Pretoken]:
    """The words that no merge reaches across."""
    return pretokens_of(cutter(kind), text)


def written(text: str, kind: Symbols) -> Counter[str]:
    """How often each word occurs."""
    cut = cutter(kind).pre_tokenize_str
    words: Counter[str] = Counter()
    for chunk, times in Counter(CHUNKS.findall(text)).items():  # each is cut once, however often
        for word, _ in cut(chunk):
            words[word] += times
    return words


def counted(text: str, kind: Symbols) -> dict[tuple[str, ...], int]:
    """The same in the symbols that a word has before its first merge."""
    return {symbols_of(word, kind): count for word, count in written(text, kind).items()}


def cutter(kind: Symbols) -> pre_tokenizers.PreTokenizer:
    """What cuts a text into words."""
    if kind == "bytes":
        return pre_tokenizers.ByteLevel(add_prefix_space=False)
    return pre_tokenizers.BertPreTokenizer()


def symbols_of(word: str, kind: Symbols) -> tuple[str, ...]:
    """A word before its first merge."""
    if kind == "bytes":
        return tuple(word)
    if kind == "wordpiece":
        return (word[0], *(INSIDE + letter for letter in word[1:]))
    return (*word[:-1], word[-1] + END_OF_WORD)


def joined(left: str, right: str, kind: Symbols) -> str:
    """What two symbols become."""
    return left + (right.removeprefix(INSIDE) if kind == "wordpiece" else right)


def unmarked(symbol: str, kind: Symbols) -> str:
    """A symbol without what its vocabulary marks it with."""
    if kind == "wordpiece":
        return symbol.removeprefix(INSIDE)
    return symbol.removesuffix(END_OF_WORD) if kind == "characters" else symbol


def bytes_of(symbol: str, kind: Symbols) -> bytes:
    """The bytes that a token stands for."""
    if kind == "bytes":
        return bytes(ALPHABET[letter] for letter in symbol)
    return unmarked(symbol, kind).encode()


def merges_of(
    symbols: Sequence[str], learned: Sequence[tuple[int, int, int]], kind: Symbols
) -> Merges:
    """The rules of a tokenizer that learned these merges: (left, right, product), in order."""
    products = {
        (left, right): Product(rank, token)
        for rank, (left, right, token) in enumerate(learned, start=1)
    }
    suffix = "" if kind == "bytes" else END_OF_WORD
    return Merges({one: i for i, one in enumerate(symbols)}, products, None, "", suffix)


def tokenizer_file(
    symbols: Sequence[str], merges: Sequence[tuple[int, int]], kind: Symbols
) -> dict[str, Any]:
    """The whole as the `tokenizers` library reads it from a tokenizer.json.

    symbols: by their numbers; special tokens follow them. merges: (left, right), in order.
    """
    specials = [END_OF_TEXT] if kind == "bytes" else [END_OF_TEXT, UNKNOWN]
    vocabulary = {one: i for i, one in enumerate((*symbols, *specials))}
    pairs = [[symbols[left], symbols[right]] for left, right in merges]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": len(symbols) + i, "content": name, "special": True, **PLAIN}
            for i, name in enumerate(specials)
        ],
        "normalizer": None,
        "pre_tokenizer": BYTES if kind == "bytes" else WORDS,
        "post_processor": None,
        "decoder": DECODERS[kind],
        "model": longest_match(vocabulary)
        if kind == "wordpiece"
        else byte_pairs(vocabulary, pairs, marked=kind == "characters"),
    }


def byte_pairs(
    vocabulary: Mapping[str, int], pairs: list[list[str]], marked: bool
) -> dict[str, Any]:
    """BPE. marked: the last symbol of a word is."""
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": UNKNOWN if marked else None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": END_OF_WORD if marked else None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        "vocab": vocabulary,
        "merges": pairs,
    }


def longest_match(vocabulary: Mapping[str, int]) -> dict[str, Any]:
    """WordPiece, which does not need the merges any more."""
    return {
        "type": "WordPiece",
        "unk_token": UNKNOWN,
        "continuing_subword_prefix": INSIDE,
        "max_input_chars_per_word": WIDEST,
        "vocab": vocabulary,
    }
