"""What a room sees: light and dark, on the wall and on a phone, and nothing jumps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser

THEMES = ("light", "dark")
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
CONTRAST = """element => {
    const numbers = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
    const full = (colour) => (colour.startsWith("color(srgb") ? 1 : 255); // the former where mixed
    const luminance = (colour) => numbers(colour).slice(0, 3).map((value) => value / full(colour))
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const opaque = (part) => (numbers(getComputedStyle(part).backgroundColor)[3] ?? 1) === 1;
    let ground = element;
    while (ground.parentElement && !opaque(ground)) ground = ground.parentElement;
    const style = getComputedStyle(element);
    const ink = element instanceof SVGElement ? style.fill : style.color;
    const pair = [ink, getComputedStyle(ground).backgroundColor].map(luminance);
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}"""

EDGE = f"""element => {{
    const {{ borderInlineStartColor, borderInlineStartStyle, borderInlineStartWidth }} =
        getComputedStyle(element);
    const drawn = borderInlineStartStyle === "solid" ? parseFloat(borderInlineStartWidth) : 0;
    element.style.color = borderInlineStartColor;
    return {{ width: drawn, contrast: ({CONTRAST})(element) }};
}}"""
"""The edge where a piece begins, and how it stands out from the piece's own ground."""

ALIKE = """() => [...document.querySelectorAll(".legend")].filter((one) => one.checkVisibility())
    .filter((legend) => {
        const looks = [...legend.querySelectorAll(".swatch")].map((swatch) => {
            const { background, border, outline, borderRadius, width, opacity } =
                getComputedStyle(swatch);
            return [background, border, outline, borderRadius, width, opacity].join();
        });
        return new Set(looks).size < looks.length;
    }).map((legend) => legend.textContent)"""
"""The legends in which two swatches look alike."""


COVERED = """controls => {
    const parts = [...controls.querySelectorAll(".form > .block, button")]
        .filter((part) => part.checkVisibility() && !part.parentElement.closest(".block"))
        .map((part) => [part.innerText, part.getBoundingClientRect()]);
    const covers = ([, one], [, other]) => one.left < other.right - 1 && other.left < one.right - 1
        && one.top < other.bottom - 1 && other.top < one.bottom - 1;
    return parts.flatMap((one, i) => parts.slice(i + 1).filter((other) => covers(one, other))
        .map((other) => [one[0], other[0]]));
}"""
"""The controls of which one stands on another."""

NOTED = """key => {
    const note = document.querySelector(`#${key}-view .stage .note`);
    const parts = [...document.querySelectorAll(`#${key}-view .stage *`)]
        .filter((part) => part !== note && part.checkVisibility() && !part.contains(note));
    const tops = () => parts.map((part) => Math.round(part.getBoundingClientRect().top));
    const before = note && tops();
    if (note) note.textContent = note.textContent ? "" : "A remark.";
    return !note || JSON.stringify(tops()) === JSON.stringify(before);
}"""
"""Whether all stays where it is when a note comes, or goes."""

LATER = (
    *("tokens-merges", "tokens-train", "tokens-cost", "tokens-vocabulary"),
    *("generation-choice", "generation-tree", "generation-beam", "generation-thousand"),
    *("generation-text", "embeddings-map", "embeddings-arithmetic", "embeddings-axes"),
    *("embeddings-context", "embeddings-benchmark", "embeddings-counting"),
    *("embeddings-pieces", "generation-game", "embeddings-matrix"),
    *("embeddings-words", "embeddings-classifier", "embeddings-ratios", "embeddings-windows"),
    *("attention-cell", "attention-lens", "attention-translation", "attention-roles"),
    *("attention-journey", "attention-explanation", "attention-growing", "attention-masked"),
    *("attention-positions", "attention-cost"),
)
LADDER = [v for v in running.VIEWS if running.lab_of(v) == "ladder" or v in LATER]
VIEWS = pytest.mark.parametrize(
    "views",
    [
        pytest.param([view for view in running.VIEWS if view not in LADDER], id="first"),
        pytest.param(LADDER, id="ladder", marks=pytest.mark.thorough),
    ],
)
"""All views, in two parts."""


def act(page: Page, view: str) -> None:
    """Do what the tab is for, so that not only its first sight is looked at."""
    example = {
        "tokens-pieces": ("Emoji", "#tokens-pieces-view .stage .group"),
        "tokens-duel": ("Emoji", "#tokens-duel-view .pieces:has-text('family')"),
        "tokens-merges": ("The longest", "#tokens-merges-view .merge-steps:has-text('rain')"),
        "tokens-train": ("Numbers", "#tokens-train-view .newest:has-text('00')"),
        "tokens-cost": ("Mostly unknown", "#tokens-cost-view .remark:has-text('7 unknown')"),
        "tokens-vocabulary": ("Names", "#tokens-vocabulary-view h2:has-text('Laur')"),
        "embeddings-neighbours": ("blue", "h2:has-text('Nearest to blue')"),
        "embeddings-analogies": ("hot : cold = summer : ?", "h2:has-text('hot is to cold')"),
        "embeddings-map": ("dog", "h2:has-text('nearest to dog')"),
        "embeddings-benchmark": ("Opposites", "h2:has-text('Opposites, Skip-gram')"),
        "embeddings-arithmetic": ("water + frozen", "h2:has-text('water + frozen')"),
        "embeddings-axes": ("One axis", "#embeddings-axes-view .trust:has-text('cold to hot')"),
        "embeddings-words": ("Verbs", "h2:has-text('Truly nearest to ran')"),
        "embeddings-matrix": ("Fruit", "h2:has-text('Odd one out: hammer')"),
        "embeddings-context": ("light", ".likeness-matrix th:has-text('feather')"),
        "embeddings-counting": ("Everyday", ".likeness-matrix th:has-text('physician')"),
        "embeddings-ratios": ("Find them", ".ratio-strips th:has-text('snow')"),
        "embeddings-windows": ("Rare words", ".window-words .near:has-text('lava')"),
        "embeddings-classifier": ("Land or sea", ".verdicts th:has-text('dolphins')"),
        "embeddings-pieces": ("teh", "#embeddings-pieces-view li:has-text('tehran')"),
        "attention-heads": ("The token before", ".attention[data-value*=apple]"),
        "attention-removal": ("Thanks", ".removal h3:has-text('said')"),
        "attention-journey": ("Said Ben", ".way-next .bar:has-text('Ben')"),
        "attention-cell": ("Dog or bird", ".opened-sum p:has-text('token 24')"),
        "attention-lens": ("Thanks", "#attention-lens-view h3:has-text('Ben')"),
        "attention-roles": ("Both sides", "#attention-roles-view .role:has-text('Next token')"),
        "attention-growing": ("Sink", "#attention-growing-view h2:has-text('Layer 2, head 2')"),
        "attention-explanation": ("Whose doll", ".explained-text .hit:has-text('doll')"),
        "attention-translation": (
            "Old house",
            "#attention-translation-view .reads:has-text('maison')",
        ),
        "attention-positions": ("ALiBi", "#attention-positions-view th:has-text('Head 8')"),
        "attention-masked": ("The song tells", "#attention-masked-view .rank:has-text('birds')"),
        "attention-cost": ("A book", "#attention-cost-view .cost-sums:has-text('131,072')"),
        "generation-lanes": ("Certain", "[aria-label=Greedy]:has-text('per token')"),
        "generation-choice": (
            "Inside a phrase",
            "#generation-choice-view .followed code:has-text('time')",
        ),
        "generation-beam": ("Against exact search", ".search-below .missed"),
        "generation-thousand": ("Inside a phrase", ".many .cell-about:has-text('nothing to test')"),
        "generation-game": ("The key", "#generation-game-view .keys"),
        "generation-text": (
            "A wrong word",
            "#generation-text-view .surprising code:has-text('refrigerator')",
        ),
        "generation-tree": ("One way", "#generation-tree-view .about:has-text('5 texts have')"),
        "generation-wheel": (
            "Inside a phrase",
            ".stepper em:has-text('Once upon'):not(:has-text('time'))",
        ),
        "ladder-forcing": ("Speech", "#ladder-forcing-view .forced-lanes .lane"),
        "ladder-reach": ("A list", "#ladder-reach-view .reach-table tr >> nth=8"),
        "ladder-state": ("No speech", '.cell-states[data-value*=\'h","o","u\']'),
        "ladder-models": ("Inside a word", "#ladder-lanes .lane:last-child em:has-text('prin')"),
        "ladder-dimensions": ("Never", "#ladder-dimensions-view .orders:has-text('never seen')"),
        "ladder-letters": ("The first pairs", "#ladder-letters-view .window:has-text('pair 1 of')"),
        "ladder-loss": ("No idea", "#ladder-loss-view .tally:has-text('1.386')"),
        "ladder-train": ("Counted or learned", ".bench .answer:has-text('Gradients arrive')"),
        "ladder-table": ("After q", ".rolls .out:has-text('qu')"),
    }
    chip, result = example[view]
    page.locator(f"#{view}-view").get_by_role("button", name=chip, exact=True).click()
    expect(page.locator(result).first).to_be_visible()


SMALL = {
    "tokens-pieces": (
        "[role=tab]",
        "#status p",
        "#tokens-pieces-view .stage .chip i",
        "#tokens-pieces-view .stage .chip span",
        "#tokens-pieces-view .running span",
    ),
    "embeddings-neighbours": (".js-plotly-plot text", ".bars .value", ".bars .remark"),
    "attention-heads": (
        "#attention-heads-view .stage .layer",
        "#attention-heads-view .stage .scale",
    ),
    "attention-removal": (".removal button", ".moves p"),
    "generation-lanes": (".lane em", ".lane .fork", ".detail .value", ".legend"),
}
"""Small or single characters: axe does not judge text of one, nor text in a picture."""


def pale(page: Page, view: str) -> Iterator[tuple[str, str, float]]:
    """What of them stands out too little."""
    for selector in SMALL.get(view, ()):
        drawn = page.locator(f"{selector}:visible")
        assert drawn.count(), selector
        worst = min(contrast(one) for one in drawn.all()[:8])
        if worst < 4.5:
            yield view, selector, round(worst, 2)


@VIEWS
@pytest.mark.parametrize(
    ("theme", "wide"),
    [
        ("light", running.DESK),
        ("dark", running.PHONE),
        pytest.param("dark", running.DESK, marks=pytest.mark.thorough),
    ],
)
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    open_page: OpenPage, theme: str, wide: int, views: list[str]
) -> None:
    """All stands out, and nothing is noted that no page may do, such as to need what the policy
    forbids."""
    page = open_page("tokens-pieces", theme=theme, width=wide)
    # Axe describes every part that has passed, megabytes of them, unless it is told not to.
    asked = {"resultTypes": ["violations"]}
    found: list[tuple[object, ...]] = []
    for view in views:
        running.show(page, view)
        found += pale(page, view)
        act(page, view)
        found += [(view, "alike", legend) for legend in page.evaluate(ALIKE)]
        page.get_by_role("heading", name="What to look for").locator("+ details summary").click()
        assert width(page) == wide, view
        for violation in Axe().run(page, options=asked).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found += [(view, violation["id"], node["html"]) for node in violation["nodes"]]
        save_and_link(page)
    assert found == []


@pytest.mark.parametrize("theme", THEMES)
def test_cuts_between_pieces_are_seen_without_colour(open_page: OpenPage, theme: str) -> None:
    page = open_page("tokens-duel", theme=theme)
    pieces = page.locator("#tokens-duel-view .strip .pieces span")
    assert pieces.count() > 40
    edges = [piece.evaluate(EDGE) for piece in pieces.all()[:40]]
    assert min(edge["width"] for edge in edges) >= 2  # px
    assert min(edge["contrast"] for edge in edges) >= 3


def contrast(part: Locator) -> float:
    """WCAG's ratio of a part's ink to the ground that it stands on."""
    return part.evaluate(CONTRAST)


def save_and_link(page: Page) -> None:
    """Press the two buttons below every view."""
    with page.expect_download():
        page.get_by_role("button", name="Download", exact=True).filter(visible=True).click()
    page.get_by_role("button", name="Link to this").filter(visible=True).click()


def test_a_long_word_and_a_link_never_make_a_phone_scroll_sideways(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces", width=running.PHONE)
    page.get_by_role("textbox", name="Text").fill(LONG)
    page.get_by_role("button", name="Cut into tokens").click()
    expect(page.get_by_role("list", name="Tokens")).to_contain_text("ä")
    page.get_by_role("button", name="Link to this").click()
    expect(page.get_by_text(f"text={LONG[:8]}")).to_be_visible()
    assert width(page) == running.PHONE


@VIEWS
def test_in_lecture_the_stage_stands_high_and_the_dials_above_it(
    open_page: OpenPage, views: list[str]
) -> None:
    page = open_page("tokens-pieces", lecture=1)
    for view in views:
        running.show(page, view)
        for size in ((1920, 1080), (1280, 720)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            fits_the_wall(page, view, size[0])


def fits_the_wall(page: Page, view: str, width_of_wall: int) -> None:
    frame = page.locator(f"#{view}-view")
    stage, dials = frame.locator(".stage").bounding_box(), frame.locator(".controls")
    assert stage is not None
    if not view.startswith("ladder"):
        assert stage["y"] < 260, view
    switch = page.get_by_role("button", name="Lecture").bounding_box()
    tab = page.locator(f"#{view}-tab-button").bounding_box()
    assert switch is not None and tab is not None
    assert switch["y"] + switch["height"] <= tab["y"], view
    assert stage["width"] > 0.95 * (width_of_wall - 60), view
    for question in dials.locator(":scope > .form:has(textarea)").filter(visible=True).all():
        assert question.bounding_box()["width"] > 220, view
    for button in dials.get_by_role("button").all():
        assert not button.is_visible() or button.evaluate("e => e.scrollWidth <= e.clientWidth")
    for name in (
        dials.locator("input[role]").filter(visible=True).all()
    ):  # whole, whatever is chosen
        assert name.evaluate("e => e.scrollWidth <= e.clientWidth"), (view, name.input_value())
    assert dials.evaluate(COVERED) == [], view
    assert width(page) == width_of_wall, view


@pytest.mark.thorough
def test_in_lecture_five_lanes_and_a_page_of_the_vocabulary_stand_on_one_screen(
    open_page: OpenPage,
) -> None:
    page = open_page("generation-lanes", lecture=1)
    page.set_viewport_size({"width": 1280, "height": 720})
    foot = page.locator("aside.keys").bounding_box()["y"]
    assert bottom(page.get_by_role("group", name="Beam 4")) < foot
    assert bottom(page.locator(".lockstep button >> nth=-1")) <= top(
        page.get_by_role("group", name="Greedy")
    )
    running.show(page, "tokens-vocabulary")
    for part in (".vocabulary-pages", ".piece-of"):
        assert bottom(page.locator(f"#tokens-vocabulary-view {part}")) <= foot, part


def test_in_lecture_keys_run_and_turn_to_the_next_view_and_the_questions(
    open_page: OpenPage,
) -> None:
    page = open_page("tokens-pieces", lecture=1)
    page.locator("body").press("?")
    expect(page.get_by_role("heading", name="What to look for")).to_be_visible()
    page.locator("body").press("?")
    expect(page.get_by_role("heading", name="What to look for")).to_be_hidden()
    text = page.get_by_role("textbox", name="Text")
    before = text.input_value()
    page.locator("body").press("e")
    expect(text).not_to_have_value(before)
    page.locator("body").press("n")
    expect(page.locator("#tokens-duel-view")).to_be_visible()
    page.go_back()
    expect(page.locator("#tokens-pieces-view")).to_be_visible()
    page.locator("body").press("l")
    expect(page.get_by_role("button", name="Lecture")).to_have_attribute("aria-pressed", "false")


def width(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth")


def bottom(part: Locator) -> float:
    box = part.bounding_box()
    return box["y"] + box["height"]


def test_the_controls_come_first_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("generation-lanes", width=running.PHONE)
    assert top(page.get_by_role("textbox", name="Prompt")) < top(page.get_by_role("group").first)
    for view in ("tokens-vocabulary", "tokens-train", "generation-thousand"):
        running.show(page, view)
        dials = page.locator(f"#{view}-dials")
        assert bottom(page.locator(f"#{view}-run")) <= top(dials), view
        expect(dials.locator(".dial").first).to_be_hidden()


def test_hovering_and_picking_move_nothing(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces")
    stays(page, page.get_by_role("list", name="Tokens").get_by_role("listitem"))
    running.show(page, "embeddings-neighbours")
    stays(page, page.locator(".js-plotly-plot .point"))
    running.show(page, "generation-lanes")
    tokens = page.locator("#generation-lanes [data-step]")
    lanes = page.locator("#generation-lanes").get_by_role("group")
    before = [top(lane) for lane in lanes.all()]
    stays(page, tokens)
    tokens.nth(20).click()
    expect(page.get_by_role("heading", name="Step 21:")).to_be_visible()
    assert [top(lane) for lane in lanes.all()] == before


@pytest.mark.thorough
def test_a_note_moves_nothing(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces")
    for view in running.VIEWS:
        running.show(page, view)
        assert page.evaluate(NOTED, view), view


def test_stepping_moves_nothing(open_page: OpenPage) -> None:
    page = open_page("generation-wheel")
    parts = page.locator(".stepper-moves"), page.get_by_role("heading", name="What can come next")
    before = [top(part) for part in parts]
    for steps in range(1, 9):
        page.locator(".step-on").click()
        expect(page.locator(".stepper .t")).to_have_count(steps)
        assert [top(part) for part in parts] == before
    stays(page, page.locator(".next .bar"))


def stays(page: Page, parts: Locator) -> None:
    """Point at the first, a middle and the last part: the end of the tab must not move."""
    end = page.get_by_role("heading", name="What to look for")
    before = top(end)
    for place in (0, parts.count() // 2, parts.count() - 1):
        parts.nth(place).hover(force=True)
        assert top(end) == before


def test_attention_rows_and_heads_move_nothing(open_page: OpenPage) -> None:
    page = open_page("attention-heads")
    end = page.get_by_role("heading", name="What to look for")
    before = top(end)
    page.get_by_role("button", name="Map", exact=True).click()
    large = page.locator("#attention-heads-view .stage").get_by_role("img")
    large.focus()
    for _ in range(20):
        page.keyboard.press("ArrowDown")
        assert top(end) == before
    for button in page.locator("#attention-heads-view .stage button[data-head]").all():
        button.click()
        assert top(end) == before


def test_an_error_moves_nothing(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces")
    end = page.get_by_role("heading", name="What to look for")
    before = top(end)
    page.get_by_role("textbox", name="Text").fill("")
    page.get_by_role("button", name="Cut into tokens").click()
    expect(page.get_by_test_id("toast-body")).to_be_visible()
    assert top(end) == before


def top(part: Locator) -> float:
    """Distance to the top of the document, wherever the window has scrolled to."""
    return part.evaluate("element => element.getBoundingClientRect().top + window.scrollY")
