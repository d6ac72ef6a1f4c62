"""The beginning of a program for plain `transformers`: it opens a model and cuts a text for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inference.errors import OrreryError
from inference.loading.trained import label_of

if TYPE_CHECKING:
    from inference.service import Service
    from inference.types.tokenized import Tokenized

HEAD = '''"""{title}

pip install torch transformers, and run it in the folder of the repository.{remark}
"""

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
'''
OPEN = """
{where}
tokenizer = AutoTokenizer.from_pretrained({cut})
model = AutoModelForCausalLM.from_pretrained({given}, dtype=torch.float32)
{settled}
prompt = {prompt!r}
ids = tokenizer(prompt, add_special_tokens=False, split_special_tokens=True).input_ids
"""
OPENING = "ids = {ids} + ids  # every text that the model reads begins after {names}\n"
SETTLED = "model.generation_config.update(repetition_penalty=1.0, no_repeat_ngram_size=0)\n"


@dataclass(frozen=True)
class Source:
    """Where `transformers` finds a model, and what it reads before every text."""

    where: str
    """A line that names it."""
    given: str
    """What `from_pretrained` is given."""
    settled: str = ""
    """A line that undoes what the model's own settings change of a search."""
    cut: str = ""
    """What `from_pretrained` is given for the tokenizer, where that lies elsewhere."""


def opened(service: Service, model: str, tokens: Tokenized) -> str:
    """The lines that open a model and cut the prompt for it."""
    source = found(service, model)
    body = OPEN.format(
        where=source.where,
        given=source.given,
        cut=source.cut or source.given,
        settled=source.settled,
        prompt=tokens.text,
    )
    if not tokens.opened:
        return body
    ids = list(tokens.ids[: tokens.opened])
    tokenizer = service.preprocessor(model, "write").tokenizer
    names = ", ".join(tokenizer.bytes_of(one).decode("utf-8", "replace") for one in ids)
    return body + OPENING.format(ids=ids, names=names)


def found(service: Service, name: str) -> Source:
    """Raises OrreryError where `transformers` does not open the model."""
    entry = service.catalog.entry(name, "write")
    facts = service.catalog.elsewhere.get(entry.name)
    if "attend" not in entry.can and (facts is None or facts.ours):
        raise OrreryError(
            f"{entry.title} is no model of transformers. Choose another one to copy a program."
        )
    if facts is None:
        if entry.kind == "trained":
            where = f"folder = {label_of(entry)!r}  # the folder that the Ladder lab lets download"
            return Source(where, "folder")
        own = (service.catalog.folder(entry) / "tokenizer.json").is_file()
        above = "" if own else repr(f"checkpoints/{entry.folder.rpartition('/')[0]}")
        return Source(f"folder = {f'checkpoints/{entry.folder}'!r}", "folder", cut=above)
    if Path(facts.reference).is_dir():
        # where the folder lies on this machine is nobody's business
        where = f"folder = {facts.folder.name!r}  # the folder that was named as {entry.name}"
        return Source(where, "folder", SETTLED)
    model, _, commit = facts.reference.partition("@")
    where = f"name, commit = {model!r}, {commit or None!r}"
    return Source(where, "name, revision=commit", SETTLED)
