"""The Embeddings tab: words as directions, their neighbours, and analogies."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr
import numpy as np
from gradio.components.plot import PlotData
from gradio.events import Dependency
from markupsafe import Markup

from analysis import embeddings, projection
from analysis.embeddings import Analogy, Ranked
from analysis.projection import Projection
from analysis.spelling import near_spellings
from components import view
from components.action import Action, examples, plain_errors, wire
from components.links import take_away
from components.parts.bars import bar, bars
from components.parts.evidence import agreement, shared_contexts, unavailable
from components.parts.word_map import trust, word_map
from components.shared.figures import MAP_HEIGHT, placeholder
from inference.errors import ModelUnavailable, UnknownWord
from inference.service import Service
from inference.types import NEAREST, WordVectors

VIEW = view.View(
    key="embeddings",
    title="Embeddings",
    lead=(
        "Every word is a direction in a space of many dimensions, learned only from which words "
        "stand near which. Words used alike point alike, and some differences have a meaning."
    ),
    look_for=(
        (
            "Are the neighbours synonyms?",
            "Often not. Words that can stand in the same place come close, so opposites such as "
            "good and bad are neighbours too. Cosine measures likeness of use, not of meaning.",
        ),
        (
            "What is left of the analogy when nothing is left out?",
            "Look at the words struck through: the nearest word to b - a + c is very often c or "
            "b itself. A demo that shows a clean answer has usually removed the three query words.",
        ),
        (
            "Does one good analogy prove that the model knows the relation?",
            "No. Try five more of the same kind. The model card counts whole sets of them.",
        ),
        (
            "Which words should you distrust?",
            "The rare ones. A vector learned from a few dozen sentences is shaky: look how many "
            "neighbours another training shares. The number behind each word says how often it "
            "was seen.",
        ),
        (
            "Does it take a neural network?",
            "Choose the counts. They have learned nothing: a row of the table says how often each "
            "other word stood near, weighed by how surprising that is. The neighbours make sense, "
            "and every bit of a cosine can be traced to a word that both stand beside.",
        ),
        (
            "What does fastText do with a word that it has never seen?",
            "It adds up the pieces that it has seen. Ask for an invented word, such as unkingly: "
            "its neighbours are spelled alike first of all, and only then used alike.",
        ),
    ),
)
MODELS = (
    ("Skip-gram", "skip-gram-1"),
    ("Skip-gram, trained again (seed 2)", "skip-gram-2"),
    ("Skip-gram, trained again (seed 3)", "skip-gram-3"),
    ("CBOW", "cbow"),
    ("fastText", "fasttext"),
    ("Counts (PPMI)", "ppmi"),
    ("Counts, reduced (PPMI, SVD)", "ppmi-svd"),
)
TRAININGS = ("skip-gram-1", "skip-gram-2", "skip-gram-3")
COUNTS = "ppmi"
WORD, QUERY = "king", ("man", "king", "woman")
WORDS = ("king", "forest", "monday", "blue", "whispered", "ship", "seven")
ANALOGIES = (
    ("man", "king", "woman"),
    ("walking", "walked", "swimming"),
    ("man", "woman", "uncle"),
    ("hot", "cold", "summer"),
    ("good", "better", "bad"),
    ("king", "kingdom", "emperor"),
)
SHOWN = NEAREST


def with_typed(vectors: WordVectors, words: Sequence[str]) -> WordVectors:
    """Vectors that hold the typed words too, where the model can make them from n-grams."""
    unknown = [word for word in words if embeddings.find(word, vectors.index) is None]
    return vectors.with_words([embeddings.plain(word) for word in unknown])


def row_of(vectors: WordVectors, word: str) -> int:
    """The row of a word. Raises UnknownWord with close spellings."""
    row = embeddings.find(word, vectors.index)
    if row is None:
        raise UnknownWord(word, near_spellings(word, vectors.words))
    return row


def neighbours(vectors: WordVectors, word: str) -> tuple[str, PlotData]:
    """The neighbours of a word as a list, and the words in play as a map."""
    known = len(vectors.words)
    vectors = with_typed(vectors, [word])
    row = row_of(vectors, word)
    found = embeddings.neighbours(vectors.unit, row, SHOWN)
    listed = bars(
        f"Nearest to {vectors.words[row]}, of {known:,} words",
        "Cosine in the full space, then how often the word was seen in training.",
        (ranked(vectors, one) for one in found),
    )
    rows = [row, *(one.row for one in found)]
    flat = projection.project(vectors.unit[rows])
    made = made_from(vectors, [row])
    shown = made + listed + hubs(vectors, row, found) + trust(flat)
    return str(shown), word_map(flat, words_at(vectors, rows), accented=(0,))


def hubs(vectors: WordVectors, row: int, found: Sequence[Ranked]) -> Markup:
    """Whose neighbour the word itself is, and the greatest hub beside it (truth: R10)."""
    if vectors.hubness is None or not found:
        return Markup()
    hubness = vectors.hubness
    counted = [row] if vectors.counts[row] else []  # a word that was made just now is not counted
    told = [*counted, max((one.row for one in found), key=lambda one: hubness[one])]
    said = ", and ".join(
        f"{vectors.words[one]} is one of the {NEAREST} nearest neighbours of {hubness[one]:,} words"
        for one in told
    )
    return Markup(
        '<p class="trust">Near is not mutual: {}. The average is {}; a word far above it is a hub, '
        "near to much that it has little to do with.</p>"
    ).format(said, NEAREST)


def made_from(vectors: WordVectors, rows: Sequence[int]) -> Markup:
    """Which n-grams the vectors of unknown words come from; nothing for known words."""
    made = [vectors.words[row] for row in dict.fromkeys(rows) if vectors.counts[row] == 0]
    sentence = Markup(
        '<p class="verdict"><b>{}</b> <span>was never seen. Its vector is the mean of what these '
        "pieces of seen words have learned; &lt; and &gt; mark the ends: {}.</span></p>"
    )
    return Markup("").join(
        sentence.format(word, Markup(" · ").join(vectors.ngrams.of(word)))
        for word in made
        if vectors.ngrams
    )


def analogy(vectors: WordVectors, a: str, b: str, c: str) -> tuple[str, PlotData]:
    """The ranking of an analogy with nothing hidden (truth: R6), and its parallelogram."""
    vectors = with_typed(vectors, (a, b, c))
    rows = [row_of(vectors, word) for word in (a, b, c)]
    solved = embeddings.analogy(vectors.unit, *rows, count=SHOWN)
    named = words_at(vectors, rows)
    below = {query.row: query for query in solved.queries if query.rank > SHOWN}
    listed = bars(
        f"{named[0]} is to {named[1]} as {named[2]} is to ...",
        "Cosine with b - a + c on unit vectors, then how often the word was seen. The words asked "
        "with are struck through, wherever they rank.",
        (ranked(vectors, one, solved.answer) for one in (*solved.ranking, *below.values())),
    )
    made = made_from(vectors, rows)
    if solved.answer is not None:
        rows.append(solved.answer.row)
    flat, figure = parallelogram(vectors, rows)
    return str(verdict(vectors, solved) + made + listed + trust(flat)), figure


def parallelogram(vectors: WordVectors, rows: Sequence[int]) -> tuple[Projection, PlotData]:
    """The map of a, b, c and the answer, with arrows from a to b and from c to the answer."""
    places = {row: place for place, row in enumerate(dict.fromkeys(rows))}  # each word once
    flat = projection.project(vectors.unit[list(places)])
    pairs = [(places[start], places[end]) for start, end in zip(rows[::2], rows[1::2])]  # noqa: B905
    arrows = [(start, end) for start, end in pairs if start != end]
    answer = [places[row] for row in rows[3:]]
    return flat, word_map(flat, words_at(vectors, list(places)), accented=answer, arrows=arrows)


def verdict(vectors: WordVectors, solved: Analogy) -> Markup:
    """The answer, and what it would have been had the query words been allowed to win."""
    if solved.answer is None:
        return Markup('<p class="verdict">No other word is left.</p>')
    answer, first = vectors.words[solved.answer.row], vectors.words[solved.unrestricted.row]
    honest = (
        "It wins here even when the three query words are not left out."
        if solved.answer.row == solved.unrestricted.row
        else f"Had the three not been left out, the answer would have been {first}."
    )
    return Markup(
        '<p class="verdict"><b>{}</b> <span>is the nearest word but the three. {}</span></p>'
    ).format(answer, honest)


def ranked(vectors: WordVectors, one: Ranked, answer: Ranked | None = None) -> Markup:
    """One row of a ranking; query words are struck through, the answer is marked."""
    word = vectors.words[one.row]
    label = Markup("<s>{}</s>").format(word) if one.query else word
    kind = "query" if one.query else "hit" if answer is not None and one == answer else ""
    seen = f"{vectors.counts[one.row]:,} \N{MULTIPLICATION SIGN}"
    remark = f"rank {one.rank:,}" if one.rank > SHOWN else seen
    return bar(label, one.cosine, f"{one.cosine:.2f}", remark, kind)


def words_at(vectors: WordVectors, rows: Sequence[int] | np.ndarray) -> list[str]:
    """The words of some rows."""
    return [vectors.words[row] for row in rows]


def evidence(service: Service, vectors: WordVectors, word: str, other: str) -> tuple[str, str]:
    """Would another training agree, and which contexts bring two words close."""
    if not other:
        extended = with_typed(vectors, [word])
        row = row_of(extended, word)
        other = extended.words[embeddings.neighbours(extended.unit, row, 1)[0].row]
    try:
        again = agreement([service.word_vectors(name) for name in TRAININGS], word, SHOWN)
        close = shared_contexts(service.word_vectors(COUNTS), word, other, SHOWN)
    except ModelUnavailable as error:
        return (unavailable(error),) * 2
    return again, close


def build(service: Service, page: gr.Blocks) -> list[Dependency]:
    """Lay out the tab and wire it: neighbours above, what is behind them, analogies below."""
    with view.frame(VIEW) as (controls, shown, _):
        with controls:
            model = gr.Dropdown(
                list(MODELS), value=MODELS[0][1], label="Model", elem_id="embeddings-model"
            )
        with shown:
            first = pair()
            with gr.Row(elem_classes="pair"):
                first += [gr.HTML(min_height=390, js_on_load=None) for _ in range(2)]
            second = pair()
        with controls:
            one, near, words = ask_neighbours(service, model, first)
            two, solve, queries = ask_analogy(service, model, second)
            take_away(VIEW.key, {**one.inputs, **two.inputs})
        return [
            *wire(page, VIEW.key, one, near, words, model.input),
            *wire(page, VIEW.key, two, solve, queries, model.input),
        ]


def ask_neighbours(
    service: Service, model: gr.Dropdown, outputs: Sequence[gr.components.Component]
) -> tuple[Action, gr.Button, gr.Examples]:
    """The controls for a word and what it is compared with."""

    def run(word: str, model: str, other: str) -> tuple[str, PlotData, str, str]:
        with plain_errors():
            vectors, asked = service.word_vectors(model), service.word(word)
            second = service.word(other) if other.strip() else ""
            return *neighbours(vectors, asked), *evidence(service, vectors, asked, second)

    word = gr.Textbox(WORD, label="Word", max_lines=1, elem_id="embeddings-word")
    other = gr.Textbox(
        "",
        label="Compared with",
        placeholder="its nearest",
        max_lines=1,
        elem_id="embeddings-other",
    )
    near = gr.Button("Show neighbours", variant="primary")
    inputs = {"word": word, "model": model, "other": other}
    action = Action("neighbours", run, inputs, outputs)
    return action, near, examples(action, [[w] for w in WORDS], WORDS)


def ask_analogy(
    service: Service, model: gr.Dropdown, outputs: Sequence[gr.components.Component]
) -> tuple[Action, gr.Button, gr.Examples]:
    """The controls for three words."""

    def run(a: str, b: str, c: str, model: str) -> tuple[str, PlotData]:
        with plain_errors():
            return analogy(service.word_vectors(model), *map(service.word, (a, b, c)))

    boxes = {
        name: gr.Textbox(value, label=label, max_lines=1, elem_id=f"embeddings-{name}")
        for name, label, value in zip("abc", ("a is", "to b as", "c is to ..."), QUERY, strict=True)
    }
    solve = gr.Button("Solve the analogy", variant="primary")
    action = Action("analogy", run, boxes | {"model": model}, outputs)
    labels = [f"{a} : {b} = {c} : ?" for a, b, c in ANALOGIES]
    return action, solve, examples(action, ANALOGIES, labels)


def pair() -> list[gr.components.Component]:
    """A list beside its map, with their room reserved."""
    with gr.Row(elem_classes="pair"):
        listed = gr.HTML(view.WAITING, min_height=420, js_on_load=None)
        plot = gr.Plot(placeholder(MAP_HEIGHT), show_label=False, container=False)
    return [listed, plot]
