"""How well a translator translates sentences that it has not seen, by their length.

Free-running, it goes on from what it has written itself; teacher-forced, from the reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from sacrebleu.metrics.bleu import BLEU

from models import loading
from models.text.tokenizer import Tokenizer
from training.data import pairs
from training.evaluation import metrics

SECTION = "Held-out sentences, by their words in English"
LENGTHS = ((1, 4), (5, 6), (7, 8), (9, 12), (13, 100))
BATCH = 64
Ids = list[int]


def evaluate(folder: Path, data: Path) -> metrics.Figures:
    """BLEU, greedy and beam search, of all held-out sentences and by length.

    Each English sentence counts once, with the first of its translations as the one reference.
    """
    model, tokenizer = loading.load(folder), Tokenizer.load(folder)
    _, held = pairs.split(pairs.read(data / pairs.FILE))
    first = {pair.english: pair for pair in reversed(held)}
    chosen = [pair for pair in held if first[pair.english] is pair]
    written = translations(model, tokenizer, [pair.english for pair in chosen])
    forced = [teacher_forced(model, tokenizer, pair) for pair in chosen]
    rows: dict[str, dict[str, metrics.Value]] = {}
    for low, high in ((1, 100), *LENGTHS):
        members = [i for i, p in enumerate(chosen) if low <= len(p.english.split()) <= high]
        if not members:
            continue
        name = "all" if (low, high) == (1, 100) else f"{low} to {high}"
        references = [chosen[i].french for i in members]
        found, signature = bleu([written[i] for i in members], references)
        right, tokens = (sum(column) for column in zip(*(forced[i] for i in members), strict=True))
        alike = sum(written[i] == chosen[i].french for i in members)
        rows[name] = {
            "BLEU, free-running": round(found, 2),
            "same as the reference": round(alike / len(members), 4),
            "right tokens, teacher-forced": round(right / tokens, 4),
            "sentences": len(members),
            "signature": signature,
        }
    return {SECTION: rows}


def bleu(written: Sequence[str], references: Sequence[str]) -> tuple[float, str]:
    """Corpus BLEU from 0 to 100 and its signature; Post 2018, arXiv 1804.08771."""
    metric = BLEU()
    score = metric.corpus_score(list(written), [list(references)])
    return float(score.score), str(metric.get_signature())


@torch.inference_mode()
def translations(model: Any, tokenizer: Tokenizer, sentences: Sequence[str]) -> list[str]:
    """The greedy translation of every sentence, in order.

    Those whose sources have one length are decoded together.
    """
    end = tokenizer.end_of_text
    sources = [[*ids, end] for ids in tokenizer.encode_batch(sentences)]
    order = sorted(range(len(sources)), key=lambda i: len(sources[i]))
    found = [""] * len(sources)
    for _, same in groupby(order, key=lambda i: len(sources[i])):
        places = list(same)
        for start in range(0, len(places), BATCH):
            part = places[start : start + BATCH]
            targets = greedy(model, torch.tensor([sources[i] for i in part]), end)
            for place, ids in zip(part, targets, strict=True):
                found[place] = tokenizer.decode(ids)
    return found


def greedy(model: Any, source: torch.Tensor, end: int) -> list[Ids]:
    """What is written about each source, (rows, positions), up to the end or the context."""
    rows = len(source)
    cache = model.new_cache(rows, source)
    columns: list[torch.Tensor] = []
    last, going = torch.full((rows, 1), end), torch.ones(rows, dtype=torch.bool)
    while len(columns) < model.context and going.any():
        last = model.forward(last, cache)[:, -1:].argmax(-1)
        columns.append(last[:, 0])
        going &= last[:, 0] != end
    written = torch.stack(columns, 1).tolist()
    return [ids[: ids.index(end)] if end in ids else ids for ids in written]


@torch.inference_mode()
def teacher_forced(model: Any, tokenizer: Tokenizer, pair: pairs.Pair) -> tuple[int, int]:
    """How many ids of the reference are the first guess after the true ones, and of how many."""
    end = tokenizer.end_of_text
    source = torch.tensor([[*tokenizer.encode(pair.english), end]])
    target = torch.tensor([[*tokenizer.encode(pair.french), end]])
    logits = model.forward(F.pad(target[:, :-1], (1, 0), value=end), model.new_cache(1, source))
    return int((logits.argmax(-1) == target).sum()), target.shape[1]
