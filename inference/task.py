"""One question to one model: what a view asks, what a backend runs, and what comes back.

A task is frozen and holds plain values, so that it can be sent to another process as bytes. The
service turns its text into ids, the backend runs its program. Files of tasks import no torch but
inside a program, which runs where the models are.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from inference.collection import STORYTELLER
from inference.entry import Capability
from inference.errors import CATALOGUE, InternalError, OrreryError
from inference.text.notes import joined
from inference.types.tokenized import Tokenized
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.limits import Limits
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

N = TypeVar("N")
R = TypeVar("R")
T_co = TypeVar("T_co", covariant=True)
Keep = Callable[[Mapping[str, bytes], str], str]
UNREAD = Tokenized("", (), ())


@dataclass(frozen=True)
class Result(Generic[T_co]):
    """What a program has found so far."""

    value: T_co
    note: str = ""
    """What was special about the run, in a sentence."""
    done: int = 0
    """Steps or slices that it holds: who asks again elsewhere wants none older."""


@dataclass(frozen=True)
class Failure:
    """How another process says why it has no result; `cause` is for the log alone."""

    code: str
    sentence: str
    cause: str = ""

    @classmethod
    def of(cls, error: OrreryError) -> Failure:
        """What is sent in place of an error."""
        return cls(error.code, str(error), error.cause if isinstance(error, InternalError) else "")

    @property
    def error(self) -> OrreryError:
        """The error again: of its class, with its sentence, and without what else it held."""
        if self.code == InternalError.code:
            internal = InternalError()
            internal.cause = self.cause
            return internal
        kind = CATALOGUE.get(self.code, OrreryError)
        error = kind.__new__(kind)
        ValueError.__init__(error, self.sentence)
        return error


@dataclass(frozen=True)
class Task(Generic[N, R]):
    """A question to a model. N: what its program yields. R: what the view is given.

    Subclasses add parameters, which check themselves in `__post_init__`.
    """

    text: object
    """As somebody typed it."""
    model: str = STORYTELLER
    tokens: Tokenized = field(default=UNREAD, kw_only=True)
    """The text cut into tokens, once `prepare` has done so."""
    ends: tuple[int, ...] = field(default=(), kw_only=True)
    """The tokens that end a text, the main one first; filled in by `prepare`."""

    needs: ClassVar[tuple[Capability, ...]]
    """What the model must be able to do."""
    what: ClassVar[str] = "text"
    """What messages call the text."""

    @property
    def rows(self) -> int:
        """Rows of a running batch that it takes; 0 where it runs as a program of its own."""
        return 0

    @property
    def steps(self) -> int:
        """Tokens that each row may write."""
        return 0

    def prepare(self, model: Preprocessor) -> Self:
        """The same task with its text cut. Raises OrreryError where the text cannot be used."""
        limit = min(model.limits.attention_tokens, model.bounds.context)
        return self.of(model.cut(self.text, self.what, limit), model)

    def of(self, tokens: Tokenized, model: Preprocessor) -> Self:
        """The same task on these tokens."""
        return replace(self, tokens=tokens, ends=model.ends)

    def known(self) -> R | None:
        """The result, where it is known once the text is cut: it waits for nobody then."""
        return None

    def program(self, placed: PlacedModel) -> Generator[N | None, None, N]:
        """The work in bounded slices: each ends by yielding news, or None where there are none yet,
        and the last by returning the result.

        Runs on the worker's thread; between two slices others take their steps. After a fault it
        is begun again on another device. One slice, unless a task has more.
        """
        yield from ()
        return self.answer(placed)

    def answer(self, placed: PlacedModel) -> N:
        """The work of a task of one slice."""
        raise NotImplementedError

    def finish(self, found: Result[N], tokenizer: TextTokenizer) -> R:
        """What the view is given for news of the program."""
        raise NotImplementedError

    def noted(self, found: Result[Any]) -> Tokenized:
        """The tokens, with the note of a result added to theirs."""
        return replace(self.tokens, note=joined(self.tokens.note, found.note))


@dataclass(frozen=True)
class TextTask(Task[None, R]):
    """A task that needs no more of its model than how it cuts, and computes for a while.

    It is worked on by whoever asks, in turn with all others, and waits for no running model.
    """

    def work(self, model: Preprocessor) -> Iterator[Waiting | R]:
        """How far it is, often, and last the result. Raises OrreryError where its text cannot be
        used."""
        raise NotImplementedError


@dataclass(frozen=True)
class ProcessTask(Task[N, R]):
    """A task that needs no model of the collection and runs in a process of its own.

    It is sent there as bytes, so that nothing of it is left here but its news.
    """

    model: str = ""

    needs: ClassVar[tuple[Capability, ...]] = ()

    @property
    def seconds(self) -> float:
        """About how long it runs: what those behind it in the line are told."""
        raise NotImplementedError

    def checked(self, limits: Limits) -> Self:
        """The same task with its text looked at. Raises OrreryError where it cannot be used."""
        return self

    def work(self, limits: Limits) -> Iterator[N]:
        """The news, of which the last is the result."""
        raise NotImplementedError

    def told(self, found: Result[N], keep: Keep | None) -> R:
        """What the view is given for news.

        keep: takes the files of a model that was made, and its title, and returns its name; None
        where nobody in particular has asked, so that nobody could use it.
        """
        raise NotImplementedError
