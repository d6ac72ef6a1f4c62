"""A trained model as the files of a folder, as the collection has them."""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from learning.live.texts import Corpus
from learning.live.training import TITLES, Run, Settings
from models import files
from models.ladder import checkpoint as own_layout
from models.text.letters import Letters
from models.transformer import checkpoint
from models.transformer.model import Transformer

TEXTS = {
    "names": "10,000 first names",
    "few names": "300 first names",
    "grammar": "sentences of a small grammar",
    "memory": "lines that end with the letter that they begin with",
    "own": "a text of somebody's own",
}
OPENS = "It opens in plain `transformers`: `AutoModelForCausalLM` and `AutoTokenizer`."
OURS = "It opens by `models.loading.load` of Orrery, or `python app.py --model NAME=FOLDER`."


def folder_of(
    model: own_layout.OwnModel | Transformer, corpus: Corpus, card: str
) -> dict[str, bytes]:
    """Config, weights in 32 bit or counts, tokenizer and card, by the names of their files."""
    tokenizer = Letters(corpus.alphabet, corpus.listed)
    with TemporaryDirectory(prefix="orrery-") as name:
        folder = Path(name)
        if isinstance(model, Transformer):
            checkpoint.save(model, folder, torch.float32, tokenizer.end_of_text)
        else:
            own_layout.save(model, folder, torch.float32)
        tokenizer.save(folder, model.context)
        files.write_text(folder / "README.md", card)
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def card(settings: Settings, run: Run, listed: bool) -> str:
    """The model card. It names the text, and quotes nothing of one's own."""
    point = run.points[-1]
    losses = {
        "held-out text": point.heldout,
        "training text, measured the same way": point.train,
        "held-out text, counting pairs": run.bigram,
        "held-out text, guessing": math.log2(run.alphabet),
    }
    ends = (
        "Every line of the text was a text of its own: end-of-text stands before and after it."
        if listed
        else "The text ran on: there is no end-of-text."
    )
    return "\n".join(
        [
            "---\ntags:\n  - text-generation\n  - education\n---\n",
            f"# {TITLES[settings.model]}, trained while people watched\n",
            f"A small model over characters, trained in seconds by Orrery's bench. {ends}",
            OPENS if settings.model == "gpt" else OURS,
            "",
            *_table("setting", "value", _dials(settings, run)),
            "",
            f"Loss in bits per character, over {run.measured:,} characters of each text:\n",
            *_table("text", "loss", {name: _bits(value) for name, value in losses.items()}),
            "",
            "It was made to be looked at: it knows nothing but which characters follow which.",
            "",
        ]
    )


def _dials(settings: Settings, run: Run) -> dict[str, object]:
    """What was asked for, as far as it matters for this model."""
    counts = settings.model == "counted"
    dials = {
        "model": TITLES[settings.model],
        "text": TEXTS[settings.text],
        "counts" if counts else "weights": f"{run.parameters:,}",
        "characters in the vocabulary": run.alphabet,
        "characters trained on": f"{run.trained:,}",
    }
    if counts:
        return dials
    return dials | {
        "width": settings.width,
        "layers": settings.layers,
        "window": settings.window,
        "batch": settings.batch,
        "steps": f"{run.step:,} of {settings.steps:,}",
        "learning rate": f"{settings.rate:g}",
        "schedule": settings.schedule,
        "optimiser": settings.optimiser,
        "weight decay": f"{settings.weight_decay:g}",
        "dropout": f"{settings.dropout:g}",
        "clipping": f"{settings.clip:g}" if settings.clip else "none",
        "seed": settings.seed,
    }


def _table(left: str, right: str, rows: dict[str, object]) -> list[str]:
    body = [f"| {name} | {value} |" for name, value in rows.items()]
    return [f"| {left} | {right} |", "| --- | ---: |", *body]


def _bits(value: float | None) -> str:
    return "no number" if value is None else f"{value:.3f}"
