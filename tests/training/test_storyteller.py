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
from training.paths import Paths
from training.storyteller import RECIPES, Recipe

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


def write_stories(path: Path) -> None:
    with lzma.open(path, "wt", encoding="utf-8") as file:
        for seed in range(9):
            split = "train" if seed else "heldout"
            text = grammar(60 if seed else 5, seed)
            story = {"title": str(seed), "source": "ours", "text": text, "split": split}
            file.write(json.dumps(story) + "\n")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Stories, and a tokenizer where training expects it."""
    found = Paths(tmp_path / "data", tmp_path / "checkpoints", tmp_path / "runs")
    found.data.mkdir()
    write_stories(found.data / "stories.jsonl.xz")
    tokenizer = tokenizer_training.byte_bpe([grammar(200)], vocabulary=300)
    tokenizer_training.save(tokenizer, found.checkpoints / storyteller.NAME, context=32)
    return found


def held_out_bits(paths: Paths) -> float:
    folder = paths.checkpoints / storyteller.NAME
    model, tokenizer = checkpoint.load(folder), Tokenizer.load(folder)
    return bits_per_byte(model, tokenizer, [grammar(5)], stride=16).bits_per_byte


def test_the_two_recipes_read_one_text_each_and_the_second_begins_with_the_first(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    books, simple = (RECIPES[name] for name in (storyteller.BOOKS, storyteller.NAME))
    assert (books.shape, books.begin_with) == (simple.shape, "")
    write_stories(paths.data / "simple.jsonl.xz")
    storyteller.train(paths, RECIPE, storyteller.BOOKS)
    small = replace(RECIPE, tokens=0, corpus=simple.corpus, begin_with=simple.begin_with)
    storyteller.train(paths, small, fresh=True)
    assert "storyteller: " in (shown := capsys.readouterr().out)
    assert "from the weights of storyteller-books" in shown
    one, other = (
        checkpoint.load(paths.checkpoints / name).embedding.weight
        for name in (storyteller.BOOKS, storyteller.NAME)
    )
    assert torch.equal(one, other)
    first, second = (
        (paths.checkpoints / name / "tokenizer.json").read_text()
        for name in (storyteller.BOOKS, storyteller.NAME)
    )
    assert first == second


def test_dropout_is_for_training_alone() -> None:
    torch.manual_seed(0)
    model, ids = Transformer(SHAPE, dropout=0.5), torch.tensor([[1, 2, 3]])
    assert not torch.equal(model(ids), model(ids))
    model.eval()
    assert torch.equal(model(ids), model(ids))
    plain = Transformer(SHAPE).eval()
    plain.load_state_dict(model.state_dict())
    assert torch.equal(plain(ids), model(ids))


def test_training_ends_with_a_checkpoint_that_predicts_held_out_text(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    storyteller.train(paths, replace(RECIPE, tokens=0))
    untrained = held_out_bits(paths)
    storyteller.train(replace(paths, runs=paths.runs / "other"), RECIPE, fresh=True)
    assert held_out_bits(paths) < untrained - 1.0
    assert "held out (sample)" in capsys.readouterr().out


def test_it_goes_on_from_its_own_state_else_from_the_weights(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    storyteller.train(paths, RECIPE)
    storyteller.train(paths, RECIPE)
    (paths.runs / storyteller.NAME / run_state.STATE).unlink()
    storyteller.train(paths, replace(RECIPE, tokens=0))
    shown = capsys.readouterr().out
    for how in ("from scratch", "resumed at step 20 with", "from the weights of storyteller"):
        assert how in shown


def test_weights_go_on_in_a_longer_context(paths: Paths) -> None:
    storyteller.train(paths, RECIPE)
    longer = replace(RECIPE, shape=replace(SHAPE, context=64), tokens=0)
    before = checkpoint.load(paths.checkpoints / storyteller.NAME)
    (paths.runs / storyteller.NAME / run_state.STATE).unlink()
    storyteller.train(paths, longer)
    after = checkpoint.load(paths.checkpoints / storyteller.NAME)
    assert (before.context, after.context) == (32, 64)
    for name, weight in after.state_dict().items():
        assert torch.equal(weight, before.state_dict()[name])


def test_the_recipe_s_matrices_are_those_of_the_blocks(tmp_path: Path) -> None:
    model, run = storyteller.new_run(RECIPE, 300, tmp_path)
    muon, adam = run.trainer.optimisers
    assert all(p.dim() == 2 for p in muon.param_groups[0]["params"])
    assert any(p is model.embedding.weight for p in adam.param_groups[0]["params"])
