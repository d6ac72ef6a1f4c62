"""Damaged folders, byte by byte: each opens or is refused with a sentence, and nothing else."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from models.hub.load import load
from models.hub.policy import HubError

FILES = ["config.json", "tokenizer.json", "model.safetensors"]
PLACES = [(kind, file) for kind in ("gpt2", "llama", "bert", "marian") for file in FILES]
PLACES += [(kind, "generation_config.json") for kind in ("gpt2", "llama", "marian")]
HEADER = 3_000  # bytes of the weights' file in which damage can mean anything
ROUNDS = 8  # 60 were clean, too


def damaged(content: bytes, seed: int) -> bytes:
    """A few bytes changed, cut out, or turned into what JSON is made of."""
    rng = random.Random(seed)
    changed = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 5])):
        place = rng.randrange(min(len(changed) - 30, HEADER))
        how = rng.randrange(3)
        if how == 0:
            changed[place] = rng.randrange(256)
        elif how == 1:
            changed[place] = rng.choice(b'0123456789"{}[],:-.e')
        else:
            del changed[place : place + rng.randrange(1, 20)]
    return bytes(changed)


@pytest.mark.parametrize(("kind", "file"), PLACES)
def test_t23_damage_ends_in_a_sentence(
    kind: str, file: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    whole: Path = request.getfixturevalue(f"{kind}_folder")
    content = (whole / file).read_bytes()
    refused = 0
    for seed in range(ROUNDS):
        folder = Path(shutil.copytree(whole, tmp_path / str(seed)))
        (folder / file).write_bytes(damaged(content, seed))
        try:
            load(str(folder))
        except HubError as error:
            refused += 1
            assert str(error).endswith(".")
            assert str(tmp_path) not in str(error)
    assert refused or file == "generation_config.json"
