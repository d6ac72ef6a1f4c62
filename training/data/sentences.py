"""The training text of the word vectors: words in lower case, one paragraph a line.

Old books hardly know computers, bananas and cars; the English half of the sentence pairs does, in
today's words. Paragraphs, sentences and generated facts are shuffled together once, so that nothing
is always read with the learning rate of the last minutes.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models import files
from training.data import corpus, facts, pairs
from training.data.slurs import is_slur

CORPORA = (
    "stories.jsonl.xz",
    "novels.jsonl.xz",
    facts.FACTBOOK,
    "simple.jsonl.xz",
    "modern.jsonl.xz",
)
LONGEST = 1000  # words a line; gensim silently drops what follows the 10,000th


@dataclass(frozen=True)
class Least:
    """What a word needs to be in the vocabulary."""

    count: int = 10
    documents: int = 2
    """Names of a single book would be among the neighbours of king and jew."""


WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def words_of(text: str) -> list[str]:
    """The words of a text in lower case: letters, with apostrophes inside (don't, o'clock).

    A final 's is cut off, so that Alice's counts as alice; digits and punctuation are dropped.
    """
    return [word.removesuffix("'s") for word in WORD.findall(text.lower().replace("\u2019", "'"))]


def documents_of(data: Path) -> Iterator[list[str]]:
    """The lines of every training document: those of the corpora, then each English sentence.

    A sentence that stands in a corpus already, or in several pairs, is read once.
    """
    seen: set[str] = set()
    for name in CORPORA:
        for document in corpus.read(data / name):
            if document.split == "train":
                lines = [line for part in document.text.splitlines() for line in lines_of(part)]
                seen.update(lines)
                yield lines
    for pair in pairs.read(data / pairs.FILE):
        if pair.split == "train":
            new = [line for line in lines_of(pair.english) if line not in seen]
            seen.update(new)
            yield new


def lines_of(text: str) -> Iterator[str]:
    """A paragraph as words with spaces between, in as many lines as it takes; none without words.

    No window reaches over the end of a line.
    """
    words = words_of(text)
    for start in range(0, len(words), LONGEST):
        yield " ".join(words[start : start + LONGEST])


def write(data: Path, path: Path, facts_share: float, seed: int) -> Counter[str]:
    """Write the corpora to `path`, with generated facts up to `facts_share` of all words.

    Returns in how many documents each word stands; the facts count as one of them.
    """
    lines: list[str] = []
    documents: Counter[str] = Counter()
    for found in documents_of(data):
        lines += found
        documents.update({word for line in found for word in line.split()})
    most = int(sum(len(line.split()) for line in lines) * facts_share / (1 - facts_share))
    told = facts.sentences(corpus.read(data / facts.FACTBOOK), most, seed)
    told = [" ".join(words_of(sentence)) for sentence in told]
    documents.update({word for line in told for word in line.split()})
    lines += told
    random.Random(seed).shuffle(lines)
    with files.replacing(path) as aside, aside.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return documents


def vocabulary(path: Path, documents: Counter[str], least: Least) -> dict[str, int]:
    """Words that are seen often enough and their counts, commonest first, without slurs."""
    counts: Counter[str] = Counter()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            counts.update(line.split())
    often = ((w, n) for w, n in counts.items() if n >= least.count)
    kept = [(w, n) for w, n in often if documents[w] >= least.documents and not is_slur(w)]
    return dict(sorted(kept, key=lambda pair: (-pair[1], pair[0])))
