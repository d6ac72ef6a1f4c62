"""The ladder: every rung answers, says what it cannot do, and has the figures measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inference.catalog import Catalog
from inference.collection import COLLECTION
from inference.errors import ModelUnavailable, TooLong
from inference.rungs import LADDER, SECTION, rungs
from inference.service import Service
from inference.tasks.generate import Generate
from inference.types.generation import Generation
from inference.types.options import GenerationOptions, LaneOptions

RUNGS = [one.name for one in COLLECTION if one.kind == "ladder"]
TWO = (LaneOptions("Greedy"), LaneOptions("Beam", beams=3))


@pytest.fixture(scope="module")
def service(checkpoints: Path) -> Service:
    return Service(checkpoints, device="cpu")


def last(service: Service, prompt: str, model: str, options: GenerationOptions) -> Generation:
    *_, update = service.run(Generate(prompt, model, options=options))
    return update


@pytest.mark.parametrize("name", RUNGS)
def test_every_rung_writes_the_characters_it_is_asked_for(service: Service, name: str) -> None:
    update = last(service, "Once upon a ti", name, GenerationOptions(TWO, 12))
    assert [len(lane.steps) for lane in update.lanes] == [12, 12]
    assert all(len(update.pieces[step.token]) == 1 for step in update.lanes[0].steps)
    assert not update.note


def test_a_model_that_has_seen_words_ends_one(service: Service) -> None:
    update = last(service, "Once upon a ti", "lstm", GenerationOptions(TWO[:1], 2))
    assert b"".join(update.pieces[step.token] for step in update.lanes[0].steps) == b"me"


def test_too_much_is_refused_in_the_units_of_the_model(service: Service) -> None:
    with pytest.raises(TooLong, match="255 characters; yours has 256"):
        last(service, "a" * 256, "gpt", GenerationOptions(TWO, 8))


def test_what_does_not_fit_after_a_prompt_is_not_written_and_said(service: Service) -> None:
    update = last(service, "a" * 250, "gpt", GenerationOptions(TWO[:1], 8))
    assert [len(lane.steps) for lane in update.lanes] == [6]
    assert "After this prompt there is room for 6 characters" in update.note


def test_characters_that_a_rung_has_not_learned_are_named(service: Service) -> None:
    update = last(service, "\u4f60\u597d \u4f60 fox", "gru", GenerationOptions(TWO[:1], 1))
    assert "has not learned \u4f60, \u597d; it reads them as unknown" in update.note


def test_a_top_k_beyond_the_vocabulary_is_said(service: Service) -> None:
    options = GenerationOptions((LaneOptions("Top-k", sample=True, top_k=200),), 1)
    assert "Top-k keeps all" in last(service, "a", "bigram", options).note
    assert not last(service, "a", "storyteller", options).note


def test_the_ladder_is_what_was_measured(checkpoints: Path) -> None:
    stored = json.loads((checkpoints / LADDER / "metrics.json").read_text())["figures"][SECTION]
    found = rungs(Catalog(checkpoints))
    assert [rung.name for rung in found] == RUNGS
    assert [rung.bits for rung in found] == [stored[n]["bits per character"] for n in RUNGS]
    assert found[0].unit == "counts" and found[-1].unit == "parameters"


@pytest.mark.parametrize("damaged", ["", "{}", json.dumps({"figures": {SECTION: {"gpt": {}}}})])
def test_damaged_figures_are_said_and_not_shown(tmp_path: Path, damaged: str) -> None:
    (tmp_path / LADDER).mkdir()
    (tmp_path / LADDER / "metrics.json").write_text(damaged)
    with pytest.raises(ModelUnavailable, match="its figures in"):
        rungs(Catalog(tmp_path))
