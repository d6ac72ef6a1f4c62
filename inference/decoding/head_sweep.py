"""Removing heads one by one: how far the next-token distribution and the loss on a text move.

A head is removed before the output projection, by putting something else in place of what it
mixed (truth: R16):

- "zero": nothing, which the layers above have never seen;
- "mean": the head's mean over all positions of the reference texts, one vector for every position
  (Wang et al. 2023, arXiv 2211.00593), a cheap stand-in for the constant that hurts least
  (Li and Janson 2024, arXiv 2408.17322);
- "resample": what the head mixed in a reference text drawn by a seed, position for position.

The reference texts are the model's own: it writes them by plain sampling, after what opens a text.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from inference.decoding import engine, lanes
from inference.errors import NumericalFault
from inference.tasks.attention.ablation import HeadSweep, Removal
from inference.types.options import LaneOptions
from models.contract import LanguageModel, Trace
from models.interventions import HeadAblation, Interventions
from models.transformer import packed
from models.transformer.model import Block, Transformer
from models.transformer.packed import Parts

REFERENCE_TEXTS = 16
REFERENCE_TOKENS = 64
ROWS_SCORED = 4  # logits of more rows at once would no longer fit the processor's cache


@dataclass(frozen=True, eq=False)
class Reference:
    """What every head mixes in texts that have nothing to do with the one at hand."""

    texts: tuple[tuple[int, ...], ...]
    mixed: torch.Tensor
    """(layers, heads, texts, positions, head_width), before the output projection."""

    def replacement(self, how: Removal, positions: int, seed: int = 0) -> torch.Tensor:
        """What takes the place of each head: (layers, heads, positions or 1, head_width).

        A drawn text that is shorter than `positions` is followed by those after it.
        """
        layers, heads, texts, _, width = self.mixed.shape
        if how == "zero":
            return self.mixed.new_zeros(layers, heads, 1, width)
        if how == "mean":
            return self.mixed.mean(dim=(2, 3))[:, :, None]
        first = int(np.random.default_rng(seed).integers(texts))
        outputs = self.mixed.roll(-first, dims=2).flatten(2, 3)
        if outputs.shape[2] < positions:
            raise ValueError(f"The reference texts hold fewer than {positions} tokens.")
        return outputs[:, :, :positions]


def reference(
    model: LanguageModel[Any],
    opening: Sequence[int],
    ends: Collection[int],
    device: str = "cpu",
) -> Generator[None, None, Reference]:
    """Let the model write the reference texts, text i with seed i, and read them once.

    opening: one token or more. ends: are forbidden, so that no text ends early. Costs about as
    much as `REFERENCE_TOKENS` steps of 16 rows and yields after each, so keep the result. Raises
    NumericalFault.
    """
    length = min(REFERENCE_TOKENS, model.context - len(opening))
    writing = [
        lanes.build(LaneOptions("Reference", sample=True), seed, ends, length)
        for seed in range(REFERENCE_TEXTS)
    ]
    for states in engine.decode(model, opening, writing, length, device):  # noqa: B007
        yield
    texts = tuple(tuple(step.token for step in state.steps) for state in states)
    trace = Trace()
    with torch.inference_mode():
        ids = torch.tensor([[*opening, *text] for text in texts], device=device)
        model.forward(ids, None, trace)
    mixed = torch.stack([layer[:, :, len(opening) :] for layer in trace.heads])
    return Reference(texts, mixed.transpose(1, 2).contiguous())


class HeadSweeper:
    """Sweeps over the heads of one model, with what all sweeps share: reference texts, kernels."""

    def __init__(self, model: Any, reference: Reference, device: str) -> None:
        self._model = model
        self._device = device
        # A model that is not ours shows no blocks: its sweep runs through the whole of it.
        self._parts = packed.for_many(model) if hasattr(model, "blocks") else None
        self._reference = reference

    def __call__(self, ids: Sequence[int], removal: Removal) -> HeadSweep:
        """Raises NumericalFault."""
        replacement = self._reference.replacement(removal, len(ids))
        if self._parts is None:
            return sweep_in_rows(self._model, ids, replacement, self._device)
        return sweep(self._model, ids, replacement, self._device, self._parts)


@torch.inference_mode()
def sweep(
    model: Transformer,
    ids: Sequence[int],
    replacement: torch.Tensor,
    device: str = "cpu",
    parts: Parts | None = None,
) -> HeadSweep:
    """Remove every head of every layer, each alone, and predict the text again.

    ids: one token or more. replacement: (layers, heads, positions or 1, head_width). parts: of
    this model, packed ones for speed. Below the head that is removed nothing changes, so every
    row of the batch starts in its own layer. Raises NumericalFault.
    """
    parts = parts or packed.plain(model)
    text = torch.tensor([list(ids)], device=device)
    trace = Trace()
    model.forward(text, trace=trace)
    rows = _without_each_head(parts.blocks, model.rotary, trace, replacement)
    stream = torch.cat([trace.hidden[-1], rows])  # (1 + layers * heads, positions, width)
    logits = map(parts.unembed, torch.split(stream, ROWS_SCORED))
    return _swept(logits, text[0, 1:], replacement.shape[:2])


@torch.inference_mode()
def sweep_in_rows(
    model: LanguageModel[Any], ids: Sequence[int], replacement: torch.Tensor, device: str = "cpu"
) -> HeadSweep:
    """The same for any model that makes the interventions of a trace, one row of it a head.

    It knows nothing of layers, so every row runs through the whole model.
    """
    text = torch.tensor([list(ids)], device=device)
    layers, heads = replacement.shape[:2]
    placed = replacement.expand(-1, -1, len(ids), -1)
    every_head = itertools.product(range(layers), range(heads))
    arms: list[tuple[int, int] | None] = [None, *every_head]  # the first removes nothing

    def logits() -> Iterator[torch.Tensor]:
        for start in range(0, len(arms), ROWS_SCORED):
            rows = arms[start : start + ROWS_SCORED]
            removed = tuple(
                HeadAblation(row, arm[0], arm[1], placed[arm])
                for row, arm in enumerate(rows)
                if arm
            )
            trace = Trace(Interventions(removed))
            yield model.forward(text.expand(len(rows), -1), None, trace)

    return _swept(logits(), text[0, 1:], replacement.shape[:2])


def _swept(
    logits: Iterable[torch.Tensor], following: torch.Tensor, grid: Sequence[int]
) -> HeadSweep:
    """The sweep from the logits of all rows, a few at a time: none removed, then each head."""
    scored = [_predictions(rows, following) for rows in logits]
    bits, last = (torch.cat(parts) for parts in zip(*scored, strict=True))
    if not (torch.isfinite(bits).all() and torch.isfinite(last).all()):
        raise NumericalFault(1)
    probabilities = last.double().softmax(dim=-1).cpu().numpy()
    surprisals = bits.double().cpu().numpy()
    return HeadSweep(
        bits=surprisals[0],
        bits_without=surprisals[1:].reshape(*grid, -1),
        following=probabilities[0],
        following_without=probabilities[1:].reshape(*grid, -1),
    )


def _without_each_head(
    blocks: Sequence[Block], rotary: torch.Tensor, trace: Trace, replacement: torch.Tensor
) -> torch.Tensor:
    """The residual stream below the last norm: (layers * heads, positions, width), in that order.

    The batch grows by one row a head on its way up through the layers.
    """
    heads, positions = trace.heads[0].shape[1:3]
    rotary = rotary[:, :positions]
    every_head = torch.arange(heads, device=rotary.device)
    rows = trace.hidden[0][:0]
    for layer, block in enumerate(blocks):
        if layer:
            rows = block(rows, rotary, None, None, None)
        mixed = trace.heads[layer].repeat(heads, 1, 1, 1)  # (rows, heads, positions, head_width)
        mixed[every_head, every_head] = replacement[layer]
        joined = block.attention.output(mixed.transpose(1, 2).flatten(2))
        x = trace.hidden[layer] + joined
        rows = torch.cat([rows, x + block.feed_forward(block.feed_forward_norm(x))])
    return rows


def _predictions(
    logits: torch.Tensor, following: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Surprisal in bits of every next token, (rows, positions - 1), and the last logits.

    logits: (rows, positions, vocabulary).
    """
    truth = logits[:, :-1].gather(-1, following.expand(len(logits), -1)[..., None])[..., 0]
    return (logits[:, :-1].logsumexp(dim=-1) - truth) / np.log(2), logits[:, -1]
