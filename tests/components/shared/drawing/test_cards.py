"""What the models have read stands on every page, with a link to each card."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from components.page import LABS
from components.shared.drawing.cards import cards, line
from components.shared.view import Lab
from inference.catalog import Catalog
from inference.collection import GROWING, SIMPLE, WORDS
from inference.entry import Entry


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.key)
def test_every_model_of_a_lab_is_named_with_its_card(lab: Lab, checkpoints: Path) -> None:
    catalog = Catalog(checkpoints)
    drawn = html.unescape(str(cards(lab, catalog)))
    linked = re.findall(r'href="cards/([\w.-]+)"', drawn)
    offered = [one for can in (lab.can, *lab.also) for one in catalog.entries(can)]
    growing = [GROWING] if lab.key == "attention" else []
    assert linked[len(linked) - len(growing) :] == growing
    linked = [name for name in linked if name not in growing]
    assert {one.card for one in offered} == {catalog.entry(name).card for name in linked}
    assert all(one.title.partition(", over ")[0] in drawn and one.read in drawn for one in offered)


def test_models_that_share_a_card_share_a_line(checkpoints: Path) -> None:
    (embeddings,) = (lab for lab in LABS if lab.key == "embeddings")
    drawn = str(cards(embeddings, Catalog(checkpoints)))
    assert drawn.count("<li>") == 1
    assert "Skip-gram, Skip-gram, trained again (seed 2)" in drawn and WORDS in drawn


def test_a_model_of_the_hub_leads_there_and_one_without_a_card_nowhere() -> None:
    url = "https://huggingface.co/a/b"
    mine = Entry("mine", "<mine>", "elsewhere", frozenset({"write"}), "a/b@1", read="x", card=url)
    assert f'<a href="{url}"' in str(line([mine])) and "&lt;mine&gt;" in str(line([mine]))
    bare = Entry("bare", "bare", "elsewhere", frozenset({"write"}), "/x", read=SIMPLE)
    assert str(line([bare])) == f"<li>bare: {SIMPLE}</li>"
