"""Our tokenizer is a tokenizer as the rest of the program sees it."""

from __future__ import annotations

from pathlib import Path

from models.text.protocol import Segment, TextTokenizer
from models.text.tokenizer import Tokenizer


def test_the_collection_fulfils_the_protocol(checkpoints: Path) -> None:
    tokenizer: TextTokenizer = Tokenizer.load(checkpoints / "tokenizers" / "byte-bpe")
    text = "a caf\u00e9"
    segments = tokenizer.segment(text)
    assert segments[0] == Segment(tokenizer.encode("a")[0], 0, 1)
    assert [one.token for one in segments] == tokenizer.encode(text)
    assert tokenizer.encode_batch([text, "a"]) == [tokenizer.encode(text), tokenizer.encode("a")]
    assert b"".join(map(tokenizer.bytes_of, tokenizer.encode(text))).decode() == text
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.unknown is None
    assert tokenizer.end_of_text is not None
    assert tokenizer.special(tokenizer.end_of_text)
    assert max(tokenizer.encode(text)) < tokenizer.vocabulary
