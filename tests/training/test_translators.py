"""Translators are trained on text of our own, measured, and asked through the service."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from inference.service import Service
from inference.tasks.translate import Translate
from inference.types.generation import Generation
from inference.types.options import GenerationOptions, LaneOptions
from models import loading
from models.text.tokenizer import Tokenizer
from training import evaluate, tiny, tokenizer_kinds, tokenizers, translators
from training.data import pairs
from training.evaluation import headlines, metrics
from training.evaluation import translators as evaluation
from training.paths import Paths

NAMES = list(translators.RECIPES)
END = 0


@pytest.fixture(scope="module")
def where(tiny_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    root = tmp_path_factory.mktemp("translators")
    found = Paths(tiny_corpus, root / "checkpoints", root / "runs")
    tokenizers.train(found, tokenizer_kinds.Recipe(vocabulary=320, rare=2), ["multilingual"])
    for name, recipe in tiny.TRANSLATORS.items():
        translators.train(found, replace(recipe, tokens=100 * 256, other_rate=0.01), name)
    return found


def held_out(where: Paths) -> list[pairs.Pair]:
    return pairs.split(pairs.read(where.data / pairs.FILE))[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_short_training_translates_sentences_that_it_has_not_seen(
    where: Paths, name: str
) -> None:
    figures = evaluation.evaluate(where.checkpoints / name, where.data)
    row = figures[evaluation.SECTION]["all"]
    assert row["sentences"] == len({pair.english for pair in held_out(where)})
    assert "smooth:exp|version:2" in str(row["signature"])
    assert 0 <= float(row["BLEU, free-running"] or 0) <= 100
    assert float(row["right tokens, teacher-forced"] or 0) > 0.3  # untrained: 1 of 320


def test_the_command_writes_figures_and_card(where: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "translator"
    monkeypatch.setattr(evaluate, "CHECKPOINTS", where.checkpoints)
    card = where.checkpoints / name / "README.md"
    card.write_text("# A model\n\n<!-- metrics -->\n<!-- /metrics -->\n", encoding="utf-8")
    evaluate.run(name, where.data)
    figures = json.loads((card.parent / metrics.FILE).read_text(encoding="utf-8"))["figures"]
    assert "BLEU" in headlines.translator(figures)
    assert "| all |" in card.read_text(encoding="utf-8")


def test_bleu_is_worked_out_by_hand() -> None:
    # 5 of 6 words, 3 of 5 pairs, 2 of 4 triples, 1 of 3 fours; as long as the reference
    by_hand = 100 * (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25
    score, signature = evaluation.bleu(["a b c d x f"], ["a b c d e f"])
    assert score == pytest.approx(by_hand) and "nrefs:1" in signature


@pytest.mark.parametrize("name", NAMES)
def test_the_service_translates_as_the_slow_loop_does(where: Paths, name: str) -> None:
    service = Service(where.checkpoints, "cpu")
    model, english = loading.load(where.checkpoints / name), held_out(where)[0].english
    tokenizer = Tokenizer.load(where.checkpoints / name)
    lanes = (LaneOptions("Greedy"), LaneOptions("Beam search", beams=4))
    *_, last = service.run(Translate(english, name, GenerationOptions(lanes, new_tokens=40)))
    assert isinstance(last, Generation)
    source = torch.tensor([[*tokenizer.encode(english), END]])
    with torch.inference_mode():
        (expected,) = evaluation.greedy(model, source, END)
    greedy, beam = ([step.token for step in lane.steps] for lane in last.lanes)
    assert greedy == [*expected, END]
    assert beam[-1] == END
    assert name in [entry.name for entry in service.catalog.entries("translate")]
    service.close(0.0)


def test_plain_transformers_translates_the_same(where: Paths) -> None:
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    folder = where.checkpoints / "translator"
    theirs = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32).eval()
    cut = AutoTokenizer.from_pretrained(folder)
    sentences = [pair.english for pair in held_out(where)[:5]]
    ours = evaluation.translations(loading.load(folder), Tokenizer.load(folder), sentences)
    for sentence, expected in zip(sentences, ours, strict=True):
        ids = cut(sentence + cut.eos_token, return_tensors="pt").input_ids
        written = theirs.generate(ids, do_sample=False, num_beams=1)
        assert cut.decode(written[0], skip_special_tokens=True) == expected
