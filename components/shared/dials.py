"""Controls that several views share: a dial, the seed of the dice, and the choice of a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import gradio as gr

from inference.collection import STORYTELLER
from inference.entry import LEARNED, TRAINED
from inference.types.options import SEED

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.entry import Capability

NAME = re.compile(rf"{TRAINED}[\w-]{{22}}|{LEARNED}[\w.-]+", re.ASCII)


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


def dice_seed(seed: int = 7) -> gr.Number:
    """What the dice start from."""
    return gr.Number(
        seed,
        label="Seed of the dice",
        precision=0,
        minimum=0,
        maximum=SEED[1],
        step=1,
        elem_classes="dial",
    )


def takes_trained(part: gr.Dropdown, can: Capability) -> gr.Dropdown:
    """Let a list of models take one that was trained here and can do this.

    The browser adds those of its tab (js/trained.js), and the service looks at every name: Gradio
    would refuse what it has not listed. A subclass would have Gradio write a file beside it.
    """
    listed = part.preprocess

    def preprocess(payload: Any) -> Any:
        return payload if is_trained(payload) else listed(payload)

    part.preprocess = preprocess  # type: ignore[method-assign]
    part.trained = can  # type: ignore[attr-defined]
    return part


def is_trained(value: object) -> bool:
    """Whether this can be the name of a model or tokenizer that was trained here."""
    return isinstance(value, str) and bool(NAME.fullmatch(value))


def model_choice(catalog: Catalog, can: Capability = "write", *more: Capability) -> gr.Dropdown:
    """The models that can do all this, those from elsewhere last; not in sight where there is one.

    Models that were trained here can be chosen too.
    """
    choices = [(one.title, one.name) for one in catalog.entries(can, *more)]
    names = [name for _, name in choices]
    found = gr.Dropdown(
        choices,
        value=STORYTELLER if STORYTELLER in names else next(iter(names), None),
        label="Model",
        filterable=False,
        visible=True if len(choices) > 1 else "hidden",
    )
    return takes_trained(found, can)
