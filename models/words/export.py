"""Writes word vectors as a file of word2vec, which gensim and most other programs open.

python -m models.words.export skip-gram-1 vectors.bin
python -m models.words.export glove vectors.txt --text
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from models import files
from models.words import vectors as word_vectors
from models.words.vectors import WordVectors

FOLDER = Path(__file__).parents[2] / "checkpoints" / "word-vectors"
DENSE = tuple(name for name in word_vectors.NAMES if name != "ppmi")


def export(vectors: WordVectors, path: Path, text: bool = False) -> None:
    """Write every word with its vector of length 1, the commonest first.

    text: in digits that give the same float32 back, instead of its four bytes. Raises ValueError
    for a table of counts, which has a dimension for every word.
    """
    if vectors.contexts is not None:
        raise ValueError("A table of counts is no matrix; write its reduced form, ppmi-svd.")
    with files.replacing(path) as aside, aside.open("wb") as written:
        written.write(f"{len(vectors.words)} {len(vectors.unit[0])}\n".encode())
        for row, word in enumerate(vectors.words):
            numbers = np.asarray(vectors.unit[row], dtype="<f4")
            if text:
                digits = " ".join(np.format_float_positional(one, trim="-") for one in numbers)
                written.write(f"{word} {digits}\n".encode())
            else:
                written.write(word.encode() + b" " + numbers.tobytes() + b"\n")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m models.words.export")
    parser.add_argument("name", choices=DENSE, help="the vectors")
    parser.add_argument("path", type=Path, help="the file to write")
    parser.add_argument("--text", action="store_true", help="digits instead of bytes")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the vectors are")
    given = parser.parse_args()
    try:
        export(word_vectors.load(given.folder, given.name), given.path, given.text)
    except (OSError, ValueError) as error:
        sys.exit(f"Not written: {error}")


if __name__ == "__main__":
    main()
