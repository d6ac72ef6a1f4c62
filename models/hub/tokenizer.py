"""Any fast tokenizer, with the bytes that its tokens stand for.

Three families spell tokens differently: byte-level BPE writes bytes as stand-in letters (GPT-2),
SentencePiece writes a space as U+2581 and rare bytes as <0x0A> (Llama, T5), WordPiece marks what
goes on within a word with ## (BERT).
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tokenizers

from models.hub.policy import HubError
from models.text.tokenizer import byte_alphabet

SPACE = "\N{LOWER ONE EIGHTH BLOCK}"  # U+2581, which SentencePiece writes for a space
BYTE = re.compile("<0x([0-9A-F]{2})>")
UNTYPED = "\U0010ffff"  # no character, and never will be one
MASKS = ("[MASK]", "<mask>")

Spelling = Callable[[str], bytes]


class HubTokenizer:
    """A tokenizer from elsewhere, in the words of `models.tokenizer.Tokenizer`.

    Where it normalises (lower case, say) or drops spaces, the bytes of the tokens joined are not
    those of the text: they are what the model was given of it.
    """

    def __init__(self, tokenizer: tokenizers.Tokenizer, end_of_text: int | None = None) -> None:
        tokenizer.no_truncation()  # some are stored with the lengths of their training
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._typed = typed(tokenizer)
        spell = spelling(json.loads(tokenizer.to_str()))
        names = {i: token.content for i, token in tokenizer.get_added_tokens_decoder().items()}
        pieces = {i: piece for piece, i in tokenizer.get_vocab().items()}
        self.vocabulary = max(pieces, default=-1) + 1
        self._bytes = {i: spell(piece) for i, piece in pieces.items()}
        self._bytes |= {i: name.encode() for i, name in names.items()}  # they are never spelled
        self.opening, self.closing = _frame(tokenizer)
        """What the tokenizer puts before and after a whole text: Llama's <s>, BERT's [CLS]."""
        self.end_of_text = end_of_text
        masks = (tokenizer.token_to_id(name) for name in MASKS)
        self.mask: int | None = next((mask for mask in masks if mask is not None), None)
        """The token of a gap, which a masked model fills."""

    @classmethod
    def load(cls, folder: Path, end_of_text: int | None = None) -> HubTokenizer:
        """Read `tokenizer.json`. Raises HubError where it is damaged."""
        with _named(f"tokenizer.json of {folder.name} cannot be read"):
            stored = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
            return cls(stored, end_of_text)

    def encode(self, text: str) -> list[int]:
        """The ids of `text`, special tokens spelled out. `text` must be valid Unicode.

        Raises HubError where the tokenizer breaks on it, here and below.
        """
        with _named("This tokenizer cannot read that text"):
            return self._typed.encode(text, add_special_tokens=False).ids

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """`encode` for many texts at once, on all cores."""
        with _named("This tokenizer cannot read one of the texts"):
            encodings = self._typed.encode_batch_fast(list(texts), add_special_tokens=False)
            return [encoding.ids for encoding in encodings]

    def bytes_of(self, token: int) -> bytes:
        """What a token stands for; nothing where the model has an id that no text is given."""
        return self._bytes.get(token, b"")

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, spaced as the tokenizer itself does it; specials by their names."""
        with _named("This tokenizer cannot spell these tokens"):
            return self._tokenizer.decode(list(ids), skip_special_tokens=False)


@contextlib.contextmanager
def _named(what: str) -> Iterator[None]:
    """Turn whatever the library raises into a HubError, its panics included.

    A panic in Rust arrives as a BaseException (tokenizers #1014), which no handler expects.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise HubError(f"{what}: {str(error).rstrip('.')}.") from error


def _frame(tokenizer: tokenizers.Tokenizer) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The special tokens before and after a text."""
    whole = tokenizer.encode("a", add_special_tokens=True)
    text = [place for place, special in enumerate(whole.special_tokens_mask) if not special]
    if not text:
        return (), ()
    return tuple(whole.ids[: text[0]]), tuple(whole.ids[text[-1] + 1 :])


def typed(tokenizer: tokenizers.Tokenizer) -> tokenizers.Tokenizer:
    """The same tokenizer for text alone: what spells a special token stays text (truth: R3).

    The library's own switch is not enough. It stops the search for special tokens in the text,
    but Unigram and whole-word models have them in their vocabulary too, and find them there. So
    they get names that nobody types; the ids stay.
    """
    state = json.loads(tokenizer.to_str())
    special = {token["content"] for token in state["added_tokens"] if token["special"]}

    def rename(piece: str) -> str:
        return f"{UNTYPED}{piece}{UNTYPED}" if piece in special else piece

    for token in state["added_tokens"]:
        token["content"] = rename(token["content"])
    model = state["model"]
    if isinstance(model["vocab"], dict):
        model["vocab"] = {rename(piece): i for piece, i in model["vocab"].items()}
    else:
        model["vocab"] = [[rename(piece), score] for piece, score in model["vocab"]]
    if isinstance(model.get("unk_token"), str):
        model["unk_token"] = rename(model["unk_token"])
    renamed = tokenizers.Tokenizer.from_str(json.dumps(state))
    renamed.encode_special_tokens = True
    if renamed.get_vocab() != {rename(piece): i for piece, i in tokenizer.get_vocab().items()}:
        raise ValueError("its special tokens cannot be told from text.")
    return renamed


def spelling(state: Mapping[str, Any]) -> Spelling:
    """How a tokenizer spells its pieces, read from its stored form.

    state: the content of `tokenizer.json`.
    """
    parts = {part["type"]: part for part in _parts(state.get("pre_tokenizer"))}
    parts |= {part["type"]: part for part in _parts(state.get("decoder"))}
    model = state["model"]
    if "ByteLevel" in parts:
        alphabet = byte_alphabet()
        # a letter outside the alphabet came in as an added token, and stands for itself
        return lambda piece: b"".join(
            bytes([alphabet[c]]) if c in alphabet else c.encode() for c in piece
        )
    if model["type"] == "WordPiece":
        prefix = model["continuing_subword_prefix"]
        return lambda piece: piece.removeprefix(prefix).encode()
    if "Metaspace" in parts or parts.get("Replace", {}).get("pattern") == {"String": SPACE}:
        return _sentence_piece
    suffix = parts.get("BPEDecoder", {}).get("suffix", "")
    if suffix:  # the first GPT marked the end of a word
        return lambda piece: re.sub(re.escape(suffix) + "$", " ", piece).encode()
    return str.encode


def _sentence_piece(piece: str) -> bytes:
    byte = BYTE.fullmatch(piece)
    return bytes([int(byte[1], 16)]) if byte else piece.replace(SPACE, " ").encode()


def _parts(part: Any) -> Iterator[Mapping[str, Any]]:
    """A decoder or pre-tokenizer, and what a sequence of them consists of."""
    if isinstance(part, Mapping):
        yield part
        for inner in (*part.get("decoders", ()), *part.get("pretokenizers", ())):
            yield from _parts(inner)
