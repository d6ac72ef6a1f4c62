"""What every `python -m training.<name>` shares: folders, their flags, and reports on screen."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from learning.run import Progress
from training.data.corpus import data_folder


@dataclass(frozen=True)
class Paths:
    """Three folders, so that a run on other text never touches the committed models."""

    data: Path
    """The corpora."""
    checkpoints: Path
    """Finished models, one folder each."""
    runs: Path
    """What a stopped run goes on from; never committed."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """`--data`, `--checkpoints` and `--runs`."""
    parser.add_argument("--data", help="folder with the corpora (default: ORRERY_DATA)")
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints"))
    parser.add_argument("--runs", type=Path, default=Path("runs"))


def from_flags(flags: argparse.Namespace) -> Paths:
    """The paths that the flags name. Raises CorpusError where no corpora are named."""
    return Paths(data_folder(flags.data), flags.checkpoints, flags.runs)


def report(progress: Progress) -> None:
    """Print how far a run is, at once also into a file."""
    print(progress, flush=True)
