"""The body of every request is bounded, and every event checked, before Gradio sees it.

Gradio reads a body of any size, answers many malformed events with 500, and prints what a person
typed to the log when the number or kind of its inputs is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeGuard

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.responses import refusal

Check = Callable[[object], str | None]
"""What is wrong with the value of one input, in a sentence that names it; None if nothing is."""
Events = Mapping[int, Sequence[Check]]
"""By its number, the inputs of every event that the page can send."""

EVENT_BYTES = 256_000  # many times the longest text that a view takes, so that a view can say so
OTHER_BYTES = 4_000
EVENT_ROUTE = re.compile(r"/gradio_api/(?:queue/join|run/\w+)")
CANCEL = {
    "/gradio_api/cancel": {"event_id", "fn_index", "session_hash"},
    "/gradio_api/reset": {"event_id"},
}
SESSION = "orrery.session"  # where the scope of an event that was checked names its session
UNTOLD = "untold"
NAME = re.compile(r"[\w-]{1,64}", re.ASCII)
FIELDS = {"data", "event_data", "fn_index", "session_hash", "trigger_id"}
LEFT_EMPTY = {"batched", "event_id", "oauth_token", "simple_format"}  # set by programs, unused


class TooLarge(Exception):
    """The body went over its limit."""


class Refused(ValueError):
    """What is wrong with an event, in a sentence."""

    status = 400


class WrongType(Refused):
    """The body is no JSON by its own account; Gradio would repeat it in its complaint."""

    status = 415


class WrongInputs(Refused):
    """What is wrong with the inputs of an event: a sentence or None for each."""

    def __init__(self, sentences: Sequence[str | None]) -> None:
        super().__init__(" ".join(filter(None, sentences)))
        self.detail = [
            {"__type__": "validate", "is_valid": one is None, "message": one or ""}
            for one in sentences
        ]


class BodyLimit:
    """Answers 413 to a larger body, whether its length was announced or it came in chunks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        limit = EVENT_BYTES if EVENT_ROUTE.fullmatch(scope["path"]) else OTHER_BYTES
        try:
            announced = Headers(scope=scope).get("content-length", "0")
            if announced.isdecimal() and int(announced[:20]) > limit:
                raise TooLarge
            whole = await read(receive, limit)
        except TooLarge:
            sentence = (
                f"This is more than {limit // 1000} kB at once, which no view takes. "
                "Shorten the text; nothing you typed is lost."
            )
            await refusal(413, sentence)(scope, receive, send)
            return
        await self._app(scope, replay(whole, receive), send)


async def read(receive: Receive, limit: int) -> Message:
    """The body as one message, or the news that the client left. Raises TooLarge."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return message
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise TooLarge
        if not message.get("more_body"):
            return {"type": "http.request", "body": b"".join(parts), "more_body": False}


def replay(message: Message, receive: Receive) -> Receive:
    """A `receive` that gives this message first, and then whatever comes."""
    waiting = [message]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again


class BodyCheck:
    """Answers with a sentence to a body that the page would not send.

    422 where it is an input that is wrong, in the form in which Gradio's page shows the sentence
    at that input and `gradio_client` raises it; 415 where it is no JSON by its own account; 400
    for all else.
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
                    check_type(scope)
                    scope = {**scope, SESSION: check(body, self._events)}
                elif fields := CANCEL.get(scope["path"]):
                    check_type(scope)
                    message = {**message, "body": cancellation(body, fields)}
            except WrongInputs as wrong:
                await refusal(422, wrong.detail)(scope, receive, send)
                return
            except Refused as refused:
                await refusal(refused.status, str(refused))(scope, receive, send)
                return
            receive = replay(message, receive)
        await self._app(scope, receive, send)


def check_type(scope: Scope) -> None:
    """Raise WrongType unless the body is announced as JSON, which is UTF-8 by its definition."""
    announced = Headers(scope=scope).get("content-type", "")
    if announced.partition(";")[0].strip().lower() != "application/json":
        raise WrongType("An event must be sent as application/json.")


def check(body: bytes, events: Events) -> str:
    """The session that sends this event. Raises Refused unless it has the inputs that it takes."""
    event = parsed(body)
    number = event.get("fn_index")
    if not whole(number) or number not in events:
        raise Refused("There is no such event on the page. Load the page again.")
    session = check_name(event, "session_hash")
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
    return session


def cancellation(body: bytes, fields: set[str]) -> bytes:
    """The body as Gradio takes it. Raises Refused unless it names an event by these fields.

    Gradio repeats all others in its complaint, and fails where they are no proper text or number.
    A page that cancels before it was told the id of its event sends none or null; session and
    function are enough to find what is at work.
    """
    event = parsed(body)
    if event.get("event_id") is None:
        event["event_id"] = UNTOLD
    if event.keys() != fields:
        raise Refused(f"Cancelling takes the fields {', '.join(sorted(fields))} and no others.")
    for name in fields - {"fn_index"}:
        check_name(event, name)
    if "fn_index" in fields and not whole(event["fn_index"]):
        raise Refused("fn_index must be a whole number.")
    return json.dumps(event).encode()


def check_name(event: dict[str, Any], field: str) -> str:
    """This field, a name such as Gradio makes up. Raises Refused where it is none."""
    name = event.get(field)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Refused(f"{field} must be 1 to 64 letters, digits, - or _.")
    return name


def whole(value: object) -> TypeGuard[int]:
    """Whether this is a whole number, which True and 3.0 are not."""
    return type(value) is int


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object in a body. Raises Refused for anything else: NaN, infinities, UTF-16."""

    def no_number(name: str) -> NoReturn:
        raise ValueError(name)

    try:
        event = json.loads(body.decode("utf-8"), parse_constant=no_number)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise Refused("An event must be one JSON object in UTF-8.")
    return event
