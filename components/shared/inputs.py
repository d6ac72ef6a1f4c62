"""What every event of the page takes: the kind and range of each input, under its own name."""

from __future__ import annotations

import math
from collections.abc import Callable

import gradio as gr
from gradio.components import Component

from components.shared.dials import is_trained

Check = Callable[[object], str | None]


def events(page: gr.Blocks) -> dict[int, tuple[Check, ...]]:
    """By its number, a check for each input of every event that the server runs."""
    run = {number: event for number, event in page.fns.items() if event.fn is not None}
    # An event may give its outputs other limits or choices, for one visitor and not for another.
    moving = {part._id for event in run.values() for part in event.outputs}
    return {
        number: tuple(checked(part, fixed=part._id not in moving) for part in event.inputs)
        for number, event in run.items()
    }


def checked(part: object, fixed: bool = True) -> Check:
    """What a value of this component must be; a sentence that names the input says what is wrong.

    Unless it is fixed, its range and choices are left to Gradio, which knows the visitor's own.
    Components of other kinds take anything: their handlers have to look at it themselves.
    """
    name = str(getattr(part, "label", None) or "The input")
    match part:
        case gr.Slider() | gr.Number() if not fixed:
            return within(name, None, None)
        case gr.Dropdown() | gr.Radio() | gr.CheckboxGroup() if not fixed:
            return lambda value: None
        case gr.Textbox():
            return lambda value: (
                None if value is None or isinstance(value, str) else f"{name} must be text."
            )
        case gr.Slider() | gr.Number():
            return within(name, part.minimum, part.maximum)
        case gr.Dataset():
            return row_of(len(part.samples))
        case gr.Checkbox():
            return lambda value: None if isinstance(value, bool) else f"{name} is either on or off."
        case gr.Dropdown() if part.allow_custom_value:
            return lambda value: None
        case gr.Dropdown() | gr.Radio() | gr.CheckboxGroup():
            return one_of(name, part)
        case _:
            return lambda value: None


def within(name: str, low: float | None, high: float | None) -> Check:
    """A finite number within limits, None being no limit."""
    ends = [
        f" {word} {end:,.12g}" for word, end in (("from", low), ("to", high)) if end is not None
    ]
    least, most = -math.inf if low is None else low, math.inf if high is None else high

    def wrong(value: object) -> str | None:
        number = finite(value)
        if number is not None and least <= number <= most:
            return None
        given = "what was sent" if number is None else f"{number:,.12g}"
        return f"{name} is a number{''.join(ends)}, not {given}."

    return wrong


def finite(value: object) -> float | None:
    """The number that this is, None if it is none or beyond all floats."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def row_of(count: int) -> Check:
    """The place of one example among its chips."""
    return lambda value: (
        None
        if type(value) is int and 0 <= value < count
        else f"There are {count} examples, counted from 0."
    )


def one_of(name: str, part: Component) -> Check:
    """One of a component's choices, or several where it takes several."""
    choices = [value for _, value in part.choices]  # type: ignore[attr-defined]
    trained = hasattr(part, "trained")  # it takes models that one visitor alone can name
    several = isinstance(part, gr.CheckboxGroup) or bool(getattr(part, "multiselect", False))

    def wrong(value: object) -> str | None:
        chosen = value if several and isinstance(value, list) else [value]
        if all(one is None or one in choices or (trained and is_trained(one)) for one in chosen):
            return None
        return f"{name} must be one of {', '.join(map(str, choices[:12]))}."

    return wrong
