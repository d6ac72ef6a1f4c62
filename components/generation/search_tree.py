"""A search as a tree that beam.js opens step by step, with the texts that it has found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from analysis.texts.viterbi import best_texts
from analysis.tokens import label
from components.shared.drawing.lane_data import name
from components.shared.drawing.numbers import signed

if TYPE_CHECKING:
    from inference.decoding.beam import BeamCandidate
    from inference.tasks.beam_trail import BeamTrail, Searched

LEGEND = Markup(
    '<div class="legend"><span class="range"><i class="swatch search-kept"></i>kept</span>'
    '<span class="range"><i class="swatch search-finished"></i>ended, in the pool</span>'
    '<span class="range"><i class="swatch search-pruned"></i>pruned</span>'
    "<span><u>underlined</u>: what greedy decoding writes</span>"
    "<span>numbers: sum of ln p</span></div>"
)
SAME = 1e-4
"""Two sums of the same text may differ by so much: its rows were read in different company."""


@dataclass(frozen=True)
class Row:
    """The best text of a length, and the best that the beams hold then."""

    length: int
    best: str
    log_probability: float
    found: str
    found_log_probability: float

    @property
    def missed(self) -> bool:
        """A search error: there is a better text."""
        return self.found_log_probability < self.log_probability - SAME


def search_tree(trail: BeamTrail, opened: int) -> Markup:
    """The verdict, and all that beam.js needs."""
    searched = trail.searched
    value = {
        "steps": [[cell(one, trail) for one in step] for step in searched.steps],
        "alpha": trail.task.alpha,
        "opened": opened,
        "greedy": greedy_places(searched),
        "stopped": stopped(trail),
        "ended": ending(trail),
        "exact": [
            [row.length, row.best, row.log_probability, row.found_log_probability, row.missed]
            for row in exact(trail)
        ],
    }
    return Markup(
        '<section class="search"><p class="cell-about">{}</p>'
        '<div data-widget="search" data-value="{}"></div></section>'
    ).format(verdict(trail), json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def cell(one: BeamCandidate, trail: BeamTrail) -> list[Any]:
    """Its label, its text, sum and fate, the place of its parent, and whether it ends the text."""
    ends = one.token in trail.task.ends or one.token == trail.end_of_text
    said = "" if ends else text((one.token,), trail)
    shown = "end" if ends else name(one.token, trail)
    return [shown, said, round(one.log_probability, 4), one.fate, one.parent, int(ends)]


def text(ids: tuple[int, ...], trail: BeamTrail) -> str:
    """Tokens as one text; what is no whole character is written as bytes."""
    held = b"".join(trail.pieces[token] for token in ids if token not in trail.task.ends)
    return "".join(span.text for span in label(held, spaces=False)) if held else ""


def stopped(trail: BeamTrail) -> bool:
    """Whether the search stopped before its last step, so that only finished texts count."""
    return len(trail.searched.steps) < trail.task.new_tokens


def ending(trail: BeamTrail) -> str:
    """Why no step follows the last one."""
    if not stopped(trail):
        return f"{trail.task.new_tokens} steps were asked for: what runs is cut here."
    how = {
        True: "the pool is full",
        False: "the pool is full, and no running text would reach it now",
        "never": "the pool is full, and no running text can reach it at any length",
    }
    return f"The search stops: {how[trail.task.early_stopping]}."


def greedy_places(searched: Searched) -> list[int]:
    """Where greedy decoding's tokens stand among the candidates, as far as the beams hold them."""
    places, parent = [], 0
    for step, token in zip(searched.steps, searched.greedy.ids, strict=False):
        found = [i for i, one in enumerate(step) if (one.parent, one.token) == (parent, token)]
        if not found:
            break
        places.append(found[0])
        if step[found[0]].fate != "kept":
            break
        parent = sum(one.fate == "kept" for one in step[: found[0]])
    return places


def lost(searched: Searched) -> int | None:
    """The step, from 1, at which the search drops greedy decoding's text; None where it does not.

    That it finished there is no loss.
    """
    places = greedy_places(searched)
    if places and searched.steps[len(places) - 1][places[-1]].fate != "pruned":
        whole = len(places) >= min(len(searched.greedy.ids), len(searched.steps))
        return None if whole else len(places) + 1
    return max(1, len(places))


def verdict(trail: BeamTrail) -> Markup:
    """What is returned, against greedy decoding and against exact search."""
    searched = trail.searched
    found, greedy = searched.outcome, searched.greedy
    said = Markup("The search returns <code>{}</code> with {}.").format(
        text(found.ids, trail) or "an empty text", signed(found.log_probability)
    )
    same = found.ids == greedy.ids
    if trail.task.beams == 1:
        return said + " With one beam it is greedy."
    if same:
        said += " Greedy decoding writes the same."
    else:
        said += Markup(" Greedy decoding writes <code>{}</code> with {}").format(
            text(greedy.ids, trail) or "an empty text", signed(greedy.log_probability)
        )
        at = lost(searched)
        worse = found.log_probability < greedy.log_probability - SAME
        said += f", which the search drops at step {at}." if worse and at else "."
    missed = [str(row.length) for row in exact(trail) if row.missed]
    if missed:
        said += f" Exact search does better at length {', '.join(missed)}."
    return said


def exact(trail: BeamTrail) -> list[Row]:
    """Of a bigram model, a row a step that has beams left; () of any other."""
    searched, task = trail.searched, trail.task
    if searched.transitions is None:
        return []
    start = trail.tokens.ids[-1]
    best = best_texts(searched.transitions, start, len(searched.steps), task.ends)
    rows: list[Row] = []
    held: list[tuple[int, ...]] = [()]
    for one, step in zip(best, searched.steps, strict=True):
        kept = [candidate for candidate in step if candidate.fate == "kept"]
        held = [(*held[candidate.parent], candidate.token) for candidate in kept]
        if kept:
            rows.append(
                Row(
                    len(one.ids),
                    text(one.ids, trail),
                    one.log_probability,
                    text(held[0], trail),
                    kept[0].log_probability,
                )
            )
    return rows
