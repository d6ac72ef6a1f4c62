"""How is one token chosen: what does each filter cut, and where do the dice fall?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from inference.decoding import sampling
from inference.decoding.chain import chain
from inference.decoding.sampling import Distribution
from inference.decoding.trajectory import Trajectory
from inference.entry import Capability
from inference.task import Result, Task
from inference.text.cleaning import clean
from inference.text.notes import joined
from inference.text.pieces import end_of_text, pieces
from inference.types.options import SEED, LaneOptions, in_range
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

NUMBERED = re.compile(r"#([0-9]{1,9})")
LISTED = 8  # of the most probable tokens
LAST = 3  # of the most probable ones at the end, which filters may have moved up


class Chance(NamedTuple):
    """One token after a filter."""

    logit: float
    share: float
    """Of the survivors' probability; 0 where it is cut."""
    kept: bool
    rank: int
    """From 1, survivors before the others."""


@dataclass(frozen=True)
class Stage:
    """The whole vocabulary as one filter leaves it."""

    filter: str
    """A field of `LaneOptions`; empty for what the model itself says."""
    value: float | None
    survivors: int
    mass: float
    """The probability of the survivors over the whole vocabulary, before it is renormalised."""
    cut: float
    """The share of the survivors before it that it cuts."""
    entropy: float
    """Of the survivors, renormalised, in bits."""
    chances: Mapping[int, Chance]
    """Of the tokens that are listed."""


@dataclass(frozen=True)
class Choice:
    """One token, chosen."""

    tokens: Tokenized
    """The prompt."""
    options: LaneOptions
    listed: tuple[int, ...]
    """The most probable tokens by the model itself, then the chosen and the followed one."""
    stages: tuple[Stage, ...]
    token: int
    """The one that is chosen."""
    dice: float | None
    """The number drawn, from 0 to 1; None where the most probable is taken."""
    segments: tuple[tuple[int, float, float], ...]
    """(token, start, end) of the listed survivors on the cumulative bar, in their order."""
    followed: int | None
    vocabulary: int
    pieces: Mapping[int, bytes]
    end_of_text: int

    @property
    def last(self) -> Stage:
        """What is chosen from."""
        return self.stages[-1]


@dataclass(frozen=True)
class Choose(Task[NDArray[np.float32], Choice]):
    """Choose the next token after a prompt, and keep what every filter did."""

    options: LaneOptions = field(default_factory=lambda: LaneOptions("Sampled", sample=True))
    seed: int = 7
    follow: str = ""
    """A text whose first token is listed wherever it ranks, or `#` and the number of a token."""
    followed: int | None = field(default=None, kw_only=True)
    """That token; filled in by `prepare`."""

    needs: ClassVar[tuple[Capability, ...]] = ("write",)
    what: ClassVar[str] = "prompt"

    def __post_init__(self) -> None:
        in_range("The seed", self.seed, SEED, whole=True)

    def prepare(self, model: Preprocessor) -> Self:
        prepared = self.of(model.prompt(self.text, (self.options,)), model)
        if not self.follow:
            return prepared
        ids = searched(self.follow, model)
        said = f"That takes {len(ids)} tokens; the first is followed." if len(ids) > 1 else ""
        tokens = replace(prepared.tokens, note=joined(prepared.tokens.note, said))
        return replace(prepared, tokens=tokens, followed=ids[0] if ids else None)

    def answer(self, placed: PlacedModel) -> NDArray[np.float32]:
        """The logits after the prompt, (vocabulary,). Raises TooLong or NumericalFault."""
        from inference.decoding import stepping  # noqa: PLC0415  # torch

        at = Trajectory(self.tokens.ids, self.options, self.seed, new_tokens=1)
        stepper, cached = stepping.placed_stepper(placed, self.ends)
        return stepping.after_prompt(stepper, at, cached)

    def finish(self, found: Result[NDArray[np.float32]], tokenizer: TextTokenizer) -> Choice:
        steps = list(filtered(found.value, self.options, self.tokens.ids))
        last = steps[-1][1]
        number = np.random.default_rng(self.seed).random() if self.options.sample else None
        token = sampling.most_probable(last) if number is None else sampling.drawn(last, number)
        listed = mentioned(steps[0][1], last, token, self.followed)
        return Choice(
            tokens=self.noted(found),
            options=self.options,
            listed=listed,
            stages=tuple(stages(steps, self.options, listed)),
            token=token,
            dice=number,
            segments=segments(last, listed),
            followed=self.followed,
            vocabulary=len(found.value),
            pieces=pieces(tokenizer, listed),
            end_of_text=end_of_text(tokenizer),
        )


def searched(text: str, model: Preprocessor) -> tuple[int, ...]:
    """The tokens of a text, or the one that `#` and a number name: no text has them all.

    Raises OrreryError where the text cannot be used or the model has no such token.
    """
    typed = clean(text, model.limits.characters, "token to follow")
    number = NUMBERED.fullmatch(typed.text)
    if number is None:
        return model.segmenter.segment(typed).ids
    in_range("A token", int(number[1]), (0, model.bounds.vocabulary - 1), whole=True)
    return (int(number[1]),)


def filtered(
    logits: NDArray[np.float32], options: LaneOptions, prompt: Sequence[int]
) -> list[tuple[str, Distribution]]:
    """What the model says, then what every filter that is on makes of it."""
    given = sampling.ranked(logits)
    found = [("", given)]
    for name, process in chain(options, prompt, ()):
        given = process(given)
        found.append((name, given))
    return found


def mentioned(
    first: Distribution, last: Distribution, token: int, followed: int | None
) -> tuple[int, ...]:
    """The tokens to list, by what the model itself says of them."""
    listed = [*first.tokens[:LISTED].tolist(), *last.tokens[: min(LAST, last.survivors)].tolist()]
    listed += [token, *([] if followed is None else [followed])]
    ranks = {one: first.rank(one) for one in listed}
    return tuple(sorted(ranks, key=ranks.__getitem__))


def stages(
    steps: Sequence[tuple[str, Distribution]], options: LaneOptions, listed: Sequence[int]
) -> list[Stage]:
    """Every step in numbers."""
    found = []
    before = steps[0][1]
    for name, given in steps:
        alive = given.weights[: given.survivors]
        shares = alive / alive.sum()
        some = shares[shares > 0]
        entropy = -float((some * np.log2(some)).sum())
        value = getattr(options, name) if name else None
        chances = {one: chance(given, shares, one) for one in listed}
        cut = cut_share(before, given)
        found.append(
            Stage(name, value, given.survivors, given.mass, cut, max(0.0, entropy), chances)
        )
        before = given
    return found


def chance(given: Distribution, shares: NDArray[np.float64], token: int) -> Chance:
    rank = given.rank(token)
    kept = rank < given.survivors
    return Chance(float(given.logits[rank]), float(shares[rank]) if kept else 0.0, kept, rank + 1)


def cut_share(before: Distribution, after: Distribution) -> float:
    """How much of what was left is cut now."""
    if after.survivors == before.survivors:
        return 0.0
    gone = np.isin(before.tokens[: before.survivors], after.tokens[after.survivors :])
    alive = before.weights[: before.survivors]
    return float(alive[gone].sum() / alive.sum())


def segments(last: Distribution, listed: Sequence[int]) -> tuple[tuple[int, float, float], ...]:
    """Where the listed survivors lie on the bar from 0 to 1."""
    ends = np.cumsum(last.weights[: last.survivors])
    ends /= ends[-1]
    ranks = sorted(rank for rank in map(last.rank, listed) if rank < last.survivors)
    return tuple(
        (int(last.tokens[r]), float(ends[r - 1]) if r else 0.0, float(ends[r])) for r in ranks
    )
