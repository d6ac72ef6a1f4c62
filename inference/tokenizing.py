"""The tokenizers of the collection, and a text cut by one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inference.errors import OrreryError
from inference.loading.lazy import LazyResource
from inference.text import CleanText
from inference.types import Detail, Tokenized
from models.text import origins
from models.text.origins import Origin
from models.text.tokenizer import Tokenizer

FOLDER = "tokenizers"
NAMES = ("characters", "words", "bpe", "byte-bpe", "wordpiece", "unigram", "multilingual")


@dataclass(frozen=True)
class Cutter:
    """A tokenizer, and what is known of its tokens' origins."""

    tokenizer: Tokenizer
    origins: Mapping[int, Origin] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Cutter:
        """Read a folder of the collection; raises ValueError that names the file at fault."""
        return cls(Tokenizer.load(folder), origins.load(folder))

    def cut(self, text: CleanText, specials: bool = False) -> Tokenized:
        """A text's tokens, what stands between them, and what is known about each."""
        cuts, whole = self.tokenizer.cut(text.text, specials), text.text.encode()
        starts, ends = [one.start for one in cuts], [one.end for one in cuts]
        between = zip([0, *ends], [*starts, len(whole)], strict=True)
        return Tokenized(
            text.text,
            tuple(one.token for one in cuts),
            tuple(whole[one.start : one.end] for one in cuts),
            text.note,
            gaps=tuple(whole[start:end] for start, end in between),
            details=tuple(self._detail(one.token, whole[one.start : one.end]) for one in cuts),
        )

    def _detail(self, token: int, held: bytes) -> Detail:
        tokenizer = self.tokenizer
        typed = held == tokenizer.bytes_of(token)  # a special token by its name is not unknown text
        return Detail(
            piece=tokenizer.piece(token) if tokenizer.marked else "",
            unknown=token == tokenizer.unknown and not typed,
            special=tokenizer.special(token),
            origin=self.origins.get(token),
        )


def members(checkpoints: Path) -> dict[str, LazyResource[Cutter]]:
    """Every tokenizer of the collection by name, each read when it is first asked for."""
    return {name: _member(checkpoints / FOLDER / name) for name in NAMES}


def _member(folder: Path) -> LazyResource[Cutter]:
    return LazyResource(
        f"{folder.name} tokenizer",
        lambda: Cutter.load(folder),
        lambda cutter: cutter.tokenizer.vocabulary,
    )


def chosen(tokenizers: Mapping[str, LazyResource[Cutter]], name: object) -> Cutter:
    """The tokenizer of this name. Raises OrreryError where there is none, or it cannot be read."""
    member = tokenizers.get(name) if isinstance(name, str) else None
    if member is None:
        raise OrreryError(f"The tokenizer must be one of {', '.join(tokenizers)}.")
    return member.get()
