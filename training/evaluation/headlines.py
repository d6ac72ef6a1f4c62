"""Quotes the main figures of every model in the project's README, from their `metrics.json`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from training.evaluation import card, metrics


def storyteller(figures: metrics.Figures) -> str:
    (row,) = next(iter(figures.values())).values()  # of what it was trained on
    return f"{row['bits per byte']:.3f} bits per byte on {row['documents']} held-out documents"


def word_vectors(figures: metrics.Figures) -> str:
    analogies, _, similarity, *_ = figures.values()
    past, comparative = (
        analogies[relation]["skip-gram, mean of 3"]
        for relation in ("gram7-past-tense", "gram3-comparative")
    )
    alike = similarity["WordSim-353, similarity: skip-gram"]["correlation"]
    return (
        f"skip-gram: Spearman {alike:.2f} on WordSim-353 similarity; of the covered analogy "
        f"questions {past:.0%} past tense, {comparative:.0%} comparative"
    )


def tokenizers(figures: metrics.Figures) -> str:
    rows = figures["Held-out stories"]
    kinds = {"byte-level BPE": "byte-bpe", "WordPiece": "wordpiece", "Unigram": "unigram"}
    costs = (f"{rows[name]['tokens per word']:.2f} for {kind}" for kind, name in kinds.items())
    return f"tokens per word of held-out stories: {', '.join(costs)}"


def ladder(figures: metrics.Figures) -> str:
    (rows,) = figures.values()
    bits = {name: row["bits per character"] for name, row in rows.items()}
    shown = {"bigram": "bigram", "5-gram": "five-gram", "LSTM": "lstm", "GPT": "gpt"}
    said = (f"{bits[name]:.2f} for the {title}" for title, name in shown.items())
    return f"bits per character of held-out stories: {', '.join(said)}"


def growing(figures: metrics.Figures) -> str:
    ages, births, *_ = figures.values()
    first, *_, last = (row["bits per byte"] for row in ages.values())
    born = births["induction head"]["there at"]
    return f"from {first:.2f} bits per byte untrained to {last:.2f}; an induction head by {born}"


def fill_in(figures: metrics.Figures) -> str:
    (row,) = next(iter(figures.values())).values()
    counts = row["from counts of both neighbours"]
    return f"{row['first guess right']:.0%} of masked tokens right at once; {counts:.0%} by counts"


def translator(figures: metrics.Figures) -> str:
    (rows,) = figures.values()
    score, count = (rows["all"][name] for name in ("BLEU, free-running", "sentences"))
    *_, longest = (row["BLEU, free-running"] for row in rows.values())
    return f"BLEU {score:.1f} on {count:,} held-out sentences, {longest:.1f} on the longest"


MODELS: dict[str, tuple[str, Callable[[metrics.Figures], str]]] = {
    "storyteller": ("GPT, 5.9 M parameters, byte-level BPE of 4,096 tokens", storyteller),
    "storyteller-books": ("the same model on old children's books", storyteller),
    "storyteller-growing": (
        "a small storyteller kept at twelve ages, from step 0 to 8,192",
        growing,
    ),
    "tokenizers": ("seven of them, six trained on equal terms on the stories", tokenizers),
    "ladder": (
        "eight models of characters: three n-grams, MLP, RNN, GRU, LSTM and GPT of 1 M parameters "
        "at most",
        ladder,
    ),
    "fill-in": ("a small BERT that fills in masked tokens, WordPiece", fill_in),
    "translator": ("English to French: a transformer, Marian layout", translator),
    "translator-rnn": ("the same with two GRUs and additive attention", translator),
    "translator-rnn-bottleneck": ("the same with one vector for the whole sentence", translator),
    "word-vectors": (
        "eight models of the same 41,638 words: skip-gram thrice, CBOW, fastText, GloVe, two of "
        "counts, and maps of three",
        word_vectors,
    ),
}


def table(checkpoints: Path) -> str:
    """One row a model that has been measured."""
    rows = []
    for name, (what, quote) in MODELS.items():
        path = checkpoints / name / metrics.FILE
        if path.exists():
            figures = json.loads(path.read_text(encoding="utf-8"))["figures"]
            rows.append([f"[{name}](checkpoints/{name}/README.md)", what, quote(figures)])
    return card.table(["model", "what", "figure"], rows)


def write(root: Path) -> None:
    """Bring the README up to date. Raises CardError where its markers are missing."""
    card.rewrite(root / "README.md", "models", table(root / "checkpoints"))
