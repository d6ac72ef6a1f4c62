"""docs/api.md is true: its examples run against the app, and it leaves no endpoint or code out."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
from gradio_client import Client

from inference.errors import CATALOGUE
from tests.web.conftest import Live

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^`(\w+)`: .*?^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
EXAMPLES = [*SECTIONS, ("errors", TEXT.split("## Errors")[1].split("```")[1])]


def test_every_endpoint_has_an_example_and_every_code_is_named(live: Live) -> None:
    described = live.http.get("/gradio_api/info").json()
    assert {name for name, _ in SECTIONS} == {
        name.removeprefix("/") for name in described["named_endpoints"]
    }
    codes = re.findall(r"`(\w+)`", TEXT.split("| code | when |")[1].split("\n\n")[0])
    assert set(codes) == {*CATALOGUE, "error"}


@pytest.mark.weights
@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_the_examples_give_what_they_show(
    program: Client, capsys: pytest.CaptureFixture[str], name: str, example: str
) -> None:
    found = doctest.DocTestParser().get_doctest(
        example.removeprefix("python\n"), {"client": program}, name, None, None
    )
    assert found.examples
    failed = doctest.DocTestRunner().run(found).failed
    assert not failed, capsys.readouterr().out
