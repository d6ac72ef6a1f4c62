"""Lanes side by side, each with its own model: what they have written, and their drawing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from components.generation.own_lanes import COUNT, OwnLane, choices, described, title
from components.generation.titles import short
from components.shared.drawing.lane import LaneWriter, waiting
from components.shared.drawing.lane_data import lane_data, prompt_data
from components.shared.drawing.spelling import note
from inference.errors import TooMuch
from inference.text.notes import joined
from inference.types.generation import Generation, LaneState
from inference.types.waiting import PART, Waiting

if TYPE_CHECKING:
    from inference.service import Service
    from inference.tasks.generate import Generate

BESIDE = Markup('<b><button type="button" data-lane="{}" title="{}">{}</button></b>')
OPENS = "The model, the filters and the chooser of this lane"
EDITOR = Markup('<section class="own-lanes{}" data-widget="own-lanes" data-value="{}"></section>')


@dataclass(frozen=True)
class Strip:
    """One lane of the view."""

    own: OwnLane
    reader: str
    """The title of its model; empty where all lanes have the same one."""
    number: int
    """Its place among the lanes of its model."""
    found: Generation | None = None
    """All lanes of its model; None before they begin."""

    @property
    def title(self) -> str:
        return title(self.own.options)


@dataclass(frozen=True)
class SideBySide:
    """All lanes, from the first to the last."""

    strips: tuple[Strip, ...]
    chosen: bool
    """Whether somebody put the lanes together, or they are the five of the view."""
    models: tuple[tuple[str, str], ...]
    """(title, name) of those that can write."""

    @property
    def note(self) -> str:
        """What was changed or cut short, once."""
        found = (one.found.note for one in self.strips if one.found)
        return joined(*dict.fromkeys(found))


def written(
    service: Service,
    session: str | None,
    lanes: Sequence[OwnLane],
    asked: Sequence[Generate],
    chosen: bool,
) -> Iterator[Waiting | SideBySide]:
    """The lanes again and again as they grow: all by the same number of tokens, of every model.

    A page has one request at work for each of its models. Raises OrreryError.
    """
    cost = sum(one.rows * one.steps for one in asked)
    if cost > service.limits.row_tokens:
        raise TooMuch(service.limits.row_tokens, cost)
    models = tuple((short(one.title), one.name) for one in service.catalog.entries("write"))
    together = SideBySide(strips(service, lanes), chosen, models)
    found: dict[str, Generation] = {}
    for model, news in in_turn(service, session, asked):
        if isinstance(news, Waiting):
            yield news
            continue
        found[model] = news
        if len(found) == len(asked):
            yield replace(together, strips=tuple(_with(together.strips, level(found))))


def in_turn(
    service: Service, session: str | None, asked: Sequence[Generate]
) -> Iterator[tuple[str, Waiting | Generation]]:
    """The news of all models, always of the one that has written least.

    They run beside one another, for the worker takes a step of each in turn.
    """
    with ExitStack() as held:
        written = {task.model: 0 for task in asked}
        running: dict[str, Iterator[Waiting | Generation]] = {}
        for place, task in enumerate(asked):
            # each as a part of the page, for of one kind a page has one run at work
            part = f"{session}{PART}{place}" if session and place else session
            stream = service.run(task, part)
            held.callback(stream.close)
            running[task.model] = stream
        while running:
            model = min(running, key=written.__getitem__)
            turn = running.pop(model)
            news = next(turn, None)
            if news is not None:
                running[model] = turn  # behind others that have written as much
                written[model] = 0 if isinstance(news, Waiting) else length(news)
                yield model, news


def level(found: Mapping[str, Generation]) -> dict[str, Generation]:
    """What every model has written, as far as the one that has written least and goes on."""
    going_on = [one for one in found.values() if any(two.end == "running" for two in one.lanes)]
    least = min(map(length, going_on), default=None)
    return {model: replace(one, lanes=_until(one.lanes, least)) for model, one in found.items()}


def length(found: Generation) -> int:
    """Tokens of its longest lane."""
    return max(len(lane.steps) for lane in found.lanes)


def _until(lanes: Sequence[LaneState], least: int | None) -> tuple[LaneState, ...]:
    """The lanes after `least` steps; as they are where they have not gone further."""
    return tuple(
        one
        if least is None or len(one.steps) <= least
        else replace(one, steps=one.steps[:least], end="running")
        for one in lanes
    )


def strips(service: Service, lanes: Sequence[OwnLane]) -> tuple[Strip, ...]:
    """The lanes before their first token. Raises OrreryError where a model cannot write."""
    names = [one.model for one in lanes]
    titles = {name: short(service.catalog.entry(name, "write").title) for name in names}
    told = titles if len(titles) > 1 else dict.fromkeys(titles, "")
    return tuple(
        Strip(one, told[one.model], names[:place].count(one.model))
        for place, one in enumerate(lanes)
    )


def _with(strips: Sequence[Strip], found: Mapping[str, Generation]) -> Iterator[Strip]:
    for one in strips:
        yield replace(one, found=found[one.own.model])


def data(together: SideBySide) -> dict[str, Any]:
    """The prompt as the first lane reads it, and all lanes."""
    first = together.strips[0].found
    shared = prompt_data(first) if first else {}
    return {**shared, "note": together.note, "lanes": list(_lanes(together))}


def _lanes(together: SideBySide) -> Iterator[dict[str, Any]]:
    for one in together.strips:
        found = one.found
        if found is None:
            continue
        asked = {"strategy": one.title, "model": one.own.model, "dice": one.own.options.dice}
        yield {**asked, **prompt_data(found), **lane_data(found.lanes[one.number], found)}


class Drawing:
    """A note, the lanes, and what edits them; what stays of a lane is drawn only once."""

    def __init__(self) -> None:
        self._writers: list[LaneWriter] = []

    def __call__(self, together: SideBySide) -> list[object]:
        if not self._writers:
            self._writers = [writer(one, place) for place, one in enumerate(together.strips)]
        first = together.strips[0].found
        drawn = [
            str(write.draw(one.found, one.number, first) if one.found else waiting(one.title, ""))
            for write, one in zip(self._writers, together.strips, strict=True)
        ]
        hidden = [""] * (COUNT[1] - len(drawn))
        return [str(note(together.note)), *drawn, *hidden, str(editor(together))]


def writer(one: Strip, place: int) -> LaneWriter:
    """What draws a lane; its title opens what it can be set to."""
    heading = BESIDE.format(place, OPENS, one.title)
    other = "other dice" if one.own.options.dice else ""
    small = ", ".join(filter(None, (one.reader, other)))
    if small:
        heading += Markup("<small>{}</small>").format(small)
    return LaneWriter(", ".join(filter(None, (one.title, small))), heading)


def editor(together: SideBySide) -> Markup:
    """What the browser needs to let somebody change the lanes."""
    lanes = [described(one.own) for one in together.strips]
    value = {"lanes": lanes, "chosen": together.chosen, **choices(together.models)}
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return EDITOR.format(" chosen" * together.chosen, written)
