"""What would be written next after a prompt and the tokens chosen since, and from what?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self

from inference.decoding.trajectory import StepState, Trajectory, ids_of
from inference.entry import Capability
from inference.task import Result, Task
from inference.text.cleaning import clean
from inference.text.notes import joined, several
from inference.text.pieces import generation
from inference.types.generation import Generation
from inference.types.options import SEED, LaneOptions, in_range

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer


@dataclass(frozen=True)
class NextToken(Task[StepState, Generation]):
    """The text so far and the step that a strategy would take from there.

    To write a token is to ask again with its id at the end of `written`; to step back is to ask
    with one fewer.
    """

    strategy: LaneOptions = field(default_factory=lambda: LaneOptions("Greedy"))
    seed: int = 7
    written: str = ""
    """The ids of the tokens since the prompt, with blanks between them, whoever chose them.

    Anything after a `+` is text: its own tokens are appended, and the ids before it stay as they
    are (truth: R28).
    """
    steps_allowed: int = 0
    """How many tokens may be written; filled in by `prepare`."""

    needs: ClassVar[tuple[Capability, ...]] = ("write",)
    what: ClassVar[str] = "prompt"

    def __post_init__(self) -> None:
        in_range("The seed", self.seed, SEED, whole=True)

    @property
    def trajectory(self) -> Trajectory:
        """Raises BadTrajectory or OutOfRange where `written` names no tokens, or too many."""
        return Trajectory(
            self.tokens.ids,
            self.strategy,
            self.seed,
            ids_of(self.written),
            new_tokens=self.steps_allowed,
        )

    def prepare(self, model: Preprocessor) -> Self:
        tokens = model.prompt(self.text, (self.strategy,))
        room = min(model.limits.steps, model.bounds.room(len(tokens.ids)))
        ids, _, typed = self.written.partition("+")
        if typed:
            cleaned = clean(typed, model.limits.characters, "text to write")
            added = model.segmenter.segment(cleaned)
            ids = f"{ids} {' '.join(map(str, added.ids))}"
            tokens = replace(tokens, note=joined(tokens.note, several(added), added.note))
        prepared = replace(self.of(tokens, model), steps_allowed=room, written=ids)
        _ = prepared.trajectory  # raises before anybody waits
        return prepared

    def answer(self, placed: PlacedModel) -> StepState:
        """Raises BadTrajectory, TooLong or NumericalFault."""
        from inference.decoding import stepping  # noqa: PLC0415  # torch

        stepper, cached = stepping.placed_stepper(placed, self.ends)
        return stepping.look(stepper, self.trajectory, cached)

    def finish(self, found: Result[StepState], tokenizer: TextTokenizer) -> Generation:
        state = found.value
        return generation(self.noted(found), tokenizer, (state.lane,), state.offered)
