"""Models from elsewhere, served as any other: what they show is what `transformers` shows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.attention.ablation import Ablation
from inference.tasks.attention.maps import Attention
from inference.tasks.fill_in import FillIn
from inference.tasks.generate import Generate
from inference.tasks.stepping import NextToken
from inference.types.options import GenerationOptions, LaneOptions

PROMPT = "The cat sat on the caf\u00e9"
GREEDY = LaneOptions("Greedy")


@pytest.fixture(scope="module")
def service(
    gpt2_folder: Path,
    llama_folder: Path,
    bert_folder: Path,
    marian_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Service:
    folders = {"gpt2": gpt2_folder, "llama": llama_folder, "bert": bert_folder}
    named = {name: str(folder) for name, folder in (folders | {"marian": marian_folder}).items()}
    return Service(tmp_path_factory.mktemp("checkpoints"), "cpu", elsewhere=named)


def plain(folder: Path, auto: str = "AutoModelForCausalLM") -> Any:
    import transformers

    kind = getattr(transformers, auto)
    return kind.from_pretrained(folder, attn_implementation="eager").eval()


def written(service: Service, name: str, new_tokens: int = 12, text: str = PROMPT) -> Any:
    *_, last = service.run(Generate(text, name, GenerationOptions((GREEDY,), new_tokens)))
    return last


def test_each_is_offered_where_it_can_serve_and_nowhere_else(service: Service) -> None:
    can = {
        can: {one.name for one in service.catalog.entries(can) if one.kind == "elsewhere"}
        for can in ("write", "remove heads", "attend", "cut", "fill in", "translate")
    }
    assert can["write"] == can["remove heads"] == {"gpt2", "llama"}
    assert can["attend"] == can["cut"] == {"gpt2", "llama", "bert", "marian"}
    assert (can["fill in"], can["translate"]) == ({"bert"}, {"marian"})
    for name in ("bert", "marian"):
        with pytest.raises(OrreryError, match=f"{name} cannot write"):
            written(service, name)
        with pytest.raises(OrreryError, match=f"{name} cannot remove heads"):
            list(service.run(Ablation(PROMPT, name)))


@torch.inference_mode()
@pytest.mark.parametrize("name", ["gpt2", "llama"])
def test_it_writes_what_generate_writes(
    service: Service, name: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(f"{name}_folder")
    from tokenizers import Tokenizer

    last = written(service, name)
    ids = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(PROMPT).ids
    assert list(last.prompt) == ids  # with what the tokenizer puts in front: Llama's <s>
    assert last.opened == (name == "llama")
    prompt = torch.tensor([ids])
    theirs = plain(folder).generate(
        prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=12,
        pad_token_id=0,
    )  # fmt: skip
    given = [step.token for step in last.lanes[0].steps]
    assert given == theirs[0, len(ids) :].tolist()
    *_, place = service.run(NextToken(PROMPT, name, GREEDY, written=str(given[0])))
    assert place.offered.token == given[1]


@torch.inference_mode()
@pytest.mark.parametrize(
    ("name", "auto"),
    [
        ("gpt2", "AutoModelForCausalLM"),
        ("llama", "AutoModelForCausalLM"),
        ("bert", "AutoModelForMaskedLM"),
        ("marian", "AutoModelForSeq2SeqLM"),
    ],
)
def test_r13_its_attention_is_that_of_transformers(
    service: Service, name: str, auto: str, request: pytest.FixtureRequest
) -> None:
    from tokenizers import Tokenizer

    folder = request.getfixturevalue(f"{name}_folder")
    *_, maps = service.run(Attention(PROMPT, name))
    encoded = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(PROMPT)
    assert list(maps.tokens.ids) == encoded.ids  # [CLS] and [SEP], and a translator's </s>, too
    model = plain(folder, auto)
    reader = model.get_encoder() if name == "marian" else model
    found = reader(torch.tensor([encoded.ids]), output_attentions=True).attentions
    expected = torch.stack(list(found))[:, 0].numpy()
    assert maps.weights == pytest.approx(expected, abs=1e-5)
    pairs = zip(maps.tokens.details, maps.tokens.pieces, strict=True)
    around = [detail.piece for detail, piece in pairs if detail.special and not piece]
    assert around == {"llama": ["<s>"], "bert": ["[CLS]", "[SEP]"], "marian": [""]}.get(name, [])


@torch.inference_mode()
def test_r16_its_heads_are_removed_after_what_opens_its_texts(service: Service) -> None:
    *_, found = service.run(Ablation(PROMPT, "llama", removal="zero"))
    sweep = found.sweep
    assert sweep.following_without.shape[:2] == (2, 4)
    assert sweep.following_without.sum(-1) == pytest.approx(1.0)
    assert (sweep.following_without != sweep.following).any(-1).all()


@torch.inference_mode()
def test_r27_its_gaps_are_filled_as_transformers_does(service: Service, bert_folder: Path) -> None:
    *_, found = service.run(FillIn("The cat [MASK] on the mat", "bert"))
    ids = torch.tensor([found.tokens.ids])
    logits = plain(bert_folder, "AutoModelForMaskedLM")(ids).logits[0, list(found.gaps)]
    expected = logits.double().softmax(-1).numpy()
    assert found.probabilities == pytest.approx(expected, abs=1e-6)


@torch.inference_mode()
def test_each_of_several_ends_is_an_end(gpt2_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(gpt2_folder, tmp_path / "two"))
    third = written(Service(tmp_path, elsewhere={"one": str(folder)}), "one").lanes[0].steps[2]
    ends = json.loads((folder / "generation_config.json").read_text()) | {
        "eos_token_id": [0, third.token]
    }
    (folder / "generation_config.json").write_text(json.dumps(ends))
    service = Service(tmp_path, elsewhere={"two": str(folder)})
    last = written(service, "two")
    (lane,) = last.lanes
    ids = torch.tensor([last.prompt])
    theirs = plain(folder).generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=12, pad_token_id=0
    )
    given = [step.token for step in lane.steps]
    assert given == theirs[0, ids.shape[1] :].tolist()
    assert (given[-1], lane.end) == (third.token, "end of text") and len(given) <= 3
    *_, place = service.run(NextToken(PROMPT, "two", GREEDY, written=" ".join(map(str, given))))
    assert (place.offered, place.lanes[0].end) == (None, "end of text")


def test_bounds_are_those_of_the_model(service: Service) -> None:
    bounds = service.catalog.bounds("llama")
    assert (bounds.context, bounds.prompt) == (64, 63)
    last = written(service, "llama", 60, "a" * 40)
    assert len(last.prompt) + len(last.lanes[0].steps) <= 64
    with pytest.raises(OrreryError, match="prompt may have up to 62 tokens"):  # after <s>
        written(service, "llama", 8, "a" * 62)  # a space goes in front
    assert len(written(service, "llama", 8, "a" * 61).lanes[0].steps) == 1


def test_t22_what_cannot_be_used_is_refused_by_name(bert_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(bert_folder, tmp_path / "bert"))
    for reference, says in (
        ("no/such/model/here", r"model mine cannot be used\. no/such/model/here is no folder"),
        (str(tmp_path), "has no config.json"),
    ):
        with pytest.raises(ValueError, match=says):
            Service(tmp_path, elsewhere={"mine": reference})
    (folder / "model.safetensors").unlink()
    with pytest.raises(ValueError, match=r"model mine cannot be used\. bert has no safetensors"):
        Service(tmp_path, elsewhere={"mine": str(folder)})
    with pytest.raises(ValueError, match="two models are called bigram"):
        Service(tmp_path, elsewhere={"bigram": str(folder)})


def test_weights_that_turn_out_damaged_leave_the_others_at_work(
    gpt2_folder: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    folder = Path(shutil.copytree(gpt2_folder, tmp_path / "gpt2"))
    weights = load_file(folder / "model.safetensors")
    weights["transformer.ln_f.weight"].fill_(float("nan"))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    service = Service(tmp_path, elsewhere={"bad": str(folder), "good": str(gpt2_folder)})
    with pytest.raises(OrreryError, match="numbers that are none"):
        written(service, "bad")
    assert written(service, "good").lanes[0].steps
    (status,) = [one for one in service.status.models if one.name == "bad"]
    assert not status.available and str(tmp_path) not in status.reason


def test_a_model_of_the_hub_is_served_from_the_files_of_this_machine(
    gpt2_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ValueError, match=r"model mine cannot be used\. somebody/model is not on"):
        Service(tmp_path, elsewhere={"mine": "somebody/model"})
    commit = "0123456789" * 4
    model = tmp_path / "hub" / "models--somebody--model"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text(commit)
    blobs, snapshot = model / "blobs", model / "snapshots" / commit
    shutil.copytree(gpt2_folder, blobs)
    snapshot.mkdir(parents=True)
    for path in blobs.iterdir():  # as the Hub's cache keeps them
        (snapshot / path.name).symlink_to(Path("../../blobs") / path.name)
    service = Service(tmp_path, elsewhere={"mine": "somebody/model"})
    assert service.catalog.entry("mine").folder == f"somebody/model@{commit}"
    assert written(service, "mine").lanes[0].steps
    assert service.catalog.entry("mine").card == "https://huggingface.co/somebody/model"
