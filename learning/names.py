"""Ten thousand first names: a text that is small enough to learn in seconds.

The commonest names given to girls and to boys in the United States in 2018, by rank, from the
statistics of the Social Security Administration (facts, public domain). In lower case, a to z.
`training/data/names.py` wrote the file.
"""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).with_suffix(".txt")


def read() -> tuple[str, ...]:
    """The names, the commonest first."""
    return tuple(FILE.read_text(encoding="utf-8").split())
