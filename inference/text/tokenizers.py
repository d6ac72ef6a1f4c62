"""The tokenizers of all models, each loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache, partial

from inference.bounds import Bounds
from inference.catalog import Catalog
from inference.entry import LEARNED, Capability, Entry
from inference.limits import Limits
from inference.loading.lazy import LazyResource
from inference.text.preprocessor import Preprocessor, Segmenter

learned = lru_cache(16)(Segmenter.read)
"""Tokenizers that were trained here, by their lines: a view may ask the same one often."""


class Tokenizers:
    """Of all that reads text, by the name of its model. Safe from any thread."""

    def __init__(self, catalog: Catalog, limits: Limits) -> None:
        self._catalog, self._limits = catalog, limits
        self._resources = {
            entry.name: self._resource(entry)
            for can in ("write", "attend", "cut", "fill in", "translate")
            for entry in catalog.entries(can, listed=False)
        }

    @property
    def resources(self) -> Iterable[LazyResource[Segmenter]]:
        return self._resources.values()

    def preprocessor(self, name: object, *needs: Capability) -> Preprocessor:
        """The text side of a model. Raises ModelUnavailable, or OrreryError where it cannot."""
        entry = self._catalog.entry(name, *needs)
        resource = self._resources.get(entry.name)
        segmenter = resource.get() if resource else self._load(entry)
        facts, limits = self._catalog.elsewhere.get(entry.name), self._limits
        if entry.kind in ("tokenizer", "own tokenizer", "learned"):
            bounds = Bounds.within(limits, limits.characters, segmenter.tokenizer.vocabulary)
        else:
            bounds = self._catalog.bounds(entry.name)
        model = Preprocessor(segmenter, bounds, limits, entry.unit)
        if facts is not None:
            return replace(
                model,
                opening=facts.opening,
                closing=facts.closing,
                start=facts.start,
                notes=facts.notes,
            )
        end = model.ends[:1]
        start = end[0] if "translate" in entry.can else None
        return replace(model, opening=end * entry.opens, closing=end * entry.closes, start=start)

    def _resource(self, entry: Entry) -> LazyResource[Segmenter]:
        load = partial(self._load, entry)
        return LazyResource(f"{entry.name} tokenizer", load, lambda one: one.tokenizer.vocabulary)

    def _load(self, entry: Entry) -> Segmenter:
        """Raises ValueError where it is damaged, or has not the vocabulary of its model."""
        if entry.kind == "learned":
            return learned(entry.name.removeprefix(LEARNED))
        facts = self._catalog.elsewhere.get(entry.name)
        own = facts.tokenizer if facts else self._catalog.tokenizers.get(entry.name)
        if own is not None:
            return Segmenter(own)
        segmenter = Segmenter.load(self._catalog.folder(entry), entry.kind == "tokenizer")
        found = segmenter.tokenizer.vocabulary
        stated = found if entry.kind == "tokenizer" else self._catalog.bounds(entry.name).vocabulary
        if found != stated:
            raise ValueError(
                f"its tokenizer.json has {found:,} tokens and its config.json states {stated:,}: "
                "they do not belong together."
            )
        return segmenter
