"""The models that may be asked, by their names: the collection's own and those from elsewhere.

Bounds are not written here: they are read from the `config.json` of each model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from inference.bounds import Bounds
from inference.collection import COLLECTION, DOES
from inference.entry import LEARNED, Capability, Entry
from inference.errors import BadTokenizer, ModelUnavailable, OrreryError
from inference.limits import Limits
from models.files import CheckpointError, read_json
from models.opened import ModelFacts
from models.text import learned
from models.text.protocol import TextTokenizer
from models.words.elsewhere.opening import open_vectors
from models.words.vectors import WordVectors

CARD = 1_000_000  # characters of a card that are shown
AGE = re.compile(r"step-(\d+)")
"""What a folder is called that holds a model as it was after so many steps of its training."""


class Catalog:
    """Every entry by its name. Reads small files, and no weights; imports torch only where models
    from elsewhere are named."""

    def __init__(
        self,
        checkpoints: Path,
        limits: Limits | None = None,
        elsewhere: Mapping[str, str] | None = None,
        trained: Callable[[str], Entry | None] = lambda name: None,
        vectors: Mapping[str, str] | None = None,
        tokenizers: Mapping[str, str] | None = None,
    ) -> None:
        """elsewhere: folders or Hub ids of other models, by the names that they are to have.

        vectors, tokenizers: files of other word vectors, and of tokenizers, likewise.

        trained: the entry of a model that was trained here, by its name. No list has them.

        Raises ValueError that names the model where one cannot be used.
        """
        self.checkpoints = checkpoints
        self._limits = limits or Limits()
        self._trained = trained
        self._entries = {one.name: one for one in (*COLLECTION, *_found(checkpoints))}
        self.elsewhere: dict[str, ModelFacts] = {}
        for name, reference in (elsewhere or {}).items():
            if name in self._entries:
                raise ValueError(f"two models are called {name}.")
            self.elsewhere[name] = _described(name, reference, self._limits)
            self._entries[name] = _elsewhere(name, self.elsewhere[name])
        self.vectors: dict[str, WordVectors] = {}
        for name, reference in (vectors or {}).items():
            if name in self._entries:
                raise ValueError(f"two models are called {name}.")
            self.vectors[name] = _opened(name, reference)
            self._entries[name] = _own_vectors(name, self.vectors[name])
        self.tokenizers: dict[str, TextTokenizer] = {}
        for name, reference in (tokenizers or {}).items():
            if name in self._entries:
                raise ValueError(f"two models are called {name}.")
            self.tokenizers[name] = _cutting(name, reference)
            self._entries[name] = _own_tokenizer(name, self.tokenizers[name])

    def entries(self, *can: Capability, listed: bool = True) -> tuple[Entry, ...]:
        """Who can do all this, in order. listed: False also gives those that are not offered."""
        return tuple(
            entry
            for entry in self._entries.values()
            if entry.can.issuperset(can) and (entry.listed or not listed)
        )

    def entry(self, name: object, *can: Capability) -> Entry:
        """The entry of this name. Raises ModelUnavailable, or OrreryError where it cannot `can`.

        ModelGone of a model that was trained here and is no longer kept, BadTokenizer of a
        tokenizer of a page that cannot be read.
        """
        entry = None
        if isinstance(name, str):
            entry = self._entries.get(name) or _learned(name) or self._trained(name)
        able = ", ".join(one.name for one in self.entries(*can)) if can else ""
        if entry is None:
            choose = f" Choose one of {able}." if able else ""
            raise ModelUnavailable(str(name)[:40], f"there is none of this name.{choose}")
        for one in can:
            if one not in entry.can:
                raise OrreryError(f"{entry.called} cannot {one}. Choose one of {able}.")
        return entry

    def ages(self, name: str) -> Mapping[int, Entry]:
        """A model at its ages, by how many steps it was trained for, the youngest first.

        Nothing where there is none of this name, or where it was kept at one age alone.
        """
        found = {
            int(age[1]): entry
            for entry in self._entries.values()
            if entry.name.rpartition("/")[0] == name
            and (age := AGE.fullmatch(entry.name.rpartition("/")[2]))
        }
        return dict(sorted(found.items()))

    def folder(self, entry: Entry) -> Path:
        """Where its files are."""
        return self.checkpoints / entry.folder

    def card(self, name: str) -> str:
        """The text of a model's card; its ages share one. Raises ModelUnavailable."""
        entry = next(iter(self.ages(name).values()), None) or self.entry(name)
        try:
            path = self.checkpoints / entry.card
            return path.read_text(encoding="utf-8", errors="replace")[:CARD]
        except OSError as error:
            raise ModelUnavailable(entry.name, "its card is not here.") from error

    def sources(self) -> dict[str, Path | ModelFacts]:
        """Where everything is loaded from that runs on a device, by its name."""
        return {
            entry.name: self.elsewhere.get(entry.name) or self.folder(entry)
            for entry in self._entries.values()
            if entry.can - {"cut", "embed"}
        }

    def layout(self, name: str) -> str:
        """The `model_type` of a model from elsewhere; empty of others, and where it says none."""
        facts = self.elsewhere.get(name)
        if facts is None:
            return ""
        try:
            return str(_config(facts.folder / "config.json").get("model_type", ""))
        except ValueError:
            return ""

    def bounds(self, name: object) -> Bounds:
        """From its config.json. Raises ModelUnavailable where that cannot be read."""
        entry = self.entry(name)
        facts = self.elsewhere.get(entry.name)
        if facts is not None:
            return Bounds.within(self._limits, facts.context, facts.vocabulary)
        try:
            stored = _config(self.folder(entry) / "config.json")
            return Bounds.of(stored, self._limits)
        except ValueError as error:
            raise ModelUnavailable(entry.called, str(error)) from error


def _found(checkpoints: Path) -> Iterator[Entry]:
    """Models in the folder that are not among the collection's own, such as ages of one model."""
    own = {entry.folder for entry in COLLECTION}
    paths: Iterable[Path] = [
        *checkpoints.glob("*/config.json"),
        *checkpoints.glob("*/*/config.json"),
    ]
    for path in sorted(paths):
        folder = path.parent.relative_to(checkpoints).as_posix()
        try:
            can = DOES.get(str(_config(path).get("model_type")))
        except ValueError:
            continue
        if can is None or folder in own:
            continue
        card = f"{folder.split('/')[0]}/README.md"
        nested = "/" in folder
        yield Entry(
            folder,
            folder,
            "transformer",
            can,
            folder,
            card=card,
            opens=bool(AGE.fullmatch(path.parent.name)),
            closes="translate" in can,
            listed=not nested,
        )


def _described(name: str, reference: str, limits: Limits) -> ModelFacts:
    """What a model from elsewhere is. Raises ValueError that names it."""
    from models.loading import describe  # noqa: PLC0415  # torch, and transformers if need be

    try:
        return describe(reference, most=int(limits.megabytes * 1e6 / 4))  # bytes of a float32
    except ValueError as error:
        raise ValueError(f"model {name} cannot be used. {error}") from error


def _opened(name: str, reference: str) -> WordVectors:
    """Vectors, left in their file. Raises ValueError that names them."""
    try:
        return open_vectors(reference)
    except ValueError as error:
        raise ValueError(f"vectors {name} cannot be used. {error}") from error


def _own_vectors(name: str, vectors: WordVectors) -> Entry:
    about = f"Vectors from elsewhere: {len(vectors.words):,} words, {len(vectors.unit[0])} numbers."
    read = f"{about} Nobody here knows what they have read."
    can: frozenset[Capability] = frozenset({"embed"})
    return Entry(name, name, "own vectors", can, name, "words", about, read)


def _cutting(name: str, reference: str) -> TextTokenizer:
    """A tokenizer. Raises ValueError that names it."""
    from models.hub.own_tokenizer import open_tokenizer  # noqa: PLC0415  # where one is named

    try:
        return open_tokenizer(reference)
    except ValueError as error:
        raise ValueError(f"tokenizer {name} cannot be used. {error}") from error


def _own_tokenizer(name: str, tokenizer: TextTokenizer) -> Entry:
    about = f"A tokenizer from elsewhere with {tokenizer.vocabulary:,} tokens."
    read = f"{about} Nobody here knows what it was trained on."
    can: frozenset[Capability] = frozenset({"cut"})
    return Entry(name, name, "own tokenizer", can, name, "tokens", about, read)


def _learned(name: str) -> Entry | None:
    """A tokenizer that is its own name; None of another. Raises OrreryError."""
    if not name.startswith(LEARNED):
        return None
    try:
        line = learned.parsed(name.removeprefix(LEARNED))
    except ValueError as error:
        raise BadTokenizer(str(error)) from error
    kind = {"wordpiece": "WordPiece", "unigram": "Unigram"}.get(line.kind, "BPE")
    about = f"{kind} of your own text, which this browser tab keeps until it is closed."
    can: frozenset[Capability] = frozenset({"cut"})
    return Entry(name, line.title, "learned", can, "", "tokens", about, listed=False)


def _elsewhere(name: str, facts: ModelFacts) -> Entry:
    can: frozenset[Capability] = facts.can | frozenset[Capability]({"cut"})
    about = f"{facts.name}, a model from elsewhere with {facts.parameters:,} parameters."
    readme = facts.folder / "README.md"
    card = str(readme.resolve()) if readme.is_file() else ""
    if not Path(facts.reference).is_dir():
        card = f"https://huggingface.co/{facts.reference.partition('@')[0]}"
    read = f"{about} Its own card says what it has read." if card else about
    return Entry(name, name, "elsewhere", can, facts.reference, "tokens", about, read, card)


def _config(path: Path) -> Mapping[str, Any]:
    stored = read_json(path)
    if not isinstance(stored, dict):
        raise CheckpointError(f"{path.name} in {path.parent.name} is no JSON object.")
    return stored
