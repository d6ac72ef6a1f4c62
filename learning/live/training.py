"""What is asked of a live training, and what is seen of it: plain values. Loads no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TEXTS = ("names", "few names", "grammar", "memory", "own")
TITLES = {
    "counted": "Bigram, counted",
    "table": "Bigram, learned",
    "mlp": "MLP over a window",
    "rnn": "RNN",
    "gru": "GRU",
    "lstm": "LSTM",
    "gpt": "Small GPT",
}
"""What people call every model."""
MODELS = tuple(TITLES)
SCHEDULES = ("constant", "cosine", "linear")
OPTIMISERS = ("sgd", "momentum", "adam", "adamw", "muon")
WIDTH, WIDTH_STEP = (16, 256), 8
LAYERS, WINDOW, BATCH, STEPS = (1, 4), (2, 64), (8, 128), (50, 3_000)
RATE, WEIGHT_DECAY, DROPOUT, CLIP = (1e-5, 1_000.0), (0.0, 1.0), (0.0, 0.8), (0.0, 10.0)
SEED = (0, 2**31 - 1)
DIFFERENT = 256  # characters that a model tells apart, at most; the rarest others are one


@dataclass(frozen=True)
class Settings:
    """Text, model and dials of one training."""

    text: str = "names"
    """names, few names, grammar, memory, or own."""
    model: str = "lstm"
    """counted, table, mlp, rnn, gru, lstm or gpt."""
    width: int = 128
    layers: int = 1
    window: int = 32
    """Characters: what an MLP or a GPT sees, and what a recurrent network is unrolled over."""
    batch: int = 32
    """Windows in a step."""
    steps: int = 400
    rate: float = 0.02
    """The peak of the learning rate."""
    schedule: str = "linear"
    """constant, cosine or linear; the last two warm up."""
    optimiser: str = "adamw"
    weight_decay: float = 0.0
    dropout: float = 0.0
    clip: float = 1.0
    """The largest norm of all gradients together; 0 for no clipping."""
    seed: int = 1


@dataclass(frozen=True)
class Point:
    """What was measured after a step. A number that is not finite is None."""

    step: int
    heldout: float | None
    """Bits per character of text that is never trained on."""
    train: float | None
    """Bits per character of text that is, measured the same way."""
    rate: float
    """Learning rate of the step."""
    norm: float | None = None
    """Of all gradients together, before clipping; None before the first step too."""
    norms: tuple[float | None, ...] = ()
    """Of each layer's."""


@dataclass(frozen=True)
class Sample:
    """What the model wrote after a step, always with the same dice."""

    step: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """A share of things that were counted."""

    name: str
    """familiar: of the names written, those whose every three letters in a row occur in a name.
    copied: those that stand in the training text. recalled: of the held-out lines, those whose last
    letter was the most probable one."""
    share: float
    counted: int


@dataclass(frozen=True)
class Run:
    """A training so far."""

    parameters: int
    """Weights; of a model that counts, its counts."""
    alphabet: int
    """Different characters; guessing needs their log2 in bits."""
    trained: int
    """Characters to train on."""
    measured: int
    """Characters that each of the two losses is measured on."""
    bigram: float
    """Bits per character that counting pairs of characters needs on the held-out text."""
    layers: tuple[str, ...]
    """Names of what `Point.norms` has a number for."""
    points: tuple[Point, ...] = ()
    samples: tuple[Sample, ...] = ()
    scores: tuple[Share, ...] = ()
    step: int = 0
    seconds: float = 0.0
    """Of training so far."""
    end: str = ""
    """done, diverged (the loss is no number any more), late (out of time); "" while it runs."""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Of the trained model's folder, by their names; nothing before the end, or of a broken one."""
    kept: str = ""
    """By what name the trained model can be asked for, where it is kept."""
