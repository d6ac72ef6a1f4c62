"""Finding and judging files, with a Hub that is a folder and a Hub that is away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub.errors import (
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
)

from models.hub.load import load
from models.hub.policy import HubError, Policy
from models.hub.source import HuggingFace, Source, locate, stored_shapes

PIN = "0123456789" * 4
NAME = "somebody/model"


@pytest.fixture
def folder(gpt2_folder: Path, tmp_path: Path) -> Path:
    """A folder that a test may spoil."""
    return Path(shutil.copytree(gpt2_folder, tmp_path / "gpt2"))


class FakeHub:
    """A Hub with one model; what is asked of it is written down."""

    def __init__(self, model: Path, cache: Path, error: Exception | None = None) -> None:
        self.model, self.cache, self.error = model, cache, error
        self.asked: list[str] = []
        self.listed = {p.name: p.stat().st_size for p in model.iterdir()}

    def snapshot(self, commit: str) -> Path:
        return self.cache / "models--somebody--model" / "snapshots" / commit

    def describe(self, model: str, revision: str | None) -> tuple[str, dict[str, int]]:
        self.asked.append(f"describe {model} {revision}")
        if self.error is not None:
            raise self.error
        return PIN, self.listed

    def fetch(self, model: str, revision: str, files: list[str] | None) -> Path:
        self.asked.append(f"fetch {model} {revision} {files}")
        if files is None:
            found = self.snapshot(PIN)
            if revision not in (PIN, "main") or not found.is_dir():
                raise LocalEntryNotFoundError("nothing here")
            return found
        blobs = self.cache / "models--somebody--model" / "blobs"
        blobs.mkdir(parents=True, exist_ok=True)
        self.snapshot(revision).mkdir(parents=True)
        for file in files:  # as the real cache does it: links to files elsewhere
            shutil.copy(self.model / file, blobs / file)
            (self.snapshot(revision) / file).symlink_to(Path("../../blobs") / file)
        return self.snapshot(revision)


@pytest.fixture
def hub(folder: Path, tmp_path: Path) -> FakeHub:
    return FakeHub(folder, tmp_path / "cache")


def change_config(folder: Path, **settings: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


def test_a_folder_is_found(folder: Path) -> None:
    source = locate(str(folder), Policy())
    assert (source.name, source.folder) == ("gpt2", folder)
    assert source.config["model_type"] == "gpt2"
    assert source.reference == str(folder)


def test_a_hub_id_is_judged_before_anything_is_fetched(hub: FakeHub) -> None:
    (hub.model / "README.md").write_text("not asked for")
    (hub.model / "pytorch_model.bin").write_text("not asked for")
    source = locate(NAME, Policy(), hub)
    assert source.reference == f"{NAME}@{PIN}"
    described, fetched = hub.asked
    assert described == f"describe {NAME} None"
    assert PIN in fetched
    assert "README" not in fetched
    assert "pytorch" not in fetched
    assert {p.name for p in source.folder.iterdir()} == {
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "model.safetensors",
    }


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda files: files.update({"modeling.py": 9}), "brings code of its own"),
        (lambda files: files.update({"model.safetensors": 10**12}), "GB of weights"),
        (lambda files: files.pop("model.safetensors"), "has no safetensors"),
    ],
)
def test_t22_what_is_refused_is_never_downloaded(
    hub: FakeHub, spoil: Callable[[dict[str, int]], Any], message: str
) -> None:
    spoil(hub.listed)
    with pytest.raises(HubError, match=message):
        locate(NAME, Policy(), hub)
    assert hub.asked == [f"describe {NAME} None"]


def test_t22_a_listing_that_lied_is_caught_in_the_files(hub: FakeHub) -> None:
    change_config(hub.model, auto_map={"AutoModel": "evil.Evil"})
    with pytest.raises(HubError, match="names code of its own"):
        locate(NAME, Policy(), hub)


def test_a_pinned_model_on_this_machine_asks_nobody(hub: FakeHub) -> None:
    locate(f"{NAME}@{PIN}", Policy(), hub)
    hub.asked.clear()
    assert locate(f"{NAME}@{PIN}", Policy(), hub).reference == f"{NAME}@{PIN}"
    assert hub.asked == [f"fetch {NAME} {PIN} None"]


def offline() -> Exception:
    return ConnectionError("no route to host")


def test_offline_the_files_of_this_machine_serve(hub: FakeHub) -> None:
    locate(NAME, Policy(), hub)
    hub.error = offline()
    assert locate(NAME, Policy(), hub).reference == f"{NAME}@{PIN}"


def test_offline_and_never_fetched_says_so(hub: FakeHub) -> None:
    hub.error = offline()
    with pytest.raises(HubError, match="not on this machine, and the Hub cannot be reached"):
        locate(NAME, Policy(), hub)


def test_half_a_download_is_completed_or_said_to_be_half(hub: FakeHub) -> None:
    snapshot = hub.snapshot(PIN)
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    hub.error = offline()
    with pytest.raises(HubError, match=r"has no tokenizer\.json"):
        locate(f"{NAME}@{PIN}", Policy(), hub)
    hub.error = None
    shutil.rmtree(snapshot)
    assert locate(f"{NAME}@{PIN}", Policy(), hub).reference == f"{NAME}@{PIN}"


def response() -> Any:
    import httpx

    return httpx.Response(404, request=httpx.Request("GET", "https://hub.test"))


def test_a_model_that_does_not_exist_is_said_not_to(hub: FakeHub) -> None:
    hub.error = RepositoryNotFoundError("404", response=response())
    with pytest.raises(HubError, match=r"The Hub has no public model somebody/model\. Check"):
        locate(NAME, Policy(), hub)
    hub.error = HfHubHTTPError("500", response=response())
    with pytest.raises(HubError, match="cannot be reached"):
        locate(NAME, Policy(), hub)


@pytest.mark.parametrize(
    "reference", ["gpt2", "", "a/b/c", "/no/such/place", "../up", "~/x", "a b/c"]
)
def test_what_is_neither_folder_nor_id_is_said_to_be_neither(reference: str, hub: FakeHub) -> None:
    with pytest.raises(HubError, match="is no folder here, and no Hub id either"):
        locate(reference, Policy(), hub)
    assert hub.asked == []


def test_the_real_cache_serves_a_model_without_a_network(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="not on this machine, and the Hub cannot be reached"):
        locate(NAME, Policy(), HuggingFace())
    model = tmp_path / "hub" / "models--somebody--model"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text(PIN)
    shutil.copytree(folder, model / "snapshots" / PIN)
    for reference in (NAME, f"{NAME}@{PIN}"):
        assert locate(reference, Policy(), HuggingFace()).reference == f"{NAME}@{PIN}"


def test_the_real_hub_is_asked_for_sizes_and_files_without_a_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import huggingface_hub

    asked: list[dict[str, Any]] = []
    sizes: dict[str, int | None] = {"config.json": 7}

    def model_info(_: object, model: str, **settings: Any) -> Any:
        asked.append({"model": model, **settings})
        files = [SimpleNamespace(rfilename=name, size=size) for name, size in sizes.items()]
        return SimpleNamespace(sha=PIN, siblings=files)

    def snapshot_download(model: str, **settings: Any) -> str:
        asked.append({"model": model, **settings})
        return "/somewhere"

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", model_info)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    assert HuggingFace().describe(NAME, "main") == (PIN, sizes)
    assert HuggingFace().fetch(NAME, PIN, ["config.json"]) == Path("/somewhere")
    description, download = asked
    assert description["files_metadata"] and description["revision"] == "main"
    assert download["allow_patterns"] == ["config.json"] and download["revision"] == PIN
    assert [one["token"] for one in asked] == [False, False]
    sizes["model.safetensors"] = None
    with pytest.raises(HubError, match=r"does not say how large model\.safetensors"):
        HuggingFace().describe(NAME, None)


def test_a_link_that_leaves_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.safetensors"
    shutil.move(folder / "model.safetensors", outside)
    (folder / "model.safetensors").symlink_to(outside)
    with pytest.raises(HubError, match=r"model\.safetensors of gpt2 is a link that leaves"):
        locate(str(folder), Policy())


def test_a_link_to_a_folder_outside_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (folder / "more").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HubError, match="is a link that leaves the folder"):
        locate(str(folder), Policy())


SHARD = "model-00001-of-00001.safetensors"


def sharded(folder: Path, names: dict[str, str]) -> None:
    index = {"metadata": {}, "weight_map": names}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    shutil.move(folder / "model.safetensors", folder / "model-00001-of-00001.safetensors")


def test_an_index_may_name_its_shards_and_nothing_else(folder: Path) -> None:
    sharded(folder, {"a": "model-00001-of-00001.safetensors"})
    assert locate(str(folder), Policy()).name == "gpt2"
    for other in ("../secret.safetensors", "model-00002-of-00002.safetensors", "pytorch_model.bin"):
        index = {"weight_map": {"a": "model-00001-of-00001.safetensors", "b": other}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
        with pytest.raises(HubError, match="does not match its files"):
            locate(str(folder), Policy())


def test_a_stray_shard_that_the_index_does_not_name_is_not_read(folder: Path) -> None:
    weights = (folder / "model.safetensors").read_bytes()
    names = dict.fromkeys(stored_shapes("gpt2", [folder / "model.safetensors"]), SHARD)
    sharded(folder, names)
    (folder / "model-00002-of-00002.safetensors").write_bytes(weights[:20])
    source = locate(str(folder), Policy())
    assert load(source).layers == 2


@pytest.mark.parametrize("keep", [0, 4, 8, 100, -1])
def test_t23_truncated_weights_are_noticed(folder: Path, keep: int) -> None:
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:keep])
    with pytest.raises(HubError, match=r"model\.safetensors of gpt2 is damaged"):
        locate(str(folder), Policy())


@pytest.mark.parametrize("file", ["config.json", "generation_config.json", "tokenizer_config.json"])
@pytest.mark.parametrize("content", ["", "{", "[]", "3", "[" * 100_000])
def test_damaged_settings_are_named(folder: Path, file: str, content: str) -> None:
    (folder / file).write_text(content)
    with pytest.raises(HubError, match=rf"{file} of gpt2"):
        locate(str(folder), Policy())


def test_the_parameters_in_the_headers_count_and_not_those_in_the_config(folder: Path) -> None:
    assert isinstance(locate(str(folder), Policy(max_parameters=40_000)), Source)
    with pytest.raises(HubError, match="of weights; at most"):
        locate(str(folder), Policy(max_parameters=30_000))
