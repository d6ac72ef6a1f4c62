"""An event is looked at before Gradio sees it, so that a wrong one gets a sentence.

Gradio answers many malformed events with 500, and prints what a person typed to the log when the
number or kind of its inputs is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeGuard

from starlette.types import ASGIApp, Receive, Scope, Send

from web.body_limit import replay
from web.refusal import refusal

Check = Callable[[object], str | None]
"""What is wrong with the value of one input, in a sentence that names it; None if nothing is."""
Events = Mapping[int, Sequence[Check]]
"""By its number, the inputs of every event that the page can send."""

EVENT_ROUTE = re.compile(r"/gradio_api/(?:queue/join|run/\w+)")
CANCEL = {
    "/gradio_api/cancel": {"event_id", "fn_index", "session_hash"},
    "/gradio_api/reset": {"event_id"},
}
UNTOLD = "untold"
NAME = re.compile(r"[\w-]{1,64}", re.ASCII)
FIELDS = {"data", "event_data", "fn_index", "session_hash", "trigger_id"}
LEFT_EMPTY = {"batched", "event_id", "oauth_token", "simple_format"}  # set by programs, unused


class Refused(ValueError):
    """What is wrong with an event, in a sentence."""


class WrongInputs(Refused):
    """What is wrong with the inputs of an event: a sentence or None for each."""

    def __init__(self, sentences: Sequence[str | None]) -> None:
        super().__init__(" ".join(filter(None, sentences)))
        self.detail = [
            {"__type__": "validate", "is_valid": one is None, "message": one or ""}
            for one in sentences
        ]


class BodyCheck:
    """Answers with a sentence to a body that the page would not send.

    422 where it is an input that is wrong, in the form in which Gradio's page shows the sentence
    at that input and `gradio_client` raises it; 400 for all else.
    """

    def __init__(self, app: ASGIApp, events: Events) -> None:
        self._app = app
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            message = await receive()  # whole: the body limit has read it
            try:
                body = message.get("body", b"")
                if EVENT_ROUTE.fullmatch(scope["path"]):
                    check(body, self._events)
                elif fields := CANCEL.get(scope["path"]):
                    message = {**message, "body": cancellation(body, fields)}
            except WrongInputs as wrong:
                await refusal(422, wrong.detail)(scope, receive, send)
                return
            except Refused as refused:
                await refusal(400, str(refused))(scope, receive, send)
                return
            receive = replay(message, receive)
        await self._app(scope, receive, send)


def check(body: bytes, events: Events) -> None:
    """Raise Refused unless this is an event of the page with the inputs that it takes."""
    event = parsed(body)
    number = event.get("fn_index")
    if not whole(number) or number not in events:
        raise Refused("There is no such event on the page. Load the page again.")
    check_name(event, "session_hash")
    if event.get("trigger_id") is not None and not whole(event["trigger_id"]):
        raise Refused("trigger_id must be a whole number or null.")
    strange = {name for name, value in event.items() if name not in FIELDS and value}
    if strange or not event.keys() <= FIELDS | LEFT_EMPTY:
        raise Refused(f"An event has the fields {', '.join(sorted(FIELDS))} and no others.")
    data, inputs = event.get("data"), events[number]
    if not isinstance(data, list) or len(data) != len(inputs):
        given = len(data) if isinstance(data, list) else "none"
        raise Refused(f"This event takes a list of {len(inputs)} inputs, not {given}.")
    sentences = [look(value) for look, value in zip(inputs, data, strict=True)]
    if any(sentences):
        raise WrongInputs(sentences)


def cancellation(body: bytes, fields: set[str]) -> bytes:
    """The body as Gradio takes it. Raises Refused unless it names an event by these fields.

    Gradio repeats all others in its complaint, and fails where they are no proper text or number.
    A page that cancels before it was told the id of its event leaves that out; session and function
    are enough to find what is at work.
    """
    event = {"event_id": UNTOLD} | parsed(body)
    if event.keys() != fields:
        raise Refused(f"Cancelling takes the fields {', '.join(sorted(fields))} and no others.")
    for name in fields - {"fn_index"}:
        check_name(event, name)
    if "fn_index" in fields and not whole(event["fn_index"]):
        raise Refused("fn_index must be a whole number.")
    return json.dumps(event).encode()


def check_name(event: dict[str, Any], field: str) -> None:
    """Raise Refused unless this field is a name such as Gradio makes up."""
    name = event.get(field)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Refused(f"{field} must be 1 to 64 letters, digits, - or _.")


def whole(value: object) -> TypeGuard[int]:
    """Whether this is a whole number, which True and 3.0 are not."""
    return type(value) is int


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object in a body. Raises Refused for anything else, NaN and infinities included."""

    def no_number(name: str) -> NoReturn:
        raise ValueError(name)

    try:
        event = json.loads(body, parse_constant=no_number)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise Refused("An event must be one JSON object.")
    return event
