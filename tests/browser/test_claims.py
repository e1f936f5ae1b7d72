"""No page says a number without its class, its base and where it comes from."""

from pathlib import Path

import pytest

from analysis import texts
from tests.page_claims import faults

pytestmark = pytest.mark.browser  # of a build of the whole project, though of no browser

PARAMETERS = {
    "03_acciones": frozenset({"33", "67"}),  # thresholds of Tabla 1
    "04_medicion": frozenset({"95"}),  # level of the intervals
}


@pytest.mark.parametrize("lang", list(texts.LOCALES))
def test_every_number_of_every_page_says_where_it_comes_from(reports: Path, lang: str) -> None:
    pages = [page for page in (reports / lang).glob("*.html") if page.name != "index.html"]
    assert pages  # the index only repeats the findings, and leads to them
    for page in pages:
        name = page.stem.partition("--")[0]
        found = faults(page.read_text("utf-8"), lang, PARAMETERS.get(name, frozenset()))
        assert not found, f"{page.name}: {found[:5]}"
