"""What stands behind nearness: other trainings of the same model, and the counts of the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from numpy.typing import NDArray

from analysis import contexts, embeddings
from analysis.embeddings import Ranked
from components.shared.drawing.bars import bar, bars
from components.shared.drawing.numbers import signed
from inference.words import NEAREST, Word, WordVectors

AGREE, CLOSE = "Would another training agree?", "Why are these two close?"


@dataclass(frozen=True)
class Judged:
    """A list of neighbours, looked for in other models."""

    seeds: bool
    """Whether the others differ from the model shown in their seed alone."""
    models: int
    held: int
    """How many of the commonest words all of them hold."""
    neighbours: tuple[embeddings.Agreement, ...]


@dataclass(frozen=True)
class Close:
    """The contexts that bring two words close in the table of counts."""

    words: tuple[str, str]
    window: int
    """Words on either side that were counted as near."""
    shared: tuple[contexts.Shared, ...]
    vocabulary: Sequence[str]
    """What the columns of the table are called."""

    @property
    def cosine(self) -> float:
        return sum(context.part for context in self.shared)


def agreement(
    word: Word,
    shown: Sequence[Ranked],
    judges: Sequence[WordVectors],
    among: NDArray[Any],
    seeds: bool,
) -> Judged | str:
    """In which other models each neighbour shown is near, or why they cannot be asked."""
    if word.row is None:
        return f"No other model has seen {word.text}."
    found = embeddings.agreement(shown, word.row, [one.unit for one in judges], among)
    return Judged(seeds, len(judges), min(len(one.words) for one in judges), found)


def shared_contexts(vectors: WordVectors, word: str, other: str) -> Close | str:
    """What brings two words close in the table of counts, or why nothing can be told."""
    first, second = vectors.look_up(word), vectors.look_up(other)
    if first is None or first.row is None:
        return f"The counts hold no word {word}."
    if second is None or second.row is None:
        return f"The counts hold no word {other}."
    one, two = first.row, second.row
    if one == two:
        return "Compare the word with another one."
    found = contexts.shared(counted(vectors, one), counted(vectors, two))
    if not found:
        named = f"{vectors.words[one]} and {vectors.words[two]}"
        return f"The counts know no word that stands near both {named}."
    window = vectors.contexts.window if vectors.contexts else 0
    return Close((vectors.words[one], vectors.words[two]), window, found, vectors.words)


def counted(vectors: WordVectors, row: int) -> contexts.Row:
    """A word's row of the table of counts."""
    if vectors.contexts is None:
        raise ValueError("These vectors do not come from counts.")
    unit = vectors.contexts.unit
    place = unit.row(row)
    return contexts.Row(unit.columns[place], vectors.contexts.counts[place], unit.values[place])


def agreement_data(judged: Judged | str, vectors: WordVectors) -> dict[str, Any]:
    """The rank of every neighbour in each model that holds it, null where it is not listed."""
    if isinstance(judged, str):
        return {"note": judged}
    ranks = [{"word": vectors.words[one.row], "ranks": one.ranks} for one in judged.neighbours]
    return {"seeds_alone": judged.seeds, "models": judged.models, "neighbours": ranks}


def contexts_data(close: Close | str) -> dict[str, Any]:
    """`part` is what a context adds to the cosine, `seen` how often it stood near each word."""
    if isinstance(close, str):
        return {"note": close}
    shared = [
        {"word": close.vocabulary[one.column], "part": one.part, "seen": one.seen}
        for one in close.shared
    ]
    return {"words": close.words, "window": close.window, "cosine": close.cosine, "shared": shared}


def agreement_bars(judged: Judged | str, word: Word, vectors: WordVectors) -> Markup:
    """In how many other models each neighbour shown is among the nearest of the word."""
    if isinstance(judged, str):
        return bars(AGREE, judged)
    found, count = judged.neighbours, len(judged.neighbours)
    everywhere = sum(bool(one.ranks) and None not in one.ranks for one in found)
    kind = "trainings that differ in their seed alone" if judged.seeds else "models of other kinds"
    other = "training" if judged.seeds else "model"
    short = judged.held < len(vectors.words)
    only = f" They hold the {judged.held:,} commonest words, and no others (\N{EN DASH})."
    held = only if short else ""
    caption = (
        f"{AGREE} In how many of {judged.models} other {kind} each neighbour shown is among the "
        f"{count} nearest of {word.text} too.{held}"
    )
    rows = (
        bar(
            vectors.words[one.row],
            one.found / max(1, len(one.ranks)),
            f"{one.found}/{len(one.ranks)}" if one.ranks else "\N{EN DASH}",
            f"{vectors.counts[one.row]:,} \N{MULTIPLICATION SIGN}",
        )
        for one in found
    )
    title = f"{everywhere} of {count} neighbours are named by every other {other}"
    return bars(title, caption, rows)


def contexts_bars(close: Close | str) -> Markup:
    """The contexts that add most to the cosine of two words."""
    if isinstance(close, str):
        return bars(CLOSE, close)
    found = close.shared
    caption = (
        f"{CLOSE} In the counts their cosine is {signed(close.cosine)}: the sum over "
        f"{len(found):,} words that both have within {close.window} words. Those that add most, "
        "their share of it, and how often each was seen with the one and with the other."
    )
    rows = (
        bar(
            close.vocabulary[one.column],
            one.part / found[0].part,
            one.part / close.cosine,
            f"{one.seen[0]:,} · {one.seen[1]:,}",
        )
        for one in found[:NEAREST]
    )
    return bars(f"What {' and '.join(close.words)} share", caption, rows)
