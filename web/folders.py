"""`/folder`: a model that was trained here, as a zip archive of its folder, for who has its name.

The name is sent in the body, so that it stands in no address, history or log.
"""

from __future__ import annotations

from collections.abc import Callable

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web.responses import refusal

PATH = "/folder"


class Folders:
    """Answers 404 with a sentence where the model is gone.

    packed: what an archive is called, and the archive, by the name of a model; raises ValueError
    where there is none.
    """

    def __init__(self, app: ASGIApp, packed: Callable[[str], tuple[str, bytes]]) -> None:
        self._app = app
        self._packed = packed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        name = (await Request(scope, receive).body()).decode("utf-8", "replace")
        try:
            label, archive = await to_thread.run_sync(self._packed, name)
        except ValueError as error:
            await refusal(404, str(error))(scope, receive, send)
            return
        headers = {
            "Content-Disposition": f'attachment; filename="{label}.zip"',
            "Cache-Control": "no-store",
        }
        await Response(archive, 200, headers, "application/zip")(scope, receive, send)
