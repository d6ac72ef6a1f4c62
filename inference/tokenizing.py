"""The tokenizers of the collection, and a text segmented by one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inference import notes
from inference.errors import OrreryError
from inference.loading.lazy import LazyResource
from inference.text import CleanText
from inference.types import Detail, Tokenized
from models.text import merges
from models.text.merges import Origin
from models.text.tokenizer import Tokenizer

FOLDER = "tokenizers"
NAMES = ("characters", "words", "bpe", "byte-bpe", "wordpiece", "unigram", "multilingual")


@dataclass(frozen=True)
class Segmenter:
    """A tokenizer, and how its tokens were learned."""

    tokenizer: Tokenizer
    origins: Mapping[int, Origin] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Segmenter:
        """Read a folder of the collection; raises ValueError that names the file at fault."""
        return cls(Tokenizer.load(folder), merges.load(folder))

    def segment(self, text: CleanText, specials: bool = False) -> Tokenized:
        """A text's tokens, what stands between them, and what is known about each."""
        segments, whole = self.tokenizer.segment(text.text, specials), text.text.encode()
        starts, ends = [one.start for one in segments], [one.end for one in segments]
        between = zip([0, *ends], [*starts, len(whole)], strict=True)
        pieces = tuple(whole[one.start : one.end] for one in segments)
        details = tuple(map(self._detail, (one.token for one in segments), pieces))
        return Tokenized(
            text.text,
            tuple(one.token for one in segments),
            pieces,
            notes.joined(text.note, notes.changed(pieces, details)),
            gaps=tuple(whole[start:end] for start, end in between),
            details=details,
        )

    def _detail(self, token: int, held: bytes) -> Detail:
        tokenizer, read = self.tokenizer, self.tokenizer.bytes_of(token)
        unknown = token == tokenizer.unknown and held != read  # its name, typed, is not unknown
        return Detail(
            piece=tokenizer.piece(token) if tokenizer.marked else "",
            unknown=unknown,
            special=tokenizer.special(token),
            origin=self.origins.get(token),
            changed="" if unknown or held == read else read.decode("utf-8", errors="replace"),
        )


def members(checkpoints: Path) -> dict[str, LazyResource[Segmenter]]:
    """Every tokenizer of the collection by name, each read when it is first asked for."""
    return {name: _member(checkpoints / FOLDER / name) for name in NAMES}


def _member(folder: Path) -> LazyResource[Segmenter]:
    return LazyResource(
        f"{folder.name} tokenizer",
        lambda: Segmenter.load(folder),
        lambda cutter: cutter.tokenizer.vocabulary,
    )


def chosen(tokenizers: Mapping[str, LazyResource[Segmenter]], name: object) -> Segmenter:
    """The tokenizer of this name. Raises OrreryError where there is none, or it cannot be read."""
    member = tokenizers.get(name) if isinstance(name, str) else None
    if member is None:
        raise OrreryError(f"The tokenizer must be one of {', '.join(tokenizers)}.")
    return member.get()
