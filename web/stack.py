"""The middlewares in the order in which a request meets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.middleware import Middleware

from inference.status import ServiceStatus
from web.cancellation import Cancellation
from web.cards import Cards
from web.closing import Closing, ClosingGate
from web.events import BodyCheck, BodyLimit, Events
from web.folders import Folders
from web.health import Healthz
from web.responses import SecurityHeaders
from web.routes import RouteGate
from web.sessions import Sessions, SessionWatch
from web.static_files import StaticCache


def stack(
    pages: Sequence[str],
    events: Events,
    status: Callable[[], ServiceStatus],
    card: Callable[[str], str],
    packed: Callable[[str], tuple[str, bytes]],
    live: Sequence[Middleware],
    closing: Closing,
    sessions: Sessions,
) -> list[Middleware]:
    """For `launch(app_kwargs={"middleware": ...})`: what costs least comes first.

    pages: the paths of all pages, such as "/" and "/tokens".
    events: by its number, the inputs of every event that the pages can send.
    card: the model card of a model by its name; raises ValueError where there is none.
    packed: what the archive of a model that was trained here is called, and the archive, likewise.
    live: those of what many follow.
    """
    return [
        Middleware(SecurityHeaders),
        Middleware(RouteGate, pages=pages),
        Middleware(Healthz, status=status, closing=closing.has_begun),
        Middleware(Cards, card=card),
        Middleware(StaticCache, pages=pages),
        Middleware(ClosingGate, closing=closing),
        Middleware(BodyLimit),
        Middleware(Folders, packed=packed),
        *live,
        Middleware(BodyCheck, events=events),
        Middleware(SessionWatch, sessions=sessions),
        Middleware(Cancellation),
    ]
