"""A beam search alone, step by step, with nothing forgotten. Knows ids and no text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding import beam
from inference.decoding.batch import to_numpy
from inference.decoding.beam import Beams, Shortlist
from inference.decoding.sampling import log_softmax
from inference.errors import NumericalFault
from models.contract import C, LanguageModel


@torch.inference_mode()
def search(
    model: LanguageModel[C], prompt: Sequence[int], beams: Beams, steps: int, device: str = "cpu"
) -> Iterator[Beams]:
    """The beams after every step, until the search stops or has taken so many.

    prompt: one token or more. What a beam lane does, with `beam.advance` alone deciding. Raises
    NumericalFault, and ValueError where the text would outgrow the context.
    """
    cache = model.new_cache(rows=1)
    column = torch.tensor([list(prompt)], device=device)
    for left in range(steps - 1, -1, -1):
        logits = to_numpy(model.forward(column, cache)[:, -1])
        if not np.isfinite(logits).all():
            raise NumericalFault(steps - left)
        rows = [Shortlist.of(row, beams.candidates_wanted) for row in logits]
        beams = beam.advance(beams, rows)
        yield beams
        if beams.is_done(left) or not beams.running:
            return
        cache.reorder(torch.from_numpy(beams.parents))
        column = torch.tensor([[h.ids[-1]] for h in beams.running], device=device)


@torch.inference_mode()
def transitions(model: LanguageModel[C], device: str = "cpu") -> NDArray[np.float64]:
    """Log-probabilities of every token after every single token, (vocabulary, vocabulary).

    All that a bigram model knows. Raises NumericalFault.
    """
    every = torch.arange(model.vocabulary, device=device)[:, None]
    logits = to_numpy(model.forward(every)[:, -1])
    if not np.isfinite(logits).all():
        raise NumericalFault(1)
    return log_softmax(logits.astype(np.float64))
