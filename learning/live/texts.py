"""The texts of a live training, cut into characters, with a part that is never trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from learning import grammar, names
from learning.live.training import DIFFERENT
from models.text.letters import OTHER

FEW = 300
SENTENCES = 3_000
LINES = 4_000
CONSONANTS, VOWELS, VOWELS_BETWEEN = "bdfgklmnprstvz", "aeiou", 8
MOST = DIFFERENT - 1  # different characters; the others of a text become one
SHARE = 10  # one in so many lines, or of a running text so much of its end, is held out
SHORT, ENOUGH = 40, 40  # a text of so many lines, none longer, is a list


@dataclass(frozen=True)
class Corpus:
    """A text as ids, in two parts."""

    alphabet: str
    """Sorted; the id of a character is its place."""
    train: NDArray[np.int64]
    heldout: NDArray[np.int64]
    listed: bool
    """A list: every line is a text of its own, and one that is written ends with its line."""
    lines: tuple[tuple[str, ...], tuple[str, ...]]
    """Of a list, the lines of both parts."""

    @cached_property
    def start(self) -> int:
        """What stands before a text that the model is to write: a line end, or the first character
        of the text where there is none."""
        return self.alphabet.index("\n") if "\n" in self.alphabet else int(self.train[0])

    def spell(self, ids: Sequence[int]) -> str:
        return "".join(self.alphabet[i] for i in ids)


def corpus(name: str, own: str = "") -> Corpus:
    """The built-in text of this name, or `own` for the name own. Raises KeyError for any other."""
    if name == "own":
        return of_text(own)
    if name in ("names", "few names"):
        train, heldout = parted(names.read())
        return of_lines(train[:FEW] if name == "few names" else train, heldout)
    if name == "grammar":
        random = np.random.default_rng(0)
        return of_text("\n".join(grammar.sentence(random) for _ in range(SENTENCES)))
    return of_lines(*{"memory": lambda: parted(memory())}[name]())


def memory() -> tuple[str, ...]:
    """Lines that end with the consonant that they begin with, vowels in between."""
    random = np.random.default_rng(0)
    ends = random.choice(list(CONSONANTS), LINES)
    between = random.choice(list(VOWELS), (LINES, VOWELS_BETWEEN))
    return tuple(f"{end}{''.join(row)}{end}" for end, row in zip(ends, between, strict=True))


def parted(lines: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines in another order, the same always, and the tenth of them that is held out."""
    mixed = [lines[i] for i in np.random.default_rng(0).permutation(len(lines))]
    count = len(mixed) // SHARE
    return tuple(mixed[count:]), tuple(mixed[:count])


def of_lines(train: Sequence[str], heldout: Sequence[str]) -> Corpus:
    """A list: every line begins after a line end."""
    alphabet = "".join(sorted({"\n", *"".join(train), *"".join(heldout)}))
    texts = ["".join(f"\n{line}" for line in part) + "\n" for part in (train, heldout)]
    ids = [_ids(text, alphabet) for text in texts]
    return Corpus(alphabet, ids[0], ids[1], True, (tuple(train), tuple(heldout)))


def of_text(text: str) -> Corpus:
    """Somebody's own text: a list of short lines, or running text, whose end is held out.

    Of more than 256 different characters the rarest are read as U+FFFD.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    common = Counter(text).most_common()
    if len(common) > MOST + 1:
        kept = {character for character, _ in common[:MOST]}
        text = "".join(character if character in kept else OTHER for character in text)
    lines = [line for line in text.split("\n") if line]
    if len(lines) >= ENOUGH and max(map(len, lines)) <= SHORT:
        return of_lines(*parted(lines))
    alphabet = "".join(sorted(set(text)))
    ids = _ids(text, alphabet)
    cut = len(ids) - len(ids) // SHARE
    return Corpus(alphabet, ids[:cut], ids[cut:], False, ((), ()))


def _ids(text: str, alphabet: str) -> NDArray[np.int64]:
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    places = np.frombuffer(alphabet.encode("utf-32-le"), dtype=np.uint32)
    return np.searchsorted(places, points).astype(np.int64)
