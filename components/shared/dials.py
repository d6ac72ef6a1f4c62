"""Controls that several views share: a dial, the seed of the dice, and the choice of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from inference import types
from inference.collection import STORYTELLER

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.entry import Capability


def dial(
    label: str, low: float, high: float, value: float, step: float, info: str | None = None
) -> gr.Slider:
    """One number, rounded to its step. info: a sentence on what it does."""
    return gr.Slider(
        *(low, high, value),
        step=step,
        precision=0 if step >= 1 else 2,
        label=label,
        info=info,
        buttons=[],
        elem_classes="dial",
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


def model_choice(catalog: Catalog, can: Capability = "write") -> gr.Dropdown:
    """The models that can do this, those from elsewhere last; not in sight where there is one."""
    choices = [(one.title, one.name) for one in catalog.entries(can)]
    return gr.Dropdown(
        choices,
        value=STORYTELLER,
        label="Model",
        filterable=False,
        visible=True if len(choices) > 1 else "hidden",
    )
