"""What BPE merges: the bytes of a word as in GPT-2, or its characters with a mark at the end.

The first is byte-level BPE (Radford et al. 2019), the second that of Sennrich et al. 2016, arXiv
1508.07909.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from tokenizers import pre_tokenizers

from models.text.rules import Merges, Pretoken, Product, pretokens_of
from models.text.tokenizer import ALPHABET, END_OF_TEXT, UNKNOWN

Symbols = Literal["bytes", "characters"]
"""What a word is before its first merge."""
END_OF_WORD = "</w>"
PLAIN = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
WORDS = {"type": "BertPreTokenizer"}
SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # Unicode's White_Space
CHUNKS = re.compile(rf" ?[^{SPACE}]+|[{SPACE}]+(?![^{SPACE}])|[{SPACE}]+")
"""Beyond these no word reaches: they are those of GPT-2's pattern, were all letters of one kind."""


def words_of(text: str, kind: Symbols) -> list[Pretoken]:
    """The words that no merge reaches across."""
    return pretokens_of(cutter(kind), text)


def counted(text: str, kind: Symbols) -> dict[tuple[str, ...], int]:
    """How often each word occurs, in the symbols that it has before its first merge."""
    cut = cutter(kind).pre_tokenize_str
    words: Counter[str] = Counter()
    for chunk, times in Counter(CHUNKS.findall(text)).items():  # each is cut once, however often
        for word, _ in cut(chunk):
            words[word] += times
    return {symbols_of(word, kind): count for word, count in words.items()}


def cutter(kind: Symbols) -> pre_tokenizers.PreTokenizer:
    """What cuts a text into words."""
    if kind == "bytes":
        return pre_tokenizers.ByteLevel(add_prefix_space=False)
    return pre_tokenizers.BertPreTokenizer()


def symbols_of(word: str, kind: Symbols) -> tuple[str, ...]:
    """A word before its first merge."""
    return tuple(word) if kind == "bytes" else (*word[:-1], word[-1] + END_OF_WORD)


def bytes_of(symbol: str, kind: Symbols) -> bytes:
    """The bytes that a token stands for."""
    if kind == "bytes":
        return bytes(ALPHABET[letter] for letter in symbol)
    return symbol.removesuffix(END_OF_WORD).encode()


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
    marked = kind == "characters"
    specials = [END_OF_TEXT, UNKNOWN] if marked else [END_OF_TEXT]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": len(symbols) + i, "content": name, "special": True, **PLAIN}
            for i, name in enumerate(specials)
        ],
        "normalizer": None,
        "pre_tokenizer": WORDS if marked else BYTES,
        "post_processor": None,
        "decoder": {"type": "BPEDecoder", "suffix": END_OF_WORD} if marked else BYTES,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": UNKNOWN if marked else None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": END_OF_WORD if marked else None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {one: i for i, one in enumerate((*symbols, *specials))},
            "merges": [[symbols[left], symbols[right]] for left, right in merges],
        },
    }
