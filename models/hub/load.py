"""Opens a model from elsewhere: found, judged, loaded, and tried before anybody sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
import transformers
from torch import nn
from transformers.models.auto import modeling_auto

from models.hub import probe
from models.hub.causal import CausalModel
from models.hub.encoder_decoder import EncoderDecoderModel
from models.hub.masked import MaskedModel
from models.hub.policy import HubError, Policy
from models.hub.positions import notes_on
from models.hub.source import Source, locate
from models.hub.tokenizer import HubTokenizer
from models.opened import Capability, ModelFacts, OpenedModel

Adapter = CausalModel | EncoderDecoderModel | MaskedModel


class Kind(NamedTuple):
    """What fulfils one of our contracts."""

    classes: Mapping[str, Any]
    """The names of the classes of `transformers`, by the type of model."""
    auto: Any
    adapter: Callable[[Any], Adapter]


KINDS: dict[Capability, Kind] = {
    "translate": Kind(
        modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
        transformers.AutoModelForSeq2SeqLM,
        EncoderDecoderModel,
    ),
    "fill in": Kind(
        modeling_auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES,
        transformers.AutoModelForMaskedLM,
        MaskedModel,
    ),
    "write": Kind(
        modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        transformers.AutoModelForCausalLM,
        CausalModel,
    ),
}
"""By what a model of the kind does."""


def load(source: str | Source, policy: Policy | None = None) -> OpenedModel:
    """Open a local folder, or a Hub id with `@revision` where one is meant.

    source: the reference, or what `locate` made of it. Raises HubError with what is wrong and what
    to do, before any weight is downloaded where that can be known.
    """
    if isinstance(source, str):
        source = locate(source, policy or Policy())
    known = describe(source, policy)
    kind = kind_of(source.name, source.config)
    model = _adapter(source.name, _weights(source, kind), kind)
    trace = probe.check(source.name, model)
    return OpenedModel(
        **vars(known),
        model=model,
        layers=len(trace.attention),
        heads=trace.attention[0].shape[1] if trace.attention else 0,
    )


def describe(source: str | Source, policy: Policy | None = None) -> ModelFacts:
    """What can be known of a model before its weights are read. Raises HubError as `load` does."""
    policy = policy or Policy()
    if isinstance(source, str):
        source = locate(source, policy)
    kind = kind_of(source.name, source.config)
    if not source.ends and kind != "fill in":
        raise HubError(
            f"{source.name} names no token that ends a text. Set eos_token_id in its config.json."
        )
    tokenizer = HubTokenizer.load(source.folder, *source.ends)
    shell, parameters = _shell(source, kind, policy)
    model = _adapter(source.name, shell, kind)
    _check_tokens(source.name, tokenizer, model.vocabulary)
    can: set[Capability] = {kind, "attend"}
    if kind == "write" and model.heads.projections:
        can.add("remove heads")
    return ModelFacts(
        name=source.name,
        reference=source.reference,
        folder=source.folder,
        tokenizer=tokenizer,
        can=frozenset(can),
        context=model.context,
        vocabulary=model.vocabulary,
        parameters=parameters,
        opening=tokenizer.opening,
        closing=() if kind == "write" else tokenizer.closing,
        start=model.start if isinstance(model, EncoderDecoderModel) else None,
        notes=notes_on(shell),
    )


def kind_of(name: str, config: Mapping[str, Any]) -> Capability:
    """Which of our contracts a config asks for. Raises HubError where it is none of them."""
    stored = config.get("architectures")
    wanted = stored[0] if isinstance(stored, list) and stored else None
    for kind, (classes, _, _) in KINDS.items():
        found = classes.get(str(config.get("model_type")), ())
        if wanted in ((found,) if isinstance(found, str) else found):
            return kind
    described = wanted or config.get("model_type")
    raise HubError(
        f"{name} is a {described}, which predicts no tokens or is unknown to transformers. "
        "Choose a causal, masked or encoder-decoder language model."
    )


def _shell(source: Source, kind: Capability, policy: Policy) -> tuple[Any, int]:
    """The model without memory for its weights, and how many there are.

    A config may ask for more than its weights hold, so this is built before them.
    """
    try:
        config = transformers.AutoConfig.from_pretrained(
            source.folder, local_files_only=True, trust_remote_code=False
        )
        with torch.device("meta"):
            shell = KINDS[kind].auto.from_config(config, trust_remote_code=False)
            tensors = [*shell.parameters(), *shell.buffers()]  # masks of all positions, too
        if "generation_config.json" in source.settings:
            shell.generation_config = transformers.GenerationConfig.from_pretrained(
                source.folder, local_files_only=True
            )
    except Exception as error:  # third-party code on a file of a stranger
        raise HubError(
            f"The config.json of {source.name} describes no model that transformers can build "
            f"({type(error).__name__}). It is damaged, or needs a newer transformers."
        ) from error
    policy.check_parameters(source.name, sum(tensor.numel() for tensor in tensors))
    return shell, sum(weight.numel() for weight in shell.parameters())


def _weights(source: Source, kind: Capability) -> nn.Module:
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model, info = KINDS[kind].auto.from_pretrained(
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


def _adapter(name: str, inner: Any, kind: Capability) -> Adapter:
    try:
        return KINDS[kind].adapter(inner)
    except HubError as error:
        raise HubError(f"{name} cannot be used here. {error}") from error
    except Exception as error:  # settings of a stranger, of any shape
        raise HubError(
            f"The settings of {name} are not those of its kind ({type(error).__name__}). "
            "Get the model again."
        ) from error


def _check_tokens(name: str, tokenizer: HubTokenizer, vocabulary: int) -> None:
    """Raise HubError where the tokenizer or the ends of a text are not those of the model."""
    strange = [end for end in tokenizer.ends if not 0 <= end < vocabulary]
    if strange:
        raise HubError(
            f"The settings of {name} end a text with token {strange[0]}; the model has "
            f"{vocabulary:,} tokens. Get the model again."
        )
    if tokenizer.vocabulary > vocabulary:
        raise HubError(
            f"The tokenizer of {name} has {tokenizer.vocabulary:,} tokens and the model only "
            f"{vocabulary:,}: they do not belong together."
        )
