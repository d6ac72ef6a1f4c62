"""What the service hands out of word vectors, and their published figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from inference.errors import ModelUnavailable
from models.files import read_json
from models.words.contexts import Contexts as Contexts
from models.words.left_out import times_seen as times_seen
from models.words.lookup import Word as Word
from models.words.lookup import plain as plain
from models.words.maps import NEIGHBOURS as NEIGHBOURS
from models.words.maps import Map as Map
from models.words.maps import Maps as Maps
from models.words.vectors import NEAREST as NEAREST
from models.words.vectors import WordVectors as WordVectors

if TYPE_CHECKING:
    from inference.catalog import Catalog

FOLDER = "word-vectors"
GOOGLE = "Analogies: share of the covered even-numbered questions"
"""The heading of the figures in metrics.json: Mikolov et al. 2013, arXiv 1301.3781."""
MEASURED = {
    "skip-gram-1": "skip-gram, mean of 3",
    "cbow": "CBOW",
    "fasttext": "fastText",
    "glove": "GloVe",
    "ppmi-svd": "PPMI, SVD",
    "ppmi": "PPMI",
}
"""What the figures call a model."""


def published(catalog: Catalog) -> Mapping[str, Mapping[str, float | None]]:
    """Of every relation of Google's questions, and of `all`, the share that a model answers right.

    By the names of relation and model. Raises ModelUnavailable where they cannot be read.
    """
    path = catalog.checkpoints / FOLDER / "metrics.json"
    try:
        rows = read_json(path)["figures"][GOOGLE]
        return {
            relation: {name: row[title] for name, title in MEASURED.items() if title in row}
            for relation, row in rows.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"its figures in {path.name} cannot be read."
        raise ModelUnavailable(FOLDER, reason) from error
