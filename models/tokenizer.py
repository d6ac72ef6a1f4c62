"""Text to token ids and back, with the bytes of every token."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tokenizers

END_OF_TEXT = "<|endoftext|>"
UNKNOWN = "<|unknown|>"


def byte_alphabet() -> dict[str, int]:
    """The printable stand-in of every byte, as byte-level BPE writes them (GPT-2)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    alphabet = {chr(byte): byte for byte in printable}
    others = (byte for byte in range(256) if byte not in set(printable))
    return alphabet | {chr(0x100 + i): byte for i, byte in enumerate(others)}


class Tokenizer:
    """Byte-level BPE, whose ids give back the bytes of any text, or one token a character.

    Of characters, those that were too rare in training become the unknown token; nothing else is
    lost. A special token stands for its own name.
    """

    def __init__(self, tokenizer: tokenizers.Tokenizer) -> None:
        # What a person types is text, even where it spells a special token (truth: R3).
        tokenizer.encode_special_tokens = True
        self._tokenizer = tokenizer
        end = tokenizer.token_to_id(END_OF_TEXT)
        if end is None:
            raise ValueError(f"The tokenizer has no {END_OF_TEXT} token; train it again.")
        self.end_of_text: int = end
        self.unknown: int | None = tokenizer.token_to_id(UNKNOWN)
        """What a character without a token becomes; None where every text has tokens."""
        special = (self.end_of_text, self.unknown)
        byte_level = isinstance(tokenizer.pre_tokenizer, tokenizers.pre_tokenizers.ByteLevel)
        alphabet = byte_alphabet()
        self._bytes = [
            bytes(alphabet[c] for c in piece) if byte_level and i not in special else piece.encode()
            for i, piece in enumerate(self._pieces())
        ]

    @classmethod
    def load(cls, folder: Path) -> Tokenizer:
        """Read `tokenizer.json`; raises ValueError that says which file is missing or damaged."""
        path = folder / "tokenizer.json"
        try:
            return cls(tokenizers.Tokenizer.from_file(str(path)))
        except Exception as error:  # the library raises bare Exception
            raise ValueError(f"{path.name} in {folder.name} cannot be read: {error}") from error

    def _pieces(self) -> list[str]:
        pieces = []
        for i in range(self.vocabulary):
            piece = self._tokenizer.id_to_token(i)
            if piece is None:
                raise ValueError(f"The vocabulary has no token with id {i}.")
            pieces.append(piece)
        return pieces

    @property
    def vocabulary(self) -> int:
        return self._tokenizer.get_vocab_size()

    def encode(self, text: str) -> list[int]:
        """The ids of `text`, special tokens spelled out. `text` must be valid Unicode."""
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """`encode` for many texts at once, on all cores.

        The library needs about 110 bytes a token while it works: hand over a corpus in parts.
        """
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    def bytes_of(self, token: int) -> bytes:
        """The bytes that a token stands for; they need not be whole characters."""
        return self._bytes[token]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`; bytes that form no character become U+FFFD."""
        return b"".join(self._bytes[i] for i in ids).decode("utf-8", errors="replace")
