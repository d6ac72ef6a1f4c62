"""Trains the word vectors: skip-gram with negative sampling (Mikolov et al. 2013, 1310.4546).

    python -m training.word_vectors --data FOLDER

It needs a quarter of an hour on one core. One worker, because two race for the same vectors and
never give the same numbers twice.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gensim.models import Word2Vec
from gensim.models.keyedvectors import KeyedVectors

from models import word_vectors
from training import corpus
from training.slurs import is_slur

CHECKPOINT = Path("checkpoints/word-vectors")
RUN = Path("runs/word-vectors")
CORPORA = ("stories.jsonl.xz", "novels.jsonl.xz", "factbook.jsonl.xz")
SENTENCE = 1000  # words; gensim silently drops what follows the 10,000th
REPORT_SECONDS = 15.0

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


@dataclass(frozen=True)
class Recipe:
    """How one run trains; the defaults made the committed vectors."""

    width: int = 100
    window: int = 5  # words on either side, at most; each position draws its own from 1 to this
    negatives: int = 5
    subsample: float = 1e-4  # thins out words that are more frequent than this
    epochs: int = 5
    min_count: int = 20
    most_words: int = 30_000  # 100 numbers of 16 bit each: 6 MB
    seed: int = 20261122


def words_of(text: str) -> list[str]:
    """The words of a text in lower case: letters, with apostrophes inside (don't, o'clock).

    A final 's is cut off, so that Alice's counts as alice; digits and punctuation are dropped.
    """
    return [word.removesuffix("'s") for word in _WORD.findall(text.lower().replace("\u2019", "'"))]


def sentences(documents: Iterable[corpus.Document]) -> Iterator[list[str]]:
    """Paragraphs of the training documents as words; no window reaches over their ends."""
    for document in documents:
        if document.split == "train":
            for paragraph in document.text.splitlines():
                words = words_of(paragraph)
                for start in range(0, len(words), SENTENCE):
                    yield words[start : start + SENTENCE]


def write_sentences(parts: Iterable[list[str]], path: Path) -> int:
    """One sentence a line, so that training streams from disk; returns the number of words."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    total = 0
    with temporary.open("w", encoding="utf-8") as file:
        for words in parts:
            file.write(" ".join(words) + "\n")
            total += len(words)
    os.replace(temporary, path)
    return total


class Reader:
    """Streams the sentences once for the vocabulary and once an epoch, and reports as it goes."""

    def __init__(self, path: Path, epochs: int) -> None:
        self.path = path
        self.epochs = epochs
        self.epoch = -1  # the first pass counts words and trains nothing
        self.started = self.reported = 0.0

    def __iter__(self) -> Iterator[list[str]]:
        if self.epoch == 0:
            self.started = self.reported = time.monotonic()
        size, done = self.path.stat().st_size, 0
        with self.path.open("rb") as file:
            for line in file:
                done += len(line)
                if self.epoch >= 0 and time.monotonic() - self.reported > REPORT_SECONDS:
                    self.report((self.epoch + done / size) / self.epochs)
                yield line.decode().split()
        self.epoch += 1

    def report(self, share: float) -> None:
        self.reported = time.monotonic()
        left = (self.reported - self.started) * (1 - share) / share / 60
        print(f"epoch {self.epoch + 1}/{self.epochs}  {share:.1%}  {left:.1f} min left", flush=True)


def train(path: Path, recipe: Recipe) -> KeyedVectors:
    """Vectors and counts of every word that `path`, one sentence a line, holds often enough."""
    model = Word2Vec(
        Reader(path, recipe.epochs),
        sg=1,
        hs=0,
        vector_size=recipe.width,
        window=recipe.window,
        negative=recipe.negatives,
        sample=recipe.subsample,
        epochs=recipe.epochs,
        min_count=recipe.min_count,
        seed=recipe.seed,
        workers=1,
    )
    return model.wv


def store(vectors: KeyedVectors, most_words: int, folder: Path) -> int:
    """Write the most frequent words but slurs; returns how many. The old files stay until then."""
    words = [word for word in vectors.index_to_key if not is_slur(word)][:most_words]
    counts = [int(vectors.get_vecattr(word, "count")) for word in words]
    partial = folder.with_name(folder.name + ".partial")
    word_vectors.save(partial, words, counts, vectors[words])
    folder.mkdir(parents=True, exist_ok=True)
    for name in (word_vectors.WEIGHTS, word_vectors.VOCABULARY):
        os.replace(partial / name, folder / name)
    partial.rmdir()
    return len(words)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with the corpora (default: ORRERY_DATA)")
    folder = corpus.data_folder(parser.parse_args().data)
    recipe, text, started = Recipe(), RUN / "sentences.txt", time.monotonic()
    documents = (document for name in CORPORA for document in corpus.read(folder / name))
    total = write_sentences(sentences(documents), text)
    print(f"{total:,} training words in {text}", flush=True)
    kept = store(train(text, recipe), recipe.most_words, CHECKPOINT)
    minutes = (time.monotonic() - started) / 60
    print(f"{kept:,} words in {CHECKPOINT} after {minutes:.1f} min, {recipe}")


if __name__ == "__main__":
    main()
