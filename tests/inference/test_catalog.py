"""The catalogue: its entries are there, and its bounds are those of the models."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from inference.bounds import Bounds
from inference.catalog import Catalog
from inference.collection import COLLECTION, STORYTELLER
from inference.errors import ModelUnavailable, OrreryError
from inference.limits import Limits
from inference.types.options import BEAMS, NEW_TOKENS, five_lanes
from models import loading
from models.words import vectors


@pytest.fixture(scope="module")
def catalog(checkpoints: Path) -> Catalog:
    return Catalog(checkpoints)


def test_every_entry_of_the_collection_is_in_its_folder(catalog: Catalog) -> None:
    for entry in COLLECTION:
        folder = catalog.folder(entry)
        needed = "vocabulary.json" if entry.kind == "word vectors" else "tokenizer.json"
        assert (folder / needed).is_file(), entry.name
        assert (catalog.checkpoints / entry.card).is_file(), entry.name
        assert entry.about.endswith(".") and entry.read.endswith(".")
    assert {one.name for one in catalog.entries("embed")} == set(vectors.NAMES)


@pytest.mark.weights
def test_bounds_are_those_of_the_loaded_models(catalog: Catalog) -> None:
    for entry in catalog.entries("write", listed=False):
        model, bounds = loading.load(catalog.folder(entry)), catalog.bounds(entry.name)
        assert (bounds.context, bounds.vocabulary) == (model.context, model.vocabulary), entry.name
        assert bounds.prompt + bounds.room(bounds.prompt) <= model.context
        assert bounds.room(1) == bounds.new_tokens == min(NEW_TOKENS[1], model.context - 1)


def test_bounds_follow_a_small_model() -> None:
    bounds = Bounds.of({"max_position_embeddings": 64, "vocab_size": 320}, Limits())
    assert (bounds.prompt, bounds.new_tokens) == (63, 63)
    assert [bounds.room(prompt) for prompt in (1, 35, 63)] == [63, 29, 1]


@pytest.mark.parametrize("config", [{}, {"vocab_size": "many"}, {"vocab_size": 9, "n_ctx": 0}])
def test_bounds_need_whole_numbers(config: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="damaged"):
        Bounds.of(config, Limits())


def test_attention_is_what_transformers_have(catalog: Catalog) -> None:
    assert [one.name for one in catalog.entries("attend")] == [
        *(STORYTELLER, "storyteller-books", "fill-in", "gpt")
    ]
    every = [one.name for one in catalog.entries("attend", listed=False)]
    assert "storyteller-growing/step-00256" in every
    with pytest.raises(OrreryError, match="bigram cannot attend"):
        catalog.entry("bigram", "attend")


def test_ages_of_a_model_are_found_in_the_order_of_their_training(catalog: Catalog) -> None:
    found = catalog.ages("storyteller-growing")
    assert list(found) == [0, *(2**i for i in range(3, 14))]
    assert found[256].name == "storyteller-growing/step-00256"
    assert all(entry.opens and not entry.listed for entry in found.values())
    assert catalog.ages("ladder") == catalog.ages("storyteller") == catalog.ages("") == {}


@pytest.mark.parametrize("name", ["", "no such model", "../../etc", None, 7])
def test_an_unknown_name_is_refused(catalog: Catalog, name: object) -> None:
    with pytest.raises(ModelUnavailable, match="none of this name"):
        catalog.entry(name)


def test_a_damaged_config_names_the_model_and_no_path(checkpoints: Path, tmp_path: Path) -> None:
    shutil.copytree(checkpoints / "ladder/gpt", tmp_path / "ladder/gpt")
    config = tmp_path / "ladder/gpt/config.json"
    for content in ("{", "[]", json.dumps({"vocab_size": -1})):
        config.write_text(content, encoding="utf-8")
        with pytest.raises(
            ModelUnavailable, match=r"gpt is not available: .*config.json"
        ) as raised:
            Catalog(tmp_path).bounds("gpt")
        assert str(tmp_path) not in str(raised.value)


def test_a_folder_that_was_put_there_is_an_entry(checkpoints: Path, tmp_path: Path) -> None:
    shutil.copytree(checkpoints / "ladder/gpt", tmp_path / "mine")
    assert Catalog(tmp_path).entry("mine", "attend").listed


def test_every_card_can_be_read_by_the_name_of_its_model(catalog: Catalog, tmp_path: Path) -> None:
    for entry in (one for one in COLLECTION if catalog.folder(one).is_dir()):
        assert catalog.card(entry.name) == (catalog.checkpoints / entry.card).read_text("utf-8")
    growing = catalog.checkpoints / "storyteller-growing" / "README.md"
    assert catalog.card("storyteller-growing") == growing.read_text("utf-8")
    for name in ("storyteller", "no such model", "../storyteller"):
        with pytest.raises(ModelUnavailable) as refused:
            Catalog(tmp_path).card(name)
        assert str(tmp_path) not in str(refused.value)


def test_what_the_dials_reach_is_granted() -> None:
    widest = sum(lane.rows for lane in five_lanes(beams=BEAMS[1]))
    assert widest * NEW_TOKENS[1] <= Limits().row_tokens
