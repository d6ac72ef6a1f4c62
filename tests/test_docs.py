"""What the documents claim, checked: commands, folders, links, tests, and the codes of rules."""

from __future__ import annotations

import json
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


def test_every_promise_names_a_test() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    for row in page.split("## What meets")[1].split("## Parameters")[0].splitlines():
        if row.startswith("| ") and not row.startswith("| what"):
            assert named_tests(row), row


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "docs/hosting.md",
        "docs/models-from-elsewhere.md",
        "docs/performance.md",
        "docs/reliability.md",
        "docs/truth.md",
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


def named_tests(page: str) -> list[tuple[str, str]]:
    """Every `tests/...::test_...` of a page, as (path, name)."""
    return re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)


def files_of_tests() -> dict[str, str]:
    """Path in the repository to text."""
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for p in paths}


@pytest.mark.parametrize("document", ["truth.md", "reliability.md"])
def test_every_test_that_a_document_names_exists(document: str) -> None:
    named = named_tests((ROOT / "docs" / document).read_text(encoding="utf-8"))
    assert len(named) > 40
    files = files_of_tests()
    for path, test in named:
        places = [file for file, text in files.items() if f"def {test}(" in text]
        assert path in places, f"docs/{document}: {test} is not in {path}; it is in {places}"


def table_of(document: str, letter: str) -> dict[int, str]:
    """The rows of a document whose first cell is a code, such as R19, by number."""
    page = (ROOT / "docs" / document).read_text(encoding="utf-8")
    rows = re.findall(rf"^\| {letter}(\d+) \|(.*)$", page, re.MULTILINE)
    return {int(number): row for number, row in rows}


def codes_of_tests(letter: str) -> set[int]:
    """Numbers in names of tests: 6 and 7 for `test_r6_r7_...`."""
    names = [n for text in files_of_tests().values() for n in re.findall(r"def test_(\w+)\(", text)]
    leading = [re.match(r"(?:[a-z]\d+_)*", name) for name in names]
    return {int(n) for m in leading if m for n in re.findall(rf"{letter}(\d+)_", m[0])}


def codes_of_rules_in_source() -> set[int]:
    """Numbers in comments, docstrings and scripts: 19 for `(truth: R19)`."""
    found: set[int] = set()
    for folder in ("analysis", "components", "inference", "learning", "models", "training", "web"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".js", ".css"):
                found |= {int(n) for n in re.findall(r"\bR(\d{1,2})\b", path.read_text("utf-8"))}
    return found


def test_every_code_of_a_rule_has_its_row() -> None:
    table = table_of("truth.md", "R")
    assert sorted(table) == list(range(1, 47))
    used = codes_of_tests("r") | codes_of_rules_in_source()
    assert {1, 6, 7, 16, 19, 29} <= used <= set(table)


@pytest.mark.parametrize("letter", ["t", "f"])
def test_every_code_of_a_fault_has_its_row(letter: str) -> None:
    used = codes_of_tests(letter)
    assert len(used) > 8
    assert used <= set(table_of("reliability.md", letter.upper()))


def test_every_rule_names_its_tests_or_says_why_there_are_none() -> None:
    tested = codes_of_tests("r")
    for number, row in table_of("truth.md", "R").items():
        without = "No view shows this yet." in row or "no test." in row
        assert bool(named_tests(row)) or without, f"R{number}"
        assert not (number in tested and without), f"R{number} has tests and says that it has none"


def test_the_files_to_read_first_exist() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w/]+\.py)` \|", page, re.MULTILINE)
    drawn = re.findall(r"[\w/]+\.py", page.split("```")[1])
    assert len(listed) == 10 and len(drawn) > 10
    for path in (*listed, *drawn):
        assert (ROOT / path).is_file(), path


def test_the_analogies_of_the_readme_are_the_measured_ones() -> None:
    stored = json.loads((ROOT / "checkpoints" / "word-vectors" / "metrics.json").read_text("utf-8"))
    figures = stored["figures"]["Analogies: share of the covered even-numbered questions"]
    table = README.split("relation by relation")[1].split("</details>")[0]
    head, _, *rows = re.findall(r"^\| .*\|$", table, re.MULTILINE)
    models = [cell.strip() for cell in head.strip("|").split("|")][2:]
    assert len(models) == 6 and len(rows) == len(figures)
    for line in rows:
        name, covered, *shown = (cell.strip() for cell in line.strip("|").split("|"))
        row = figures[name]
        assert covered == f"{row['covered']:,} of {row['questions']:,}"
        assert shown == [f"{100 * row[model]:.0f}" for model in models]
