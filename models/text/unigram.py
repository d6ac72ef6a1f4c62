"""A Unigram model that was learned: the words that it cuts, and the whole as a tokenizer.json.

Kudo 2018, arXiv 1804.10959. A space is a letter of the word behind it, written as by SentencePiece.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from struct import pack, unpack
from typing import Any, NamedTuple

import tokenizers
from tokenizers import Regex, pre_tokenizers

from models.text.tokenizer import END_OF_TEXT, SPACE, UNKNOWN, Tokenizer

LONGEST = 16  # characters of a piece
METASPACE = {
    "type": "Metaspace",
    "replacement": SPACE,
    "prepend_scheme": "never",
    "split": True,
}
PLAIN = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}


class ScoredPieces(NamedTuple):
    """The pieces by their ids, and the natural log-probability of each, in 32 bits."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]


def cutter() -> pre_tokenizers.PreTokenizer:
    """What cuts a text into words."""
    return pre_tokenizers.Sequence(
        [
            # The library finds special tokens in its vocabulary like any piece; typed ones are cut.
            pre_tokenizers.Split(Regex(r"<(?=\|(?:endoftext|unknown)\|>)"), "isolated"),
            pre_tokenizers.Split("\n", "isolated"),
            pre_tokenizers.Metaspace(prepend_scheme="never"),
        ]
    )


def written(text: str) -> Counter[str]:
    """How often each word occurs."""
    return Counter(word for word, _ in cutter().pre_tokenize_str(text))


def words_of(text: str) -> list[str]:
    """The words one after another, with the spaces that belong to them."""
    return [text[start:end] for _, (start, end) in cutter().pre_tokenize_str(text)]


def bytes_of(piece: str) -> bytes:
    """The bytes that a piece stands for."""
    return piece.replace(SPACE, " ").encode()


def tokenizer_file(scored: ScoredPieces) -> dict[str, Any]:
    """The whole as the `tokenizers` library reads it; special tokens follow the pieces."""
    specials = [END_OF_TEXT, UNKNOWN]
    size = len(scored.pieces)
    vocabulary = [[piece, score] for piece, score in zip(*scored, strict=True)]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": size + i, "content": name, "special": True, **PLAIN}
            for i, name in enumerate(specials)
        ],
        "normalizer": None,
        "pre_tokenizer": json.loads(cutter().__getstate__()),
        "post_processor": None,
        "decoder": METASPACE,
        "model": {
            "type": "Unigram",
            "unk_id": size + 1,
            "vocab": [*vocabulary, *([name, 0.0] for name in specials)],
            "byte_fallback": False,
        },
    }


def built(scored: ScoredPieces) -> Tokenizer:
    """What cuts with these pieces."""
    return Tokenizer(tokenizers.Tokenizer.from_str(json.dumps(tokenizer_file(scored))))


def packed(scored: ScoredPieces) -> tuple[bytes, bytes]:
    """The pieces and their scores, to be sent. Raises struct.error where a score is no number."""
    scores = pack(f">{len(scored.scores)}f", *scored.scores)
    return json.dumps(scored.pieces, ensure_ascii=False).encode(), scores


def unpacked(pieces: bytes, scores: bytes) -> ScoredPieces:
    """The same, from a browser. Raises ValueError with a clause that says what is wrong."""
    found, (count, rest) = json.loads(pieces), divmod(len(scores), 4)
    if rest or not isinstance(found, list) or len(found) != count or not found:
        raise ValueError("it has no score for every piece")
    if not all(isinstance(one, str) and 0 < len(one) <= LONGEST for one in found):
        raise ValueError(f"a piece of it has no length from 1 to {LONGEST} characters")
    if len(set(found)) < count or not {END_OF_TEXT, UNKNOWN}.isdisjoint(found):
        raise ValueError("a piece of it cannot be there, or is there twice")
    numbers = unpack(f">{count}f", scores)
    if not all(-1e4 < one <= 0 for one in numbers):
        raise ValueError("a score of it is no probability")
    return ScoredPieces(tuple(found), numbers)


def rounded(scores: Sequence[float]) -> tuple[float, ...]:
    """As they are once they were sent: the saved file has the same, and so the same cuts."""
    return unpack(f">{len(scores)}f", pack(f">{len(scores)}f", *(min(0.0, one) for one in scores)))
