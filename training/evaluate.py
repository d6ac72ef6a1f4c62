"""Measures the committed models; the only writer of `metrics.json` and of the figures in cards.

python -m training.evaluate --data FOLDER [word-vectors] [storyteller] ...
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from learning.stream import stream_of
from models.text.tokenizer import Tokenizer
from training import growing, ladder, storyteller, word_vectors
from training.data import corpus, pairs
from training.evaluation import fill_in as evaluate_fill_in
from training.evaluation import growing as evaluate_growing
from training.evaluation import headlines, metrics, ngrams, reach, storytellers, word_report
from training.evaluation import ladder as evaluate_ladder
from training.evaluation import tokenizers as evaluate_tokenizers
from training.evaluation import translators as evaluate_translators
from training.evaluation import words as evaluate_words

ROOT = Path(__file__).parents[1]
CHECKPOINTS = ROOT / "checkpoints"
RUNS = ROOT / "runs"


@dataclass(frozen=True)
class Measured:
    """Figures, and the files that they depend on."""

    figures: metrics.Figures
    split: list[Path]
    code: list[str]
    uncommitted: list[Path] = field(default_factory=list)
    """Weights that were measured too but are only in the run folder."""


def measure_word_vectors(folder: Path, data: Path) -> Measured:
    """Analogies and similarity of all models, and of what their run keeps beside the committed."""
    questions, runs = data / "eval", RUNS / word_vectors.NAME
    trained, read = word_report.read(folder, runs / word_vectors.WITH)
    without, bare = word_report.read(runs / word_vectors.WITHOUT)
    figures = dict(word_report.report(trained, without, questions))
    if kept := word_report.map_figures(folder):
        figures["Maps: share of a word's ten nearest that are nearest on the map"] = kept
    uncommitted = [path for path in (*read, *bare) if path.parent != folder]
    files = list(questions.glob("analogies/*.txt"))
    files += [questions / "similarity" / name for name in evaluate_words.SIMILARITY.values()]
    code = [
        "training/evaluation/words.py",
        "training/evaluation/word_report.py",
        "models/words/maps.py",
        "models/words/vectors.py",
    ]
    return Measured(figures, files, code, uncommitted)


def measure_storyteller(folder: Path, data: Path) -> Measured:
    """Bits per byte over held-out stories, simple and old, and what the model writes."""
    code = [
        "training/evaluation/storytellers.py",
        "training/evaluation/scoring.py",
        "models/transformer/model.py",
        "models/text/tokenizer.py",
    ]
    split = [data / name for name in storytellers.SECTIONS]
    return Measured(storytellers.evaluate(folder, data), split, code)


def measure_tokenizers(folder: Path, data: Path) -> Measured:
    """What held-out text costs in tokens."""
    figures = evaluate_tokenizers.evaluate(folder, data)
    files = [data / evaluate_tokenizers.STORIES, data / evaluate_tokenizers.PAIRS]
    code = [
        "training/evaluation/tokenizers.py",
        "training/data/pairs.py",
        "models/text/tokenizer.py",
    ]
    return Measured(figures, files, code)


def measure_ladder(folder: Path, data: Path) -> Measured:
    """Bits per character of every rung over all held-out stories."""
    stories = data / "stories.jsonl.xz"
    texts = [document.text for document in corpus.read(stories) if document.split == "heldout"]
    rows = evaluate_ladder.evaluate(folder, texts)
    models = (
        *("ladder/ngram", "ladder/window", "ladder/recurrent", "ladder/state_cache"),
        *("transformer/model", "text/tokenizer"),
    )
    code = ["training/evaluation/ladder.py", "training/evaluation/scoring.py"]
    code += [f"models/{name}.py" for name in models]
    return Measured({evaluate_ladder.SECTION: rows}, [stories], code)


def measure_ngrams(folder: Path, data: Path) -> Measured:
    """Which n-grams of held-out stories the ladder has read; they are those of its 5-gram."""
    stories, tokenizer = data / "stories.jsonl.xz", Tokenizer.load(folder)
    texts = [document.text for document in corpus.read(stories) if document.split == "heldout"]
    read = ladder.characters(data, tokenizer, ladder.Recipe())
    rows = ngrams.evaluate(read, stream_of(texts, tokenizer), tokenizer.vocabulary)
    code = ["training/evaluation/ngrams.py", "training/ladder.py", "models/ladder/ngram.py"]
    return Measured({ngrams.SECTION: rows}, [stories], code)


def measure_reach(folder: Path, data: Path) -> Measured:
    """How far the gradients of a network of the ladder reach back."""
    stories = data / "stories.jsonl.xz"
    texts = [document.text for document in corpus.read(stories) if document.split == "heldout"]
    code = ["training/evaluation/reach.py", "inference/decoding/reach.py", "analysis/reach.py"]
    return Measured(reach.evaluate(folder, texts), [stories], code)


def measure_growing(folder: Path, data: Path) -> Measured:
    """Bits per byte at every age, and how far heads look back."""
    stories = data / storyteller.SIMPLE
    texts = [document.text for document in corpus.read(stories) if document.split == "heldout"]
    step_tokens = growing.Recipe().schedule.step_tokens
    figures = evaluate_growing.evaluate(folder, texts, step_tokens, storytellers.STRIDE)
    code = [
        "training/evaluation/growing.py",
        "training/evaluation/scoring.py",
        "models/transformer/model.py",
    ]
    return Measured(figures, [stories], code)


def measure_fill_in(folder: Path, data: Path) -> Measured:
    """How often the first guess at a masked token is right."""
    code = [
        "training/evaluation/fill_in.py",
        "training/fill_in.py",
        "models/transformer/bidirectional.py",
        "models/text/tokenizer.py",
    ]
    split = [data / name for name in (*evaluate_fill_in.SECTIONS, pairs.FILE)]
    return Measured(evaluate_fill_in.evaluate(folder, data), split, code)


def measure_translator(folder: Path, data: Path) -> Measured:
    """BLEU of sentences that the model has not seen, by their length."""
    code = [
        "training/evaluation/translators.py",
        "training/data/pairs.py",
        "models/translators/recurrent.py",
        "models/translators/transformer.py",
        "models/text/tokenizer.py",
    ]
    return Measured(evaluate_translators.evaluate(folder, data), [data / pairs.FILE], code)


EVALUATIONS: dict[str, Callable[[Path, Path], Measured]] = {
    "word-vectors": measure_word_vectors,
    "storyteller": measure_storyteller,
    "storyteller-books": measure_storyteller,
    "tokenizers": measure_tokenizers,
    "ladder": measure_ladder,
    "ladder/five-gram": measure_ngrams,
    **{f"ladder/{name}": measure_reach for name in reach.NETWORKS},
    "storyteller-growing": measure_growing,
    "fill-in": measure_fill_in,
    "translator": measure_translator,
    "translator-rnn": measure_translator,
    "translator-rnn-bottleneck": measure_translator,
}


def run(name: str, data: Path) -> None:
    """Measure one model, write its `metrics.json` and bring its card up to date."""
    folder = CHECKPOINTS / name
    measured = EVALUATIONS[name](folder, data)
    weights = metrics.weights_of(folder)
    code = [ROOT / path for path in ("training/evaluate.py", *measured.code)]
    metrics.write(folder, measured.figures, weights, measured.split, code, measured.uncommitted)
    metrics.update_card(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with the corpora (default: ORRERY_DATA)")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(EVALUATIONS))
    options = parser.parse_args()
    unknown = set(options.names) - EVALUATIONS.keys()
    if unknown:
        parser.error(f"no evaluation named {', '.join(sorted(unknown))}")
    data = corpus.data_folder(options.data)
    there = [name for name in EVALUATIONS if (CHECKPOINTS / name).exists()]
    for name in options.names or there:
        run(name, data)
        print(f"{name}: figures in {CHECKPOINTS.name}/{name}/{metrics.FILE}")
    headlines.write(ROOT)


if __name__ == "__main__":
    main()
