"""What the README claims, checked: front matter, commands, folders, and the pictures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def front_matter() -> dict[str, str]:
    block = README.split("---\n")[1]
    pairs = re.findall(r"^(\w+): *(.*)$", block, re.MULTILINE)
    return {key: value.strip('"') for key, value in pairs}


def requirements() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    return [line for line in lines if not line.startswith("#")]


def test_the_space_runs_the_gradio_that_is_pinned() -> None:
    assert f"gradio=={front_matter()['sdk_version']}" in requirements()
    assert front_matter()["python_version"] == "3.12"
    assert (ROOT / front_matter()["app_file"]).exists()


def test_the_short_description_is_short_enough_to_be_accepted() -> None:
    assert 10 < len(front_matter()["short_description"]) <= 60


def test_pydantic_is_never_pinned_for_spaces_cap_it_themselves() -> None:
    for path in ROOT.glob("requirements*.txt"):
        assert "pydantic" not in path.read_text(encoding="utf-8")


def test_the_readme_names_every_folder_that_is_there() -> None:
    section = README.split("## Where what lies")[1].split("Licence")[0]
    named = set(re.findall(r"`(\w+)/`", section))
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert named == packages | {"checkpoints", "docs", "tests", "benchmarks"}


@pytest.mark.parametrize("command", re.findall(r"^make (\w+)", README, re.MULTILINE))
def test_every_command_of_the_readme_exists(command: str) -> None:
    assert re.search(rf"^{command}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.weights
def test_the_readme_quotes_the_measured_figures() -> None:
    from training.evaluation.headlines import table

    assert table(ROOT / "checkpoints") in README


def test_ci_runs_the_readmes_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_promise_names_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)
    assert len(named) > 15
    for path, test in named:
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), (path, test)
    for row in page.split("## What meets")[1].split("## Parameters")[0].splitlines():
        if row.startswith("| ") and not row.startswith("| what"):
            assert "`tests/" in row, row


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "docs/models-from-elsewhere.md",
        "docs/reliability.md",
    ],
)
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


def test_the_import_table_of_the_contributing_page_is_the_enforced_one() -> None:
    from tests.test_architecture import OURS

    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for owner, allowed in OURS.items():
        row = re.search(rf"^\| `{owner}`[^|]*\|([^|]*)\|", page, re.MULTILINE)
        assert row is not None, owner
        assert set(re.findall(r"[a-z]+", row[1])) == allowed, owner
