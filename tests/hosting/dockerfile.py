"""The Dockerfile, read line by line."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def instructions() -> list[tuple[str, str]]:
    """(instruction, the rest of it), in order; lines that go on are joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    plain = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", "")
    pairs = (line.split(maxsplit=1) for line in plain.splitlines() if line)
    return [(name, rest) for name, rest in pairs]


def last_stage() -> list[tuple[str, str]]:
    """The instructions of the stage that becomes the image."""
    found = instructions()
    begins = max(place for place, (name, _) in enumerate(found) if name == "FROM")
    return found[begins:]


def every(name: str, stage: list[tuple[str, str]]) -> list[str]:
    return [rest for other, rest in stage if other == name]


def environment() -> dict[str, str]:
    """What ENV sets in the image."""
    return dict(one.split("=", 1) for rest in every("ENV", last_stage()) for one in rest.split())


def copied() -> list[tuple[str, str]]:
    """Files and folders of the repository that the image has: (source, target)."""
    pairs = []
    for rest in every("COPY", last_stage()):
        if not rest.startswith("--from"):
            *sources, target = rest.split()
            pairs += [(one, one if target == "./" else target) for one in sources]
    return pairs
