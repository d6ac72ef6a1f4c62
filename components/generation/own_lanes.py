"""Lanes that somebody puts together: read from the short text that the page and its links hold.

The text is JSON: a list of lanes, each with `model`, `choice`, `beams`, `filters` as pairs of name
and number in their order, and `dice`, where lanes with the same number roll the same ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from components.generation.titles import TITLES
from inference.errors import OrreryError, TooLong
from inference.types.options import BEAMS, FILTERS, ROWS, LaneOptions, in_range

COUNT = (2, 6)
"""How many lanes stand side by side."""
LONGEST = 4_000  # characters of the text
CHOICES = ("greedy", "sample", "beam")
FIELDS = ("model", "choice", "beams", "filters", "dice")
EXAMPLE = '{"model": "storyteller", "choice": "sample", "filters": [["top_k", 40]]}'
BEGIN = {
    "temperature": 0.8,
    "top_k": 40,
    "top_p": 0.9,
    "min_p": 0.05,
    "typical_p": 0.9,
    "repetition_penalty": 1.2,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "no_repeat_ngram": 3,
}
"""The number with which a filter is added to a lane."""
WIDTH = {"top_k": 1.0, "no_repeat_ngram": 1.0, "min_p": 0.01, "top_p": 0.05, "typical_p": 0.05}
"""By how much a press of an arrow changes a number, where that is not 0.1."""


@dataclass(frozen=True)
class OwnLane:
    """One strategy, and the model that writes by it."""

    model: str
    options: LaneOptions
    listed: tuple[str, ...] = ()
    """Filters that it was given, also such that do nothing with their number."""


def read(text: object) -> tuple[OwnLane, ...]:
    """The lanes that a text describes; none where it is empty.

    Raises OrreryError that names the lane and what is wrong with it.
    """
    if text is None or (isinstance(text, str) and not text.strip()):
        return ()
    found = parsed(text)
    if not isinstance(found, list):
        raise OrreryError(f"The lanes are a list of such as {EXAMPLE}.")
    in_range("The number of lanes", len(found), COUNT)
    lanes = tuple(lane(one, number) for number, one in enumerate(found, start=1))
    rows = sum(one.options.rows for one in lanes)
    in_range("The number of all lanes and beams together", rows, ROWS)
    return lanes


def parsed(text: object) -> object:
    """The JSON of a text. Raises OrreryError where it is none."""
    if not isinstance(text, str):
        raise OrreryError("The lanes must be text.")
    if len(text) > LONGEST:
        raise TooLong("description of the lanes", LONGEST, len(text), "characters")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OrreryError(f"The lanes cannot be read: they are a list of {EXAMPLE}.") from error


def lane(given: object, number: int) -> OwnLane:
    """The lane of one entry of the list."""
    if not isinstance(given, dict):
        raise OrreryError(f"Lane {number} is no description such as {EXAMPLE}.")
    unknown = [str(name)[:40] for name in given if name not in FIELDS]
    if unknown:
        raise OrreryError(f"Lane {number} has {unknown[0]!r}; it may have {', '.join(FIELDS)}.")
    model, choice = given.get("model"), given.get("choice", "sample")
    if not isinstance(model, str):
        raise OrreryError(f"Lane {number} names no model.")
    if choice not in CHOICES:
        raise OrreryError(f"The choice of lane {number} is one of {', '.join(CHOICES)}.")
    numbers = filters(given.get("filters", []), number)
    beams = given.get("beams", 4) if choice == "beam" else None
    if beams is None and "beams" in given:
        raise OrreryError(f"Lane {number} has beams, which only a lane of beam search has.")
    if beams is not None:
        in_range(f"The number of beams of lane {number}", beams, BEAMS, whole=True)
    if beams is not None and numbers:
        raise OrreryError(f"Lane {number} searches with beams, and that has no filters.")
    order = (*numbers, *(name for name in FILTERS if name not in numbers))
    dice = given.get("dice", 0)
    sample = choice == "sample"
    options = LaneOptions("", sample=sample, beams=beams, order=order, dice=dice, **numbers)
    return OwnLane(model, replace(options, name=title(options)), tuple(numbers))


def filters(given: object, number: int) -> dict[str, Any]:
    """The filters of a lane with their numbers, in their order."""
    pairs = given if isinstance(given, list) else [None]
    found: dict[str, Any] = {}
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)):
            raise OrreryError(f'The filters of lane {number} are a list such as [["top_k", 40]].')
        name, value = pair
        if name not in FILTERS:
            raise OrreryError(f"The filters of lane {number} are some of {', '.join(FILTERS)}.")
        if name in found:
            raise OrreryError(f"Lane {number} has the filter {name} twice.")
        one = FILTERS[name]
        in_range(f"{one.label} of lane {number}", value, one.limits, one.whole)
        found[name] = value
    return found


def title(options: LaneOptions) -> str:
    """What a lane does, in a few words: its filters in their order."""
    if options.beams is not None:
        return f"Beam {options.beams}"
    numbers = [f"{TITLES[name]} {getattr(options, name):g}" for name in options.filters]
    if not options.sample:
        numbers.append("Greedy")
    elif not numbers:
        numbers = [f"Temperature {1:g}"]
    return " → ".join([numbers[0], *(one[0].lower() + one[1:] for one in numbers[1:])])


def described(one: OwnLane) -> dict[str, object]:
    """The entry of the list that describes a lane; `lane` reads it back."""
    options = one.options
    choice = "beam" if options.beams is not None else "sample" if options.sample else "greedy"
    found: dict[str, object] = {"model": one.model, "choice": choice}
    if options.beams is not None:
        found["beams"] = options.beams
    elif one.listed or options.filters:
        names = one.listed or options.filters
        found["filters"] = [[name, getattr(options, name)] for name in names]
    return {**found, "dice": options.dice} if options.dice else found


def choices(models: Sequence[tuple[str, str]]) -> Mapping[str, object]:
    """What an editor of lanes offers.

    models: (title, name) of all that can write.
    """
    return {
        "models": models,
        "beams": BEAMS,
        "count": COUNT,
        "filters": [
            [name, TITLES[name], one.low, one.high, WIDTH.get(name, 0.1), BEGIN[name]]
            for name, one in FILTERS.items()
        ],
    }
