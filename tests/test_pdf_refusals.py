"""Broken on purpose: the rendering or the PDF/UA checker must refuse each."""

from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from outloud import check
from pikepdf import Array, Dictionary, Name, Pdf

from analysis.publishing import pdf
from analysis.publishing.document import PageError
from analysis.publishing.pdf import PdfError, render_pdf
from tests.pdf_samples import (
    EDITION,
    SVG,
    checked,
    figure,
    head,
    number,
    opened,
    passage,
    prose,
    render,
    roles,
    sample,
    table,
)

# Broken on purpose: data -----------------------------------------------------------------------


def without(block: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in block.items() if name != key}


def drawn(svg: str) -> dict[str, Any]:
    return figure(svg={"wide": SVG.replace("<path", f"{svg}<path"), "narrow": SVG})


COLUMN = {"key": "city", "label": " ", "look": ""}
UNO = prose("## Uno")
BROKEN_DATA: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "no language": ("idioma", [without(head(), "lang")]),
    "no head": ("encabezado", [UNO]),
    "no title": ("título", [without(head(), "title")]),
    "blank title": ("título", [head(title="  ")]),
    "no alternative": ("texto alternativo", [head(), UNO, without(figure(), "alt")]),
    "blank alternative": ("texto alternativo", [head(), UNO, figure(alt="\n")]),
    "untitled table": ("tabla no tiene título", [head(), UNO, table(caption="")]),
    "column without heading": ("columna sin encabezado", [head(), UNO, table(columns=[COLUMN])]),
    "column without heading in prose": (
        "encabezado de columna",
        [head(), prose("## Uno\n\n| A | |\n|---|---|\n| 1 | 2 |")],
    ),
    "first heading of the second level": ("first heading", [head(), prose("### Uno")]),
    "empty heading": ("título está vacío", [head(), prose("## Uno\n\n## \n\nTexto")]),
    "empty heading of the closing": (
        "título vacío",
        [head(), {"kind": "closing", "lang": "es", "parts": [{"heading": "", **passage("x")}]}],
    ),
    "empty link": ("no tiene texto", [head(), prose("## Uno\n\n[](https://example.org)")]),
    "blank link": ("no tiene texto", [head(), prose("## Uno\n\n[ ](https://example.org)")]),
    "unknown class of a number": ("guess", [head(), prose("{0}", number("7", "guess"))]),
    "unknown class of a cell": ("guess", [head(), UNO, table(evidence=("guess",))]),
    "unknown class of a figure": ("guess", [head(), UNO, figure(("guess",))]),
    "table without class": ("ninguna", [head(), UNO, {**table(), "evidence": []}]),
    "figure without class": ("ninguna", [head(), UNO, figure(())]),
    "number that is not there": ("número 3", [head(), prose("Son {3}.", number("7"))]),
    "picture in a drawing": ("image", [head(), drawn('<image href="#a"/>')]),
    "file in a drawing": ("externa", [head(), drawn('<use href="file:///etc/passwd#a"/>')]),
    "address in a drawing": ("externa", [head(), drawn("<use xlink:href = https://x.org/x#a />")]),
    "style in a drawing": ("externa", [head(), drawn("<style>@import 'https://x.org'</style>")]),
    "fill in a drawing": ("externa", [head(), drawn("<rect fill=\"url('https://x.org/#x')\"/>")]),
    "script in a drawing": ("script", [head(), drawn("<script>1</script>")]),
    "page in a drawing": ("foreignObject", [head(), drawn("<foreignObject/>")]),
    "entity in a drawing": ("externa", [head(), drawn('<!DOCTYPE s [<!ENTITY a SYSTEM "/x">]>')]),
    "drawing that is not one": ("SVG", [head(), UNO, figure(svg={"wide": "<svg"})]),
}


@pytest.mark.parametrize("name", BROKEN_DATA)
def test_broken_data_are_refused(name):
    reason, blocks = BROKEN_DATA[name]
    with pytest.raises((PdfError, PageError), match=reason):
        render_pdf(blocks, edition=EDITION)


def test_a_refusal_says_what_and_where():
    with pytest.raises(PdfError, match="la figura «Diez no alcanzan» no tiene texto alternativo"):
        render(prose("## Uno"), figure(alt=""))
    with pytest.raises(PdfError, match="«Ciudades y recuentos» tiene una columna sin encabezado"):
        render(table(columns=[COLUMN]))


def test_a_skipped_level_of_headings_is_mended_as_on_the_page():
    contents = opened(render(prose("## Uno\n\n#### Dos\n\n## Tres"))).get_toc()
    assert [row[:2] for row in contents[:3]] == [[1, "Uno"], [2, "Dos"], [1, "Tres"]]


# Broken on purpose: the template ---------------------------------------------------------------

BROKEN_TEMPLATE = {
    "no title": ("main.typ", "title: doc.title,", ""),
    "no alternative": ("blocks.typ", "alt: data.alt, ", ""),
    "headings one level too low": ("blocks.typ", "level: node.level,", "level: node.level + 2,"),
    "a glyph that no font has": ("main.typ", "  v(1fr)", "  v(1fr) + [中]"),
    "table without headings": ("blocks.typ", "  table.header(\n", "  ..(\n"),
}


@pytest.mark.parametrize("name", BROKEN_TEMPLATE)
def test_broken_template_is_refused(name, monkeypatch, tmp_path):
    file, old, new = BROKEN_TEMPLATE[name]
    sources = pdf._templates()
    source = sources[file].decode()
    assert old in source
    changed = {**sources, file: source.replace(old, new).encode()}
    monkeypatch.setattr(pdf, "_templates", lambda: changed)
    try:
        data = render_pdf(sample(), edition=EDITION)
    except PdfError:
        return
    assert checked(data, tmp_path).errors > 0


# Broken on purpose: the file -------------------------------------------------------------------

Break = Callable[[Pdf], None]
BROKEN_FILE: dict[str, tuple[str, Break]] = {}


def breaks(rule: str) -> Callable[[Break], Break]:
    """Register a way to break a file, with the rule of the checker that must see it."""

    def register(function: Break) -> Break:
        BROKEN_FILE[function.__name__] = (rule, function)
        return function

    return register


@breaks("DOC-002")
def no_structure(document):
    del document.Root["/StructTreeRoot"]


@breaks("DOC-013")
def no_language(document):
    del document.Root["/Lang"]


@breaks("DOC-001")
def no_mark_info(document):
    del document.Root["/MarkInfo"]


@breaks("DOC-001")
def not_marked(document):
    document.Root.MarkInfo.Marked = False


@breaks("DOC-003")
def suspect_tags(document):
    document.Root.MarkInfo.Suspects = True


@breaks("DOC-011")
def title_not_displayed(document):
    document.Root.ViewerPreferences.DisplayDocTitle = False


@breaks("DOC-011")
def no_viewer_preferences(document):
    del document.Root["/ViewerPreferences"]


@breaks("DOC-010")
def no_metadata(document):
    del document.Root["/Metadata"]


@breaks("DOC-010")
def no_title(document):
    with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
        del metadata["dc:title"]


@breaks("DOC-012")
def no_claim_of_conformance(document):
    with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
        del metadata["pdfuaid:part"]


@breaks("FIG-001")
def no_alternative(document):
    del roles(document, "/Figure")[0]["/Alt"]


@breaks("FIG-002")
def blank_alternative(document):
    roles(document, "/Figure")[0].Alt = pikepdf.String("")


@breaks("HDG-001")
def skipped_heading(document):
    roles(document, "/H1")[-1].S = Name.H3


@breaks("HDG-002")
def first_heading_too_low(document):
    for item in roles(document, "/H1"):
        item.S = Name.H2


@breaks("HDG-003")
def two_kinds_of_heading(document):
    roles(document, "/H1")[1].S = Name.H


@breaks("TBL-001")
def table_without_headings(document):
    for item in roles(document, "/TH"):
        item.S = Name.TD
    for item in roles(document, "/TD"):
        del item["/A"]


@breaks("TBL-002")
def headings_of_nothing(document):
    for role in ("/TH", "/TD"):
        for item in roles(document, role):
            del item["/A"]


@breaks("TBL-003")
def rows_that_are_not_rows(document):
    for item in roles(document, "/TR"):
        item.S = Name.Div


@breaks("TBL-004")
def a_row_too_short(document):
    row = roles(document, "/TR")[-1]
    row.K = Array(list(row.K)[:-1])


@breaks("TBL-005")
def paragraph_in_a_table(document):
    roles(document, "/THead")[0].S = Name.P


@breaks("LST-001")
def items_outside_of_a_list(document):
    for item in roles(document, "/L"):
        item.S = Name.Div


@breaks("LST-003")
def list_of_paragraphs(document):
    for item in roles(document, "/LI"):
        item.S = Name.P


@breaks("LNK-001")
def links_without_tag(document):
    for item in roles(document, "/Link"):
        item.S = Name.Span


@breaks("LNK-002")
def links_without_text(document):
    for page in document.pages:
        for annotation in page.get("/Annots", []):
            if "/Contents" in annotation:
                del annotation["/Contents"]


@breaks("LNK-005")
def no_tab_order(document):
    for page in document.pages:
        if "/Tabs" in page:
            del page["/Tabs"]


@breaks("LNK-005")
def tab_order_by_rows(document):
    for page in document.pages:
        page.Tabs = Name.R


@breaks("NOTE-001")
def notes_without_identifier(document):
    for item in roles(document, "/Note"):
        del item["/ID"]


@breaks("NOTE-004")
def notes_with_one_identifier(document):
    for item in roles(document, "/Note"):
        item.ID = pikepdf.String("nota")


@breaks("TAG-010")
def tag_of_no_known_type(document):
    roles(document, "/P")[0].S = Name.Parrafo


@breaks("TAG-010")
def no_role_map(document):
    del document.Root.StructTreeRoot["/RoleMap"]


@breaks("TAG-012")
def standard_tag_mapped_again(document):
    document.Root.StructTreeRoot.RoleMap.P = Name.Span


@breaks("TAG-001")
def text_without_tags(document):
    _rewrite(document, lambda operands, name: None if name in ("BDC", "BMC", "EMC") else operands)


@breaks("TAG-002")
def text_as_decoration(document):
    def change(operands: Any, name: str) -> Any:
        return [Name.Artifact, Dictionary()] if name == "BDC" else operands

    _rewrite(document, change)


@breaks("TXT-001")
def fonts_not_embedded(document):
    for item in document.objects:
        if isinstance(item, Dictionary) and item.get("/Type") == "/FontDescriptor":
            for key in {"/FontFile2", "/FontFile3"} & set(item.keys()):
                del item[key]


@breaks("TXT-002")
def text_without_characters(document):
    for item in document.objects:
        if isinstance(item, Dictionary) and item.get("/Type") == "/Font" and "/ToUnicode" in item:
            del item["/ToUnicode"]


def _rewrite(document: Pdf, change: Callable[[Any, str], Any]) -> None:
    page = document.pages[2]
    kept = []
    for operands, operator in pikepdf.parse_content_stream(page):
        changed = change(operands, str(operator))
        if changed is not None:
            kept.append((changed, operator))
    page.Contents = document.make_stream(pikepdf.unparse_content_stream(kept))


@pytest.fixture(scope="module")
def good() -> bytes:
    return render_pdf(sample(), edition=EDITION)


@pytest.mark.parametrize("name", BROKEN_FILE)
def test_checker_sees_a_broken_file(name, good, tmp_path):
    rule, break_it = BROKEN_FILE[name]
    (tmp_path / "good.pdf").write_bytes(good)
    with Pdf.open(tmp_path / "good.pdf") as document:
        break_it(document)
        document.save(tmp_path / "broken.pdf")
    result = check(str(tmp_path / "broken.pdf"))
    assert result.verdict == "fail"
    assert rule in {finding.rule for finding in result.findings if finding.severity == "error"}


def test_enough_ways_to_break_a_cuaderno_are_tried():
    assert len(BROKEN_DATA) + len(BROKEN_TEMPLATE) + len(BROKEN_FILE) >= 60
