"""What stands behind nearness: other trainings of the same model, and the counts of the text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from analysis import contexts, embeddings
from analysis.embeddings import Ranked
from components.shared.bars import bar, bars
from inference.types import Word, WordVectors

AGREE, CLOSE = "Would another training agree?", "Why are these two close?"


def agreement(
    vectors: WordVectors,
    word: Word,
    shown: Sequence[Ranked],
    judges: Sequence[WordVectors],
    among: NDArray[np.bool_],
    seeds: bool,
) -> str:
    """In how many other models each neighbour shown is among the nearest of the word.

    seeds: whether the others differ from the model shown in their seed alone.
    """
    if word.row is None:
        return remark(AGREE, f"No other model has seen {word.text}.")
    found = embeddings.agreement(shown, word.row, [one.unit for one in judges], among)
    everywhere = sum(bool(one.ranks) and None not in one.ranks for one in found)
    kind = "trainings that differ in their seed alone" if seeds else "models of other kinds"
    held = min(len(one.words) for one in judges)
    short = f" They hold the {held:,} commonest words." if held < len(vectors.words) else ""
    caption = (
        f"{AGREE} In how many of {len(judges)} other {kind} each neighbour shown is among the "
        f"{len(shown)} nearest of {word.text} too.{short}"
    )
    listed = (
        bar(
            vectors.words[one.row],
            one.found / max(1, len(one.ranks)),
            f"{one.found}/{len(one.ranks)}" if one.ranks else "not held",
            f"{vectors.counts[one.row]:,} \N{MULTIPLICATION SIGN}",
        )
        for one in found
    )
    title = f"{everywhere} of {len(shown)} neighbours are named by every other model"
    return str(bars(title, caption, listed))


def shared_contexts(vectors: WordVectors, word: str, other: str, count: int) -> str:
    """The contexts that bring two words close in the table of counts."""
    first, second = vectors.look_up(word), vectors.look_up(other)
    if first is None or first.row is None:
        return remark(CLOSE, f"The counts hold no word {word}.")
    if second is None or second.row is None:
        return remark(CLOSE, f"The counts hold no word {other}.")
    one, two = first.row, second.row
    if one == two:
        return remark(CLOSE, "Compare the word with another one.")
    found = contexts.shared(counted(vectors, one), counted(vectors, two))
    named = f"{vectors.words[one]} and {vectors.words[two]}"
    if not found:
        return remark(CLOSE, f"The counts know no word that stands near both {named}.")
    cosine = sum(context.part for context in found)
    window = vectors.contexts.window if vectors.contexts else 0
    caption = (
        f"{CLOSE} In the counts their cosine is {cosine:.2f}: the sum over {len(found):,} words "
        f"that both have within {window} words. Those that add most, their share of it, and how "
        "often each was seen with the one and with the other."
    )
    listed = (
        bar(
            vectors.words[context.column],
            context.part / found[0].part,
            f"{context.part / cosine:.0%}",
            f"{context.seen[0]:,} · {context.seen[1]:,}",
        )
        for context in found[:count]
    )
    return str(bars(f"What {named} share", caption, listed))


def counted(vectors: WordVectors, row: int) -> contexts.Row:
    """A word's row of the table of counts."""
    if vectors.contexts is None:
        raise ValueError("These vectors do not come from counts.")
    unit = vectors.contexts.unit
    place = unit.row(row)
    return contexts.Row(unit.columns[place], vectors.contexts.counts[place], unit.values[place])


def remark(title: str, sentence: str) -> str:
    """A panel that has only a sentence to show."""
    return str(
        Markup('<section class="bars" data-widget="bars"><h2>{}</h2><p>{}</p></section>').format(
            title, sentence
        )
    )


def unavailable(error: Exception) -> str:
    """A panel whose model cannot be loaded; the rest of the tab goes on."""
    return remark(AGREE, str(error))
