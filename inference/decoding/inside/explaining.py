"""What every token of a text adds to one prediction, by gradients and by taking tokens away.

All of it starts from the vectors that a text begins as, and is computed in float32, in batches of
bounded size. A prediction is measured by log2 of the probability of one token, in bits.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Generator, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding.batch import to_numpy
from inference.errors import NumericalFault, OrreryError

Array = NDArray[np.float64]
Taken = Literal["removed", "replaced"]
STEPS = 32  # of the path of integrated gradients, at first
MOST_STEPS = 256
COMPLETE = 0.01  # how far from the difference, as a share of it, the attributions may sum
LEAST = 0.01  # bits; a difference below it has no shares
FLOATS = 5e7  # numbers that a batch may keep for its gradient: 200 MB
KEPT = 30  # times the width, that a token keeps in a block; measured on the storyteller
FAR = 1e-3  # of the largest logit


class Path(NamedTuple):
    """Integrated gradients; Sundararajan et al. 2017, arXiv 1703.01365, equation 3."""

    bits: Array
    """(tokens,) that each adds on the way from the baseline to the text."""
    baseline: float
    """Bits of the prediction after the baseline: the mean of all embeddings at every place."""
    steps: int


class Explaining:
    """One text in one model, ready to be asked of one token after it."""

    def __init__(self, model: Any, ids: Sequence[int], device: str = "cpu") -> None:
        """model: in float32, see `exact`. Raises NumericalFault, or OrreryError where the model
        cannot be read so."""
        if not hasattr(model, "after"):
            raise OrreryError("This model has no gradient with respect to its tokens.")
        self._model, self._layers = model, layers_of(model)
        text = torch.tensor([list(ids)], device=device)
        with torch.no_grad():
            self._embedded = self._model.embed(text)  # (1, tokens, width)
            self._mean = mean_embedding(self._model, device)
            logits = self._model.after(self._embedded)[0].double().cpu()
            usual = self._model.forward(text)[0, -1].double().cpu()
        if not torch.isfinite(logits).all():
            raise NumericalFault(1)
        if (logits - usual).abs().max() > FAR * usual.abs().max():
            raise OrreryError(
                "This architecture reads its tokens by another way than their vectors, so that no "
                "gradient explains it. Choose another model."
            )
        self.following: Array = logits.softmax(-1).numpy()
        self.tokens = len(ids)

    def bits(self, token: int) -> float:
        """log2 of the probability of a token next."""
        return float(np.log2(max(self.following[token], np.finfo(np.float64).tiny)))

    def gradient_times_input(self, token: int) -> Array:
        """(tokens,) how the bits would change if a vector grew by its own length, to first order.

        Shrikumar et al. 2016, arXiv 1605.01713. Raises NumericalFault.
        """
        _, gradients = self._gradients(self._embedded, token)
        return _numbers((gradients * self._embedded).sum(-1)[0])

    def along_path(self, token: int, steps: int = STEPS) -> Generator[None, None, Path]:
        """Integrated gradients by the midpoint rule, a batch a slice (truth: R36).

        The steps are doubled until the sum is the difference to 1 %. Raises NumericalFault.
        """
        baseline = self._mean.expand_as(self._embedded)
        way = self._embedded - baseline
        start = self._measured(baseline, token)[0].item()
        difference = self.bits(token) - start
        while True:
            total = torch.zeros_like(self._embedded)
            for some in _parts(steps, self.rows):
                shares = (torch.tensor(some).to(way) + 0.5) / steps
                points = baseline + shares.view(-1, 1, 1) * way
                total += self._gradients(points, token)[1].sum(0, keepdim=True) / steps
                yield None
            found = _numbers((total * way).sum(-1)[0])
            off = abs(float(found.sum()) - difference)
            if off <= COMPLETE * max(abs(difference), LEAST) or 2 * steps > MOST_STEPS:
                return Path(found, start, steps)
            steps *= 2

    def without(self, token: int, taken: Taken) -> Generator[None, None, Array]:
        """(tokens,) the bits that are lost where one token is taken away; a batch a slice.

        removed: the text is one token shorter. replaced: the mean of all embeddings stands there.
        Zeiler and Fergus 2014, arXiv 1311.2901, section 4.2. Raises NumericalFault.
        """
        lost = []
        for places in _parts(self.tokens, self.rows):
            rows = torch.cat(list(self._changed(places, taken)))
            lost.append(self.bits(token) - _numbers(self._measured(rows, token)))
            yield None
        return np.concatenate(lost)

    @property
    def rows(self) -> int:
        """How many copies of the text a batch may hold."""
        kept = self.tokens * self._layers * KEPT * self._embedded.shape[-1]
        return max(1, int(FLOATS / (kept + self._model.vocabulary)))

    def _changed(self, places: Sequence[int], taken: Taken) -> Iterator[torch.Tensor]:
        for place in places:
            before, after = self._embedded[:, :place], self._embedded[:, place + 1 :]
            between = [] if taken == "removed" else [self._mean]
            yield torch.cat([before, *between, after], dim=1)

    def _measured(self, embedded: torch.Tensor, token: int) -> torch.Tensor:
        """(rows,) bits of the token after each row."""
        with torch.no_grad():
            return self._bits(embedded, token)

    def _gradients(self, embedded: torch.Tensor, token: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Bits after every row, and their gradient with respect to its vectors."""
        with torch.enable_grad():
            points = embedded.detach().clone().requires_grad_()
            bits = self._bits(points, token)
            (found,) = torch.autograd.grad(bits.sum(), points)
        return bits.detach(), found

    def _bits(self, embedded: torch.Tensor, token: int) -> torch.Tensor:
        logits: torch.Tensor = self._model.after(embedded)
        return logits.log_softmax(-1)[:, token] / math.log(2)


def exact(model: Any) -> Any:
    """The model in float32: itself, or a copy that goes with the answer.

    A gradient in 16 bit has too few digits for sums over a path.
    """
    if all(weight.dtype == torch.float32 for weight in model.parameters()):
        return model
    return copy.deepcopy(model).float()


def mean_embedding(model: Any, device: str = "cpu") -> torch.Tensor:
    """The mean of the vectors of all tokens, (1, 1, width): what stands for no token."""
    parts = (torch.tensor([some], device=device) for some in _parts(model.vocabulary, 4096))
    total = torch.stack([model.embed(some).sum(1, keepdim=True) for some in parts]).sum(0)
    return total.div(model.vocabulary)


def layers_of(model: Any) -> int:
    """Blocks of a model, ours or from elsewhere; only the size of a batch depends on it."""
    if hasattr(model, "blocks"):
        return len(model.blocks)
    shape = model.model.config.get_text_config() if hasattr(model, "model") else None
    return int(getattr(shape, "num_hidden_layers", 1))


def _parts(count: int, most: int) -> Iterator[range]:
    return (range(start, min(start + most, count)) for start in range(0, count, most))


def _numbers(found: torch.Tensor) -> Array:
    """Raises NumericalFault where one is NaN or infinite."""
    numbers = to_numpy(found).astype(np.float64)
    if not np.isfinite(numbers).all():
        raise NumericalFault(1)
    return numbers
