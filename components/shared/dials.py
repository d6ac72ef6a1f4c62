"""Controls that several views share: a dial, the seed of the dice, and the choice of a model."""

from __future__ import annotations

import gradio as gr

from inference import types
from inference.catalog import STORYTELLER, Catalog


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


def model_choice(catalog: Catalog) -> gr.Dropdown:
    """The models that write: the storyteller, the ladder, then those from elsewhere."""
    return gr.Dropdown(
        [(one.title, one.name) for one in catalog.entries("write") if one.listed],
        value=STORYTELLER,
        label="Model",
        filterable=False,
    )
