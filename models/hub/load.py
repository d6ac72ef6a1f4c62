"""Opens a model from elsewhere: found, judged, loaded, and tried before anybody sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
import transformers
from torch import nn
from transformers.models.auto import modeling_auto

from models.hub import probe
from models.hub.causal import CausalModel
from models.hub.encoder_decoder import EncoderDecoderModel
from models.hub.masked import MaskedModel
from models.hub.policy import HubError, Policy
from models.hub.source import Source, locate
from models.hub.tokenizer import HubTokenizer

Adapter = CausalModel | EncoderDecoderModel | MaskedModel
Kind = Literal["causal", "masked", "encoder-decoder"]
CLASSES: dict[Kind, Mapping[str, Any]] = {
    "encoder-decoder": modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
    "masked": modeling_auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    "causal": modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
}
"""The names of the classes of each kind, by the type of model."""
UNBOUNDED_CONTEXT = 512  # of a model with relative positions, which names no longest text


@dataclass(frozen=True)
class HubModel:
    """A model from elsewhere, ready to run in float32 on the CPU."""

    name: str
    revision: str
    """A commit, or the fingerprint of a folder: what a cache key needs besides the name."""
    kind: Kind
    model: Adapter
    tokenizer: HubTokenizer
    parameters: int


def load(source: str | Source, policy: Policy | None = None) -> HubModel:
    """Open a local folder, or a Hub id with `@revision` where one is meant.

    source: the reference, or what `locate` made of it. Raises HubError with what is wrong and what
    to do, before any weight is downloaded where that can be known.
    """
    policy = policy or Policy()
    if isinstance(source, str):
        source = locate(source, policy)
    kind = kind_of(source.name, source.config)
    if source.end_of_text is None and kind != "masked":
        raise HubError(
            f"{source.name} names no token that ends a text. Set eos_token_id in its config.json."
        )
    tokenizer = HubTokenizer.load(source.folder, source.end_of_text)
    _bounded(source, kind, policy)
    inner = _weights(source, kind)
    model = _adapter(source.name, inner, kind, tokenizer)
    probe.check(source.name, model)
    parameters = sum(weight.numel() for weight in inner.parameters())
    return HubModel(source.name, source.revision, kind, model, tokenizer, parameters)


def kind_of(name: str, config: Mapping[str, Any]) -> Kind:
    """Which of our contracts a config asks for. Raises HubError where it is none of them."""
    stored = config.get("architectures")
    wanted = stored[0] if isinstance(stored, list) and stored else None
    for kind, names in CLASSES.items():
        found = names.get(str(config.get("model_type")), ())
        if wanted in ((found,) if isinstance(found, str) else found):
            return kind
    described = wanted or config.get("model_type")
    raise HubError(
        f"{name} is a {described}, which predicts no tokens or is unknown to transformers. "
        "Choose a causal, masked or encoder-decoder language model."
    )


def _auto(kind: Kind) -> Any:
    return {
        "causal": transformers.AutoModelForCausalLM,
        "masked": transformers.AutoModelForMaskedLM,
        "encoder-decoder": transformers.AutoModelForSeq2SeqLM,
    }[kind]


def _bounded(source: Source, kind: Kind, policy: Policy) -> None:
    """Build the model without memory first: a config may ask for more than its weights hold."""
    try:
        config = transformers.AutoConfig.from_pretrained(
            source.folder, local_files_only=True, trust_remote_code=False
        )
        with torch.device("meta"):
            shell = _auto(kind).from_config(config, trust_remote_code=False)
    except Exception as error:  # third-party code on a file of a stranger
        raise HubError(
            f"The config.json of {source.name} describes no model that transformers can build "
            f"({type(error).__name__}). It is damaged, or needs a newer transformers."
        ) from error
    policy.check_parameters(source.name, sum(weight.numel() for weight in shell.parameters()))


def _weights(source: Source, kind: Kind) -> nn.Module:
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model, info = _auto(kind).from_pretrained(
            source.folder,
            dtype=torch.float32,
            attn_implementation="eager",  # the fused kernels never form the weights (R14)
            trust_remote_code=False,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
    except Exception as error:  # as above
        raise HubError(
            f"The weights of {source.name} do not fit its config.json ({type(error).__name__}). "
            "Get the model again."
        ) from error
    if info["missing_keys"]:
        example = min(info["missing_keys"])
        raise HubError(
            f"The weights of {source.name} lack {len(info['missing_keys'])} tensors "
            f"({example}); they would be random. Get the model again."
        )
    return model.eval().requires_grad_(False)  # type: ignore[no-any-return]


def _adapter(name: str, inner: Any, kind: Kind, tokenizer: HubTokenizer) -> Adapter:
    builders: dict[Kind, Callable[[Any, int], Adapter]] = {
        "causal": CausalModel,
        "masked": MaskedModel,
        "encoder-decoder": EncoderDecoderModel,
    }
    try:
        model = builders[kind](inner, context_of(inner))
    except Exception as error:  # settings of a stranger, of any shape
        raise HubError(
            f"The settings of {name} are not those of its kind ({type(error).__name__}). "
            "Get the model again."
        ) from error
    if tokenizer.vocabulary > model.vocabulary:
        raise HubError(
            f"The tokenizer of {name} has {tokenizer.vocabulary:,} tokens and the model only "
            f"{model.vocabulary:,}: they do not belong together."
        )
    return model


def context_of(inner: Any) -> int:
    """The longest text in tokens."""
    config = inner.config.get_text_config()
    context: int = getattr(config, "max_position_embeddings", None) or UNBOUNDED_CONTEXT
    for name, table in inner.named_modules():
        # RoBERTa and its kin count positions from behind the padding's
        if name.endswith("position_embeddings") and isinstance(table, nn.Embedding):
            return table.num_embeddings - (
                0 if table.padding_idx is None else table.padding_idx + 1
            )
    return context
