"""How does a sentence read in the other language, in one lane or several?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from inference.entry import Capability
from inference.errors import ModelUnavailable
from inference.tasks.generate import Generate
from inference.text.notes import joined, wide
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.text.preprocessor import Preprocessor


@dataclass(frozen=True)
class Translate(Generate):
    """Translate a sentence in every lane; it joins the running batch as any other writing does.

    The sentence becomes the source, and what is written begins with the model's start of a target.
    """

    needs: ClassVar[tuple[Capability, ...]] = ("translate",)
    what: ClassVar[str] = "sentence"

    def prepare(self, model: Preprocessor) -> Self:
        """Nothing is written beyond the model's context. Raises OrreryError."""
        if model.start is None:
            raise ModelUnavailable(self.model, "it names no token that starts a translation.")
        read = model.cut(self.text, self.what, model.bounds.prompt)
        note = joined(read.note, wide(self.options.lanes, model.bounds.vocabulary))
        target = Tokenized("", (model.start,), (b"",), note)
        length = min(self.options.new_tokens, model.bounds.room(len(target.ids)))
        options = replace(self.options, new_tokens=length)
        return replace(self.of(target, model), source=read.ids, options=options)
