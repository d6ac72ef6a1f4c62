"""Text of our own making, in the files and formats of the corpora: data/README.md describes them.

    python -m training.grammar FOLDER

A stranger without the corpora trains every model on it (`make train-tiny`), and so do the tests.
The grammar is small enough to be learned in seconds and rich enough to have what is measured:
word forms, families, capitals of invented countries, and sentences in two languages.
"""

from __future__ import annotations

import argparse
import json
import lzma
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from learning.grammar import (
    BEINGS,
    COUNTRIES,
    FAMILY,
    PLACES,
    QUALITIES,
    VERBS,
    sentence,
)
from models import files
from training.data import pairs


def pair(random: np.random.Generator) -> tuple[str, str]:
    """The same sentence in English and in French."""
    being, place = BEINGS[random.integers(len(BEINGS))], PLACES[random.integers(len(PLACES))]
    _, _, present, french = VERBS[random.integers(len(VERBS))]
    english = f"The {being[0]} {present} {place[2]}."
    return english, f"{being[2].capitalize()} {french} {place[3]}."


def documents(random: np.random.Generator, count: int, paragraphs: int) -> Iterator[dict[str, str]]:
    """Stories of `paragraphs` lines; every fifth is held out."""
    for number in range(count):
        lines = [" ".join(sentence(random) for _ in range(4)) for _ in range(paragraphs)]
        yield {
            "title": f"Tale {number + 1}",
            "source": "the grammar of this project",
            "text": "\n".join(lines) + "\n",
            "split": "heldout" if number % 5 == 4 else "train",
        }


def factbook() -> Iterator[dict[str, str]]:
    """One document a country, in the words of the fields that `training.facts` reads."""
    for country, capital, adjective, currency in COUNTRIES:
        lines = (
            "Map references: Europe",
            f"conventional short form: {country}",
            f"name: {capital}",
            f"adjective: {adjective}",
            f"Currency: {currency} (XXX) per US dollar -",
            f"Languages: {adjective} (official)",
        )
        source = "the grammar of this project"
        yield {"title": country, "source": source, "text": "\n".join(lines), "split": "train"}


def questions() -> dict[str, list[tuple[str, ...]]]:
    """The pairs of every relation that is measured."""
    return {
        "capital-common-countries": [(capital, country) for country, capital, *_ in COUNTRIES],
        "family": list(FAMILY),
        "gram3-comparative": list(QUALITIES),
        "gram5-present-participle": [verb[2:0:-1] for verb in VERBS],
        "gram7-past-tense": [verb[1::-1] for verb in VERBS],
        "gram8-plural": [noun[:2] for noun in (*BEINGS, *PLACES)],
    }


def alike() -> Iterator[str]:
    """Pairs of words with a score: two of one kind are alike, two of different kinds are not."""
    kinds: Sequence[Sequence[tuple[str, ...]]] = (BEINGS, PLACES, VERBS, QUALITIES)
    for kind, other in zip(kinds, [*kinds[1:], kinds[0]], strict=True):
        for one, two, far in zip(kind, kind[1:], other[1:], strict=False):
            yield f"{one[0]}\t{two[0]}\t9.0"
            yield f"{one[0]}\t{far[0]}\t1.0"


def write(folder: Path, seed: int = 0, tales: int = 20, paragraphs: int = 12) -> None:
    """Every file that the trainers and the evaluation read."""
    random = np.random.default_rng(seed)
    for name in ("stories", "novels"):
        _pack(folder / f"{name}.jsonl.xz", map(_line, documents(random, tales, paragraphs)))
    for name in ("simple", "modern"):
        _pack(folder / f"{name}.jsonl.xz", map(_line, documents(random, 10 * tales, 1)))
    _pack(folder / "factbook.jsonl.xz", map(_line, factbook()))
    _pack(folder / pairs.FILE, ("\t".join(pair(random)) for _ in range(40 * tales)))
    for relation, related in questions().items():
        lines = [" ".join((*one, *two)) for one in related for two in related if one != two]
        _write(folder / "eval" / "analogies" / f"{relation}.txt", lines)
    for name in ("WS-353-SIM", "WS-353-REL", "WS-353-ALL", "RG-65", "MTurk-771"):
        _write(folder / "eval" / "similarity" / f"EN-{name}.txt", alike())


def _line(document: dict[str, str]) -> str:
    return json.dumps(document, ensure_ascii=False)


def _pack(path: Path, lines: Iterable[str]) -> None:
    with files.replacing(path) as aside, lzma.open(aside, "wt", encoding="utf-8", preset=0) as file:
        file.writelines(f"{line}\n" for line in lines)


def _write(path: Path, lines: Iterable[str]) -> None:
    files.write_text(path, "".join(f"{line}\n" for line in lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the files go")
    folder = parser.parse_args().folder
    write(folder)
    print(f"A tiny corpus is in {folder}; pass it as --data.")


if __name__ == "__main__":
    main()
