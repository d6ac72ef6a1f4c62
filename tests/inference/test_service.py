"""The one door: what it answers, what it refuses, and what it survives."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from inference import wire
from inference.backend import BackendStatus
from inference.collection import STORYTELLER
from inference.decoding import engine, lanes
from inference.decoding.request import Request
from inference.decoding.trajectory import StepState
from inference.errors import (
    Busy,
    EmptyText,
    ModelUnavailable,
    OrreryError,
    Restarted,
    TooLong,
)
from inference.limits import Limits
from inference.loading import device
from inference.loading.device import Devices, TorchDevice
from inference.local import LocalBackend, open_torch
from inference.scheduling.job import Job
from inference.scheduling.running_batch import RunningRequest
from inference.scheduling.running_program import RunningProgram
from inference.scheduling.watchdog import Watch
from inference.service import Service
from inference.status import Counts, ModelStatus
from inference.task import Result, Task
from inference.tasks.attention.ablation import Ablation
from inference.tasks.attention.maps import Attention, AttentionMaps
from inference.tasks.cut import Cut
from inference.tasks.generate import Generate
from inference.tasks.stepping import NextToken
from inference.types.generation import Candidate, Generation, LaneState, Step
from inference.types.options import GenerationOptions, LaneOptions, five_lanes
from inference.types.waiting import Waiting
from models.text.tokenizer import Tokenizer
from models.transformer.fast import FastTransformer
from models.transformer.model import Transformer
from models.words import vectors as word_vectors
from tests.inference.faulty import FaultyDevice

ROOT = Path(__file__).parents[2]
VECTORS = "word-vectors"
PROMPT = "Once upon a time there was a "
OPTIONS = GenerationOptions(new_tokens=6)


@pytest.fixture(scope="module")
def service(checkpoints: Path) -> Service:
    return Service(checkpoints, device="cpu")


def copy_of(checkpoints: Path, folder: Path) -> Path:
    """A collection that a test may damage: the storyteller and nothing else."""
    shutil.copytree(checkpoints / STORYTELLER, folder / STORYTELLER)
    return folder


def one_word(folder: Path, name: str) -> None:
    """Word vectors of a single word, in one model."""
    word_vectors.save_vocabulary(folder, ["cat"], [3])
    word_vectors.save(folder, name, np.ones((1, 2), dtype=np.float32))


def written_in(updates: Sequence[object]) -> list[Generation]:
    return [update for update in updates if isinstance(update, Generation)]


def status_of(service: Service, name: str) -> ModelStatus:
    (status,) = [model for model in service.status.models if model.name == name]
    return status


@pytest.mark.weights
def test_tokenize_gives_the_bytes_of_the_text(service: Service) -> None:
    tokens = service.answer(Cut("The cat\ud800 sat"))
    assert b"".join(tokens.pieces).decode() == tokens.text == "The cat\ufffd sat"
    assert len(tokens.ids) == len(tokens.pieces)
    assert "U+FFFD" in tokens.note


@pytest.mark.weights
def test_generate_streams_every_lane_to_its_end(service: Service) -> None:
    updates = list(service.run(Generate(PROMPT, options=OPTIONS)))
    last = updates[-1]
    assert last.prompt == (last.end_of_text, *service.answer(Cut(PROMPT)).ids)
    assert [lane.options for lane in last.lanes] == list(five_lanes())
    for lane in last.lanes:
        assert lane.end != "running"
        assert len(lane.steps) == 6 or lane.end == "end of text"
    for update in written_in(updates):  # every one is whole: whatever it mentions, it can spell
        for lane in update.lanes:
            assert {c.token for step in lane.steps for c in step.candidates} <= set(update.pieces)
    assert b"".join(last.pieces[token] for token in last.prompt[1:]).decode() == PROMPT
    assert service.status.tokens_per_second > 0


@pytest.mark.weights
def test_r25_the_same_seed_gives_the_same_texts(service: Service) -> None:
    options = GenerationOptions(new_tokens=24, seed=7)
    first, again = (
        list(service.run(Generate(PROMPT, options=options)))[-1].lanes for _ in range(2)
    )
    assert first == again
    *_, other = service.run(Generate(PROMPT, options=replace(options, seed=8)))
    assert other.lanes[0] == first[0]  # greedy has no dice
    assert other.lanes[1] != first[1]


@pytest.mark.weights
def test_attention_comes_with_its_tokens(service: Service) -> None:
    *waiting, maps = service.run(Attention("The cat sat on the mat."))
    assert waiting and all(isinstance(update, Waiting) for update in waiting)
    count = len(maps.tokens.ids)
    assert maps.weights.shape[2:] == (count, count)
    assert maps.weights.sum(axis=-1) == pytest.approx(np.ones(maps.weights.shape[:3]), abs=1e-5)


@pytest.mark.weights
def test_r16_heads_are_removed_in_three_ways(service: Service, tokenizer: Tokenizer) -> None:
    sweeps = []
    for removal in ("zero", "mean", "resample"):
        *_, removals = service.run(Ablation("The cat sat on the mat.", removal=removal))
        assert (removals.removal, removals.end_of_text) == (removal, 0)
        count = len(removals.tokens.ids)
        layers, heads, _ = removals.sweep.following_without.shape
        assert removals.sweep.bits_without.shape == (layers, heads, count - 1)
        assert removals.sweep.following_without.sum(axis=-1) == pytest.approx(1.0)
        for layer, head in np.ndindex(layers, heads):
            leader = int(removals.sweep.following_without[layer, head].argmax())
            assert removals.pieces[leader] == tokenizer.bytes_of(leader)
        sweeps.append(removals.sweep)
    assert all((one.following == sweeps[0].following).all() for one in sweeps)
    assert (sweeps[1].bits_without != sweeps[0].bits_without).all()
    *_, removals = service.run(Ablation("a"))
    assert removals.sweep.bits.shape == (1,)  # the one token, after the end-of-text
    with pytest.raises(OrreryError, match="one of zero, mean, resample"):
        next(service.run(Ablation("The cat", removal="delete")))  # type: ignore[arg-type]


@pytest.mark.weights
@pytest.mark.parametrize("model", ["storyteller", "five-gram", "gru", "gpt"])
def test_r25_token_by_token_it_writes_what_the_lane_writes(service: Service, model: str) -> None:
    strategy = LaneOptions("Top-p", sample=True, top_p=0.9)
    options = GenerationOptions((strategy,), new_tokens=6, seed=3)
    *_, last = service.run(Generate("The old man", model, options=options))
    ids: list[int] = []
    for step in last.lanes[0].steps:
        written = " ".join(map(str, ids))
        *waiting, place = service.run(
            NextToken("The old man", model, strategy=strategy, seed=3, written=written)
        )
        assert waiting and all(isinstance(update, Waiting) for update in waiting)
        (lane,) = place.lanes
        assert [one.token for one in lane.steps] == ids
        steps = [*lane.steps, place.offered]
        mentioned = {c.token for one in steps for c in one.candidates}
        assert mentioned | set(place.prompt) == set(place.pieces)
        assert place.offered.token == step.token
        assert place.offered.probability == pytest.approx(step.probability, rel=1e-4)
        ids.append(step.token)


@pytest.mark.weights
def test_a_place_that_no_text_leads_to_is_refused(service: Service, tokenizer: Tokenizer) -> None:
    greedy = LaneOptions("Greedy")
    for written, says in (
        ("12 x", "not whole numbers"),
        ("4096", "knows only 4,096 tokens"),
        (f"{tokenizer.end_of_text} 12", "after the end of its text"),
        ("12 " * 65, "from 0 to 64, not 65"),
    ):
        with pytest.raises(OrreryError, match=says):
            list(service.run(NextToken("Once", written=written, strategy=greedy)))
    with pytest.raises(OrreryError, match="seed is a whole number"):
        list(service.run(NextToken("Once", seed=-1, strategy=greedy)))
    with pytest.raises(TooLong, match="up to 255 characters; yours has 256"):
        list(service.run(NextToken("z" * 256, "gpt", strategy=greedy)))
    *_, place = service.run(
        NextToken("Once", written=f"12 {tokenizer.end_of_text}", strategy=greedy)
    )
    assert (place.offered, place.lanes[0].end) == (None, "end of text")


@pytest.mark.weights
def test_unusable_texts_are_refused(service: Service) -> None:
    with pytest.raises(EmptyText):
        service.answer(Cut("  "))
    with pytest.raises(TooLong, match=r"up to 10,000 characters; yours has 10,001"):
        service.answer(Cut("a" * 10_001))
    with pytest.raises(TooLong, match=r"yours has 10,001\. Of tokens it may have up to 64\."):
        next(service.run(Ablation("a" * 10_001)))
    with pytest.raises(TooLong, match="prompt may have up to 400 tokens"):
        next(service.run(Generate("z" * 900, options=OPTIONS)))
    with pytest.raises(TooLong, match="sentence may have up to 256 tokens"):
        next(service.run(Attention("z" * 900)))
    with pytest.raises(TooLong, match="sentence may have up to 64 tokens"):
        next(service.run(Ablation("z" * 500)))
    with pytest.raises(OrreryError, match="must be text"):
        service.answer(Cut(7))


@pytest.mark.weights
def test_the_longest_prompt_and_the_longest_text_fit(service: Service) -> None:
    word = "a"
    while len(service.answer(Cut(word)).ids) < 255:  # and an end-of-text before them
        word += " a"
    options = GenerationOptions((LaneOptions("Greedy"),), new_tokens=256)
    *_, last = service.run(Generate(word, options=options))
    (lane,) = last.lanes
    assert len(lane.steps) == 256 or lane.end == "end of text"


@pytest.mark.weights
def test_leaving_a_stream_frees_the_worker(service: Service) -> None:
    stream = service.run(Generate(PROMPT, options=GenerationOptions(new_tokens=128)))
    next(stream)
    stream.close()
    ends = time.monotonic() + 20
    while service.status.waiting:
        assert time.monotonic() < ends
        time.sleep(0.005)


@pytest.mark.weights
@pytest.mark.parametrize("kind", [Attention, Ablation, NextToken])
def test_leaving_a_call_cancels_the_work(checkpoints: Path, kind: type[Task[Any, Any]]) -> None:
    at_work, go_on = threading.Event(), threading.Event()

    def hold(ids: torch.Tensor, number: int) -> None:
        at_work.set()
        assert go_on.wait(20)

    device = FaultyDevice(hold)
    devices = Devices(device, TorchDevice("cpu"))
    limits = Limits(step_seconds=60.0)
    backend = LocalBackend({STORYTELLER: checkpoints / STORYTELLER}, lambda: devices, limits)
    service = Service(checkpoints, backend=backend)
    first, second = service.run(Attention("The cat")), service.run(kind("The dog"))
    while not at_work.is_set():
        assert isinstance(next(first), Waiting)
    assert next(second).ahead == 1
    second.close()
    assert service.status.waiting == 1  # it waited, and is gone at once
    first.close()
    assert service.status.requests == Counts(received=2, admitted=2, cancelled=2)
    go_on.set()
    ends = time.monotonic() + 20
    while service.status.waiting:  # the other one after its step
        assert time.monotonic() < ends
        time.sleep(0.005)
    assert device.calls == 1


@pytest.mark.weights
def test_the_deadline_is_the_service_s_own(checkpoints: Path) -> None:
    hurried = Service(checkpoints, "cpu", Limits(seconds=0.0))
    with pytest.raises(OrreryError, match="Stopped after 0 s"):
        list(hurried.run(Generate(PROMPT, options=OPTIONS)))


def test_a_missing_collection_is_named_and_listed(tmp_path: Path) -> None:
    service = Service(tmp_path, device="cpu")
    with pytest.raises(ModelUnavailable, match=r"tokenizer\.json is missing from storyteller"):
        service.answer(Cut("The cat"))
    with pytest.raises(ModelUnavailable, match="missing from word-vectors"):
        service.word_vectors()
    status = status_of(service, "word vectors skip-gram-1")
    assert not status.available
    assert "missing from word-vectors" in status.reason
    assert not status_of(service, "storyteller tokenizer").available


def test_every_model_of_the_word_vectors_is_its_own_member(tmp_path: Path) -> None:
    one_word(tmp_path / VECTORS, "cbow")
    service = Service(tmp_path, device="cpu")
    assert service.word_vectors("cbow").words == ("cat",)
    assert service.word_vectors("cbow") is service.word_vectors("cbow")
    with pytest.raises(ModelUnavailable, match=r"fasttext\.safetensors is missing"):
        service.word_vectors("fasttext")
    assert status_of(service, "word vectors cbow").parameters == 2
    assert not status_of(service, "word vectors fasttext").available
    assert status_of(service, "word vectors skip-gram-1").available  # not asked for yet


@pytest.mark.parametrize("name", ["../storyteller", "", None, ["cbow"], 3])
def test_word_vectors_that_are_not_there_are_refused(tmp_path: Path, name: object) -> None:
    with pytest.raises(OrreryError, match="one of skip-gram-1, skip-gram-2"):
        Service(tmp_path, device="cpu").word_vectors(name)


@pytest.mark.weights
def test_missing_weights_leave_everything_else_at_work(checkpoints: Path, tmp_path: Path) -> None:
    folder = copy_of(checkpoints, tmp_path)
    (folder / STORYTELLER / "model.safetensors.index.json").unlink()
    one_word(folder / VECTORS, "skip-gram-1")
    service = Service(folder, device="cpu")
    for stream in (service.run(Generate(PROMPT, options=OPTIONS)), service.run(Attention("a"))):
        with pytest.raises(ModelUnavailable, match=r"index\.json is missing from storyteller"):
            list(stream)
    assert "is missing" in status_of(service, STORYTELLER).reason
    assert len(service.answer(Cut(PROMPT)).ids) > 0
    assert service.word_vectors().words == ("cat",)


@pytest.mark.weights
def test_damaged_weights_are_named_and_tried_again_on_the_next_use(
    checkpoints: Path, tmp_path: Path
) -> None:
    folder = copy_of(checkpoints, tmp_path)
    shard = sorted((folder / STORYTELLER).glob("*.safetensors"))[0]
    whole = shard.read_bytes()
    shard.write_bytes(whole[: len(whole) // 2])
    service = Service(folder, device="cpu")
    with pytest.raises(ModelUnavailable, match=shard.name):
        list(service.run(Attention("The cat")))
    assert not status_of(service, STORYTELLER).available
    shard.write_bytes(whole)
    list(service.run(Attention("The cat")))
    status = status_of(service, STORYTELLER)
    assert (status.available, status.loaded, status.reason) == (True, True, "")
    assert status.parameters > 1_000_000


@pytest.mark.weights
def test_warm_up_loads_what_there_is_and_goes_on_past_what_is_missing(
    checkpoints: Path, tmp_path: Path
) -> None:
    service = Service(copy_of(checkpoints, tmp_path), device="cpu")
    assert service.status.device == "starting"
    service.warm_up()
    ends = time.monotonic() + 20
    while not status_of(service, STORYTELLER).loaded:
        assert time.monotonic() < ends
        time.sleep(0.01)
    assert service.status.device == "cpu"
    assert asyncio.run(service.settled()).requests.received == 0  # nobody has asked for anything
    placed = service._backend.registry.member(STORYTELLER).get()  # type: ignore[attr-defined]
    assert "sweep" in placed.derived  # the first person who removes heads need not wait for it
    assert not status_of(service, "word vectors skip-gram-1").available


class Warming:
    """Runs no model, and opens one as the test wants it."""

    status = BackendStatus("cpu", "float32", (), waiting=0, tokens_per_second=0.0)

    def __init__(self, opens: Callable[[], object]) -> None:
        self.opened: list[str] = []
        self._opens = opens

    def open(self, model: str) -> None:
        self.opened.append(model)
        self._opens()

    def run(self, task: Task[Any, Any], session: str | None) -> Generator[Any, None, None]:
        raise NotImplementedError

    def close(self, seconds: float) -> None: ...


def test_whoever_opens_the_page_during_the_warm_up_holds_no_thread(tmp_path: Path) -> None:
    ready = threading.Event()
    service = Service(tmp_path, backend=Warming(lambda: ready.wait(20)))
    service.warm_up()

    async def visitors() -> tuple[bool, int]:
        before = threading.active_count()
        people = [asyncio.ensure_future(service.settled()) for _ in range(300)]
        await asyncio.sleep(0.1)
        more = threading.active_count() > before  # fewer where one of an earlier test has ended
        at_once = sum(one.done() for one in people)
        ready.set()
        await asyncio.gather(*people)
        return more, at_once

    assert asyncio.run(visitors()) == (False, 0)


def test_an_error_that_nobody_foresaw_ends_no_warm_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inside = " ".join(["what", "somebody", "typed"])

    def fail() -> None:
        raise ZeroDivisionError(inside)

    backend = Warming(fail)
    service = Service(tmp_path, limits=Limits(seconds=600.0), backend=backend)
    service.warm_up()
    asyncio.run(asyncio.wait_for(service.settled(), 20))
    assert backend.opened == [STORYTELLER]
    assert "ZeroDivisionError" in caplog.text and inside not in caplog.text


@pytest.mark.process
def test_the_service_opens_without_torch(checkpoints: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from inference.service import Service; "
        f"service = Service(Path({str(checkpoints)!r})); service.status; "
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=checkpoints.parent).returncode == 0


def test_the_worker_keeps_its_thread_to_one_torch_thread(checkpoints: Path) -> None:
    backend = LocalBackend({STORYTELLER: checkpoints / STORYTELLER}, open_torch("cpu"), Limits())

    def threads_after() -> int:
        torch.set_num_threads(2)
        backend._runner(Watch())
        return torch.get_num_threads()

    with ThreadPoolExecutor(1) as pool:  # like the worker's: the setting belongs to a thread
        assert pool.submit(threads_after).result() == 1


@pytest.mark.weights
def test_kernels_are_compared_on_one_thread_as_they_will_be_used(
    checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def laid_out(model: Transformer) -> FastTransformer:
        seen.append(torch.get_num_threads())
        return FastTransformer(model)

    monkeypatch.setattr(device, "FastTransformer", laid_out)
    backend = LocalBackend({STORYTELLER: checkpoints / STORYTELLER}, open_torch("cpu"), Limits())
    torch.set_num_threads(2)  # what the loader's thread begins with
    try:
        backend.registry.member(STORYTELLER).get()
    finally:
        torch.set_num_threads(1)
    assert seen == [1]


@pytest.mark.weights
def test_what_comes_before_the_first_token_says_how_long_it_waits(service: Service) -> None:
    updates = list(service.run(Generate(PROMPT, options=OPTIONS)))
    waiting = [isinstance(update, Waiting) for update in updates]
    assert waiting[0] and waiting == sorted(waiting, reverse=True)
    assert all(lane.steps for one in updates if isinstance(one, Generation) for lane in one.lanes)


@pytest.mark.weights
def test_every_request_is_counted_to_its_one_end(checkpoints: Path) -> None:
    service = Service(checkpoints, device="cpu")
    list(service.run(Generate(PROMPT, options=OPTIONS)))
    list(service.run(Attention("The cat")))
    stream = service.run(Generate(PROMPT, options=OPTIONS))
    next(stream)
    assert service.status.requests == Counts(received=3, admitted=3, queued=1, done=2)
    stream.close()
    with pytest.raises(EmptyText):
        list(service.run(Attention(" ")))
    counts = service.status.requests
    assert counts == Counts(received=4, admitted=3, done=2, cancelled=1, refused=1)
    assert counts.add_up


@pytest.mark.weights
def test_people_come_and_go_and_nobody_is_lost(checkpoints: Path) -> None:
    """The small sister of `make load`: half stay, some leave at once, some in the middle."""
    service = Service(checkpoints, "cpu", Limits(jobs=12, heartbeat_seconds=0.02))
    list(service.run(Attention("The cat")))  # loaded
    always_added_up, over = [], threading.Event()

    def watch() -> None:
        while not over.is_set():
            always_added_up.append(service.status.requests.add_up)

    def person(number: int) -> str:
        options = GenerationOptions(new_tokens=4, seed=number)
        stream = service.run(Generate(PROMPT, options=options), f"person {number}")
        leaves_after = (1, 4, None, None)[number % 4]
        updates = []
        try:
            for update in stream:
                updates.append(update)
                if len(updates) == leaves_after:
                    stream.close()
                    return "left"
        except Busy as busy:
            assert "are ahead of you" in str(busy)
            return "busy"
        assert all(lane.end != "running" for lane in updates[-1].lanes)
        return "answered"

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(24) as people:
        ends = list(people.map(person, range(48)))
    over.set()
    watcher.join()
    counts = service.status.requests
    assert all(always_added_up)
    assert counts.add_up and counts.received == 49
    assert counts.refused == ends.count("busy")
    assert counts.cancelled == ends.count("left")
    assert counts.done == 1 + ends.count("answered")
    assert counts.partial == counts.failed == counts.timed_out == 0
    ends_by = time.monotonic() + 20
    while service.status.waiting:
        assert time.monotonic() < ends_by
        time.sleep(0.005)


SHARED_TOLERANCE = 1e-4
"""How far a probability may be from the one without company: docs/architecture.md states it."""


def options_of(number: int) -> GenerationOptions:
    """What one of many people chose: other lanes, dials, dice and lengths than the others."""
    five = five_lanes(0.5 + 0.05 * number, 2 + number, 0.5 + 0.02 * number, 2 + number % 4)
    chosen = five[number % 3 :] if number % 2 else five
    return GenerationOptions(chosen, new_tokens=4 + number % 5, seed=100 + number)


def written(states: Sequence[LaneState]) -> list[list[int]]:
    return [[step.token for step in state.steps] for state in states]


def probabilities(states: Sequence[LaneState]) -> list[float]:
    """Of every token that was written, over all lanes."""
    return [step.probability for state in states for step in state.steps]


@pytest.mark.weights
def test_f9_everybody_is_given_what_they_would_be_given_alone(
    checkpoints: Path, tokenizer: Tokenizer, storyteller: Transformer
) -> None:
    service = Service(checkpoints, "cpu", Limits(update_seconds=0.0))
    list(service.run(Attention("The cat")))  # loaded
    starts = ("Once upon a time", "Tim and Sue went to the park. They", "The dog said", "One day,")
    prompts = [f"{starts[i % 4]} {'very ' * (i % 3)}number {i}" for i in range(24)]
    begin, running = threading.Barrier(len(prompts)), [0]

    def person(number: int) -> tuple[list[Generation], AttentionMaps]:
        begin.wait()
        mine = {"session": f"person {number}"}
        updates = []
        for update in service.run(Generate(prompts[number], options=options_of(number)), **mine):
            updates.append(update)
            running.append(service.status.requests.running)
        *_, maps = service.run(Attention(prompts[number]), **mine)
        return updates, maps

    with ThreadPoolExecutor(len(prompts)) as people:
        everybody = list(people.map(person, range(len(prompts))))
    assert max(running) > len(prompts) // 3  # they did share batches
    fast = FastTransformer(storyteller)  # what writes on a CPU
    for number, (updates, maps) in enumerate(everybody):
        ids = (tokenizer.end_of_text, *tokenizer.encode(prompts[number]))
        options = options_of(number)
        built = [lanes.build(o, options.seed, tokenizer.end_of_text) for o in options.lanes]
        states = list(engine.decode(fast, ids, built, options.new_tokens))
        alone = [written(s) for s in states]
        given = [written(update.lanes) for update in written_in(updates)]
        assert given[-1] == alone[-1]
        shared = probabilities(written_in(updates)[-1].lanes)
        assert shared == pytest.approx(probabilities(states[-1]), abs=SHARED_TOLERANCE, rel=0)
        assert all(some in alone for some in given)
        for update in written_in(updates):
            candidates = {
                c.token for lane in update.lanes for s in lane.steps for c in s.candidates
            }
            assert update.prompt == ids
            assert set(update.pieces) <= {*ids, *candidates}
        assert maps.tokens.text == prompts[number]
        assert maps.weights == pytest.approx(engine.attention(storyteller, ids), abs=1e-5)


@pytest.fixture
def few_objects() -> None:
    """The collector looks at nothing older than the test: of millions, a look takes a second."""
    gc.collect()
    gc.freeze()


@pytest.mark.weights
@pytest.mark.usefixtures("few_objects")
def test_f3_f12_nothing_of_a_request_is_kept_once_it_has_ended(service: Service) -> None:
    def alive() -> int:
        gc.collect()
        kinds = {Job, Request, RunningProgram, RunningRequest, Generate, LaneState, Generation}
        return sum(type(thing) in kinds for thing in gc.get_objects())

    list(service.run(Generate(PROMPT, options=OPTIONS)))
    before = alive()
    for seed in range(5):
        list(service.run(Generate(PROMPT, options=replace(OPTIONS, seed=seed))))
        list(service.run(Attention("The cat")))
        stream = service.run(Generate(PROMPT, options=OPTIONS))
        next(stream)
        stream.close()
    ends_by = time.monotonic() + 20
    while service.status.waiting or alive() > before:
        assert time.monotonic() < ends_by, f"{alive()} objects instead of {before}"
        time.sleep(0.02)


@pytest.mark.weights
def test_f11_an_unloaded_model_leaves_nothing_behind(checkpoints: Path) -> None:
    backend = LocalBackend({STORYTELLER: checkpoints / STORYTELLER}, open_torch("cpu"), Limits())
    service = Service(checkpoints, backend=backend)
    list(service.run(Ablation("The cat sat")))  # derives packed copies and reference texts from it
    list(
        service.run(NextToken("The cat", strategy=LaneOptions("Greedy")))
    )  # keeps what the model has read
    model = weakref.ref(backend.registry.member(STORYTELLER).get().model)
    ends_by = time.monotonic() + 20
    while not backend.registry.evict_idle():  # the worker may not have let go of it yet
        assert time.monotonic() < ends_by
    while model() is not None:
        gc.collect()
        assert time.monotonic() < ends_by
    assert not status_of(service, STORYTELLER).loaded
    *_, removals = service.run(Ablation("The cat sat"))
    assert removals.sweep.bits.shape == (3,)


@pytest.mark.weights
def test_f15_closing_lets_what_runs_end_and_admits_nobody(checkpoints: Path) -> None:
    service = Service(checkpoints, "cpu")
    list(service.run(Attention("The cat")))
    stream = service.run(Generate(PROMPT, options=GenerationOptions(new_tokens=8)))
    next(stream)
    with ThreadPoolExecutor(2) as threads:
        rest = threads.submit(list, stream)
        threads.submit(service.close, 20.0).result()
        assert all(lane.end != "running" for lane in rest.result()[-1].lanes)
    with pytest.raises(Busy):
        list(service.run(Attention("The cat")))
    assert service.status.requests.add_up


@pytest.mark.weights
def test_f15_what_does_not_end_in_time_is_told_so(checkpoints: Path) -> None:
    service = Service(checkpoints, "cpu")
    stream = service.run(Generate(PROMPT, options=GenerationOptions(new_tokens=128)))
    while isinstance(next(stream), Waiting):
        pass
    service.close(0.0)
    with pytest.raises(Restarted, match="what was written so far are still here"):
        list(stream)
    assert service.status.requests.partial == 1


@pytest.mark.process
@pytest.mark.weights
def test_f13_it_runs_offline_from_a_folder_it_cannot_write(checkpoints: Path) -> None:
    """No network and no file is opened for writing, from import to the last token."""
    program = f"""
import builtins, io, os, socket, sys
from pathlib import Path
def no_network(*_): raise AssertionError("a socket was opened")
socket.socket.connect = no_network
opened = open
def read_only(file, mode="r", *rest, **named):
    assert not set(mode) & set("wax+") or str(file) == os.devnull, f"{{file}} opened for writing"
    return opened(file, mode, *rest, **named)
builtins.open = io.open = read_only
from inference.service import Service
from inference.tasks.attention.maps import Attention
from inference.tasks.generate import Generate
from inference.types.options import GenerationOptions
service = Service(Path({str(checkpoints)!r}), "cpu")
*_, last = service.run(Generate("Once", options=GenerationOptions(new_tokens=2)))
list(service.run(Attention("The cat"))), service.word_vectors()
assert len(last.lanes[0].steps) == 2
"""
    ended = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=checkpoints.parent,
        env={"HF_HUB_OFFLINE": "1", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_the_backend_may_be_somewhere_else(checkpoints: Path) -> None:
    """The service asks nothing of a backend but the protocol, whose words survive a wire."""

    class Far:
        """Answers as a client over HTTP would: from plain data that came as bytes."""

        status = BackendStatus("far", "float32", (), waiting=3, tokens_per_second=5.0)
        asked: ClassVar[list[object]] = []

        def open(self, model: str) -> None:
            self.asked.append(model)

        def run(
            self, task: Task[Any, Any], session: str | None
        ) -> Generator[Waiting | Result[Any], None, None]:
            sent = wire.loads(wire.dumps(task), wire.known())
            assert sent == task and sent is not task
            self.asked += [type(sent).__name__, session]
            yield Waiting(2, 1.5)
            yield wire.loads(wire.dumps(self.answer(sent)), wire.known())

        def answer(self, task: Task[Any, Any]) -> Result[Any]:
            count = len(task.tokens.ids)
            if isinstance(task, Attention):
                return Result(np.ones((1, 1, count, count), dtype=np.float32))
            if isinstance(task, NextToken):
                assert task.trajectory.chosen == (5, 17)
                return Result(StepState(LaneState(task.strategy), None))
            assert isinstance(task, Generate)
            step = Step(5, 0.5, (Candidate(5, 0.5, True),), 1, 1.0, 0.0, 0.0)
            return Result((LaneState(task.options.lanes[0], (step,), "length"),), "from afar")

        def close(self, seconds: float) -> None:
            self.asked.append(seconds)

    service = Service(checkpoints, backend=Far())
    greedy = LaneOptions("Greedy")
    waiting, last = service.run(Generate("Once", options=GenerationOptions((greedy,))), "me")
    assert waiting == Waiting(2, 1.5)
    assert (last.lanes[0].end, last.note) == ("length", "from afar")
    _, maps = service.run(Attention("The cat"))
    assert maps.weights.shape == (1, 1, 3, 3)
    _, place = service.run(NextToken("The cat", strategy=greedy, written="5 17"))
    assert place.offered is None
    assert service.status.device == "far"
    assert service.status.requests == Counts(received=3, admitted=3, done=3)
    service.close(1.0)
    assert Far.asked == ["Generate", "me", "Attention", None, "NextToken", None, 1.0]


@pytest.mark.process
def test_the_service_s_files_know_nothing_of_torch() -> None:
    names = (
        *("types", "service", "local", "backend", "loading.registry", "loading.lazy"),
        *("scheduling.worker", "scheduling.request_queue", "catalog", "wire"),
        *("tasks.attention.ablation", "tasks.attention.maps", "tasks.generate", "tasks.stepping"),
    )
    imports = ", ".join(f"inference.{name}" for name in names)
    program = f"import {imports}, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0
