"""How does a text go on, in several lanes at once?

A task without a program: its lanes join the running batch of their model.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self

from inference.entry import Capability
from inference.task import Result, Task
from inference.text.notes import joined
from inference.text.pieces import generation
from inference.types.generation import Generation, LaneState
from inference.types.options import GenerationOptions

if TYPE_CHECKING:
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

Lanes = tuple[LaneState, ...]


@dataclass(frozen=True)
class Generate(Task[Lanes, Generation]):
    """Continue a prompt in every lane; news after every step, or as often as anybody looks."""

    options: GenerationOptions = field(default_factory=GenerationOptions)
    source: tuple[int, ...] = ()
    """Ids of the text that an encoder-decoder model writes about; () for any other model."""

    needs: ClassVar[tuple[Capability, ...]] = ("write",)
    what: ClassVar[str] = "prompt"

    @property
    def rows(self) -> int:
        return sum(lane.rows for lane in self.options.lanes)

    @property
    def steps(self) -> int:
        return self.options.new_tokens

    def prepare(self, model: Preprocessor) -> Self:
        """The length becomes what the model has room for after the prompt, and a note says so."""
        tokens = model.prompt(self.text, self.options.lanes)
        room = model.bounds.room(len(tokens.ids))
        if room >= self.options.new_tokens:
            return self.of(tokens, model)
        said = f"After this prompt there is room for {room:,} {model.unit}; so many are written."
        tokens = replace(tokens, note=joined(tokens.note, said))
        return replace(self.of(tokens, model), options=replace(self.options, new_tokens=room))

    def finish(self, found: Result[Lanes], tokenizer: TextTokenizer) -> Generation:
        return generation(self.noted(found), tokenizer, found.value)
