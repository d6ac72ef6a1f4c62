"""The model that fills in is trained end to end on text of our own, and measured against counts."""

from __future__ import annotations

from dataclasses import replace
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
import torch

from learning.masking import mask
from models.text.tokenizer import Tokenizer
from models.transformer import bert_checkpoint
from models.transformer.bidirectional import BidirectionalConfig
from training import fill_in, tokenizer_kinds, tokenizers
from training.evaluation import fill_in as evaluation
from training.fill_in import Recipe
from training.paths import Paths

SHAPE = BidirectionalConfig(context=32, layers=2, heads=2, width=32, feed_forward=64)
RECIPE = Recipe(SHAPE, 150 * 8 * 32, batch=8, other_rate=0.01, warm_up=5, compile=False)


@pytest.fixture(scope="module")
def where(tiny_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    root = tmp_path_factory.mktemp("fill-in")
    found = Paths(tiny_corpus, root / "checkpoints", root / "runs")
    tokenizers.train(found, tokenizer_kinds.Recipe(vocabulary=320, rare=2), ["wordpiece"])
    fill_in.train(found, RECIPE)
    return found


def test_a_short_training_guesses_more_than_none_and_counts_stand_beside_it(where: Paths) -> None:
    figures = evaluation.evaluate(where.checkpoints / fill_in.NAME, where.data)
    row = figures["Held-out simple stories"][fill_in.NAME]
    untrained = replace(where, checkpoints=where.runs / "new", runs=where.runs / "new")
    tokenizers.train(untrained, tokenizer_kinds.Recipe(vocabulary=320, rare=2), ["wordpiece"])
    fill_in.train(untrained, replace(RECIPE, tokens=0))
    before = evaluation.evaluate(untrained.checkpoints / fill_in.NAME, where.data)
    right = before["Held-out simple stories"][fill_in.NAME]["first guess right"]
    assert isinstance(right, float) and right < 0.1
    assert row["first guess right"] > right + 0.1
    assert row["masked tokens"] > 200
    assert 0.1 < row["from counts of both neighbours"] < 1


def test_its_tokenizer_is_the_collection_s_with_a_mask(where: Paths) -> None:
    plain = Tokenizer.load(where.checkpoints / "tokenizers" / "wordpiece")
    own = Tokenizer.load(where.checkpoints / fill_in.NAME)
    text = "The fox slept in the forest."
    assert own.encode(text) == plain.encode(text)
    assert own.vocabulary == plain.vocabulary + 1
    config = bert_checkpoint.read_config(where.checkpoints / fill_in.NAME)
    assert own.piece(config.mask) == "[MASK]"


def test_plain_transformers_opens_folder_and_tokenizer(where: Paths) -> None:
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    folder = where.checkpoints / fill_in.NAME
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("The [MASK] slept.", return_tensors="pt").input_ids
    model = bert_checkpoint.load(folder)
    assert (ids == tokenizer.mask_token_id).sum() == 1
    assert tokenizer.mask_token_id == model.config.mask
    theirs = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.inference_mode():
        torch.testing.assert_close(model(ids), theirs(ids).logits, rtol=0, atol=1e-4)


def test_counts_guess_between_then_after_then_the_commonest() -> None:
    #                   1 2 3 twice, 1 4 3 once; 5 6 once
    stream = np.array([1, 2, 3, 1, 2, 3, 1, 4, 3, 5, 6, 7, 7, 7, 7])
    counts = evaluation.Neighbours(stream, 10)
    left, right = np.array([1, 1, 5, 9]), np.array([3, 9, 9, 9])
    assert counts.guess(left, right).tolist() == [2, 2, 6, 7]


def test_pieces_stand_between_ends_of_text_and_padding_is_told(where: Paths) -> None:
    tokenizer = Tokenizer.load(where.checkpoints / fill_in.NAME)
    rows = evaluation.pieces(["The fox slept.", "The fox."], tokenizer, 5)
    end = tokenizer.end_of_text
    assert all(row[0] == row[-1] == end and 3 <= len(row) <= 5 for row in rows)
    inner = sorted(token for row in rows for token in row[1:-1].tolist())
    assert inner == sorted(tokenizer.encode("The fox slept.") + tokenizer.encode("The fox."))
    ((ids, present),) = evaluation.padded([np.array([0, 4, 0]), np.array([0, 4, 5, 0])], fill=0)
    assert ids.tolist() == [[0, 4, 0, 0], [0, 4, 5, 0]]
    assert present.tolist() == [[True, True, True, False], [True] * 4]


def test_it_learns_one_batch_by_heart(tmp_path: Path) -> None:
    """Only what stands around a mask tells the masked tokens apart."""
    _, run = fill_in.new_run(replace(RECIPE, tokens=200 * 8 * 32, other_rate=3e-3), 60, tmp_path)
    ids = np.random.default_rng(0).integers(1, 59, (4, 16))
    hidden = np.zeros(ids.shape, dtype=bool)
    hidden[:, [3, 9]] = True  # in all rows alike, so that no position tells a row's tokens
    pair = mask(ids, hidden, 59)
    losses = list(run.trainer.train(repeat(pair)))
    assert losses[0] > 3.5  # nearly log(60): it knows nothing
    assert losses[-1] < 0.5
