"""Small real models that the tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import settings

from models import checkpoint
from models.fast_transformer import FastTransformer
from models.tokenizer import Tokenizer
from models.transformer import Transformer, TransformerConfig
from training import grammar

CHECKPOINTS = Path(__file__).parents[1] / "checkpoints"
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")  # a run that was green here is green elsewhere


@pytest.fixture(scope="session", autouse=True)
def one_torch_thread() -> Iterator[None]:
    """As in the app; a test beside other work is slower with two."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def checkpoints() -> Path:
    return CHECKPOINTS


@pytest.fixture(scope="session")
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
    return model.eval()


@pytest.fixture(scope="session")
def fast_tiny(tiny: Transformer) -> FastTransformer:
    return FastTransformer(tiny)


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
