"""What a tab does: one function from its inputs to its outputs, and what sets it off."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency
from markupsafe import escape

from components.links import spec
from components.parts.spelling import note
from inference.errors import InternalError, ModelUnavailable, OrreryError

log = logging.getLogger(__name__)
Trigger = Callable[..., Dependency]
"""What sets an event off, such as `button.click`."""
CLASSROOM = 160  # events of one kind at once; the service lets in fewer, and says how it stands
LEFT = (GeneratorExit, KeyboardInterrupt, SystemExit, gr.Error)
"""What passes by: somebody leaves, the process ends, or a sentence is on its way already."""
LOOK_UP = 0.25  # seconds after which somebody who waits sees whether the person has left


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show a person's mistake as a sentence; what was on screen stays.

    What nobody foresaw gets a sentence too, and a reference under which the log has its place in
    the code: its own words may quote what was typed, and Gradio would print them.
    """
    try:
        yield
    except LEFT:
        raise
    except OrreryError as error:
        raise shown(error) from error
    except BaseException as error:  # also what is no Exception, such as a panic in a library
        unforeseen = InternalError(error)
        log.error("reference %s: %s", unforeseen.reference, unforeseen.cause)
        raise shown(unforeseen) from None


def shown(error: OrreryError) -> gr.Error:
    """What the page shows of it."""
    said = str(escape(str(error)))
    return gr.Error(said, title=error.title, duration=10, print_exception=False)


def session(request: gr.Request | None) -> str | None:
    """Names one open page, so that the service can be fair; None outside of one."""
    return None if request is None else request.session_hash


@dataclass(frozen=True)
class Action:
    """One function of a tab, under a stable name."""

    name: str
    run: Callable[..., Any]
    inputs: Mapping[str, Component]
    """By the name that they carry in a link."""
    outputs: Sequence[Component]

    def on(self, trigger: Trigger, public: bool = False) -> Dependency:
        """Run at this trigger; the public one carries the name in the API.

        Where it fails, the page looks whether the service was busy, and presses the button again.
        """
        run = trigger(
            self.run,
            list(self.inputs.values()),
            list(self.outputs),
            api_name=self.name if public else None,
            api_visibility="public" if public else "private",
            show_progress="hidden",
            # A thread for every part of every update, to change nothing; and after an update that
            # skips a part, Gradio would keep each value of it until the session is forgotten.
            postprocess=False,
            trigger_mode="always_last",  # what is asked for during a run is done after it
            concurrency_limit=CLASSROOM,
            concurrency_id=self.name,
        )
        again = f"() => orrery.refused({json.dumps(self.button_id)})"
        run.failure(None, js=again, api_visibility="private")
        return run

    @property
    def button_id(self) -> str:
        """Names the element of the button that runs it."""
        return f"{self.name}-run"


def wire(
    page: gr.Blocks,
    key: str,
    action: Action,
    button: gr.Button,
    chips: gr.Examples,
    *also: Trigger,
) -> list[Dependency]:
    """Run on the button, on Enter, at what else is named, after an example is filled in, and once
    when the page opens. What is asked for later ends what is under way: it would cover it.

    When the page opens, inputs are first taken from its link, where it has any, and after a reload
    from what the browser kept. The opening example itself is computed once for everybody: a class
    of 300 opens the page at once.
    """
    button.elem_id = action.button_id
    inputs = list(action.inputs.values())
    named = spec(key, action.inputs)
    restore = f"(...values) => orrery.restore({named}, values)"
    opened = page.load(None, inputs, inputs, js=restore)
    gr.on(
        [part.change for part in inputs],
        None,
        inputs,
        js=f"(...values) => orrery.keep({named}, values)",
        trigger_mode="always_last",
        api_visibility="private",
    )
    opening = replace(action, run=once(action.run, [part.value for part in inputs]))
    opens = opening.on(opened.then)
    chosen = action.on(chips.load_input_event.then)
    enters = [part.submit for part in inputs if isinstance(part, gr.Textbox)]
    presses = [button.click, *enters, *also]
    end([opens, chosen], presses)
    pressed = action.on(partial(gr.on, presses), public=True)
    end([opens, pressed], [chips.dataset.click])
    return [opens, chosen, pressed]


def end(runs: Sequence[Dependency], triggers: Sequence[Trigger]) -> None:
    """Let these triggers end runs.

    To be called before anything else is set off by them: the page does one thing after another,
    and `cancels` of a run would wait for its end.
    """
    gr.on(triggers, None, cancels=list(runs), api_visibility="private")


def buttons(label: str) -> tuple[gr.Button, gr.Button]:
    """Side by side, what runs and what stops."""
    with gr.Row(elem_classes="buttons"):
        run = gr.Button(label, variant="primary", scale=2, min_width=80)
        return run, gr.Button("Stop", min_width=80)


def stops(button: gr.Button, runs: Sequence[Dependency], remark: gr.HTML, says: str) -> None:
    """Let a button end these runs and say so."""
    end(runs, [button.click])
    button.click(
        lambda: str(note(says)),
        outputs=remark,
        queue=False,
        postprocess=False,
        show_progress="hidden",
        api_visibility="private",
    )


def examples(
    action: Action, rows: Sequence[Sequence[object]], labels: Sequence[str]
) -> gr.Examples:
    """Chips that fill the first inputs."""
    parts = list(action.inputs.values())[: len(rows[0])]
    return gr.Examples(
        [list(row) for row in rows],
        parts,
        example_labels=list(labels),
        label="Examples",
        elem_id=f"{action.name}-examples",
        cache_examples=False,
        api_visibility="private",
    )


def once(run: Callable[..., Any], defaults: Sequence[object]) -> Callable[..., Iterator[Any]]:
    """`run` as a stream, but its last result for `defaults` is remembered; errors are not.

    A missing model stays silent here: nobody has asked for it yet, and the status line says so.
    """
    lock = threading.Lock()
    remembered: list[Any] = []

    def opening(*values: object) -> Iterator[Any]:
        if list(values) != list(defaults):
            yield from stream(run(*values))
            return
        while not lock.acquire(timeout=LOOK_UP):  # nobody can be let go while this waits
            yield gr.skip()
        try:
            if not remembered:
                latest: list[Any] = []
                for result in stream(run(*values)):
                    latest = [result]
                    yield gr.skip()
                remembered.extend(latest)
        except gr.Error as error:
            if not isinstance(error.__cause__, ModelUnavailable):
                raise
        finally:
            lock.release()
        yield remembered[0] if remembered else gr.skip()

    return opening


def stream(result: Any) -> Iterator[Any]:
    """The states of a stream, or the one result."""
    if isinstance(result, Iterator):
        yield from result
    else:
        yield result
