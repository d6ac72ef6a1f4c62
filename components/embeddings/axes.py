"""embeddings-axes: words laid along directions that pairs of words give (truth: R8, R44)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup
from numpy.typing import NDArray

from analysis.words.axes import Axis, axis, middle, outside, parsed_pairs
from components.embeddings.drawing.plane import HEIGHT, Side, plane
from components.embeddings.lists.typed import absent, known
from components.embeddings.models import looked_up, model_choice
from components.embeddings.near.among import LEAST, frequent
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.numbers import percent, signed
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import OrreryError, TooLong
from inference.words import Word, WordVectors

if TYPE_CHECKING:
    from inference.service import Service

WORDS, PAIRS, CHARACTERS = 60, 12, 2_000  # at most
COMMON = 50_000  # of the common words, those that are laid along an axis to see where most stand
HE_SHE = "he - she, man - woman, boy - girl, his - her, father - mother"
EXAMPLES = {
    "Who does what": (
        "doctor nurse teacher soldier captain cook dancer judge servant merchant sailor maid king "
        "queen farmer lawyer baby",
        HE_SHE,
        "poor - rich, humble - noble",
    ),
    "Animals": (
        "mouse rat cat dog fox wolf sheep cow horse lion tiger bear elephant whale bird eagle "
        "butterfly ant bee",
        "small - large, little - big, tiny - huge",
        "gentle - fierce, tame - wild",
    ),
    "Feelings": (
        "joy grief anger fear love hope shame pride hatred delight sorrow terror peace rage",
        "bad - good, sad - happy",
        "quiet - loud, calm - excited",
    ),
    "One axis": (
        "morning noon evening night january july snow sun ice fire north south",
        "cold - hot, winter - summer",
        "",
    ),
}


@dataclass(frozen=True)
class Laid:
    """Words along one axis or two."""

    vectors: WordVectors
    words: tuple[Word, ...]
    pairs: tuple[tuple[tuple[str, str], ...], ...]
    """Of every axis, as they were looked up."""
    axes: tuple[Axis, ...]
    positions: NDArray[np.float64]
    """(words, axes) cosines."""
    outside: NDArray[np.float64]
    """(words,) share of each that no axis holds."""
    middles: tuple[tuple[float, float], ...]
    """Of every axis, between what 95 % of all common words stand."""
    missing: tuple[str, ...]
    """Words that the vocabulary lacks."""

    @property
    def note(self) -> str:
        return absent(self.missing)


def ask(
    service: Service, session: str | None, words: str, across: str, upwards: str | None, model: str
) -> Laid:
    """Words along the axis of some pairs, or of two sets of pairs; `upwards` may be empty.

    Raises TooLong, UnknownWord where a word of a pair or all words are unknown, and OrreryError for
    what is no pair, or pairs that give no direction.
    """
    for name, text in (("list of words", words), ("list of pairs", f"{across}{upwards or ''}")):
        if len(text or "") > CHARACTERS:
            raise TooLong(name, CHARACTERS, len(text), "characters")
    vectors = service.word_vectors(model)
    listed = known(service, vectors, words or "", WORDS)
    sets = [side for side in (across, upwards) if side and side.strip()]
    if not sets:
        raise OrreryError("An axis needs a pair of words, such as he - she.")
    pairs = tuple(paired(service, vectors, side) for side in sets)
    return laid(vectors, listed.words, pairs, listed.missing)


def paired(service: Service, vectors: WordVectors, side: str) -> tuple[tuple[Word, Word], ...]:
    """The pairs of one axis, looked up."""
    try:
        pairs = parsed_pairs(side)
    except ValueError as error:
        raise OrreryError(f"This is no pair of words. {error}") from error
    if len(pairs) > PAIRS:
        raise TooLong("list of pairs", PAIRS, len(pairs), "pairs")
    words = [looked_up(vectors, service.word(word)) for pair in pairs for word in pair]
    return tuple(zip(words[::2], words[1::2], strict=True))


def laid(
    vectors: WordVectors,
    words: tuple[Word, ...],
    pairs: tuple[tuple[tuple[Word, Word], ...], ...],
    missing: tuple[str, ...] = (),
) -> Laid:
    """Where words stand. Raises OrreryError where pairs give no direction."""
    try:
        axes = tuple(axis([(one.vector, two.vector) for one, two in some]) for some in pairs)
    except ValueError as error:
        raise OrreryError(str(error)) from error
    unit = np.stack([word.vector for word in words]).astype(np.float64)
    directions = np.stack([one.direction for one in axes], axis=1)
    common = frequent(vectors, LEAST)
    (rows,) = np.nonzero(common if common.any() else frequent(vectors, 0))
    rows = rows[:COMMON]
    all_positions = np.asarray(vectors.unit[rows], dtype=np.float64) @ directions
    return Laid(
        vectors,
        words,
        tuple(tuple((one.text, two.text) for one, two in some) for some in pairs),
        axes,
        unit @ directions,
        outside(unit, axes),
        tuple(middle(column) for column in all_positions.T),
        missing,
    )


def data(value: Laid) -> dict[str, Any]:
    """Every axis with its pairs and how far they agree, and every word with its cosines."""
    return {
        "note": value.note,
        "axes": [
            {"pairs": [list(pair) for pair in pairs], "agreement": list(one.agreement),
             "middle": list(within)}
            for pairs, one, within in zip(value.pairs, value.axes, value.middles, strict=True)
        ],
        "angle": angle(value),
        "words": [
            {"word": word.text, "positions": positions, "outside": left}
            for word, positions, left in zip(
                value.words, value.positions.tolist(), value.outside.tolist(), strict=True
            )
        ],
    }  # fmt: skip


def angle(value: Laid) -> float | None:
    """The cosine between both axes; None where there is one."""
    if len(value.axes) < 2:
        return None
    first, second = value.axes
    return float(first.direction @ second.direction)


def draw(value: Laid) -> list[object]:
    """A note, the picture, and how far to trust it."""
    sides = [
        Side(pairs[0][0], pairs[0][1], within)
        for pairs, within in zip(value.pairs, value.middles, strict=True)
    ]
    figure = plane(value.positions, [word.text for word in value.words], sides)
    return [str(note(value.note)), plot_data(figure, "axes"), str(told(value))]


def told(value: Laid) -> Markup:
    """What the axes hold of the words, whether their pairs agree, and what that means."""
    sentences = [
        Markup("{} to {}: {}.").format(
            pairs[0][0],
            pairs[0][1],
            f"{len(pairs)} pairs, whose directions agree with the axis at a cosine of "
            f"{span(one.agreement)}"
            if len(pairs) > 1
            else "one pair, so nothing says whether it is a direction or a pair of words",
        )
        for pairs, one in zip(value.pairs, value.axes, strict=True)
    ]
    between = angle(value)
    if between is not None:
        sentences.append(Markup("The two axes stand at a cosine of {}.").format(signed(between)))
    outside = float(value.outside.mean())
    sentences.append(
        Markup(
            "Grey: where 95&nbsp;% of all common words stand; inside it a place means nothing. The "
            "picture holds {} of these words' directions, the other {} is none of it."
        ).format(percent(1 - outside, 0), percent(outside, 0))
    )
    return Markup('<p class="trust">{}</p>').format(Markup(" ").join(sentences))


def span(cosines: Sequence[float]) -> str:
    """The least and the greatest, or one number where two digits do not tell them apart."""
    return " to ".join(dict.fromkeys(signed(one(cosines)) for one in (min, max)))


def inputs(catalog: Catalog) -> Inputs:
    words, across, upwards = next(iter(EXAMPLES.values()))
    return {
        "words": gr.Textbox(words, label="Words", lines=3, max_lines=6),
        "across": gr.Textbox(across, label="From left to right", lines=2, max_lines=3),
        "upwards": gr.Textbox(upwards, label="From below to above", max_lines=2),
        "model": model_choice(catalog),
    }


def stage() -> list[Component]:
    noted = remark()
    plot = gr.Plot(placeholder(HEIGHT), show_label=False, container=False)
    return [noted, plot, gr.HTML(WAITING, min_height=80, js_on_load=None)]


VIEW = View(
    key="embeddings-axes",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Lay them out",
    examples=EXAMPLES,
    runs_on=("model",),
)
