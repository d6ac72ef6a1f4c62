"""`/cards/NAME`: the model card of a model, as the text that it is."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from web.responses import refusal

PATH = "/cards/"


class Cards:
    """Answers from the catalogue alone, so that no path but those of its cards is ever read.

    card: the text by the name of a model; raises ValueError where there is none.
    """

    def __init__(self, app: ASGIApp, card: Callable[[str], str]) -> None:
        self._app = app
        self._card = card

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PATH):
            await self._app(scope, receive, send)
            return
        try:
            text = self._card(scope["path"].removeprefix(PATH))
        except ValueError as error:
            await refusal(404, str(error))(scope, receive, send)
        else:
            await PlainTextResponse(text)(scope, receive, send)
