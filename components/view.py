"""The frame that every tab uses: what can be seen, controls, stage, what to look for, link."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency
from markupsafe import Markup

from inference.errors import ModelUnavailable, OrreryError

WAITING = '<p class="waiting">Loading the model. The first run takes a few seconds.</p>'
CLASSROOM = 32  # events of one kind at work at once; the service bounds the model work itself


@dataclass(frozen=True)
class View:
    """What a tab says about itself."""

    key: str
    """Names the tab in links and element ids."""
    title: str
    lead: str
    """One sentence: what can be seen here."""
    look_for: tuple[tuple[str, str], ...]
    """Questions for the room, each with its answer."""


@contextmanager
def frame(view: View) -> Iterator[tuple[gr.Column, gr.Column, gr.Column]]:
    """Lay out one tab; fill the columns it yields: (controls, stage, detail below them)."""
    gr.HTML(Markup('<p class="lead">{}</p>').format(view.lead), js_on_load=None)
    with gr.Row(elem_classes="frame", elem_id=f"{view.key}-view", equal_height=False):
        with gr.Column(scale=0, min_width=280, elem_classes="controls") as controls:
            pass
        with gr.Column(scale=1, min_width=320, elem_classes="stage") as stage:
            pass
    with gr.Column(elem_classes="below") as below:
        pass
    yield controls, stage, below
    gr.HTML(look_for(view), js_on_load=None)


def look_for(view: View) -> Markup:
    """Questions with folded answers, so that a room can think first."""
    items = Markup("").join(
        Markup("<details><summary>{}</summary><p>{}</p></details>").format(question, answer)
        for question, answer in view.look_for
    )
    return Markup('<section class="look-for"><h2>What to look for</h2>{}</section>').format(items)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show a person's mistake as a sentence; what was on screen stays."""
    try:
        yield
    except OrreryError as error:
        raise gr.Error(
            str(Markup.escape(str(error))), title="Not run", duration=10, print_exception=False
        ) from error


@dataclass(frozen=True)
class Action:
    """What a tab does: one function from its inputs to its outputs, under a stable name."""

    name: str
    run: Callable[..., Any]
    inputs: Mapping[str, Component]
    """By the name that they carry in a link."""
    outputs: Sequence[Component]

    def on(self, trigger: Callable[..., Dependency], public: bool = False) -> Dependency:
        """Run at this trigger; the public one carries the name in the API."""
        return trigger(
            self.run,
            list(self.inputs.values()),
            list(self.outputs),
            api_name=self.name if public else None,
            api_visibility="public" if public else "private",
            show_progress="hidden",
            concurrency_limit=CLASSROOM,
            concurrency_id=self.name,
        )


def wire(page: gr.Blocks, view: View, action: Action, button: gr.Button) -> list[Dependency]:
    """Run on the button, on Enter, and once when the page opens.

    When the page opens, inputs are first taken from its link, where it has any. The opening
    example itself is computed once for everybody: a class of 300 opens the page at once.
    """
    inputs = list(action.inputs.values())
    restore = f"(...values) => orrery.restore({spec(view, action.inputs)}, values)"
    opened = page.load(None, inputs, inputs, js=restore)
    defaults = [part.value for part in inputs]
    opening = replace(action, run=once(action.run, defaults))
    boxes = [part for part in inputs if isinstance(part, gr.Textbox)]
    return [
        action.on(button.click, public=True),
        *(action.on(box.submit) for box in boxes),
        opening.on(opened.then),
    ]


def once(run: Callable[..., Any], defaults: Sequence[object]) -> Callable[..., Any]:
    """`run`, but its last result for `defaults` is remembered; errors are not.

    A missing model stays silent here: nobody has asked for it yet, and the status line says so.
    """
    lock = threading.Lock()
    remembered: list[Any] = []

    def opening(*values: object) -> Any:
        if list(values) != list(defaults):
            return last(run(*values))
        with lock:
            if not remembered:
                try:
                    remembered.append(last(run(*values)))
                except gr.Error as error:
                    if isinstance(error.__cause__, ModelUnavailable):
                        return gr.skip()
                    raise
        return remembered[0]

    return opening


def last(result: Any) -> Any:
    """The final state of a stream, or the result itself."""
    if isinstance(result, Iterator):
        *_, result = result
    return result


def examples(action: Action, rows: Sequence[Sequence[object]], labels: Sequence[str]) -> Dependency:
    """Chips that fill the first inputs and run."""
    parts = list(action.inputs.values())[: len(rows[0])]
    chips = gr.Examples(
        [list(row) for row in rows],
        parts,
        example_labels=list(labels),
        label="Examples",
        cache_examples=False,
        api_visibility="private",
    )
    return action.on(chips.load_input_event.then)


def take_away(view: View, inputs: Mapping[str, Component]) -> None:
    """Two buttons: the inputs as a link to copy or bookmark, and what is on stage as JSON."""
    with gr.Row(elem_classes="buttons"):
        button = gr.Button("Link to this", size="sm", min_width=80)
        download = gr.Button("Download", size="sm", min_width=80)
    download.click(
        None, js=f"() => orrery.download({json.dumps(view.key)})", api_visibility="private"
    )
    address = gr.HTML('<p class="address" aria-live="polite"></p>', js_on_load=None)
    button.click(
        None,
        list(inputs.values()),
        [address],
        js=f"(...values) => orrery.link({spec(view, inputs)}, values)",
        api_visibility="private",
    )


def spec(view: View, inputs: Mapping[str, Component]) -> str:
    """What a link to this view may set, as JSON for the page."""
    return json.dumps([view.key, [limits(name, part) for name, part in inputs.items()]])


def limits(name: str, part: Component) -> list[object]:
    """What a link may set: [name, lowest, highest, step], with nulls for text."""
    if isinstance(part, (gr.Slider, gr.Number)):
        return [name, part.minimum, part.maximum, part.step]
    return [name, None, None, None]
