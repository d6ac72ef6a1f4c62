"""One person's lanes on one prompt, advanced by whoever computes the logits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.decoding.lanes import ENDED, Lane
from inference.errors import NumericalFault
from inference.types.generation import LaneState


class Request:
    """One person's lanes on one prompt.

    It holds every row's text, so that it can be read afresh in another batch, on another device,
    and go on as if nothing had happened.
    """

    def __init__(
        self,
        prompt: Sequence[int],
        lanes: Sequence[Lane],
        new_tokens: int,
        source: Sequence[int] = (),
    ) -> None:
        """source: what an encoder-decoder model writes about; other models are given none."""
        self.lanes = tuple(lanes)
        self.source = tuple(source)
        self.tokens_left = new_tokens
        self.texts: NDArray[np.int64] = np.array([prompt], dtype=np.int64)
        """(rows, positions) ids; a new request has one row for all its lanes."""
        self.error: Exception | None = None
        """Why it ended early: NumericalFault, or whatever a lane raised."""
        self._step = 0
        self._owned = [slice(0, 1) for _ in lanes]  # each lane's rows of `texts`

    @property
    def states(self) -> tuple[LaneState, ...]:
        """All that the lanes have written so far."""
        return tuple(lane.state for lane in self.lanes)

    @property
    def ended(self) -> bool:
        return self.error is not None or len(self.texts) == 0

    @property
    def rows(self) -> int:
        """The most rows that the lanes still running can want."""
        return sum(s.options.rows for s in self.states if s.end == "running")

    def advance(self, logits: NDArray[np.float32]) -> NDArray[np.int64]:
        """Let every lane choose from its rows of logits, (rows, vocabulary).

        Returns which of the present rows each next row goes on from: (next rows,), none at all
        once the request has ended. What goes wrong here ends this request alone.
        """
        self._step += 1
        try:
            if not np.isfinite(logits).all():
                raise NumericalFault(self._step)
            return self._choose(logits)
        except Exception as error:  # the worker tells the person, or logs what is a bug of ours
            self.error = error
            return ENDED.parents

    def _choose(self, logits: NDArray[np.float32]) -> NDArray[np.int64]:
        self.tokens_left -= 1
        parents, ids, start = [], [], 0
        for place, (lane, rows) in enumerate(zip(self.lanes, self._owned, strict=True)):
            going_on = rows.start < rows.stop
            chosen = lane.advance(logits[rows], self.tokens_left) if going_on else ENDED
            parents.append(rows.start + chosen.parents)
            ids.append(chosen.ids)
            self._owned[place] = slice(start, start := start + len(chosen.ids))
        goes_on = np.concatenate(parents)
        last = np.concatenate(ids)[:, None]  # (next rows, 1)
        self.texts = np.concatenate([self.texts[goes_on], last], axis=1)
        return goes_on
