"""The storyteller is trained end to end on text of our own, and goes on where it stopped."""

from __future__ import annotations

import json
import lzma
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from learning import run_state
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.model import Transformer, TransformerConfig
from training import storyteller
from training import tokenizers as tokenizer_training
from training.evaluation.scoring import bits_per_byte
from training.places import Places
from training.storyteller import Recipe

SHAPE = TransformerConfig(context=32, layers=2, heads=2, width=32, feed_forward=64)
RECIPE = Recipe(SHAPE, 20 * 4 * 32, batch=4, other_rate=0.01, warm_up=2, compile=False)


def grammar(sentences: int, seed: int = 0) -> str:
    """Text of our own making: a small grammar that a small model can learn."""
    generator = np.random.default_rng(seed)
    who, did, where = (
        ["the fox", "the owl", "a child"],
        ["slept", "sang", "ran"],
        ["in the wood", "by the sea", "at home"],
    )
    return " ".join(
        " ".join(generator.choice(words) for words in (who, did, where)) + "."
        for _ in range(sentences)
    )


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Stories, and a tokenizer where training expects it."""
    found = Places(tmp_path / "data", tmp_path / "checkpoints", tmp_path / "runs")
    found.data.mkdir()
    with lzma.open(found.data / "stories.jsonl.xz", "wt", encoding="utf-8") as file:
        for seed in range(9):
            split = "train" if seed else "heldout"
            text = grammar(60 if seed else 5, seed)
            story = {"title": str(seed), "source": "ours", "text": text, "split": split}
            file.write(json.dumps(story) + "\n")
    tokenizer = tokenizer_training.byte_bpe([grammar(200)], vocabulary=300)
    tokenizer_training.save(tokenizer, found.checkpoints / storyteller.NAME, context=32)
    return found


def held_out_bits(places: Places) -> float:
    folder = places.checkpoints / storyteller.NAME
    model, tokenizer = checkpoint.load(folder), Tokenizer.load(folder)
    return bits_per_byte(model, tokenizer, [grammar(5)], stride=16).bits_per_byte


def test_training_ends_with_a_checkpoint_that_predicts_held_out_text(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    storyteller.train(places, replace(RECIPE, tokens=0))
    untrained = held_out_bits(places)
    storyteller.train(replace(places, runs=places.runs / "other"), RECIPE, fresh=True)
    assert held_out_bits(places) < untrained - 1.0
    assert "held out (sample)" in capsys.readouterr().out


def test_it_goes_on_from_its_own_state_else_from_the_weights(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    storyteller.train(places, RECIPE)
    storyteller.train(places, RECIPE)
    (places.runs / storyteller.NAME / run_state.STATE).unlink()
    storyteller.train(places, replace(RECIPE, tokens=0))
    shown = capsys.readouterr().out
    for how in ("from scratch", "resumed at step 20 with", "resumed from the committed weights"):
        assert how in shown


def test_weights_go_on_in_a_longer_context(places: Places) -> None:
    storyteller.train(places, RECIPE)
    longer = replace(RECIPE, shape=replace(SHAPE, context=64), tokens=0)
    before = checkpoint.load(places.checkpoints / storyteller.NAME)
    (places.runs / storyteller.NAME / run_state.STATE).unlink()
    storyteller.train(places, longer)
    after = checkpoint.load(places.checkpoints / storyteller.NAME)
    assert (before.context, after.context) == (32, 64)
    for name, weight in after.state_dict().items():
        assert torch.equal(weight, before.state_dict()[name])


def test_the_recipe_s_matrices_are_those_of_the_blocks(tmp_path: Path) -> None:
    model = Transformer(SHAPE)
    muon, adam = storyteller.new_trainer(model, RECIPE, tmp_path, torch.device("cpu")).optimisers
    assert all(p.dim() == 2 for p in muon.param_groups[0]["params"])
    assert any(p is model.embedding.weight for p in adam.param_groups[0]["params"])
