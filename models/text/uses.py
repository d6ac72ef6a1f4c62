"""How often every token stands in a training text, as `training.token_counts` has counted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from models.files import CheckpointError, read_json

USES = "uses.json"
OLD, SIMPLE, PAIRS = "the old stories", "the simple stories", "the sentence pairs"
Uses = Mapping[str, tuple[int, ...]]
"""By the name of a text: counts by id, of the text once through."""


def load(folder: Path, vocabulary: int) -> Uses:
    """Nothing where nobody has counted. Raises CheckpointError of a damaged file."""
    if not (folder / USES).exists():
        return {}
    content = read_json(folder / USES)
    if not isinstance(content, dict):
        raise CheckpointError(f"{USES} in {folder.name} is not a JSON object.")
    for counts in content.values():
        if not isinstance(counts, list) or len(counts) != vocabulary:
            raise CheckpointError(f"{USES} in {folder.name} does not hold a count for every token.")
        if not all(isinstance(one, int) and one >= 0 for one in counts):
            raise CheckpointError(f"{USES} in {folder.name} holds what is no count.")
    return {str(text): tuple(counts) for text, counts in content.items()}
