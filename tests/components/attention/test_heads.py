"""Every answer of the Heads view, measured on its own examples as the page gets them."""

from __future__ import annotations

import base64
import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.attention.maps import even_share, is_sink, sink_shares
from components.attention import heads
from components.attention.maps import SMALL
from components.attention.reading.questions import named
from components.attention.reading.seen import ALL_TRAVEL, Seen, Side
from inference.catalog import Catalog
from inference.errors import OrreryError, TooLong
from inference.service import Service
from inference.tasks.attention.maps import LONGEST

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
OURS = [name for name, values in heads.EXAMPLES.items() if values[1] == "storyteller"]


@cache
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


@cache
def asked(
    text: str, model: str, head: str = "", part: str = "", age: str = "", written: int = 0
) -> Seen:
    *_, found = heads.ask(service(), None, text, model, head, part, age, written)
    assert isinstance(found, Seen)
    return found


def example(name: str, **inputs: Any) -> Seen:
    return asked(*heads.EXAMPLES[name], **inputs)


def row(seen: Seen, word: str, which: int = -1) -> tuple[str, float]:
    """What a token that asks looks at most in the opened head, and how much."""
    layer, head = seen.opened
    at = [i for i, label in enumerate(seen.asking.labels) if label.strip("·") == word][which]
    shares = seen.weights[layer, head, at]
    return seen.asked.labels[int(shares.argmax())].strip("·"), float(shares.max())


def just_before(seen: Seen) -> NDArray[np.float32]:
    found: NDArray[np.float32] = np.diagonal(seen.weights, -1, axis1=2, axis2=3).mean(axis=2)
    return found


def widget(seen: Seen) -> dict[str, Any]:
    """What the page is given."""
    shown = re.findall(r'data-value="([^"]*)"', str(heads.draw(seen)[1]))
    value: dict[str, Any] = json.loads(html.unescape(shown[0]))
    return value


def test_layer_5_head_2_looks_for_the_last_verb() -> None:
    opening = example("The last verb")
    assert opening.opened == (4, 1)
    for word in ("in", "a", "little"):
        looked, share = row(opening, word)
        assert looked == "lived" and share > 0.9
    assert row(opening, "girl")[0] == "was"


def test_layer_6_head_2_repeats_what_followed_last_time_and_the_model_writes_it() -> None:
    seen = example("What followed")
    assert seen.opened == (5, 1)
    second = [i for i, label in enumerate(seen.asking.labels) if label == "·The"][-1]
    for looked, share in (row(seen, "The"), row(seen, "the")):
        assert looked == "mat" and share > 0.8
    assert seen.asking.labels[second] == "·The"
    longer = example("What followed", written=8)
    assert longer.asking.labels[: -longer.written] == seen.asking.labels
    assert longer.written == 8 and longer.asking.labels[-8] == "·mat"
    count = len(seen.asking.labels)
    np.testing.assert_allclose(longer.weights[:, :, :count, :count], seen.weights, atol=1e-5)


def test_fill_in_reads_both_ways_and_one_head_the_token_that_follows() -> None:
    seen = example("Both ways")
    assert not seen.causal and not seen.writes
    assert np.diagonal(seen.weights[0, 1], 1).min() > 0.9
    offsets = [
        np.diagonal(seen.weights[0, head], place).mean()
        for head, place in enumerate((-1, 1, -2, 2))
    ]
    assert min(offsets) > 0.5


@pytest.mark.parametrize("name", OURS)
def test_layer_3_head_1_looks_at_the_token_just_before(name: str) -> None:
    before = just_before(example(name))
    assert before[2, 0] > 0.55
    assert before.argmax() == 2 * before.shape[1]


def test_a_head_grows_up() -> None:
    young, grown = (example("Growing up", age=str(age)) for age in (0, 512))
    count = len(young.asking.labels)
    assert just_before(young)[2, 3] == pytest.approx(
        float(np.mean(1 / np.arange(2, count + 1))), abs=0.01
    )
    assert just_before(grown)[2, 3] > 0.5
    assert example("Growing up").age == 8192


@pytest.mark.parametrize("model", ["translator", "translator-rnn"])
def test_chat_noir_turns_round_black_cat(model: str) -> None:
    text = heads.EXAMPLES["Into French"][0]
    seen = asked(text, model, "2.1" if model == "translator" else "", "cross")
    assert row(seen, "chat")[0] == "cat"
    assert row(seen, "noir")[0] == "black"
    assert seen.asking.labels[seen.telling] == (
        "·noir" if model == "translator" else seen.asking.labels[seen.telling]
    )


def test_the_three_parts_of_a_translator() -> None:
    text = heads.EXAMPLES["Into French"][0]
    encoder, decoder, cross = (
        asked(text, "translator", "", part) for part in ("encoder", "decoder", "cross")
    )
    assert [one.causal for one in (encoder, decoder, cross)] == [False, True, False]
    assert cross.asking.labels[:-1] == decoder.asking.labels[1:]
    assert cross.asked.labels == encoder.asked.labels
    assert asked(text, "translator-rnn").parts == ("cross",)
    with pytest.raises(OrreryError, match="no attention"):
        asked(text, heads.DEAF)


def test_r12_layer_6_head_2_is_a_sink_where_the_answer_says() -> None:
    for name in ("The last verb", "Who helped", "The token before"):
        weights = example(name).weights
        assert is_sink(weights)[5, 1]
        assert sink_shares(weights)[5, 1] > 2.5 * even_share(weights.shape[2])


@pytest.mark.parametrize("name", heads.EXAMPLES)
def test_every_row_sums_to_1_and_the_page_is_given_it_to_within_half_a_step(name: str) -> None:
    seen = example(name)
    np.testing.assert_allclose(seen.weights.sum(axis=-1), 1, atol=1e-5)
    value = widget(seen)
    queries, keys = seen.weights.shape[2:]
    sees = np.tri(queries, keys, 0 if value["causal"] else keys, dtype=bool)
    raw = np.frombuffer(base64.b64decode(value["maps"]), dtype=np.uint8).astype(float) / 255
    assert value["sent"] == list(range(len(seen.weights)))
    np.testing.assert_allclose(raw, seen.weights[..., sees].ravel(), atol=0.5 / 255 + 1e-6)
    assert len(heads.data(seen)["asking"]) == queries


LONG = "The little dog ran to the park. He saw a big red ball and a small blue bird. " * 12


def test_of_a_long_text_one_layer_travels_and_small_maps_of_all() -> None:
    seen = asked(LONG, "storyteller", "4.1")
    count = len(seen.asking.labels)
    assert 200 < count <= LONGEST
    value, told = widget(seen), heads.data(seen)
    assert value["sent"] == [3] and told["layers"] == [4] and len(told["weights"]) == 1
    assert len(base64.b64decode(value["maps"])) == 4 * count * (count + 1) / 2
    rows, columns, small = value["small"]
    assert rows == columns <= SMALL
    assert len(base64.b64decode(small)) == 24 * rows * (rows + 1) / 2
    assert len(str(heads.draw(seen)[1])) < 300_000
    short = asked(LONG[:200], "storyteller", "4.1")
    assert len(short.asking.labels) <= ALL_TRAVEL and len(short.travelling) == 6


def test_writing_on_stops_where_no_more_fits() -> None:
    seen = asked(LONG, "storyteller", "", "", "", 64)
    assert len(seen.asking.labels) == LONGEST
    assert "so many are written" in seen.note
    with pytest.raises(TooLong):
        asked(LONG * 2, "storyteller")
    assert "writes nothing on" in example("Both ways", written=3).note


@pytest.mark.parametrize("typed", ["5", "5.2.1", "a.b", "0.1", "5.0"])
def test_what_is_no_head_is_refused(typed: str) -> None:
    with pytest.raises(OrreryError, match=r"layer\.head"):
        named(typed)


def test_a_head_is_counted_from_1_and_one_that_is_not_there_gives_way() -> None:
    assert named("5.2") == (4, 1) and named(" ") is None
    lost = asked(heads.LITTLE, "storyteller", "12.12")
    assert lost.opened == asked(heads.LITTLE, "storyteller").opened


def test_an_age_that_was_not_kept_is_refused() -> None:
    with pytest.raises(OrreryError, match="kept after 0, 8, 16"):
        asked(heads.LITTLE, heads.AGED[1], "", "", "7")


def test_every_model_that_looks_is_offered_and_no_other() -> None:
    catalog = Catalog(CHECKPOINTS)
    offered = [name for _, name in heads.models(catalog).choices]
    assert offered == [
        *("storyteller", "storyteller-books", "storyteller-growing", "fill-in", "gpt"),
        *("translator", "translator-rnn"),
    ]


def test_r15_repeated_tokens_stay_apart() -> None:
    side = Side((1, 2, 1), (b"the", b"cat", b"the"), ("the", "cat", "the"))
    weights = np.tril(np.ones((1, 2, 3, 3), dtype=np.float32))
    weights /= weights.sum(axis=-1, keepdims=True)
    value = widget(Seen(weights, side, side, head=(0, 1)))
    assert value["labels"] == ["the", "cat", "the"]
    assert (value["layers"], value["heads"], value["open"]) == (1, 2, [0, 1, 2])
