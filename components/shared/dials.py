"""Controls that several views share: a dial, the seed of the dice, and the choice of a model."""

from __future__ import annotations

import gradio as gr

from inference import types
from inference.catalog import COLLECTION, STORYTELLER


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
        [(one.title, one.name) for one in COLLECTION if "write" in one.can],
        value=STORYTELLER,
        label="Model",
        filterable=False,
    )
