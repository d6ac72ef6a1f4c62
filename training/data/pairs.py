"""Reads the English-French sentence pairs: one pair a line, a tab between, xz-compressed."""

from __future__ import annotations

import hashlib
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.data.corpus import CorpusError, Split
from training.data.slurs import has_slur

FILE = "eng-fra.tsv.xz"
ONE_IN = 50  # English sentences that are held out


@dataclass(frozen=True)
class Pair:
    """A sentence in two languages."""

    english: str
    french: str

    @property
    def split(self) -> Split:
        """Held out by the English sentence's hash, so that none is in both parts.

        The first 8 hexadecimal digits of its SHA-256 as a number; held out where 50 divides it.
        """
        digest = hashlib.sha256(self.english.encode()).hexdigest()
        return "train" if int(digest[:8], 16) % ONE_IN else "heldout"


def read(path: Path) -> Iterator[Pair]:
    """Every pair of a `.tsv.xz` file but those with a slur, in order. Raises CorpusError."""
    number = 0
    try:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                cells = line.rstrip("\n").split("\t")
                if len(cells) != 2 or not all(cells):
                    raise CorpusError(f"{path.name}, line {number}: not two sentences and a tab.")
                if not has_slur(line):
                    yield Pair(*cells)
    except FileNotFoundError as error:
        raise CorpusError(f"{path} does not exist; is --data the right folder?") from error
    except (lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path.name} is damaged after line {number}: {error}") from error
