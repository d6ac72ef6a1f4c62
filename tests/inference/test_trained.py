"""A model that was trained here serves whoever holds its name, and nobody else."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from components.generation.reading import Reader, reading
from components.ladder import letters, models
from inference.errors import ModelGone, OrreryError
from inference.rungs import sees
from inference.service import Service
from inference.tasks.attention.maps import Attention
from inference.tasks.generate import Generate
from inference.tasks.ladder.cell_state import CellState
from inference.tasks.ladder.train import Run, Train
from inference.tasks.score import Score
from inference.types.generation import Generation
from inference.types.options import GenerationOptions, LaneOptions, Settings
from models.loading import load

pytestmark = pytest.mark.process
GREEDY = GenerationOptions((LaneOptions("Greedy"),), new_tokens=12)
SPOKEN = "\n".join(f"The fox number {i} ran over the hill, and said nothing." for i in range(40))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path, "cpu")
    yield service
    service.close(0.0)


def trained(service: Service, session: str | None = "me", own: str = "", **dials: object) -> Run:
    settings = Settings(text="own" if own else "names", width=16, steps=50, **dials)  # type: ignore[arg-type]
    return service.answer(Train(own, settings=settings), session)


def written(generation: Generation) -> bytes:
    pieces = generation.pieces
    return b"".join(pieces[step.token] for step in generation.lanes[0].steps)


def test_it_writes_for_who_holds_its_name_until_its_time_is_over(service: Service) -> None:
    run = trained(service, model="counted")
    assert run.end == "done" and not run.files and run.kept
    entry = service.catalog.entry(run.kept)
    assert entry.title == "Bigram, counted, trained here" and "count" in entry.can
    assert entry not in service.catalog.entries("write", listed=False)
    before = [model.name for model in service.status.models]
    found = service.answer(Generate("Emm!", run.kept, GREEDY))
    assert found.note == (
        "This tokenizer reads E as e: what was typed is lost. "
        "This model has not learned !; it reads the text without."
    )
    assert found.prompt == (0, 5, 13, 13) and found.end_of_text == 0
    assert written(found)[:1].islower()
    assert [model.name for model in service.status.models] == before
    assert run.kept not in repr(service.status)
    with pytest.raises(OrreryError, match="Bigram, counted, trained here cannot attend") as told:
        service.answer(Attention("emma", run.kept))
    assert run.kept not in str(told.value)
    registry = service._backend.registry  # type: ignore[attr-defined]
    assert registry.memory.used > 0
    now = service.trained._clock
    service.trained._clock = lambda: now() + 3_601
    with pytest.raises(ModelGone):
        service.answer(Generate("emma", run.kept, GREEDY))
    with pytest.raises(OrreryError, match="none of this name"):
        registry.member(run.kept)
    gc.collect()
    assert registry.memory.used == 0


def test_nobody_in_particular_is_given_no_model(service: Service) -> None:
    run = trained(service, session=None, model="counted")
    assert run.end == "done" and not run.kept and not run.files
    assert len(service.trained) == 0


def test_a_gpt_shows_its_attention_and_a_recurrent_network_its_cells(service: Service) -> None:
    gpt = trained(service, model="gpt", layers=2)
    maps = service.answer(Attention("emma", gpt.kept))
    assert maps.tokens.ids == (0, 5, 13, 13, 1)
    spoken = trained(service, own=SPOKEN, model="rnn")
    states = service.answer(CellState("The fox ran!", spoken.kept, "spaces"))
    assert states.tokens.text == "The fox ran!" and len(states.sweep.bits) == 10
    found = {one.follows: one.on_probe for one in states.sweep.followers}
    assert abs(found["spaces"]) > 0.3


def test_r5_of_a_text_without_a_beginning_the_first_character_is_given(service: Service) -> None:
    spoken = trained(service, own=SPOKEN, model="rnn")
    found = service.answer(Score("The fox", spoken.kept))
    assert found.given == "T" and "the first character is given" in found.tokens.note
    model = load(service.trained.folder(spoken.kept))
    ids = torch.tensor([found.tokens.ids])
    assert ids.shape == (1, 7)
    with torch.inference_mode():
        logs = model.forward(ids[:, :-1])[0].double().log_softmax(-1)
    bits = -logs[torch.arange(6), ids[0, 1:]].numpy() / np.log(2)
    assert found.scored.bits == pytest.approx(bits, abs=1e-4)
    assert found.per_byte == found.per_character == pytest.approx(bits.mean(), abs=1e-4)
    assert found.spans[0].tolist() == [1, 2]
    drawn = str(reading([Reader(spoken.kept, "Vanilla RNN", found)]))
    assert "<em>T</em>" in drawn and drawn.count('role="option"') == 6
    with pytest.raises(OrreryError, match="Type at least two"):
        service.answer(Score("T", spoken.kept))


def test_it_stands_among_the_rungs_and_shows_its_letters(service: Service) -> None:
    run = trained(service, model="mlp", window=8)
    *_, climb = models.ask(service, None, "emm", run.kept, 16, 7, "anna\nemma")
    assert list(climb.written) == list(climb.scores) == [run.kept]
    (mine,) = models.rows(climb)
    assert mine.title == "Trained here" and mine.unit == "parameters"
    assert mine.text == climb.scores[run.kept].per_character and mine.held is None
    assert mine.sees == "the last 8 characters"
    own, *others = models.Drawing()(climb)[3:]
    assert "Trained here" in own and len(others) == len(models.MODELS)
    *_, slide = letters.ask(service, None, "anna", 2, run.kept)
    model = load(service.trained.folder(run.kept))
    weights = model.embedding.weight.detach().numpy()
    assert slide.letters.characters == tuple("abcdefghijklmnopqrstuvwxyz")
    assert slide.letters.vectors == pytest.approx(weights[list(slide.tokens)])


@pytest.mark.parametrize(
    ("model", "dials", "seen"),
    [
        ("counted", {}, "the last character"),
        ("table", {}, "the last character"),
        ("lstm", {}, "its state"),
        ("gpt", {"window": 64}, "the last 64 characters"),
    ],
)
def test_what_a_trained_model_sees_is_told_by_its_kind(
    service: Service, model: str, dials: dict[str, int], seen: str
) -> None:
    assert sees(service.catalog.entry(trained(service, model=model, **dials).kept)) == seen
