"""What a view's question becomes for the page and for programs: outputs, data, sentences, codes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from components.shared.drawing.spelling import note
from components.shared.errors import on_page
from components.shared.handlers import asking, for_page, for_programs
from components.shared.view import Text, View
from inference.errors import EmptyText, Restarted
from inference.service import Service
from inference.types.waiting import Waiting

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
SAME = gr.skip()
LOADING, AHEAD = Waiting(loading="storyteller"), Waiting(ahead=2)
PERSON = gr.Request(session_hash="s")


def view_of(ask: Callable[..., Any], stopped: str = "Stopped.") -> View:
    return View(
        key="lab-say",
        text=Text("Say", "It says.", ()),
        ask=ask,
        data=lambda value: {"said": value},
        draw=lambda: lambda value: [str(note("")), f"<b>{value}</b>", "more"],
        inputs=lambda _: {},
        stage=list,
        button="Say",
        examples={},
        stopped=stopped,
    )


def saying(*updates: object, then: Exception | None = None) -> View:
    def ask(service: Service, session: str | None, text: str) -> Iterator[object]:
        yield from updates
        if then is not None:
            raise then

    return view_of(ask)


def pages(view: View) -> Callable[..., Iterator[Any]]:
    return for_page(view, asking(view, Service(CHECKPOINTS)), 3)


def programs(view: View) -> Callable[..., Iterator[Any]]:
    return for_programs(view, asking(view, Service(CHECKPOINTS)), str)


def test_who_waits_is_told_how_it_stands_and_the_picture_stays() -> None:
    *told, result, last = pages(saying(LOADING, AHEAD, Waiting(), "maps"))(PERSON, "")
    sentences = ("Loading the model storyteller.", "2 people are ahead of you.", "")
    assert told == [[str(note(s)), SAME, SAME] for s in sentences]
    assert result == [str(note("")), "<b>maps</b>", "more"]
    assert last == [SAME, SAME, SAME]  # Gradio sends it twice


def test_after_an_error_nobody_is_told_to_wait() -> None:
    told = []
    with pytest.raises(gr.Error):
        for outputs in pages(saying(AHEAD, then=Restarted()))(PERSON, ""):
            told.append(outputs)
    assert told[-1] == [str(note("")), SAME, SAME]


def test_a_view_without_a_note_keeps_its_picture_while_it_waits() -> None:
    view = view_of(lambda service, session, text: iter([AHEAD]), stopped="")
    assert list(pages(view)(PERSON, "")) == [[SAME, SAME, SAME]] * 2


def test_a_program_gets_the_data_with_its_inputs_and_nothing_before() -> None:
    found = list(programs(saying(AHEAD, "half", "whole"))(PERSON, "a text"))
    assert found == [None] * 3 + [
        {"view": "lab-say", "inputs": {"text": "a text"}, "said": "whole"}
    ]


def test_a_handler_takes_the_names_of_its_inputs() -> None:
    def ask(service: Service, session: str | None, text: str, k: int) -> str:
        return f"{session} {text} {k}"

    run = programs(view_of(ask))
    assert list(inspect.signature(run).parameters) == ["request", "text", "k"]
    assert list(run(PERSON, "a", 1))[-1]["said"] == "s a 1"


def test_an_error_has_its_code_and_is_html_for_the_page_alone() -> None:
    wrong = EmptyText("'<img>'")
    view = saying(then=wrong)
    with pytest.raises(gr.Error) as told:
        list(programs(view)(PERSON, ""))
    assert told.value.title == "empty"
    assert told.value.message == str(wrong)
    assert "'<img>'" in told.value.message
    with pytest.raises(gr.Error) as shown:
        list(pages(view)(PERSON, ""))
    assert shown.value.title == "empty"
    assert shown.value.message == on_page(wrong)
    assert shown.value.message.startswith('<span class="error-empty">The &#39;&lt;img&gt;&#39;')


def test_half_a_character_comes_back_as_what_it_was_read_as() -> None:
    *_, found = programs(saying("said"))(PERSON, "a\ud800b👧")
    assert found["inputs"] == {"text": "a\ufffdb👧"}
