"""The choice of a model: who is offered, and that a single one is no choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.shared.dials import model_choice
from inference import catalog as catalogs
from inference.catalog import Capability, Catalog


@pytest.mark.parametrize(
    ("can", "offered"),
    [
        ("attend", ["storyteller", "storyteller-books", "gpt", "mine"]),
        ("remove heads", ["storyteller", "storyteller-books", "gpt", "mine"]),
    ],
)
def test_every_model_that_can_is_offered(
    tmp_path: Path, can: Capability, offered: list[str]
) -> None:
    choice = model_choice(Catalog(tmp_path, elsewhere={"mine": "/somewhere"}), can)
    assert [name for _, name in choice.choices] == offered
    assert choice.visible is True


def test_a_single_model_is_no_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogs, "COLLECTION", catalogs.COLLECTION[:1])
    assert model_choice(Catalog(tmp_path), "attend").visible == "hidden"
