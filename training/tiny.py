"""Trains every model of the collection end to end, tiny and within minutes, on text of our own.

    python -m training.tiny FOLDER

The corpora are not needed. What comes out is as complete as the collection and as small as can be:
`python app.py --checkpoints FOLDER/checkpoints` opens it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from models.ladder.recurrent import RecurrentConfig
from models.ladder.window import WindowConfig
from models.transformer.bidirectional import BidirectionalConfig
from models.transformer.model import TransformerConfig
from models.translators.recurrent import RecurrentTranslatorConfig
from models.translators.transformer import TranslatorConfig
from training import (
    fill_in,
    growing,
    ladder,
    storyteller,
    tokenizer_kinds,
    tokenizers,
    translators,
    word_vectors,
)
from training.data import grammar
from training.data.sentences import Least
from training.ladder import Network
from training.paths import Paths
from training.words import counting, glove, maps
from training.words.predicting import Recipe as Prediction

SHAPE = TransformerConfig(context=64, layers=2, heads=2, width=32, feed_forward=64)
STEPS = 20
TOKENS = STEPS * 8 * SHAPE.context
TOKENIZERS = tokenizer_kinds.Recipe(vocabulary=320, rare=2)
STORYTELLERS = {
    name: replace(recipe, shape=SHAPE, tokens=TOKENS, batch=8, warm_up=5, compile=False)
    for name, recipe in storyteller.RECIPES.items()
}
GROWING = growing.Recipe(SHAPE, TOKENS, batch=8, warm_up=5, compile=False)
FILL_IN = fill_in.Recipe(
    BidirectionalConfig(context=64, layers=2, heads=2, width=32, feed_forward=64),
    TOKENS,
    batch=8,
    warm_up=5,
    compile=False,
)
_RECURRENT = {"embedding": 16, "encoder": 16, "decoder": 24, "attention": 8, "context": 64}
_SHAPES: dict[str, translators.Shape] = {
    "translator": TranslatorConfig(320, 64, 1, 1, heads=2, width=32, feed_forward=64),
    "translator-rnn": RecurrentTranslatorConfig(attends=True, **_RECURRENT),
    "translator-rnn-bottleneck": RecurrentTranslatorConfig(attends=False, **_RECURRENT),
}
TRANSLATORS = {
    name: translators.Recipe(shape, tokens=STEPS * 256, batch=256, lengths=(24,), warm_up=5)
    for name, shape in _SHAPES.items()
}
LADDER = ladder.Recipe(
    networks={
        "mlp": Network(WindowConfig(1, window=4, embedding=8, hidden=32, layers=1), 8, 32),
        "rnn": Network(RecurrentConfig("rnn", 1, embedding=8, hidden=32, layers=1), 8, 32, 2),
        "gru": Network(RecurrentConfig("gru", 1, embedding=8, hidden=24, layers=1), 8, 32, 2),
        "lstm": Network(RecurrentConfig("lstm", 1, embedding=8, hidden=24, layers=1), 8, 32, 2),
        "gpt": Network(SHAPE, 8, 32),
    },
    characters=256 * STEPS,
    searched=256 * 2,
    rates=(("muon", 0.02), ("adamw", 0.01)),
    warm_up=2,
    report_every=10,
    compile=False,
)
_FEW = Prediction(width=12, epochs=2, subsample=0.0)
_SECOND, _THIRD = (Prediction(seed, width=12, epochs=1, subsample=0.0) for seed in (2, 3))
WORD_VECTORS = word_vectors.Recipe(
    predictions={
        "skip-gram-1": _FEW,
        "skip-gram-2": _SECOND,
        "skip-gram-3": _THIRD,
        "cbow": Prediction(width=12, epochs=2, subsample=0.0, skip_gram=False),
        "fasttext": Prediction(width=12, epochs=2, subsample=0.0, buckets=500),
    },
    counting=counting.Recipe(width=12, kept=30),
    glove=glove.Recipe(width=12, epochs=4),
    maps=maps.Recipe(words=60, seeds=(1,), perplexity=5, neighbours=5, groups=4, typical=5),
    commonest=40,
    least=Least(count=5),
    facts_share=0.3,
)
TRAININGS: dict[str, Callable[[Paths], object]] = {
    "tokenizers": lambda where: tokenizers.train(where, TOKENIZERS),
    **{
        name: partial(storyteller.train, recipe=recipe, name=name)
        for name, recipe in STORYTELLERS.items()
    },
    "fill-in": lambda where: fill_in.train(where, FILL_IN),
    **{
        name: partial(translators.train, recipe=translation, name=name)
        for name, translation in TRANSLATORS.items()
    },
    "storyteller-growing": lambda where: growing.train(where, GROWING),
    "ladder": lambda where: ladder.train(where, LADDER),
    "word-vectors": lambda where: word_vectors.train(where, WORD_VECTORS),
}
"""By the folder that each one writes, in an order in which each finds what it needs."""


def train(folder: Path) -> Paths:
    """Write the text, train everything on it, and return where all of it is."""
    where = Paths(folder / "data", folder / "checkpoints", folder / "runs")
    grammar.write(where.data)
    torch.set_num_threads(1)
    for name, training in TRAININGS.items():
        print(f"== {name}", flush=True)
        training(where)
    return where


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where text, models and run states go")
    where = train(parser.parse_args().folder)
    print(f"A tiny collection is in {where.checkpoints}.")


if __name__ == "__main__":
    main()
