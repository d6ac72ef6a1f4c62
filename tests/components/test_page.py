"""How the page is set up: the parameters that keep it private, offline and open to a classroom."""

from __future__ import annotations

import re
from inspect import iscoroutinefunction, signature, unwrap
from pathlib import Path

import gradio as gr
import pytest
from gradio.routes import App

from components.masthead import status_line
from components.page import LABS, SHEETS, build_app, launch_options
from components.shared.blocks import Blocks
from components.shared.events import CLASSROOM
from inference.service import Service
from inference.status import ModelStatus, ServiceStatus

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
CSS = Path(__file__).parents[2] / "components/shared/css"
VIEWS = [view for lab in LABS for view in lab.views]
API_NAMES = {view.api_name for view in VIEWS}


@pytest.fixture(scope="module")
def page() -> gr.Blocks:
    return build_app(Service(CHECKPOINTS))


def test_no_event_is_left_at_one_person_at_a_time(page: gr.Blocks) -> None:
    limits = {name: page.fns[i].concurrency_limit for i, name in named_events(page)}
    assert limits.keys() >= API_NAMES
    for i in page.fns:
        event = page.fns[i]
        if event.fn is not None and event.queue:
            assert event.concurrency_limit in (CLASSROOM, None, "default"), event.api_name


def test_events_have_stable_public_names(page: gr.Blocks) -> None:
    public = {event.api_name for event in page.fns.values() if event.api_visibility == "public"}
    assert public == API_NAMES
    page.config = page.get_config_file()  # as `launch` does
    assert {name.lstrip("/") for name in page.get_api_info()["named_endpoints"]} == API_NAMES


def test_the_configuration_is_worked_out_once_all_pages_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = []
    whole = gr.Blocks.get_config_file
    monkeypatch.setattr(gr.Blocks, "get_config_file", lambda self: counted.append(1) or whole(self))
    page = build_app(Service(CHECKPOINTS))
    assert not counted
    assert set(page.get_config_file()["page"]) == {path for path, *_ in page.pages}


def test_routes_are_made_when_the_constructor_asks_and_once_all_pages_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And by `launch`; Gradio's own pages make all of them after each page too."""
    made, make = [], App.create_app
    monkeypatch.setattr(App, "create_app", lambda page, **how: made.append(1) or make(page, **how))
    build_app(Service(CHECKPOINTS))
    assert len(made) == 2


def test_a_page_is_what_gradio_makes_of_a_route(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio.context.Context.id", 0)
    with Blocks() as ours:
        gr.HTML("One")
        ours.turn_to("Second", "second")
        gr.Button("Two").click(print, [], [])
    ours.complete = True
    monkeypatch.setattr("gradio.context.Context.id", 0)
    with gr.Blocks() as theirs:
        gr.HTML("One")
    with theirs.route("Second", "/second", show_in_navbar=False):
        gr.Button("Two").click(print, [], [])
    found, expected = ours.get_config_file(), theirs.get_config_file()
    assert found.pop("app_id") != expected.pop("app_id")
    assert found == expected


def test_how_components_are_made_is_read_right(page: gr.Blocks) -> None:
    """It is read once: `inspect.signature` then finds the same without looking."""
    for kind in {type(block) for block in page.blocks.values()}:
        made = unwrap(kind.__init__)
        kept = vars(made).pop("__signature__")
        try:
            assert signature(made) == kept, kind
        finally:
            made.__signature__ = kept


def test_no_event_does_nothing(page: gr.Blocks) -> None:
    """One that ends others is one: `cancels` of Gradio's own adds another without work."""
    ends = [event for event in page.fns.values() if event.is_cancel_function]
    assert len(ends) > 100
    for event in page.fns.values():
        if event.is_cancel_function:
            assert all(page.fns[i].fn is not None for i in event.cancels)
            assert event.targets and not event.queue
        else:
            assert event.fn is not None or event.js, event.get_config()


def named_events(page: gr.Blocks) -> list[tuple[int, str]]:
    return [(i, str(event.api_name)) for i, event in page.fns.items()]


ELSEWHERE = re.compile(r"(?:https?|wss?):?//[^\s\"'`)]+|(?<=[\"'`(])//\w[^\s\"'`)]*")
"""An address with a host, however it is used."""


def test_nothing_on_the_page_comes_from_elsewhere() -> None:
    options = launch_options()
    names = {"http://www.w3.org/2000/svg"}  # of a kind of element: nothing is fetched there
    assert set(ELSEWHERE.findall(options["head"] + options["css"])) <= names
    assert options["theme"]._stylesheets == []  # such as fonts


@pytest.mark.parametrize(
    "source",
    [
        'fetch("https://cdn.example/x.js")',
        "import('//cdn.example/x.js')",
        "new WebSocket(`wss://example.org/`)",
        "@import url(//fonts.example/x.css);",
        "<img src=http://example.org/x.png>",
    ],
)
def test_an_address_elsewhere_is_found(source: str) -> None:
    assert ELSEWHERE.search(source)


def test_every_view_says_what_can_be_seen_and_asks_a_question() -> None:
    for view in VIEWS:
        assert view.text.lead.endswith(".")
        assert view.text.questions
        assert all(question.endswith("?") for question, _ in view.text.questions)


def test_a_view_lies_in_the_folder_of_its_lab_and_is_called_as_it_is_keyed() -> None:
    for lab in LABS:
        for view in lab.views:
            assert view.ask.__module__ == f"components.{view.key.replace('-', '.')}"
        assert lab.opened in {view.key for view in lab.views}


def test_opening_a_page_reaches_the_server_once_however_many_views_it_has(page: gr.Blocks) -> None:
    for name, _, _ in page.pages:
        loads = [
            event
            for event in page.fns.values()
            if event.page == name and any(kind == "load" for _, kind in event.targets)
        ]
        assert len(loads) == 1
        assert iscoroutinefunction(loads[0].fn)  # it waits for the warm-up, and holds no thread


def test_whatever_writes_the_status_line_waits_for_the_warm_up(page: gr.Blocks) -> None:
    """The page keeps the answer to the newest question alone, which must not be given early."""
    lines = {number for number, part in page.blocks.items() if part.elem_id == "status"}
    writing = [one for one in page.fns.values() if lines & {part._id for part in one.outputs}]
    assert len(writing) > len(LABS)
    assert all(iscoroutinefunction(one.fn) for one in writing)


def test_a_value_to_be_saved_is_not_drawn(page: gr.Blocks) -> None:
    """Gradio's page would, out of sight: five thousand words take it eight seconds."""
    values = [part for part in page.blocks.values() if isinstance(part, gr.JSON)]
    assert values and not any(part.visible for part in values)


def test_nothing_of_ours_is_stored_for_a_session(page: gr.Blocks) -> None:
    assert not [part for part in page.blocks.values() if isinstance(part, gr.State)]


def test_the_status_line_names_a_missing_model_with_its_reason_escaped() -> None:
    missing = ModelStatus("storyteller", available=False, reason="<b> is missing")
    line = status_line(ServiceStatus("cpu", (missing,), waiting=2, tokens_per_second=1234.4))
    assert "storyteller is not available: &lt;b&gt; is missing" in line
    assert "2 at work" in line
    assert "1,234 tokens/s" in line


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ((), "storyteller, 5.9 M · CPU"),
        (("ladder/lstm",), "storyteller, 5.9 M + ladder/lstm · CPU"),
        (("ladder/bigram", "ladder/lstm"), "storyteller, 5.9 M + 2 more · CPU"),
    ],
)
def test_the_status_line_names_what_writes_and_stays_short(
    others: tuple[str, ...], said: str
) -> None:
    loaded = ModelStatus("storyteller", True, loaded=True, parameters=5_900_000, megabytes=24.0)
    models = (
        loaded,
        *(
            ModelStatus(name, True, loaded=True, parameters=940_000, megabytes=4.0)
            for name in others
        ),
        ModelStatus("ladder/gpt", True),
        ModelStatus("word-vectors", True, loaded=True, parameters=3_000_000),
    )
    line = status_line(ServiceStatus("cpu", models, 0, 0.0))
    assert f">{said} · nobody ahead<" in line
    assert f'title="Loaded: {", ".join(("storyteller", *others))}"' in line


def test_a_model_that_counts_is_named_without_a_size() -> None:
    counted = ModelStatus("ladder/bigram", True, loaded=True, megabytes=1.0)
    assert ">ladder/bigram · CPU" in status_line(ServiceStatus("cpu", (counted,), 0, 0.0))


def test_the_status_line_tells_what_is_unusual_about_device_and_models() -> None:
    models = (ModelStatus("storyteller", True, loading=True), ModelStatus("other", True))
    lost = ServiceStatus(
        "cuda", models, 0, 0.0, dtype="bfloat16", note="CUDA failed; the CPU does the work, slower."
    )
    line = status_line(lost)
    assert "CUDA, bfloat16 · loading storyteller · nobody ahead" in line
    assert "CUDA failed; the CPU does the work, slower." in line
    assert "float32" not in status_line(ServiceStatus("cpu", models, 0, 0.0, dtype="float32"))


def test_no_rule_sets_a_font_and_then_a_part_of_it() -> None:
    """Gradio writes every rule anew from what the browser tells of it, and a browser tells nothing
    of `font` with a variable once a part of it is set again: the whole font would be lost."""
    rules = rules_of(*CSS.glob("*.css"))
    assert len(rules) > 300
    again = re.compile(r"\bfont:[^;]*var\([^;]*;.*\b(font-\w+|line-height):")
    assert [rule.strip() for rule in rules if again.search(rule)] == []


def rules_of(*sheets: Path) -> list[str]:
    """Selectors with what they set, without remarks."""
    text = "".join(sheet.read_text("utf-8") for sheet in sheets)
    return re.findall(r"[^{}]+\{[^{}]*\}", re.sub(r"/\*.*?\*/", "", text, flags=re.S))


def test_a_rule_stands_in_one_sheet_and_a_colour_is_set_in_one() -> None:
    sheets = {sheet.name: rules_of(sheet) for sheet in CSS.glob("*.css")}
    where: dict[str, set[str]] = {}
    for name, rules in sheets.items():
        for rule in rules:
            where.setdefault(" ".join(rule.split()), set()).add(name)
    assert {rule: names for rule, names in where.items() if len(names) > 1} == {}
    set_in = {
        name for name, rules in sheets.items() if any("--orrery-ink:" in rule for rule in rules)
    }
    assert set_in == {"colours.css"}


def test_what_one_table_of_numbers_sets_is_not_lost_to_what_all_of_them_do() -> None:
    """`.numbers td` stands in a later sheet than most: a rule of one table names both classes."""
    sources = [path.read_text("utf-8") for path in CSS.parents[1].rglob("*.py")]
    tables = {name for text in sources for name in re.findall(r'class="numbers ([\w-]+)"', text)}
    assert {"worked", "growth", "orders", "cell-table", "reach-table"} <= tables
    cells = r"\s(th|td|caption|thead [a-z]+|:is\([a-z ,+]+\))$"
    weak = re.compile(rf"(?<!\.numbers)\.({'|'.join(tables)}){cells}")
    before = SHEETS[: SHEETS.index("bench.css")]
    selectors = [
        rule.partition("{")[0].strip() for rule in rules_of(*(CSS / one for one in before))
    ]
    assert [one for one in selectors if weak.search(one)] == []
