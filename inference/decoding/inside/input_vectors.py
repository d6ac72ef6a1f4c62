"""The input vectors of a model: how long they are, which lie together, and what follows a token.

Tokens that training hardly met show in their vectors (Land and Bartolo 2024, arXiv 2405.05417).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from inference.errors import NumericalFault, OrreryError
from models.transformer.model import Transformer


class Read(NamedTuple):
    """As `inference.tasks.vocabulary.vectors.InputVectors` has it."""

    lengths: NDArray[np.float32]
    """(vocabulary,)"""
    cosines: NDArray[np.float32]
    """(vocabulary,)"""
    favourite: int
    after_favourite: NDArray[np.float64]
    """(vocabulary,)"""
    after_token: NDArray[np.float64]
    """(vocabulary,)"""


@torch.inference_mode()
def read(model: Any, ids: Sequence[int], token: int, device: str = "cpu") -> Read:
    """ids: of the text, at least one. Raises NumericalFault, or OrreryError of another model."""
    if not isinstance(model, Transformer):
        raise OrreryError("Only a transformer of the collection has input vectors to show here.")
    table = model.embedding.weight.float()  # (vocabulary, width)
    lengths = table.norm(dim=1)
    cosines = (table @ table[token]) / (lengths * lengths[token]).clamp_min(1e-12)
    before = model.forward(torch.tensor([list(ids)], device=device))[0, -1]
    favourite = int(before.argmax())
    rows = torch.tensor([[*ids, favourite], [*ids, token]], device=device)
    following = model.forward(rows)[:, -1].double().softmax(-1)
    found = lengths.cpu().numpy(), cosines.cpu().numpy(), *following.cpu().numpy()
    if not all(np.isfinite(one).all() for one in found):
        raise NumericalFault(1)
    return Read(found[0], found[1], favourite, found[2], found[3])
