"""Reads the English-French sentence pairs: one pair a line, a tab between, xz-compressed."""

from __future__ import annotations

import hashlib
import lzma
import re
from collections.abc import Iterable, Iterator
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


def bare(english: str) -> str:
    """A sentence without case and punctuation: its words and single spaces."""
    return " ".join(re.findall(r"\w+", english.casefold()))


def split(found: Iterable[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Pairs for training, and those held out, each in order.

    A pair whose English is held out but for case and punctuation is in neither part.
    """
    every = list(found)
    held = [pair for pair in every if pair.split == "heldout"]
    known = {bare(pair.english) for pair in held}
    unlike = [p for p in every if p.split == "train" and bare(p.english) not in known]
    return unlike, held
