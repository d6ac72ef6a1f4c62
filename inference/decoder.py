"""The work itself: who is in which batch, and what happens when a device fails under it.

When a step fails, its batch is thrown away and its requests, which are whole, go on in others:
 - out of memory: half of them now and half later; then, alone, without the idle models; then on
   the CPU;
 - the device is lost: those on it end, and the CPU serves everybody else;
 - an operation lacks in 16 bit: the model is loaded again in 32;
 - anything else: two halves, and halves of halves, until the one that causes it fails alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import Any, Protocol

from inference.backend import Result
from inference.device import Device, Devices, Fault, Placed, attempt
from inference.errors import ON_CPU, ModelUnavailable
from inference.job import Call, DecodingJob
from inference.line import Line, Place
from inference.room import Room, Seat


class Models(Protocol):
    """Where the decoder finds its models; may load one again after a fault."""

    def on(self, name: str, device: Device) -> AbstractContextManager[Placed]:
        """A model on this device, or on the CPU where that has no room for it.

        It is in use, and not unloaded to make room, inside the block. Raises ModelUnavailable.
        """

    def evict_idle(self) -> bool:
        """Unload what nobody uses; True where there was something."""

    def forget(self) -> None:
        """Load every model anew: its device is lost, or computes in other numbers now."""


class Decoder:
    """Runs decodings in batches and calls one by one. For the worker's thread alone."""

    def __init__(self, line: Line, models: Models, devices: Devices, rows: int) -> None:
        """rows: how many may run at once; fewer after memory did not suffice for them."""
        self.current: Sequence[Place] = ()
        self._line = line
        self._models = models
        self._devices = devices
        self._rows = rows
        self._most = rows
        self._rooms: deque[Room] = deque()
        self._parked: deque[Seat] = deque()

    def start(self, place: Place) -> None:
        """Do a call, or let a decoding join the batch of its model."""
        self.current = (place,)
        if isinstance(place.job, Call):
            self._call(place, place.job)
        elif isinstance(place.job, DecodingJob):
            self._enter(Seat.of(place, place.job))
        self.current = ()

    def step(self) -> int | None:
        """Advance one batch; the batches take turns."""
        for _ in range(len(self._parked)):
            seat = self._parked.popleft()
            if seat.job.stop_if_over():
                self._line.leave(seat.place)
            else:
                self._enter(seat)
        if not self._rooms:
            return None
        room = self._rooms.popleft()
        self.current = [seat.place for seat in room.seats]
        written = self._advance(room)
        room.publish(self._line, self._note(room.device))
        if isinstance(written, Fault):
            self._recover(room, written)
            room.close()  # not before: a model that ran out of memory would make room for itself
            written = 0
        elif room.seats:
            self._rooms.append(room)
        else:
            self._finish(room)
        self.current = ()
        return written

    def _advance(self, room: Room) -> int | Fault:
        """A step, unless it is known already that it cannot go well."""
        known = self._devices.fault(room.device, room.dtype)
        if known is not None:
            return known
        return attempt(partial(room.step, self._line), room.device, room.dtype)

    def _finish(self, room: Room) -> None:
        room.close()
        if not self._rooms:
            self._most = min(self._rows, 2 * self._most)  # what was tight then may be free now

    def _enter(self, seat: Seat) -> None:
        """Into the batch of its model, or aside until there is memory."""
        rows = sum(room.rows for room in self._rooms)
        if rows and rows + seat.rows > self._most:
            self._parked.append(seat)
        else:
            self._open([seat], seat.job.work.model, self._devices.current)

    def _open(
        self, seats: Sequence[Seat], name: str, device: Device, suspect: bool = False
    ) -> None:
        """Put requests into the open batch of a model, or together into a new one."""
        try:
            room = self._room(name, device, suspect)
        except ModelUnavailable as error:
            for seat in seats:
                seat.end(self._line, error)
            return
        for seat in seats:
            try:
                room.join(seat)
            except ValueError as error:  # a bug of ours: the service has checked the length
                seat.end(self._line, error)

    def _room(self, name: str, device: Device, suspect: bool) -> Room:
        """The open batch of a model, or a new one. Raises ModelUnavailable."""
        with ExitStack() as hold:
            placed = hold.enter_context(self._models.on(name, device))
            room = None if suspect else self._open_room(name, placed)
            if room is None:
                room = Room(name, placed, self._most, suspect, hold.pop_all())
                self._rooms.append(room)
            return room

    def _open_room(self, name: str, placed: Placed) -> Room | None:
        rooms = (room for room in self._rooms if room.takes(name, placed))
        return next(rooms, None)

    def _call(self, place: Place, job: Call[Any]) -> None:
        """Do one thing, with the same ways out as a batch of one."""
        device: Device | None = self._devices.current
        while device is not None and not job.stop_if_over():
            device = self._try(job, device)
        self._line.leave(place)

    def _try(self, job: Call[Any], device: Device) -> Device | None:
        """Do a call on a device; where to try it again, if anywhere."""
        try:
            with self._models.on(job.model, device) as placed:
                return self._answer(job, placed)
        except ModelUnavailable as error:
            job.end(error)
            return None

    def _answer(self, job: Call[Any], placed: Placed) -> Device | None:
        """Do a call with a model; returns as `_try` does, which lets go of the model first."""
        outcome = attempt(partial(job.work, placed), placed.device, placed.dtype)
        if not isinstance(outcome, Fault):
            job.publish(Result(outcome, self._note(placed.device)))
            job.end()
            return None
        fault = self._release(placed.device, outcome)
        device = self._elsewhere(placed.device, fault)
        if device is None:
            job.end(fault.error)
        return device

    def _note(self, device: Device) -> str:
        return ON_CPU if device is not self._devices.current else ""

    # when a device fails

    def _recover(self, room: Room, fault: Fault) -> None:
        """Let the requests of a batch that failed go on elsewhere, or tell their people why not."""
        most = max(1, room.rows // 2)
        seats = room.vacate()
        fault = self._release(room.device, fault)
        half = (len(seats) + 1) // 2
        if len(seats) > 1 and fault.kind == "memory":
            self._most = most
            self._parked.extendleft(reversed(seats[half:]))
            self._open(seats[:half], room.name, room.device)
        elif len(seats) > 1 and fault.kind == "request":
            for part in (seats[:half], seats[half:]):
                self._open(part, room.name, room.device, suspect=True)
        elif seats or fault.kind == "lost":  # it may come out as the last one leaves
            device = self._elsewhere(room.device, fault)
            if device is not None:
                self._open(seats, room.name, device, suspect=True)
            else:
                for seat in seats:
                    seat.end(self._line, fault.error)

    def _release(self, device: Device, fault: Fault) -> Fault:
        """Give back what is not used where there was no memory.

        Returns the fault to go by: a device that queues its work may only now say that it is lost.
        """
        released = attempt(device.release, device) if fault.kind == "memory" else None
        return released or fault

    def _elsewhere(self, device: Device, fault: Fault) -> Device | None:
        """Where to try again what failed on a device by itself; None where nothing would help."""
        if fault.kind == "memory":
            if self._models.evict_idle():
                return device
            return self._devices.cpu if device is not self._devices.cpu else None
        if fault.kind == "dtype":
            if device.lower():  # once: the other rooms of this device follow, each in its turn
                self._models.forget()
            return device
        if fault.kind == "lost":
            self._lose(device, fault)
        return None

    def _lose(self, device: Device, fault: Fault) -> None:
        """The device is dead: what runs on it ends, and nothing touches it any more."""
        for room in self._rooms:
            if room.device is device:
                room.close()
                for seat in room.seats:
                    seat.end(self._line, fault.error)
        self._rooms = deque(room for room in self._rooms if room.device is not device)
        self._devices.condemn()
        self._models.forget()
