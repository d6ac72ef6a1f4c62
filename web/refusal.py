"""How the edge says no: a status and a sentence, under the key that Gradio's page shows."""

from __future__ import annotations

from starlette.responses import JSONResponse


def refusal(status: int, detail: object) -> JSONResponse:
    """An answer that the page turns into a message and a program can read."""
    return JSONResponse({"detail": detail}, status, {"Cache-Control": "no-store"})
