"""Text to ids and back where every character of one text is a token."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tokenizers

from models import files
from models.text.protocol import Segment
from models.text.tokenizer import END_OF_TEXT, Tokenizer

OTHER = "\N{REPLACEMENT CHARACTER}"
"""What the rare characters of a text were read as, where it has too many."""


class Letters:
    """The characters of a text that a small model was trained on; fulfils `TextTokenizer`.

    What the text did not hold is left out, or read as U+FFFD where the text was read so. Where it
    has no capitals, they are read as small letters.
    """

    def __init__(self, alphabet: str, listed: bool) -> None:
        """alphabet: the id of a character is its place. listed: a line end ends a text."""
        self._pieces = tuple(alphabet)
        self.end_of_text = alphabet.index("\n") if listed else None
        self.ends = frozenset(() if self.end_of_text is None else (self.end_of_text,))
        """All tokens that end a text."""
        self._ids = {one: i for i, one in enumerate(alphabet) if i != self.end_of_text}
        self.unknown = self._ids.get(OTHER)
        """What a character without a token becomes; None where it is left out."""
        self.mask = None
        self.marked = False
        self._lowers = all(one == one.lower() for one in alphabet)

    @classmethod
    def load(cls, folder: Path) -> Letters | None:
        """Read `tokenizer.json`; None where it is of another kind, or cannot be read."""
        try:
            stored = files.read_json(folder / "tokenizer.json")
            model = stored["model"]
            vocabulary = model["vocab"]
            if model["merges"] or stored["pre_tokenizer"]["type"] != "Split":
                return None
            pieces = sorted(vocabulary, key=lambda piece: int(vocabulary[piece]))
            listed = END_OF_TEXT in pieces
            alphabet = ["\n" if piece == END_OF_TEXT else piece for piece in pieces]
            if sorted(vocabulary.values()) != list(range(len(pieces))) or set(
                map(len, alphabet)
            ) != {1}:
                return None
            return cls("".join(alphabet), listed)
        except (files.CheckpointError, KeyError, TypeError, ValueError, AttributeError):
            return None

    def save(self, folder: Path, context: int) -> None:
        """Write `tokenizer.json` and its config, as `transformers` reads them.

        context: the longest text that the model reads, in tokens.
        """
        pieces = [self.piece(token) for token in range(self.vocabulary)]
        other = None if self.unknown is None else OTHER
        vocabulary = {piece: i for i, piece in enumerate(pieces)}
        model = tokenizers.models.BPE(vocab=vocabulary, merges=[], unk_token=other)
        made = tokenizers.Tokenizer(model)
        if self._lowers:
            made.normalizer = tokenizers.normalizers.Lowercase()
        one = tokenizers.Regex(r"[\s\S]")  # without it, what is left out would shift all offsets
        made.pre_tokenizer = tokenizers.pre_tokenizers.Split(one, "isolated")
        made.decoder = tokenizers.decoders.Fuse()
        config = {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "clean_up_tokenization_spaces": False,
            "model_max_length": context,
        }
        if self.end_of_text is not None:
            made.add_special_tokens([END_OF_TEXT])
            config |= dict.fromkeys(("bos_token", "eos_token", "pad_token"), END_OF_TEXT)
        files.write_text(folder / "tokenizer.json", made.to_str(pretty=True))
        files.write_json(folder / "tokenizer_config.json", config)

    @property
    def vocabulary(self) -> int:
        return len(self._pieces)

    def encode(self, text: str) -> list[int]:
        """The ids of `text`, without what is left out."""
        return [one.token for one in self.segment(text)]

    def segment(self, text: str, specials: bool = False) -> list[Segment]:
        """Every token of `text` with its offsets in UTF-8 bytes.

        specials: what spells a special token becomes that token.
        """
        end = self.end_of_text if specials else None
        parts = text.split(END_OF_TEXT) if end is not None else [text]
        found: list[Segment] = []
        at = 0
        for number, part in enumerate(parts):
            if number and end is not None:
                found.append(Segment(end, at, at + len(END_OF_TEXT)))
                at += len(END_OF_TEXT)
            for character in part:
                until = at + len(character.encode())
                token = self._id(character)
                if token is not None:
                    found.append(Segment(token, at, until))
                at = until
        return found

    def _id(self, character: str) -> int | None:
        known = self._ids.get(character)
        if known is None and self._lowers:
            known = self._ids.get(character.lower())
        return self.unknown if known is None else known

    def special(self, token: int) -> bool:
        """Whether a token stands for no text but marks something."""
        return token in (self.end_of_text, self.unknown)

    def piece(self, token: int) -> str:
        """A token as its vocabulary writes it."""
        return END_OF_TEXT if token == self.end_of_text else self._pieces[token]

    def bytes_of(self, token: int) -> bytes:
        """The bytes that a token stands for."""
        return self.piece(token).encode()

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`."""
        return "".join(map(self.piece, ids))


def load(folder: Path) -> Letters | Tokenizer:
    """The tokenizer of a folder of ours. Raises ValueError that names the file at fault."""
    return Letters.load(folder) or Tokenizer.load(folder)
