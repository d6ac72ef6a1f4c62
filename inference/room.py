"""A running batch, and the people whose requests are in it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from inference import lanes
from inference.backend import Result
from inference.batch import ROWS, Batch
from inference.device import Placed
from inference.errors import InternalError, OrreryError
from inference.job import DecodingJob
from inference.line import Line, Place
from inference.pace import Load
from inference.request import Request


@dataclass(eq=False)
class Seat:
    """One request at work: what the engine advances, and who waits for it."""

    request: Request
    place: Place
    job: DecodingJob

    @classmethod
    def of(cls, place: Place, job: DecodingJob) -> Seat:
        """A request from its beginning; the same seed makes it the same every time."""
        options = job.work.options
        built = [lanes.build(o, options.seed, job.work.end_of_text) for o in options.lanes]
        return cls(Request(job.work.prompt, built, options.new_tokens), place, job)

    @property
    def rows(self) -> int:
        return self.request.rows

    def end(self, line: Line, error: BaseException | None = None) -> None:
        """Tell the person; what is no error of the catalogue is one of ours."""
        if error is not None and not isinstance(error, OrreryError):
            error = InternalError(error)
        self.job.end(error)
        line.leave(self.place)

    def publish(self, note: str) -> None:
        """Hand out what is new. A request that had to begin again repeats nothing older."""
        left = self.request.tokens_left
        self.place.left = Load(self.request.rows, left)
        if left < self.job.tokens_left and self.request.error is None:
            self.job.tokens_left = left
            self.job.publish(Result(self.request.states, note))


class Room:
    """One batch on one device. For the worker's thread alone."""

    def __init__(
        self, name: str, placed: Placed, most: int, suspect: bool, hold: ExitStack
    ) -> None:
        """most: rows in one forward pass. suspect: one of them may be the cause of a fault.

        hold: keeps the model from being unloaded until `close`, or until nobody has this room any
        more, as when the worker died.
        """
        self.name = name
        self.device, self.dtype = placed.device, placed.dtype
        self.suspect = suspect
        self.seats: list[Seat] = []
        self._hold = hold
        self._batch: Batch[Any] = Batch(placed.decoding, placed.device.tensors, min(ROWS, most))

    @property
    def rows(self) -> int:
        return sum(seat.rows for seat in self.seats)

    def takes(self, name: str, placed: Placed) -> bool:
        """Whether others who want this model, as it is placed now, may join."""
        here = (self.name, self.device, self.dtype) == (name, placed.device, placed.dtype)
        return here and not self.suspect

    def join(self, seat: Seat) -> None:
        """Raises ValueError where the text does not fit the model."""
        self._batch.join(seat.request)
        self.seats.append(seat)

    def vacate(self) -> list[Seat]:
        """Let go of the batch and all its memory; returns everybody in it."""
        del self._batch
        return self.seats

    def close(self) -> None:
        """Let go of the model. Harmless the second time."""
        self._hold.close()

    def step(self, line: Line) -> int:
        """Let go of who has left, then advance the others by a token.

        Returns how many tokens were written. Raises whatever the device does.
        """
        for seat in tuple(self.seats):
            if seat.job.stop_if_over():
                self.seats.remove(seat)
                line.leave(seat.place)
                self._batch.leave(seat.request)
        rows = {seat.request: seat.rows for seat in self.seats}
        return sum(rows[request] for request in self._batch.step()) if rows else 0

    def publish(self, line: Line, note: str) -> None:
        """Hand out what is new, and let go of who has ended."""
        for seat in self.seats:
            seat.publish(note)
            if seat.request.ended:
                seat.end(line, seat.request.error)
        self.seats = [seat for seat in self.seats if not seat.request.ended]
