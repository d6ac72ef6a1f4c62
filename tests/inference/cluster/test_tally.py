"""What is said of all replicas together."""

from __future__ import annotations

from inference.backend import BackendStatus
from inference.cluster.protocol import ClusterStatus
from inference.cluster.tally import QUIET, Tally
from inference.status import Counts, ModelStatus


def status(*models: ModelStatus, dtype: str = "float32", done: int = 1) -> ClusterStatus:
    backend = BackendStatus("cpu", dtype, models, 2, 10.0, "slow" if done > 1 else "")
    counts = Counts(received=done + 1, admitted=done, refused=1, done=done)
    return ClusterStatus(backend, counts, 1)


def test_replicas_are_added_up_and_forgotten_once_they_are_quiet() -> None:
    now = 0.0
    tally = Tally(lambda: now)
    assert tally.status.replicas == 0 and tally.status.backend.device == "starting"
    tally.report("a", status(ModelStatus("m", True), dtype="", done=1))
    assert tally.status.backend.device == "starting"  # it has opened no device yet
    tally.report("a", status(ModelStatus("m", True), ModelStatus("n", False, reason="no")))
    tally.report("b", status(ModelStatus("m", True, loaded=True), done=3))
    found = tally.status
    assert (found.replicas, found.backend.waiting, found.backend.tokens_per_second) == (2, 4, 20.0)
    assert (found.backend.device, found.backend.note) == ("cpu", "slow")
    assert found.requests == Counts(received=6, admitted=4, refused=2, done=4)
    assert found.requests.add_up
    loaded, missing = found.backend.models
    assert loaded.loaded and loaded.name == "m" and missing.reason == "no"
    now = QUIET + 0.1
    tally.report("b", status(done=4))
    assert tally.status.replicas == 1 and tally.status.requests.done == 4


def test_a_model_that_one_replica_cannot_load_is_said_to_be_unavailable() -> None:
    tally = Tally(lambda: 0.0)
    tally.report("a", status(ModelStatus("m", True)))
    tally.report("b", status(ModelStatus("m", False, reason="damaged")))
    assert tally.status.backend.models == (ModelStatus("m", False, reason="damaged"),)
