"""One command measures a model, writes its figures and brings its card up to date."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import numpy as np
import pytest
import torch

from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.model import Transformer, TransformerConfig
from models.words import maps
from models.words import vectors as word_vectors
from models.words.maps import Map, Maps
from training import evaluate, paths, tokenizer_kinds, tokenizers
from training.data import grammar
from training.evaluation import headlines, metrics, storytellers

OLD, SIMPLE = "Once upon a time there was a {} fox.", "Tom had a {} ball."
CARD = "# A model\n\n<!-- metrics -->\n<!-- /metrics -->\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Questions and stories of the test's own writing."""
    folder = tmp_path / "data"
    for kind in ("analogies", "similarity"):
        (folder / "eval" / kind).mkdir(parents=True)
    for relation in ("capital-common-countries", "family"):
        path = folder / "eval" / "analogies" / f"{relation}.txt"
        path.write_text("a b c d\n" * 4, encoding="utf-8")
    for name in ("EN-WS-353-SIM", "EN-WS-353-REL", "EN-RG-65", "EN-MTurk-771"):
        path = folder / "eval" / "similarity" / f"{name}.txt"
        path.write_text("a b 1\na c 2\nb c 3\n", encoding="utf-8")
    for name, text in (("stories", OLD), ("simple", SIMPLE)):
        with lzma.open(folder / f"{name}.jsonl.xz", "wt", encoding="utf-8") as file:
            for split in ("train", "heldout"):
                story = {"title": split, "source": "us", "text": text.format(split), "split": split}
                file.write(json.dumps(story) + "\n")
    return folder


@pytest.fixture
def own_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(evaluate, "CHECKPOINTS", tmp_path / "checkpoints")
    monkeypatch.setattr(evaluate, "RUNS", tmp_path / "no-runs")
    return tmp_path / "checkpoints"


def test_word_vectors_are_measured_and_shown(data: Path, own_checkpoints: Path) -> None:
    folder = own_checkpoints / "word-vectors"
    word_vectors.save_vocabulary(folder, list("abcd"), [4, 3, 2, 1])
    word_vectors.save(folder, "skip-gram-1", np.eye(4, dtype=np.float32) + 0.1)
    word_vectors.save(folder, "skip-gram-2", np.eye(2, dtype=np.float32))  # the commonest alone
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    evaluate.run("word-vectors", data)
    stored = json.loads((folder / metrics.FILE).read_text(encoding="utf-8"))
    first = next(iter(stored["figures"].values()))
    assert first["family"].keys() == {"questions", "covered", "skip-gram"}
    weights = ["skip-gram-1.safetensors", "skip-gram-2.safetensors"]
    assert list(stored["sha256"]["weights"]) == weights
    assert "uncommitted weights" not in stored["sha256"]
    assert len(stored["sha256"]["split"]) == 6
    assert "training/evaluate.py" in stored["sha256"]["code"]
    assert "| family | 2 | 2 |" in (folder / "README.md").read_text(encoding="utf-8")


def test_what_only_the_run_keeps_is_measured_too(
    data: Path, own_checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "RUNS", tmp_path / "runs")
    runs, folder = tmp_path / "runs" / "word-vectors", own_checkpoints / "word-vectors"
    drawn = np.random.default_rng(4)
    for where, names in (
        (folder, ("skip-gram-1", "cbow")),
        (runs / "with-facts", ("skip-gram-1", "skip-gram-2", "cbow")),
        (runs / "without-facts", ("skip-gram-1",)),
    ):
        word_vectors.save_vocabulary(where, list("abcd"), [4, 3, 2, 1])
        for name in names:
            word_vectors.save(where, name, drawn.normal(size=(4, 3)).astype(np.float32))
    word_vectors.save(folder, "skip-gram-2", np.eye(2, dtype=np.float32))
    points = np.eye(4, 2, dtype=np.float32)
    shares = (np.array([0.0, 0.2, 0.4, 0.6]), np.array([0.2, 0.4, 0.6, 0.8]))
    drawn_maps = tuple(Map("t-sne", s, points, shares[s - 1]) for s in (1, 2))
    rows = np.arange(4)
    maps.save(folder, "skip-gram-1", Maps(rows, drawn_maps, np.zeros(4, np.int64), rows[None]))
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    evaluate.run("word-vectors", data)
    stored = json.loads((folder / metrics.FILE).read_text(encoding="utf-8"))
    tables = stored["figures"]
    first, *_, last, kept = tables.values()
    assert kept == {"t-sne, 2 dimensions": {"skip-gram-1": 0.4}}  # over words and over seeds
    assert {"skip-gram, mean of 2", "CBOW"} < first["all"].keys()
    assert "skip-gram" in last["all"] and "CBOW" not in last["all"]
    uncommitted = stored["sha256"]["uncommitted weights"]
    assert set(uncommitted) == {"skip-gram-1.safetensors", "skip-gram-2.safetensors"}


@pytest.mark.parametrize("name", ["storyteller", "storyteller-books"])
def test_r5_storytellers_are_measured_in_bits_per_byte_of_both_held_out_texts(
    data: Path,
    own_checkpoints: Path,
    tokenizer: Tokenizer,
    checkpoints: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setattr(storytellers, "SAMPLES", 20)
    monkeypatch.setattr(storytellers, "BATCH", 20)
    torch.manual_seed(0)
    folder = own_checkpoints / name
    checkpoint.save(Transformer(TransformerConfig(layers=1, width=16, feed_forward=16)), folder)
    tokenizers.copy(checkpoints / "storyteller", folder, 512)
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    evaluate.run(name, data)
    stored = json.loads((folder / metrics.FILE).read_text(encoding="utf-8"))
    old, simple = "Held-out stories", "Held-out simple stories"
    own = [old, simple] if name == "storyteller-books" else [simple, old]
    assert list(stored["figures"]) == [*own, "Left to itself"]
    for section, text in ((old, OLD), (simple, SIMPLE)):
        row = stored["figures"][section][name]
        assert row["documents"] == 1
        assert row["bytes"] == len(text.format("heldout"))
        bits = row["tokens"] * np.log2(row["perplexity per token"])
        assert row["bits per byte"] == pytest.approx(bits / row["bytes"], rel=1e-3)
        assert row["context"].startswith("384 to 512 tokens")
    assert stored["figures"]["Left to itself"][name]["openings"] == 50
    assert set(stored["sha256"]["split"]) == {"simple.jsonl.xz", "stories.jsonl.xz"}
    assert headlines.storyteller(stored["figures"]).endswith("1 held-out documents")


def test_tokenizers_are_measured_and_shown(tmp_path: Path, own_checkpoints: Path) -> None:
    grammar.write(tmp_path / "ours")
    where = paths.Paths(tmp_path / "ours", own_checkpoints, tmp_path / "runs")
    tokenizers.train(where, tokenizer_kinds.Recipe(vocabulary=320, rare=2))
    folder = own_checkpoints / "tokenizers"
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    evaluate.run("tokenizers", where.data)
    stored = json.loads((folder / metrics.FILE).read_text(encoding="utf-8"))
    assert set(stored["figures"]["Held-out stories"]) == set(tokenizers.NAMES)
    assert list(stored["sha256"]["weights"]) == ["tokenizer.json"]  # by name, outside the project
    assert set(stored["sha256"]["split"]) == {"stories.jsonl.xz", "eng-fra.tsv.xz"}
    assert "### Held-out sentence pairs" in (folder / "README.md").read_text(encoding="utf-8")


def test_an_unknown_name_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["evaluate", "--data", "nowhere", "astrologer"])
    with pytest.raises(SystemExit):
        evaluate.main()
    assert "no evaluation named astrologer" in capsys.readouterr().err
