"""embeddings-benchmark: our own pairs are well formed and known, and its table tells the truth."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from components.embeddings import benchmark as view
from components.embeddings.relations.ours import CAPITALS, Relation, read, relations
from components.embeddings.relations.scored import failures, scored, together
from components.embeddings.relations.table import EVERY, Shown
from inference.errors import OrreryError
from inference.service import Service
from inference.words import published
from models.words import vectors as word_vectors
from models.words.vectors import WordVectors, unit_rows


def test_r8_there_are_twenty_relations_of_twenty_pairs_or_more() -> None:
    ours = relations()
    assert len(ours) >= 20
    assert len({one.title for one in ours}) == len(ours)
    for relation in ours:
        assert len(relation.pairs) >= 20, relation.title
        assert len(set(relation.pairs)) == len(relation.pairs), relation.title
        assert len({one for one, _ in relation.pairs}) == len(relation.pairs), relation.title
        assert all(re.fullmatch("[a-z]+", word) for pair in relation.pairs for word in pair)
        assert all(one != two for one, two in relation.pairs)
        assert relation.group in ("meaning", "form")
    assert CAPITALS in {one.title for one in ours}


@pytest.mark.weights
def test_the_vocabulary_holds_every_word_and_google_every_name(checkpoints: Path) -> None:
    words, _ = word_vectors.load_vocabulary(checkpoints / "word-vectors")
    known = set(words)
    ours = relations()
    assert not [word for one in ours for pair in one.pairs for word in pair if word not in known]
    figures = published(Service(checkpoints, "cpu").catalog)
    assert {one.google for one in ours if one.google} <= figures.keys()


def test_a_relation_is_read_with_its_group_and_name() -> None:
    plural = "[form] One : many = plural\ncat cats,\ndog dogs\n"
    text = f"# a comment\n{plural}\n[meaning] He : she\nman woman\n"
    assert read(text) == (
        Relation("One : many", "form", (("cat", "cats"), ("dog", "dogs")), "plural"),
        Relation("He : she", "meaning", (("man", "woman"),)),
    )
    with pytest.raises(ValueError, match="'a b c' is no pair of words"):
        read("[form] X\na b c")


PAIRS = (("man", "woman"), ("king", "queen"), ("boy", "girl"))
TINY = (
    Relation("He : she", "meaning", PAIRS),
    Relation("Unknown", "form", (("x", "y"), ("v", "w"))),
)


def tiny() -> WordVectors:
    """man and woman and the like, exactly one step apart, but for boy and girl."""
    rows = np.array(
        [[1, 0, 0, 0], [1, 0, 0, 1], [0, 1, 0, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 0, 1, -1]]
    )
    words = ("man", "woman", "king", "queen", "boy", "girl")
    return WordVectors(words, np.arange(6, 0, -1), unit_rows(rows.astype(np.float32)))


def test_r7_an_uncovered_question_is_counted_and_none_is_answered() -> None:
    known, unknown = scored(tiny(), tiny().unit, TINY)  # type: ignore[arg-type]
    assert (known.asked, known.covered) == (6, 6)
    assert (unknown.asked, unknown.covered) == (2, 0)
    assert set(unknown.shares().values()) == {None}
    both = together([known, unknown])
    assert (both.asked, both.covered) == (8, 6)
    assert both.shares() == known.shares()


def test_failures_are_what_was_not_right() -> None:
    part = scored(tiny(), tiny().unit, TINY)[0]  # type: ignore[arg-type]
    column = view.Column("tiny", "Tiny", tiny().words, (part,))
    wrong = list(failures(column, part))
    assert len(wrong) == part.covered - part.right.sum() > 0
    exact = tiny().unit
    for one in wrong:
        a, b, c = (tiny().index[word] for word in one.question)
        scores = exact @ (exact[b] - exact[a] + exact[c])
        allowed = [row for row in range(6) if row not in (a, b, c)]
        better = sum(scores[row] >= scores[tiny().index[one.expected]] for row in allowed)
        assert one.rank == better
        assert tiny().words[max(allowed, key=lambda row: scores[row])] == one.came != one.expected


@pytest.fixture(scope="module")
def service(checkpoints: Path) -> Service:
    return Service(checkpoints, "cpu")


def last(service: Service, opened: str, columns: str = view.MODELS) -> Shown:
    *_, shown = view.ask(service, None, opened, columns, "skip-gram-1")
    return shown


@pytest.mark.weights
def test_r7_the_table_and_the_failures_are_the_data(service: Service) -> None:
    shown = last(service, "he she / cbow")
    found = view.data(shown)
    _, drawn = view.draw(shown)
    value = json.loads(
        unescape(re.findall(r'data-widget="benchmark" data-value="([^"]*)"', str(drawn))[0])
    )
    assert value["opened"] == ["He : she", "cbow"] and value["pending"] == []
    rows = {row["title"]: row for row in value["rows"]}
    for relation in found["relations"]:
        for cell, score in zip(
            rows[relation["relation"]]["cells"], relation["scores"], strict=True
        ):
            silly = max(score["nearest to b"], score["nearest to c"])
            assert cell == [score["right"], score["nothing left out"], silly]
            assert score["covered"] == relation["questions"]
    wrong = found["opened"]["failures"]
    assert str(drawn).count("<tr><td>") == len(wrong)
    score = next(one for one in found["relations"] if one["relation"] == "He : she")["scores"][1]
    assert len(wrong) == round((1 - score["right"]) * score["covered"])
    assert all(one["came"] != one["expected"] and one["rank"] > 1 for one in wrong)


@pytest.mark.weights
def test_a_column_comes_as_soon_as_it_is_there_and_is_computed_once(service: Service) -> None:
    *parts, whole = view.ask(service, None, "", view.MODELS, "skip-gram-1")
    assert [len(one.columns) for one in parts] == [1, 2, 3, 4, 5]
    assert len(parts[0].pending) == 4 and not whole.pending
    again = last(service, "Opposites / glove")
    for one, two in zip(whole.columns, again.columns, strict=True):
        assert one.relations is two.relations


@pytest.mark.weights
def test_all_dimensions_are_the_model_itself(service: Service) -> None:
    some = last(service, "Country : capital / 25", view.DIMENSIONS)
    assert [one.key for one in some.columns] == ["2", "5", "10", "25", "50", "100", "all"]
    for one, two in zip(
        some.columns[-1].relations, last(service, "").columns[0].relations, strict=True
    ):
        assert one.shares() == two.shares()


@pytest.mark.weights
@pytest.mark.parametrize(
    ("opened", "columns", "model", "said"),
    [
        ("no such thing / cbow", "models", "cbow", "There is no such relation. Choose one of All"),
        ("He : she", "dimensions", "ppmi", "a dimension for every word"),
        ("He : she", "rows", "cbow", "The columns are models or dimensions"),
        ("He : she", "dimensions", "nobody", "there is none of this name"),
    ],
)
def test_what_cannot_be_asked_is_said(
    service: Service, opened: str, columns: str, model: str, said: str
) -> None:
    with pytest.raises(OrreryError, match=said):
        list(view.ask(service, None, opened, columns, model))


@pytest.mark.weights
def test_capitals_say_where_they_come_from_and_google_stands_beside(service: Service) -> None:
    capitals, family = (str(view.draw(last(service, one))[1]) for one in (CAPITALS, "He : she"))
    assert "cards/skip-gram-1" in capitals and "cards/skip-gram-1" not in family
    assert "Google" in family and "0.7524" in family  # metrics.json, skip-gram, family
    assert "Google" not in str(view.draw(last(service, "Opposites"))[1])
    assert "0.5893" in str(view.draw(last(service, EVERY))[1])
