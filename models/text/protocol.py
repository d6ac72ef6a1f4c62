"""What the program asks of any tokenizer, one of ours or one from the Hugging Face Hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from models.text.rules import Pretoken, Rules


class Segment(NamedTuple):
    """A token, and the bytes of the text that it covers: from `start` up to `end`."""

    token: int
    start: int
    end: int


class TextTokenizer(Protocol):
    """Text to ids and back, with the bytes of every token. What is typed is text: the name of a
    special token in it is not that token."""

    @property
    def vocabulary(self) -> int:
        """Ids go from 0 up to this."""

    @property
    def end_of_text(self) -> int | None:
        """The token that ends a text."""

    @property
    def ends(self) -> frozenset[int]:
        """All tokens that end a text."""

    @property
    def unknown(self) -> int | None:
        """What text without a token becomes; None where every text has tokens."""

    @property
    def mask(self) -> int | None:
        """The token of a gap, which a masked model fills; None where there is none."""

    def encode(self, text: str) -> list[int]:
        """The ids of `text`, valid Unicode, without special tokens before or after it."""

    def segment(self, text: str, specials: bool = False) -> list[Segment]:
        """The tokens of `text` and where each stands; they do not overlap.

        specials: what spells a special token becomes that token.
        """

    def special(self, token: int) -> bool:
        """Whether a token marks something and stands for no text."""

    @property
    def marked(self) -> bool:
        """Whether the vocabulary marks where in a word a piece belongs."""

    def piece(self, token: int) -> str:
        """A token as its vocabulary writes it."""

    def bytes_of(self, token: int) -> bytes:
        """The bytes that a token stands for; they need not be whole characters."""


@runtime_checkable
class RuledTokenizer(TextTokenizer, Protocol):
    """One whose steps can be followed."""

    @property
    def rules(self) -> Rules | None:
        """How it cuts a word; None where it only looks words up, or in ways that are not known."""

    def normalised(self, text: str) -> str:
        """The text as it is before it is cut into words."""

    def pretokens(self, text: str) -> list[Pretoken]:
        """The words that a normalised text is cut into: no token reaches beyond one."""
