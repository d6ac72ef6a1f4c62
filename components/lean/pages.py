"""The pages on which others follow: everything in one file, and no session of Gradio's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from components.shared.drawing.qr import qr

if TYPE_CHECKING:
    from inference.broadcast.topics import Topic
    from inference.service import Service

COMPONENTS = Path(__file__).parents[1]
BENCH = ("curves", "numbers", "written", "gradients")
BOARD = ("board", "room_picture")
BASE = ("parts.js", "widgets.js", "following.js")
PAGE = Markup("""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="../favicon.ico"><style>{style}</style></head>
<body><main class="lean">{body}</main><script>{script}</script></body></html>
""")
WATCH = Markup("""<h1>A training, as it goes on</h1>
<p class="told" aria-live="polite">Connecting.</p>
<p class="noted"></p><div class="bench"></div>""")
ROOM = Markup("""<h1>Guess the next letter</h1>
<p class="told" aria-live="polite">Connecting.</p><div class="guessing room"></div>""")


def lean_pages() -> dict[str, str]:
    """The HTML of every kind of page that many follow; the same for all topics of its kind."""
    bench = (
        "shared/js/shapes.js",
        *(f"ladder/bench/{one}.js" for one in BENCH),
        "ladder/train.js",
        "lean/watching.js",
    )
    room = (
        "shared/js/bars.js",
        *(f"generation/guessing/{one}.js" for one in BOARD),
        "lean/room.js",
    )
    board = ("shared/css/bars.css", "shared/css/guessing.css")
    return {
        "watch": page("A training at work", WATCH, ("shared/css/bench.css",), bench),
        "room": page("Guess the next letter", ROOM, board, room),
    }


def page(title: str, body: Markup, styles: Sequence[str], scripts: Sequence[str]) -> str:
    """One page with everything in it, so that a phone asks once.

    styles, scripts: files of `components`, beside those that all such pages have.
    """
    style = joined(("shared/css/colours.css", "lean/lean.css", *styles))
    script = joined((*(f"shared/js/{name}" for name in BASE), "lean/place.js", *scripts))
    return str(PAGE.format(title=title, style=style, body=body, script=script))


def joined(names: Sequence[str]) -> Markup:
    """Files of ours, one after another, as they are."""
    return Markup("").join(
        Markup((COMPONENTS / name).read_text(encoding="utf-8")) for name in names
    )


def openers(service: Service) -> Mapping[str, Callable[[str], dict[str, object]]]:
    """By its kind, what opens a topic and says what the page that speaks must know."""
    return {
        "watch": lambda address: ticket(service.topics.open(), address),
        "room": lambda address: ticket(service.rooms.open(), address),
    }


def ticket(topic: Topic, address: str) -> dict[str, object]:
    """The key to speak, the code to follow, and the address of that as a QR code.

    address: what stands before the code, as the browser sees it; where it is none, no QR code.
    """
    known = address.startswith(("http://", "https://"))
    drawn = qr(address + topic.code) if known and len(address) <= 200 else None
    return {"key": topic.key, "code": topic.code, "qr": drawn}
