"""A table of two thousand rows: it scrolls in its own box, sorts, prints whole and stays light."""

from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from playwright.sync_api import Browser, Page, expect
from samples import EDITION, ORIGINS, PASSAGES, shown, small, table

from analysis import texts
from analysis.cuaderno import Cuaderno
from analysis.provenance import EvidenceClass, Quantity
from analysis.published import Study
from analysis.publishing.page import Surroundings, render_page
from analysis.publishing.pdf import render_pdf
from analysis.tables import Column

pytestmark = pytest.mark.browser

ROWS = 2000
NAME = "99_larga"


@pytest.fixture(scope="module")
def notebook(study: Study) -> Iterator[object]:
    """An executed notebook that shows the table."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "passages", lambda *_: PASSAGES)
        cuaderno = Cuaderno(NAME)

        def count(row: int) -> Quantity:
            return Quantity(
                value=row % 90, evidence=EvidenceClass.DEMO, origins=ORIGINS, method="audit"
            )

        long = table(
            EvidenceClass.DEMO,
            caption="Fragmentos de cada respuesta",
            columns=(
                Column("who", "Respondente"),
                Column("n", "Fragmentos", numeric=True),
                Column("said", "Lo que dijo", wide=True),
            ),
            rows=tuple(
                {
                    "who": f"C{row:04}",
                    "n": count(row),
                    "said": f"Respuesta ficticia de C{row:04}, en unas pocas palabras",
                }
                for row in range(1, ROWS + 1)
            ),
        )
        yield small(NAME, "es", study, shown(cuaderno.table(long)))


@pytest.fixture(scope="module")
def file(notebook: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the notebook."""
    path = tmp_path_factory.mktemp("long") / f"{NAME}.html"
    path.write_text(render_page(notebook, NAME, Surroundings(edition=EDITION)), "utf-8")
    return path


@pytest.fixture(params=[1280, 360])
def page(request: pytest.FixtureRequest, browser: Browser, file: Path) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    made = context.new_page()
    made.goto(file.as_uri())
    yield made
    context.close()


def test_the_page_is_light_and_holds_every_row(page: Page, file: Path) -> None:
    assert file.stat().st_size < 1_500_000
    assert page.locator("tbody tr").count() == ROWS


def test_the_table_scrolls_in_its_box_from_the_keyboard(page: Page) -> None:
    box = page.locator(".scroll")
    height, width = page.evaluate(
        "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
    )
    assert height < 6 * 900
    assert width <= page.viewport_size["width"]  # type: ignore[index]
    assert box.bounding_box()["height"] <= 0.8 * 900 + 1  # type: ignore[index]
    last = page.locator("tbody tr").last
    expect(last).not_to_be_in_viewport()
    box.focus()
    page.keyboard.press("End")
    expect(last).to_be_in_viewport(ratio=0.9)  # what the box hides is not in the viewport


def test_the_heads_stay_over_their_columns(page: Page) -> None:
    if page.viewport_size["width"] < 400:  # type: ignore[index]
        labels = page.locator("tbody td").evaluate_all("all => all.map(td => td.dataset.label)")
        assert set(labels) == {"Fragmentos", "Lo que dijo"}  # each cell says its own
        return
    box = page.locator(".scroll")
    box.evaluate("box => { box.scrollTop = 20000 }")
    head, edge = page.locator("thead th").first.bounding_box(), box.bounding_box()
    assert head is not None and edge is not None
    assert abs(head["y"] - edge["y"]) <= 1
    page.locator("thead .sort").nth(1).click()
    numbers = page.locator("tbody .number button").all_inner_texts()
    assert [int(text) for text in numbers] == sorted(int(text) for text in numbers)


def test_a_number_of_a_row_far_down_opens_its_card(page: Page) -> None:
    button = page.locator("tbody .number button").nth(ROWS - 5)
    button.scroll_into_view_if_needed()
    button.click()
    card = page.locator(".card:popover-open")
    assert button.inner_text() in card.inner_text()
    seen = card.bounding_box()
    assert seen is not None and 0 <= seen["y"] < 900


def test_on_paper_no_row_is_left_out(page: Page) -> None:
    page.emulate_media(media="print")
    box = page.locator(".scroll").bounding_box()
    assert box is not None and box["height"] > ROWS * 10


def test_the_pdf_has_every_row_and_repeats_the_heads(notebook: object) -> None:
    made = pymupdf.open("pdf", render_pdf(notebook, edition=EDITION))
    pages = [page.get_text() for page in made]
    said = "".join(pages)
    assert all(f"\nC{row:04}\n" in f"\n{said}" for row in range(1, ROWS + 1))
    table_pages = [text for text in pages if "\nC" in text and "Respuesta ficticia" in text]
    assert all("Fragmentos" in text and "DEMOSTRACIÓN" in text for text in table_pages)
    assert len(table_pages) > 20
