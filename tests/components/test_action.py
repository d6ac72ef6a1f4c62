"""The frame: errors as sentences, an opening example computed once, links with their limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from gradio_client import Client

from components.action import Action, once, plain_errors
from components.links import limits
from inference.errors import EmptyText, ModelUnavailable


def test_a_persons_mistake_becomes_a_plain_error() -> None:
    with pytest.raises(gr.Error, match="The text is empty") as caught, plain_errors():
        raise EmptyText
    assert caught.value.print_exception is False


def test_an_error_text_is_escaped() -> None:
    with pytest.raises(gr.Error) as caught, plain_errors():
        raise ModelUnavailable("<img>", "gone.")
    assert "<img>" not in str(caught.value.message)


TYPED = "a kingfisher, as somebody typed it"


class Panic(BaseException):
    """What a library in Rust raises; no `except Exception` sees it."""


@pytest.mark.parametrize("kind", [ValueError, Panic])
def test_what_nobody_foresaw_becomes_a_sentence_and_a_reference_in_the_log(
    kind: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(gr.Error) as caught, plain_errors():
        raise kind(TYPED)
    reference = re.search(r"reference (\w{4})", caught.value.message)
    assert reference and f"reference {reference[1]}: {kind.__name__}" in caplog.text
    assert "test_action.py" in caplog.text
    everything = caplog.text + str(caught.value) + str(caught.value.__cause__)
    assert TYPED not in everything
    assert caught.value.__suppress_context__ and not caught.value.print_exception


@pytest.mark.parametrize("kind", [GeneratorExit, KeyboardInterrupt])
def test_leaving_and_ending_are_no_errors(kind: type[BaseException]) -> None:
    with pytest.raises(kind), plain_errors():
        raise kind


def test_the_opening_example_is_computed_once() -> None:
    calls: list[tuple[object, ...]] = []

    def run(*values: object) -> Iterator[str]:
        calls.append(values)
        yield "half"
        yield "whole"

    opening = once(run, ["a", 1])
    assert [list(opening("a", 1))[-1] for _ in range(2)] == ["whole", "whole"]
    assert list(opening("b", 1)) == ["half", "whole"]  # what a link asks for streams
    assert calls == [("a", 1), ("b", 1)]


def test_who_leaves_the_opening_leaves_it_to_the_next() -> None:
    calls: list[str] = []

    def run(text: str) -> Iterator[str]:
        calls.append(text)
        yield "half"
        yield "whole"

    opening = once(run, ["a"])
    first, second = opening("a"), opening("a")
    assert next(first) == gr.skip()
    assert next(second) == gr.skip()  # waits, and can be let go while it does
    first.close()
    assert list(second)[-1] == "whole"
    assert list(opening("a")) == ["whole"]
    assert calls == ["a", "a"]


def test_a_missing_model_is_silent_at_opening_and_asked_for_again() -> None:
    calls: list[str] = []

    def run(text: str) -> str:
        calls.append(text)
        with plain_errors():
            raise ModelUnavailable("storyteller", "its weights are missing.")
        return ""

    opening = once(run, ["a"])
    assert list(opening("a")) == [gr.skip()]
    assert list(opening("a")) == [gr.skip()]
    assert len(calls) == 2


def test_a_session_keeps_one_value_of_every_part_however_often_it_asks(tmp_path: Path) -> None:
    """As when waiting is shown before the result, and what was there before stays."""

    def run(text: str) -> Iterator[object]:
        yield gr.skip()
        yield text

    with gr.Blocks(analytics_enabled=False) as page:
        box, button, shown = gr.Textbox("once"), gr.Button(), gr.HTML()
        Action("say", run, {"text": box}, [shown]).on(button.click, public=True)
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True)
    try:
        program = Client(address, verbose=False, download_files=str(tmp_path))

        def kept() -> list[int]:
            sessions = page.app.state_holder.session_data.values()
            return [len(one.config_values) for one in sessions]

        assert program.predict("one", api_name="/say") == "one"
        before = kept()
        assert [program.predict(text, api_name="/say") for text in ("two", "three")]
        assert kept() == before and len(before) == 1
    finally:
        page.close()


def test_links_carry_limits_of_numbers_choices_and_none_for_text() -> None:
    with gr.Blocks():
        assert limits("k", gr.Slider(1, 200, 40, step=1)) == ["k", 1, 200, 1]
        assert limits("text", gr.Textbox("x", elem_id="box")) == ["text", None, "box"]
        choices = gr.Radio([("its average", "mean"), ("zeros", "zero")])
        assert limits("removal", choices) == ["removal", ["mean", "zero"]]
        assert limits("one", gr.Dropdown([("A", "a"), ("B", "b")])) == ["one", ["a", "b"]]
