"""The short way for outputs gives what Gradio gives, and leaves nothing in the session."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import SessionState, StateHolder

from components.shared.blocks import Blocks
from web.session_memory import SessionMemory

VALUES = [
    ["<p>some</p>", gr.skip(), "typed", gr.skip(), 3],
    [gr.skip()] * 5,
    ["<b>bold</b>", "", gr.skip(), "more", gr.skip()],
    [None, gr.update(value="<i>new</i>"), gr.update(visible=False), "", gr.update(maximum=7)],
]


def page(kind: type[gr.Blocks], outputs: int) -> gr.Blocks:
    """A page whose only event has the first few of two pieces of HTML, two boxes and a slider."""
    with kind() as made:
        first, second = gr.HTML(), gr.HTML()
        parts = [first, gr.HTML(), gr.Textbox(), second, gr.Slider()][:outputs]
        gr.Button().click(lambda: None, None, parts)
    return made


def outcome(made: gr.Blocks, values: Any, state: SessionState | None = None) -> list[Any]:
    """What goes to the page. Gradio writes into what it is given, and HTML takes the mark of an
    update for a property of its own: that is left out."""
    event = made.default_config.fns[0]
    found = asyncio.run(made.postprocess_data(event, deepcopy(values), state))
    for one in found:
        if isinstance(one, dict) and one.get("props") == {"__type__": "update"}:
            del one["props"]
    return found


@pytest.mark.parametrize("values", VALUES)
def test_it_gives_what_gradio_gives(values: list[Any]) -> None:
    assert outcome(page(Blocks, 5), values) == outcome(page(gr.Blocks, 5), values)


@pytest.mark.parametrize("value", ["<p>one</p>", gr.skip(), None, gr.update(value="two")])
def test_a_single_output_is_no_list(value: object) -> None:
    assert outcome(page(Blocks, 1), value) == outcome(page(gr.Blocks, 1), value)


def test_one_skip_for_all_outputs_is_gradios_to_understand() -> None:
    assert outcome(page(Blocks, 5), gr.skip()) == outcome(page(gr.Blocks, 5), gr.skip())


def test_a_wrong_number_of_outputs_is_gradios_to_refuse() -> None:
    with pytest.raises(ValueError, match="enough output values"):
        outcome(page(Blocks, 5), ["<p>some</p>"])


@pytest.mark.parametrize(("kind", "freed"), [(Blocks, True), (gr.Blocks, False)])
def test_a_session_that_was_told_to_skip_is_freed(kind: type[gr.Blocks], freed: bool) -> None:
    """Gradio's own way leaves a component of its own in the session: the reason for ours."""
    made, holder, memory = page(kind, 5), StateHolder(), SessionMemory()
    holder.set_blocks(made)
    app = SimpleNamespace(state_holder=holder, get_blocks=lambda: made)
    memory.prepare(app, "a")
    outcome(made, ["<p>some</p>", gr.skip(), "typed", gr.skip(), gr.skip()], holder["a"])
    memory.free(app, "a")
    assert ("a" not in holder.session_data) is freed
