"""Tests of the published pages in a real Chromium, at the width of a desk, a tablet and a phone."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from analysis.paths import find_project
from analysis.publishing.build import notebooks
from analysis.publishing.variants import page_name, variants
from analysis.texts import LOCALES

pytestmark = pytest.mark.browser

WIDTHS = (1280, 768, 360)
_NOTEBOOKS = notebooks(find_project(Path(__file__).parent))
CUADERNOS = [f"es/{path.stem}.html" for path in _NOTEBOOKS]
PAGES = ["index.html", *CUADERNOS]
#: Every page of the reports: the variants of a cuaderno and the other language too.
EVERY = [
    *(f"{lang}/index.html" for lang in LOCALES),
    *(
        f"{lang}/{page_name(path.stem, variant)}.html"
        for lang in LOCALES
        for path in _NOTEBOOKS
        for variant in ("", *variants(path))
    ),
]
LEAST_FONT = 11

every_page = pytest.mark.parametrize("name", PAGES)
every_cuaderno = pytest.mark.parametrize("name", CUADERNOS)
every_width = pytest.mark.parametrize("width", WIDTHS)


@dataclass
class Visit:
    """An open page, and what it said and asked for."""

    page: Page
    name: str
    width: int
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Open = Callable[[str, int], Visit]


@contextmanager
def visiting(browser: Browser, reports: Path) -> Iterator[Open]:
    """Give a function that opens a page of the reports in a window of a width."""
    contexts = []

    def open_page(name: str, width: int) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, reduced_motion="reduce"
        )
        contexts.append(context)
        made = Visit(context.new_page(), name, width)
        made.page.on("console", lambda message: made.messages.append(message.text))
        made.page.on("pageerror", lambda error: made.messages.append(str(error)))
        made.page.on("request", lambda request: made.requests.append(request.url))
        context.route(
            "**/*",
            lambda route: (
                route.continue_() if route.request.url.startswith("file:") else route.abort()
            ),
        )
        made.page.goto((reports / name).as_uri())
        made.page.evaluate("document.fonts.ready")
        return made

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def visit(browser: Browser, reports: Path) -> Iterator[Open]:
    """Function that opens a page for a test that changes it."""
    with visiting(browser, reports) as open_page:
        yield open_page


@pytest.fixture(
    scope="module", params=product(EVERY, WIDTHS), ids=lambda view: f"{view[0]}-{view[1]}"
)
def view(request: pytest.FixtureRequest, browser: Browser, reports: Path) -> Iterator[Visit]:
    """A page at a width, open for every test that only looks at it."""
    with visiting(browser, reports) as open_page:
        yield open_page(*request.param)


@pytest.fixture
def drawings(view: Visit) -> list[list[dict[str, float | str]]]:
    """Texts of every drawing that the page shows; the index and pages of tables have none."""
    found = texts_of_drawings(view.page)
    assert bool(found) == (view.page.locator("figure .drawing").count() > 0)
    return found


def card_of(page: Page, button: Locator) -> Locator:
    """Find the card that the button of a number opens."""
    return page.locator(f"#{button.get_attribute('popovertarget')}")


def texts_of_drawings(page: Page) -> list[list[dict[str, float | str]]]:
    """Measure the texts of every drawing that is shown, and the drawing itself at the end."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.drawing svg')]
          .filter(svg => svg.getClientRects().length)
          .map(svg => [...svg.querySelectorAll('text'), svg].map(element => {
            const box = element.getBoundingClientRect();
            const scale = element.getScreenCTM ? Math.hypot(element.getScreenCTM().a,
              element.getScreenCTM().b) : 1;
            return {text: element.tagName === 'svg' ? '' : element.textContent,
              left: box.left, right: box.right, top: box.top, bottom: box.bottom,
              size: parseFloat(getComputedStyle(element).fontSize) * scale,
              family: getComputedStyle(element).fontFamily};
          }))"""
    )


# Quiet, alone, and no wider than the window ----------------------------------------------------


def test_a_page_says_nothing_and_asks_for_nothing(view: Visit) -> None:
    view.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    view.page.wait_for_load_state("networkidle")
    assert view.messages == []
    asked = [url for url in view.requests if not url.startswith("data:")]
    assert [Path(unquote(urlsplit(url).path)).name for url in asked] == [Path(view.name).name]
    assert all(url.startswith("file:") for url in asked)


def test_a_page_never_scrolls_sideways(view: Visit) -> None:
    for opened in (True, False):
        view.page.evaluate(
            "open => document.querySelectorAll('details').forEach(d => { d.open = open })", opened
        )
        assert view.page.evaluate("document.documentElement.scrollWidth") <= view.width
        view.page.evaluate("window.scrollTo(1000, 0)")
        assert view.page.evaluate("window.scrollX") == 0


def test_the_typefaces_of_a_page_are_its_own(view: Visit) -> None:
    faces = view.page.evaluate(
        "[...document.fonts].map(face => [face.family, face.style, face.status])"
    )
    expected = [
        ("Source Sans 3", "normal", "loaded"),
        ("Source Serif 4", "italic", "loaded"),  # every page cites the title of its source
        ("Source Serif 4", "normal", "loaded"),
    ]
    if view.page.locator("math").count():
        expected.append(("STIX Two Math", "normal", "loaded"))
    assert sorted((family.strip('"'), *rest) for family, *rest in faces) == sorted(expected)


def test_no_page_is_heavier_than_a_megabyte_and_a_half(reports: Path) -> None:
    sizes = {
        str(path.relative_to(reports)): path.stat().st_size for path in reports.rglob("*.html")
    }
    assert len(sizes) > len(CUADERNOS)
    assert {name: size for name, size in sizes.items() if size > 1_500_000} == {}


# Drawings --------------------------------------------------------------------------------------


def test_the_pages_show_drawings(reports: Path) -> None:
    drawn = [name for name in EVERY if 'class="drawing"' in (reports / name).read_text("utf-8")]
    assert len(drawn) > len(EVERY) / 2


def test_no_two_texts_of_a_drawing_overlap(drawings: list[list[dict]]) -> None:
    overlaps = []
    for *boxes, _ in drawings:
        assert len(boxes) > 5
        for one, other in combinations(boxes, 2):
            across = min(one["right"], other["right"]) - max(one["left"], other["left"])
            down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            line = min(one["bottom"] - one["top"], other["bottom"] - other["top"])
            if across > 0.5 and down > line / 5:  # the boxes of two lines of a label touch
                overlaps.append((one["text"], other["text"], across, down))
    assert overlaps == []


def test_no_text_of_a_drawing_is_cut_off(drawings: list[list[dict]]) -> None:
    for *boxes, drawing in drawings:
        for box in boxes:
            assert drawing["left"] - 0.5 <= box["left"], box["text"]
            assert box["right"] <= drawing["right"] + 0.5, box["text"]
            assert drawing["top"] - 0.5 <= box["top"], box["text"]
            assert box["bottom"] <= drawing["bottom"] + 0.5, box["text"]


def test_every_text_of_a_drawing_is_legible(drawings: list[list[dict]]) -> None:
    sizes = {box["text"]: box["size"] for *boxes, _ in drawings for box in boxes}
    assert {text: size for text, size in sizes.items() if size < LEAST_FONT} == {}
    families = {box["family"] for *boxes, _ in drawings for box in boxes}
    assert {family.split(",")[0].strip('"') for family in families} <= {"Source Sans 3"}


def test_the_drawing_for_the_width_of_the_window_is_shown(view: Visit) -> None:
    seen = view.page.eval_on_selector_all(
        "figure .drawing",
        """all => all.map(drawing => ['wide', 'narrow'].filter(
          part => drawing.querySelector(`.${part} svg`).getClientRects().length))""",
    )
    assert seen == [["narrow" if view.width < 400 else "wide"]] * len(seen)


# Numbers ---------------------------------------------------------------------------------------


@every_cuaderno
@every_width
def test_a_number_opens_its_card_and_escape_closes_it(visit: Open, name: str, width: int) -> None:
    made = visit(name, width)
    page = made.page
    # a share where the page shows one that is not folded, else any number
    target, with_base = page.evaluate(
        """() => {
          const seen = [...document.querySelectorAll('.number button')].filter(
            button => button.checkVisibility({contentVisibilityAuto: true}));
          const withBase = button => [...document.getElementById(
            button.getAttribute('popovertarget')).querySelectorAll('small')].some(
            key => key.textContent.trim() === 'Base:');
          const share = seen.find(withBase);
          return [(share ?? seen[0]).getAttribute('popovertarget'), Boolean(share)];
        }"""
    )
    card = page.locator(f"#{target}")
    button = page.locator(f".number button[popovertarget='{target}']:visible").first
    assert not card.is_visible()
    button.click()
    assert card.is_visible()
    keys = [key.rstrip(":") for key in card.locator("small").all_inner_texts()]
    assert {"Clase", "Origen"} <= set(keys)
    assert ("Base" in keys) == with_base
    assert button.inner_text() in card.inner_text()
    box = card.bounding_box()
    assert box is not None
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Escape")
    assert not card.is_visible()
    assert made.messages == []


@every_cuaderno
def test_a_number_opens_from_the_keyboard_too(visit: Open, name: str) -> None:
    page = visit(name, 1280).page
    number = page.locator(".number").first
    card = card_of(page, number.locator("button"))
    number.locator("button").focus()
    page.keyboard.press("Enter")
    assert card.is_visible()
    page.keyboard.press("Enter")
    assert not card.is_visible()


@every_cuaderno
def test_only_one_card_is_open_at_a_time(visit: Open, name: str) -> None:
    page = visit(name, 1280).page
    for number in page.locator(".number:visible").all()[:3]:
        number.locator("button").click()
        assert page.locator(".card:popover-open").count() == 1
        assert card_of(page, number.locator("button")).is_visible()


# Ways through the pages ------------------------------------------------------------------------


@every_width
def test_the_index_leads_to_every_page_and_each_leads_back(visit: Open, width: int) -> None:
    made = visit("index.html", width)
    page = made.page
    links = page.locator(".cards h3 a")
    assert [link.get_attribute("href") for link in links.all()] == CUADERNOS
    for number, name in enumerate(CUADERNOS):
        title = links.nth(number).inner_text()
        links.nth(number).click()
        page.wait_for_url(f"**/{name}")
        assert page.locator("h1").inner_text() == title
        page.locator("footer a").click()
        page.wait_for_url("**/index.html")
    assert made.messages == []


@every_cuaderno
@every_width
def test_the_contents_lead_to_their_section(visit: Open, name: str, width: int) -> None:
    page = visit(name, width).page
    link = page.locator("nav.contents a").first
    target = page.locator(link.get_attribute("href") or "")
    before = target.bounding_box()
    link.click()
    after = target.bounding_box()
    assert before is not None and before["y"] > 800
    assert after is not None and 0 <= after["y"] < 100
    assert target.inner_text() == link.inner_text()


@every_page
def test_the_first_tab_leads_to_the_content(visit: Open, name: str) -> None:
    page = visit(name, 360).page
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    assert skip.evaluate("element => element === document.activeElement")
    box = skip.bounding_box()
    assert box is not None and box["x"] >= 0
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#contenido$"))  # a busy browser follows it a little later
