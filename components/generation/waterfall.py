"""One choice as a table: a row for a token, a column for every filter, the dice below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from components.generation.titles import TITLES
from components.shared.drawing.dice import Segment, cumulative
from components.shared.drawing.lane_data import name, named
from components.shared.drawing.numbers import signed
from components.shared.drawing.spelling import spelling

if TYPE_CHECKING:
    from inference.tasks.choice import Chance, Choice, Stage

LEGEND = Markup(
    '<div class="legend">Shares of those that are left, in percent; at the right their logits. '
    "Mass: their probability in the whole vocabulary.</div>"
)


def waterfall(choice: Choice) -> Markup:
    """Every stage of a choice, and its outcome in a sentence."""
    return Markup(
        '<section class="waterfall"><div class="wide" data-name="Filter by filter">{}</div>{}'
        "</section>"
    ).format(table(choice), outcome(choice))


def table(choice: Choice) -> Markup:
    """Shares of what is left, a stage a column."""
    pairs = zip(choice.stages, (None, *choice.stages), strict=False)
    heads = Markup("").join(head(*pair) for pair in pairs)
    rows = Markup("").join(row(choice, token) for token in choice.listed)
    return Markup(
        "<table><thead><tr><th>Token</th>{}</tr></thead><tbody>{}{}</tbody></table>"
    ).format(heads, rows, others(choice))


def title(stage: Stage) -> str:
    """A filter with its number."""
    filtered = TITLES[stage.filter]
    return filtered if stage.value is None else f"{filtered} {stage.value:g}"


def head(stage: Stage, before: Stage | None) -> Markup:
    """What a filter did to the whole vocabulary: who goes, who is left, and how open it is."""
    if before is None:
        goes = "none has gone"
    elif stage.cut:
        goes = f"{before.survivors - stage.survivors:,} go: {percent(stage.cut)} %"
    else:
        goes = "none goes"
    return Markup(
        '<th scope="col">{}<span>{}</span><span>{:,} left: mass {} %</span>'
        "<span>entropy {:.2f} bits</span></th>"
    ).format(title(stage), goes, stage.survivors, percent(stage.mass), stage.entropy)


def row(choice: Choice, token: int) -> Markup:
    """One token through all stages; the chosen and the followed one are marked."""
    kinds = (("hit", token == choice.token), ("followed", token == choice.followed))
    cells = Markup("").join(cell(stage.chances[token]) for stage in choice.stages)
    return Markup('<tr class="{}"><th scope="row"><code>{}</code></th>{}</tr>').format(
        " ".join(kind for kind, applies in kinds if applies), spelling(named(token, choice)), cells
    )


def cell(chance: Chance) -> Markup:
    """A share as a bar and a number; what is cut is hatched."""
    if not chance.kept:
        return Markup('<td class="cut" title="cut; rank {:,}">cut</td>').format(chance.rank)
    return Markup(
        '<td title="logit {}, rank {:,}"><u style="width:{:.2f}%"></u>{} <small>{}</small></td>'
    ).format(
        signed(chance.logit, 3),
        chance.rank,
        100 * chance.share,
        percent(chance.share),
        signed(chance.logit, 1),
    )


def others(choice: Choice) -> Markup:
    """What every stage leaves to the tokens that have no row."""
    cells = Markup("")
    for stage in choice.stages:
        count = stage.survivors - sum(one.kept for one in stage.chances.values())
        share = max(0.0, 1 - sum(one.share for one in stage.chances.values()))
        said = f"{percent(share)} in {count:,}" if count else "none left"
        cells += Markup("<td>{}</td>").format(said)
    return Markup('<tr class="rest"><th scope="row">all others</th>{}</tr>').format(cells)


def percent(share: float) -> str:
    """A share in percent with two digits that say something; no 0 for what is not 0."""
    number = 100 * share
    if number and number < 0.01:
        return f"{number:.0e}"
    return f"{number:.1f}" if number >= 0.995 else f"{number:.2f}"


def outcome(choice: Choice) -> Markup:
    """Where the number fell on the bar from 0 to 1, or that nothing was drawn."""
    own = spelling(named(choice.token, choice))
    if choice.dice is None:
        return Markup("<h2>The choice</h2><p>No dice: <code>{}</code> has the most.</p>").format(
            own
        )
    start, end = next((a, b) for token, a, b in choice.segments if token == choice.token)
    return Markup(
        "<h2>The dice</h2>{}<p>They show {:.4f}. Laid end to end, <code>{}</code> covers {:.4f} to "
        "{:.4f}: it is chosen.</p>"
    ).format(cumulative(parts(choice), choice.dice), choice.dice, own, start, end)


def parts(choice: Choice) -> list[Segment]:
    """The listed survivors, with the stretches of the others between and after them."""
    found, at = [], 0.0
    for token, start, end in choice.segments:
        if start > at:
            found.append(Segment("others", at, start, "others"))
        kind = "hit" if token == choice.token else ""
        found.append(Segment(name(token, choice), start, end, kind))
        at = end
    return [*found, Segment("others", at, 1.0, "others")] if at < 1 else found
