"""The dials of the bench, each with a sentence on what it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import gradio as gr

from components.shared.dials import dial
from components.shared.view import Inputs
from inference.types.options import Settings, training

if TYPE_CHECKING:
    from inference.catalog import Catalog

TEXTS = (
    ("Names (10,000)", "names"),
    ("Names (300)", "few names"),
    ("Sentences of a small grammar", "grammar"),
    ("A task for memory", "memory"),
    ("Your own", "own"),
)
MODELS = tuple((title, name) for name, title in training.TITLES.items())
OPTIMISERS = (
    ("SGD", "sgd"),
    ("SGD with momentum", "momentum"),
    ("Adam", "adam"),
    ("AdamW", "adamw"),
    ("Muon", "muon"),
)
SCHEDULES = (
    ("constant", "constant"),
    ("warm-up and cosine", "cosine"),
    ("warm-up and linear", "linear"),
)
RATES = (
    0.0001,
    0.0005,
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1.0,
    3.0,
    10.0,
    100.0,
)
WATCH = '<button type="button" class="let-watch">Let others watch</button><p class="address"></p>'
RARE = ("layers", "window", "batch", "schedule", "weight_decay", "dropout", "clip", "seed")
DEFAULT = Settings()


def choice(
    label: str, choices: Sequence[tuple[str, str | float]], value: str | float, info: str
) -> gr.Dropdown:
    """One of a few."""
    return gr.Dropdown(list(choices), value=value, label=label, info=info, filterable=False)


def inputs(catalog: Catalog) -> Inputs:
    """In the order of `ask`; the first is not in sight, the experiments fill it."""
    own = DEFAULT
    rates = [(f"{rate:g}", rate) for rate in RATES]
    return {
        "experiment": gr.Textbox("", label="Experiment", visible="hidden"),
        "text": choice("Text", TEXTS, own.text, "A tenth of it is held out and never trained on."),
        "own": gr.Textbox(
            "",
            label="Your own text",
            info="200 characters to 200 kB. It is not stored.",
            lines=3,
            max_lines=3,
        ),
        "model": choice("Model", MODELS, own.model, "From counting pairs to attention."),
        "width": dial(
            "Width", *training.WIDTH, own.width, 16, "Numbers in a hidden layer: more hold more."
        ),
        "rate": choice("Learning rate", rates, own.rate, "How far a step goes, at its peak."),
        "steps": dial("Steps", *training.STEPS, own.steps, 50, "Each changes every weight once."),
        "optimiser": choice(
            "Optimiser", OPTIMISERS, own.optimiser, "How gradients become a change of weights."
        ),
        **rare(own),
        "watched": gr.Textbox("", label="Key of those who watch", visible="hidden"),
    }


def watching() -> None:
    """The button that lets others watch."""
    gr.HTML(WATCH, elem_classes="flush", js_on_load=None)


def rare(own: Settings) -> Inputs:
    """The dials that are folded."""
    return {
        "layers": dial("Layers", *training.LAYERS, own.layers, 1, "One on top of another."),
        "window": dial(
            "Window",
            *training.WINDOW,
            own.window,
            2,
            "Characters that an MLP or GPT sees, and an RNN is unrolled over.",
        ),
        "batch": dial(
            "Batch",
            *training.BATCH,
            own.batch,
            8,
            "Windows in a step: more, steadier gradients.",
        ),
        "schedule": choice(
            "Schedule", SCHEDULES, own.schedule, "How the rate runs: up first, then down to 5 %."
        ),
        "weight_decay": dial(
            "Weight decay", *training.WEIGHT_DECAY, own.weight_decay, 0.05, "Pulls weights to zero."
        ),
        "dropout": dial(
            "Dropout", *training.DROPOUT, own.dropout, 0.05, "Share of a layer left out, at random."
        ),
        "clip": dial(
            "Clipping", *training.CLIP, own.clip, 0.5, "Largest norm of the gradients; 0 for none."
        ),
        "seed": gr.Number(
            own.seed,
            label="Seed",
            info="First weights, order of the text, and dice.",
            precision=0,
            minimum=training.SEED[0],
            maximum=training.SEED[1],
            step=1,
            elem_classes="dial",
        ),
    }
