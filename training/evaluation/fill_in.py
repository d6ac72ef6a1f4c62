"""How often the model's first guess at a masked token is right, beside a guess from counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from learning.masking import mask
from models.text.tokenizer import Tokenizer
from models.transformer import bert_checkpoint
from models.transformer.bidirectional import Bidirectional
from training.data import corpus
from training.evaluation import metrics
from training.fill_in import Recipe, training_stream
from training.storyteller import SIMPLE, STORIES

SECTIONS = {SIMPLE: "Held-out simple stories", STORIES: "Held-out stories"}
BATCH = 32
SEED = 20261130
SHARE = 0.15  # of the positions, as BERT was trained and is measured
Ids = NDArray[np.int64]


class Neighbours:
    """Guesses the token that was seen most often between its two neighbours.

    Where the two were never seen around a token, it guesses the commonest one after the left
    neighbour, and where that is new, the commonest of all.
    """

    def __init__(self, stream: Ids, vocabulary: int) -> None:
        left, middle, right = stream[:-2], stream[1:-1], stream[2:]
        self._size = vocabulary
        self._between = _commonest(left * vocabulary + right, middle, vocabulary)
        self._after = _commonest(left, middle, vocabulary)
        self._common = int(np.bincount(stream, minlength=vocabulary).argmax())

    def guess(self, left: Ids, right: Ids) -> Ids:
        """The best guess between each pair of neighbours, (pairs,)."""
        after = _looked_up(self._after, left, np.full(len(left), self._common))
        return _looked_up(self._between, left * self._size + right, after)


def _commonest(contexts: Ids, tokens: Ids, size: int) -> tuple[Ids, Ids]:
    """Every context, in order, and the token that is commonest in it; of several the lowest."""
    seen, counts = np.unique(contexts * size + tokens, return_counts=True)
    context, token = seen // size, seen % size
    order = np.lexsort((token, -counts, context))
    kept, first = np.unique(context[order], return_index=True)
    return kept, token[order][first]


def _looked_up(table: tuple[Ids, Ids], contexts: Ids, otherwise: Ids) -> Ids:
    keys, tokens = table
    at = np.minimum(np.searchsorted(keys, contexts), len(keys) - 1)
    return np.where(keys[at] == contexts, tokens[at], otherwise)


def evaluate(folder: Path, data: Path) -> metrics.Figures:
    """The share of masked tokens that are guessed, on simple and on old held-out stories."""
    model, tokenizer = bert_checkpoint.load(folder), Tokenizer.load(folder)
    recipe = Recipe()
    stream = training_stream(data, tokenizer, recipe.seed).astype(np.int64)
    counts = Neighbours(stream, tokenizer.vocabulary)
    figures: dict[str, dict[str, dict[str, metrics.Value]]] = {}
    for name, section in SECTIONS.items():
        texts = [d.text for d in corpus.read(data / name) if d.split == "heldout"]
        figures[section] = {folder.name: measure(model, tokenizer, counts, texts, SHARE)}
    return figures


def measure(
    model: Bidirectional,
    tokenizer: Tokenizer,
    counts: Neighbours,
    texts: list[str],
    share: float,
) -> dict[str, metrics.Value]:
    """Both first guesses at the same positions, drawn with a fixed seed.

    Texts are cut into pieces of the model's context, each between two ends of text, as in training;
    those are never masked. The counts see the two true neighbours of every masked token.
    """
    generator = np.random.default_rng(SEED)
    total = right = counted = 0
    for ids, present in padded(pieces(texts, tokenizer, model.context), tokenizer.end_of_text):
        inner = present & (ids != tokenizer.end_of_text)
        hidden = inner & (generator.random(ids.shape) < share)
        inputs = torch.from_numpy(mask(ids, hidden, model.config.mask)[0])
        with torch.inference_mode():
            guesses = model(inputs, torch.from_numpy(present)).argmax(-1).numpy()
        true = ids[hidden]
        left, following = np.roll(ids, 1, axis=1)[hidden], np.roll(ids, -1, axis=1)[hidden]
        total += len(true)
        right += int((guesses[hidden] == true).sum())
        counted += int((counts.guess(left, following) == true).sum())
    return {
        "first guess right": round(right / total, 4),
        "from counts of both neighbours": round(counted / total, 4),
        "masked tokens": total,
        "documents": len(texts),
    }


def pieces(texts: list[str], tokenizer: Tokenizer, context: int) -> list[Ids]:
    """Every text in pieces of at most the context, the shortest first."""
    end, room = tokenizer.end_of_text, context - 2
    cut = [
        np.array([end, *ids[start : start + room], end])
        for ids in tokenizer.encode_batch(texts)
        for start in range(0, len(ids), room)
    ]
    return sorted(cut, key=len)


def padded(rows: list[Ids], fill: int) -> list[tuple[Ids, NDArray[np.bool_]]]:
    """Batches of (rows, longest) ids, and which of them are of a text and not padding."""
    found = []
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        ids = np.full((len(part), max(map(len, part))), fill, dtype=np.int64)
        present = np.zeros(ids.shape, dtype=bool)
        for row, piece in enumerate(part):
            ids[row, : len(piece)] = piece
            present[row, : len(piece)] = True
        found.append((ids, present))
    return found
