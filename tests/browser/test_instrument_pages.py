"""The pages that are written outside the reports: codebook, questionnaire, faults of a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from analysis.exports.pages import codebook_page, form_page
from analysis.instrument import load_instrument
from analysis.paths import Project
from analysis.publishing.wave_report import render
from analysis.waves import Source, examine, load_wave
from tests import tool_files
from tests.test_roundtrip import chosen

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MESSY = {
    ("C01", "tipo_entidad"): "Pueblo de <b>nombre largo</b> " + "sin_espacios" * 12,
    ("C02", "anio_oficina"): "12",
    ("C03", "acc_diseno"): "dis_01 ninguna",
    ("C04", "presupuesto"): "mil",
}


@pytest.fixture(scope="module")
def pages(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    demo, instrument = load_wave(project, "demo"), load_instrument(project)
    file = folder / "respuestas.csv"
    tool_files.codes(demo, {**chosen(demo), **MESSY}).drop(columns="unidad").to_csv(file)
    report = examine(Source(file, instrument)).report
    assert len({fault.kind for fault in report.errors}) > 3
    found = {}
    for lang in ("es", "en"):
        made = {
            "codebook-demo": codebook_page(instrument, lang, demo),
            "form": form_page(instrument, lang),
            "faults": render(report, lang),
        }
        for name, content in made.items():
            found[f"{name}-{lang}"] = folder / f"{name}-{lang}.html"
            found[f"{name}-{lang}"].write_text(content, "utf-8")
    return found


@pytest.fixture(params=[360, 1280])
def view(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    size = {"width": request.param, "height": 900}
    context = browser.new_context(viewport=size, bypass_csp=True)  # for axe, which is a script
    yield context.new_page()
    context.close()


def test_every_page_is_accessible_and_as_wide_as_its_window(
    view: Page, pages: dict[str, Path]
) -> None:
    for name, path in pages.items():
        view.goto(path.as_uri())
        assert view.get_attribute("html", "lang") == name[-2:]
        unnamed = view.locator("tbody td:not([data-label])")
        assert unnamed.count() == 0, name  # in a narrow window the heads stand before the cells
        excess = view.evaluate("document.documentElement.scrollWidth - innerWidth")
        found = Axe().run(view, options={"runOnly": RULES}).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == [], name
        assert excess <= 0, f"{name}: {excess} px"


def test_a_page_asks_for_nothing_and_marks_what_is_fictitious(
    view: Page, pages: dict[str, Path]
) -> None:
    asked: list[str] = []
    view.on("request", lambda request: asked.append(request.url))
    for name, path in pages.items():
        view.goto(path.as_uri())
        shown = view.inner_text("body")
        assert ("DEMO" in shown) == ("demo" in name), name
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
