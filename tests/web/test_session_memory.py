"""Gradio keeps nothing of a session that rests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.state_holder import StateHolder

from web.session_memory import SessionMemory


def app() -> Any:
    """The parts of Gradio's App that hold sessions, on a small page."""
    with gr.Blocks() as page:
        gr.Textbox()
    holder = StateHolder()
    holder.set_blocks(page)
    return SimpleNamespace(state_holder=holder, get_blocks=lambda: page)


def test_a_session_that_rests_is_freed() -> None:
    gradio, memory = app(), SessionMemory()
    for session in ("a", "b"):
        memory.prepare(gradio, session)
        assert gradio.state_holder[session].config_values == {}
        assert memory.free(gradio, session)
    assert not gradio.state_holder.session_data
    assert not gradio.state_holder.time_last_used


def test_limits_that_an_event_gave_a_session_stay_and_reach_no_other() -> None:
    gradio, memory = app(), SessionMemory()
    number = next(iter(gradio.get_blocks().default_config.blocks))
    for session in ("a", "b"):
        memory.prepare(gradio, session)
    gradio.state_holder["a"][number] = other = gr.Textbox(render=False)
    assert memory.free(gradio, "a") and memory.free(gradio, "b")
    assert [*gradio.state_holder.session_data] == ["a"]
    assert gradio.state_holder["a"][number] is other
    assert gradio.get_blocks().default_config.blocks[number] is not other


def test_what_still_runs_keeps_its_session() -> None:
    gradio, memory = app(), SessionMemory()
    memory.prepare(gradio, "a")
    queue = gradio.get_blocks()._queue
    queue.pending_event_ids_session["a"] = {"e"}
    queue.event_ids_to_events["e"] = None
    assert memory.has_unread(gradio, "a")
    assert not memory.free(gradio, "a")
    del queue.event_ids_to_events["e"]
    assert memory.free(gradio, "a")
    assert "a" not in gradio.state_holder
    assert not memory.has_unread(gradio, "a")
