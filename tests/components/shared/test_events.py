"""The frame: errors as sentences, an opening example computed once, links with their limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import gradio as gr
import pytest
from gradio_client import Client

from components.page import build_app
from components.shared.errors import plain_errors
from components.shared.links import limits
from components.shared.opening import once
from components.shared.view import Lab, Text, View
from inference.errors import EmptyText, ModelUnavailable
from inference.service import Service
from inference.types.waiting import Waiting

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


def test_a_persons_mistake_becomes_a_plain_error() -> None:
    with pytest.raises(gr.Error, match="The text is empty") as caught, plain_errors(str):
        raise EmptyText
    assert caught.value.print_exception is False


TYPED = "a kingfisher, as somebody typed it"


class Panic(BaseException):
    """What a library in Rust raises; no `except Exception` sees it."""


@pytest.mark.parametrize("kind", [ValueError, Panic])
def test_what_nobody_foresaw_becomes_a_sentence_and_a_reference_in_the_log(
    kind: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(gr.Error) as caught, plain_errors(str):
        raise kind(TYPED)
    reference = re.search(r"reference (\w{4})", caught.value.message)
    assert reference and f"reference {reference[1]}: {kind.__name__}" in caplog.text
    assert "test_events.py" in caplog.text
    everything = caplog.text + str(caught.value) + str(caught.value.__cause__)
    assert TYPED not in everything
    assert caught.value.__suppress_context__ and not caught.value.print_exception


@pytest.mark.parametrize("kind", [GeneratorExit, KeyboardInterrupt])
def test_leaving_and_ending_are_no_errors(kind: type[BaseException]) -> None:
    with pytest.raises(kind), plain_errors(str):
        raise kind


def test_the_opening_example_is_computed_once() -> None:
    calls: list[tuple[object, ...]] = []

    def run(*values: object) -> Iterator[str]:
        calls.append(values)
        yield "half"
        yield "whole"

    opening = partial(once(run), ["a", 1])
    assert list(opening("a", 1)) == ["half", "whole"]
    assert list(opening("a", 1)) == ["whole"]
    assert list(opening("b", 1)) == ["half", "whole"]  # what a link asks for
    assert calls == [("a", 1), ("b", 1)]


def test_who_leaves_the_opening_leaves_it_to_the_next() -> None:
    calls: list[str] = []

    def run(text: str) -> Iterator[str]:
        calls.append(text)
        yield "half"
        yield "whole"

    opening = partial(once(run), ["a"])
    first, second = opening("a"), opening("a")
    assert next(first) == "half"
    assert next(second) == "half"  # follows the first
    assert next(second) == Waiting()  # waits, and can be let go while it does
    first.close()
    assert list(second)[-1] == "whole"
    assert list(opening("a")) == ["whole"]
    assert calls == ["a", "a"]


def test_who_comes_while_the_opening_is_computed_is_shown_what_has_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("components.shared.opening.CHECK_AGAIN", 0.001)
    opening = partial(once(lambda text: iter(("a third", "half", "whole"))), ["a"])
    first, second = opening("a"), opening("a")
    assert next(first) == "a third"
    assert [next(second) for _ in range(3)] == ["a third", Waiting(), Waiting()]
    assert next(first) == "half"
    assert [next(second) for _ in range(4)] == [Waiting(), "half", Waiting(), Waiting()]
    assert list(first) == ["whole"] and list(second) == ["whole"]


def test_a_missing_model_is_silent_at_opening_and_asked_for_again() -> None:
    calls: list[str] = []

    def run(text: str) -> Iterator[str]:
        calls.append(text)
        raise ModelUnavailable("storyteller", "its weights are missing.")
        yield ""

    opening = partial(once(run), ["a"])
    assert list(opening("a")) == [Waiting()]
    assert list(opening("a")) == [Waiting()]
    assert len(calls) == 2


def test_a_session_keeps_one_value_of_every_part_however_often_it_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when waiting is shown before the result, and what was there before stays."""
    monkeypatch.setenv("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000")  # as app.py does

    def ask(service: Service, session: str | None, text: str) -> Iterator[object]:
        yield Waiting()
        yield text

    view = View(
        key="lab-say",
        text=Text("Say", "It says.", ()),
        ask=ask,
        data=lambda text: {"said": text},
        draw=lambda: lambda text: [text],
        inputs=lambda _: {"text": gr.Textbox("once")},
        stage=lambda: [gr.HTML()],
        button="Say",
        examples={"Twice": ("twice",)},
    )
    page = build_app(Service(CHECKPOINTS), [Lab("lab", "Lab", (view,), view.key, "write")])
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True)
    try:
        program = Client(address, verbose=False, download_files=str(tmp_path))

        def kept() -> list[int]:
            sessions = page.app.state_holder.session_data.values()
            return [len(one.config_values) for one in sessions]

        assert program.predict("one", api_name="/lab_say")["said"] == "one"
        before = kept()
        assert [program.predict(text, api_name="/lab_say") for text in ("two", "three")]
        assert kept() == before and len(before) == 1
    finally:
        page.close()


def test_links_carry_limits_of_numbers_choices_and_none_for_text() -> None:
    with gr.Blocks():
        assert limits("k", gr.Slider(1, 200, 40, step=1)) == ["k", 1, 200, 1]
        assert limits("text", gr.Textbox("x", elem_id="box")) == ["text", None, "box", False]
        assert limits("text", gr.Textbox("", elem_id="box")) == ["text", None, "box", True]
        choices = gr.Radio([("its average", "mean"), ("zeros", "zero")])
        assert limits("removal", choices) == ["removal", ["mean", "zero"]]
        assert limits("one", gr.Dropdown([("A", "a"), ("B", "b")])) == ["one", ["a", "b"]]
