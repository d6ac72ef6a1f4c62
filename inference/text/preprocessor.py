"""The text side of a model: a typed text becomes tokens that the model can read, or is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from inference.bounds import Bounds
from inference.errors import BadTokenizer, NotLearned, OrreryError, TooLong
from inference.limits import Limits
from inference.text import notes
from inference.text.cleaning import CleanText, clean
from inference.types.options import LaneOptions
from inference.types.tokenized import Detail, Tokenized
from models.text import learned, merges, uses
from models.text.letters import Letters
from models.text.letters import load as load_tokenizer
from models.text.merges import Origin
from models.text.protocol import TextTokenizer
from models.text.uses import Uses


@dataclass(frozen=True)
class Segmenter:
    """A tokenizer, and how its tokens were learned."""

    tokenizer: TextTokenizer
    origins: Mapping[int, Origin] = field(default_factory=dict)
    uses: Uses = field(default_factory=dict)
    parts: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Of one that was trained here: what each token was merged of."""

    @classmethod
    def load(cls, folder: Path, with_origins: bool = False) -> Segmenter:
        """Read a folder of the collection, or the one above, where ages of a model share it.

        Raises ValueError that names the file at fault.
        """
        shared = not (folder / "tokenizer.json").exists()
        own = folder.parent if shared and (folder.parent / "tokenizer.json").exists() else folder
        tokenizer = load_tokenizer(own)
        if not with_origins:
            return cls(tokenizer)
        return cls(tokenizer, merges.load(own), uses.load(own, tokenizer.vocabulary))

    @classmethod
    def read(cls, line: str) -> Segmenter:
        """One that was trained here, of the line that a page has kept. Raises BadTokenizer."""
        try:
            read = learned.read(line)
        except ValueError as error:
            raise BadTokenizer(str(error)) from error
        return cls(read.tokenizer, read.origins, parts=read.parts)

    def segment(self, text: CleanText, specials: bool = False) -> Tokenized:
        """A text's tokens, what stands between them, and what is known about each.

        Raises OrreryError.
        """
        try:
            segments, whole = self.tokenizer.segment(text.text, specials), text.text.encode()
        except (
            ValueError
        ) as error:  # some from elsewhere break on a text that they have no token for
            raise OrreryError(str(error)) from error
        starts, ends = [one.start for one in segments], [one.end for one in segments]
        between = zip([0, *ends], [*starts, len(whole)], strict=True)
        pieces = tuple(whole[one.start : one.end] for one in segments)
        held = tuple(zip((one.token for one in segments), pieces, strict=True))
        known = {one: self._detail(*one) for one in set(held)}
        details = tuple(known[one] for one in held)
        gaps = tuple(whole[start:end] for start, end in between)
        left_out = notes.left_out(gaps) if isinstance(self.tokenizer, Letters) else ""
        return Tokenized(
            text.text,
            tuple(one.token for one in segments),
            pieces,
            notes.joined(text.note, notes.changed(pieces, details), left_out),
            gaps=gaps,
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


@dataclass(frozen=True)
class Preprocessor:
    """Cuts what somebody typed for one model, within its bounds."""

    segmenter: Segmenter
    bounds: Bounds
    limits: Limits
    unit: str = "tokens"
    """What one token of the model is, in messages."""
    opening: tuple[int, ...] = ()
    """What the model reads before every text, as in its training."""
    closing: tuple[int, ...] = ()
    """What it reads after one that it does not continue."""
    start: int | None = None
    """What a text starts with that the model writes about one, such as a translation."""
    notes: tuple[str, ...] = ()
    """What to say of the model with every answer."""

    @property
    def tokenizer(self) -> TextTokenizer:
        return self.segmenter.tokenizer

    @property
    def ends(self) -> tuple[int, ...]:
        """The tokens that end a text, the main one first."""
        end, ends = self.tokenizer.end_of_text, self.tokenizer.ends
        return () if end is None else (end, *sorted(ends - {end}))

    def cut(
        self, text: object, what: str, limit: int, specials: bool = False, why: str = ""
    ) -> Tokenized:
        """Raises OrreryError on unusable text, TooLong beyond `limit` tokens.

        what: names the text in messages. specials: what spells a special token becomes that token.
        why: the reason of the limit, in a sentence.
        """
        limit = min(limit, self.bounds.context - len(self.opening) - len(self.closing))
        tokens = self.segmenter.segment(self._cleaned(text, what, limit), specials)
        if not tokens.ids and isinstance(self.tokenizer, Letters):
            raise NotLearned(what)
        if len(tokens.ids) > limit:
            raise TooLong(what, limit, len(tokens.ids), self.unit, why)
        return self._framed(replace(tokens, note=notes.joined(tokens.note, *self.notes)))

    def _cleaned(self, text: object, what: str, limit: int) -> CleanText:
        """Beyond the characters that are read at all, the message says both limits at once."""
        most = self.limits.characters
        if self.unit == "characters":
            return clean(text, most, what, told=min(limit, most))
        also = f"Of {self.unit} it may have up to {limit:,}." if limit < most else ""
        return clean(text, most, what, why=also)

    def prompt(self, text: object, lanes: Sequence[LaneOptions]) -> Tokenized:
        """A prompt that the model can continue, with notes on how it reads it.

        Raises OrreryError.
        """
        room = self.bounds.context - len(self.opening) - 1  # and a token to be written
        tokens = self.cut(text, "prompt", min(self.bounds.prompt, room))
        pieces = self.tokenizer.unknown is None and self.unit != "characters"
        ends = notes.trailing_space(tokens.text) if pieces else ""
        strange, wide = notes.strange(tokens), notes.wide(lanes, self.bounds.vocabulary)
        return replace(tokens, note=notes.joined(tokens.note, ends, strange, wide))

    def _framed(self, tokens: Tokenized) -> Tokenized:
        """The same between what opens and what closes a text, which hold none of what was typed."""
        before, after = self.opening, self.closing
        nothing, nowhere = (b"",) * len(before), (b"",) * len(after)
        return replace(
            tokens,
            ids=(*before, *tokens.ids, *after),
            pieces=(*nothing, *tokens.pieces, *nowhere),
            gaps=(*nothing, *tokens.gaps, *nowhere) if tokens.gaps else (),
            details=(*map(self._mark, before), *tokens.details, *map(self._mark, after)),
        )

    def _mark(self, token: int) -> Detail:
        """Of a token around a text: its name, unless it is an end of a text."""
        name = "" if token in self.tokenizer.ends else self.tokenizer.piece(token)
        return Detail(name, unknown=False, origin=None, special=True)
