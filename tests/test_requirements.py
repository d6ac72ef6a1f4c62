"""requirements.lock pins, with hashes, everything that requirements.txt asks for but torch."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PINNED = re.compile(
    r"^([a-z0-9._-]+)==(\S+) \\$((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?$)+)", re.M
)


def asked() -> list[Requirement]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    return [Requirement(line) for line in lines]


def test_the_lock_satisfies_every_requirement_with_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {name: version for name, version, _ in PINNED.findall(text)}
    assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.M))  # nothing without a hash
    for requirement in asked():
        if requirement.name == "torch":
            continue
        version = pinned[requirement.name.lower().replace("_", "-")]
        assert requirement.specifier.contains(version), requirement


def test_nothing_is_asked_for_twice() -> None:
    names = [requirement.name for requirement in asked()]
    assert len(names) == len(set(names))
