"""Which device is chosen, in which numbers, and what its failures are taken for."""

from __future__ import annotations

import gc
import logging
import weakref
from typing import Any

import pytest
import torch

from inference.errors import InternalError, NumericalFault, OutOfMemory, Restarted
from inference.loading import device
from inference.loading.device import Devices, Fault, TorchDevice, attempt, choose, computes
from inference.scheduling.job import Job
from models.ladder.recurrent import Recurrent
from models.transformer.fast import FastTransformer
from models.transformer.model import Transformer
from tests.inference.faulty import FaultyDevice, device_lost, out_of_memory


def test_auto_is_the_cpu_where_there_is_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    devices = choose("auto")
    assert (devices.current.name, devices.current.dtype, devices.note) == ("cpu", torch.float32, "")


@pytest.mark.parametrize(
    ("there", "chosen"), [("cuda mps", "cuda"), ("mps", "mps"), ("cuda", "cuda"), ("", "cpu")]
)
def test_auto_takes_cuda_then_mps_then_the_cpu(
    monkeypatch: pytest.MonkeyPatch, there: str, chosen: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in there)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in there)
    monkeypatch.setattr(device, "computes", lambda name, dtype: True)
    assert choose("auto").current.name == chosen


@pytest.mark.parametrize("setting", ["auto", "cuda"])
def test_a_gpu_whose_first_operation_fails_counts_as_absent(
    monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    """A driver too old, a GPU without this build's instructions: available, and of no use."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(device, "computes", lambda name, dtype: name == "cpu")
    devices = choose(setting)
    assert devices.current.name == "cpu"
    assert devices.note == "There is no working CUDA; the CPU does the work."


def test_torch_without_cuda_does_not_compute_on_it() -> None:
    if not torch.cuda.is_available():
        assert not computes("cuda", torch.float32)
    assert computes("cpu", torch.float32)


@pytest.mark.parametrize(
    ("supported", "dtype"),
    [
        ({torch.bfloat16, torch.float16}, torch.bfloat16),
        ({torch.float16}, torch.float16),
        (set(), torch.float32),
    ],
)
def test_half_takes_the_first_16_bit_numbers_that_the_device_computes_in(
    monkeypatch: pytest.MonkeyPatch, supported: set[torch.dtype], dtype: torch.dtype
) -> None:
    monkeypatch.setattr(device, "computes", lambda name, dtype: dtype in supported)
    assert TorchDevice("cuda", half=True).dtype == dtype
    assert TorchDevice("cuda").dtype == torch.float32  # nobody gets less exact numbers unasked
    assert TorchDevice("cpu", half=True).dtype == torch.float32  # it would round for no gain


def test_text_is_written_by_the_fast_layout_where_there_is_one(
    tiny: Transformer, tiny_gru: Recurrent
) -> None:
    cpu, gpu = TorchDevice("cpu"), TorchDevice("cuda")
    assert isinstance(cpu.for_decoding(tiny), FastTransformer)
    assert cpu.for_decoding(tiny_gru) is tiny_gru
    assert gpu.for_decoding(tiny) is tiny


def test_a_model_that_says_nothing_finite_in_16_bit_is_refused(tiny: Transformer) -> None:
    place = TorchDevice("cpu")
    place.dtype = torch.float16
    broken = Transformer(tiny.config)
    with torch.no_grad():
        broken.embedding.weight.fill_(6e4)
    outcome = attempt(lambda: place.place(broken), place)
    assert isinstance(outcome, Fault)
    assert outcome.kind == "dtype"
    assert place.lower()
    assert not place.lower()


def test_a_model_larger_than_the_free_memory_is_refused_before_it_is_moved(
    monkeypatch: pytest.MonkeyPatch, tiny: Transformer
) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (1000, 80_000_000_000))
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: 0)
    monkeypatch.setattr(Transformer, "to", lambda *_: pytest.fail("it was moved"))
    gpu = TorchDevice("cuda")
    outcome = attempt(lambda: gpu.place(tiny), gpu)
    assert isinstance(outcome, Fault)
    assert outcome.kind == "memory"


def test_two_apps_on_one_gpu_keep_to_their_shares(
    monkeypatch: pytest.MonkeyPatch, tiny: Transformer
) -> None:
    size = sum(weight.numel() * 4 for weight in tiny.parameters())
    total, taken, fractions = 10 * size, [0], list[float]()
    free = iter([9 * size, 9 * size, size, 9 * size])  # the other one grows and shrinks
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (next(free), total))
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: taken[0])
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", fractions.append)
    monkeypatch.setattr(Transformer, "to", lambda self, *_: self)
    gpu = TorchDevice("cuda", share=0.25)
    assert fractions == [0.25]
    assert gpu.place(tiny) is tiny
    for taken[0] in (2 * size, 0):  # our share is used up; then the other one left nothing
        with pytest.raises(MemoryError):
            gpu.place(tiny)
    assert gpu.place(tiny) is tiny
    TorchDevice("cpu", share=0.25)
    assert fractions == [0.25]


def raising(error: BaseException) -> Any:
    raise error


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (out_of_memory(), "memory", OutOfMemory),
        (MemoryError(), "memory", OutOfMemory),
        (
            RuntimeError(
                "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
            ),
            "memory",
            OutOfMemory,
        ),
        (device_lost(), "lost", Restarted),
        (RuntimeError("CUDA error: device-side assert triggered\nmore"), "lost", Restarted),
        (NumericalFault(7), "request", NumericalFault),
        (IndexError("index out of range in self"), "request", InternalError),
        (NotImplementedError(), "request", InternalError),  # in float32 there is no way down
        (KeyboardInterrupt(), "request", InternalError),
    ],
)
def test_what_a_failure_is_taken_for(error: BaseException, kind: str, told: type) -> None:
    outcome = attempt(lambda: raising(error), TorchDevice("cpu"))
    assert isinstance(outcome, Fault)
    assert (outcome.kind, type(outcome.error)) == (kind, told)


@pytest.mark.parametrize(
    "error", [NotImplementedError(), RuntimeError("\"mul\" not implemented for 'Half'")]
)
def test_an_operation_that_lacks_in_16_bit(error: BaseException) -> None:
    outcome = attempt(lambda: raising(error), FaultyDevice(dtype=torch.float16))
    assert isinstance(outcome, Fault)
    assert outcome.kind == "dtype"


def test_a_fault_keeps_no_tensor_alive() -> None:
    gone = []

    def work() -> None:
        large = torch.zeros(10)
        gone.append(weakref.ref(large))
        raise out_of_memory()

    outcome = attempt(work, TorchDevice("cpu"))
    gc.collect()
    assert isinstance(outcome, Fault)
    assert gone[0]() is None


def test_f17_an_internal_error_says_where_and_not_what(caplog: pytest.LogCaptureFixture) -> None:
    typed = " ".join(["my", "diary"])
    outcome = attempt(lambda: raising(ZeroDivisionError(typed)), TorchDevice("cpu"))
    assert isinstance(outcome, Fault)
    assert isinstance(outcome.error, InternalError)
    job: Job[int] = Job(60)
    with caplog.at_level(logging.DEBUG):
        job.end(outcome.error)
    assert typed not in caplog.text
    assert "ZeroDivisionError" in caplog.text and "test_device.py" in caplog.text
    assert outcome.error.reference in caplog.text and outcome.error.reference in str(outcome.error)


def test_a_condemned_device_is_replaced_by_the_cpu_for_good() -> None:
    gpu, cpu = FaultyDevice(), TorchDevice("cpu")
    devices = Devices(gpu, cpu)
    devices.condemn()
    assert devices.current is cpu
    assert devices.note == "CUDA failed; the CPU does the work, slower."
    devices.condemn()
    assert devices.current is cpu
