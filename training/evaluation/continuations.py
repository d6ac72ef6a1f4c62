"""How held-out stories go on after a prompt, in the figures that many draws are compared with.

python -m training.evaluation.continuations --data FOLDER

Writes `held-out-continuations.json` beside the storyteller's weights: figures of the first 200
held-out simple stories that begin with the prompt, by how many tokens after it are looked at. No
text of theirs is kept.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path

import torch

from analysis.texts.figures import distinct, repeated
from models.contract import C, LanguageModel
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from training.data import corpus
from training.storyteller import SIMPLE

FOLDER = Path("checkpoints/storyteller")
FILE = "held-out-continuations.json"
PROMPT = "Once upon a time, there was a"
TEXTS, LONGEST = 200, 24
GRAM = 2


def continuations(
    tokenizer: Tokenizer, documents: Sequence[str], prompt: str, texts: int, longest: int
) -> tuple[list[int], list[list[int]]]:
    """The ids of the prompt, and of what follows it in the first documents that begin with it.

    Those whose tokens do not begin with those of the prompt, or that are shorter, are left out.
    Raises ValueError where there are too few.
    """
    begun = tokenizer.encode(prompt)
    found = [
        ids[len(begun) : len(begun) + longest]
        for ids in map(tokenizer.encode, (one for one in documents if one.startswith(prompt)))
        if ids[: len(begun)] == begun and len(ids) >= len(begun) + longest
    ]
    if len(found) < texts:
        raise ValueError(f"Only {len(found)} held-out stories go on after {prompt!r}.")
    return begun, found[:texts]


@torch.inference_mode()
def bits(
    model: LanguageModel[C], before: Sequence[int], rows: Sequence[Sequence[int]]
) -> torch.Tensor:
    """Surprisal of every token of the rows after what stands before all of them: (rows, tokens)."""
    ids = torch.tensor([[*before, *row] for row in rows])
    logs = model.forward(ids[:, :-1])[:, len(before) - 1 :].double().log_softmax(-1)
    came = ids[:, len(before) :, None]
    return -logs.gather(2, came)[..., 0] / math.log(2)


def measured(
    model: LanguageModel[C], tokenizer: Tokenizer, documents: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Figures by the number of tokens; the fields of `inference.text.held_out.HeldOut`."""
    prompt, rows = continuations(tokenizer, documents, PROMPT, TEXTS, LONGEST)
    costs = bits(model, [tokenizer.end_of_text, *prompt], rows)
    found = {}
    for tokens in range(1, LONGEST + 1):
        some = [row[:tokens] for row in rows]
        shares = {f"distinct_{n}": distinct(some, n) for n in (1, 2, 3)}
        figures = {
            "bits": float(costs[:, :tokens].mean()),
            **shares,
            "repeated": repeated(some, GRAM),
        }
        kept = {key: round(value, 5) for key, value in figures.items() if not math.isnan(value)}
        if len(kept) == len(figures):
            found[str(tokens)] = {"texts": len(some), "tokens": tokens, **kept}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="the folder with the corpora; else ORRERY_DATA")
    data = corpus.data_folder(parser.parse_args().data)
    documents = [one.text for one in corpus.read(data / SIMPLE) if one.split == "heldout"]
    found = {
        "prompt": PROMPT,
        "of": "held-out simple stories that begin with the prompt; figures of what follows it",
        "by": "python -m training.evaluation.continuations",
        "figures": measured(checkpoint.load(FOLDER), Tokenizer.load(FOLDER), documents),
    }
    (FOLDER / FILE).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
