"""Which head aligns words: the error rate of every one, each a button that shows its map."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from components.attention.translated.known import SENTENCES
from components.attention.translated.scored import Scores, best, word_for_word

CELL = (
    '<td><button type="button" data-aligns="{}" class="{}" style="--share: {:.3f}" '
    'aria-label="{}, {}: {} %">{}</button></td>'
)


def table(scores: Scores, titles: Mapping[str, str], order: tuple[str, ...]) -> Markup:
    """A row a layer, in percent. titles, order: of the translators on the page, by their names."""
    heads = max(rates.shape[1] for rates in scores.values()) - 1
    names = [*(f"Head {head + 1}" for head in range(heads)), "Their mean"]
    columns = Markup("").join(Markup('<th scope="col">{}</th>').format(one) for one in names)
    rows = [
        row(scores, model, layer, titles[model], order.index(model))
        for model, rates in scores.items()
        for layer in range(len(rates))
    ]
    sure = sum(len(known.sure) for known in SENTENCES)
    possible = sum(len(known.possible) for known in SENTENCES) - sure
    return Markup(
        '<section class="aligning"><h2>Which head aligns words?</h2><p>Alignment error rate in %: '
        "each French word is linked to the English one that it looks at most. {} sentences of "
        "ours, {} sure links and {} possible ones.</p>"
        '<div class="scroll"><table class="numbers"><thead><tr><td></td>{}</tr></thead>'
        "<tbody>{}</tbody></table></div><p>Without a model, linking every word to the one at its "
        "place in the sentence: {}.</p>{}</section>"
    ).format(
        len(SENTENCES),
        sure,
        possible,
        columns,
        Markup("").join(rows),
        percent(word_for_word()),
        sentences(),
    )


def row(scores: Scores, model: str, layer: int, title: str, number: int) -> Markup:
    """number: of the translator among the cards."""
    rates, leading = scores[model][layer], best(scores)
    only = len(rates) == 2  # one head is its own mean
    last = len(rates) - 1
    cells = [
        Markup(CELL).format(
            f"{number},{layer},{'mean' if head == last else head}",
            "best" if (model, layer, head) == leading else "",
            1 - error,
            title if only else f"{title}, layer {layer + 1}",
            "mean of the heads" if head == last else f"head {head + 1}",
            percent(error),
            percent(error),
        )
        for head, error in enumerate(rates[:1] if only else rates)
    ]
    named = title if only else f"{title}, layer {layer + 1}"
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(named, Markup("").join(cells))


def percent(error: float) -> str:
    return f"{100 * error:.0f}"


def sentences() -> Markup:
    """What the heads are scored on."""
    items = Markup("").join(
        Markup('<li>{}<br><span lang="fr">{}</span></li>').format(known.source, known.target)
        for known in SENTENCES
    )
    return Markup(
        '<details class="all-numbers"><summary>The sentences</summary><ol>{}</ol></details>'
    ).format(items)
