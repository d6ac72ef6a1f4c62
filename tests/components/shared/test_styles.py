"""What the page's own style sheets cost: no rule makes a change of one element one of all."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest

SHEETS = sorted((Path(__file__).parents[3] / "components/shared/css").glob("*.css"))
ARGUMENTS = re.compile(r"\([^()]*\)")
"""Of a pseudo-class without another inside."""


def looked_into(sheet: str) -> list[str]:
    """All selectors with :has()."""
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    rules = chain.from_iterable(rule.splitlines() for rule in re.findall(r"([^{}]+)\{", sheet))
    return [rule.strip() for rule in rules if ":has(" in rule]


def named(selector: str) -> bool:
    """Whether the element that it styles has a class, an id or a tag name."""
    plain = selector.replace(":is", "")  # of these one must fit, the others only look
    names = re.compile(r":(?:not|has|where)$")
    while found := ARGUMENTS.search(plain):
        before, after = plain[: found.start()], plain[found.end() :]
        kept = "" if names.search(before) else found[0][1:-1].split(",")[0].split()[-1]
        plain = names.sub("", before) + kept + after
    last = re.split(r"[\s>+~]+", plain.strip())[-1]
    return re.search(r"[.#\w]", re.sub(r":{1,2}[\w-]+", "", last)) is not None


def test_what_is_styled_by_looking_into_others_is_named() -> None:
    """Chromium keeps one list of what :has() may style: one rule for `*` in it, and every element
    that comes or goes restyles the whole page."""
    selectors = [one for sheet in SHEETS for one in looked_into(sheet.read_text("utf-8"))]
    assert len(selectors) > 10
    assert [one for one in selectors if not named(one)] == []


@pytest.mark.parametrize(
    ("selector", "known"),
    [
        (".a:has(> .b) > .c", True),
        (".a:has(> .b) > :not(.c)", False),
        (".a:has(.b) *", False),
        (".a:has(.b) :is(.c, input)", True),
        (".a > :has(> .c)", False),
        ("div:has(> input)", True),
        (".a:where(:not(:has(.b:not(:empty)))) .c", True),
    ],
)
def test_a_name_is_found(selector: str, known: bool) -> None:
    assert named(selector) is known
