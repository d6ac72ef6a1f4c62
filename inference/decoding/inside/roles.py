"""Where every head looks: in a text, and in random tokens that all come a second time.

Induction is measured on such tokens (Olsson et al. 2022, arXiv 2209.11895): nothing in them can be
known but by finding the token's first occurrence and what followed it.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from inference.decoding import engine
from inference.decoding.batch import to_numpy
from inference.decoding.inside import added
from inference.errors import NumericalFault
from models.contract import Trace
from models.transformer.bidirectional import Bidirectional
from models.transformer.model import Transformer
from models.translators.transformer import Translator

Maps = NDArray[np.float32]
ROWS, SPAN = 16, 50  # random texts, and tokens of each before they come again
AT_ONCE = 4  # texts of one slice
SHOWN = 10  # tokens of the one that is drawn
SEED = 20261125
TWIN_SEED = 1
MOST = 50_000_000  # parameters of a twin: a larger one takes too long to make beside other work


class Repeated(NamedTuple):
    """Random tokens that come twice: (layers, heads, queries, keys) each."""

    mean: Maps
    """The mean of `ROWS` texts of `SPAN` tokens, or half a context."""
    shown: Maps
    """One shorter text."""
    drawn: tuple[int, ...]
    """Its tokens, each half."""
    bits: float
    """Mean surprisal of a token of a second half; nan of a model that predicts none."""


def repeated(model: Any, device: str = "cpu") -> Generator[None, None, Repeated]:
    """Some texts a slice. Raises NumericalFault.

    Tokens are drawn evenly from all but the first, which ends a text, and a mask.
    """
    generator = torch.Generator().manual_seed(SEED)
    mask = model.config.mask if isinstance(model, Bidirectional) else model.vocabulary
    span, most = min(SPAN, model.context // 2), min(mask, model.vocabulary)
    rows = torch.randint(1, most, (ROWS, span), generator=generator)
    parts = []
    for some in torch.split(rows, AT_ONCE):
        parts.append(_read_twice(model, some.to(device)))
        yield None
    drawn = tuple(rows[0, :SHOWN].tolist())
    shown = engine.attention(model, drawn * 2, device)
    maps = np.sum([one for one, _ in parts], axis=0) / np.float32(ROWS)
    return Repeated(maps, shown, drawn, float(np.mean([bits for _, bits in parts])))


@torch.inference_mode()
def _read_twice(model: Any, rows: torch.Tensor) -> tuple[Maps, float]:
    """The sum of the maps of some texts, and mean bits of their tokens when they come again.

    rows: (rows, span), all of which come twice. Raises NumericalFault.
    """
    text, trace, bits = torch.cat([rows, rows], dim=1), Trace(), math.nan
    of_source: Any = getattr(model, "source_attention", None)
    if of_source is not None:
        trace.attention += of_source(text)
    else:
        logits = model.forward(text, trace=trace)
        if hasattr(model, "new_cache"):  # it predicts what comes next
            logs = logits[:, rows.shape[1] - 1 : -1].double().log_softmax(-1)
            bits = float(-logs.gather(-1, rows[..., None]).mean()) / math.log(2)
    maps = to_numpy(torch.stack([layer.sum(0) for layer in trace.attention]))
    if not np.isfinite(maps).all():
        raise NumericalFault(1)
    return maps, bits


def untrained(model: Any, device: str = "cpu") -> Any | None:
    """The same layout as before its first step: fresh random weights, always the same.

    None where the model is too large, or of a layout that cannot be made anew.
    """
    weights = list(model.parameters())
    if sum(weight.numel() for weight in weights) > MOST:
        return None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(TWIN_SEED)
        fresh = _fresh(model)
    return None if fresh is None else fresh.to(device, weights[0].dtype).eval()


def _fresh(model: Any) -> nn.Module | None:
    if isinstance(model, Transformer | Bidirectional | Translator):
        return type(model)(model.config)  # type: ignore[arg-type]  # each has its own
    inner: Any = getattr(model, "model", None)
    if not hasattr(type(inner), "_from_config"):
        return None
    shape = copy.deepcopy(inner.config)
    made: nn.Module = type(model)(type(inner)._from_config(shape, attn_implementation="eager"))
    return made


@torch.inference_mode()
def value_lengths(model: Any, ids: Sequence[int], device: str = "cpu") -> NDArray[np.float32]:
    """The length of every token's value after the output projection of its head, in one text.

    (layers, heads, tokens); Kobayashi et al. 2020, arXiv 2004.10102, where it is the norm of f(x).
    (0,) of a model whose values are out of reach. Raises NumericalFault.
    """
    source: Any = getattr(model, "source_attention", None)
    if source is not None:
        return np.zeros(0, dtype=np.float32)
    _, layers = added.values_of(model, torch.tensor([list(ids)], device=device))
    if layers is None:
        return np.zeros(0, dtype=np.float32)
    found = [torch.einsum("htd,hdw->htw", one.values, one.by_head).norm(dim=-1) for one in layers]
    lengths = to_numpy(torch.stack(found))
    if not np.isfinite(lengths).all():
        raise NumericalFault(1)
    return lengths
