"""Ready experiments of the bench: trainings that differ in one dial, a question, its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from components.shared.view import read_text
from inference.types import Settings


@dataclass(frozen=True)
class Experiment:
    """Up to four trainings, one after another."""

    question: str
    answer: str
    """Holds on every machine: `python -m benchmarks.experiments` measures it."""
    runs: Mapping[str, Settings]
    """By what sets each of them apart."""


LSTM = Settings(width=96, steps=300)
MLP = Settings(model="mlp", window=8, steps=300)
FEW = Settings(text="few names", steps=300)
MEMORY = Settings(text="memory", width=64, steps=400, rate=0.01)
RUNS: dict[str, dict[str, Settings]] = {
    "Too fast": {"rate 0.005": LSTM, "rate 0.05": replace(LSTM, rate=0.05)},
    "Too slow": {"rate 0.005": LSTM, "rate 0.0005": replace(LSTM, rate=0.0005)},
    "Counted or learned": {
        "counted": Settings(model="counted", steps=300),
        "learned": Settings(model="table", rate=0.1, steps=300),
    },
}
TEXT = read_text(__file__)
EXPERIMENTS = {
    label: Experiment(question, answer, runs)
    for (label, runs), (question, answer) in zip(RUNS.items(), TEXT.questions, strict=True)
}
