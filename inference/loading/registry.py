"""The models in memory: on which device each is, and which are unloaded to make room."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference.errors import ModelUnavailable
from inference.loading.lazy import LazyResource, MemoryBudget
from inference.status import ModelStatus
from models.opened import ModelFacts

if TYPE_CHECKING:
    from inference.loading.device import Device, Devices, PlacedModel

Source = Path | ModelFacts
"""A folder of the collection, or what is known of a model from elsewhere."""
STORED_BITS = 16  # checkpoints; in memory a number takes 32
GUEST = "trained here"
"""What messages call a model that only one visitor may know the name of."""
COPIES = 3  # at most: as it was read, laid out for one row, and for several


class ModelRegistry:
    """Loads every model when it is asked for. Imports torch no earlier. Safe from any thread."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        open_devices: Callable[[], Devices],
        megabytes: float,
        trained: Callable[[str], Path | None] = lambda name: None,
    ) -> None:
        """sources: of every model by its name.

        open_devices: imports torch and chooses; called once. megabytes: for all weights.
        trained: the folder of a model that was trained here, as long as it is kept.
        """
        self.memory = MemoryBudget(int(megabytes * 1e6))
        self._sources = dict(sources)
        self._trained = trained
        self._lock = threading.Lock()
        self._open_devices = open_devices
        self._devices: Devices | None = None
        self._members = {name: self._member(name, False) for name in sources}
        self._copies = {name: self._member(name, True) for name in sources}
        self._guests: dict[str, LazyResource[PlacedModel]] = {}  # models that were trained here

    @property
    def statuses(self) -> tuple[ModelStatus, ...]:
        return tuple(member.status for member in self._members.values())

    @property
    def opened(self) -> Devices | None:
        """The devices, if anybody has needed them yet."""
        return self._devices

    def devices(self) -> Devices:
        """The devices. Imports torch: not for the threads that serve the page."""
        with self._lock:
            if self._devices is None:
                self._devices = self._open_devices()
            return self._devices

    def member(self, name: str) -> LazyResource[PlacedModel]:
        """Raises ModelUnavailable where there is none of this name."""
        if name in self._members:
            return self._members[name]
        with self.memory.lock:
            self._let_go()
            folder = self._trained(name)
            if folder is None:
                raise ModelUnavailable("asked for", "there is none of this name.")
            if name not in self._guests:
                self._sources[name] = folder
                self._guests[name] = self._member(name, False, GUEST)
                self._copies[name] = self._member(name, True, GUEST)
            return self._guests[name]

    def _let_go(self) -> None:
        """Forget those that were trained here and are no longer kept, unless somebody uses them."""
        for name, guest in list(self._guests.items()):
            parts = (guest, self._copies[name])
            if self._trained(name) is None and not any(part.users for part in parts):
                for part in parts:
                    part.unload()
                del self._guests[name], self._copies[name], self._sources[name]

    @contextmanager
    def on(self, name: str, device: Device) -> Iterator[PlacedModel]:
        """See `scheduler.Models`."""
        copies = device is not self.devices().current
        member = self._copies[name] if copies else self._members.get(name) or self._guests[name]
        with member.use():
            while self._outdated(member.get()):
                member.unload()
            yield member.get()

    def evict_idle(self) -> bool:
        return self.memory.evict_idle()

    def forget(self) -> None:
        """Let every model be loaded anew when it is next asked for, in use or not."""
        for member in (*self._members.values(), *self._guests.values()):
            member.unload()

    def _member(self, name: str, on_cpu: bool, said: str = "") -> LazyResource[PlacedModel]:
        def load() -> PlacedModel:
            return self._load(name, on_cpu)

        return LazyResource(said or name, load, parameters, lambda: self._size(name), self.memory)

    def _outdated(self, placed: PlacedModel) -> bool:
        """Whether its device was lost or lowered since, by whoever loaded another model."""
        return self.devices().fault(placed.device, placed.dtype) is not None

    def _load(self, name: str, on_cpu: bool) -> PlacedModel:
        """Read a model and move it to its device; to the CPU if that has no room or fails."""
        from inference.loading.device import Fault, PlacedModel, attempt, prepare  # noqa: PLC0415  # torch

        prepare()  # kernels are compared where a model is laid out, as they will be used
        devices = self.devices()
        device = devices.cpu if on_cpu else devices.current

        def place() -> PlacedModel:
            dtype, placed = device.dtype, device.place(model)
            return PlacedModel(placed, device, dtype, device.for_decoding(placed))

        while True:
            model = read(self._sources[name])
            placed = attempt(place, device)
            if not isinstance(placed, Fault):
                return placed
            del model
            if placed.kind == "dtype":
                device.lower()
            elif placed.kind == "memory" and self.memory.evict_idle():
                attempt(device.release, device)  # what it brings to light, the next try meets
            elif placed.kind in ("memory", "lost") and device is not devices.cpu:
                if placed.kind == "lost":
                    devices.condemn()
                device = devices.cpu
            else:
                raise placed.error

    def _size(self, name: str) -> int:
        source = self._sources[name]
        if isinstance(source, ModelFacts):
            return (COPIES if source.ours else 1) * source.parameters * 4
        files = source.glob("*.safetensors")
        return COPIES * sum(path.stat().st_size for path in files) * 32 // STORED_BITS


def read(source: Source) -> Any:
    """The model of a source, in float32 on the CPU. Raises ValueError that says what is wrong."""
    if isinstance(source, Path):
        from models import loading  # noqa: PLC0415  # torch

        return loading.load(source)
    from models.loading import open_model  # noqa: PLC0415  # torch, and transformers if need be

    return open_model(source.reference).model


def parameters(placed: PlacedModel) -> int:
    """How many numbers the model has learned."""
    return sum(weight.numel() for weight in placed.model.parameters())
