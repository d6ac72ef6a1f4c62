"""What a view is: a question to a model, its inputs, its picture and its teaching text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradio.components import Component

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.entry import Capability

Inputs = Mapping[str, Component]
"""Input components by name, in the order of the handler's parameters and of a link."""


@dataclass(frozen=True)
class Text:
    """The teaching text of a view."""

    title: str
    lead: str
    """One sentence or two: what can be seen."""
    questions: tuple[tuple[str, str], ...]
    """Questions for the room, each with its answer."""


def read_text(module: str) -> Text:
    """The text file beside a view's module (`__file__`): `# title`, lead, `## question`, answer.

    Raises ValueError where a part is missing.
    """
    path = Path(module).with_suffix(".md")
    head, *sections = path.read_text(encoding="utf-8").split("\n## ")
    title, lead = _parted(head.removeprefix("#"), path)
    return Text(title, lead, tuple(_parted(section, path) for section in sections))


def _parted(section: str, path: Path) -> tuple[str, str]:
    """The heading of a section, and its text as one line."""
    heading, _, body = section.partition("\n")
    if not heading.strip() or not body.strip():
        raise ValueError(f"{path.name}: a heading or its text is missing near {heading[:40]!r}.")
    return heading.strip(), " ".join(body.split())


@dataclass(frozen=True)
class View:
    """One question and one picture. `shared/frame.py` lays it out."""

    key: str
    """`lab-view`: names it in links, element ids and, with `_` for `-`, in the API."""
    text: Text
    ask: Callable[..., Any]
    """`ask(service, session, *inputs)` returns a frozen value, or is a generator of `Waiting` and
    of values, each of them whole."""
    data: Callable[[Any], dict[str, Any]]
    """The value as JSON with exact numbers: what the API returns and Download writes."""
    draw: Callable[[], Callable[[Any], Sequence[object]]]
    """Makes the function that draws the values of one run: it returns the outputs, and may
    remember what it has drawn."""
    inputs: Callable[[Catalog], Inputs]
    """Creates the input components, with the values of the opening example."""
    stage: Callable[[], Sequence[Component]]
    """Creates the output components. The first shows notes where the view can be stopped."""
    button: str
    """The label of the button that runs it."""
    examples: Mapping[str, Sequence[object]]
    """By their labels: values of the first inputs."""
    chips: str = "Examples"
    """What these are called above their labels."""
    runs_on: Sequence[str] = ()
    """Names of inputs that run it as soon as they change."""
    typed: Sequence[str] = ()
    """Names of texts that run it while somebody types in them, in no queue: the first value of what
    it asks is known at once, and its first output is a note."""
    dials: Sequence[str] = ()
    """Names of inputs that stand below the button with the settings although examples fill them."""
    folded: Sequence[str] = ()
    """Names of inputs that are rarely touched: they stand under a button that unfolds them."""
    stopped: str = ""
    """What the note says after Stop; empty for no Stop button."""
    aside: Callable[[], None] | None = None
    """Creates what stands under the button."""
    below: Callable[[], None] | None = None
    """Creates what stands below on the full width."""
    python: Callable[..., str] | None = None
    """`python(service, *inputs)`: the same as a program for plain `transformers`, to be copied."""

    @property
    def lab(self) -> str:
        return self.key.partition("-")[0]

    @property
    def api_name(self) -> str:
        return self.key.replace("-", "_")


@dataclass(frozen=True)
class Lab:
    """A page of views on one subject."""

    key: str
    title: str
    views: tuple[View, ...]
    opened: str
    """The key of the view that the front page shows."""
    can: Capability
    """What its models can do; the page says what each of them has read."""
    also: tuple[Capability, ...] = ()
    """What models of single views can do; those are named last."""
