"""The one door: what it answers, what it refuses, and what it survives."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.errors import EmptyText, ModelUnavailable, OrreryError, TooLong
from inference.service import STORYTELLER, WORD_VECTORS, Limits, Service
from inference.types import GenerationOptions, LaneOptions, ModelStatus, five_lanes
from models import word_vectors
from models.tokenizer import Tokenizer

PROMPT = "Once upon a time there was a "
OPTIONS = GenerationOptions(new_tokens=6)


@pytest.fixture(scope="module")
def service(checkpoints: Path) -> Service:
    return Service(checkpoints, device="cpu")


def copy_of(checkpoints: Path, folder: Path) -> Path:
    """A collection that a test may damage: the storyteller and nothing else."""
    shutil.copytree(checkpoints / STORYTELLER, folder / STORYTELLER)
    return folder


def status_of(service: Service, name: str) -> ModelStatus:
    (status,) = [model for model in service.status.models if model.name == name]
    return status


@pytest.mark.weights
def test_tokenize_gives_the_bytes_of_the_text(service: Service) -> None:
    tokens = service.tokenize("The cat\ud800 sat")
    assert b"".join(tokens.pieces).decode() == tokens.text == "The cat\ufffd sat"
    assert len(tokens.ids) == len(tokens.pieces)
    assert "U+FFFD" in tokens.note


@pytest.mark.weights
def test_generate_streams_every_lane_to_its_end(service: Service) -> None:
    updates = list(service.generate(PROMPT, OPTIONS))
    last = updates[-1]
    assert last.prompt == service.tokenize(PROMPT).ids
    assert [lane.options for lane in last.lanes] == list(five_lanes())
    for lane in last.lanes:
        assert lane.end != "running"
        assert len(lane.steps) == 6 or lane.end == "end of text"
    for update in updates:  # every update is whole: whatever it mentions, it can spell
        for lane in update.lanes:
            assert {c.token for step in lane.steps for c in step.candidates} <= set(update.pieces)
    assert b"".join(last.pieces[token] for token in last.prompt).decode() == PROMPT
    assert service.status.tokens_per_second > 0


@pytest.mark.weights
def test_r25_the_same_seed_gives_the_same_texts(service: Service) -> None:
    first, again = (list(service.generate(PROMPT, OPTIONS))[-1].lanes for _ in range(2))
    assert first == again
    *_, other = service.generate(PROMPT, GenerationOptions(new_tokens=6, seed=8))
    assert other.lanes[0] == first[0]  # greedy has no dice
    assert other.lanes[1] != first[1]


@pytest.mark.weights
def test_attention_comes_with_its_tokens(service: Service) -> None:
    maps = service.attention("The cat sat on the mat.")
    count = len(maps.tokens.ids)
    assert maps.weights.shape[2:] == (count, count)
    assert maps.weights.sum(axis=-1) == pytest.approx(np.ones(maps.weights.shape[:3]), abs=1e-5)


@pytest.mark.weights
def test_r16_heads_are_removed_in_three_ways(service: Service, tokenizer: Tokenizer) -> None:
    sweeps = []
    for removal in ("zero", "mean", "resample"):
        removals = service.without_heads("The cat sat on the mat.", removal)
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
    assert service.without_heads("a").sweep.bits.shape == (0,)  # there is no next token in it
    with pytest.raises(OrreryError, match="one of zero, mean, resample"):
        service.without_heads("The cat", "delete")  # type: ignore[arg-type]


@pytest.mark.weights
def test_unusable_texts_are_refused(service: Service) -> None:
    with pytest.raises(EmptyText):
        service.tokenize("  ")
    with pytest.raises(TooLong, match=r"up to 2,000 characters; yours has 2,001"):
        service.tokenize("a" * 2001)
    with pytest.raises(TooLong, match="prompt may have up to 128 tokens"):
        next(service.generate("z" * 900, OPTIONS))
    with pytest.raises(TooLong, match="sentence may have up to 64 tokens"):
        service.attention("z" * 500)
    with pytest.raises(TooLong, match="sentence may have up to 64 tokens"):
        service.without_heads("z" * 500)
    with pytest.raises(OrreryError, match="must be text"):
        service.tokenize(7)


@pytest.mark.weights
def test_the_longest_prompt_and_the_longest_text_fit(service: Service) -> None:
    word = "a"
    while len(service.tokenize(word).ids) < 128:
        word += " a"
    options = GenerationOptions((LaneOptions("Greedy"),), new_tokens=128)
    *_, last = service.generate(word, options)
    (lane,) = last.lanes
    assert len(lane.steps) == 128 or lane.end == "end of text"


@pytest.mark.weights
def test_leaving_a_stream_frees_the_worker(service: Service) -> None:
    stream = service.generate(PROMPT, GenerationOptions(new_tokens=128))
    next(stream)
    stream.close()
    ends = time.monotonic() + 20
    while service.status.waiting:
        assert time.monotonic() < ends
        time.sleep(0.005)


@pytest.mark.weights
def test_the_deadline_is_the_service_s_own(checkpoints: Path) -> None:
    hurried = Service(checkpoints, "cpu", Limits(seconds=0.0))
    with pytest.raises(OrreryError, match="Stopped after 0 s"):
        list(hurried.generate(PROMPT, OPTIONS))


def test_a_missing_collection_is_named_and_listed(tmp_path: Path) -> None:
    service = Service(tmp_path, device="cpu")
    with pytest.raises(ModelUnavailable, match=r"tokenizer\.json in storyteller cannot be read"):
        service.tokenize("The cat")
    with pytest.raises(ModelUnavailable, match="missing from word-vectors"):
        service.word_vectors()
    status = status_of(service, WORD_VECTORS)
    assert not status.available
    assert "missing from word-vectors" in status.reason
    assert not status_of(service, "storyteller tokenizer").available


@pytest.mark.weights
def test_missing_weights_leave_everything_else_at_work(checkpoints: Path, tmp_path: Path) -> None:
    folder = copy_of(checkpoints, tmp_path)
    (folder / STORYTELLER / "model.safetensors.index.json").unlink()
    word_vectors.save(folder / WORD_VECTORS, ["cat"], [3], np.ones((1, 2), dtype=np.float32))
    service = Service(folder, device="cpu")
    for use in (lambda: list(service.generate(PROMPT, OPTIONS)), lambda: service.attention("a")):
        with pytest.raises(ModelUnavailable, match=r"index\.json is missing from storyteller"):
            use()
    assert "is missing" in status_of(service, STORYTELLER).reason
    assert len(service.tokenize(PROMPT).ids) > 0
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
        service.attention("The cat")
    assert not status_of(service, STORYTELLER).available
    shard.write_bytes(whole)
    service.attention("The cat")
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
    assert not status_of(service, WORD_VECTORS).available


def test_the_service_opens_without_torch(checkpoints: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from inference.service import Service; "
        f"service = Service(Path({str(checkpoints)!r})); service.status; "
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=checkpoints.parent).returncode == 0


def test_the_backend_keeps_its_thread_to_one_torch_thread(checkpoints: Path) -> None:
    from inference.backend import LocalBackend

    def threads_after() -> int:
        torch.set_num_threads(2)
        LocalBackend(checkpoints, "cpu")
        return torch.get_num_threads()

    with ThreadPoolExecutor(1) as pool:  # like the worker's: the setting belongs to a thread
        assert pool.submit(threads_after).result() == 1
