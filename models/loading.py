"""Opens the model of a folder, ours or from elsewhere, as its `config.json` names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from models.files import CheckpointError, read_json
from models.ladder import checkpoint as own_layout
from models.opened import INSIDE, Capability, ModelFacts, OpenedModel
from models.text import letters
from models.transformer import bert_checkpoint, checkpoint
from models.transformer.bidirectional import Bidirectional
from models.transformer.model import Transformer
from models.translators import marian_checkpoint
from models.translators.marian_checkpoint import marian_config
from models.translators.recurrent import RecurrentTranslator
from models.translators.transformer import Translator


def open_model(reference: Path | str) -> OpenedModel:
    """A model with its tokenizer: of a folder, or of a Hub id with `@revision` where one is meant.

    `transformers` is imported for the models of others alone. Raises ValueError that says what is
    wrong: CheckpointError for a folder in a layout of ours, HubError otherwise.
    """
    folder = Path(reference).expanduser()
    if not in_our_layout(folder):
        from models.hub import load as hub  # noqa: PLC0415  # transformers

        return hub.load(str(reference))
    model, tokenizer = load(folder), letters.load(folder)
    both = isinstance(model, Bidirectional)
    can: set[Capability] = {"fill in" if both else "write"}
    end = () if tokenizer.end_of_text is None else (tokenizer.end_of_text,)
    layers = heads = 0
    if isinstance(model, Transformer | Bidirectional):
        can |= {"attend"} if both else {"attend", "remove heads", *INSIDE}
        layers, heads = model.config.layers, model.config.heads
    elif isinstance(model, Translator):
        can = {"translate"}
        layers, heads = model.config.decoder_layers, model.config.heads
    elif isinstance(model, RecurrentTranslator):
        can = {"translate"}
    return OpenedModel(
        name=folder.name,
        reference=str(reference),
        folder=folder,
        tokenizer=tokenizer,
        can=frozenset(can),
        context=model.context,
        vocabulary=model.vocabulary,
        parameters=sum(weight.numel() for weight in model.parameters()),
        ours=True,
        opening=end * (both or isinstance(tokenizer, letters.Letters)),
        closing=end * (both or "translate" in can),
        start=getattr(model, "start", None),
        model=model,
        layers=layers,
        heads=heads,
    )


def describe(reference: Path | str, most: int | None = None) -> ModelFacts:
    """The same without its weights; those of a model of ours are small, and read all the same.

    most: parameters that a model of others may have. Raises as `open_model` does.
    """
    if in_our_layout(Path(reference).expanduser()):
        return open_model(reference).facts
    from models.hub import load as hub  # noqa: PLC0415  # transformers
    from models.hub.policy import Policy  # noqa: PLC0415

    return hub.describe(str(reference), Policy() if most is None else Policy(max_parameters=most))


def in_our_layout(folder: Path) -> bool:
    """Whether `config.json` says just what our own code writes; False where it cannot be read."""
    try:
        stored = read_json(folder / "config.json")
        if stored.get("model_type") in own_layout.KINDS:
            return True
        if stored.get("model_type") == "bert":
            ours = bert_checkpoint.bert_config(bert_checkpoint.read_config(folder), torch.float16)
        elif stored.get("model_type") == "marian":
            ours = marian_config(marian_checkpoint.read_config(folder), torch.float16)
        else:
            end = stored["eos_token_id"]
            ours = checkpoint.llama_config(checkpoint.read_config(folder), torch.float16, end)
        return bool(stored | {"dtype": ours["dtype"]} == ours)
    except (AttributeError, CheckpointError, KeyError, TypeError):
        return False


def load(folder: Path) -> Any:
    """The model of a folder of the collection, in float32 on the CPU, ready for inference.

    A `LanguageModel`, or a `Bidirectional`, which fills in. Raises CheckpointError where a file is
    missing, damaged or of a kind that is not known.
    """
    stored = read_json(folder / "config.json")
    kind = stored.get("model_type") if isinstance(stored, dict) else None
    if kind == "llama":
        return checkpoint.load(folder)
    if kind == "bert":
        return bert_checkpoint.load(folder)
    if kind == "marian":
        return marian_checkpoint.load(folder)
    if kind in own_layout.KINDS:
        return own_layout.load(folder)
    raise CheckpointError(f"config.json in {folder.name} is damaged: no model of kind {kind!r}.")
