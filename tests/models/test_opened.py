"""One function opens every folder, and what came out decodes as `transformers` does."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from inference.decoding import engine, lanes
from inference.types.options import LaneOptions
from models.loading import describe, open_model
from models.opened import OpenedModel
from models.text.tokenizer import Tokenizer
from models.transformer.model import Transformer
from tests.models import conftest

ROOT = Path(__file__).parents[2]
PROMPT = [5, 9, 12, 7, 20, 3, 1]
SOURCE = [5, 9, 12, 7, 1]


@pytest.fixture(autouse=True)
def inference() -> Any:
    with torch.inference_mode():
        yield


@pytest.fixture(scope="session")
def t5_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Relative positions, so no bound on the context."""
    from transformers import T5Config, T5ForConditionalGeneration

    sizes = {"d_model": 32, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 4}
    config = T5Config(vocab_size=64, initializer_factor=3.0, decoder_start_token_id=0, **sizes)
    torch.manual_seed(6)
    folder = tmp_path_factory.mktemp("hub") / "t5"
    return conftest.save(T5ForConditionalGeneration(config), conftest.unigram(), folder)


EXPECTED = {
    "gpt2": ({"write", "attend", "remove heads"}, 300, 64),
    "llama": ({"write", "attend", "remove heads"}, 0, 64),
    "bert": ({"fill in", "attend"}, 0, 64),
    "marian": ({"translate", "attend"}, 0, 64),
    "t5": ({"translate", "attend"}, 64, 512),
}


def greedy(opened: OpenedModel, new_tokens: int) -> list[int]:
    lane = lanes.build(LaneOptions("Greedy"), 1, opened.tokenizer.ends)
    model, prompt = opened.model, PROMPT
    if "translate" in opened.can:
        model, prompt = conftest.Translating(model, SOURCE), [model.start]
    *_, states = engine.decode(model, prompt, [lane], new_tokens)
    return [step.token for step in states[0].steps]


def generated(folder: Path, translates: bool, new_tokens: int) -> list[int]:
    import transformers

    auto = transformers.AutoModelForSeq2SeqLM if translates else transformers.AutoModelForCausalLM
    model = auto.from_pretrained(folder, attn_implementation="eager").eval()
    ids = torch.tensor([SOURCE if translates else PROMPT])
    settings = {"attention_mask": torch.ones_like(ids), "do_sample": False, "pad_token_id": 0}
    written = model.generate(ids, max_new_tokens=new_tokens, num_beams=1, **settings)[0].tolist()
    return written[1 if translates else len(PROMPT) :]


@pytest.mark.parametrize("name", EXPECTED)
def test_any_folder_is_opened_and_writes_what_generate_writes(
    name: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(f"{name}_folder")
    opened = open_model(folder)
    can, vocabulary, context = EXPECTED[name]
    assert (opened.name, opened.can, opened.context) == (name, can, context)
    assert opened.vocabulary == (vocabulary or opened.tokenizer.vocabulary)
    assert (opened.layers, opened.heads) == (2, 4)
    assert replace(describe(folder), tokenizer=opened.tokenizer) == opened.facts
    if "fill in" not in can:
        ours = greedy(opened, 30)
        assert ours == generated(folder, "translate" in can, 30) and len(set(ours)) > 2


@pytest.mark.process
@pytest.mark.weights
def test_models_of_the_collection_are_opened_without_transformers(checkpoints: Path) -> None:
    program = """
import sys
from models.loading import describe, open_model
for folder in sys.argv[1:]:
    opened = open_model(folder)
    print(opened.name, sorted(opened.can), opened.context, opened.layers, opened.heads)
assert "transformers" not in sys.modules
"""
    folders = [str(checkpoints / name) for name in ("storyteller", "ladder/bigram", "ladder/gru")]
    command = [sys.executable, "-c", program, *folders]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert (
        lines.splitlines()[0]
        == "storyteller ['attend', 'follow a token', 'open a cell', 'remove heads', "
        "'time attention', 'write'] 512 6 4"
    )
    assert [line.split()[:2] for line in lines.splitlines()[1:]] == [
        ["bigram", "['write']"],
        ["gru", "['write']"],
    ]


@pytest.mark.weights
def test_a_copy_of_ours_under_another_name_is_ours(checkpoints: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(checkpoints / "storyteller", tmp_path / "mine")
    opened = open_model(str(folder))
    assert isinstance(opened.model, Transformer) and isinstance(opened.tokenizer, Tokenizer)
    assert opened.vocabulary == opened.tokenizer.vocabulary
    assert opened.tokenizer.ends == {opened.tokenizer.end_of_text}


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"model_type": ["llama"]}'])
def test_a_folder_without_a_usable_config_is_refused_in_a_sentence(
    content: str | None, llama_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(llama_folder, tmp_path / "llama"))
    (folder / "config.json").unlink()
    if content is not None:
        (folder / "config.json").write_text(content)
    with pytest.raises(ValueError, match=r"llama.*\.$"):
        open_model(folder)
