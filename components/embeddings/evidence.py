"""What stands behind nearness: other trainings of the same model, and the counts of the text."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from analysis import contexts, embeddings
from components.shared.bars import bar, bars
from inference.types import WordVectors

AGREE, CLOSE = "Would another training agree?", "Why are these two close?"


def agreement(trainings: Sequence[WordVectors], word: str, count: int) -> str:
    """The nearest words in several trainings of one model, and in how many each is among them."""
    shared = min(trainings, key=lambda vectors: len(vectors.words))
    row = embeddings.find(word, shared.index)
    if row is None:
        return remark(
            AGREE,
            f"The second and third training are kept for the {len(shared.words):,} commonest "
            f"words, and {word} is not among them. For a word this rare they would hardly agree.",
        )
    units = [vectors.unit[: len(shared.words)] for vectors in trainings]
    found = embeddings.agreement(units, row, count)
    everywhere = sum(one.found == len(trainings) for one in found)
    title = f"{everywhere} of {count} neighbours are the same in every training"
    caption = (
        f"{AGREE} The nearest of the {len(shared.words):,} commonest words to "
        f"{shared.words[row]} in {len(trainings)} trainings of skip-gram that differ in their seed "
        "alone, and in how many of their lists each stands."
    )
    listed = (
        bar(
            shared.words[one.row],
            one.found / len(trainings),
            f"{one.found}/{len(trainings)}",
            f"{shared.counts[one.row]:,} \N{MULTIPLICATION SIGN}",
        )
        for one in found[: count + 2]
    )
    return str(bars(title, caption, listed))


def shared_contexts(vectors: WordVectors, word: str, other: str, count: int) -> str:
    """The contexts that bring two words close in the table of counts."""
    rows = [embeddings.find(asked, vectors.index) for asked in (word, other)]
    unknown = [asked for asked, row in zip((word, other), rows, strict=True) if row is None]
    one, two = rows
    if one is None or two is None:
        return remark(CLOSE, f"The counts hold no word {unknown[0]}.")
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
