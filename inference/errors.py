"""What can go wrong for a person, in plain sentences: what happened, and what to do.

Every error has a code, so that a page, a test or a client can tell them apart.
"""

from __future__ import annotations


class OrreryError(ValueError):
    """A problem that the person in front of the page can understand and act on."""

    code = "error"
    title = "Not run"


class EmptyText(OrreryError):
    code = "empty"

    def __init__(self, what: str = "text") -> None:
        super().__init__(f"The {what} is empty. Type something, or pick an example.")


class TooLong(OrreryError):
    code = "too_long"

    def __init__(self, what: str, limit: int, given: int, unit: str) -> None:
        super().__init__(
            f"The {what} may have up to {limit:,} {unit}; yours has {given:,}. Shorten it and "
            "run again; nothing you typed is lost."
        )


class OutOfRange(OrreryError):
    code = "out_of_range"

    def __init__(
        self, what: str, low: float, high: float, given: object, whole: bool = False
    ) -> None:
        kind = "is a whole number" if whole else "goes"
        super().__init__(f"{what} {kind} from {low:,} to {high:,}, not {str(given)[:40]}.")


class BadTrail(OrreryError):
    code = "bad_trail"

    def __init__(self, reason: str) -> None:
        super().__init__(f"This trail leads nowhere: {reason}. Start again from the prompt.")


class UnknownWord(OrreryError):
    code = "unknown_word"

    def __init__(self, word: str, near: list[str]) -> None:
        hint = f" Near in spelling: {', '.join(near)}." if near else " Check the spelling."
        super().__init__(f"'{word[:40]}' is not in this vocabulary.{hint}")


class ModelUnavailable(OrreryError):
    code = "model_missing"

    def __init__(self, name: str, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The model {name} is not available: {reason} The other views still work.")


class Busy(OrreryError):
    code = "busy"

    def __init__(self, ahead: int) -> None:
        super().__init__(
            f"Many people are running this right now: {ahead} are ahead of you. "
            "Your input is kept; try again in a few seconds."
        )


class TimedOut(OrreryError):
    code = "timed_out"
    title = "Stopped"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Stopped after {seconds:g} s; what was written so far stays.")


class NumericalFault(OrreryError):
    code = "numerical"
    title = "Stopped"

    def __init__(self, step: int) -> None:
        super().__init__(
            f"The model produced no valid number at step {step}; the steps before it are shown."
        )


class InternalError(OrreryError):
    code = "internal"

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"Something went wrong on our side (reference {reference}). Your input is kept."
        )
