"""Models that people have trained here: each for whoever holds its name, for a while.

A name ends in a token that nobody can guess, and no list has it. Their folders lie in a directory
that the system lets nobody else read, and that goes with the process.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import shutil
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from zipfile import ZipFile

from inference.collection import DOES
from inference.entry import TRAINED, Capability, Entry
from inference.errors import ModelGone
from inference.limits import Limits
from models.text.tokenizer import END_OF_TEXT

log = logging.getLogger(__name__)
BYTES = 16  # of a token
NAME = re.compile(re.escape(TRAINED) + r"[\w-]{22}", re.ASCII)


@dataclass(frozen=True)
class Kept:
    """One model, its size, and when it goes."""

    entry: Entry
    size: int
    until: float


class TrainedModels:
    """Bounded in bytes, in number and in time; the oldest goes first. Safe from any thread."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._most = int(limits.trained_megabytes * 1e6)
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, Kept] = {}  # the oldest first
        self._forget: Callable[[], object] | None = None  # removes the directory
        self._directory = Path()
        self._timer: threading.Timer | None = None

    def __len__(self) -> int:
        self._sweep()
        return len(self._kept)

    def keep(self, files: Mapping[str, bytes], title: str) -> str:
        """Keep the files of a folder; the name by which whoever is told it may ask for the model.

        title: what views call it. "" where it cannot be kept: too large for all, or the disk full.
        """
        name = TRAINED + secrets.token_urlsafe(BYTES)
        return name if self._keep(name, files, title) else ""

    def restore(self, name: str, files: Mapping[str, bytes]) -> None:
        """Keep what another store keeps under this name; harmless where it is here already.

        Raises ModelGone for a name that no trained model can have.
        """
        if not NAME.fullmatch(name):
            raise ModelGone(self._limits.trained_seconds)
        if self.folder(name) is None:
            self._keep(name, files, "")

    def files(self, name: str) -> dict[str, bytes]:
        """The files of a model that is kept: what `restore` is given. Raises ModelGone."""
        folder = self.folder(name)
        try:
            if folder is not None:
                return {path.name: path.read_bytes() for path in folder.iterdir()}
        except OSError:  # it went in this moment
            pass
        raise ModelGone(self._limits.trained_seconds)

    def _keep(self, name: str, files: Mapping[str, bytes], title: str) -> bool:
        """False where it is too large for all, or the disk full."""
        size = sum(map(len, files.values()))
        if size > self._most:
            return False
        with self._lock:
            try:
                folder = self._written(name, files)
            except OSError as error:
                log.warning("a trained model is not kept: %s", error.strerror)
                return False
            until = self._clock() + self._limits.trained_seconds
            self._kept[name] = Kept(described(name, title, folder, files), size, until)
            self._drop()
            self._wake()
        return True

    def _written(self, name: str, files: Mapping[str, bytes]) -> Path:
        """A folder of these files. Raises OSError, after which there is none."""
        if self._forget is None:
            self._directory = Path(mkdtemp(prefix="orrery-"))
            self._forget = weakref.finalize(self, shutil.rmtree, self._directory, True)
        folder = self._directory / name
        folder.mkdir(mode=0o700)
        try:
            for file, content in files.items():
                (folder / Path(file).name).write_bytes(content)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder

    def entry(self, name: str) -> Entry | None:
        """None for a name that no trained model can have. Raises ModelGone where it is not kept."""
        if not name.startswith(TRAINED):
            return None
        self._sweep()
        kept = self._kept.get(name)
        if kept is None:
            raise ModelGone(self._limits.trained_seconds)
        return kept.entry

    def folder(self, name: str) -> Path | None:
        """Where the files of a model are that is kept; None of any other."""
        self._sweep()
        kept = self._kept.get(name)
        return Path(kept.entry.folder) if kept else None

    def packed(self, name: str) -> tuple[str, bytes]:
        """A model's folder as a zip archive, and what it is called. Raises ModelGone."""
        entry = self.entry(name)
        if entry is None:
            raise ModelGone(self._limits.trained_seconds)
        label = label_of(entry)
        archive = BytesIO()
        with ZipFile(archive, "w") as packed:
            for file, content in sorted(self.files(name).items()):
                packed.writestr(f"{label}/{file}", content)
        return label, archive.getvalue()

    def close(self) -> None:
        """Forget all."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._kept.clear()
            if self._forget is not None:
                self._forget()
                self._forget = None

    def _sweep(self) -> None:
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        """Let those go whose time is over, and the oldest where there is too much."""
        now, size = self._clock(), sum(one.size for one in self._kept.values())
        for name, one in list(self._kept.items()):
            many = len(self._kept) > self._limits.trained_models
            if one.until > now and size <= self._most and not many:
                return
            size -= one.size
            del self._kept[name]
            shutil.rmtree(one.entry.folder, ignore_errors=True)

    def _wake(self) -> None:
        """Have somebody look again when the time of the oldest is over."""
        if self._timer is not None and self._timer.is_alive():
            return
        oldest = next(iter(self._kept.values()), None)
        if oldest is not None:
            wait = max(0.0, oldest.until - self._clock())
            self._timer = threading.Timer(wait, expire, (weakref.ref(self),))
            self._timer.daemon = True
            self._timer.start()

    def expire(self) -> None:
        """Let those go whose time is over, and wake again for the next."""
        self._sweep()
        with self._lock:
            self._timer = None
            self._wake()


def label_of(entry: Entry) -> str:
    """What the archive of a model, and the folder in it, is called."""
    return re.sub("[^a-z]+", "-", entry.title.lower())


def expire(models: weakref.ref[TrainedModels]) -> None:
    """Run by a timer, which keeps no store alive."""
    there = models()
    if there is not None:
        there.expire()


def described(name: str, title: str, folder: Path, files: Mapping[str, bytes]) -> Entry:
    """What is known of a model by its files: what it can do as a model of its kind."""
    kind = json.loads(files["config.json"])["model_type"]
    pieces = json.loads(files["tokenizer.json"])["model"]["vocab"]
    ends = END_OF_TEXT in pieces
    can: frozenset[Capability] = DOES[kind] - (frozenset() if ends else {"remove heads"})
    about, read = "A small model that was trained here.", "A text that was chosen here."
    return Entry(name, title, "trained", can, str(folder), "characters", about, read, opens=ends)
