"""How probable is each of several continuations of one prompt, token by token?"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from inference.decoding.trajectory import TOKEN, Trajectory, ids_of
from inference.entry import Capability
from inference.errors import BadTrajectory
from inference.task import Result, Task
from inference.text.pieces import end_of_text, pieces
from inference.types.options import LaneOptions, in_range

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

PATHS = 16
Path = tuple[int, ...]
Probabilities = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class PathScores:
    """Texts that part from each other after a prompt."""

    paths: tuple[Path, ...]
    """Their tokens since the prompt."""
    probabilities: Probabilities
    """Of every token of every path after those before it, as the model gives it."""
    pieces: Mapping[int, bytes]
    end_of_text: int


@dataclass(frozen=True)
class ScorePaths(Task[Probabilities, PathScores]):
    """The model's own probability of every token of some paths."""

    paths: tuple[Path, ...] = ()

    needs: ClassVar[tuple[Capability, ...]] = ("write",)
    what: ClassVar[str] = "prompt"

    def __post_init__(self) -> None:
        in_range("The number of texts", len(self.paths), (0, PATHS), whole=True)
        for token in (token for path in self.paths for token in path):
            in_range("A token", token, (0, TOKEN), whole=True)

    def prepare(self, model: Preprocessor) -> Self:
        """Raises OrreryError on an unusable prompt, BadTrajectory where a path leads nowhere."""
        tokens = model.prompt(self.text, ())
        room = min(model.limits.steps, model.bounds.room(len(tokens.ids)))
        for path in self.paths:
            if max(path, default=0) >= model.bounds.vocabulary:
                raise BadTrajectory(f"the model knows only {model.bounds.vocabulary:,} tokens")
            if set(path[:-1]) & set(model.ends):
                raise BadTrajectory("it goes on after the end of its text")
        fitting = tuple(path[:room] for path in self.paths)
        return replace(self.of(tokens, model), paths=fitting)

    def program(self, placed: PlacedModel) -> Generator[Probabilities | None, None, Probabilities]:
        """A slice reads a path. Raises TooLong or NumericalFault."""
        from inference.decoding import stepping  # noqa: PLC0415  # torch
        from inference.decoding.many import continuing  # noqa: PLC0415

        at = Trajectory(self.tokens.ids, LaneOptions("Paths"), new_tokens=1)
        stepper, cached = stepping.placed_stepper(placed, self.ends)
        prompt = stepping.prompt_read(stepper, at, cached)
        found = []
        for path in self.paths:
            found.append(tuple(continuing.along(stepper, prompt, path).tolist()) if path else ())
            yield None
        return tuple(found)

    def finish(self, found: Result[Probabilities], tokenizer: TextTokenizer) -> PathScores:
        mentioned = {token for path in self.paths for token in path}
        return PathScores(
            self.paths,
            found.value,
            pieces(tokenizer, mentioned),
            end_of_text(tokenizer),
        )


def kept_paths(tried: str, written: Path) -> tuple[Path, ...]:
    """All texts to show, the written one last: none that another one begins with.

    tried: ids with semicolons between texts, the newest last. Raises BadTrajectory where they are
    none.
    """
    found = [ids_of(path) for path in tried.split(";") if path.strip()]
    paths = list(dict.fromkeys([*(path for path in found if path != written), written]))
    whole = [path for path in paths[:-1] if not any(begins(path, other) for other in paths)]
    return (*whole[-PATHS + 1 :], written)


def begins(path: Path, other: Path) -> bool:
    """Whether the other text is this one and more."""
    return len(other) > len(path) and other[: len(path)] == path
