"""Every page, in a real Chromium: axe-core, and what axe does not see."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from analysis import texts

pytestmark = pytest.mark.browser

WIDTHS = (320, 768, 1280)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PLACES = [".", *texts.LOCALES]  # folders of the reports that hold pages


@pytest.fixture(params=[(w, s) for w in WIDTHS for s in ("light", "dark")], ids=str)
def view(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, scheme = request.param
    # axe is a script that the policy of the page rightly refuses; only here it is let in
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    yield context.new_page()
    context.close()


def pages(reports: Path, place: str) -> list[Path]:
    found = sorted((reports / place).glob("*.html"))
    assert found, f"no page in {place}"
    return found


def opened(page: Page, path: Path) -> Page:
    page.goto(path.as_uri())
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    return page


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing(view: Page, reports: Path, place: str) -> None:
    for path in pages(reports, place):
        found = Axe().run(opened(view, path), options={"runOnly": RULES}).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == [], path.name


@pytest.mark.parametrize("place", PLACES)
def test_a_page_is_as_wide_as_its_window_also_with_text_twice_as_large(
    view: Page, reports: Path, place: str
) -> None:
    for path in pages(reports, place):
        page = opened(view, path)
        excess = "document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(excess) <= 0, path.name
        if page.viewport_size["width"] < 768:
            continue  # WCAG asks for one or the other: a narrow window or large text
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate(excess) <= 0, f"{path.name} at 200 %"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


@pytest.mark.parametrize("lang", texts.LOCALES)
def test_headings_figures_and_tables_are_whole(page: Page, reports: Path, lang: str) -> None:
    for path in pages(reports, lang):
        opened(page, path)
        assert page.get_attribute("html", "lang") == lang
        levels = page.eval_on_selector_all(
            "h1, h2, h3, h4", "all => all.map(h => Number(h.tagName[1]))"
        )
        assert levels.count(1) == 1 and levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        for table in page.locator("table").all():
            assert table.locator("caption").inner_text().strip()
            scopes = table.locator("th").evaluate_all("all => all.map(h => h.scope)")
            assert set(scopes) == {"col", "row"}
        for drawing in page.locator(".block:has(> figure)").all():
            alt = drawing.locator("[role=img]").get_attribute("aria-label") or ""
            title = drawing.locator("h3").inner_text()
            assert alt.startswith(title), "the alternative begins with the finding"
            assert re.search(r"\d", alt[len(title) :]), "and goes on with the data"
            assert drawing.locator("table").count() == 1


@pytest.mark.parametrize("lang", texts.LOCALES)
def test_everything_that_is_opened_by_mouse_is_reached_by_keyboard(
    page: Page, reports: Path, lang: str
) -> None:
    path = reports / lang / "04_medicion.html"
    page.goto(path.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    button = page.locator(".number button").first
    button.focus()
    page.keyboard.press("Enter")
    card = page.locator(f"#{button.get_attribute('popovertarget')}")
    assert card.is_visible()
    page.keyboard.press("Escape")
    assert not card.is_visible()
    summary = page.locator("details.fold > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.fold table").first.is_visible()


def test_a_column_sorts_up_down_and_back(page: Page, reports: Path) -> None:
    page.goto((reports / "es" / "04_medicion.html").as_uri())
    table = page.locator("section.block table").first
    column = "rows => rows.map(r => r.cells[1].innerText.split('\\n')[0])"
    before = table.locator("tbody tr").evaluate_all(column)
    head = table.locator("thead th").nth(1)
    seen = []
    for state in ("ascending", "descending", None):
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == state
        seen.append(table.locator("tbody tr").evaluate_all(column))
    up, down, back = seen
    assert back == before
    assert up != down
    shares = [int(re.findall(r"\d+", text)[0]) for text in up if "cerca" not in text]
    assert shares == sorted(shares)


def test_the_index_finds_a_word_without_its_accents_and_links_to_it(
    page: Page, reports: Path
) -> None:
    page.goto((reports / "index.html").as_uri())
    page.fill("#buscar", "medicion discrecional")
    results = page.locator("#resultados a")
    assert results.count() > 0
    results.first.click()
    expect(page).to_have_url(re.compile("/es/"))
    page.go_back()
    page.fill("#buscar", "palabraquenoesta")
    assert page.locator("#resultados a").count() == 0
    assert page.locator("#cuantos").inner_text().startswith("0 ")


def test_what_is_downloaded_is_what_is_shown(page: Page, reports: Path) -> None:
    page.goto((reports / "es" / "04_medicion.html").as_uri())
    with page.expect_download() as download:
        page.locator("a[download$='.csv']").first.click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert text.splitlines()[0].startswith("Cifra,Publicado,")
    assert "48" in text


def test_on_paper_nothing_is_folded_and_nothing_overflows(page: Page, reports: Path) -> None:
    page.goto((reports / "es" / "01_auditoria.html").as_uri())
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("details.fold:not([open])").count() == 0
    assert page.locator("table thead").first.evaluate("h => getComputedStyle(h).display") == (
        "table-header-group"
    )
