"""Bits per byte: how well a model predicts text, comparable across tokenizers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from models.contract import C, LanguageModel
from models.text.tokenizer import Tokenizer

BATCH = 16


@dataclass(frozen=True)
class Score:
    """All bits that a model needs for a text, and what the text holds."""

    bits: float
    bytes: int
    tokens: int
    documents: int

    @property
    def bits_per_byte(self) -> float:
        return self.bits / self.bytes

    @property
    def perplexity(self) -> float:
        """Per token, so comparable only between models with the same tokenizer (truth: R5)."""
        return float(2 ** (self.bits / self.tokens))


def bits_per_byte(
    model: LanguageModel[C], tokenizer: Tokenizer, documents: list[str], stride: int
) -> Score:
    """Score every token of every document exactly once.

    A document opens with end-of-text, which is given and not scored. Windows of the model's
    context move on by `stride` tokens and score only what is new, so that every token but those
    near a document's start is predicted from at least context - stride tokens. Raises ValueError
    for a stride outside 1 to the context.
    """
    if not 0 < stride <= model.context:
        raise ValueError(f"stride must be between 1 and {model.context}, not {stride}.")
    size, tokens = 0, 0
    pending: list[tuple[list[int], int]] = []  # (window, how many of its last tokens to score)
    bits = 0.0
    for text, ids in zip(documents, tokenizer.encode_batch(documents), strict=True):
        pending += _windows([tokenizer.end_of_text, *ids], model.context, stride)
        size, tokens = size + len(text.encode()), tokens + len(ids)
    pending.sort(key=lambda window: len(window[0]))  # equal lengths share a batch
    for start in range(0, len(pending), BATCH):
        bits += _score(model, pending[start : start + BATCH])
    return Score(bits, size, tokens, len(documents))


def _windows(ids: list[int], context: int, stride: int) -> list[tuple[list[int], int]]:
    windows = []
    scored = 1  # the opening end-of-text is given
    while scored < len(ids):
        # a window of context + 1 ids: the last one is predicted and never read
        end = min(len(ids), max(scored + stride, context + 1))
        windows.append((ids[max(0, end - context - 1) : end], end - scored))
        scored = end
    return windows


@torch.no_grad()
def _score(model: LanguageModel[C], windows: list[tuple[list[int], int]]) -> float:
    longest = max(len(ids) for ids, _ in windows)
    batch = torch.zeros(len(windows), longest, dtype=torch.int64)
    weight = torch.zeros(len(windows), longest - 1)
    for row, (ids, scored) in enumerate(windows):  # causal, so padding at the end changes nothing
        batch[row, : len(ids)] = torch.tensor(ids)
        weight[row, len(ids) - 1 - scored : len(ids) - 1] = 1.0
    device = next(model.parameters()).device  # type: ignore[attr-defined]
    batch, weight = batch.to(device), weight.to(device)
    logits = model.forward(batch[:, :-1])
    nats = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten(), reduction="none")
    return float((nats.double() * weight.flatten().double()).sum()) / math.log(2)


@torch.no_grad()
def bits_carried(
    model: LanguageModel[C], tokenizer: Tokenizer, documents: list[str], chunk: int = 512
) -> Score:
    """Score every token of every document exactly once, each read from start to end in one go.

    For models whose cache does not grow, so that what was read first can count to the end. A
    document opens with end-of-text, which is given and not scored. `chunk` positions are read at
    a time, in all documents side by side.
    """
    texts = [[tokenizer.end_of_text, *tokenizer.encode(text)] for text in documents]
    texts.sort(key=len, reverse=True)
    cache = model.new_cache(len(texts))
    nats, rows = 0.0, len(texts)
    for start in range(0, len(texts[0]) - 1, chunk):
        left = sum(len(ids) > start + 1 for ids in texts)
        if left < rows:  # the shortest are read
            cache.drop(torch.arange(left, rows))
            rows = left
        parts = [ids[start : start + chunk + 1] for ids in texts[:rows]]
        batch = torch.zeros(rows, len(parts[0]), dtype=torch.int64)
        weight = torch.zeros(rows, len(parts[0]) - 1)
        for row, part in enumerate(parts):
            batch[row, : len(part)] = torch.tensor(part)
            weight[row, : len(part) - 1] = 1.0
        logits = model.forward(batch[:, :-1], cache)
        lost = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten(), reduction="none")
        nats += float((lost.double() * weight.flatten().double()).sum())
    return Score(
        nats / math.log(2),
        sum(len(d.encode()) for d in documents),
        sum(map(len, texts)) - len(texts),
        len(texts),
    )
