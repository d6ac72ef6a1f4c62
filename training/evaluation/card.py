"""The parts of a model card that are written by code, between markers that name them.

    python -m training.card --data FOLDER

writes the lists of CC BY stories and textbooks, which their licence asks for, into every card that
has a place for them, between `<!-- sources -->` and `<!-- /sources -->`, `<!-- textbooks -->` and
`<!-- /textbooks -->`, and the list of books into data/README.md. The figures are written by
`training.evaluate`.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from models import files
from training import paths
from training.data import corpus


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
    files.write_text(path, replaced)


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


def books(documents: Iterable[corpus.Document]) -> str:
    """Title, author, source and split of every document in the public domain."""
    free = (d for d in documents if "CC BY" not in d.source)
    rows = sorted((d.title, d.author or "not named", d.source, d.split) for d in free)
    return table(["Title", "Author", "Source", "Split"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    paths.add_flags(parser)
    where = paths.from_flags(parser.parse_args())
    stories = list(corpus.read(where.data / "stories.jsonl.xz"))
    novels = corpus.read(where.data / "novels.jsonl.xz")
    modern = corpus.read(where.data / "modern.jsonl.xz")
    textbooks = [one for one in modern if one.source.startswith("OpenStax")]
    for path in sorted(where.checkpoints.glob("*/README.md")):
        for block, documents in (("sources", stories), ("textbooks", textbooks)):
            if f"<!-- {block} -->" in path.read_text(encoding="utf-8"):
                rewrite(path, block, attribution(documents))
    rewrite(Path("data/README.md"), "books", books([*stories, *novels]))


if __name__ == "__main__":
    main()
