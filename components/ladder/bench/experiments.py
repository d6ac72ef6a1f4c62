"""Ready experiments: trainings that differ in one dial, a question, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from components.shared.view import read_text
from inference.types.options import Settings


@dataclass(frozen=True)
class Experiment:
    """Up to four trainings, one after another."""

    question: str
    answer: str
    """`tests/components/ladder/test_experiments.py` trains and measures what it says."""
    runs: Mapping[str, Settings]
    """By what sets each of them apart."""


LSTM = Settings(width=96, steps=300)
MLP = Settings(model="mlp", window=8, steps=300)
FEW = Settings(text="few names", width=96, steps=200)
MEMORY = Settings(text="memory", width=64, steps=400)
STEEP = Settings(model="rnn", optimiser="sgd", schedule="constant", rate=3.0, steps=200)
RUNS: dict[str, dict[str, Settings]] = {
    "Too fast": {"rate 0.02": LSTM, "rate 0.2": replace(LSTM, rate=0.2)},
    "Too slow": {"rate 0.02": LSTM, "rate 0.002": replace(LSTM, rate=0.002)},
    "Learned by heart": {"10,000 names": replace(FEW, text="names"), "300 names": FEW},
    "Against learning by heart": {
        "300 names": FEW,
        "dropout 0.5": replace(FEW, dropout=0.5),
        "weight decay 1": replace(FEW, weight_decay=1.0),
    },
    "SGD or AdamW": {
        "AdamW, 0.02": MLP,
        "SGD, 0.02": replace(MLP, optimiser="sgd"),
        "SGD, 2": replace(MLP, optimiser="sgd", rate=2.0),
    },
    "No clipping": {"clipped to 1": STEEP, "not clipped": replace(STEEP, clip=0.0)},
    "RNN or LSTM": {"RNN": replace(MEMORY, model="rnn"), "LSTM": MEMORY},
    "A wider window": {f"{window} characters": replace(MLP, window=window) for window in (2, 4, 8)},
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
