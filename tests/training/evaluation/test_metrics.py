"""`metrics.json` names what it was measured on, and the card shows what it holds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from training.data.corpus import Document
from training.evaluation import card, metrics

FIGURES: metrics.Figures = {
    "Section one": {
        "first": {"pairs": 12_345, "accuracy": 0.51239},
        "second": {"accuracy": None, "context": "128 | 256"},
    },
    "Section two": {"only": {"perplexity": 20.0}},
}
README = "# A model\n\n<!-- metrics -->\nold\n<!-- /metrics -->\n\nThe end.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    (tmp_path / "weights.safetensors").write_bytes(b"weights")
    (tmp_path / "words.txt").write_bytes(b"words")
    weights, words = tmp_path / "weights.safetensors", tmp_path / "words.txt"
    metrics.write(tmp_path, FIGURES, [weights], [words], [Path(metrics.__file__)])
    return tmp_path


def test_every_file_stands_in_it_with_its_sha256(folder: Path) -> None:
    stored = json.loads((folder / metrics.FILE).read_text(encoding="utf-8"))
    assert stored["figures"] == FIGURES
    code = hashlib.sha256(Path(metrics.__file__).read_bytes()).hexdigest()
    assert stored["sha256"] == {
        "weights": {"weights.safetensors": hashlib.sha256(b"weights").hexdigest()},
        "split": {"words.txt": hashlib.sha256(b"words").hexdigest()},
        "code": {"training/evaluation/metrics.py": code},
    }


def test_the_card_shows_one_table_a_section(folder: Path) -> None:
    metrics.update_card(folder)
    shown = (folder / "README.md").read_text(encoding="utf-8")
    assert shown == README.replace(
        "old",
        """### Section one

|  | pairs | accuracy | context |
| --- | ---: | ---: | ---: |
| first | 12,345 | 0.512 | - |
| second | - | - | 128 \\| 256 |

### Section two

|  | perplexity |
| --- | ---: |
| only | 20.000 |""",
    )


def test_a_folder_of_a_family_has_its_tables_in_the_familys_card(folder: Path) -> None:
    inner = folder / "first"
    inner.mkdir()
    (inner / metrics.FILE).write_bytes((folder / metrics.FILE).read_bytes())
    blocks = (f"<!-- {name} -->\n<!-- /{name} -->\n" for name in ("metrics", "metrics of first"))
    (folder / "README.md").write_text("".join(blocks), encoding="utf-8")
    metrics.update_card(inner)
    before, after = (folder / "README.md").read_text(encoding="utf-8").split("metrics of first", 1)
    assert "Section" not in before and "### Section one" in after


def test_a_card_is_rewritten_twice_to_the_same_text(folder: Path) -> None:
    metrics.update_card(folder)
    once = (folder / "README.md").read_text(encoding="utf-8")
    metrics.update_card(folder)
    assert (folder / "README.md").read_text(encoding="utf-8") == once


def test_a_card_without_markers_is_refused_and_left_alone(folder: Path) -> None:
    (folder / "README.md").write_text("# A model\n", encoding="utf-8")
    with pytest.raises(card.CardError, match="<!-- metrics -->"):
        metrics.update_card(folder)
    assert (folder / "README.md").read_text(encoding="utf-8") == "# A model\n"


def test_the_list_of_sources_names_every_cc_by_document_trained_on() -> None:
    documents = [
        Document("The | kite", "Pratham, CC BY 4.0 (CC-BY)", "", "train", "Anu R."),
        Document("A tale", "African Storybook, CC BY (CC-BY)", "", "train"),
        Document("Held out", "African Storybook, CC BY (CC-BY)", "", "heldout", "Someone"),
        Document("Emma", "Project Gutenberg", "", "train", "Austen, Jane"),
    ]
    assert card.attribution(documents).splitlines()[2:] == [
        "| A tale | not named | African Storybook, CC BY (CC-BY) |",
        "| The \\| kite | Anu R. | Pratham, CC BY 4.0 (CC-BY) |",
    ]


def test_the_list_of_books_names_every_other_document_and_its_split() -> None:
    documents = [
        Document("A tale", "African Storybook, CC BY (CC-BY)", "", "train"),
        Document("Emma", "Project Gutenberg", "", "heldout", "Austen, Jane"),
        Document("Celtic Fairy Tales", "Project Gutenberg #7885", "", "train"),
    ]
    assert card.books(documents).splitlines()[2:] == [
        "| Celtic Fairy Tales | not named | Project Gutenberg #7885 | train |",
        "| Emma | Austen, Jane | Project Gutenberg | heldout |",
    ]


@pytest.mark.weights
def test_the_committed_weights_are_the_ones_that_were_measured(checkpoints: Path) -> None:
    measured = sorted(checkpoints.glob(f"*/{metrics.FILE}"))
    assert "word-vectors" in [path.parent.name for path in measured]
    for path in measured:
        stored = json.loads(path.read_text(encoding="utf-8"))["sha256"]["weights"]
        assert stored == metrics.hashes(metrics.weights_of(path.parent)) != {}


@pytest.mark.weights
def test_the_committed_cards_show_the_measured_figures(checkpoints: Path, tmp_path: Path) -> None:
    for path in checkpoints.glob(f"*/{metrics.FILE}"):
        for name in ("README.md", metrics.FILE):
            (tmp_path / name).write_bytes((path.parent / name).read_bytes())
        metrics.update_card(tmp_path)
        assert (tmp_path / "README.md").read_bytes() == (path.parent / "README.md").read_bytes()
