"""The rungs and the storytellers on one prompt and one text, and answers that hold on both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.ladder import models
from inference.errors import OrreryError
from inference.service import Service

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
PROMPT, TEXT = "The goat ", "The miller had three goats."


def asked(folder: Path, model: str = models.ALL, text: str | None = TEXT) -> list[models.Climb]:
    return list(models.ask(Service(folder, "cpu"), None, PROMPT, model, 8, 7, text))


def test_what_is_missing_is_said_and_all_others_write_and_score(tiny_ladder: Path) -> None:
    first, *_, last = asked(tiny_ladder)
    assert not first.written and not first.scores  # the picture comes before any model
    there = ["five-gram", "mlp", "rnn", "gru", "lstm", "gpt"]
    assert [n for n, one in last.written.items() if not isinstance(one, str)] == there
    assert list(last.scores) == there and list(last.written) == list(models.MODELS)
    assert "not available" in str(last.written["storyteller"])
    data = models.data(last)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert [one["model"] for one in data["text"]] == there


def test_every_score_is_told_as_soon_as_it_is_there(tiny_ladder: Path) -> None:
    told = [list(climb.scores) for climb in asked(tiny_ladder)]
    there = ["five-gram", "mlp", "rnn", "gru", "lstm", "gpt"]
    assert [one for one, last in zip(told, [None, *told], strict=False) if one != last] == [
        there[:count] for count in range(len(there) + 1)
    ]


def test_one_model_alone_is_asked_and_no_text_is_no_score(tiny_ladder: Path) -> None:
    *_, last = asked(tiny_ladder, "gru", "  ")
    assert list(last.written) == ["gru"] and not last.scores
    *_, last = asked(tiny_ladder, "gru", None)
    assert not last.scores


def test_a_text_that_is_too_long_is_refused(tiny_ladder: Path) -> None:
    with pytest.raises(OrreryError, match="up to 1,000 characters; yours has 1,500"):
        asked(tiny_ladder, "gru", "a" * 1500)
    with pytest.raises(OrreryError, match="up to 1,000 characters"):  # before anything is shown
        next(models.ask(Service(tiny_ladder, "cpu"), None, PROMPT, models.ALL, 8, 7, "a" * 1500))


def test_only_what_has_changed_is_drawn(tiny_ladder: Path) -> None:
    drawing = models.Drawing()
    drawn = [drawing(climb) for climb in asked(tiny_ladder, "rnn")]
    skipped = [one[1] for one in drawn[1:-1]]
    assert all(isinstance(one, dict) for one in skipped)
    assert str(drawn[0][2]) == str(drawn[-1][2])  # no figures are measured here


@pytest.mark.weights
def test_r5_r30_the_answers_hold_on_the_opening_example() -> None:
    service = Service(CHECKPOINTS, "cpu")
    *_, last = models.ask(service, None, PROMPT, models.ALL, 8, 7, models.TEXT)
    bits = {name: one.per_character for name, one in last.scores.items()}
    rungs = {one.name: one for one in last.rungs}
    assert 3 * bits["storyteller"] < min(bits[name] for name in rungs)
    assert 2 * bits["storyteller"] < bits["storyteller-books"]
    old = (
        "Once upon a time there lived in a great forest a poor woodcutter, who had seven daughters."
    )
    *_, again = models.ask(service, None, PROMPT, models.ALL, 8, 7, old)
    assert again.scores["storyteller-books"].per_character < (
        again.scores["storyteller"].per_character
    )
    climbing = [rungs[n].bits for n in ("bigram", "trigram", "five-gram", "mlp", "gpt")]
    assert climbing == sorted(climbing, reverse=True)
    assert rungs["five-gram"].size > 100 * rungs["bigram"].size
    assert 1.4 < rungs["bigram"].bits - rungs["five-gram"].bits < 1.6
    best = min(one.bits for one in rungs.values())
    assert rungs["five-gram"].bits - best < 1 / 3
    sizes = [rungs[name].size for name in ("rnn", "gru", "lstm", "gpt")]
    assert max(sizes) < 1.1 * min(sizes)
    assert models.picture_and_table(last)[1].count("tie: 1.697 and 1.702 bits") == 1  # type: ignore[attr-defined]
