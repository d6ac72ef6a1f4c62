"""embeddings-benchmark: thousands of analogies, relation by relation, beside answers that ignore
the question (truth: R7, R8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from numpy.typing import NDArray

from analysis.words.benchmark import principal, within
from components.embeddings.models import COUNTS as TABLE
from components.embeddings.models import kinds, model_choice
from components.embeddings.relations.ours import Relation, relations
from components.embeddings.relations.scored import MOST, Column, Scored, failures, scored, together
from components.embeddings.relations.table import EVERY, Shown, opened_part, table
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.entry import Entry
from inference.errors import ModelUnavailable, OrreryError
from inference.types.waiting import Waiting
from inference.words import WordVectors, published

if TYPE_CHECKING:
    from inference.service import Service

MODELS, DIMENSIONS = "models", "dimensions"
COUNTS = (2, 5, 10, 25, 50, 100)
AT_ONCE = 7  # columns
OPENING = "He : she / skip-gram-1"
EXAMPLES = {
    "He : she": (OPENING, MODELS),
    "Opposites": ("Opposites / skip-gram-1", MODELS),
    "fastText on capitals": ("Country : capital / fasttext", MODELS),
    "How many dimensions?": ("Country : capital / 25", DIMENSIONS),
}


@dataclass(frozen=True)
class Plan:
    """A column before it is computed."""

    key: str
    title: str
    model: str
    count: int = 0
    """Of the first principal dimensions; 0 for all."""


def ask(
    service: Service, session: str | None, opened: str, columns: str, model: str
) -> Iterator[Waiting | Shown]:
    """The benchmark, column after column, with the failures of one cell.

    opened: a relation and a column, as `He : she / skip-gram-1`. Raises OrreryError.
    """
    ours = relations()
    plans, said = planned(service, columns, model), ""
    relation, column = cell(opened or OPENING, ours, plans)
    try:
        figures = published(service.catalog)
    except ModelUnavailable:  # vectors trained elsewhere
        figures = {}
    done: list[Column] = []
    for i, plan in enumerate(plans):
        try:
            done.append(column_of(service, plan, ours))
        except ModelUnavailable as error:
            said = f"{said} {error}".strip()
            continue
        later = tuple(one.title for one in plans[i + 1 :])
        yield Shown(ours, tuple(done), later, relation, column, figures, said)
    if not done:
        raise ModelUnavailable(plans[0].model, "none of the word vectors is here.")
    yield Shown(ours, tuple(done), (), relation, column, figures, said)


def planned(service: Service, columns: str, model: str) -> list[Plan]:
    """The columns in their order. The table of counts is left out: it would take half a minute."""
    if columns == DIMENSIONS:
        vectors = service.word_vectors(model)
        if vectors.contexts is not None:
            raise OrreryError(
                "The counts have a dimension for every word. Choose the reduced counts, or another "
                "model."
            )
        width = len(vectors.unit[0])
        counts = [count for count in COUNTS if count < width]
        plans = [Plan(str(count), str(count), model, count) for count in counts]
        return [*plans, Plan("all", f"all {width}", model)]
    if columns != MODELS:
        raise OrreryError(f"The columns are {MODELS} or {DIMENSIONS}.")
    entries = kinds(service.catalog)
    dense = [one for one in entries if one.name != TABLE][-AT_ONCE:]
    return [Plan(one.name, short(one), one.name) for one in dense]


def short(entry: Entry) -> str:
    """A title that fits above a column."""
    return entry.title.partition(" (")[0]


def cell(opened: str, ours: tuple[Relation, ...], plans: list[Plan]) -> tuple[str, str]:
    """The relation and the column that are opened; of a column that is not there the first."""
    title, _, key = (part.strip() for part in opened.rpartition("/"))
    if not title:
        title, key = key, ""
    titles = [EVERY, *(one.title for one in ours)]
    plain = {re.sub(r"\W+", " ", one).strip().lower(): one for one in titles}
    found = plain.get(re.sub(r"\W+", " ", title).strip().lower())
    if found is None:
        raise OrreryError(f"There is no such relation. Choose one of {'; '.join(titles)}.")
    return found, key if any(plan.key == key for plan in plans) else plans[0].key


def column_of(service: Service, plan: Plan, ours: tuple[Relation, ...]) -> Column:
    """What one model answers: the same for everybody, so it is computed once."""

    def make() -> tuple[Scored, ...]:
        vectors = service.word_vectors(plan.model)
        return scored(vectors, part_of(service, vectors, plan), ours)

    found = service.remembered.get(("benchmark", plan.model, plan.count), make)
    return Column(plan.key, plan.title, service.word_vectors(plan.model).words, found)


def part_of(service: Service, vectors: WordVectors, plan: Plan) -> NDArray[np.float32]:
    """The vectors of the first words, in all dimensions or in the first principal ones."""
    unit = np.asarray(vectors.unit[: min(MOST, len(vectors.unit))])
    if not plan.count:
        return unit
    directions = service.remembered.get(("principal", plan.model), lambda: principal(unit))
    return within(unit, directions, plan.count)


def data(shown: Shown) -> dict[str, Any]:
    """Every relation in every column, and the failures of the cell that is opened."""
    column, part = opened_part(shown)
    return {
        "note": shown.note,
        "columns": [{"column": one.key, "title": one.title} for one in shown.columns],
        "relations": [
            {
                "relation": relation.title,
                "group": relation.group,
                "pairs": len(relation.pairs),
                "questions": shown.columns[0].relations[i].asked,
                "scores": [cell_data(one.relations[i]) for one in shown.columns],
            }
            for i, relation in enumerate(shown.relations)
        ],
        "all": [cell_data(together(one.relations)) for one in shown.columns],
        "published": {name: dict(row) for name, row in shown.published.items()},
        "opened": {
            "relation": shown.relation,
            "column": column.key,
            "failures": [asdict(one) for one in failures(column, part)],
        },
    }


def cell_data(part: Scored) -> dict[str, Any]:
    """The shares of one cell."""
    return {"covered": part.covered, "tied": part.tied, **part.shares()}


def draw(shown: Shown) -> list[object]:
    """A note, and the table with what is opened beside it."""
    return [str(note(shown.note)), str(table(shown))]


def inputs(catalog: Catalog) -> Inputs:
    columns = [("Models", MODELS), ("Dimensions of one model", DIMENSIONS)]
    return {
        "opened": gr.Textbox(OPENING, label="Failures of", max_lines=1),
        "columns": gr.Radio(columns, value=MODELS, label="Columns"),
        "model": model_choice(catalog),
    }


def stage() -> list[Component]:
    noted = remark()
    return [noted, gr.HTML(WAITING, min_height=600, js_on_load=None)]


VIEW = View(
    key="embeddings-benchmark",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Ask all questions",
    examples=EXAMPLES,
    runs_on=("columns", "model"),
)
