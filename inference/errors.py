"""The catalogue of what can go wrong for a person: a code, what happened, what is kept, what to do.

Every sentence is plain and shows nothing of the inside. The code lets a page, a test or a client
at the other end of a connection tell one from another.
"""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Sequence

from inference.entry import TRAINED
from models.text.characters import quoted


class OrreryError(ValueError):
    """A problem that the person in front of the page can understand and act on."""

    code = "error"
    what_happened = "{}"
    """A sentence with gaps, which are filled when the error is made."""
    kept = ""
    """What is not lost, as a sentence."""
    what_to_do = ""
    """A sentence too; every entry of the catalogue has both."""

    def __init__(self, *facts: object) -> None:
        happened = self.what_happened.format(*facts)
        super().__init__(" ".join(filter(None, (happened, self.kept, self.what_to_do))))


class EmptyText(OrreryError):
    code = "empty"
    kept = "What was shown stays."
    what_to_do = "Type something, or pick an example."

    def __init__(self, what: str = "text") -> None:
        super().__init__(f"The {what} is empty.")


class NoGap(OrreryError):
    code = "no_gap"
    kept = "What was shown stays."
    what_to_do = "Write the mark of a gap where a token is missing."

    def __init__(self, mark: str) -> None:
        self.what_to_do = f"Write {mark} where a token is missing."
        super().__init__("There is no gap in the text.")


class TooLong(OrreryError):
    code = "too_long"
    kept = "Nothing you typed is lost."
    what_to_do = "Shorten it and run again."

    def __init__(self, what: str, limit: int, given: int, unit: str, why: str = "") -> None:
        said = f"The {what} may have up to {limit:,} {unit}; yours has {given:,}."
        super().__init__(f"{said} {why}" if why else said)


class TooMuch(TooLong):
    """One run that asks for more than a run may cost."""

    what_to_do = "Ask for fewer tokens, lanes or beams and run again."

    def __init__(self, limit: int, given: int) -> None:
        super().__init__("run", limit, given, "tokens over all its rows")


class OutOfRange(OrreryError):
    code = "out_of_range"
    kept = "What was shown stays."
    what_to_do = "Choose a value in between and run again."

    def __init__(
        self, what: str, low: float, high: float, given: object, whole: bool = False
    ) -> None:
        kind = "is a whole number" if whole else "goes"
        super().__init__(f"{what} {kind} from {low:,} to {high:,}, not {quoted(str(given)[:40])}.")


class BadTrajectory(OrreryError):
    code = "bad_trail"
    what_happened = "This trail leads nowhere: {}."
    kept = "The prompt is kept."
    what_to_do = "Start again from there."


class UnknownWord(OrreryError):
    code = "unknown_word"
    kept = "What was shown stays."
    what_to_do = "Check the spelling, or try another word."

    def __init__(self, word: str, near: list[str], parts: Sequence[str] = ()) -> None:
        """parts: known words that it consists of."""
        if parts:
            self.what_to_do = f"Every entry is a single word: try {' or '.join(parts)} alone."
        elif near:
            self.what_to_do = f"Try one near in spelling: {', '.join(near)}."
        super().__init__(f"'{quoted(word[:40])}' is not in this vocabulary.")


class NotLearned(OrreryError):
    code = "not_learned"
    what_happened = "The model has learned no character of the {}."
    kept = "What was shown stays."
    what_to_do = "Write it in the characters of the text that the model was trained on."


class ModelUnavailable(OrreryError):
    code = "model_missing"
    kept = "The other views still work."
    what_to_do = "Try again in a minute, or tell whoever runs this page."
    reason = ""

    def __init__(self, name: str, reason: str) -> None:
        self.reason = reason
        known = "trained here" if name.startswith(TRAINED) else name
        super().__init__(f"The model {quoted(known)} is not available: {reason}")


class ModelGone(OrreryError):
    """A model that was trained here: its time is over, others needed the room, or a restart."""

    code = "model_gone"
    kept = "What was shown stays."
    what_to_do = "Train it again, or choose another model."

    def __init__(self, seconds: float) -> None:
        minutes = round(seconds / 60)
        super().__init__(
            f"The model that was trained here is gone: it is kept for {minutes} minutes at most, "
            "and not over a restart."
        )


class BadTokenizer(OrreryError):
    """One that was trained here and that the page has kept."""

    code = "bad_tokenizer"
    what_happened = "The tokenizer that was trained here cannot be read: {}."
    kept = "The others still work."
    what_to_do = "Train it again, and choose the new one."


class Busy(OrreryError):
    code = "busy"
    kept = "Your input is kept."
    what_to_do = "Try again later."
    seconds: float | None = None

    def __init__(self, ahead: int, seconds: float | None = None) -> None:
        self.seconds = seconds
        self.what_to_do = f"Try again in {about(seconds)}."
        people = "1 is" if ahead == 1 else f"{ahead} are"
        super().__init__(f"Many people are running this right now: {people} ahead of you.")


class TimedOut(OrreryError):
    code = "timed_out"
    what_happened = "Stopped after {:g} s."
    kept = "What was written so far stays."
    what_to_do = "Ask for less and run again."


class Cancelled(OrreryError):
    code = "cancelled"
    kept = "What was written so far stays."
    what_to_do = "Run it again if you still want it."

    def __init__(self, reason: str = "") -> None:
        super().__init__(f"Stopped{reason and ': '}{reason}.")


class NumericalFault(OrreryError):
    code = "numerical"
    what_happened = "The model produced no valid number at step {}."
    kept = "The steps before it are shown."
    what_to_do = "Change the text and run again."


class OutOfMemory(OrreryError):
    """Nowhere was there memory for the run; where there was some on the CPU, `ON_CPU` says so."""

    code = "memory"
    what_happened = "There was not enough memory for this run."
    kept = "Your input is kept."
    what_to_do = "Ask for fewer tokens, lanes or beams and run again."


class Restarted(OrreryError):
    code = "restarted"
    what_happened = "What runs the models had to be restarted."
    kept = "Your input and what was written so far are still here."
    what_to_do = "Run it again."


class ProcessLost(OrreryError):
    """A process of its own ended before its task did: killed, or out of memory."""

    code = "process_lost"
    what_happened = "The process that did this ended before its work did."
    kept = "What was shown so far stays."
    what_to_do = "Run it again; a smaller model or batch needs less memory."


class Unreachable(OrreryError):
    """The machines that run the models do not answer, or not any more."""

    code = "unreachable"
    what_happened = "The machines that run the models do not answer."
    kept = "Your input and what was written so far are still here."
    what_to_do = "Run it again in a minute, or tell whoever runs this page."


class OtherVersion(OrreryError):
    """Page and cluster hold different code: what one sends, the other might read as another."""

    code = "other_version"
    what_happened = "The page and the machines that run the models differ in version."
    kept = "Your input is kept."
    what_to_do = "Tell whoever runs this page: both have to be started from the same version."


class NothingToLearn(OrreryError):
    code = "nothing_to_learn"
    what_happened = "There is nothing to learn from this text: {}."
    kept = "Nothing you typed is lost."
    what_to_do = "Paste a longer text, or choose one that is built in."


class NoTopic(OrreryError):
    """A link or code that was made up, or whose time is over, or from before a restart."""

    code = "no_topic"
    kept = "Nothing is lost."
    what_to_do = "Ask whoever gave it to you for a new one."

    def __init__(self, seconds: float) -> None:
        hours = "an hour" if seconds == 3600 else f"{seconds / 60:.0f} minutes"
        super().__init__(
            "There is nothing under this link any more, or there never was: it is kept for "
            f"{hours} after the last word, and not over a restart."
        )


class FullHouse(OrreryError):
    code = "full_house"
    kept = "Those who are here go on."
    what_to_do = "Look at a neighbour's screen, or try again when somebody has left."

    def __init__(self, limit: int, where: str = "") -> None:
        """where: of whom so many, such as FROM_HERE."""
        super().__init__(f"No more than {limit} people can follow this at once{where}.")


class TooManyTopics(OrreryError):
    code = "too_many_topics"
    kept = "Everything else works as before."
    what_to_do = "Try again in a few minutes."

    def __init__(self, limit: int, where: str = "") -> None:
        what = "trainings and rooms can be followed at once"
        super().__init__(f"No more than {limit} {what}{where}.")


class NotCounted(OrreryError):
    """A guess in a room, or a turn of its lecturer, that comes too late or is none."""

    code = "not_counted"
    what_happened = "This does not count: {}."
    kept = "The room goes on."
    what_to_do = "Guess the next letter."


class InternalError(OrreryError):
    """Something nobody foresaw. The log has reference and place, and never what was typed."""

    code = "internal"
    kept = "Your input is kept."
    what_to_do = "Run it again; if that fails too, pass on the reference."

    def __init__(self, cause: BaseException | None = None) -> None:
        self.reference = secrets.token_hex(2).upper()
        self.cause = "" if cause is None else f"{type(cause).__name__}\n{where(cause)}"
        super().__init__(f"Something went wrong on our side (reference {self.reference}).")


FROM_HERE = " from your network"
"""Of a limit that is that of one address."""
ON_CPU = "There was not enough memory on the GPU; this run used the CPU and is slower."
"""The `memory` case that ends well: a note on the result."""


def about(seconds: float | None) -> str:
    """A time to wait, no more exact than it is known."""
    if seconds is None:
        return "a few seconds"
    return f"about {max(1, round(seconds)):,} s"


def where(error: BaseException) -> str:
    """Where an exception comes from, for the log; not what it says, which may quote a person."""
    return "".join(traceback.format_tb(error.__traceback__))


CATALOGUE = {error.code: error for error in OrreryError.__subclasses__()}
"""Every error by its code; `bad_character` is a note on a result (inference/text/cleaning.py)."""
