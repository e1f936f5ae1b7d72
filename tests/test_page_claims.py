"""The walk over the pages finds what is missing, and nothing in what we draw."""

import pytest

from analysis.display import Block, fragment, table_data
from analysis.provenance import EvidenceClass
from analysis.tables import Column
from tests import samples
from tests.page_claims import faults

DEMO = EvidenceClass.DEMO


@pytest.fixture(scope="module")
def page() -> str:
    """A table of a demonstration with a count and a share, as a page draws it."""
    table = samples.table(
        DEMO,
        columns=(Column("name", "Nombre"), Column("n", "N"), Column("share", "Parte")),
        rows=(
            {
                "name": "Una",
                "n": samples.quantity(7, DEMO),
                "share": samples.share(4, 10, DEMO),
            },
        ),
    )
    block = Block(table_data(table, "es"), "es")
    banner = '<p class="demo-banner" role="note">DEMO</p>'
    return f"<body>{banner}<main>{fragment(block.data)}</main></body>"


def test_what_we_draw_has_no_fault(page: str) -> None:
    assert faults(page, "es") == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("demo-banner", "other", "without banner"),
        ("Base:", "Otra:", "does not say Base:"),
        ("Intervalo:", "Otra:", "does not say Intervalo:"),
        ("Origen:", "Otra:", "does not say Origen:"),
        ('class="opens number demo"', 'class="opens number"', "classes []"),
        ('class="source"', 'class="other"', "no source"),
        ('class="badge demo"', 'class="badge"', "do not go together"),
        ("</main>", "<p>El 40 % de las ciudades.</p></main>", "percentage in words"),
        ("</main>", "<ul><li>Son 4 de 10 (40,5\u00a0%).</li></ul></main>", "percentage in words"),
    ],
)
def test_what_is_missing_is_found(page: str, before: str, after: str, said: str) -> None:
    assert before in page
    assert any(said in fault for fault in faults(page.replace(before, after), "es"))


def test_a_percentage_that_the_page_was_asked_for_is_not_a_claim(page: str) -> None:
    asked = page.replace("</main>", "<p>Umbral: 67 %.</p></main>")
    assert faults(asked, "es", frozenset({"67"})) == []
