"""What does a small model learn from a text, and how?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from inference.errors import NothingToLearn, OrreryError
from inference.task import Keep, ProcessTask, Result
from inference.text.cleaning import clean
from inference.types.options import Settings, in_range, training
from learning.live.training import Run as Run

if TYPE_CHECKING:
    from inference.limits import Limits

LEAST = 200  # characters of a text
SECONDS_A_STEP = 0.02  # of a middling model: what those behind it are told


@dataclass(frozen=True)
class Train(ProcessTask[Run, Run]):
    """One training. `text` is the one for the name own; the others need none."""

    settings: Settings = field(default=Settings(), kw_only=True)

    def __post_init__(self) -> None:
        one = self.settings
        for what, given, choices in (
            ("text", one.text, training.TEXTS),
            ("model", one.model, training.MODELS),
            ("schedule", one.schedule, training.SCHEDULES),
            ("optimiser", one.optimiser, training.OPTIMISERS),
        ):
            if given not in choices:
                raise OrreryError(f"The {what} is one of {', '.join(choices)}.")
        in_range("The width", one.width, training.WIDTH, whole=True)
        in_range("The number of layers", one.layers, training.LAYERS, whole=True)
        in_range("The window", one.window, training.WINDOW, whole=True)
        in_range("The batch", one.batch, training.BATCH, whole=True)
        in_range("The number of steps", one.steps, training.STEPS, whole=True)
        in_range("The learning rate", one.rate, training.RATE)
        in_range("The weight decay", one.weight_decay, training.WEIGHT_DECAY)
        in_range("The dropout", one.dropout, training.DROPOUT)
        in_range("Clipping", one.clip, training.CLIP)
        in_range("The seed", one.seed, training.SEED, whole=True)
        if one.width % training.WIDTH_STEP:
            raise OrreryError(f"The width is a multiple of {training.WIDTH_STEP}, not {one.width}.")

    @property
    def seconds(self) -> float:
        return 3.0 + SECONDS_A_STEP * self.settings.steps

    def checked(self, limits: Limits) -> Self:
        """Raises EmptyText, TooLong or NothingToLearn where a text of one's own is unfit."""
        if self.settings.text != "own":
            return replace(self, text="")
        text = clean(self.text, limits.training_text).text
        if len(text) < LEAST:
            held = "1 character" if len(text) == 1 else f"{len(text):,} characters"
            raise NothingToLearn(f"it has {held}, and needs {LEAST} or more")
        if len(set(text)) < 2:
            raise NothingToLearn("it repeats a single character")
        return replace(self, text=text)

    def changed(self, limits: Limits) -> str:
        """What is read otherwise than it was typed, in sentences; empty for nothing.

        Raises OrreryError as `checked` does.
        """
        text = self.checked(limits).text
        if not text:
            return ""
        different = len(set(str(text)))
        rare = (
            f"Of {different:,} different characters the rarest are read as one, U+FFFD, so that "
            f"{training.DIFFERENT} remain."
            if different > training.DIFFERENT
            else ""
        )
        return " ".join(filter(None, (clean(self.text, limits.training_text).note, rare)))

    def work(self, limits: Limits) -> Iterator[Run]:
        from learning.live.run import train  # noqa: PLC0415  # torch

        yield from train(self.settings, str(self.text), limits.training_seconds)

    def told(self, found: Result[Run], keep: Keep | None) -> Run:
        """The training so far; its model, once it is there, is kept for whoever asked."""
        run = found.value
        if not run.files:
            return run
        title = f"{training.TITLES[self.settings.model]}, trained here"
        return replace(run, files={}, kept=keep(run.files, title) if keep else "")
