"""Counts how often every token stands in the text that its tokenizer was trained on.

    python -m training.token_counts --data FOLDER [name] ...

The storyteller reads the byte-level BPE, so there the simple stories are counted too. Writes
`uses.json` into the folder of each tokenizer.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from models import files
from models.text.tokenizer import Tokenizer
from models.text.uses import OLD, PAIRS, SIMPLE, USES
from training import paths
from training.data import corpus, pairs
from training.tokenizers import NAMES, sentences

FILES = {OLD: "stories.jsonl.xz", SIMPLE: "simple.jsonl.xz"}
TEXTS = {"byte-bpe": (OLD, SIMPLE), "multilingual": (PAIRS,)}
"""Which texts are counted; of any other tokenizer, the old stories."""
PART = 100  # texts that are cut at once: the library needs much memory for a long list


def counts(tokenizer: Tokenizer, texts: Iterable[str]) -> list[int]:
    """By id: how often each token stands in these texts, once through."""
    seen: Counter[int] = Counter()
    rest = iter(texts)
    while some := list(islice(rest, PART)):
        for ids in tokenizer.encode_batch(some):
            seen.update(ids)
    return [seen[token] for token in range(tokenizer.vocabulary)]


def texts_of(name: str, where: paths.Paths) -> Iterator[str]:
    """The training text of this name."""
    if name == PAIRS:
        yield from sentences(where.data / pairs.FILE, 4_096)
        return
    for document in corpus.read(where.data / FILES[name]):
        if document.split == "train":
            yield document.text


def write(where: paths.Paths, names: Sequence[str] = NAMES) -> None:
    """Count for these tokenizers. Raises CorpusError, and ValueError of a damaged tokenizer."""
    for name in names:
        folder = where.checkpoints / "tokenizers" / name
        tokenizer = Tokenizer.load(folder)
        found = {text: counts(tokenizer, texts_of(text, where)) for text in TEXTS.get(name, (OLD,))}
        files.write_text(folder / USES, json.dumps(found) + "\n")
        told = ", ".join(f"{sum(seen):,} in {text}" for text, seen in found.items())
        print(f"{name}: {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    paths.add_flags(parser)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    flags = parser.parse_args()
    write(paths.from_flags(flags), flags.names or NAMES)


if __name__ == "__main__":
    main()
