"""A token's way as JSON: exact for the API, and packed for the picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from analysis.attention.maps import is_sink
from analysis.attention.numbers import packed_numbers
from components.attention.maps import token_labels
from components.shared.drawing.lane_data import name, token_data

if TYPE_CHECKING:
    from inference.tasks.attention.journey import StreamGrowth, TokenWay, WayOfText

SHOWN = 8  # next tokens
EXACT = 64  # tokens, of which keys, values and scores travel in 16 bits; in 8 of a longer text
VECTORS = (
    *("normed", "mixed", "attended", "between", "normed_again", "neurons", "thought", "after"),
    *("last", "read"),
)
"""Of the followed token, by the names of `TokenWay`, which are those of the picture."""


@dataclass(frozen=True)
class Followed:
    """A token's way, and the growth of another model's stream over the same text."""

    found: WayOfText
    other: StreamGrowth | None
    """None where that model is not here."""
    other_title: str


def followed_data(value: Followed) -> dict[str, Any]:
    """All vectors of the token, and of the keys and values that its head reads."""
    found, way = value.found, value.found.way
    token, head = found.token, found.head
    own = {one: getattr(way, one).tolist() for one in VECTORS if one != "mixed"}
    chances = _chances(way.logits)
    return {
        "note": found.tokens.note,
        "tokens": [
            {"id": one, "text": piece.decode("utf-8", errors="replace")}
            for one, piece in zip(found.tokens.ids, found.tokens.pieces, strict=True)
        ],
        "layer": found.layer + 1,
        "head": head + 1,
        "token": token + 1,
        "embedded": way.embedded[token].tolist(),
        "stream": way.stream[token].tolist(),
        **own,
        "query": way.queries[0, head].tolist(),
        "query_turned": way.queries[1, head].tolist(),
        "keys_turned": way.keys[1, head, : token + 1].tolist(),
        "values": way.values[head, : token + 1].tolist(),
        "scores": way.scores[head, token, : token + 1].tolist(),
        "weights": way.weights[head, token, : token + 1].tolist(),
        "mixed": way.mixed[head].tolist(),
        "strongest": _strongest(found),
        "growth": way.growth[:, token].tolist(),
        "growth_of_all": way.growth.mean(axis=1).tolist(),
        "growth_post_norm": value.other.lengths.mean(axis=1).tolist() if value.other else [],
        "following": [
            {
                **token_data(int(one), found),
                "logit": float(way.logits[one]),
                "probability": float(chances[one]),
            }
            for one in way.leading[:SHOWN]
        ],
    }


def _chances(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Softmax over the whole vocabulary (truth: R18)."""
    raised = np.exp(logits - logits.max())
    chances: NDArray[np.float64] = raised / raised.sum()
    return chances


def _strongest(found: WayOfText) -> list[dict[str, Any]]:
    """Neurons by the size of their values, each with the tokens that it raises directly."""
    way = found.way
    return [
        {
            "neuron": int(one) + 1,
            "value": float(way.neurons[one]),
            "adds": float(way.lengths[one]),
            "raises": [
                {**token_data(int(token), found), "logit": float(logit)}
                for token, logit in zip(tokens, logits, strict=True)
            ],
        }
        for one, tokens, logits in zip(way.strongest, way.raised, way.raises, strict=True)
    ]


def picture(value: Followed) -> Markup:
    """The widget, drawn by picture.js and the scripts beside it."""
    return Markup('<section class="way" data-widget="way" data-value="{}"></section>').format(
        json.dumps(_facts(value), ensure_ascii=False, separators=(",", ":"))
    )


def _facts(value: Followed) -> dict[str, Any]:
    """8 bits a number for the strips of other tokens, 16 for all that is multiplied or read, but of
    the keys, values and scores of a long text: `rounded` says so."""
    found, way = value.found, value.found.way
    token, labels = found.token, token_labels(found.tokens)
    own: dict[str, NDArray[Any]] = {one: getattr(way, one) for one in VECTORS}
    own |= {"embedded": way.embedded[token], "stream": way.stream[token]}
    own |= {"queries": way.queries, "key": way.keys[0, :, token]}
    leading = way.leading.tolist()
    return {
        "labels": labels,
        "ids": list(found.tokens.ids),
        "layer": found.layer + 1,
        "head": found.head + 1,
        "token": token,
        "layers": way.layers,
        "heads": way.heads,
        "width": way.stream.shape[1],
        "embeddedRows": packed_numbers(way.embedded, 8),
        "streamRows": packed_numbers(way.stream, 8),
        **_of_all(way),
        "own": {one: packed_numbers(numbers, 16) for one, numbers in own.items()},
        "row": [
            [
                [round(score, 4), round(weight, 6)]
                for score, weight in zip(scores[: token + 1], weights[: token + 1], strict=True)
            ]
            for scores, weights in zip(
                way.scores[:, token].tolist(), way.weights[:, token].tolist(), strict=True
            )
        ],
        "sinks": is_sink(way.weights[None])[0].tolist(),
        "strongest": [
            [
                *(one["neuron"] - 1, round(one["value"], 3), round(one["adds"], 3)),
                [[name(up["id"], found), round(up["logit"], 2)] for up in one["raises"]],
            ]
            for one in _strongest(found)
        ],
        "growth": np.round(way.growth[:, token], 3).tolist(),
        "growthOfAll": np.round(way.growth.mean(axis=1), 3).tolist(),
        "other": _other(value),
        "logits": packed_numbers(way.logits, 32),
        "leading": leading,
        "names": [name(one, found) for one in leading],
        "texts": [_typed(one, found) for one in leading],
        "sentence": found.tokens.text,
    }


def _of_all(way: TokenWay) -> dict[str, Any]:
    """What every token has in every head."""
    bits: Literal[8, 16] = 16 if len(way.stream) <= EXACT else 8
    parts = {"keys": way.keys[1], "values": way.values, "scores": way.scores}
    return {name: packed_numbers(one, bits) for name, one in parts.items()}


def rounded(found: WayOfText) -> str:
    """What to say of a text of which some numbers travel in 8 bits; empty of a shorter one."""
    if len(found.tokens.ids) <= EXACT:
        return ""
    return (
        f"Beyond {EXACT} tokens the picture's keys, values and scores are rounded to 1/127 of the "
        "largest; the followed token's own row and vectors, and the download, are exact."
    )


def _other(value: Followed) -> dict[str, Any] | None:
    if value.other is None:
        return None
    lengths = np.round(value.other.lengths.mean(axis=1), 3).tolist()
    return {"title": value.other_title, "lengths": lengths}


def _typed(token: int, found: WayOfText) -> str | None:
    """What somebody would type for a token; None where it is no text of its own."""
    try:
        text = found.pieces[token].decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text and token != found.end_of_text else None
