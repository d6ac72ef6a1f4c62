"""The folder of a trained model goes to who sends its name, and nowhere else."""

from __future__ import annotations

from tests.web.asking import ask
from web.folders import Folders
from web.responses import refusal
from web.routes import RouteGate


def packed(name: str) -> tuple[str, bytes]:
    if name != "trained-mine":
        raise ValueError("The model is gone.")
    return "lstm", b"PK archive"


FOLDERS = Folders(refusal(418, "the app"), packed)


def test_who_sends_the_name_gets_the_archive() -> None:
    found = ask(FOLDERS, "/folder", "POST", body=[b"trained-", b"mine"])
    assert (found.status, found.body) == (200, b"PK archive")
    assert found.headers["content-type"] == "application/zip"
    assert found.headers["content-disposition"] == 'attachment; filename="lstm.zip"'
    assert found.headers["cache-control"] == "no-store"


def test_who_sends_another_gets_a_sentence() -> None:
    for body in (b"trained-other", b"", b"\xff\x00"):
        found = ask(FOLDERS, "/folder", "POST", body=[body])
        assert found.status == 404 and b"The model is gone." in found.body


def test_no_name_is_taken_from_an_address() -> None:
    gate = RouteGate(FOLDERS, ["/"])
    assert gate.lets_in("POST", "/folder")
    assert not gate.lets_in("GET", "/folder") and not gate.lets_in("POST", "/folder/trained-mine")
    assert ask(FOLDERS, "/folder/trained-mine", "POST").status == 418
