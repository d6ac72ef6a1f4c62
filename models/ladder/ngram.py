"""An n-gram model: counts of what followed what, smoothed by interpolated modified Kneser-Ney.

Chen and Goodman 1999, Computer Speech and Language 13, section 3. Only the counts of the longest
n-grams are stored; how many different tokens came before a shorter one, which is what Kneser-Ney
counts there, follows from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from models.contract import Trace
from models.ladder.state_cache import StateCache, check_room, windows

LEAST = 0.05
"""Of a count: the smallest discount."""


@dataclass(frozen=True)
class NGramConfig:
    """How long the n-grams are: `order` tokens, of which the last one is predicted."""

    vocabulary: int
    order: int
    context: int = 1_000_000
    """The longest text that is accepted, of which `order` - 1 tokens are seen at a time."""

    def __post_init__(self) -> None:
        if not self.order >= 2 or (self.vocabulary + 1) ** self.order >= 2**63:
            raise ValueError(f"order {self.order} does not fit a vocabulary of {self.vocabulary}.")


@dataclass(frozen=True)
class Counts:
    """Every n-gram that occurs, in order, grouped by its context (compressed sparse rows)."""

    contexts: torch.Tensor
    """(contexts, order - 1) uint8, sorted."""
    ends: torch.Tensor
    """(contexts,) int32: where the next tokens of each context end."""
    tokens: torch.Tensor
    """(n-grams,) uint8: what came next."""
    counts: torch.Tensor
    """(n-grams,) int32: how often."""

    def check(self, config: NGramConfig) -> None:
        """Raise ValueError where these cannot be the counts of such a model."""
        parts = (self.contexts, self.ends, self.tokens, self.counts)
        if any(part.is_floating_point() or int(part.min()) < 0 for part in parts):
            raise ValueError("The counts are not whole numbers from 0 up.")
        sizes = np.diff(np.r_[0, self.ends.numpy()])
        whole = len(self.ends) == len(self.contexts) and int(self.ends[-1]) == len(self.tokens)
        if not whole or len(self.counts) != len(self.tokens) or (sizes < 1).any():
            raise ValueError("The counts are not grouped by context.")
        if self.contexts.shape[1] != config.order - 1 or int(self.counts.min()) < 1:
            raise ValueError(f"These are not the counts of {config.order}-grams.")
        if max(int(self.contexts.max()), int(self.tokens.max())) >= config.vocabulary:
            raise ValueError("The counts name tokens that the vocabulary has not.")
        if (np.diff(self.codes(config)) < 1).any():
            raise ValueError("The n-grams are not in order.")

    def codes(self, config: NGramConfig) -> NDArray[np.int64]:
        """Every n-gram as one number, in order."""
        sizes = np.diff(np.r_[0, self.ends.numpy()])
        contexts = encode(self.contexts.numpy().astype(np.int64), config.vocabulary)
        codes: NDArray[np.int64] = np.repeat(contexts, sizes) * (config.vocabulary + 1)
        return codes + self.tokens.numpy().astype(np.int64)


def count(stream: NDArray[np.int64], config: NGramConfig) -> Counts:
    """Count every n-gram of a row of ids. Raises ValueError beyond 256 different tokens."""
    if config.vocabulary > 256:
        raise ValueError(f"An n-gram model stores ids in a byte, not {config.vocabulary} of them.")
    grams = np.lib.stride_tricks.sliding_window_view(stream, config.order)
    codes, counts = np.unique(encode(grams, config.vocabulary), return_counts=True)
    ids = decode(codes, config)  # (n-grams, order)
    new = np.r_[True, (ids[1:, :-1] != ids[:-1, :-1]).any(axis=1)]
    ends = np.r_[np.flatnonzero(new)[1:], len(ids)]
    return Counts(
        torch.from_numpy(ids[new, :-1].astype(np.uint8)),
        torch.from_numpy(ends.astype(np.int32)),
        torch.from_numpy(ids[:, -1].astype(np.uint8)),
        torch.from_numpy(counts.astype(np.int32)),
    )


def encode(ids: NDArray[np.int64], vocabulary: int) -> NDArray[np.int64]:
    """One number for each row of ids, in the order of the rows; id `vocabulary` is nothing."""
    codes = np.zeros(ids.shape[:-1], dtype=np.int64)
    for column in range(ids.shape[-1]):
        codes = codes * (vocabulary + 1) + ids[..., column]
    return codes


def decode(codes: NDArray[np.int64], config: NGramConfig) -> NDArray[np.int64]:
    """The inverse of `encode` for whole n-grams."""
    powers = (config.vocabulary + 1) ** np.arange(config.order - 1, -1, -1)
    return codes[:, None] // powers % (config.vocabulary + 1)


def discounts(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """What is taken off a count of 0, 1, 2, and 3 or more; equation 26.

    Y = n1 / (n1 + 2 n2); D_i = i - (i + 1) Y n_(i+1) / n_i. Characters are so few that a short
    order may have no n-gram with so small a count; half a count is taken off there. `LEAST` is
    taken off everywhere, so that no context rules out what it has not seen.
    """
    n = np.bincount(np.minimum(counts, 5), minlength=6)[:6].astype(np.float64)
    y = n[1] / max(1.0, n[1] + 2 * n[2])
    found = [i - (i + 1) * y * n[i + 1] / n[i] if n[i] * n[i + 1] else 0.5 for i in (1, 2, 3)]
    least, most = np.array([0.0, LEAST, LEAST, LEAST]), np.array([0.0, 1.0, 2.0, 3.0])
    taken: NDArray[np.float64] = np.clip(np.array([0.0, *found]), least, most)
    return taken


class Level(nn.Module):
    """One order of the interpolation: discounted counts, and the mass left to the order below."""

    def __init__(self, codes: NDArray[np.int64], counts: NDArray[np.int64], base: int) -> None:
        """codes: sorted n-grams of this order, each a number in `base`; counts beside them."""
        super().__init__()
        contexts, starts = np.unique(codes // base, return_index=True)
        by_count = discounts(counts)
        taken = by_count[np.minimum(counts, 3)]
        totals = np.add.reduceat(counts, starts).astype(np.float64)
        lengths = np.diff(np.r_[starts, len(codes)])
        kept = (counts - taken) / np.repeat(totals, lengths)
        left = np.add.reduceat(taken, starts) / totals
        self.widest = int(lengths.max())
        # one more context, which nothing follows: where all that are not found lead
        self._store("contexts", contexts)
        self._store("starts", np.r_[starts, len(codes)])
        self._store("lengths", np.r_[lengths, 0])
        self._store("tokens", codes % base)
        self._store("counts", counts.astype(np.int32))
        self._store("taken", by_count)
        self._store("kept", kept.astype(np.float32))
        self._store("left", np.r_[left, 1.0].astype(np.float32))

    def _store(self, name: str, values: NDArray[np.generic]) -> None:
        self.register_buffer(name, torch.from_numpy(values), persistent=False)

    contexts: torch.Tensor
    starts: torch.Tensor
    lengths: torch.Tensor
    tokens: torch.Tensor
    counts: torch.Tensor
    taken: torch.Tensor
    kept: torch.Tensor
    left: torch.Tensor

    def forward(self, context: torch.Tensor, below: torch.Tensor) -> torch.Tensor:
        """p(w | h) = kept(h w) + left(h) p(w | h without its first token); equation 24.

        context: (n,) codes of this order's contexts; below: (n, vocabulary) probabilities of the
        order below. Returns (n, vocabulary) probabilities.
        """
        at = torch.searchsorted(self.contexts, context).clamp(max=len(self.contexts) - 1)
        at = torch.where(self.contexts[at] == context, at, len(self.contexts))
        column = torch.arange(self.widest, device=context.device)
        inside = column < self.lengths[at][:, None]  # (n, widest)
        place = (self.starts[at][:, None] + column).clamp(max=len(self.tokens) - 1)
        kept = self.kept[place] * inside
        mixed = self.left[at][:, None] * below
        return mixed.scatter_add(1, self.tokens[place], kept)


class NGram(nn.Module):
    """A language model of counts; fulfils `LanguageModel`. Its cache is its last ids."""

    def __init__(self, config: NGramConfig, counts: Counts) -> None:
        """Raises ValueError where the counts cannot be those of such a model."""
        super().__init__()
        counts.check(config)
        self.config = config
        self.vocabulary = config.vocabulary
        self.context = config.context
        self.counts = counts
        self.base = config.vocabulary + 1
        self.levels = nn.ModuleList(self._levels())
        self.uniform: torch.Tensor  # what every token gets before anything is counted
        spread = torch.full((self.vocabulary,), 1 / self.vocabulary)
        self.register_buffer("uniform", spread, persistent=False)

    def _levels(self) -> list[Level]:
        """Order 1 first. Of the shorter n-grams, those before them are counted."""
        codes = self.counts.codes(self.config)
        levels = [Level(codes, self.counts.counts.numpy().astype(np.int64), self.base)]
        for order in range(self.config.order - 1, 0, -1):
            codes, counts = np.unique(codes % self.base**order, return_counts=True)
            levels.append(Level(codes, counts, self.base))
        return levels[::-1]

    def pairs(self) -> NDArray[np.int64]:
        """How often each token followed each other, (vocabulary, vocabulary).

        A longer model has them too, less the few pairs that the text begins with.
        """
        codes = self.counts.codes(self.config)
        before, after = codes // self.base % self.base, codes % self.base
        found = np.zeros((self.vocabulary, self.vocabulary), dtype=np.int64)
        np.add.at(found, (before, after), self.counts.counts.numpy())
        return found

    def new_cache(self, rows: int) -> StateCache:
        nothing = torch.full((rows, self.config.order - 1), self.vocabulary)
        return StateCache(nothing.to(self.uniform.device))

    def forward(
        self, ids: torch.Tensor, cache: StateCache | None = None, trace: Trace | None = None
    ) -> torch.Tensor:
        cache = self.new_cache(len(ids)) if cache is None else cache
        check_room(cache, self.context, ids.shape[1])
        if trace is not None:
            trace.interventions.check(len(ids), 0)
        seen, last = windows(cache.state, ids)  # (rows, positions, order - 1)
        cache.advance(last, ids.shape[1])
        return self.probabilities(seen.flatten(0, 1)).log().view(*ids.shape, self.vocabulary)

    def probabilities(self, context: torch.Tensor) -> torch.Tensor:
        """What may follow each context: (n, order - 1) ids to (n, vocabulary), rows sum to 1.

        The order below the first is an even spread over the vocabulary, so that none is 0. A
        context that holds the id of nothing was never counted, so shorter ones decide.
        """
        code = torch.zeros_like(context[:, 0])
        found = self.uniform.expand(len(context), -1)  # (n, vocabulary)
        for order, level in enumerate(self.levels):  # the first order's context is empty: code 0
            if order:
                code = code + context[:, -order] * self.base ** (order - 1)
            found = level(code, found)
        return found
