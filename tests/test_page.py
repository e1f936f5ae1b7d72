"""Tests of the page of an executed notebook: self-contained, safe, and true to what it shows."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import get_exporter
from nbformat import NotebookNode
from samples import (
    EDITION,
    PASSAGES,
    Reader,
    code,
    notebook,
    prose,
    quantity,
    share,
    shown,
    table,
)

from analysis import texts
from analysis.cuaderno import Cuaderno
from analysis.display import MIME, Block
from analysis.paths import Project
from analysis.provenance import EvidenceClass
from analysis.published import Study
from analysis.publishing.document import PageError, document
from analysis.publishing.edition import Edition, read_edition
from analysis.publishing.page import CuadernoExporter, Link, Surroundings, render_page, script

AROUND = Surroundings(edition=EDITION, home="../index.html")


@pytest.fixture
def cuaderno(monkeypatch: pytest.MonkeyPatch) -> Cuaderno:
    """A cuaderno whose passages are those of this file."""
    monkeypatch.setattr(texts, "passages", lambda name, lang: PASSAGES)
    made = Cuaderno("99_prueba")
    made.let(base=quantity(40), share=share(3, 4), year="2017")
    return made


@pytest.fixture
def head(cuaderno: Cuaderno, study: Study) -> Block:
    return cuaderno.head(study)


@pytest.fixture
def whole(cuaderno: Cuaderno, head: Block) -> NotebookNode:
    """A notebook with something of each kind."""
    return notebook(
        prose("# Solo para JupyterLab", "lab"),
        code("from analysis import secreto  # código"),
        shown(head),
        shown(cuaderno.findings()),
        shown(cuaderno.text("first")),
        shown(cuaderno.table(table())),
        shown(cuaderno.text("second")),
        shown(cuaderno.table(table(EvidenceClass.DEMO, note="Nota."), folded=True)),
        prose("## Una celda de Markdown\n\nCon <b>HTML</b>."),
        shown(cuaderno.closing()),
    )


def page_of(made: NotebookNode) -> Reader:
    return Reader(render_page(made, "99_prueba", AROUND))


@pytest.fixture
def page(whole: NotebookNode) -> Reader:
    return page_of(whole)


# One file that needs nothing else --------------------------------------------------------------


def test_a_page_is_well_formed(page: Reader) -> None:
    assert page.problems == []
    assert page.stack == []


def test_no_code_is_shown(page: Reader) -> None:
    assert "import" not in page.visible()
    assert "cuaderno.mostrar" not in page.visible()
    assert "código" not in page.visible()


def test_a_page_runs_only_our_script_and_embeds_nothing(page: Reader) -> None:
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"link", "iframe", "object", "embed", "base", "form", "img"}
    assert not [a for _, attributes in page.elements for a in attributes if a.startswith("on")]
    assert page.all("script") == [{}]
    assert page.raw("script") == [script()]
    assert not re.search(r"fetch|XMLHttp|import\b|eval|innerHTML|document\.write|http", script())


def test_a_page_loads_nothing_from_anywhere(page: Reader) -> None:
    loading = {"src", "srcset", "data", "action", "formaction", "poster", "background", "ping"}
    assert [a for _, attributes in page.elements for a in attributes if a in loading] == []
    inside = [a for a in page.all("a") if a["href"].startswith("data:")]
    assert all("download" in a for a in inside)
    assert {a["href"].partition(";")[0] for a in inside} == {
        "data:text/csv",
        "data:application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    links = {a["href"] for tag, a in page.elements if "href" in a and a not in inside}
    assert {link for link in links if not link.startswith("#")} == {
        "../index.html",
        "https://example.org/estudio",  # a citation
    }
    assert [tag for tag, a in page.elements if a.get("href", "").startswith("http")] == ["a"]
    (sheet,) = page.text("style")
    assert "@import" not in sheet
    assert set(re.findall(r"url\((.{10})", sheet)) == {"data:font/"}


def test_a_page_forbids_what_it_does_not_need_before_anything_else(page: Reader) -> None:
    (policy,) = [
        a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    (ours,) = page.raw("script")
    digest = base64.b64encode(hashlib.sha256(ours.encode()).digest()).decode()
    assert rules == {
        "default-src": "'none'",
        "script-src": f"'sha256-{digest}'",
        "style-src": "'unsafe-inline'",
        "font-src": "data:",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    order = [tag for tag, a in page.elements if tag in ("style", "script") or "http-equiv" in a]
    assert order == ["meta", "style", "script"]


def test_every_font_is_inside_the_page(page: Reader) -> None:
    (sheet,) = page.text("style")
    assert re.findall(r'@font-face\{font-family:"([^"]+)";font-style:(\w+)', sheet) == [
        ("Source Serif 4", "normal"),
        ("Source Serif 4", "italic"),
        ("Source Sans 3", "normal"),
    ]
    assert len(re.findall("@font-face", sheet)) == len(re.findall(r"src:url\(data:font", sheet))


# Structure -------------------------------------------------------------------------------------


def test_a_page_is_in_spanish_and_says_its_title_and_finding(page: Reader) -> None:
    assert page.all("html")[0]["lang"] == "es"
    assert page.all("meta", name="description")[0]["content"] == "Una base de 40 basta"
    assert page.text("title") == [
        "Las cifras & sus <bases> «raras» · Cuadernos · Cuaderno AL-LAs N.º 8"
    ]


def test_a_page_has_one_first_heading(page: Reader) -> None:
    assert page.text("h1") == ["Las cifras & sus <bases> «raras»"]


OURS = {None, "hallazgos", "cautelas", "indice", "hecho", "citar"}


def test_the_contents_lead_to_every_section_in_order(page: Reader) -> None:
    contents = [
        (a["href"], text)
        for a, text in zip(page.all("a"), page.text("a"), strict=True)
        if a["href"].startswith("#") and a["href"] != "#contenido"
    ]
    headings = [
        (f"#{a['id']}", text)
        for a, text in zip(page.all("h2"), page.text("h2"), strict=True)
        if a.get("id") not in OURS
    ]
    assert contents == headings
    assert [text for _, text in headings] == [
        "Qué se publicó",
        "¿Y después?",
        "Qué se publicó",
        "Una celda de Markdown",
        "Método",
        "Fuentes",
    ]


def test_the_contents_come_after_the_findings(page: Reader) -> None:
    assert page.text("h2")[:4] == ["Hallazgos", "Cautelas", "Contenido", "Qué se publicó"]


def test_every_identifier_is_unique_and_every_reference_has_its_target(page: Reader) -> None:
    found = [a["id"] for _, a in page.elements if "id" in a]
    assert len(found) > 10
    assert len(found) == len(set(found))
    references = {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")}
    references |= {a["popovertarget"] for a in page.all("button")}
    references |= {a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a}
    assert references <= set(found)


def test_a_short_page_has_no_contents(cuaderno: Cuaderno, head: Block) -> None:
    short = page_of(notebook(shown(head), shown(cuaderno.findings()), shown(cuaderno.closing())))
    assert short.all("nav") == []


def test_tables_are_numbered_in_order_and_named(page: Reader) -> None:
    assert page.text("caption") == [
        "Tabla 1. Ciudades & <recuentos>",
        "Tabla 2. Ciudades & <recuentos>",
    ]
    (folded,) = page.text("summary")
    assert folded.startswith("Tabla 2. Ciudades & <recuentos> Ver la tabla (1 ")
    assert [a["scope"] for a in page.all("th")] == ["col", "col", "col", "row"] * 2


def test_what_is_shown_in_a_cell_tagged_lab_stays_out(cuaderno: Cuaderno, head: Block) -> None:
    made = notebook(
        shown(head),
        prose("Texto de laboratorio", "lab"),
        shown(cuaderno.text("second"), tags=("lab",)),
        prose("Texto publicado", "otra"),
    )
    visible = page_of(made).visible()
    assert "Texto publicado" in visible
    assert "laboratorio" not in visible
    assert "Otro texto" not in visible


def test_a_notebook_that_shows_the_texts_of_another_is_refused(whole: NotebookNode) -> None:
    with pytest.raises(PageError) as caught:
        document(whole, "98_otra")
    assert str(caught.value) == (
        "El cuaderno 98_otra muestra los textos de otro: cambie "
        'Cuaderno("99_prueba", lang) por Cuaderno("98_otra", lang).'
    )
    assert document(whole, "99_prueba").name == document(whole).name == "99_prueba"


@pytest.mark.parametrize("typed", ["El 48 % mide.", "Casi 20% sí", "Un 33 por ciento", "7 percent"])
def test_a_percentage_typed_in_a_markdown_cell_is_refused_with_its_place(
    head: Block, typed: str
) -> None:
    with pytest.raises(PageError, match="Hay un porcentaje escrito a mano") as caught:
        document(notebook(shown(head), prose(f"## Bien\n\n{typed}")))
    assert f"celda 2: «{typed}»" in str(caught.value)
    assert document(notebook(shown(head), prose(typed, "lab"))).blocks == []


@pytest.mark.parametrize("lab", [False, True])
def test_a_notebook_without_a_head_cannot_be_a_page(
    cuaderno: Cuaderno, head: Block, lab: bool
) -> None:
    hidden = [shown(head, tags=("lab",))] if lab else []
    with pytest.raises(PageError, match=r"falta una celda con cuaderno\.head\(estudio\)"):
        page_of(notebook(*hidden, shown(cuaderno.findings()), prose("Hola")))


def test_the_head_comes_first_wherever_its_cell_is(cuaderno: Cuaderno, head: Block) -> None:
    tags = [t for t, _ in page_of(notebook(prose("## Antes"), shown(head))).elements]
    assert tags.index("h1") < tags.index("h2")


# Text is text ----------------------------------------------------------------------------------


def test_values_of_a_table_are_escaped(page: Reader) -> None:
    assert page.text("th", scope="row") == ["<script>alert(1)</script>"] * 2
    assert page.text("span", class_="tag possible") == ["posible <i>"] * 2
    assert page.all("i") == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("Un <b onclick='x()'>texto</b>", "Un <b onclick='x()'>texto</b>"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("[x](data:text/html,hola)", "[x](data:text/html,hola)"),
        ("<div>\n\n**bloque**\n\n</div>", "<div>\nbloque\n</div>"),
    ],
)
def test_a_markdown_cell_makes_no_html_of_its_own(head: Block, source: str, text: str) -> None:
    made = page_of(notebook(shown(head), prose(source)))
    (section,) = made.text("section", class_="text")
    assert section == " ".join(text.split())
    assert not {"b", "img"} & {tag for tag, _ in made.elements}
    assert made.raw("script") == [script()]
    assert made.all("div") == [{"class": "lead"}, {"class": "cuaderno"}]
    assert [a["href"] for a in made.all("a") if ":" in a["href"]] == ["https://example.org/estudio"]


def test_a_markdown_cell_keeps_its_markdown(head: Block) -> None:
    made = page_of(notebook(shown(head), prose("**Fuerte**\n\n| a | b |\n|---|---|\n| 1 | 2 |")))
    assert "Fuerte" in made.text("strong")
    assert made.text("td") == ["1", "2"]


def test_outputs_of_another_kind_are_plain_escaped_text(head: Block) -> None:
    new = nbformat.v4.new_output
    data = {"text/html": "<b>negrita</b><script>x()</script>", "text/plain": "un <b>marco</b>"}
    made = page_of(
        notebook(
            shown(head),
            code("frame", new("execute_result", data)),
            code("print(x)", new("stream", name="stdout", text="línea <i>uno</i>\n")),
            code("plot()", new("display_data", {"image/png": "aGk=", "text/plain": "<Figure>"})),
        )
    )
    assert made.text("pre") == ["un <b>marco</b>", "línea <i>uno</i>", "<Figure>"]
    assert made.all("b") == made.all("img") == made.all("i") == []
    assert made.raw("script") == [script()]


def test_warnings_and_errors_are_left_out(head: Block) -> None:
    new = nbformat.v4.new_output
    made = page_of(
        notebook(
            shown(head),
            code("w", new("stream", name="stderr", text="FutureWarning: cuidado")),
            code("e", new("error", ename="E", evalue="mal", traceback=["Traceback"])),
            code("j", new("display_data", {"application/javascript": "alert(1)"})),
        )
    )
    assert made.all("pre") == []
    for word in ("FutureWarning", "Traceback", "alert"):
        assert word not in made.visible()
    assert made.raw("script") == [script()]


def test_a_number_holds_its_card_with_all_that_is_behind_it(page: Reader) -> None:
    buttons = page.all("button")
    cards = {
        a["id"]: t for a, t in zip(page.all("span"), page.text("span"), strict=True) if "id" in a
    }
    texts_of = page.text("button")
    assert len(buttons) == len(page.spans("opens")) == len(page.spans("number"))
    assert {b["popovertarget"] for b in buttons} == {f"n{n}" for n in range(1, len(buttons) + 1)}
    first = cards[buttons[texts_of.index("75 %")]["popovertarget"]]
    for part in (
        "Clase: observado",
        "Recuento: 3",
        "Base: 4 ciudades",
        "Redondeo: al más cercano",
        "Método: recuento dividido por la base",
        "Intervalo: no procede",
        "Origen: Estudio, sección 2.1; tabla claims, cif_001",
        "Aparece en: 99_prueba, celda 3",
    ):
        assert part in first


# Evidence and citation -------------------------------------------------------------------------


def test_classes_come_from_prose_tables_and_findings_in_their_order(
    cuaderno: Cuaderno, head: Block
) -> None:
    bare = Block({**head.data, "lead": {"markdown": "Nada.", "numbers": []}}, "es")

    def classes(*blocks: Block) -> list[str]:
        return document(notebook(shown(bare), *map(shown, blocks))).evidence

    assert classes(cuaderno.text("second")) == []
    assert classes(cuaderno.text("first")) == ["bounded"]
    assert classes(cuaderno.findings()) == ["observed"]
    assert classes(cuaderno.table(table(EvidenceClass.DEMO))) == ["demo"]
    both = (EvidenceClass.DEMO, EvidenceClass.BOUNDED)
    mixed = table(*both, rows=({"city": "a", "n": quantity(1), "verdict": "b"},))
    assert classes(cuaderno.table(mixed)) == ["bounded", "demo"]
    assert classes(
        cuaderno.table(table()), head, cuaderno.text("first"), cuaderno.table(mixed)
    ) == ["published", "bounded", "observed", "demo"]


def test_a_page_shows_the_badges_of_its_classes_and_what_they_mean(page: Reader) -> None:
    (facts,) = page.text("p", class_="facts")
    assert facts == (
        "publicado acotado observado DEMOSTRACIÓN Datos de 2017 Edición 1.2.3, 4 de mayo de 2026 "
        "Grupo Uno y Grupo Dos"
    )
    (legend,) = page.text("p", class_="legend")
    assert legend.startswith("Clases de evidencia: publicado impreso en el Cuaderno")
    assert legend.endswith("no describe ninguna ciudad.")


def test_a_page_says_how_to_cite_it(page: Reader) -> None:
    assert (
        "Grupo Uno y Grupo Dos (2026). Las cifras & sus <bases> «raras». En: Cuadernos, banco de "
        "trabajo del Cuaderno AL-LAs N.º 8, edición 1.2.3."
    ) in page.visible()


def test_the_edition_is_that_of_the_citation_file(tmp_path: Path) -> None:
    assert read_edition(tmp_path).released is None
    (tmp_path / "CITATION.cff").write_text(
        "version: 2.0.1\ndate-released: 2027-03-01\nauthors:\n"
        "  - {family-names: Uno, given-names: Grupo}\n  - {name: Equipo}\n",
        "utf-8",
    )
    edition = read_edition(tmp_path)
    assert edition == Edition("2.0.1", date(2027, 3, 1), ("Grupo Uno", "Equipo"))
    assert edition.text("es") == "Edición 2.0.1, 1 de marzo de 2027"


def test_what_the_index_needs_to_know_comes_with_the_document(whole: NotebookNode) -> None:
    summary = document(whole).summary()
    study = summary.pop("study")
    assert study["citation"] == "Cuaderno AL-LAs N.º\u00a08"
    assert summary == {
        "name": "99_prueba",
        "title": "Las cifras & sus <bases> «raras»",
        "finding": "Una base de 40 basta",
        "kicker": "Una prueba",
        "date": "2017",
        "evidence": ["published", "bounded", "observed", "demo"],
        "lang": "es",
    }


def test_a_notebook_gives_the_same_page_every_time(whole: NotebookNode) -> None:
    first = render_page(whole, "99_prueba", AROUND)
    assert render_page(whole, "99_prueba", AROUND) == first


# Around a page ---------------------------------------------------------------------------------


def test_a_page_shows_what_stands_around_it(whole: NotebookNode) -> None:
    around = Surroundings(
        edition=EDITION,
        languages=(Link("", "Español", "es"), Link("../en/99_prueba.html", "English", "en")),
        pdf="99_prueba.pdf",
        previous=Link("98.html", "El <anterior>"),
        following=Link("100.html", "El & siguiente"),
        provenance="../provenance/x.json",
        made=(("Datos", "data/raw <sellados>"),),
    )
    page = Reader(render_page(whole, "99_prueba", around))
    assert page.problems == []
    links = {a["href"]: (a, t) for a, t in zip(page.all("a"), page.text("a"), strict=True)}
    english, text = links["../en/99_prueba.html"]
    assert (english["lang"], english["hreflang"], text) == ("en", "en", "English")
    assert page.text("span", aria_current="true") == ["Español"]
    assert links["99_prueba.pdf"][1] == "PDF"
    previous, following = links["98.html"], links["100.html"]
    assert (previous[0]["rel"], following[0]["rel"]) == ("prev", "next")
    assert previous[1].endswith("El <anterior>") and following[1].endswith("El & siguiente")
    assert "../provenance/x.json" in links
    assert "Cómo se hizo" in page.text("h2")
    assert (page.text("dt"), page.text("dd")) == (["Datos"], ["data/raw <sellados>"])


def test_a_page_by_itself_has_nothing_around_it(page: Reader) -> None:
    assert page.all("nav") == [{"class": "contents", "aria-labelledby": "indice"}]
    assert page.all("dl") == []
    assert "Cómo se hizo" not in page.text("h2")
    assert not [a for a in page.all("a") if a["href"].endswith((".pdf", ".json"))]


def test_every_table_can_be_taken_away(page: Reader) -> None:
    files = [a["download"] for a in page.all("a") if "download" in a]
    assert files == ["tabla-1.csv", "tabla-1.xlsx", "tabla-2.csv", "tabla-2.xlsx"]


# nbconvert and JupyterLab ----------------------------------------------------------------------


def test_nbconvert_finds_the_exporter_by_its_name() -> None:
    assert get_exporter("cuaderno") is CuadernoExporter


def test_nbconvert_makes_the_page_of_an_executed_notebook(
    whole: NotebookNode, tmp_path: Path
) -> None:
    nbformat.write(whole, tmp_path / "99_prueba.ipynb")
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "cuaderno", "99_prueba.ipynb"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    made = Reader((tmp_path / "99_prueba.html").read_text("utf-8"))
    assert made.text("h1") == ["Las cifras & sus <bases> «raras»"]
    assert made.text("h2") == page_of(whole).text("h2")
    assert made.raw("script") == [script()]


def test_jupyterlab_gets_the_block_and_a_drawing_of_it(cuaderno: Cuaderno) -> None:
    bundle = cuaderno.table(table())._repr_mimebundle_()
    assert set(bundle) == {MIME, "text/html", "text/plain"}
    assert json.loads(json.dumps(bundle[MIME])) == bundle[MIME]
    drawn = Reader(bundle["text/html"])
    assert drawn.problems == []
    assert drawn.text("caption") == ["Ciudades & <recuentos>"]
    assert drawn.all("script") == []


def test_two_blocks_in_jupyterlab_share_no_identifier(cuaderno: Cuaderno) -> None:
    blocks = [cuaderno.text("first"), cuaderno.findings(), cuaderno.table(table())]
    found = [
        a["id"]
        for block in blocks
        for _, a in Reader(block._repr_mimebundle_()["text/html"]).elements
        if "id" in a
    ]
    assert len(found) == len(set(found)) == 3


def test_the_page_of_this_project_bears_its_edition(whole: NotebookNode, project: Project) -> None:
    edition = read_edition(project.root)
    html = render_page(whole, "99_prueba", Surroundings(edition=edition))
    assert edition.text("es") in Reader(html).visible()
