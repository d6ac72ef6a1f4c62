"""What is asked of which model, so that all of them are seen through one lens."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from components.attention.reading.seen import PARTS, Seen, Side
from components.shared.asking import result
from components.shared.drawing.lane_data import name
from inference.errors import OrreryError
from inference.text.notes import joined
from inference.types.generation import Generation
from inference.types.options import GenerationOptions, LaneOptions
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

LENGTH = 64  # tokens of a translation, and the most that are written on
Found = Generator[Waiting, None, Seen]


def named(typed: str) -> tuple[int, int] | None:
    """Layer and head, counted from 0, as somebody writes them; None where nothing is written.

    Raises OrreryError.
    """
    if not typed.strip():
        return None
    found = re.fullmatch(r"\D*([1-9]\d{0,2})\D+([1-9]\d{0,2})\D*", typed, re.ASCII)
    if found is None:
        raise OrreryError("The head is layer.head, such as 5.2.")
    return int(found[1]) - 1, int(found[2]) - 1


def at_age(catalog: Catalog, model: str, typed: str) -> tuple[str, int, tuple[int, ...]]:
    """The model to ask, its age, and all ages that it was kept at; the oldest unless one is named.

    Raises OrreryError where it was not kept at that age.
    """
    ages = catalog.ages(model)
    if not ages:
        return model, 0, ()
    chosen = typed.strip() or str(max(ages))
    if chosen not in map(str, ages):
        kept = ", ".join(map(str, ages))
        raise OrreryError(f"{model} was kept after {kept} steps of its training. Choose one.")
    return ages[int(chosen)].name, int(chosen), tuple(ages)


def of_text(service: Service, session: str | None, text: str, model: str, writing: int) -> Found:
    """A text that reads itself, and what the model writes after it, each time the most probable
    token. Raises OrreryError where it cannot be used."""
    from inference.tasks.attention.maps import LONGEST, Attention  # noqa: PLC0415  # a long chain

    writes = "write" in service.catalog.entry(model, "attend").can
    written: tuple[int, ...] = ()
    said = ""
    if writing:
        tokens = service.preprocessor(model, "attend").cut(text, Attention.what, LONGEST)
        room = min(writing, LONGEST - len(tokens.ids))
        said = "" if writes else "This model fills gaps and writes nothing on."
        if writes and room > 0:
            options = GenerationOptions((LaneOptions("Greedy"),), room)
            made = yield from _written(service, session, text, model, options)
            written = tuple(step.token for step in made.lanes[0].steps)
            if len(written) < writing:
                said = ended(made)
    maps = yield from result(service, Attention(text, model, written=written), session)
    side = Side.of(maps.tokens)
    note = joined(maps.tokens.note, said)
    return Seen(maps.weights, side, side, note, written=len(written), writes=writes)


def _written(
    service: Service, session: str | None, text: str, model: str, options: GenerationOptions
) -> Generator[Waiting, None, Generation]:
    from inference.tasks.generate import Generate  # noqa: PLC0415  # a long chain of imports

    return (yield from result(service, Generate(text, model, options=options), session))


def ended(made: Generation) -> str:
    """Why fewer tokens were written than asked for."""
    if made.lanes[0].end == "end of text":
        return "The model has ended its text."
    return f"There is room for {len(made.lanes[0].steps)} more tokens; so many are written."


def of_translation(
    service: Service, session: str | None, text: str, model: str, part: str
) -> Found:
    """A sentence, its translation, and where one of the three parts looks.

    Raises OrreryError where the sentence cannot be used, or the model has no attention.
    """
    from inference.tasks.attention.alignment import Align  # noqa: PLC0415  # a long chain of imports
    from inference.tasks.attention.maps import LONGEST  # noqa: PLC0415
    from inference.tasks.translate import Translate  # noqa: PLC0415

    options = GenerationOptions((LaneOptions("Greedy"),), LENGTH)
    made = yield from result(service, Translate(text, model, options), session)
    target = tuple(step.token for step in made.lanes[0].steps)
    aligned = yield from result(service, Align(text, model, (target,), LONGEST), session)
    looks = aligned.looks
    maps = {"cross": looks.maps[0], "encoder": looks.reading, "decoder": looks.writing[0]}
    parts = tuple(one for one in PARTS if len(maps[one]))
    if not parts:
        raise OrreryError(
            f"{model} has no attention: one vector stands for the sentence. Choose another model."
        )
    chosen = part if part in parts else parts[0]
    source = Side.of(aligned.tokens)
    note = joined(*dict.fromkeys((made.note, aligned.tokens.note)))
    seen = Seen(maps[chosen], source, source, note, part=chosen, parts=parts)
    if chosen == "encoder":
        return seen
    read = target if chosen == "cross" else (*made.prompt, *target[:-1])
    side = Side(
        read, tuple(made.pieces[one] for one in read), tuple(name(one, made) for one in read)
    )
    asked = source if chosen == "cross" else side
    return replace(seen, asking=side, asked=asked, written=len(read))
