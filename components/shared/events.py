"""A view on a page: the events that run, stop and open it, and its endpoint in the API."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component
from gradio.context import get_blocks_context
from gradio.events import Dependency, EventListenerMethod
from gradio.helpers import Examples

from components.shared.drawing.spelling import note
from components.shared.errors import on_page
from components.shared.handlers import (
    Ask,
    asking,
    for_copying,
    for_page,
    for_programs,
    for_typing,
)
from components.shared.links import limits, spec
from components.shared.opening import once
from components.shared.view import View

if TYPE_CHECKING:
    from inference.service import Service

Trigger = Callable[..., Dependency]
"""An event listener, such as `button.click`."""
CLASSROOM = 160  # events of one view at once; the service lets in fewer, and says how it stands


class Served:
    """A view on a service. Shared by all pages that show it, so that its opening is too."""

    def __init__(self, view: View, service: Service) -> None:
        self.view = view
        self.catalog = service.catalog
        self.ask = asking(view, service)
        self.python = partial(view.python, service) if view.python else None
        self._opening = once(partial(self.ask, None))

    def opening(self, defaults: Sequence[object]) -> Ask:
        """Asks as `ask` does, but for these inputs only once, and for nobody in particular."""

        def ask(session: str | None, *values: object) -> Iterator[Any]:
            if list(values) == list(defaults):
                return self._opening(defaults, *values)
            return self.ask(session, *values)

        return ask


@dataclass(frozen=True)
class Parts:
    """The components of a view on one page."""

    inputs: Mapping[str, Component]
    outputs: Sequence[Component]
    button: gr.Button
    stop: gr.Button | None
    opener: gr.Button
    """Not in sight: the browser presses it when it shows the view for the first time."""
    chips: Examples
    download: gr.Button
    data: gr.JSON
    """Not in sight: takes the value that is to be saved as a file, or a program to be copied."""
    python: gr.Button | None
    typed: gr.Button | None
    """Not in sight: the browser presses it while somebody types."""


@dataclass(frozen=True)
class Host:
    """What a page gives to its views."""

    status: gr.HTML
    refresh: Callable[[], Awaitable[str]]
    """The status line once the service has warmed up; it is brought up to date after every run."""
    public: bool
    """Whether the views here are the ones in the API: a view may be on two pages."""


def wire(served: Served, parts: Parts, host: Host) -> None:
    """Run on the button, on Enter, on the inputs in `runs_on`, on an example, and at first sight.

    What is asked for later ends what is under way. At first sight the inputs are restored from the
    link or from what the browser has stored.
    """
    view, inputs = served.view, list(parts.inputs.values())
    named = spec(view.key, parts.inputs)
    opened = parts.opener.click(
        None,
        inputs,
        inputs,
        js=f"(...values) => orrery.restore({named}, values)",
        api_visibility="private",
    )
    gr.on(
        [part.change for part in inputs],  # type: ignore[attr-defined]
        None,
        inputs,
        js=f"(...values) => orrery.keep({named}, values)",
        trigger_mode="always_last",
        api_visibility="private",
    )
    for name, part in parts.inputs.items():
        if isinstance(part, gr.Dropdown) and hasattr(part, "trained"):
            offered = json.dumps(limits(name, part))
            part.focus(
                None,
                None,
                part,
                js=f"() => orrery.offered({offered})",
                api_visibility="private",
            )
    on = partial(_on, view, parts, host)
    opens = on(served.opening([part.value for part in inputs]), opened.then)
    chosen = on(served.ask, parts.chips.load_input_event.then)
    presses = [parts.button.click, *_enters(inputs), *_changes(view, parts.inputs)]
    cancel([opens, chosen], presses)
    pressed = on(served.ask, partial(gr.on, presses))
    cancel([opens, pressed], [parts.chips.dataset.click])
    if parts.typed is not None:
        cancel([opens, chosen, pressed], [parts.typed.click])
        _types(served, parts, parts.typed)
    if parts.stop is not None:
        stops(parts.stop, [opens, chosen, pressed], parts.outputs[0], view.stopped)
    _hand_out(served, parts, host)


def _on(view: View, parts: Parts, host: Host, ask: Ask, trigger: Trigger) -> Dependency:
    """Run at this trigger. After a refusal because of load the browser presses the button again."""
    outputs = list(parts.outputs)
    run = for_page(view, ask, len(outputs))
    ran = trigger(run, list(parts.inputs.values()), outputs, **_private(view))
    quiet = {"outputs": host.status, "queue": False, **PRIVATE}
    # Not `then`: Gradio's page leaves that out after an error.
    ran.success(host.refresh, **quiet)
    ran.failure(host.refresh, js=_refused(parts.button), **quiet)
    return ran


def _types(served: Served, parts: Parts, typed: gr.Button) -> None:
    """Run while somebody types, in no queue: one answer at a time, and then the newest text.

    Where something else was asked for meanwhile, js/requests.js drops the answer.
    """
    run = for_typing(served.view, served.ask, len(parts.outputs))
    how = _private(served.view) | {"queue": False}
    typed.click(run, list(parts.inputs.values()), list(parts.outputs), **how)


def _hand_out(served: Served, parts: Parts, host: Host) -> None:
    """The value itself: as a file of the page, and once for each view as an endpoint of the API.

    And the program that makes the same, where the view has one.
    """
    view, inputs = served.view, list(parts.inputs.values())
    saved = parts.download.click(
        for_programs(view, served.ask, on_page), inputs, parts.data, **_private(view)
    )
    save = f"(value) => orrery.save({json.dumps(view.key)}, value)"
    saved.success(None, parts.data, js=save, api_visibility="private")
    saved.failure(None, js=_refused(parts.download), api_visibility="private")
    if parts.python is not None and served.python is not None:
        program = for_copying(served.python)
        copied = parts.python.click(program, inputs, parts.data, **_private(view))
        copied.success(
            None, parts.data, js="(text) => orrery.program(text)", api_visibility="private"
        )
    if host.public:
        public = _private(view) | {"api_visibility": "public", "api_name": view.api_name}
        gr.on([], for_programs(view, served.ask, str), inputs, parts.data, **public)


def _refused(button: gr.Button) -> str:
    """Script that has the browser press the button again where the refusal was because of load."""
    return f"() => (orrery.refused({json.dumps(button.elem_id)}), [])"


PRIVATE = {"show_progress": "hidden", "api_visibility": "private"}


def _private(view: View) -> dict[str, Any]:
    """How the events of a view that ask the service are set up."""
    return {
        **PRIVATE,
        # Postprocessing costs a thread for every part of every update, to change nothing; and of
        # an update that skips a part Gradio would keep a value until the session is forgotten.
        "postprocess": False,
        "trigger_mode": "always_last",  # what is asked for during a run is done after it
        "concurrency_limit": CLASSROOM,
        "concurrency_id": view.api_name,
    }


def _enters(inputs: Sequence[Component]) -> list[Trigger]:
    """Enter in a text box."""
    return [part.submit for part in inputs if isinstance(part, gr.Textbox)]


def _changes(view: View, inputs: Mapping[str, Component]) -> Iterator[Trigger]:
    """A change by hand of the inputs that run the view at once; of a dial, its release."""
    for part in (inputs[name] for name in view.runs_on):
        match part:
            case gr.Slider():
                yield part.release
            case gr.Number():
                yield from (part.submit, part.blur)
            case gr.Dropdown():
                yield part.blur  # after every choice; `input` is fired before it too
            case _:
                yield part.input  # type: ignore[attr-defined]


def cancel(runs: Sequence[Dependency], triggers: Sequence[Trigger]) -> None:
    """Let these triggers end runs.

    To be called before the triggers start anything else: the page does one thing after another,
    and `cancels` of a run would wait for its end. `cancels` of an event that does nothing else
    makes two events, and looks for the runs among all events of all pages.
    """
    page = get_blocks_context()
    assert page is not None
    page.set_event_trigger(
        [EventListenerMethod(one.__self__, one.event_name) for one in triggers],  # type: ignore[attr-defined]
        fn=None,
        inputs=None,
        outputs=None,
        queue=False,
        preprocess=False,
        cancels=[run["id"] for run in runs],
        is_cancel_function=True,
        api_visibility="private",
    )


def stops(button: gr.Button, runs: Sequence[Dependency], remark: Component, says: str) -> None:
    """Let a button end these runs and say so."""
    cancel(runs, [button.click])
    button.click(
        lambda: str(note(says)),
        outputs=remark,
        queue=False,
        postprocess=False,
        show_progress="hidden",
        api_visibility="private",
    )
