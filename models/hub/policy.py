"""What may be opened: decided from names, sizes and settings, before a weight is read.

A model from elsewhere is data of a stranger. Code that comes with it is never run, pickle is never
read, and what it says of its own size is believed only where its files agree. Refusing is done
here, a second time beside the switches of `transformers`, because those have been bypassed before
(vLLM: CVE-2025-66448, CVE-2026-22807).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

HUB_ID = re.compile(r"(?P<id>[\w.-]+/[\w.-]+?)(@(?P<revision>[\w./-]+))?")
COMMIT = re.compile(r"[0-9a-f]{40}")
SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
TEXTS = {
    "config.json": 1_000_000,
    "generation_config.json": 1_000_000,
    "tokenizer.json": 64_000_000,
    "tokenizer_config.json": 4_000_000,
    INDEX: 16_000_000,
}
"""The only files that are read besides the weights, and how many bytes each may have."""
SETTINGS = ("config.json", "generation_config.json", "tokenizer_config.json")
CODE = {".py", ".pyc", ".so", ".dll", ".dylib"}
PICKLE = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".h5", ".msgpack"}
FORBIDDEN = {
    "auto_map": "names code of its own to be run",
    "custom_pipelines": "names code of its own to be run",
    "quantization_config": "is stored in a quantised format, which needs libraries that are "
    "not installed",
    "transformers_weights": "keeps its weights under another name",
}
"""Settings that a config must not have, and what they mean."""
LAYERS = re.compile(r"(n|num|num_hidden|num_decoder|encoder|decoder)_layers?")
UNBUILT_LAYERS = 1_000  # settings that only speak of layers may name more than there are
SIZES = re.compile(
    "layer|head|hidden|intermediate|inner|embd|embed|dim|size|width|position|ctx|context|seq|"
    "length|vocab|expert|rank|rotary|ffn|bucket|d_model|d_ff|d_kv|^n_"
)
"""Names of settings by which something is built; other whole numbers may be of any size."""
LARGEST = 2**24  # above the 10,485,760 positions of Llama 4
LONGEST_DECODER = 4_096  # its sinusoids are computed number by number, in Python


class HubError(ValueError):
    """A model from elsewhere cannot be used; says what is wrong and what to do."""


@dataclass(frozen=True)
class Policy:
    """What is opened."""

    max_parameters: int = 1_500_000_000
    """In memory each takes four bytes, and on disk no more than that."""

    def check_listing(self, name: str, files: Mapping[str, int]) -> None:
        """Judge a folder by the names and bytes of its files, before any is fetched.

        Raises HubError on code, pickle alone, missing files, or too many bytes.
        """
        code = next((file for file in files if _suffix(file) in CODE), None)
        if code is not None:
            raise HubError(
                f"{name} brings code of its own ({code}), which is never run here. "
                "Choose a model whose architecture is part of transformers."
            )
        if "adapter_config.json" in files:
            raise HubError(f"{name} is an adapter for another model. Merge the two and open that.")
        for needed in ("config.json", "tokenizer.json"):
            if needed not in files:
                raise HubError(f"{name} has no {needed}. {_REMEDY[needed]}")
        for file, limit in TEXTS.items():
            if files.get(file, 0) > limit:
                raise HubError(f"{file} of {name} has {files[file]:,} bytes; at most {limit:,}.")
        weights = weight_files(files)
        if not weights:
            kind = "only as pickle" if any(_suffix(f) in PICKLE for f in files) else "nowhere"
            raise HubError(
                f"{name} has no safetensors: its weights are there {kind}. Pickle can run code "
                "and is never read; convert the model with save_pretrained first."
            )
        size = sum(files[file] for file in weights)
        if size > 4 * self.max_parameters:
            raise HubError(
                f"{name} has {size / 1e9:,.1f} GB of weights; at most "
                f"{4 * self.max_parameters / 1e9:,.1f} GB are opened here. Choose a smaller one."
            )

    def check_parameters(self, name: str, count: int) -> None:
        """Raise HubError where a model of `count` parameters would not fit."""
        if count > self.max_parameters:
            raise HubError(
                f"{name} has {count:,} parameters; at most {self.max_parameters:,} are opened "
                "here. Choose a smaller one."
            )


_REMEDY = {
    "config.json": "A model folder is what save_pretrained writes.",
    "tokenizer.json": "Save its tokenizer in the fast format: save_pretrained of a fast one.",
}


def weight_files(files: Mapping[str, int]) -> list[str]:
    """The files that may hold the weights: one, or what is named like a shard of one.

    Empty where there are none. The index, which says which shards belong, is read later.
    """
    if WEIGHTS in files:
        return [WEIGHTS]
    return sorted(file for file in files if SHARD.fullmatch(file)) if INDEX in files else []


def check_settings(name: str, file: str, content: Mapping[str, object]) -> None:
    """Raise HubError where a settings file, at any depth, asks for what is not done here."""
    for key, value in _settings(content):
        if key in FORBIDDEN and value:
            raise HubError(f"{name} {FORBIDDEN[key]} ({key} in {file}). Choose another model.")


def check_sizes(name: str, config: Mapping[str, object], tensors: int) -> None:
    """Raise HubError where a `config.json` names a size that no real model has.

    tensors: how many the weights hold; a layer has at least one.
    """
    translates = bool(config.get("is_encoder_decoder"))
    for key, value in _settings(config):
        if type(value) is not int or not SIZES.search(key):
            continue
        limit = max(tensors, UNBUILT_LAYERS) if "layer" in key else LARGEST
        limit = tensors if LAYERS.fullmatch(key) else limit
        if translates and key == "max_position_embeddings":
            limit = LONGEST_DECODER
        if not -LARGEST <= value <= limit:
            raise HubError(
                f"The config.json of {name} says {key} = {value:,}, where its weights allow "
                f"{limit:,} at most. The file is damaged; get it again."
            )


def _settings(config: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Every setting of a config, whatever it is nested in; without recursion, which has a limit."""
    waiting: list[object] = [config]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield from part.items()
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _suffix(file: str) -> str:
    return PurePosixPath(file).suffix.lower()
