"""Any fast tokenizer, with the bytes that its tokens stand for.

Three families spell tokens differently: byte-level BPE writes bytes as stand-in letters (GPT-2),
SentencePiece writes a space as U+2581 and rare bytes as <0x0A> (Llama, T5), WordPiece marks what
goes on within a word with ## (BERT).
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import tokenizers

from models.hub.policy import HubError
from models.text.protocol import Segment
from models.text.rules import Pretoken, Rules, pretokens, rules_of
from models.text.tokenizer import ALPHABET, SPACE

BYTE = re.compile("<0x([0-9A-F]{2})>")
MASKS = ("[MASK]", "<mask>")

Spelling = Callable[[str], bytes]


class HubTokenizer:
    """A tokenizer from elsewhere, with the methods of `models.text.tokenizer.Tokenizer`.

    Where it normalises (lower case, say) or drops spaces, the bytes of the tokens joined are not
    those of the text: they are what the model was given of it.
    """

    def __init__(self, tokenizer: tokenizers.Tokenizer, *ends: int) -> None:
        """ends: the tokens that end a text, the main one first."""
        tokenizer.no_truncation()  # some are stored with the lengths of their training
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._typed = typed(tokenizer)
        state = json.loads(tokenizer.to_str())
        spell = spelling(state)
        names = {i: token.content for i, token in tokenizer.get_added_tokens_decoder().items()}
        pieces = {i: piece for piece, i in tokenizer.get_vocab().items()}
        self.vocabulary = max(pieces, default=-1) + 1
        self._bytes = {i: spell(piece) for i, piece in pieces.items()}
        self._bytes |= {i: name.encode() for i, name in names.items()}  # they are never spelled
        self.opening, self.closing = _frame(tokenizer)
        """What the tokenizer puts before and after a whole text: Llama's <s>, BERT's [CLS]."""
        self.end_of_text = ends[0] if ends else None
        self.ends = frozenset(ends)
        unknown = state["model"].get("unk_token")
        self.unknown: int | None = tokenizer.token_to_id(unknown) if unknown else None
        self._special = {t["id"] for t in state["added_tokens"] if t["special"]} | self.ends
        self._pieces = pieces
        self.marked = False
        masks = (tokenizer.token_to_id(name) for name in MASKS)
        self.mask: int | None = next((mask for mask in masks if mask is not None), None)
        """The token of a gap, which a masked model fills."""

    @classmethod
    def load(cls, folder: Path, *ends: int) -> HubTokenizer:
        """Read `tokenizer.json`. Raises HubError where it is damaged."""
        with named(f"tokenizer.json of {folder.name} cannot be read"):
            return cls.read(folder / "tokenizer.json", *ends)

    @classmethod
    def read(cls, path: Path, *ends: int) -> HubTokenizer:
        """Read this file. Raises whatever the library does where it is damaged."""
        return cls(tokenizers.Tokenizer.from_file(str(path)), *ends)

    def encode(self, text: str) -> list[int]:
        """The ids of `text`, special tokens spelled out. `text` must be valid Unicode.

        Raises HubError where the tokenizer breaks on it, here and below.
        """
        with named("This tokenizer cannot read that text"):
            return self._typed.encode(text, add_special_tokens=False).ids

    def segment(self, text: str, specials: bool = False) -> list[Segment]:
        """Every token of `text` with its offsets in UTF-8 bytes, which do not overlap."""
        reader = self._tokenizer if specials else self._typed
        with named("This tokenizer cannot read that text"):
            encoding = reader.encode(text, add_special_tokens=False)
        spelled = [self.bytes_of(token) for token in encoding.ids]
        ends = list(accumulate(map(len, spelled)))
        if b"".join(spelled) == text.encode():
            return [Segment(*one) for one in zip(encoding.ids, [0, *ends], ends)]  # noqa: B905
        starts = [0, *accumulate(len(character.encode()) for character in text)]
        segments, place = [], 0
        for token, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            first = max(starts[start], place)
            place = max(starts[end], first)
            segments.append(Segment(token, first, place))
        return segments

    @cached_property
    def rules(self) -> Rules | None:
        """How it cuts a word; None where it looks whole words up, or in ways that are not known."""
        try:
            return rules_of(self._typed)
        except (KeyError, TypeError, ValueError):
            return None

    def normalised(self, text: str) -> str:
        """The text as it is before it is cut into words."""
        normalizer = self._typed.normalizer
        return normalizer.normalize_str(text) if normalizer else text

    def pretokens(self, text: str) -> list[Pretoken]:
        """The words that a normalised text is cut into: no token reaches beyond one."""
        return pretokens(self._typed, text)

    def special(self, token: int) -> bool:
        """Whether a token marks something and stands for no text."""
        return token in self._special or token == self.unknown

    def piece(self, token: int) -> str:
        """A token as its vocabulary writes it."""
        return self._pieces.get(token, "")

    def bytes_of(self, token: int) -> bytes:
        """What a token stands for; nothing where the model has an id that no text is given."""
        return self._bytes.get(token, b"")


@contextlib.contextmanager
def named(what: str) -> Iterator[None]:
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
    if tokenizer.post_processor is None:
        return (), ()
    # around a text of one word that any model would know
    framed = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0}, unk_token="a"))
    framed.post_processor = tokenizer.post_processor
    whole = framed.encode("a", add_special_tokens=True)
    text = whole.special_tokens_mask.index(0)
    return tuple(whole.ids[:text]), tuple(whole.ids[text + 1 :])


def typed(tokenizer: tokenizers.Tokenizer) -> tokenizers.Tokenizer:
    """The same tokenizer for text alone: what spells a special token stays text (truth: R3).

    The library's own switch is not enough. It stops the search for special tokens in the text,
    but Unigram and whole-word models have them in their vocabulary too, and find them there. So
    they get names that nobody can type, and lose the merges that lead to them; the ids stay. A
    special token of one character, such as "!" for padding, is that character's only piece and
    stays what the character becomes.
    """
    state = json.loads(tokenizer.to_str())
    mark = secrets.token_hex(16)
    hidden = {one["content"] for one in state["added_tokens"] if one["special"]}
    hidden = {name for name in hidden if len(name) > 1}

    def rename(piece: str) -> str:
        return f"{mark}{piece}{mark}" if piece in hidden else piece

    for token in state["added_tokens"]:
        token["special"] = token["content"] in hidden
        token["content"] = rename(token["content"])
    model = state["model"]
    if isinstance(model["vocab"], dict):
        model["vocab"] = {rename(piece): i for piece, i in model["vocab"].items()}
    else:
        model["vocab"] = [[rename(piece), score] for piece, score in model["vocab"]]
    if isinstance(model.get("unk_token"), str):
        model["unk_token"] = rename(model["unk_token"])
    prefix = len(model.get("continuing_subword_prefix") or "")
    if "merges" in model:
        model["merges"] = [
            (left, right)
            for left, right in model["merges"]
            if not hidden & {left, right, left + right[prefix:]}
        ]
    renamed = tokenizers.Tokenizer.from_str(json.dumps(state))
    renamed.encode_special_tokens = True
    if renamed.get_vocab() != {rename(piece): i for piece, i in tokenizer.get_vocab().items()}:
        raise ValueError("its special tokens cannot be told from text.")
    return renamed


def spelling(state: Mapping[str, Any]) -> Spelling:
    """How a tokenizer spells its pieces, read from its stored form.

    state: the content of `tokenizer.json`. Marks of where in a word a piece belongs (`##`, `</w>`)
    are left out.
    """
    parts = {part["type"]: part for part in _parts(state.get("pre_tokenizer"))}
    parts |= {part["type"]: part for part in _parts(state.get("decoder"))}
    model = state["model"]
    prefix = model.get("continuing_subword_prefix") or ""
    suffix = model.get("end_of_word_suffix") or parts.get("BPEDecoder", {}).get("suffix") or ""
    spell: Spelling = str.encode
    if "ByteLevel" in parts:
        spell = _byte_level
    elif "Metaspace" in parts or parts.get("Replace", {}).get("pattern") == {"String": SPACE}:
        spell = _sentence_piece
    return lambda piece: spell(piece.removeprefix(prefix).removesuffix(suffix))


def _byte_level(piece: str) -> bytes:
    # a letter outside the alphabet came in as an added token, and stands for itself
    return b"".join(bytes([ALPHABET[c]]) if c in ALPHABET else c.encode() for c in piece)


def _sentence_piece(piece: str) -> bytes:
    byte = BYTE.fullmatch(piece)
    return bytes([int(byte[1], 16)]) if byte else piece.replace(SPACE, " ").encode()


def _parts(part: Any) -> Iterator[Mapping[str, Any]]:
    """A decoder or pre-tokenizer, and what a sequence of them consists of."""
    if isinstance(part, Mapping):
        yield part
        for inner in (*part.get("decoders", ()), *part.get("pretokenizers", ())):
            yield from _parts(inner)
