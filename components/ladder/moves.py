"""Buttons on stage that set inputs of their view and run it (read by stepping.js)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from markupsafe import Markup


def move(label: str, inputs: Mapping[str, object] | None, kind: str = "") -> Markup:
    """A button that sets these inputs by their names; disabled where there is nowhere to go."""
    where = Markup("disabled")
    if inputs is not None:
        where = Markup('data-inputs="{}"').format(json.dumps(inputs))
    return Markup('<button type="button" class="{}" {}>{}</button>').format(kind, where, label)
