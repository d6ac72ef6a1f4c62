"""Text to token ids and back, with the bytes of every token."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import tokenizers

from models.files import check_readable
from models.text.protocol import Segment
from models.text.rules import Pretoken, Rules, pretokens, rules_of

END_OF_TEXT = "<|endoftext|>"
UNKNOWN = "<|unknown|>"
MASK = "[MASK]"
SPACE = "\u2581"  # how SentencePiece writes a space


def byte_alphabet() -> dict[str, int]:
    """The printable stand-in of every byte, as byte-level BPE writes them (GPT-2)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    alphabet = {chr(byte): byte for byte in printable}
    others = (byte for byte in range(256) if byte not in set(printable))
    return alphabet | {chr(0x100 + i): byte for i, byte in enumerate(others)}


ALPHABET = byte_alphabet()


class Tokenizer:
    """Any tokenizer of the `tokenizers` library that has an end-of-text token.

    Byte-level BPE gives back the bytes of any text, and so do single characters but for those that
    were too rare in training: they become the unknown token. What others lose, `segment` tells.
    """

    def __init__(self, tokenizer: tokenizers.Tokenizer) -> None:
        # What a person types is text, even where it spells a special token (truth: R3).
        tokenizer.encode_special_tokens = True
        self._tokenizer = tokenizer
        end = tokenizer.token_to_id(END_OF_TEXT)
        if end is None:
            raise ValueError(f"The tokenizer has no {END_OF_TEXT} token; train it again.")
        self.end_of_text: int = end
        self.ends = frozenset([end])
        """All tokens that end a text."""
        self.unknown: int | None = tokenizer.token_to_id(UNKNOWN)
        """What a character or word without a token becomes; None where every text has tokens."""
        self.mask: int | None = tokenizer.token_to_id(MASK)
        """The token of a gap, which a masked model fills; None where there is none."""
        self.byte_level = isinstance(tokenizer.pre_tokenizer, tokenizers.pre_tokenizers.ByteLevel)
        self._pieces = self._all_pieces()
        self._bytes = [self._bytes_of(i, piece) for i, piece in enumerate(self._pieces)]

    @classmethod
    def load(cls, folder: Path) -> Tokenizer:
        """Read `tokenizer.json`; raises ValueError that says which file is missing or damaged."""
        path = folder / "tokenizer.json"
        check_readable(path)
        try:
            return cls(tokenizers.Tokenizer.from_file(str(path)))
        except Exception as error:  # the library raises bare Exception
            raise ValueError(f"{path.name} in {folder.name} cannot be read: {error}") from error

    def _all_pieces(self) -> list[str]:
        pieces = []
        for i in range(self.vocabulary):
            piece = self._tokenizer.id_to_token(i)
            if piece is None:
                raise ValueError(f"The vocabulary has no token with id {i}.")
            pieces.append(piece)
        return pieces

    def _bytes_of(self, token: int, piece: str) -> bytes:
        if self.special(token):
            return piece.encode()  # a special token stands for its own name
        if self.byte_level:
            return bytes(ALPHABET[c] for c in piece)
        model = self._tokenizer.model
        if isinstance(model, tokenizers.models.WordPiece):
            return piece.removeprefix(model.continuing_subword_prefix).encode()
        if isinstance(model, tokenizers.models.BPE):
            piece = piece.removeprefix(model.continuing_subword_prefix or "")
            return piece.removesuffix(model.end_of_word_suffix or "").encode()
        if isinstance(model, tokenizers.models.Unigram):
            return piece.replace(SPACE, " ").encode()
        return piece.encode()

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

    def segment(self, text: str, specials: bool = False) -> list[Segment]:
        """Every token of `text` with its offsets in UTF-8 bytes.

        specials: what spells a special token becomes that token. The library's own offsets count
        characters, so that all bytes of one share an offset; these never overlap (truth: R2). What
        lies between them is in no token: dropped whitespace.
        """
        reader = self._reading_specials if specials else self._tokenizer
        encoding = reader.encode(text, add_special_tokens=False)
        if self.byte_level:
            ends = list(accumulate(len(self._bytes[token]) for token in encoding.ids))
            return [Segment(*one) for one in zip(encoding.ids, [0, *ends], ends)]  # noqa: B905
        starts = [0, *accumulate(len(character.encode()) for character in text)]
        offsets = ((starts[start], starts[end]) for start, end in encoding.offsets)
        return [Segment(i, *offset) for i, offset in zip(encoding.ids, offsets, strict=True)]

    @cached_property
    def _reading_specials(self) -> tokenizers.Tokenizer:
        return tokenizers.Tokenizer.from_str(self._tokenizer.to_str())

    @cached_property
    def rules(self) -> Rules | None:
        """How it cuts a word; None where it looks whole words up."""
        return rules_of(self._tokenizer)

    def normalised(self, text: str) -> str:
        """The text as it is before it is cut into words: those of the collection change nothing."""
        return text

    def pretokens(self, text: str) -> list[Pretoken]:
        """The words that a text is cut into first: no token reaches beyond one."""
        return pretokens(self._tokenizer, text)

    def special(self, token: int) -> bool:
        """Whether a token stands for no text but marks something."""
        return token in (self.end_of_text, self.unknown, self.mask)

    def piece(self, token: int) -> str:
        """A token as its vocabulary writes it: with the marks `##`, `</w>` or `\u2581`.

        In byte-level BPE every letter of it stands for a byte; `bytes_of` says which.
        """
        return self._pieces[token]

    @property
    def marked(self) -> bool:
        """Whether the vocabulary marks where in a word a piece belongs."""
        model = self._tokenizer.model
        if isinstance(model, tokenizers.models.BPE):
            return bool(model.end_of_word_suffix or model.continuing_subword_prefix)
        return isinstance(model, tokenizers.models.WordPiece | tokenizers.models.Unigram)

    def bytes_of(self, token: int) -> bytes:
        """The bytes that a token stands for; they need not be whole characters."""
        return self._bytes[token]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`; bytes that form no character become U+FFFD.

        Whitespace that a tokenizer of words drops does not come back.
        """
        return b"".join(self._bytes[i] for i in ids).decode("utf-8", errors="replace")
