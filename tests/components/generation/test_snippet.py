"""Copy as Python: the program that is copied writes the texts that stand on the page."""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from components.generation import beam, lanes, wheel
from components.generation.side_by_side import SideBySide
from components.generation.snippet import lanes_program, unlike
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.generate import Generate
from inference.types.generation import Generation
from inference.types.options import GenerationOptions, LaneOptions
from learning.live.run import train
from learning.live.training import Settings
from tests.conftest import CHECKPOINTS

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    made = Service(CHECKPOINTS, "cpu")
    yield made
    made.close(1)


def printed(
    program: str, monkeypatch: pytest.MonkeyPatch, where: Path = CHECKPOINTS.parent
) -> list[str]:
    """Run a program where a reader would, and return its lines."""
    monkeypatch.chdir(where)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "copied.py", "exec"), {"__name__": "__main__"})  # our own text
    return out.getvalue().splitlines()


def texts(lines: list[str]) -> dict[str, str]:
    """What was written, by the name of the lane."""
    named = (line.partition(": ") for line in lines if line[0].isupper())
    return {name: ast.literal_eval(text) for name, _, text in named}


def ours(found: Generation) -> dict[str, str]:
    return {
        lane.options.name: b"".join(
            found.pieces[step.token] for step in lane.steps if step.token != found.end_of_text
        ).decode(errors="replace")
        for lane in found.lanes
        if not lane.options.sample
    }


@pytest.mark.parametrize(
    ("prompt", "model"),
    [
        ("Once upon a time there was a little", "storyteller"),
        ("\"Alas,\" quoth <|endoftext|> the\n'old' king {x} \\", "storyteller-books"),
        ("Once upon a", "gpt"),
    ],
)
def test_the_copied_program_writes_the_greedy_and_the_beam_text(
    service: Service, prompt: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (prompt, model, 0.8, 40, 0.9, 4, 24, 7, None)
    *_, last = lanes.ask(service, None, *asked)
    written = texts(printed(lanes.python(service, *asked), monkeypatch))
    assert isinstance(last, SideBySide)
    assert written == ours(last.strips[0].found)
    assert set(written) == {"Greedy", "Beam"}
    assert all(written.values())


def test_lanes_of_ones_own_are_copied_from_each_of_their_models(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = """[{"model": "storyteller", "choice": "greedy"},
              {"model": "storyteller-books", "choice": "beam", "beams": 3},
              {"model": "storyteller-books", "choice": "sample"}]"""
    asked = ("Once upon a time", "gru", 0.8, 40, 0.9, 4, 12, 7, own)
    *_, last = lanes.ask(service, None, *asked)
    assert isinstance(last, SideBySide)
    written = texts(printed(lanes.python(service, *asked), monkeypatch))
    assert written == ours(last.strips[0].found) | ours(last.strips[1].found)
    assert set(written) == {"Greedy", "Beam 3"}


def test_penalties_that_greedy_decoding_feels_are_copied(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = LaneOptions("Plain", top_k=3, top_p=0.5, temperature=0.7)
    penalty = LaneOptions("Penalty", repetition_penalty=1.8)
    ngrams = LaneOptions("N-grams", no_repeat_ngram=2)
    options = GenerationOptions((plain, penalty, ngrams), new_tokens=40)
    task = Generate("The cat saw the cat and the cat saw the", "storyteller", options)
    *_, last = service.run(task)
    written = texts(printed(lanes_program(service, [task]), monkeypatch))
    assert written == ours(last)
    assert len(set(written.values())) == 3  # each of them is felt


def test_what_transformers_cannot_write_is_named_and_left_out(service: Service) -> None:
    greedy = LaneOptions("Greedy")
    assert not unlike(greedy)
    assert "dice" in unlike(replace(greedy, sample=True))
    assert "presence_penalty" in unlike(replace(greedy, presence_penalty=0.5))
    order = ("top_k", *(name for name in greedy.order if name != "top_k"))
    after = replace(greedy, top_k=2, repetition_penalty=1.5, order=order)
    assert "before the cuts" in unlike(after)
    assert not unlike(replace(after, order=greedy.order))
    dice = Generate("Once", "storyteller", GenerationOptions((replace(greedy, sample=True),)))
    with pytest.raises(OrreryError, match="No lane of this run can be copied"):
        lanes_program(service, [dice])
    with pytest.raises(OrreryError, match="GRU, over characters is no model of transformers"):
        lanes.python(service, "Once", "gru", 0.8, 40, 0.9, 4, 24, 7, None)


def test_a_text_written_by_hand_is_copied_with_what_can_come_next(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, written = "Once upon a time", "storyteller 12 345"
    asked = (text, written, "", "storyteller", "most probable", 0.7, 0, 1, 7)
    *_, standing = wheel.ask(service, None, *asked)
    lines = printed(wheel.python(service, *asked), monkeypatch)
    shares = [(float(a), ast.literal_eval(b)) for a, b in (one.split(" ", 1) for one in lines[:10])]
    best = standing.found.offered.candidates[:10]
    assert len(best) > 5
    for (share, text), one in zip(shares, best, strict=False):
        assert share == pytest.approx(one.probability, abs=1e-4)
        assert text == standing.found.pieces[one.token].decode(errors="replace")
    going_on = texts(lines)["Greedy"]
    for _ in range(3):  # Step writes the same
        token = standing.found.offered.token
        asked = (asked[0], f"{asked[1]} {token}", *asked[2:])
        *_, standing = wheel.ask(service, None, *asked)
        text = standing.found.pieces[token].decode()
        assert going_on.startswith(text)
        going_on = going_on[len(text) :]
    by_dice = wheel.python(service, *asked[:4], "dice", *asked[5:])
    assert "Left out: what Step writes" in by_dice and "generate" not in by_dice


def test_a_folder_from_elsewhere_is_named_without_its_place() -> None:
    """What lies where on the machine that serves is nobody's business."""
    copied = Service(CHECKPOINTS, "cpu", elsewhere={"mine": str(CHECKPOINTS / "storyteller")})
    program = lanes.python(copied, "Once", "mine", 0.8, 40, 0.9, 4, 24, 7, "")
    assert "folder = 'storyteller'  # the folder that was named as mine" in program
    assert str(CHECKPOINTS) not in program
    copied.close(1)


def test_the_program_of_a_model_that_was_trained_here_names_its_folder_and_no_token(
    service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    *_, run = train(Settings(model="gpt", width=16, batch=8, steps=50, rate=0.05), seconds=600)
    kept = service.trained.keep(run.files, "Small GPT, trained here")
    asked = Generate("mar", kept, GenerationOptions((LaneOptions("Greedy"),), 8))
    program = lanes_program(service, [asked])
    assert "trained-" not in program.replace("trained-here", "") and "/" not in program
    ZipFile(io.BytesIO(service.trained.packed(kept)[1])).extractall(tmp_path)
    assert texts(printed(program, monkeypatch, tmp_path)) == ours(service.answer(asked))


@pytest.mark.parametrize(
    ("prompt", "beams", "penalty", "stopping"),
    [
        ("A man", 2, 0.0, "never"),
        ("and they lived happily ever", 3, 1.0, "if none is better now"),
        ("and they lived happily ever", 4, 2.0, "when the pool is full"),
        ("A man", 1, 0.0, "never"),
    ],
)
def test_a_beam_search_is_copied_with_its_penalty_and_its_end(
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    prompt: str,
    beams: int,
    penalty: float,
    stopping: str,
) -> None:
    asked = (prompt, "storyteller", beams, 16, penalty, stopping, 24)
    *_, last = beam.ask(service, None, *asked)
    assert isinstance(last, tuple)
    trail, _ = last
    texts_of = {
        "Greedy": trail.searched.greedy.ids,
        **({"Beam": trail.searched.outcome.ids} if beams > 1 else {}),
    }
    expected = {
        name: b"".join(trail.pieces[one] for one in ids if one != trail.end_of_text).decode()
        for name, ids in texts_of.items()
    }
    assert texts(printed(beam.python(service, *asked), monkeypatch)) == expected


def test_a_beam_search_of_a_model_that_counts_is_none_of_transformers(service: Service) -> None:
    with pytest.raises(OrreryError):
        beam.python(service, "She wanted to", "bigram", 2, 8, 0.0, "never", 24)
