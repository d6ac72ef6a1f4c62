"""From a reference to the files of one revision: a local folder, or a Hub id and its cache."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import huggingface_hub
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from safetensors import SafetensorError, safe_open

from models.hub.policy import (
    COMMIT,
    HUB_ID,
    INDEX,
    SETTINGS,
    TEXTS,
    WEIGHTS,
    HubError,
    Policy,
    check_settings,
    check_sizes,
    weight_files,
)

MOST_FILES = 10_000


@dataclass(frozen=True)
class Source:
    """The files of a model, judged and ready to be read."""

    name: str
    reference: str
    """What leads to these very files again: the folder, or the Hub id with its commit."""
    folder: Path
    settings: Mapping[str, Mapping[str, Any]]
    """What is in its config.json, and in the other settings files it has."""

    @property
    def config(self) -> Mapping[str, Any]:
        return self.settings["config.json"]

    @property
    def ends(self) -> tuple[int, ...]:
        """The tokens that end a text, the main one first; none where none is named."""
        stored = self.settings.get("generation_config.json", {}).get("eos_token_id")
        stored = self.config.get("eos_token_id") if stored is None else stored
        ends = stored if isinstance(stored, list) else [stored]
        return tuple(dict.fromkeys(end for end in ends if type(end) is int))


class Hub(Protocol):
    """The two things that are asked of the Hub."""

    def describe(self, model: str, revision: str | None) -> tuple[str, dict[str, int]]:
        """The commit that `revision` means now, and the bytes of each of its files."""

    def fetch(self, model: str, revision: str, files: list[str] | None) -> Path:
        """A folder with these files; None takes what is on this machine and asks nobody."""


class HuggingFace:
    """The Hub at huggingface.co, and its cache on this machine.

    Asked without a token: whoever runs the page would lend theirs to everybody who visits it.
    """

    def describe(self, model: str, revision: str | None) -> tuple[str, dict[str, int]]:
        info = huggingface_hub.HfApi().model_info(
            model, revision=revision, files_metadata=True, token=False
        )
        files: dict[str, int] = {}
        for file in info.siblings or []:
            if file.size is None:  # a cap on something unknown would be none
                raise HubError(f"The Hub does not say how large {file.rfilename} of {model} is.")
            files[file.rfilename] = file.size
        return str(info.sha), files

    def fetch(self, model: str, revision: str, files: list[str] | None) -> Path:
        folder = huggingface_hub.snapshot_download(
            model,
            revision=revision,
            allow_patterns=files,
            local_files_only=files is None,
            token=False,
        )
        return Path(str(folder))


def locate(reference: str, policy: Policy, hub: Hub | None = None) -> Source:
    """Find, judge and if need be fetch a model. Raises HubError before anything is downloaded.

    reference: a folder, or `owner/name` with `@revision` where one is meant.
    """
    folder = Path(reference).expanduser()
    if reference and folder.is_dir():
        return _judged(folder.name, str(folder), folder, folder, policy)
    named = HUB_ID.fullmatch(reference)
    if named is None or reference.startswith((".", "/", "~")):
        raise HubError(
            f"{reference[:200]} is no folder here, and no Hub id either (owner/name, or "
            "owner/name@revision)."
        )
    return _from_hub(named["id"], named["revision"], policy, hub or HuggingFace())


def _from_hub(model: str, revision: str | None, policy: Policy, hub: Hub) -> Source:
    """The cached files of a pinned commit without asking anybody; else what the Hub has now."""
    if revision is not None and COMMIT.fullmatch(revision):
        folder = _cached(model, revision, hub)
        if folder is not None:
            with contextlib.suppress(HubError):  # half a download: the Hub has the rest
                return _from_cache(model, folder, policy)
    try:
        commit, files = hub.describe(model, revision)
        policy.check_listing(model, files)
        wanted = [*(file for file in TEXTS if file in files), *weight_files(files)]
        folder = hub.fetch(model, commit, wanted)
    except (RepositoryNotFoundError, RevisionNotFoundError, GatedRepoError) as error:
        raise HubError(
            f"The Hub has no public model {model}{'@' + revision if revision else ''}. "
            "Check the spelling; gated models must be downloaded by hand and opened as a folder."
        ) from error
    except (HfHubHTTPError, OSError) as error:  # no network, offline mode, or the Hub is down
        cached = _cached(model, revision or "main", hub)
        if cached is None:
            raise HubError(
                f"{model} is not on this machine, and the Hub cannot be reached. Go online once "
                "to fetch it, or name a folder that holds it."
            ) from error
        folder = cached
    return _from_cache(model, folder, policy)


def _from_cache(model: str, snapshot: Path, policy: Policy) -> Source:
    """The files of a commit. Its links may lead to files of the same model, and no further."""
    return _judged(model, f"{model}@{snapshot.name}", snapshot, snapshot.parents[1], policy)


def _cached(model: str, revision: str, hub: Hub) -> Path | None:
    try:
        return hub.fetch(model, revision, None)
    except (LocalEntryNotFoundError, OSError):
        return None


def _judged(name: str, reference: str, folder: Path, root: Path, policy: Policy) -> Source:
    files = listing(name, folder, root)
    policy.check_listing(name, files)
    weights = _indexed(name, folder, weight_files(files))
    shapes = stored_shapes(name, [folder / file for file in weights])
    sizes = [math.prod(shape) for shape in shapes.values()]
    policy.check_parameters(name, sum(sizes))
    settings = {file: read_json(name, folder / file) for file in SETTINGS if file in files}
    for file, content in settings.items():
        check_settings(name, file, content)
    check_sizes(name, settings["config.json"], len(shapes))
    return Source(name, reference, folder, settings)


def listing(name: str, folder: Path, root: Path) -> dict[str, int]:
    """The bytes of every file of a folder. Raises HubError where a link leads out of `root`."""
    files: dict[str, int] = {}
    inside = root.resolve()
    for path in folder.rglob("*"):
        if not path.resolve().is_relative_to(inside):
            raise HubError(
                f"{path.relative_to(folder)} of {name} is a link that leaves the folder. Replace "
                "it with the file itself."
            )
        if path.is_file():
            files[path.relative_to(folder).as_posix()] = path.stat().st_size
        if len(files) > MOST_FILES:
            raise HubError(f"{name} has more than {MOST_FILES:,} files; name a model's own folder.")
    return files


def stored_shapes(name: str, files: list[Path]) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor, from the headers alone. Raises HubError on a damaged file."""
    shapes: dict[str, tuple[int, ...]] = {}
    for path in files:
        try:
            with safe_open(path, framework="np") as stored:
                shapes |= {key: tuple(stored.get_slice(key).get_shape()) for key in stored.keys()}  # noqa: SIM118
        except (SafetensorError, OSError, ValueError) as error:
            raise HubError(f"{path.name} of {name} is damaged; get it again.") from error
    return shapes


def _indexed(name: str, folder: Path, weights: list[str]) -> list[str]:
    """Those of the files that the index names; it may name no other. Stray shards are not read."""
    if weights[0] == WEIGHTS:
        return weights
    index = read_json(name, folder / INDEX).get("weight_map")
    named = {str(file) for file in index.values()} if isinstance(index, dict) else set()
    if not named or not named <= set(weights):
        raise HubError(f"{INDEX} of {name} does not match its files; get the model again.")
    return sorted(named)


def read_json(name: str, path: Path) -> dict[str, Any]:
    """A settings file. Raises HubError where it is not one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise HubError(f"{path.name} of {name} cannot be read; get it again.") from error
    if not isinstance(content, dict):
        raise HubError(f"{path.name} of {name} holds no settings; get it again.")
    return content
