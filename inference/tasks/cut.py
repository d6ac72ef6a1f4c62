"""Which tokens does a text become?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from inference.entry import Capability
from inference.task import Task
from inference.text.cleaning import clean
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.text.preprocessor import Preprocessor

LONGEST = 10_000  # characters: no model reads them


@dataclass(frozen=True)
class Cut(Task[None, Tokenized]):
    """A text in one tokenizer, without what a model reads before and after it."""

    specials: bool = False
    """What spells a special token becomes that token."""

    needs: ClassVar[tuple[Capability, ...]] = ("cut",)

    def prepare(self, model: Preprocessor) -> Self:
        cleaned = clean(self.text, LONGEST, self.what)
        return replace(self, tokens=model.segmenter.segment(cleaned, self.specials))

    def known(self) -> Tokenized:
        return self.tokens
