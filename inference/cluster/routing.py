"""To which replica a request goes: to the one that holds its page, else to the one less busy."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from cachetools import LRUCache
from ray.serve.request_router import (
    PendingRequest,
    ReplicaID,
    ReplicaResult,
    RequestRouter,
    RunningReplica,
)

PAGES = 10_000
"""Whose replicas are remembered; the page that was longest quiet is forgotten first."""


class StickyRouter(RequestRouter):
    """Pages keep their replica, which has the caches of what they have read.

    A new page goes to the shorter queue of two replicas taken at random (Mitzenmacher 2001, The
    Power of Two Choices in Randomized Load Balancing).
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._homes: LRUCache[str, ReplicaID] = LRUCache(PAGES)

    async def choose_replicas(
        self,
        candidate_replicas: Sequence[RunningReplica],
        pending_request: PendingRequest | None = None,
    ) -> list[list[RunningReplica]]:
        """The replicas to try, in order: of several in one list the shortest queue."""
        page = pending_request.metadata.session_id if pending_request else ""
        home = [one for one in candidate_replicas if one.replica_id == self._homes.get(page)]
        two = random.sample(candidate_replicas, min(2, len(candidate_replicas)))
        return [home, two] if home else [two]

    def on_request_routed(
        self, pending_request: PendingRequest, replica_id: ReplicaID, result: ReplicaResult
    ) -> None:
        """Remember where a page was sent."""
        if pending_request.metadata.session_id:
            self._homes[pending_request.metadata.session_id] = replica_id
