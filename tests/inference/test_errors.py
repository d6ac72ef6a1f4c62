"""Every entry of the catalogue, triggered through the real service, and read as a person would."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch

from components.embeddings.models import looked_up
from inference import wire
from inference.cluster.client import RemoteBackend
from inference.collection import STORYTELLER
from inference.decoding.trajectory import Trajectory, ids_of
from inference.entry import LEARNED
from inference.errors import CATALOGUE, ON_CPU, OrreryError, OtherVersion, UnknownWord
from inference.limits import Limits
from inference.loading.device import Devices, TorchDevice
from inference.local import LocalBackend
from inference.scheduling.process import ProcessPool
from inference.service import Service
from inference.task import Failure
from inference.tasks.attention.maps import Attention
from inference.tasks.cut import Cut
from inference.tasks.fill_in import FillIn
from inference.tasks.generate import Generate
from inference.tasks.ladder.train import Train
from inference.types.options import GenerationOptions, LaneOptions
from inference.types.waiting import Waiting
from learning.live.training import Settings
from models.transformer import bert_checkpoint
from models.transformer.bidirectional import Bidirectional, BidirectionalConfig
from tests.inference.faulty import FaultyDevice, device_lost, out_of_memory
from training import tokenizers
from training.fill_in import with_mask

pytestmark = pytest.mark.weights
ASKED = "Zibbo the Quarl walked to the sea"
LETTERS = {
    "config.json": b'{"model_type": "orrery-table", "vocabulary": 2, "context": 9}',
    "tokenizer.json": b'{"model": {"vocab": {"7": 0, "8": 1}, "merges": []}, '
    b'"pre_tokenizer": {"type": "Split"}}',
}
GREEDY = GenerationOptions((LaneOptions("Greedy"),), new_tokens=8)


def on(checkpoints: Path, device: Any, limits: Limits | None = None) -> Service:
    """A service whose models run on a device that the test has made."""
    limits = limits or Limits()
    devices = Devices(device, TorchDevice("cpu"))
    return Service(
        checkpoints,
        limits=limits,
        backend=LocalBackend({STORYTELLER: checkpoints / STORYTELLER}, lambda: devices, limits),
    )


def failing(error: Callable[[], BaseException], after: int = 0) -> FaultyDevice:
    def schedule(ids: torch.Tensor, number: int) -> None:
        if number > after:
            raise error()

    return FaultyDevice(schedule)


def not_a_number(after: int) -> FaultyDevice:
    device = FaultyDevice()
    device.corruption = lambda ids, logits: logits * (float("nan") if device.calls > after else 1)
    return device


def empty(checkpoints: Path, tmp_path: Path) -> None:
    list(Service(checkpoints).run(Attention(" \n")))


def too_long(checkpoints: Path, tmp_path: Path) -> None:
    next(Service(checkpoints).run(Generate("z" * 900, options=GREEDY)))


def no_gap(checkpoints: Path, tmp_path: Path) -> None:
    cut, folder = with_mask(checkpoints / "tokenizers" / "wordpiece"), tmp_path / "fill-in"
    tokenizers.save(cut, folder, context=32)
    shape = BidirectionalConfig(context=32, layers=1, heads=2, width=16, feed_forward=16)
    bert_checkpoint.save(Bidirectional(shape), folder)
    list(Service(tmp_path).run(FillIn(ASKED, "fill-in")))


def too_much(checkpoints: Path, tmp_path: Path) -> None:
    next(
        Service(checkpoints, limits=Limits(row_tokens=100)).run(
            Generate(ASKED, options=GenerationOptions())
        )
    )


def out_of_range(checkpoints: Path, tmp_path: Path) -> None:
    GenerationOptions((LaneOptions("warm", temperature=9),))


def unknown_word(checkpoints: Path, tmp_path: Path) -> None:
    service = Service(checkpoints)
    looked_up(service.word_vectors(), service.word("foressst"))


def bad_trail(checkpoints: Path, tmp_path: Path) -> None:
    Trajectory((5,), LaneOptions("Greedy"), chosen=ids_of("Zibbo"))


def model_missing(checkpoints: Path, tmp_path: Path) -> None:
    list(Service(tmp_path).run(Cut("The cat")))


def model_gone(checkpoints: Path, tmp_path: Path) -> None:
    service = Service(tmp_path)
    name = service.trained.keep(LETTERS, "One, trained here")
    service.trained.close()
    list(service.run(Generate(ASKED, name, GREEDY)))


def bad_tokenizer(checkpoints: Path, tmp_path: Path) -> None:
    list(Service(checkpoints).run(Cut(ASKED, LEARNED + "bytes...AAAA")))


def no_topic(checkpoints: Path, tmp_path: Path) -> None:
    Service(tmp_path).topics.by_code("invented")


def full_house(checkpoints: Path, tmp_path: Path) -> None:
    topic = Service(tmp_path, limits=Limits(topic_followers=1)).topics.open()
    with topic.followed(print), topic.followed(print):
        pass


def too_many_topics(checkpoints: Path, tmp_path: Path) -> None:
    topics = Service(tmp_path, limits=Limits(topics=1)).topics
    topics.open()
    topics.open()


def not_counted(checkpoints: Path, tmp_path: Path) -> None:
    rooms = Service(tmp_path).rooms
    rooms.guess(rooms.open().code, b'{"person": "person-1", "game": 0, "round": 0, "guess": "a"}')


def not_learned(checkpoints: Path, tmp_path: Path) -> None:
    service = Service(tmp_path)
    name = service.trained.keep(LETTERS, "One, trained here")
    list(service.run(Generate(ASKED, name, GREEDY)))


def busy(checkpoints: Path, tmp_path: Path) -> None:
    service = Service(checkpoints, "cpu", Limits(jobs=1))
    stream = service.run(Generate(ASKED, options=GREEDY))
    next(stream)
    next(service.run(Generate("Another person", options=GREEDY)))


def timed_out(checkpoints: Path, tmp_path: Path) -> None:
    list(Service(checkpoints, "cpu", Limits(seconds=0.0)).run(Generate(ASKED, options=GREEDY)))


def cancelled(checkpoints: Path, tmp_path: Path) -> None:
    service = Service(checkpoints, "cpu")
    older, newer = (service.run(Generate(text, options=GREEDY), "mine") for text in (ASKED, "Once"))
    next(older)  # waits, for nobody has yet asked for more than its place
    next(newer)
    newer.close()
    list(older)


def numerical(checkpoints: Path, tmp_path: Path) -> None:
    list(on(checkpoints, not_a_number(after=3)).run(Generate(ASKED, options=GREEDY)))


def nothing_to_learn(checkpoints: Path, tmp_path: Path) -> None:
    list(Service(tmp_path).run(Train(ASKED, settings=Settings(text="own"))))


def unreachable(checkpoints: Path, tmp_path: Path) -> None:
    far = Service(checkpoints, limits=Limits(seconds=0.0), cluster="http://127.0.0.1:9")
    try:
        far.answer(Generate("Zibbo"))
    finally:
        far.close(0.0)


def other_version(checkpoints: Path, tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(409, json=wire.plain(Failure.of(OtherVersion())))

    backend = RemoteBackend("http://cluster", Limits())
    backend._client = httpx.Client(base_url="http://cluster", transport=httpx.MockTransport(answer))
    try:
        Service(checkpoints, backend=backend).answer(Generate("Zibbo"))
    finally:
        backend.close(0.0)


def process_lost(checkpoints: Path, tmp_path: Path) -> None:
    lost = ProcessPool(Limits(), program=(sys.executable, "-c", "raise SystemExit(3)"))
    list(lost.run(Train(""), None))


def memory(checkpoints: Path, tmp_path: Path) -> None:
    full = failing(out_of_memory)
    limits = Limits()
    backend = LocalBackend(
        {STORYTELLER: checkpoints / STORYTELLER}, lambda: Devices(full, full), limits
    )
    list(Service(checkpoints, backend=backend).run(Generate(ASKED, options=GREEDY)))


def restarted(checkpoints: Path, tmp_path: Path) -> None:
    list(on(checkpoints, failing(device_lost, after=3)).run(Generate(ASKED, options=GREEDY)))


def internal(checkpoints: Path, tmp_path: Path) -> None:
    broken = failing(lambda: ZeroDivisionError("a secret of the house"), after=3)
    list(on(checkpoints, broken).run(Generate(ASKED, options=GREEDY)))


CASES: list[tuple[Callable[[Path, Path], None], str, str]] = [
    (
        empty,
        "empty",
        "The sentence is empty. What was shown stays. Type something, or pick an example.",
    ),
    (
        too_long,
        "too_long",
        "The prompt may have up to 400 tokens; yours has 450. Nothing you typed is lost. "
        "Shorten it and run again.",
    ),
    (
        no_gap,
        "no_gap",
        "There is no gap in the text. What was shown stays. "
        r"Write \[MASK\] where a token is missing.",
    ),
    (
        nothing_to_learn,
        "nothing_to_learn",
        "There is nothing to learn from this text: it has 33 characters, and needs 200 or more. "
        "Nothing you typed is lost. Paste a longer text, or choose one that is built in.",
    ),
    (
        process_lost,
        "process_lost",
        "The process that did this ended before its work did. What was shown so far stays. "
        "Run it again; a smaller model or batch needs less memory.",
    ),
    (
        too_much,
        "too_long",
        "The run may have up to 100 tokens over all its rows; yours has 320. Nothing you typed is "
        "lost. Ask for fewer tokens, lanes or beams and run again.",
    ),
    (
        out_of_range,
        "out_of_range",
        "Temperature goes from 0.1 to 2.0, not 9. What was shown stays. "
        "Choose a value in between and run again.",
    ),
    (
        unknown_word,
        "unknown_word",
        "'foressst' is not in this vocabulary. What was shown stays. Try one near in spelling: .*",
    ),
    (
        bad_trail,
        "bad_trail",
        "This trail leads nowhere: its tokens are not whole numbers with blanks between them. "
        "The prompt is kept. Start again from there.",
    ),
    (
        model_missing,
        "model_missing",
        "The model .* is not available: .*The other views still work. "
        "Try again in a minute, or tell whoever runs this page.",
    ),
    (
        model_gone,
        "model_gone",
        "The model that was trained here is gone: it is kept for 60 minutes at most, and not over "
        "a restart. What was shown stays. Train it again, or choose another model.",
    ),
    (
        bad_tokenizer,
        "bad_tokenizer",
        "The tokenizer that was trained here cannot be read: .*. The others still work. "
        "Train it again, and choose the new one.",
    ),
    (
        not_learned,
        "not_learned",
        "The model has learned no character of the prompt. What was shown stays. "
        "Write it in the characters of the text that the model was trained on.",
    ),
    (
        busy,
        "busy",
        "Many people are running this right now: 1 is ahead of you. Your input is kept. "
        "Try again in a few seconds.",
    ),
    (
        timed_out,
        "timed_out",
        "Stopped after 0 s. What was written so far stays. Ask for less and run again.",
    ),
    (
        cancelled,
        "cancelled",
        "Stopped: a newer run of yours took its place. What was written so far stays. "
        "Run it again if you still want it.",
    ),
    (
        numerical,
        "numerical",
        "The model produced no valid number at step 4. The steps before it are shown. "
        "Change the text and run again.",
    ),
    (
        memory,
        "memory",
        "There was not enough memory for this run. Your input is kept. "
        "Ask for fewer tokens, lanes or beams and run again.",
    ),
    (
        restarted,
        "restarted",
        "What runs the models had to be restarted. Your input and what was written so far are "
        "still here. Run it again.",
    ),
    (
        unreachable,
        "unreachable",
        "The machines that run the models do not answer. Your input and what was written so far "
        "are still here. Run it again in a minute, or tell whoever runs this page.",
    ),
    (
        other_version,
        "other_version",
        "The page and the machines that run the models differ in version. Your input is kept. "
        "Tell whoever runs this page: both have to be started from the same version.",
    ),
    (
        no_topic,
        "no_topic",
        "There is nothing under this link any more, or there never was: it is kept for an hour "
        "after the last word, and not over a restart. Nothing is lost. "
        "Ask whoever gave it to you for a new one.",
    ),
    (
        full_house,
        "full_house",
        "No more than 1 people can follow this at once. Those who are here go on. "
        "Look at a neighbour's screen, or try again when somebody has left.",
    ),
    (
        too_many_topics,
        "too_many_topics",
        "No more than 1 trainings and rooms can be followed at once. "
        "Everything else works as before. Try again in a few minutes.",
    ),
    (
        not_counted,
        "not_counted",
        "This does not count: this letter is out already. The room goes on. Guess the next letter.",
    ),
    (
        internal,
        "internal",
        r"Something went wrong on our side \(reference [0-9A-F]{4}\). Your input is kept. "
        "Run it again; if that fails too, pass on the reference.",
    ),
]


MARKS = {"process_lost": pytest.mark.process}


@pytest.mark.parametrize(
    ("trigger", "code", "sentence"),
    [pytest.param(*case, id=case[0].__name__, marks=MARKS.get(case[1], ())) for case in CASES],
)
def test_each_code_through_the_real_service(
    trigger: Callable[[Path, Path], None],
    code: str,
    sentence: str,
    checkpoints: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(OrreryError) as told:
        trigger(checkpoints, tmp_path)
    assert told.value.code == code
    assert isinstance(told.value, CATALOGUE[code])
    assert re.fullmatch(sentence, str(told.value)), str(told.value)
    assert len(str(told.value)) <= 300  # it has to be read before it goes away
    for typed in ("Zibbo", "Quarl", "secret"):  # F17: what people type is not logged
        assert typed not in caplog.text


def test_the_catalogue_is_complete() -> None:
    assert set(CATALOGUE) == {code for _, code, _ in CASES}
    everybody = set(OrreryError.__subclasses__())
    assert everybody == set(CATALOGUE.values())
    for error in everybody:
        for sentence in (error.kept, error.what_to_do):
            assert sentence[:1].isupper() and sentence.endswith("."), error


def test_a_word_that_is_near_no_other_still_says_what_to_do() -> None:
    told = UnknownWord("qqqq", [])
    assert str(told).endswith(" Check the spelling, or try another word.")


def test_bad_character_is_a_note_on_the_result(checkpoints: Path) -> None:
    note = "One character was not valid Unicode and is shown as U+FFFD."
    service = Service(checkpoints, "cpu")
    *_, last = service.run(Generate("Once\ud800", options=GREEDY))
    assert last.note == note
    *_, maps = service.run(Attention("Once\ud800 more"))
    assert maps.tokens.note == note


def test_memory_that_the_cpu_has_is_a_note_on_the_result(checkpoints: Path) -> None:
    service = on(checkpoints, failing(out_of_memory))
    *_, last = service.run(Generate(ASKED, options=GREEDY))
    assert (last.note, len(last.lanes[0].steps)) == (ON_CPU, 8)
    *_, maps = service.run(Attention(ASKED))
    assert maps.tokens.note == ON_CPU


@pytest.mark.parametrize("kind", ["numerical", "internal"])
def test_what_was_written_before_a_fault_is_handed_out_first(checkpoints: Path, kind: str) -> None:
    device = not_a_number(after=4) if kind == "numerical" else failing(ZeroDivisionError, after=4)
    service = on(checkpoints, device, Limits(update_seconds=0.0))
    written = 0
    with pytest.raises(CATALOGUE[kind]):
        for update in service.run(Generate(ASKED, options=GREEDY)):
            written = 0 if isinstance(update, Waiting) else len(update.lanes[0].steps)
    assert written == 4
    assert service.status.requests.partial == 1
