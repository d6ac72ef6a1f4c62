"""The whole ladder, trained end to end in seconds on text of our own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from learning.optimisers import matrices_of
from learning.truncated_bptt import TruncatedBPTT
from models.ladder.recurrent import Recurrent, RecurrentConfig
from models.ladder.window import WindowConfig
from models.loading import load
from models.text.tokenizer import Tokenizer
from models.transformer.model import TransformerConfig
from training import ladder, tokenizers
from training.data import corpus, grammar
from training.evaluation import ladder as evaluate_ladder
from training.ladder import Network, Recipe
from training.paths import Paths

pytestmark = pytest.mark.slow

SMALL = {
    "mlp": Network(WindowConfig(1, window=4, embedding=8, hidden=32, layers=2), 4, 32),
    "rnn": Network(RecurrentConfig("rnn", 1, 8, hidden=32, layers=1), 4, 16, 4),
    "gru": Network(RecurrentConfig("gru", 1, 8, hidden=16, layers=1), 4, 16, 4),
    "lstm": Network(RecurrentConfig("lstm", 1, 8, hidden=16, layers=2), 4, 16, 4),
    "gpt": Network(TransformerConfig(1, 32, layers=1, heads=2, width=32, feed_forward=32), 4, 32),
}
RECIPE = Recipe(
    SMALL,
    characters=256 * 40,
    searched=256 * 2,
    rates=(("muon", 0.02), ("adamw", 0.01)),
    warm_up=2,
    report_every=20,
    compile=False,
)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """Stories from the grammar, and the whole ladder trained on them."""
    root = tmp_path_factory.mktemp("ladder")
    where = Paths(root / "data", root / "checkpoints", root / "runs")
    grammar.write(where.data)
    texts = [d.text for d in corpus.read(where.data / "stories.jsonl.xz") if d.split == "train"]
    characters = tokenizers.characters(texts)
    tokenizers.save(characters, where.checkpoints / "tokenizers" / "characters")
    ladder.train(where, RECIPE)
    return where


@pytest.fixture(scope="module")
def measured(paths: Paths) -> dict[str, dict[str, Any]]:
    stories = corpus.read(paths.data / "stories.jsonl.xz")
    texts = [document.text for document in stories if document.split == "heldout"]
    return evaluate_ladder.evaluate(paths.checkpoints / ladder.FOLDER, texts)


def test_every_rung_is_a_complete_folder_that_has_learned(
    paths: Paths, measured: dict[str, dict[str, Any]]
) -> None:
    assert tuple(measured) == ladder.RUNGS
    for name, row in measured.items():
        folder = paths.checkpoints / ladder.FOLDER / name
        assert Tokenizer.load(folder).vocabulary == load(folder).vocabulary
        assert row["bits per character"] < 4.2, name  # an even guess costs more than 5
        assert row["characters seen"] == RECIPE.characters
    assert measured["five-gram"]["bits per character"] < measured["bigram"]["bits per character"]
    scored = {row["characters scored"] for row in measured.values()}
    assert len(scored) == 1  # the same characters, each once


def test_what_each_rung_sees_and_holds_is_said(measured: dict[str, dict[str, Any]]) -> None:
    assert measured["bigram"]["sees"] == "the last character"
    assert measured["five-gram"]["sees"] == "the last 4 characters"
    assert measured["mlp"]["sees"] == "the last 4 characters"
    assert "carried" in measured["lstm"]["sees"]
    assert measured["bigram"]["counts stored"] > 100 and measured["bigram"]["parameters"] is None
    assert measured["gru"]["parameters"] > 1000 and measured["gru"]["counts stored"] is None


def test_the_searched_rates_are_kept_and_the_best_was_taken(paths: Paths) -> None:
    folder = paths.checkpoints / ladder.FOLDER / "gru"
    facts = json.loads((folder / ladder.TRAINING).read_text())
    tried = facts["bits per character by rate, in the search"]
    assert set(tried) == {"muon 0.02", "adamw 0.01"}
    best = min(tried, key=lambda label: tried[label])
    assert best == f"{facts['optimiser']} {facts['learning rate']:g}"


def test_a_second_seed_is_another_network_at_the_same_rate(paths: Paths) -> None:
    folder = paths.checkpoints / ladder.FOLDER
    ladder.train(paths, RECIPE, ("gru", f"gru{ladder.SECOND}"))
    one, other = folder / "gru", folder / f"gru{ladder.SECOND}"
    rates = {json.loads((f / ladder.TRAINING).read_text())["learning rate"] for f in (one, other)}
    assert len(rates) == 1
    assert not torch.equal(load(one).output.weight, load(other).output.weight)
    row = evaluate_ladder.measure(one, ["the wolf and the fox"])
    assert row["bits per character"] != row["from a second seed"] is not None
    assert evaluate_ladder.measure(folder / "rnn", ["the wolf"])["from a second seed"] is None


def test_networks_see_exactly_the_characters_that_are_counted(paths: Paths) -> None:
    tokenizer = Tokenizer.load(paths.checkpoints / "tokenizers" / "characters")
    stream = ladder.characters(paths.data, tokenizer, RECIPE)
    assert len(stream) == RECIPE.characters + 1
    marked = np.arange(len(stream))  # every place of the stream as its own id
    for name, network in SMALL.items():
        schedule = RECIPE.schedule(name, len(stream) - 1)
        run = ladder.new_trainer(name, RECIPE, ("adamw", 0.01), 300, schedule)
        seen = [batch[:, 1:] for batch in ladder.batches_of(run, marked, network, RECIPE.seed)]
        assert len(seen) == schedule.steps
        assert np.sort(np.concatenate(seen, axis=None)).tolist() == marked[1:].tolist(), name


def test_a_stopped_run_goes_on_and_ends_with_the_same_weights(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = replace(paths, runs=tmp_path / "runs")
    update = ladder.Trainer.update

    def stopping(self: Any, ids: torch.Tensor) -> torch.Tensor:
        loss = update(self, ids)
        if self.step == 21 and self.schedule.steps > 21:  # in the middle of a text that is read on
            self.stop()
        return loss

    before = load(where.checkpoints / ladder.FOLDER / "lstm").state_dict()
    monkeypatch.setattr(ladder.Trainer, "update", stopping)
    ladder.train(where, RECIPE, ("lstm", "gpt"))
    assert not (where.runs / ladder.FOLDER / "gpt").exists()  # what is stopped stays stopped
    monkeypatch.setattr(ladder.Trainer, "update", update)
    ladder.train(where, RECIPE, ("lstm",))
    after = load(where.checkpoints / ladder.FOLDER / "lstm").state_dict()
    for name, weight in after.items():
        torch.testing.assert_close(weight, before[name], rtol=0, atol=0)


def test_stories_that_are_too_short_are_refused(paths: Paths) -> None:
    tokenizer = Tokenizer.load(paths.checkpoints / "tokenizers" / "characters")
    greedy = replace(RECIPE, networks={"mlp": replace(SMALL["mlp"], rows=10**6)})
    with pytest.raises(corpus.CorpusError, match="holds only"):
        ladder.characters(paths.data, tokenizer, greedy)


def test_a_carried_state_is_what_reading_in_one_go_gives() -> None:
    torch.manual_seed(1)
    model = Recurrent(RecurrentConfig("gru", 20, 4, hidden=8, layers=2))
    carried = TruncatedBPTT(model, rows=3, pieces=2)
    ids = torch.randint(20, (3, 17))
    parts = [carried.loss(ids[:, :9]), carried.loss(ids[:, 8:])]
    whole = torch.nn.functional.cross_entropy(
        model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()
    )
    torch.testing.assert_close((parts[0] + parts[1]) / 2, whole)
    fresh = carried.loss(ids[:, :9])  # after two pieces every row begins anew
    torch.testing.assert_close(fresh, parts[0])


@pytest.mark.parametrize("name", ladder.NETWORKS)
def test_no_network_has_more_than_a_million_parameters(name: str) -> None:
    model = ladder.built(ladder.NETWORKS[name], seed=0, vocabulary=105)
    assert 500_000 < sum(p.numel() for p in model.parameters()) <= 1_000_000
    inside = matrices_of(model)
    assert inside and all(p.dim() == 2 and p.shape[0] != 105 for p in inside)
