"""A trail: all that is needed to stand again where somebody stood in a text, token by token.

The page holds it and hands it back with every action, so that the service remembers nobody. It is
small, it is JSON, and what it leads to depends on nothing else: step k of a lane that samples uses
the k-th number of its dice, whether the token was chosen, forced, or reached by a branch.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from inference.errors import BadTrail, OrreryError
from inference.types import NEW_TOKENS, SEED, LaneOptions, in_range

BYTES = 16_384  # of a trail as JSON; the longest that the app makes has about 2,000
NAME = 40  # characters
TOKEN = 2**31 - 1
ONE_TEXT = (
    "Beam search follows several texts at once, so that no token of it can be forced. Choose "
    "another strategy, or put the words into the prompt."
)


@dataclass(frozen=True)
class Trail:
    """A place in the text of one lane. Every change makes a new trail."""

    prompt: tuple[int, ...]
    options: LaneOptions
    seed: int = 7
    chosen: tuple[int, ...] = ()
    """The tokens written so far, whoever chose them; always empty for beam search."""
    searched: int = 0
    """Steps that a beam search has taken; always 0 for any other strategy."""
    new_tokens: int = NEW_TOKENS[1]
    """Where the text ends if it does not end by itself."""

    def __post_init__(self) -> None:
        in_range("The seed", self.seed, SEED, whole=True)
        in_range("The length", self.new_tokens, NEW_TOKENS, whole=True)
        for steps in (self.searched, len(self.chosen)):
            in_range("The number of steps", steps, (0, self.new_tokens), whole=True)
        if not self.prompt:
            raise BadTrail("it has no prompt")
        for token in (*self.prompt, *self.chosen):
            in_range("A token", token, (0, TOKEN), whole=True)
        if self.chosen if self.options.beams else self.searched:
            raise BadTrail("its steps are not those of its strategy")

    @property
    def steps(self) -> int:
        """How many steps lead from the prompt to here."""
        return self.searched if self.options.beams else len(self.chosen)

    def back(self) -> Trail:
        """One step back. Raises OrreryError at the prompt."""
        if not self.steps:
            raise OrreryError("This is the prompt: there is no step to take back.")
        if self.options.beams:
            return replace(self, searched=self.searched - 1)
        return replace(self, chosen=self.chosen[:-1])

    def force(self, token: int) -> Trail:
        """Write this token next, whatever the strategy would choose."""
        return self.branch(self.steps, token)

    def branch(self, place: int, token: int) -> Trail:
        """Go back to where `place` tokens were written, and write this one instead.

        Raises OutOfRange where there is no such place, OrreryError for beam search.
        """
        if self.options.beams:
            raise OrreryError(ONE_TEXT)
        last = min(self.steps, self.new_tokens - 1)
        in_range("The place of a branch", place, (0, last), whole=True)
        return replace(self, chosen=(*self.chosen[:place], token))

    def to_json(self) -> str:
        """What the page holds; `from_json` gives the same trail back."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @staticmethod
    def from_json(text: object) -> Trail:
        """Read a trail that came from outside. Raises BadTrail or OutOfRange."""
        if not isinstance(text, str) or len(text) > BYTES:
            raise BadTrail(f"it is not a text of up to {BYTES:,} characters")
        try:
            given = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadTrail("it is no JSON") from error
        _require_fields("it", given, Trail)
        _require_fields("its strategy", given["options"], LaneOptions)
        return Trail(
            **{
                **given,
                "options": _strategy(given["options"]),
                "prompt": _ids("prompt", given["prompt"]),
                "chosen": _ids("chosen", given["chosen"]),
            }
        )


def _require_fields(what: str, given: object, kind: type) -> None:
    names = {field.name for field in fields(kind)}
    if not isinstance(given, dict) or set(given) != names:
        raise BadTrail(f"{what} does not have the parts {', '.join(sorted(names))}")


def _strategy(given: dict[str, Any]) -> LaneOptions:
    """Numbers check themselves; a name is shown and a bool decides, so they are checked here."""
    if not isinstance(given["name"], str) or len(given["name"]) > NAME:
        raise BadTrail(f"the name of its strategy is not a text of up to {NAME} characters")
    if not isinstance(given["sample"], bool):
        raise BadTrail("whether its strategy samples is neither true nor false")
    return LaneOptions(**given)


def _ids(name: str, given: object) -> tuple[int, ...]:
    if not isinstance(given, list):
        raise BadTrail(f"{name} is not a list of tokens")
    return tuple(given)
