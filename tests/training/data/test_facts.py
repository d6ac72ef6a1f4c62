"""Plain facts: as many about every country, from the factbook alone, and never the questions."""

from __future__ import annotations

import ast
import builtins
import io
import lzma
import os
from collections import Counter
from pathlib import Path

import pytest

from training.data import corpus, facts
from training.data.corpus import Document

GHANA = """Ghana is a country of our own words here.
Location: Western Africa, bordering the Gulf of Guinea, between Cote d'Ivoire and Togo
Map references: Africa
Climate: tropical; warm and dry
highest point: Mount Afadjato 885 m
Natural resources: gold, timber, NEGL, a phrase of far too many words, salt
adjective: Ghanaian
Major urban areas - population: 3.768 million Kumasi, 2.660 million ACCRA (capital) (2023)
conventional short form: Ghana
Government type: presidential republic
name: Accra
Languages: Asante 16%, Ewe 14%, English (official)
National color(s): red, yellow
Currency: cedis (GHC) per US dollar -
border countries: Burkina Faso 602 km; Cote d'Ivoire 720 km; Togo 1,098 km
"""


def entry(title: str, text: str) -> Document:
    return Document(title, "ours", text, "train")


def test_an_entry_is_read_as_it_is_laid_out() -> None:
    assert facts.facts_of(entry("Ghana", GHANA)) == {
        "country": ("Ghana",),
        "capital": ("Accra",),
        "continent": ("Africa",),
        "region": ("Western Africa",),
        "adjective": ("Ghanaian",),
        "language": ("Asante", "English"),
        "currency": ("cedis",),
        "neighbour": ("Burkina Faso", "Cote d'Ivoire", "Togo"),
        "city": ("Kumasi",),
        "government": ("presidential republic",),
        "peak": ("Mount Afadjato",),
        "resource": ("gold", "timber", "salt"),
        "colour": ("red", "yellow"),
        "climate": ("tropical",),
    }


@pytest.mark.parametrize(
    ("line", "kind", "found"),
    [
        ("name: Malabo; note - it is on an island", "capital", ("Malabo",)),
        ("name: Pretoria (administrative capital); Cape Town", "capital", ("Pretoria",)),
        ("name: Washington, D.C.", "capital", ("Washington",)),
        ("name: no official capital", "capital", None),
        ("Map references: Central America and the Caribbean", "continent", None),
        ("Location: Caribbean, island east of Cuba", "continent", ("the Caribbean",)),
        ("Location: islands midway between Peru and Chile", "neighbour", None),
        ("Location: Central Europe, between Austria and Croatia", "region", ("Central Europe",)),
        ("conventional short form: Congo (Brazzaville)", "country", ("Congo",)),
        ("conventional short form: The Dominican", "country", ("Dominican Republic",)),
        ("adjective: Channel Islander", "adjective", None),
        ("Exports - commodities: gold, cars (2023)", "export", ("gold", "cars")),
    ],
)
def test_lines_out_of_the_ordinary(line: str, kind: str, found: tuple[str, ...] | None) -> None:
    assert facts.facts_of(entry("Somewhere", line)).get(kind) == found


def test_every_country_gets_as_many_sentences_whatever_is_known_of_it() -> None:
    bare = entry("Nowhere", "nothing here")
    told = facts.sentences([entry("Ghana", GHANA), bare], most_words=5000, seed=1)
    rounds = sum(sentence == "A baker bakes bread." for sentence in told)
    assert rounds >= 2
    trades = rounds * len(facts.TRADES) * len(facts.ABOUT_TRADES)
    assert len(told) == trades + 2 * rounds * facts.A_ROUND
    assert sum("Nowhere" in sentence for sentence in told) == rounds * facts.A_ROUND


def test_a_round_of_a_known_country_uses_forty_templates() -> None:
    assert len(set(facts.TEMPLATES)) == len(facts.TEMPLATES) >= facts.A_ROUND >= 40
    told = facts.sentences([entry("Ghana", GHANA)], most_words=3000, seed=1)
    assert max(Counter(told[: facts.A_ROUND]).values()) == 1
    assert {"Accra is the capital of Ghana.", "Ghana lies in Africa."} <= set(told)


def test_never_more_words_than_allowed_and_the_same_for_the_same_seed() -> None:
    countries = [entry("Ghana", GHANA), entry("Togo", "name: Lome")]
    assert facts.sentences(countries, most_words=500, seed=1) == []  # not one whole round
    for most in (2000, 6000):
        told = facts.sentences(countries, most, seed=1)
        assert 0 < sum(len(sentence.split()) for sentence in told) <= most
        assert told == facts.sentences(countries, most, seed=1)
        assert told != facts.sentences(countries, most, seed=2)
    assert facts.sentences([], most_words=1000, seed=1) == []


def test_a_template_names_only_kinds_of_facts_that_there_are() -> None:
    known = facts.facts_of(entry("Ghana", GHANA)).keys() | {"sea", "export", "crop", "symbol"}
    for template in facts.TEMPLATES:
        assert template.endswith(".") and set(facts._NEEDS[template]) <= known


def test_no_question_file_is_named_in_the_source() -> None:
    source = Path(facts.__file__).read_text(encoding="utf-8")
    texts = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    for forbidden in ("eval", "analog", "similarity", "gram", "capital-common"):
        assert not [text for text in texts if forbidden in text], forbidden
    assert not {"evaluate_words", "evaluate", "word_report"} & set(vars(facts))


def test_no_question_file_is_opened(tiny_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    for module, name in ((builtins, "open"), (io, "open"), (os, "open"), (lzma, "open")):
        real = getattr(module, name)

        def watched(path: object, *rest: object, real=real, **options: object) -> object:  # type: ignore[no-untyped-def]
            opened.append(str(path))
            return real(path, *rest, **options)

        monkeypatch.setattr(module, name, watched)
    assert facts.sentences(corpus.read(tiny_corpus / facts.FACTBOOK), 20_000, seed=1)
    ours = [path for path in opened if path.startswith(str(tiny_corpus))]
    assert set(ours) == {str(tiny_corpus / facts.FACTBOOK)}
