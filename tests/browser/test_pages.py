"""Tests of the published pages in a real Chromium, at the width of a desk, a tablet and a phone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page

from analysis.paths import find_project
from analysis.publishing.build import notebooks

pytestmark = pytest.mark.browser

WIDTHS = (1280, 768, 360)
CUADERNOS = [f"es/{path.stem}.html" for path in notebooks(find_project(Path(__file__).parent))]
PAGES = ["index.html", *CUADERNOS]
LEAST_FONT = 11

every_page = pytest.mark.parametrize("name", PAGES)
every_cuaderno = pytest.mark.parametrize("name", CUADERNOS)
#: Cuadernos that show tables only.
WITHOUT_FIGURES = {"es/02_cuestionario.html", "es/08_sintesis.html"}
every_drawn = pytest.mark.parametrize("name", sorted(set(CUADERNOS) - WITHOUT_FIGURES))
every_width = pytest.mark.parametrize("width", WIDTHS)


@dataclass
class Visit:
    """An open page, and what it said and asked for."""

    page: Page
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Open = Callable[[str, int], Visit]


@pytest.fixture
def visit(browser: Browser, reports: Path) -> Iterator[Open]:
    """Function that opens a page of the reports in a window of a width."""
    contexts = []

    def open_page(name: str, width: int) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, reduced_motion="reduce"
        )
        contexts.append(context)
        made = Visit(context.new_page())
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


@every_page
@every_width
def test_a_page_says_nothing_and_asks_for_nothing(visit: Open, name: str, width: int) -> None:
    made = visit(name, width)
    made.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    made.page.wait_for_load_state("networkidle")
    assert made.messages == []
    asked = [url for url in made.requests if not url.startswith("data:")]
    assert [Path(unquote(urlsplit(url).path)).name for url in asked] == [Path(name).name]
    assert all(url.startswith("file:") for url in asked)


@every_page
@every_width
def test_a_page_never_scrolls_sideways(visit: Open, name: str, width: int) -> None:
    page = visit(name, width).page
    for opened in (False, True):
        page.evaluate(
            "open => document.querySelectorAll('details').forEach(d => { d.open = open })", opened
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate("window.scrollTo(1000, 0)")
        assert page.evaluate("window.scrollX") == 0


@every_page
@every_width
def test_both_typefaces_of_a_page_are_its_own(visit: Open, name: str, width: int) -> None:
    page = visit(name, width).page
    faces = page.evaluate("[...document.fonts].map(face => [face.family, face.status])")
    assert sorted((family.strip('"'), status) for family, status in faces) == [
        ("Source Sans 3", "loaded"),
        ("Source Serif 4", "loaded"),
    ]


def test_no_page_is_heavier_than_a_megabyte_and_a_half(reports: Path) -> None:
    sizes = {
        str(path.relative_to(reports)): path.stat().st_size for path in reports.rglob("*.html")
    }
    assert len(sizes) > len(CUADERNOS)
    assert {name: size for name, size in sizes.items() if size > 1_500_000} == {}


# Drawings --------------------------------------------------------------------------------------


@every_drawn
@every_width
def test_no_two_texts_of_a_drawing_overlap(visit: Open, name: str, width: int) -> None:
    overlaps = []
    drawings = texts_of_drawings(visit(name, width).page)
    assert drawings
    for *boxes, _ in drawings:
        assert len(boxes) > 5
        for number, one in enumerate(boxes):
            for other in boxes[number + 1 :]:
                across = min(one["right"], other["right"]) - max(one["left"], other["left"])
                down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
                line = min(one["bottom"] - one["top"], other["bottom"] - other["top"])
                if across > 0.5 and down > line / 5:  # the boxes of two lines of a label touch
                    overlaps.append((one["text"], other["text"], across, down))
    assert overlaps == []


@every_drawn
@every_width
def test_no_text_of_a_drawing_is_cut_off(visit: Open, name: str, width: int) -> None:
    for *boxes, drawing in texts_of_drawings(visit(name, width).page):
        for box in boxes:
            assert drawing["left"] - 0.5 <= box["left"], box["text"]
            assert box["right"] <= drawing["right"] + 0.5, box["text"]
            assert drawing["top"] - 0.5 <= box["top"], box["text"]
            assert box["bottom"] <= drawing["bottom"] + 0.5, box["text"]


@every_drawn
@every_width
def test_every_text_of_a_drawing_is_legible(visit: Open, name: str, width: int) -> None:
    drawings = texts_of_drawings(visit(name, width).page)
    sizes = {box["text"]: box["size"] for *boxes, _ in drawings for box in boxes}
    assert len(sizes) > 10
    assert {text: size for text, size in sizes.items() if size < LEAST_FONT} == {}
    families = {box["family"] for *boxes, _ in drawings for box in boxes}
    assert {family.split(",")[0].strip('"') for family in families} == {"Source Sans 3"}


@every_drawn
@pytest.mark.parametrize(("width", "shown"), [(1280, "wide"), (768, "wide"), (360, "narrow")])
def test_the_drawing_for_the_width_of_the_window_is_shown(
    visit: Open, name: str, width: int, shown: str
) -> None:
    page = visit(name, width).page
    figures = page.locator("figure .drawing")
    assert figures.count() > 0
    for figure in figures.all():
        visible = {part: figure.locator(f".{part} svg").is_visible() for part in ("wide", "narrow")}
        assert visible == {"wide": shown == "wide", "narrow": shown == "narrow"}


# Numbers ---------------------------------------------------------------------------------------


@every_cuaderno
@every_width
def test_a_number_opens_its_card_and_escape_closes_it(visit: Open, name: str, width: int) -> None:
    made = visit(name, width)
    page = made.page
    shares = [
        c.get_attribute("id") for c in page.locator(".card:has(small:text-is('Base:'))").all()
    ]
    any_number = [c.get_attribute("popovertarget") for c in page.locator(".number button").all()]
    for target in [*shares, *any_number]:  # a share where the page shows one that is not folded
        share = page.locator(f".number:has([popovertarget='{target}'])").first
        if share.is_visible():
            break
    card = page.locator(f"#{target}")
    assert not card.is_visible()
    share.locator("button").click()
    assert card.is_visible()
    keys = [key.rstrip(":") for key in card.locator("small").all_inner_texts()]
    assert {"Clase", "Origen"} <= set(keys)
    assert ("Base" in keys) == (target in shares)
    assert share.locator("button").inner_text() in card.inner_text()
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
    assert page.url.endswith("#contenido")
