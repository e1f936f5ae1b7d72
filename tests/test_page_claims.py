"""The walk over the pages finds what is missing, and nothing in what we draw."""

import pytest

from analysis.display import Block, fragment, table_data
from analysis.provenance import EvidenceClass
from analysis.tables import Column
from tests import samples
from tests.page_claims import faults, index_faults

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


@pytest.mark.parametrize(
    "claim",
    [
        "<h1>Las ciudades son 23</h1>",
        "<h2>Respondieron 23</h2>",
        "<div class='block'><figure><h3>Respondieron 23</h3></figure></div>",
        "<figure><figcaption>Figura 1. Las 23 ciudades</figcaption></figure>",
        "<table><caption>Las 23 ciudades</caption></table>",
        "<p>Respondieron <em>23</em> ciudades.</p>",
        "<p class='note'>Son 23.</p>",
        "<ul><li>Respondieron 1.023 ciudades.</li></ul>",
    ],
)
def test_a_number_that_is_only_words_is_found(page: str, claim: str) -> None:
    found = faults(page.replace("</main>", f"{claim}</main>"), "es")
    assert any("as no number" in fault and "23" in fault for fault in found)


@pytest.mark.parametrize(
    "plain",
    [
        "<h1>Son 7, es decir 4 de 10</h1>",  # numbers of the page
        "<p>C01 respondió el 4 de septiembre de 2017 (Anexo 1, sección 2.1, fila cif_097).</p>",
        "<p>El Cuaderno AL-LAs N.º\u00a08, de 2018.</p>",
        "<p class='facts'>Edición 0.1.0</p>",
    ],
)
def test_a_repetition_and_a_reference_are_no_claim(page: str, plain: str) -> None:
    assert faults(page.replace("</main>", f"{plain}</main>"), "es") == []


def test_the_index_may_only_repeat_the_numbers_of_its_pages(page: str) -> None:
    index = "<main><ol><li>Son 7.</li></ol><ul><li><a href='a.html'>Son {}</a></li></ul></main>"
    assert index_faults(index.format(7), {"a.html": page}) == []
    assert "says 8 as no number" in index_faults(index.format(8), {"a.html": page})[0]
    assert index_faults(index.replace("Son 7", "Son 9").format(7), {"a.html": page})


def test_a_percentage_that_the_page_was_asked_for_is_not_a_claim(page: str) -> None:
    asked = page.replace("</main>", "<p>Umbral: 67 %.</p></main>")
    assert faults(asked, "es", frozenset({"67"})) == []
