"""Five decoding strategies in one batch, against five calls of CTranslate2 in float32 and in int8.

    pip install ctranslate2, in an environment of its own beside the requirements, then
    python -m benchmarks.ctranslate

As `benchmarks.decoding`: the same checkpoint, one thread, 128 tokens. CTranslate2 is a runtime in
C++ that many serve small models with; int8 rounds the weights, which ours does not. It fails where
greedy decoding in float32 writes other tokens than ours.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import ctranslate2
import torch

from benchmarks.decoding import (
    CHECKPOINT,
    HEAD,
    NEW_TOKENS,
    PROMPT,
    Contest,
    Texts,
    ours,
    timed,
)
from inference.types.options import LaneOptions, five_lanes
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.fast import FastTransformer

SAME_STRATEGIES: dict[str, dict[str, Any]] = {
    "Greedy": {"beam_size": 1, "sampling_topk": 1},
    "Temperature": {"sampling_topk": 0, "sampling_temperature": 0.8},
    "Top-k": {"sampling_topk": 40},
    "Top-p": {"sampling_topk": 0, "sampling_topp": 0.9},
    "Beam": {"beam_size": 4, "length_penalty": 0},
}


def theirs(
    model: ctranslate2.Generator, prompt: list[str], options: tuple[LaneOptions, ...]
) -> Texts:
    """One call after another."""
    texts: Texts = {}
    for lane in options:
        (found,) = model.generate_batch(
            [prompt],
            min_length=NEW_TOKENS,
            max_length=NEW_TOKENS,
            include_prompt_in_result=False,
            **SAME_STRATEGIES[lane.name],
        )
        texts[lane.name] = found.sequences_ids[0]
    return texts


def compete(
    kind: str, us: FastTransformer, them: ctranslate2.Generator, names: list[str], rounds: int
) -> None:
    """Contests with one kind of weights, each printed when it is over."""
    ids = Tokenizer.load(CHECKPOINT).encode(PROMPT)
    prompt = [names[one] for one in ids]
    for name, options in (("one greedy row", five_lanes()[:1]), ("five lanes", five_lanes())):
        measured = Contest(f"{kind}, {name}", [], [])
        for number in range(rounds + 1):
            our_texts, our_seconds = timed(lambda: ours(us, ids, options))  # noqa: B023
            their_texts, their_seconds = timed(
                lambda: theirs(them, prompt, options),  # noqa: B023
                time.process_time,
            )
            if any(len(text) != NEW_TOKENS for text in their_texts.values()):
                sys.exit(f"{name}: CTranslate2 did not write {NEW_TOKENS} tokens everywhere.")
            if kind == "float32" and our_texts["Greedy"] != their_texts["Greedy"]:
                sys.exit("Greedy: our tokens differ from those of CTranslate2.")
            if number:  # after one to warm up
                measured.ours.append(our_seconds)
                measured.theirs.append(their_seconds)
        print(measured.row(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="at least 7 for a steady median")
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    us = FastTransformer(checkpoint.load(CHECKPOINT))
    with tempfile.TemporaryDirectory() as folder:
        ctranslate2.converters.TransformersConverter(str(CHECKPOINT)).convert(folder, force=True)
        names = json.loads((Path(folder) / "vocabulary.json").read_text(encoding="utf-8"))
        print(f"CTranslate2 {ctranslate2.__version__}, {rounds} rounds in turns; medians.\n{HEAD}")
        for kind in ("float32", "int8"):
            them = ctranslate2.Generator(folder, compute_type=kind, intra_threads=1)
            compete(kind, us, them, names, rounds)


if __name__ == "__main__":
    main()
