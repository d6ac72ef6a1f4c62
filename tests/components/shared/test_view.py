"""The text file beside a view."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.shared.view import Text, read_text


def written(folder: Path, text: str) -> Text:
    (folder / "some.md").write_text(text, encoding="utf-8")
    return read_text(str(folder / "some.py"))


def test_title_lead_questions_and_answers_are_read(tmp_path: Path) -> None:
    text = "# Lanes\n\nOne prompt,\nfive ways.\n\n## Why?\n\nBecause of <b>,\nand # too.\n"
    text += "\n## Who?\nNobody.\n"
    questions = (("Why?", "Because of <b>, and # too."), ("Who?", "Nobody."))
    assert written(tmp_path, text) == Text("Lanes", "One prompt, five ways.", questions)


@pytest.mark.parametrize("text", ["# Lanes\n", "# Lanes\n\nLead.\n\n## Why?\n\n", "#\n\nLead."])
def test_what_is_missing_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"some\.md: a heading or its text is missing"):
        written(tmp_path, text)
