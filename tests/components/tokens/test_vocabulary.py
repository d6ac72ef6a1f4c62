"""The vocabulary: what the view says of its examples, its order and search, and bad input."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from components.tokens import train
from components.tokens.listing.growth import FIRST, MOST
from components.tokens.listing.rows import ROWS, matching, page_of, sorted_by
from components.tokens.vocabulary import EXAMPLES, OPENING, Shown, ask, data, draw
from inference.errors import OrreryError
from inference.service import Service

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
OTHERS = ("characters", "words", "bpe", "wordpiece", "unigram", "multilingual")


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def example(service: Service, name: str) -> Shown:
    return ask(service, None, *EXAMPLES[name])


def asked(service: Service, **changes: Any) -> Shown:
    names = ("tokenizer", "search", "sort", "merges", "text", "token", "page")
    values = dict(zip(names, EXAMPLES["Hardly trained"], strict=True)) | changes
    return ask(service, None, **values)


def value_of(drawn: object) -> Any:
    found = re.search('data-value="(.*?)"', str(drawn))
    assert found
    return json.loads(html.unescape(found[1]))


def test_r30_the_answers_hold_on_the_examples(service: Service) -> None:
    shown = example(service, "Hardly trained")
    said, opened = data(shown), data(shown)["opened"]
    pieces, hardly = shown.pieces, shown.pieces.hardly()
    assert (len(hardly), said["hardly_trained"], said["vocabulary"]) == (163, 163, 4_096)
    of_merges = [token for token in hardly if token in pieces.listed.learned]
    assert len(of_merges) == 14
    assert {len(pieces.listed.pieces[i]) for i in hardly if i not in of_merges} == {1}
    assert b"%" in {pieces.listed.pieces[i] for i in hardly}
    assert round(sum(sum(one) for one in pieces.listed.uses.values()) / 1e6, 1) == 17.6
    assert (opened["text"], opened["count"], sum(opened["uses"].values())) == ("ght", 69_359, 0)
    assert opened["part_of"][:2] == ["ight", "ought"]
    assert f"{opened['vector']:.2f}" == "4.04"
    short = data(example(service, "Shortest vectors"))["opened"]
    lengths = [pieces.vector(token) for token in pieces.listed.pieces]
    assert short["id"] == int(np.argmin(np.array(lengths)))
    assert (short["text"], f"{short['vector']:.2f}") == (" put", "1.23")
    assert sum(short["uses"].values()) == 14_158
    assert f"{said['correlation']:.2f}" == "-0.71"
    assert all(one["cosine"] > 0.999 and one["uses"] == 0 for one in opened["nearest"])
    own, favourite = opened["after"]
    assert (own["next"][0]["text"], favourite["text"]) == ("·little", "·little")
    laur = data(example(service, "Names"))["opened"]
    assert laur["text"] == " Laur"
    tops = [one["next"][0] for one in (own, laur["after"][0])]
    assert [(one["text"], f"{one['probability']:.1%}") for one in tops] == [
        ("·little", "10.7%"),
        ("·little", "11.3%"),
    ]
    assert [f"{one['entropy']:.1f}" for one in (own, favourite)] == ["7.4", "2.1"]


def test_r30_the_vocabulary_grew_as_the_answer_says(service: Service) -> None:
    shown = example(service, "The first 100")
    by_rank = {one.rank: one.pairs for one in shown.pieces.listed.learned.values()}
    assert [by_rank[rank] for rank in (1, 100, 1_000, 3_839)] == [1_176_063, 54_390, 2_743, 409]
    assert data(shown)["found"] == 357
    ordinary = [one for one in data(shown)["rows"] if one["id"] not in shown.pieces.listed.specials]
    assert ordinary[0]["text"] == " that"
    grown = value_of(draw(shown)[2])["growth"]
    assert (grown["merges"], grown["vocabulary"]) == (100, 357)


def test_the_correlation_is_that_of_scipy(service: Service) -> None:
    shown = example(service, "Hardly trained")
    assert shown.pieces.uses is not None and shown.pieces.inside is not None
    stored = json.loads((CHECKPOINTS / "tokenizers" / "byte-bpe" / "uses.json").read_text())
    counts = np.sum(list(stored.values()), axis=0)[1:]  # token 0 ends a text and stands in none
    lengths = shown.pieces.inside.vectors.lengths[1:]
    assert data(shown)["correlation"] == pytest.approx(spearmanr(counts, lengths).statistic)


def test_every_order_is_that_of_its_numbers(service: Service) -> None:
    pieces = asked(service).pieces
    every = list(pieces.listed.pieces)

    def numbers(sort: str, key: str) -> list[float]:
        found = sorted_by(pieces, every, sort)
        assert sorted(found) == every
        read = {
            "used": pieces.used,
            "vector": pieces.vector,
            "size": lambda token: len(pieces.listed.pieces[token]),
            "id": lambda token: token,
        }[key]
        return [known for known in map(read, found) if known is not None]

    for sort, key, down in (
        ("rarest", "used", False),
        ("frequent", "used", True),
        ("longest", "size", True),
        ("long vectors", "vector", True),
        ("short vectors", "vector", False),
        ("id", "id", False),
    ):
        assert numbers(sort, key) == sorted(numbers(sort, key), reverse=down)
    assert sorted_by(pieces, every, "rarest")[-1] == 0  # what stands around texts comes last


def test_search_finds_text_in_any_case_and_an_id(service: Service) -> None:
    pieces = asked(service).pieces
    found = [pieces.listed.pieces[i].decode() for i in matching(pieces, "LAUR", 3_839)]
    assert sorted(found) == [" Laur", " Laura", " Laurie"]
    assert 339 in matching(pieces, "339", 3_839)
    assert matching(pieces, "no such piece", 3_839) == []
    assert 339 in matching(pieces, "ght", 83) and 339 not in matching(pieces, "ght", 82)


def test_pages_hold_every_row_once(service: Service) -> None:
    tokens = range(4 * ROWS + 3)
    parts = [page_of(tokens, page)[0] for page in range(1, 6)]
    assert [one for part in parts for one in part] == list(tokens)
    assert page_of(tokens, 99) == (parts[-1], 5, 5)
    assert page_of([], 7) == ([], 1, 1)
    assert len(value_of(draw(asked(service))[2])["table"]["rows"]) == ROWS


def test_the_figure_has_every_rare_piece_at_its_place(service: Service) -> None:
    shown = asked(service, merges=1_000)
    plot = json.loads(draw(shown)[1].plot)  # type: ignore[attr-defined]
    line, dots, rare, ring = (one["customdata"] for one in plot["data"])
    learned, pieces = shown.pieces.listed.learned, shown.pieces
    assert rare == [token for token in pieces.hardly() if token in learned]
    assert ring == [339] and plot["data"][3]["x"] == [83]
    assert all(len(one) <= FIRST + MOST for one in (line, dots))
    assert len(plot["data"][1]["x"]) == len(dots) > MOST / 2 + FIRST
    heights = dict(zip(dots, plot["data"][1]["y"], strict=True))
    assert all(heights[token] == pieces.used(token) for token in dots)
    pairs = dict(zip(line, plot["data"][0]["y"], strict=True))
    assert all(pairs[token] == learned[token].pairs for token in line)
    assert plot["layout"]["shapes"][0]["x0"] == 1_000


@pytest.mark.parametrize("name", OTHERS)
def test_other_tokenizers_have_no_vectors_but_all_else(service: Service, name: str) -> None:
    shown = asked(service, tokenizer=name, token=60)
    found = data(shown)
    assert found["correlation"] is None and found["opened"]["after"] == []
    assert bool(found["merges"]) == (name in ("bpe", "multilingual"))
    draw(shown)
    assert "no vectors" in asked(service, tokenizer=name, sort="long vectors").note


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"merges": 3_901}, "The number of merges"),
        ({"merges": 1.5}, "The number of merges"),
        ({"token": -1}, "The token"),
        ({"token": None}, "The token"),
        ({"page": 0}, "The page"),
        ({"search": "a" * 101}, "up to 100 characters"),
        ({"text": ""}, "is empty"),
        ({"tokenizer": "of-none"}, "none of this name"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    service: Service, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(OrreryError, match=says):
        asked(service, **changes)


@pytest.mark.parametrize("kind", ["bytes", "characters", "wordpiece"])
def test_what_was_trained_here_has_its_merges_and_no_columns_that_nobody_counted(
    service: Service, kind: str
) -> None:
    *_, learning = train.ask(service, None, train.GOATS, kind, 40, 0)
    assert isinstance(learning, train.Learning)
    made = learning.found
    shown = asked(service, tokenizer=made.name, token=9_999)
    vocabulary = made.file["model"]["vocab"]
    pieces = shown.pieces
    assert len(pieces.listed.pieces) == len(vocabulary) == len(shown.found)
    first = {}
    for rank, one in enumerate(made.steps, start=1):
        first.setdefault(one.token, (rank, one.left, one.right, one.ahead[0][2]))
    assert {token: tuple(one) for token, one in pieces.listed.learned.items()} == first
    assert "those columns are left out" in shown.note and "the letters last" in shown.note
    letters = [token for token in shown.found if token not in pieces.listed.learned]
    assert list(shown.found) == [*sorted(pieces.listed.learned), *letters]
    assert shown.token == len(made.symbols) - 1  # no mark, but the piece made last
    table = value_of(draw(shown)[2])["table"]
    assert (table["merged"], table["counted"], table["vectors"]) == (True, False, False)
    read = {row["id"]: "".join(text for text, _ in row["read"]) for row in table["rows"]}
    by_id = {token: piece for piece, token in vocabulary.items()}
    assert read == {
        token: by_id[token].replace("\u0120", "\N{MIDDLE DOT}") for token in read
    }  # with ## and </w>, as the file writes them
    plain = asked(service, tokenizer=made.name, sort="longest", search="goat")
    assert "the letters last" not in plain.note
    assert {pieces.listed.pieces[token] for token in plain.found} <= {
        piece.replace("\u0120", " ").removeprefix("##").removesuffix("</w>").encode()
        for piece in vocabulary
        if "goat" in piece
    }
    assert plain.found


def test_a_token_or_page_beyond_the_last_is_the_last(service: Service) -> None:
    shown = asked(service, token=9_999, page=9_999)
    assert shown.token == 4_095 and data(shown)["page"] == data(shown)["pages"]


def test_t7_hostile_text_is_no_markup(service: Service) -> None:
    text = '<script>alert(1)</script> "><img src=x>'
    drawn = [str(one) for one in draw(asked(service, text=text, search=text))]
    assert not any("<script" in one or "<img" in one for one in drawn)
    assert value_of(drawn[3])["before"] == text
    assert OPENING not in drawn[3]
