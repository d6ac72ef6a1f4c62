"""A view on a page: its handler, and the events that run, stop and open it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency
from gradio.helpers import Examples

from components.shared.errors import plain_errors
from components.shared.links import spec
from components.shared.opening import once
from components.shared.spelling import note
from components.shared.view import View
from inference.service import Service

Trigger = Callable[..., Dependency]
"""An event listener, such as `button.click`."""
CLASSROOM = 160  # events of one view at once; the service lets in fewer, and says how it stands


class Served:
    """A view on a service. Shared by all pages that show it, so that its opening is too."""

    def __init__(self, view: View, service: Service) -> None:
        self.view = view
        self.catalog = service.catalog
        self.run = handler(view.ask, service)
        self.opening = once(partial(self.run, None))


def handler(ask: Callable[..., Any], service: Service) -> Callable[..., Iterator[Any]]:
    """`ask` as a Gradio handler: a generator of outputs whose errors are plain sentences."""

    def run(request: gr.Request, *values: object) -> Iterator[Any]:
        session = None if request is None else request.session_hash
        with plain_errors():
            result = ask(service, session, *values)
            if isinstance(result, Iterator):
                yield from result
            else:
                yield result

    # The API takes the names of parameters from here.
    given = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    named = list(inspect.signature(ask).parameters.values())[2:]
    plain = [one.replace(annotation=inspect.Parameter.empty) for one in named]
    run.__signature__ = inspect.Signature([given, *plain])  # type: ignore[attr-defined]
    return run


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


@dataclass(frozen=True)
class Host:
    """What a page gives to its views."""

    status: gr.HTML
    refresh: Callable[[], str]
    """The status line; it is brought up to date after every run."""
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
    on = partial(_on, view, parts, host)
    opens = on(partial(served.opening, [part.value for part in inputs]), opened.then)
    chosen = on(served.run, parts.chips.load_input_event.then)
    presses = [parts.button.click, *_enters(inputs), *_changes(view, parts.inputs)]
    cancel([opens, chosen], presses)
    pressed = on(served.run, partial(gr.on, presses), named=True)
    cancel([opens, pressed], [parts.chips.dataset.click])
    if parts.stop is not None:
        stops(parts.stop, [opens, chosen, pressed], parts.outputs[0], view.stopped)


def _on(
    view: View,
    parts: Parts,
    host: Host,
    run: Callable[..., Any],
    trigger: Trigger,
    named: bool = False,
) -> Dependency:
    """Run at this trigger. After a refusal because of load the browser presses the button again."""
    ran = trigger(
        run,
        list(parts.inputs.values()),
        list(parts.outputs),
        api_name=view.api_name if named and host.public else None,
        api_visibility="public" if named and host.public else "private",
        show_progress="hidden",
        # Postprocessing costs a thread for every part of every update, to change nothing; and of
        # an update that skips a part Gradio would keep a value until the session is forgotten.
        postprocess=False,
        trigger_mode="always_last",  # what is asked for during a run is done after it
        concurrency_limit=CLASSROOM,
        concurrency_id=view.api_name,
    )
    quiet: dict[str, Any] = {
        "outputs": host.status,
        "queue": False,
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    # Not `then`: Gradio's page leaves that out after an error.
    ran.success(host.refresh, **quiet)
    again = f"() => (orrery.refused({json.dumps(f'{view.key}-run')}), [])"
    ran.failure(host.refresh, js=again, **quiet)
    return ran


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
            case _:
                yield part.input  # type: ignore[attr-defined]


def cancel(runs: Sequence[Dependency], triggers: Sequence[Trigger]) -> None:
    """Let these triggers end runs.

    To be called before the triggers start anything else: the page does one thing after another,
    and `cancels` of a run would wait for its end.
    """
    gr.on(triggers, None, cancels=list(runs), api_visibility="private")


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
