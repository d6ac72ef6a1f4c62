"""One running batch for the requests of everybody. Knows ids and no text.

Requests join between steps and leave when they are done (continuous batching; Yu et al. 2022,
"Orca", OSDI), and the lanes of one request share one reading of its prompt.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, cast

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding.request import Request
from models.contract import C, EncoderDecoder, LanguageModel

ROWS = 64  # in one forward pass: more gain no speed (docs/performance.md) and stall newcomers
POSITIONS = 128  # of newcomers' prompts that are read in one step, while everybody waits


class Batch(Generic[C]):
    """The running batch of one model; for one thread alone.

    Requests run in groups of up to `rows` rows, and the groups take turns, so that everybody gets
    a token a round. What a request is given depends on nobody else. An exception out of `step` is
    the device's; this batch is then done for, and its requests can join another.
    """

    def __init__(self, model: LanguageModel[C], device: str = "cpu", rows: int = ROWS) -> None:
        self._model = model
        self._device = device
        self._rows = rows
        self._newcomers: deque[_Newcomer[C]] = deque()
        self._groups: deque[_Group[C]] = deque()

    @property
    def requests(self) -> tuple[Request, ...]:
        """Everybody who is not done."""
        running = [request for group in self._groups for request in group.requests]
        return (*running, *(newcomer.request for newcomer in self._newcomers))

    def join(self, request: Request) -> None:
        """Let a request take part from the next step on.

        Raises ValueError where its text would outgrow the context or an id is out of range.
        """
        texts, context, vocabulary = request.texts, self._model.context, self._model.vocabulary
        longest = texts.shape[1] + request.tokens_left
        if not texts.shape[1] or longest > context:
            raise ValueError(
                f"A text of {longest} tokens does not fit: the context has room for 1 to {context}."
            )
        if texts.min() < 0 or texts.max() >= vocabulary:
            raise ValueError(f"Every id must be from 0 to {vocabulary - 1}.")
        self._newcomers.append(_Newcomer(self._model, self._device, request))

    @torch.inference_mode()
    def leave(self, request: Request) -> None:
        """Drop the request's rows at once. Harmless where it is not in the batch."""
        self._newcomers = deque(n for n in self._newcomers if n.request is not request)
        for group in self._groups:
            group.leave(request)
        self._groups = deque(group for group in self._groups if group.requests)

    @torch.inference_mode()
    def step(self) -> list[Request]:
        """Advance one group by one token, then read newcomers' prompts, a bounded part of them.

        Returns the requests that have news: a token more, or an end. Who has ended has left.
        """
        news: list[Request] = []
        if self._groups:
            group = self._groups.popleft()
            news += group.step(self._model, self._device)
            self._place(group)
        positions = POSITIONS
        while self._newcomers and positions > 0:
            newcomer = self._newcomers[0]
            positions -= newcomer.read(positions)
            if newcomer.unread == 0:
                self._newcomers.popleft()
                group = _Group(newcomer.cache, [newcomer.request])
                news += group.choose(newcomer.logits)
                self._place(group)
        return news

    def _place(self, group: _Group[C]) -> None:
        """Let a group join another that has room for it, or wait for its own next turn."""
        if not group.requests:
            return
        for other in self._groups:
            if other.rows + group.rows <= self._rows:
                other.join(group)
                return
        self._groups.append(group)


class _Newcomer(Generic[C]):
    """A request whose text is being read into a cache of its own."""

    def __init__(self, model: LanguageModel[C], device: str, request: Request) -> None:
        self.request = request
        self.cache: C  # of what was read
        self.logits: NDArray[np.float32]  # (rows, vocabulary) after the last position read
        self.unread = len(request.texts[0])
        self._model = model
        self._device = device

    def read(self, positions: int) -> int:
        """Read on in every row, about `positions` of them together; returns how many it were."""
        texts = self.request.texts
        if self.unread == texts.shape[1]:
            self.cache = self._new_cache(len(texts))
        count = min(self.unread, max(1, positions // len(texts)))
        begin = texts.shape[1] - self.unread
        ids = torch.from_numpy(texts[:, begin : begin + count]).to(self._device)
        self.logits = to_numpy(self._model.forward(ids, self.cache)[:, -1])
        self.unread -= count
        return len(texts) * count

    def _new_cache(self, rows: int) -> C:
        """An empty one, or one that has read the source, where there is a source."""
        if not self.request.source:
            return self._model.new_cache(rows)
        source = torch.tensor([self.request.source], device=self._device).expand(rows, -1)
        return cast("EncoderDecoder[C]", self._model).new_cache(rows, source)


class _Group(Generic[C]):
    """Requests whose rows lie one after another in one cache."""

    def __init__(self, cache: C, requests: list[Request]) -> None:
        self.requests = requests
        self._cache = cache

    @property
    def rows(self) -> int:
        """The most rows that its requests can want together."""
        return sum(request.rows for request in self.requests)

    def step(self, model: LanguageModel[C], device: str) -> list[Request]:
        """Read the token that each row chose last, and choose the next; returns all requests."""
        last = np.concatenate([request.texts[:, -1:] for request in self.requests])  # (rows, 1)
        logits = model.forward(torch.from_numpy(last).to(device), self._cache)[:, -1]
        return self.choose(to_numpy(logits))

    def choose(self, logits: NDArray[np.float32]) -> list[Request]:
        """Give every request its rows of the logits, (rows, vocabulary); returns all requests."""
        advanced, goes_on, start = self.requests, [], 0
        for request in advanced:
            end = start + len(request.texts)
            goes_on.append(start + request.advance(logits[start:end]))
            start = end
        self._keep(np.concatenate(goes_on))
        self.requests = [request for request in advanced if not request.ended]
        return advanced

    def join(self, other: _Group[C]) -> None:
        """Take over the requests of another group."""
        self._cache.join(other._cache)
        self.requests += other.requests

    def leave(self, request: Request) -> None:
        """Drop the request's rows, if it has any here."""
        if request in self.requests:
            start = sum(len(r.texts) for r in self.requests[: self.requests.index(request)])
            self._cache.drop(torch.arange(start, start + len(request.texts)))
            self.requests.remove(request)

    def _keep(self, rows: NDArray[np.int64]) -> None:
        if not np.array_equal(rows, np.arange(len(self._cache.lengths))):
            self._cache.reorder(torch.from_numpy(rows))


def to_numpy(result: torch.Tensor) -> NDArray[np.float32]:
    """A result of a model, whatever its device and precision."""
    array: NDArray[np.float32] = result.float().cpu().numpy()
    return array
