"""No page says a number without its class, its base and where it comes from."""

from pathlib import Path

import pytest

from analysis import texts
from analysis.audit.magnitudes import MAX_BASE
from analysis.coding.reliability import RELIABLE, TENTATIVE
from analysis.multiple_response.association import ADDED
from tests.page_claims import faults, index_faults

pytestmark = pytest.mark.browser  # of a build of the whole project, though of no browser


def _parameters(lang: str) -> dict[str, frozenset[str]]:
    """Say which numbers a page takes for granted: it assumes them, and does not find them."""
    added = texts.number(ADDED, lang)
    thresholds = [texts.number(value, lang, 3) for value in (TENTATIVE, RELIABLE)]
    return {
        "01_auditoria": frozenset({str(MAX_BASE)}),  # the largest base examined
        "03_acciones": frozenset({"33", "67", added}),  # of Tabla 1; added to empty cells
        "04_medicion": frozenset({"95"}),  # level of the intervals
        "05_codificacion": frozenset(thresholds),  # of Krippendorff
    }


@pytest.mark.parametrize("lang", list(texts.LOCALES))
def test_every_number_of_every_page_says_where_it_comes_from(reports: Path, lang: str) -> None:
    pages = [page for page in (reports / lang).glob("*.html") if page.name != "index.html"]
    assert pages
    parameters = _parameters(lang)
    for page in pages:
        name = page.stem.partition("--")[0]
        found = faults(page.read_text("utf-8"), lang, parameters.get(name, frozenset()))
        assert not found, f"{page.name}: {found[:5]}"


@pytest.mark.parametrize("lang", list(texts.LOCALES))
def test_the_index_says_only_what_its_pages_say(reports: Path, lang: str) -> None:
    home = reports / lang
    pages = {p.name: p.read_text("utf-8") for p in home.glob("*.html") if p.name != "index.html"}
    found = index_faults((home / "index.html").read_text("utf-8"), pages)
    assert not found, found[:5]
