"""Where the models run: which device, in which numbers, and what its failures mean.

Everything that touches an accelerator goes through a `Device`, so that a test can put a faulty
one in its place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

import torch

from inference.errors import InternalError, OrreryError, OutOfMemory, Restarted
from models.transformer.fast import FastTransformer
from models.transformer.model import Transformer

M = TypeVar("M")
T = TypeVar("T")
log = logging.getLogger(__name__)
HALF: dict[str, tuple[torch.dtype, ...]] = {
    "cuda": (torch.bfloat16, torch.float16),
    "mps": (torch.float16,),
}
"""16-bit numbers worth trying, by device; a CPU gains nothing by computing in them."""
SPARE = 0.9  # of the free bytes may be taken by weights; the rest is for the work


def prepare() -> None:
    """One torch thread for the thread that calls this, and for those that have not used torch yet.

    Two gain little beside a web server and collapse when it is busy.
    """
    torch.set_num_threads(1)


class Device(Protocol):
    """A place for models."""

    name: str
    """What people are told: cuda, mps or cpu."""
    tensors: str
    """Where torch puts tensors."""
    dtype: torch.dtype
    """Of weights and activations."""

    def place(self, model: M) -> M:
        """Move a model here, in `dtype`. Raises MemoryError where it will not fit."""

    def for_decoding(self, model: Any) -> Any:
        """A placed model laid out for many small steps, or itself where nothing is faster."""

    def release(self) -> None:
        """Give back memory that is kept but not used."""

    def lower(self) -> bool:
        """Go back to float32 for models placed from now on; False where that is so already."""


@dataclass(frozen=True, eq=False)
class PlacedModel:
    """A model, and where it is."""

    model: Any
    """A LanguageModel, whose inside can be traced."""
    device: Device
    dtype: torch.dtype
    """In which it was placed; its device may have gone back to float32 since."""
    decoding: Any
    """The same, laid out for writing text; the two do not share caches."""
    derived: dict[str, Any] = field(default_factory=dict)
    """What tasks have derived from the model, while it is loaded; for the worker's thread."""


class TorchDevice:
    """A device of torch's own."""

    def __init__(self, name: str, half: bool = False, share: float = 1.0) -> None:
        """half: compute in 16 bit where the device can; nobody gets less exact numbers unasked.

        share: of a GPU's memory, where others use the same one; torch runs out beyond it.
        """
        self.name = self.tensors = name
        self._share = share
        if name == "cuda" and share < 1:
            torch.cuda.set_per_process_memory_fraction(share)
        self.dtype = torch.float32
        if half:
            self.dtype = next((d for d in HALF.get(name, ()) if computes(name, d)), torch.float32)

    def place(self, model: M) -> M:
        assert isinstance(model, torch.nn.Module)
        size = sum(weight.numel() for weight in model.parameters()) * self.dtype.itemsize
        if self.name == "cuda" and size > SPARE * self._free():
            raise MemoryError(f"{size} bytes do not fit.")
        moved: M = model.to(self.tensors, self.dtype)
        if self.dtype != torch.float32 and not speaks(moved, self.tensors):
            raise NotImplementedError(f"no finite numbers in {self.dtype}")
        return moved

    def _free(self) -> float:
        """Bytes of the GPU that nobody uses, and that are this process's share."""
        free, total = torch.cuda.mem_get_info()
        return min(free, self._share * total - torch.cuda.memory_allocated())

    def for_decoding(self, model: Any) -> Any:
        if self.name == "cpu" and isinstance(model, Transformer):
            return FastTransformer(model)
        return model

    def release(self) -> None:
        if self.name == "cuda":
            torch.cuda.empty_cache()
        elif self.name == "mps":
            torch.mps.empty_cache()

    def lower(self) -> bool:
        lowered = self.dtype != torch.float32
        self.dtype = torch.float32
        return lowered


def computes(name: str, dtype: torch.dtype) -> bool:
    """Try the operations of a model on tiny input: no exception, and finite numbers."""
    try:
        x = torch.ones(1, 2, 4, 4, device=name, dtype=dtype)
        y = torch.nn.functional.scaled_dot_product_attention(x, x, x) @ x
        return bool(torch.isfinite(y.softmax(-1).float()).all())
    except (RuntimeError, NotImplementedError, AssertionError):  # the last: torch without CUDA
        return False


@torch.inference_mode()
def speaks(model: Any, tensors: str) -> bool:
    """Whether a model says anything finite about the shortest text."""
    shortest = torch.zeros(1, 1, dtype=torch.int64, device=tensors)
    cache = model.new_cache(1, shortest) if hasattr(model, "start") else None  # reads a source
    logits = model.forward(shortest, cache) if cache else model.forward(shortest)
    return bool(torch.isfinite(logits.float()).all())


class Devices:
    """The device at work, and the CPU for what it cannot do."""

    def __init__(self, chosen: Device, cpu: Device, note: str = "") -> None:
        self.current = chosen
        self.cpu = cpu
        self.note = note

    def condemn(self) -> None:
        """The device is dead for this process: no further call to it, the CPU takes over."""
        if self.current is not self.cpu:
            self.note = f"{self.current.name.upper()} failed; the CPU does the work, slower."
            log.error("device %s failed; going on with the CPU", self.current.name)
            self.current = self.cpu

    def fault(self, device: Device, dtype: torch.dtype) -> Fault | None:
        """What has come out about a device since a model was placed there in this dtype.

        Whoever loads another model may find out first.
        """
        if device not in (self.current, self.cpu):
            return Fault("lost", Restarted())
        return Fault("dtype", InternalError()) if dtype != device.dtype else None


def choose(setting: str, half: bool = False, share: float = 1.0) -> Devices:
    """The device for `setting`; "auto" takes CUDA, then MPS, then the CPU.

    One that is there but computes nothing, as with a driver too old, counts as absent. On ZeroGPU
    `app.py` sets "cpu" before anybody asks torch: there `torch.cuda.is_available()` is True in
    the web process, and a module moved to CUDA computes garbage outside the decorated path.
    """
    cpu = TorchDevice("cpu", half)
    if setting == "auto":
        there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
        wanted = [name for name, available in there.items() if available]
    else:
        wanted = [setting] if setting != "cpu" else []
    for name in wanted:
        if computes(name, torch.float32):
            return Devices(TorchDevice(name, half, share), cpu)
    note = f"There is no working {wanted[0].upper()}; the CPU does the work." if wanted else ""
    return Devices(cpu, cpu, note)


Kind = Literal["memory", "lost", "dtype", "request"]


@dataclass(frozen=True)
class Fault:
    """Why work failed, without the exception, whose traceback would keep the tensors alive."""

    kind: Kind
    error: OrreryError
    """What to tell the person if nothing helps."""


def attempt(work: Callable[[], T], device: Device, dtype: torch.dtype | None = None) -> T | Fault:
    """Do something on a device; whatever goes wrong comes back as a Fault.

    dtype: of the model that does it, where the device may have been lowered since it was placed.
    """
    try:
        return work()
    except BaseException as error:  # also what is no Exception, such as a panic in a library
        return fault_of(error, device, dtype or device.dtype)


def fault_of(error: BaseException, device: Device, dtype: torch.dtype) -> Fault:
    """Tell faults apart, and log those of the device."""
    if isinstance(error, OrreryError):
        return Fault("request", error)
    said = str(error)
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in said:
        log.warning("out of memory on %s", device.name)
        return Fault("memory", OutOfMemory())
    if isinstance(error, torch.AcceleratorError) or "CUDA error" in said:
        log.error("device %s is lost: %s", device.name, said[:200])
        return Fault("lost", Restarted())
    lacking = isinstance(error, NotImplementedError) or "not implemented for" in said
    if lacking and dtype != torch.float32:
        log.warning("%s has no %s for all operations", device.name, dtype)
        return Fault("dtype", InternalError(error))
    return Fault("request", InternalError(error))
