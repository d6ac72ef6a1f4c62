"""tokens-vocabulary: every piece of a tokenizer, how it came, and which were hardly trained."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from components.shared.dials import dial
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from components.tokens.listing.growth_figure import HEIGHT, figure
from components.tokens.listing.opened import opened, opened_data
from components.tokens.listing.rows import (
    BY_USES,
    BY_VECTORS,
    SORTS,
    Pieces,
    matching,
    page_of,
    sorted_by,
)
from components.tokens.listing.table import growth, row_data, table
from components.tokens.tokenizers import tokenizer_choice, tokenizers
from inference.catalog import Catalog
from inference.collection import STORYTELLER
from inference.entry import Entry
from inference.errors import ModelUnavailable, OrreryError
from inference.tasks.vocabulary.listing import Vocabulary
from inference.tasks.vocabulary.vectors import TokenInModel, TokenVectors
from inference.types.options import in_range

if TYPE_CHECKING:
    from inference.service import Service

OPENING = "Once upon a time there was a"
GHT, LITTLE = 339, 466
MERGES, LAST = (0, 3_900), 1_000_000
EXAMPLES = {
    "Hardly trained": ("byte-bpe", "", "rarest", 3_900, OPENING, GHT, 1),
    "Most frequent": ("byte-bpe", "", "frequent", 3_900, OPENING, LITTLE, 1),
    "The first 100": ("byte-bpe", "", "longest", 100, OPENING, GHT, 1),
    "Names": ("byte-bpe", "Laur", "id", 3_900, OPENING, 1_685, 1),
    "Shortest vectors": ("byte-bpe", "", "short vectors", 3_900, OPENING, 706, 1),
    "French too": ("multilingual", "", "rarest", 3_900, OPENING, GHT, 1),
}
READERS = {"byte-bpe": STORYTELLER}
"""Which model reads with a tokenizer."""
UNCOUNTED = "Nobody has counted how often the pieces of this tokenizer stand in its training text"
UNREAD = "No model here reads with this tokenizer alone, so that there are no vectors"
HERE = (
    "Of what was trained here there are no counts in a text and no vectors, since no model reads "
    "with it: those columns are left out."
)
BY_RANK = " The pieces are in the order in which merges made them, the letters last."
BY_ID = " The pieces are in the order of their ids, the most probable first."


@dataclass(frozen=True)
class Shown:
    """A vocabulary, what of it was asked for, and one piece that is opened."""

    tokenizer: Entry
    pieces: Pieces
    search: str
    sort: str
    merges: int
    token: int
    found: tuple[int, ...]
    """All tokens that were found, in order."""
    page: int
    note: str = ""


def ask(
    service: Service,
    session: str | None,
    tokenizer: str,
    search: str,
    sort: str,
    merges: int,
    text: str,
    token: int,
    page: int,
) -> Shown:
    """The vocabulary. merges: pieces that later ones made are left out of the table.

    text: what the storyteller reads before the piece. token: the one that is opened; beyond the
    last, the last that stands for text; likewise `page`, from 1. Raises OrreryError.
    """
    in_range("The number of merges", merges, MERGES, whole=True)
    in_range("The token", token, (0, LAST), whole=True)
    in_range("The page", page, (1, LAST), whole=True)
    if not isinstance(search, str) or len(search) > 100:
        raise OrreryError("Search for up to 100 characters.")
    listed = service.answer(Vocabulary("", tokenizer), session)
    if token not in listed.pieces:
        token = max(i for i in listed.pieces if i not in listed.specials)
    inside, said = within(service, session, tokenizer, text, token)
    pieces = Pieces(listed, inside)
    known = min(merges, pieces.learned_first) if merges < MERGES[1] else pieces.learned_first
    found = sorted_by(pieces, matching(pieces, search, known), sort)
    entry = service.catalog.entry(tokenizer)
    if entry.kind == "learned":
        order = BY_RANK if listed.learned else BY_ID
        said = HERE + (order if sort in (*BY_USES, *BY_VECTORS) else "")
    elif sort in BY_USES and pieces.uses is None:
        said = f"{UNCOUNTED}: they are in the order of their ids."
    elif sort in BY_VECTORS and inside is None:
        said = said or f"{UNREAD}: the pieces are in the order of their ids."
    _, page, _ = page_of(found, page)
    return Shown(entry, pieces, search, sort, known, token, tuple(found), page, said)


def within(
    service: Service, session: str | None, tokenizer: str, text: str, token: int
) -> tuple[TokenInModel | None, str]:
    """What the model that reads with it holds of a token, and a remark; None without one."""
    if tokenizer not in READERS:
        return None, ""
    try:
        found = service.answer(TokenVectors(text, READERS[tokenizer], token), session)
    except ModelUnavailable as error:
        return None, str(error)
    return found, found.tokens.note


def data(shown: Shown) -> dict[str, Any]:
    """The rows of one page, and the piece that is opened.

    `uses` are how often a piece stands in each training text that was counted, once through, with
    all merges known; `count` is how often its pair stood there just before it was merged. `vector`
    is the length of the storyteller's input vector, `correlation` Spearman's of uses and lengths.
    """
    rows, page, pages = page_of(shown.found, shown.page)
    return {
        "tokenizer": shown.tokenizer.name,
        "note": shown.note,
        "vocabulary": len(shown.pieces.listed.pieces),
        "merges": shown.merges,
        "hardly_trained": len(shown.pieces.hardly()),
        "correlation": shown.pieces.correlation(),
        "found": len(shown.found),
        "page": page,
        "pages": pages,
        "rows": [row_data(shown.pieces, token) for token in rows],
        "opened": opened_data(shown.pieces, shown.token),
    }


def draw(shown: Shown) -> list[object]:
    """A note, the figure, the piece that is opened, and a page of the table."""
    pieces = shown.pieces
    rows, page, pages = page_of(shown.found, shown.page)
    listed = table(pieces, rows, shown.token) | {
        "found": len(shown.found),
        "page": page,
        "pages": pages,
    }
    facts = {"table": listed, "growth": growth(pieces, shown.merges)}
    below = Markup(
        '<section class="vocabulary" data-widget="vocabulary" data-value="{}"></section>'
    )
    beside = Markup('<section class="piece-of" data-widget="piece" data-value="{}"></section>')
    return [
        str(note(shown.note)),
        plot_data(figure(pieces, shown.merges, shown.token), "vocabulary"),
        str(below.format(json.dumps(facts, ensure_ascii=False))),
        str(beside.format(json.dumps(opened(pieces, shown.token), ensure_ascii=False))),
    ]


def inputs(catalog: Catalog) -> Inputs:
    opening = EXAMPLES["Hardly trained"]
    choices = [(one.title, one.name) for one in tokenizers(catalog)]
    return {
        "tokenizer": tokenizer_choice(choices),
        "search": gr.Textbox(opening[1], label="Search: text or id", max_lines=1),
        "sort": gr.Dropdown(list(SORTS.items()), value=opening[2], label="Sort", filterable=False),
        "merges": dial("Only the first merges", *MERGES, opening[3], 1),
        "text": gr.Textbox(OPENING, label="The storyteller reads before it", max_lines=2),
        "token": place("Token", GHT, 0),
        "page": place("Page", 1, 1),
    }


def place(label: str, value: int, least: int) -> gr.Number:
    """A whole number that the page sets itself, within the bounds that a link may use."""
    return gr.Number(
        value,
        label=label,
        minimum=least,
        maximum=LAST,
        step=1,
        precision=0,
        visible="hidden",
    )


def stage() -> list[Component]:
    noted = remark()
    with gr.Row(elem_classes="pair"):
        with gr.Column():
            drawn = gr.Plot(placeholder(HEIGHT), show_label=False, container=False)
            listed = gr.HTML(WAITING, min_height=300, js_on_load=None)
        beside = gr.HTML("", min_height=600, js_on_load=None)
    return [noted, drawn, listed, beside]


VIEW = View(
    key="tokens-vocabulary",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Search",
    examples=EXAMPLES,
    runs_on=("tokenizer", "sort", "merges"),
    dials=("tokenizer", "sort", "merges", "text"),
)
