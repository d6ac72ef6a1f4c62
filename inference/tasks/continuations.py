"""What could come next: every text of a few tokens above a probability, as a tree."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from inference.decoding.many.branches import Tree
from inference.decoding.trajectory import Trajectory
from inference.entry import Capability
from inference.task import Result, Task
from inference.text.notes import joined
from inference.text.pieces import end_of_text, pieces
from inference.types.options import LaneOptions, in_range
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

DEPTH = (1, 4)
LEAST = (0.002, 0.5)
OPENED = 256  # texts after which is looked, the prompt included


@dataclass(frozen=True)
class Continuations:
    """A prompt and the tree of what could come."""

    model: str
    tokens: Tokenized
    depth: int
    least: float
    tree: Tree
    vocabulary: int
    pieces: Mapping[int, bytes]
    end_of_text: int

    @property
    def texts(self) -> tuple[tuple[tuple[int, ...], float], ...]:
        """(tokens, joint probability) of every whole text: of full length, or ended by itself, or
        not looked beyond. Most probable first."""
        whole = [i for i, one in enumerate(self.tree.branches) if not one.opened]
        found = ((tuple(self.path(i)), self.tree.branches[i].joint) for i in whole)
        return tuple(sorted(found, key=lambda text: (-text[1], text[0])))

    def path(self, place: int) -> list[int]:
        """The tokens from the prompt to a branch."""
        found = []
        while place >= 0:
            branch = self.tree.branches[place]
            found.append(branch.token)
            place = branch.parent
        return found[::-1]

    @property
    def held(self) -> float:
        """The probability of all whole texts together; the others hold what lacks to 1."""
        return sum(joint for _, joint in self.texts)


@dataclass(frozen=True)
class Continue(Task[Tree, Continuations]):
    """All continuations of up to `depth` tokens whose joint probability is at least `least`."""

    depth: int = 4
    least: float = 0.01

    needs: ClassVar[tuple[Capability, ...]] = ("write",)
    what: ClassVar[str] = "prompt"

    def __post_init__(self) -> None:
        in_range("The number of tokens", self.depth, DEPTH, whole=True)
        in_range("The probability", self.least, LEAST)

    def prepare(self, model: Preprocessor) -> Self:
        tokens = model.prompt(self.text, ())
        room = model.bounds.room(len(tokens.ids))
        if room >= self.depth:
            return self.of(tokens, model)
        said = f"After this prompt there is room for {room:,} {model.unit}."
        tokens = replace(tokens, note=joined(tokens.note, said))
        return replace(self.of(tokens, model), depth=room)

    def program(self, placed: PlacedModel) -> Generator[Tree | None, None, Tree]:
        """Raises TooLong or NumericalFault."""
        from inference.decoding import stepping  # noqa: PLC0415  # torch
        from inference.decoding.many import continuing  # noqa: PLC0415

        at = Trajectory(self.tokens.ids, LaneOptions("Tree"), new_tokens=self.depth)
        stepper, cached = stepping.placed_stepper(placed, self.ends)
        prompt = stepping.prompt_read(stepper, at, cached)
        return (yield from continuing.grown(stepper, prompt, self.depth, self.least, OPENED))

    def finish(self, found: Result[Tree], tokenizer: TextTokenizer) -> Continuations:
        return Continuations(
            self.model,
            self.noted(found),
            self.depth,
            self.least,
            found.value,
            tokenizer.vocabulary,
            pieces(tokenizer, {branch.token for branch in found.value.branches}),
            end_of_text(tokenizer),
        )
