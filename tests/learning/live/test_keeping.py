"""A trained model as a folder: what it was in the run, for our loader and for `transformers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from learning.live import keeping, measuring
from learning.live.run import train
from learning.live.texts import corpus
from learning.live.training import MODELS, Run, Settings
from models.loading import in_our_layout, load, open_model

SECRET = "The quick zebra of Jutland"
OWN = "\n".join(f"{SECRET} ran over hill number {i} and was never seen again." for i in range(30))


def folder(run: Run, where: Path) -> Path:
    for name, content in run.files.items():
        (where / name).write_bytes(content)
    return where


def trained(own: str = "", **dials: Any) -> tuple[Settings, Run]:
    settings = Settings(text="own" if own else "names", width=16, batch=8, steps=50, **dials)
    *_, run = train(settings, own, seconds=600)
    return settings, run


@pytest.mark.parametrize("kind", MODELS)
def test_the_folder_writes_what_the_run_wrote_last(kind: str, tmp_path: Path) -> None:
    settings, run = trained(model=kind)
    opened = open_model(folder(run, tmp_path))
    assert in_our_layout(tmp_path)
    assert opened.opening == (0,) and opened.tokenizer.ends == {0}
    assert opened.vocabulary == opened.tokenizer.vocabulary == run.alphabet
    written = measuring.write(opened.model, 0, 8, 24, settings.seed, end=0)
    assert tuple(map(opened.tokenizer.decode, written)) == run.samples[-1].texts
    heldout = corpus("names").heldout
    bits = measuring.bits(opened.model, measuring.windows_of(heldout, 32))
    if kind != "mlp":  # whose rows are of another length
        assert bits == pytest.approx(run.points[-1].heldout, abs=1e-5)


@pytest.mark.parametrize("own", ["", OWN])
def test_plain_transformers_opens_a_gpt(own: str, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    _, run = trained(own, model="gpt", layers=2)
    folder(run, tmp_path)
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    text = "The hill" if own else "emma"
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    opened = open_model(tmp_path)
    assert ids == opened.tokenizer.encode(text) and len(ids) == len(text)
    assert theirs.config.eos_token_id == opened.tokenizer.end_of_text == (None if own else 0)
    with torch.inference_mode():
        expected = theirs(torch.tensor([ids])).logits
        torch.testing.assert_close(
            load(tmp_path).forward(torch.tensor([ids])), expected, rtol=0, atol=1e-4
        )


def test_the_card_says_how_and_quotes_nothing_of_ones_own() -> None:
    settings, run = trained(OWN, model="lstm", seed=11)
    card = run.files["README.md"].decode()
    for said in ("# LSTM", "| text | a text of somebody's own |", "| seed | 11 |", "50 of 50"):
        assert said in card
    assert f"| held-out text | {run.points[-1].heldout:.3f} |" in card
    assert not any(word in content for content in run.files.values() for word in (b"zebra", b"Jut"))
    assert "counting pairs" in card and "there is no end-of-text" in card
    assert set(keeping.TEXTS) == {"names", "few names", "grammar", "memory", "own"}
    assert settings.text == "own"


def test_a_broken_run_and_one_under_way_have_no_folder() -> None:
    wild = Settings(*("names", "rnn", 16, 1, 32, 8, 60, 900.0, "constant", "sgd"), clip=0.0)
    news = list(train(wild, seconds=600))
    assert news[-1].end == "diverged"
    assert not any(run.files for run in news)
    settings, _ = trained(model="table")
    *before, last = train(settings, seconds=600)
    assert last.files and not any(run.files for run in before)
