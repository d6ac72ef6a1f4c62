"""The choice of a model: who is offered, and that a single one is no choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.shared.dials import model_choice
from inference import catalog as catalogs
from inference.catalog import Catalog
from models.opened import ModelFacts


@pytest.fixture
def bert() -> ModelFacts:
    """A masked model from elsewhere, which nothing is read of."""
    return ModelFacts(
        name="bert",
        reference="/somewhere",
        folder=Path("/somewhere"),
        tokenizer=None,
        can=frozenset({"fill in", "attend"}),
        context=64,
        vocabulary=300,
        parameters=1_000,
    )


def test_every_model_that_can_is_offered(
    bert: ModelFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogs, "_described", lambda *_: bert)
    catalog = Catalog(tmp_path, elsewhere={"mine": "/somewhere"})
    attending, removing = (model_choice(catalog, can) for can in ("attend", "remove heads"))
    own = ["storyteller", "storyteller-books"]
    assert [name for _, name in attending.choices] == [*own, "fill-in", "gpt", "mine"]
    assert [name for _, name in removing.choices] == [*own, "gpt"]
    assert attending.visible is removing.visible is True


def test_a_single_model_is_no_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogs, "COLLECTION", catalogs.COLLECTION[:1])
    assert model_choice(Catalog(tmp_path), "attend").visible == "hidden"
