"""Takes the commonest first names out of the corpus of names, for `learning/names.py`.

    python -m training.data.names --data FOLDER

The corpus ranks the names of girls, then those of boys; 18,029 lines are of girls.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Sequence

from learning import names
from models import files
from training.data import corpus
from training.data.slurs import is_slur

GIRLS = 18_029  # lines of the corpus before the commonest name of a boy
COUNT = 10_000


def commonest(ranked: Sequence[str], girls: int = GIRLS, count: int = COUNT) -> list[str]:
    """The first so many different names, girls and boys in turn by their rank; no slurs."""
    pairs = itertools.zip_longest(ranked[:girls], ranked[girls:])
    found = dict.fromkeys(name for pair in pairs for name in pair if name and not is_slur(name))
    return list(found)[:count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with the corpora (default: ORRERY_DATA)")
    path = corpus.data_folder(parser.parse_args().data) / "names.txt"
    chosen = commonest(path.read_text(encoding="utf-8").split())
    files.write_text(names.FILE, "\n".join(chosen) + "\n")


if __name__ == "__main__":
    main()
