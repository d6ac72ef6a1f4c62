"""Small real models that the tests share."""

from __future__ import annotations

import gc

gc.disable()  # until all tests are collected: nothing that is imported is garbage
# isort: split

import fcntl
import os
import platform
import subprocess
from collections.abc import Callable, Generator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

import joblib
import numpy as np
import pytest
import torch
from hypothesis import settings

from inference.tasks.ladder.probe import PROBE
from models.ladder import checkpoint as own_layout
from models.ladder.ngram import NGram, NGramConfig, count
from models.ladder.recurrent import Recurrent, RecurrentConfig
from models.ladder.table import Table, TableConfig
from models.ladder.window import Window, WindowConfig
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.fast import FastTransformer
from models.transformer.model import Transformer, TransformerConfig
from training import tiny as tiny_training
from training import tokenizer_kinds, tokenizers
from training.data import grammar
from training.paths import Paths

CHECKPOINTS = Path(__file__).parents[1] / "checkpoints"
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")  # a run that was green here is green elsewhere


def pytest_sessionstart() -> None:
    platform.platform()  # gensim asks for it, and the first time it starts `uname`


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never in what the tests consist of: it took a quarter of their
    time. Those that ask whether something is freed collect by themselves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that train come first, for a worker that meets one last would keep all others waiting.

    A test of the running app or of the tiny collection starts processes, and a test that starts
    none is never run a second time.
    """
    for item in items:
        if {"live", "tiny_collection"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("process")
        if not starts_processes(item):
            item.add_marker(pytest.mark.flaky(reruns=0))
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


def starts_processes(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("process", "browser"))


# Libraries ask for these in processes of their own, once; the answers are kept.
platform.processor()
joblib.cpu_count(only_physical_cores=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Only tests that are marked so start processes: `make test-fast` leaves those out."""
    if starts_processes(item):
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", refuse_a_process)
        patch.setattr(BaseProcess, "start", refuse_a_process)
        return (yield)


def refuse_a_process(*_: object, **__: object) -> None:
    raise AssertionError("a test that starts a process is marked `process`")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """One torch thread, as in the app; a test beside other work is slower with two.

    Before every test and its fixtures: UMAP's numba gives the thread one for each core again, and
    with two of them equal rows of one attention call differ in their last bits.
    """
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def checkpoints() -> Path:
    return CHECKPOINTS


@pytest.fixture(scope="session")
@torch.inference_mode(False)  # whoever asks first may be in it
def tiny() -> Transformer:
    """A real transformer whose logits are far from flat."""
    shape = TransformerConfig(
        vocabulary=64, context=64, layers=2, heads=4, width=32, feed_forward=64
    )
    model = Transformer(shape)
    generator = torch.Generator().manual_seed(20)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.normal_(std=0.2, generator=generator)
            else:  # a norm's scale: around 1, so that a forgotten one shows
                weight.normal_(mean=1.0, std=0.2, generator=generator)
            weight.copy_(weight.half())  # as a checkpoint stores it
    return model.eval()


@pytest.fixture(scope="session")
def fast_tiny(tiny: Transformer) -> FastTransformer:
    return FastTransformer(tiny)


@pytest.fixture(scope="session")
def tiny_ngram() -> NGram:
    """Trigrams of ids that wander: most contexts are seen often, some never."""
    stream = np.random.default_rng(3).integers(-3, 4, 2000).cumsum() % 64
    config = NGramConfig(vocabulary=64, order=3, context=64)
    return NGram(config, count(stream, config)).eval()


@pytest.fixture(scope="session")
@torch.inference_mode(False)  # whoever asks first may be in it
def tiny_window() -> Window:
    torch.manual_seed(21)
    model = Window(WindowConfig(64, window=5, embedding=8, hidden=24, layers=2, context=64))
    return stirred(model)


@pytest.fixture(scope="session")
@torch.inference_mode(False)  # whoever asks first may be in it
def tiny_table() -> Table:
    return stirred(Table(TableConfig(64, context=64)))


@pytest.fixture(scope="session")
def tiny_rnn() -> Recurrent:
    return tiny_recurrent("rnn")


@pytest.fixture(scope="session")
def tiny_gru() -> Recurrent:
    return tiny_recurrent("gru")


@pytest.fixture(scope="session")
def tiny_lstm() -> Recurrent:
    return tiny_recurrent("lstm")


@torch.inference_mode(False)  # whoever asks first may be in it
def tiny_recurrent(cell: str) -> Recurrent:
    torch.manual_seed(22)
    return stirred(Recurrent(RecurrentConfig(cell, 64, 8, hidden=12, layers=2, context=64)))


M = TypeVar("M", bound=torch.nn.Module)
T = TypeVar("T")


def stirred(model: M) -> M:
    """The same model with no weight at the value that it starts from, so that each one counts."""
    generator = torch.Generator().manual_seed(23)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.2 * torch.randn(weight.shape, generator=generator)
    return model.eval()


@pytest.fixture(scope="session")
def tiny_ladder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checkpoints with a ladder of small models that read the probe's characters."""
    root = tmp_path_factory.mktemp("ladder")
    cut = tokenizer_kinds.characters([PROBE], rare=1)
    size = cut.get_vocab_size()
    torch.manual_seed(24)
    ids = np.array(cut.encode(PROBE).ids)
    five = NGramConfig(size, order=5)
    own: dict[str, NGram | Window | Recurrent] = {
        "five-gram": NGram(five, count(ids, five)),
        "mlp": stirred(Window(WindowConfig(size, 5, 8, hidden=24, layers=2))),
        **{
            kind: stirred(Recurrent(RecurrentConfig(kind, size, 8, hidden=12, layers=2)))
            for kind in ("rnn", "gru", "lstm")
        },
    }
    for name, model in own.items():
        own_layout.save(model, root / "ladder" / name)
        tokenizers.save(cut, root / "ladder" / name)
    shape = TransformerConfig(size, context=256, layers=2, heads=2, width=16, feed_forward=32)
    checkpoint.save(stirred(Transformer(shape)), root / "ladder" / "gpt", torch.float32)
    tokenizers.save(cut, root / "ladder" / "gpt", 256)
    return root


@pytest.fixture(scope="session")
def tiny_folder(tiny: Transformer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model as a checkpoint, in float32 so that nothing is rounded."""
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    checkpoint.save(tiny, folder, torch.float32)
    return folder


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Text of our own in the files and formats of the corpora."""
    folder = tmp_path_factory.mktemp("corpus")
    grammar.write(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_collection(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """All that `make train-tiny` makes, for all workers: the training takes most of a minute."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "tiny-collection"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            threads = torch.get_num_threads()
            tiny_training.train(folder)
            torch.set_num_threads(threads)
            (folder / "whole").touch()
    return Paths(folder / "data", folder / "checkpoints", folder / "runs")


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return Tokenizer.load(CHECKPOINTS / "storyteller")


@pytest.fixture(scope="session")
def storyteller() -> Transformer:
    return checkpoint.load(CHECKPOINTS / "storyteller")


@pytest.fixture(scope="session")
def open_in_transformers() -> Callable[[Path], Any]:
    """Opens a folder with the plain Auto class, which knows nothing of our code."""
    from transformers import AutoModelForCausalLM

    def open_folder(folder: Path) -> Any:
        return AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager"
        ).eval()

    return open_folder


@pytest.fixture(scope="session")
def tiny_reference(open_in_transformers: Callable[[Path], Any], tiny_folder: Path) -> Any:
    return open_in_transformers(tiny_folder)


@pytest.fixture(scope="session")
def storyteller_reference(open_in_transformers: Callable[[Path], Any]) -> Any:
    return open_in_transformers(CHECKPOINTS / "storyteller")


@pytest.fixture(autouse=True)
def unwritten_memory_holds_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads memory before it is written gets NaN, and not by luck a zero."""

    allocate = torch.Tensor.new_empty

    def new_empty(self: torch.Tensor, *shape: Any, **how: Any) -> torch.Tensor:
        made = allocate(self, *shape, **how)
        return made.fill_(torch.nan) if made.is_floating_point() else made

    monkeypatch.setattr(torch.Tensor, "new_empty", new_empty)


def finished(slices: Generator[object, None, T]) -> T:
    """What a program returns after all its slices."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            result: T = end.value
            return result
