"""What an event takes is read off its components, and a refusal names the input."""

from __future__ import annotations

import math
from pathlib import Path

import gradio as gr
import pytest

from components.page import build_app
from components.shared.inputs import checked, events
from inference.service import Service

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


def test_every_event_of_the_server_takes_what_its_components_show() -> None:
    page = build_app(Service(CHECKPOINTS))
    taken = events(page)
    assert taken.keys() == {number for number, event in page.fns.items() if event.fn is not None}
    for number, checks in taken.items():
        for look, part in zip(checks, page.fns[number].inputs, strict=True):
            value = 0 if isinstance(part, gr.Dataset) else part.value
            assert look(value) is None, part


@pytest.mark.parametrize(
    ("part", "good", "bad"),
    [
        (gr.Textbox(label="Word"), ["", "\ud800", None], [3, ["a"], {"path": "/x"}]),
        (gr.Slider(1, 8, 4, label="Word"), [1, 8, 2.5], [0, 9, None, "4", True, math.nan]),
        (gr.Number(label="Word", minimum=0), [0, 10**9], [-1, None, math.inf, 10**400, "1", [1]]),
        (gr.CheckboxGroup(["a", "b"], label="Word"), [["a"], []], [["c"], {}]),
        (gr.Checkbox(label="Word"), [True, False], [None, 1, "on"]),
        (gr.Radio(["a", ("shown", 2)], label="Word"), ["a", 2, None], ["shown", "\ud800", ["a"]]),
        (gr.Dropdown(["a", "b"], label="Word"), ["a"], ["c", ["a"], {}]),
        (gr.Dropdown(["a", "b"], label="Word", multiselect=True), [["a", "b"], []], [["c"], "d"]),
    ],
)
def test_kind_and_range_are_looked_at_and_the_input_is_named(
    part: gr.components.Component, good: list[object], bad: list[object]
) -> None:
    look = checked(part)
    assert [look(value) for value in good] == [None] * len(good)
    for value in bad:
        assert str(look(value)).startswith("Word "), value


def test_an_example_is_one_of_its_chips() -> None:
    look = checked(gr.Dataset(components=["textbox"], samples=[["a"], ["b"]]))
    assert [look(value) for value in (0, 1)] == [None, None]
    assert all(look(value) for value in (-1, 2, True, "0", None))


def test_what_an_event_may_change_is_left_to_gradio() -> None:
    with gr.Blocks() as page:
        layer, head = gr.Slider(1, 6, 1, label="Layer"), gr.Radio([1, 2], label="Head")
        still = gr.Slider(1, 6, 1, label="Still")
        gr.Button().click(lambda *_: [gr.Slider(maximum=9), gr.Radio([3])], None, [layer, head])
        gr.Button().click(lambda *_: None, [layer, head, still])
    (moved, chosen, fixed), *_ = [checks for checks in events(page).values() if checks]
    assert moved(9) is None
    assert moved("9") == "Layer is a number, not what was sent."
    assert chosen(3) is None
    assert fixed(9) == "Still is a number from 1 to 6, not 9."


def test_a_custom_dropdown_and_unknown_kinds_are_left_to_the_handler() -> None:
    for part in (gr.Dropdown(["a"], allow_custom_value=True), gr.State(), gr.HTML()):
        assert checked(part)("anything") is None
