"""Controls that several views share: a dial, the seed of the dice, and the choice of a model."""

from __future__ import annotations

import gradio as gr

from inference import types
from inference.writers import WRITERS


def dial(label: str, low: float, high: float, value: float, step: float) -> gr.Slider:
    """One number, rounded to its step."""
    digits = 0 if step >= 1 else 2
    return gr.Slider(
        low, high, value, step=step, precision=digits, label=label, buttons=[], elem_classes="dial"
    )


def dice_seed() -> gr.Number:
    """What the dice start from."""
    return gr.Number(
        7,
        label="Seed of the dice",
        precision=0,
        minimum=0,
        maximum=types.SEED[1],
        step=1,
        elem_classes="dial",
    )


def model_choice() -> gr.Dropdown:
    """The models that write, from the storyteller up the ladder."""
    return gr.Dropdown(
        [(one.title, name) for name, one in WRITERS.items()],
        value="storyteller",
        label="Model",
        filterable=False,
    )


def length_cut(length: int, model: str) -> tuple[int, str]:
    """A length that the model can write, and a sentence where that is less than was asked for."""
    one = WRITERS.get(model)
    if one is None or length <= one.new:
        return length, ""
    return one.new, f"This model writes up to {one.new} {one.unit} at a time."
