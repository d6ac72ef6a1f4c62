"""The parts of a model card that are written by code, between markers that name them.

    python -m training.card --data FOLDER checkpoints/storyteller checkpoints/word-vectors

writes the list of CC BY stories, which their licence asks for, between `<!-- sources -->` and
`<!-- /sources -->`. The figures are written by `training.evaluate`.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from training import corpus


class CardError(ValueError):
    """A model card lacks the markers that the text was to stand between."""


def rewrite(path: Path, block: str, content: str) -> None:
    """Replace what stands between the markers of `block`. Raises CardError without them."""
    text = path.read_text(encoding="utf-8")
    opening, closing = f"<!-- {block} -->", f"<!-- /{block} -->"
    marked = re.compile(re.escape(opening) + ".*?" + re.escape(closing), re.DOTALL)
    replaced, found = marked.subn(lambda _: f"{opening}\n{content}\n{closing}", text)
    if found != 1:
        raise CardError(f"{path} needs one pair of {opening} and {closing}; it has {found}.")
    path.write_text(replaced, encoding="utf-8")


def table(header: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = False) -> str:
    """A Markdown table; with `numbers`, all columns but the first are set to the right."""
    rule = ["---"] + ["---:" if numbers else "---"] * (len(header) - 1)
    return "\n".join(_line(cells) for cells in (header, rule, *rows))


def _line(cells: Sequence[str]) -> str:
    safe = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(safe)} |"


def attribution(documents: Iterable[corpus.Document]) -> str:
    """Title, author and source of every CC BY document that a model was trained on."""
    licensed = (d for d in documents if d.split == "train" and "CC BY" in d.source)
    rows = sorted((d.title, d.author or "not named", d.source) for d in licensed)
    return table(["Title", "Author", "Source and licence"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with the corpora (default: ORRERY_DATA)")
    parser.add_argument("checkpoints", nargs="+", type=Path, help="folders whose card to rewrite")
    options = parser.parse_args()
    stories = corpus.data_folder(options.data) / "stories.jsonl.xz"
    listed = attribution(corpus.read(stories))
    for folder in options.checkpoints:
        rewrite(folder / "README.md", "sources", listed)


if __name__ == "__main__":
    main()
