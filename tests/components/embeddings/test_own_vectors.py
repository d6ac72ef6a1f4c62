"""Vectors from elsewhere are an entry like any other: every view of the lab takes them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import numpy as np
import pytest

from components.embeddings import VIEWS, analogies, arithmetic, axes, benchmark, neighbours
from components.embeddings.models import model_choice
from components.embeddings.relations.table import Shown
from components.shared.view import View
from inference.service import Service
from models.words import export, vectors
from models.words.elsewhere.mapped import Mapped

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def service(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("own")
    path = folder / "mine.bin"
    export.export(vectors.load(checkpoints / "word-vectors", "skip-gram-2"), path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))  # what is laid out is kept there
        yield Service(checkpoints, "cpu", own_vectors={"mine": str(path)})


def test_they_are_the_last_of_the_list_and_stay_in_their_file(service: Service) -> None:
    assert model_choice(service.catalog).choices[-1] == ("mine", "mine")
    entry = service.catalog.entry("mine")
    assert "10,000 words, 200 numbers. Nobody here knows what they have read." in entry.read
    found = service.word_vectors("mine")
    assert isinstance(found.unit, Mapped) and not found.counted
    home = Path(os.environ["HOME"])
    assert len(list((home / ".cache" / "orrery" / "vectors").iterdir())) == 1


def test_neighbours_are_those_of_the_same_vectors_without_counts(service: Service) -> None:
    mine = neighbours.ask(service, None, "king", "queen", "mine", 1, "skip-gram-2", "")
    ours = neighbours.ask(service, None, "king", "queen", "skip-gram-2", 1, names=True)
    one, other = neighbours.data(mine), neighbours.data(ours)
    first, second = ([row["word"] for row in found["neighbours"]] for found in (one, other))
    assert first == second
    assert {row["seen"] for row in one["neighbours"]} == {None}
    assert one["columns"][0]["cosine"] == pytest.approx(one["columns"][1]["cosine"], abs=1e-5)
    assert one["agreement"] == {"note": neighbours.FOREIGN}
    assert one["contexts"] == other["contexts"]  # named by the words of the counts
    value = str(neighbours.draw(neighbours.ask(service, None, "king", "queen", "mine", 1))[0])
    assert "\N{MULTIPLICATION SIGN}" not in value


def test_a_list_of_ours_is_never_judged_by_theirs(service: Service) -> None:
    judged = neighbours.data(neighbours.ask(service, None, "king", "", "glove"))["agreement"]
    assert judged["models"] == 5  # those of our own that hold it


def test_the_other_views_take_them_too(service: Service) -> None:
    question = ("man", "king", "woman")
    theirs = analogies.ask(service, None, *question, "skip-gram-2", 1)
    assert analogies.ask(service, None, *question, "mine").answer == theirs.answer
    for method in analogies.METHODS:
        assert analogies.draw(analogies.ask(service, None, *question, "mine", 1, method))
    found = arithmetic.data(arithmetic.ask(service, None, "london - england + france", "mine"))
    assert found["answer"]
    laid = axes.ask(service, None, *axes.EXAMPLES["Feelings"], "mine")
    theirs = axes.ask(service, None, *axes.EXAMPLES["Feelings"], "skip-gram-2")
    np.testing.assert_allclose(laid.positions, theirs.positions, atol=1e-5)


def test_they_have_a_column_of_the_benchmark_with_their_coverage(service: Service) -> None:
    *_, shown = benchmark.ask(service, None, "He : she / mine", benchmark.MODELS, "mine")
    assert [one.key for one in shown.columns][-1] == "mine"
    column = shown.columns[-1]
    i = next(i for i, one in enumerate(shown.relations) if one.title == "He : she")
    assert 0 < column.relations[i].covered < column.relations[i].asked
    assert "hold a word that it lacks" in str(benchmark.draw(shown)[1])
    some = next(iter(benchmark.ask(service, None, "", benchmark.DIMENSIONS, "mine")))
    assert isinstance(some, Shown)
    assert len(some.columns) + len(some.pending) == 7


def test_every_view_that_offers_them_answers_with_them(service: Service) -> None:
    offering = []
    for view in VIEWS:
        with gr.Blocks():
            inputs = view.inputs(service.catalog)
        offers = [n for n in inputs if ("mine", "mine") in getattr(inputs[n], "choices", ())]
        if offers:
            offering.append(view.key)
            answers_with(view, service, {n: part.value for n, part in inputs.items()}, offers[0])
    assert len(offering) == len(VIEWS) - 7  # the models of the others are of another kind


def answers_with(view: View, service: Service, values: dict[str, object], name: str) -> None:
    found = view.ask(service, None, *(values | {name: "mine"}).values())
    if isinstance(found, Iterator):
        *_, found = found
    assert view.draw()(found), view.key
    assert json.dumps(view.data(found))
