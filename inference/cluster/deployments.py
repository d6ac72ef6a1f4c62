"""The service as deployments of Ray Serve: replicas that decode, one that trains, and a tally.

Every decoding replica is a process with the backend of `inference.local`: a request queue, a worker
with its running batches, a registry that loads each model once. Ray Serve starts and replaces them,
scales their number between two bounds, and has the HTTP server in front. Other code never imports
Ray; whoever runs the page alone does not need it (requirements-ray.txt).
"""

from __future__ import annotations

import logging
import time
from typing import Any

import ray
from ray import serve
from ray.serve.config import AutoscalingConfig, HTTPOptions, RequestRouterConfig
from ray.serve.handle import DeploymentHandle
from starlette.requests import Request
from starlette.responses import Response

from inference import wire
from inference.catalog import Catalog
from inference.cluster.protocol import ROOT, ClusterStatus
from inference.cluster.routing import StickyRouter
from inference.cluster.server import BackendServer
from inference.cluster.settings import ClusterSettings
from inference.cluster.tally import Tally
from inference.limits import Limits
from inference.loading.trained import TrainedModels
from inference.local import LocalBackend, open_torch

log = logging.getLogger(__name__)
HEALTH = 1.0  # seconds between two looks at a replica, and two of its reports
HEALTH_TIMEOUT = 5.0  # seconds without an answer, three times, until it is replaced
ENDING = 10.0  # seconds that a replica has to end what it has begun
AT_ONCE = 16
"""Requests at once on a replica, on average, above which another is started."""
OBJECTS = 80_000_000  # bytes of Ray's object store, through which nothing of ours passes


class Replica:
    """One process that runs models, behind HTTP."""

    def __init__(self, settings: ClusterSettings, tally: DeploymentHandle[Any]) -> None:
        limits = Limits(gpu_share=settings.gpu_share)
        trained = TrainedModels(limits)
        catalog = Catalog(settings.checkpoints, limits, settings.elsewhere, trained.entry)
        devices = open_torch(settings.device, settings.half, settings.gpu_share)
        self._backend = LocalBackend(catalog.sources(), devices, limits, trained=trained.folder)
        self._server = BackendServer(self._backend, trained, limits)
        self._tally = tally
        self._name = serve.get_replica_context().replica_id.unique_id

    async def __call__(self, request: Request) -> Response:
        """`/run` or `/open`; see `protocol`."""
        path = request.url.path.rpartition("/")[2]
        if path == "run":
            return await self._server.run(request)
        return await self._server.open(request) if path == "open" else Response(status_code=404)

    def check_health(self) -> None:
        """Asked by Ray every `HEALTH` seconds: whoever answers says how it is."""
        status = ClusterStatus(self._backend.status, self._server.counts, 1)
        self._tally.report.remote(self._name, wire.dumps(status))


class Status:
    """How all replicas are together, under `/status/`."""

    def __init__(self) -> None:
        self._tally = Tally(time.monotonic)
        self._classes = wire.known()

    def report(self, name: str, status: bytes) -> None:
        """What a replica says of itself."""
        self._tally.report(name, wire.loads(status, self._classes))

    async def __call__(self, request: Request) -> Response:
        return Response(wire.dumps(self._tally.status), media_type="application/json")


def start(settings: ClusterSettings, host: str, port: int, address: str | None = None) -> None:
    """Start everything, and return once it answers. address: of a Ray cluster that runs already."""
    here = {} if address else {"include_dashboard": False, "object_store_memory": OBJECTS}
    environment = {"env_vars": {"PYTHONPATH": str(ROOT)}}
    ray.init(address, runtime_env=environment, log_to_driver=False, **here)
    options = HTTPOptions(host=host, port=port)
    serve.start(proxy_location="HeadOnly", http_options=options)
    status = serve.deployment(Status, num_replicas=1, ray_actor_options={"num_cpus": 0}).bind()
    tally = serve.run(status, name="status", route_prefix="/status")
    for lane, deployment in (("train", training(settings)), ("decode", decoding(settings))):
        serve.run(deployment.bind(settings, tally), name=lane, route_prefix=f"/{lane}")


def decoding(settings: ClusterSettings) -> Any:
    """The replicas that decode and compute; each takes a core, and its share of a GPU."""
    gpu = settings.device in ("auto", "cuda") and ray.cluster_resources().get("GPU", 0) > 0
    return deployment(
        "decode",
        ray_actor_options={"num_cpus": 1, "num_gpus": settings.gpu_share if gpu else 0},
        request_router_config=RequestRouterConfig(request_router_class=StickyRouter),
        autoscaling_config=AutoscalingConfig(
            min_replicas=settings.fewest,
            max_replicas=settings.most,
            target_ongoing_requests=AT_ONCE,
        ),
    )


def training(settings: ClusterSettings) -> Any:
    """The one that trains, in processes of its own, which give way to everybody."""
    return deployment("train", num_replicas=1, ray_actor_options={"num_cpus": 0})


def deployment(name: str, **options: Any) -> Any:
    """A deployment of `Replica`s."""
    return serve.deployment(
        Replica,
        name=name,
        max_ongoing_requests=2 * Limits().jobs,  # its own queue refuses before, with a sentence
        health_check_period_s=HEALTH,
        health_check_timeout_s=HEALTH_TIMEOUT,
        graceful_shutdown_timeout_s=ENDING,
        **options,
    )


def stop() -> None:
    """End all that `start` has started."""
    serve.shutdown()
    ray.shutdown()
