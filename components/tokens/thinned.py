"""Unigram in *Train one*: the rounds of a model that is thinned out, as JSON and for thinned.js."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from components.shared.drawing.lane_data import name, named
from components.tokens.measures import drawn_unseen, figures, unseen

if TYPE_CHECKING:
    from inference.tasks.vocabulary.learn_merges import LearnedMerges
    from inference.tasks.vocabulary.learn_pieces import LearnedPieces


def data(found: LearnedPieces) -> dict[str, Any]:
    """Every round with its pieces, its bits a character, and what is left out after it.

    `loss` is how many bits more the text would take without a piece, `probability` that of a piece.
    """
    return {
        "note": found.note,
        "kind": found.kind,
        "tokens": found.rounds[0].tokens,
        **figures(found.measured),
        "unseen": unseen(found.unseen),
        "rounds": [
            {
                "pieces": one.pieces,
                "bits": list(one.bits),
                "best": [
                    {"text": name(token, found), "probability": share} for token, share in one.best
                ],
                "pruned": one.gone,
                "first": [{"text": name(token, found), "loss": loss} for token, loss in one.pruned],
                "tokens": one.tokens,
            }
            for one in found.rounds
        ],
        "tokenizer": found.file,
        "name": found.name,
    }


def value(found: LearnedPieces, shown: int) -> dict[str, Any]:
    """What train.js draws; a step leaves pieces out and estimates the others anew."""
    return {
        "labels": {
            token: [[span.text, span.symbol] for span in named(token, found)]
            for token in found.pieces
        },
        "inside": [],
        "words": [[[*cut] for cut in word.cuts] for word in found.words],
        "rounds": [[one.pieces, one.bits, one.best, one.pruned] for one in found.rounds],
        "steps": [[-2, one.gone, then.tokens] for one, then in pairwise(found.rounds)],
        "shown": min(shown, len(found.rounds) - 1),
        "alphabet": found.letters,
        "tokens": found.rounds[0].tokens,
        **drawn_result(found),
    }


def drawn_result(found: LearnedMerges | LearnedPieces) -> dict[str, Any]:
    """What train.js draws of every tokenizer that is trained, however it was."""
    return {
        "text": figures(found.measured),
        "unseen": drawn_unseen(found.unseen),
        "ours": found.ours,
        "kind": found.kind,
        "title": found.title,
        "file": found.file,
        "name": found.name,
    }
