"""The training text of the word vectors: words in lower case, one paragraph a line.

Old books hardly know computers, bananas and cars; the English half of the sentence pairs does, in
today's words. Paragraphs, sentences and generated facts are shuffled together once, so that nothing
is always read with the learning rate of the last minutes.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from models import files
from training.data import corpus, facts, pairs
from training.data.slurs import is_slur

CORPORA = ("stories.jsonl.xz", "novels.jsonl.xz", facts.FACTBOOK)
LONGEST = 1000  # words a line; gensim silently drops what follows the 10,000th

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


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
                yield from lines_of(paragraph)


def english_sentences(found: Iterable[pairs.Pair]) -> Iterator[list[str]]:
    """Every different English sentence of the training pairs as words, in order."""
    for sentence in dict.fromkeys(pair.english for pair in found if pair.split == "train"):
        yield from lines_of(sentence)


def lines_of(text: str) -> Iterator[list[str]]:
    """The words of a paragraph, in as many lines as it takes; none where it has no words."""
    words = words_of(text)
    for start in range(0, len(words), LONGEST):
        yield words[start : start + LONGEST]


def write(data: Path, path: Path, facts_share: float, seed: int) -> None:
    """Write the corpora to `path`, with generated facts up to `facts_share` of all words."""
    documents = (document for name in CORPORA for document in corpus.read(data / name))
    found = chain(sentences(documents), english_sentences(pairs.read(data / pairs.FILE)))
    lines = [" ".join(words) for words in found]
    read = sum(len(line.split()) for line in lines)
    most = int(read * facts_share / (1 - facts_share))
    told = facts.sentences(corpus.read(data / facts.FACTBOOK), most, seed)
    lines += [" ".join(words_of(sentence)) for sentence in told]
    random.Random(seed).shuffle(lines)
    with files.replacing(path) as aside, aside.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def vocabulary(path: Path, min_count: int) -> dict[str, int]:
    """Words seen `min_count` times or more and their counts, commonest first, without slurs."""
    counts: Counter[str] = Counter()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            counts.update(line.split())
    kept = [(w, n) for w, n in counts.items() if n >= min_count and not is_slur(w)]
    return dict(sorted(kept, key=lambda pair: (-pair[1], pair[0])))
