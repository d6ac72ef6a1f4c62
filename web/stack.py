"""The middlewares in the order in which a request meets them."""

from __future__ import annotations

from collections.abc import Callable

from starlette.middleware import Middleware

from inference.status import ServiceStatus
from web.body_check import BodyCheck, Events
from web.body_limit import BodyLimit
from web.closing import Closing, ClosingGate
from web.followed import Followed
from web.healthz import Healthz
from web.route_gate import RouteGate
from web.security_headers import SecurityHeaders
from web.static_cache import StaticCache


def stack(
    status: Callable[[], ServiceStatus], events: Events, closing: Closing
) -> list[Middleware]:
    """For `launch(app_kwargs={"middleware": ...})`: what costs least comes first."""
    return [
        Middleware(SecurityHeaders),
        Middleware(Healthz, status=status, closing=closing.has_begun),
        Middleware(RouteGate),
        Middleware(StaticCache),
        Middleware(ClosingGate, closing=closing),
        Middleware(BodyLimit),
        Middleware(BodyCheck, events=events),
        Middleware(Followed),
    ]
