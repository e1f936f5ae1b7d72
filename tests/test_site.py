"""Tests of what stands around the pages: neighbours, languages, index, search, provenance."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from rocrate.rocrate import ROCrate
from samples import PASSAGES, Reader, keep, prose, shown, small, table

from analysis import texts
from analysis.cuaderno import Cuaderno
from analysis.files import write_whole
from analysis.paths import Project
from analysis.published import Study
from analysis.publishing import crate, site
from analysis.publishing.document import read_document
from analysis.publishing.page import script

Leave = Callable[..., Path]
HOSTILE = '</script><script>alert("x")</script><!-- & \' \u2028'


@pytest.fixture
def leave(monkeypatch: pytest.MonkeyPatch, study: Study, tmp_path: Path) -> Leave:
    """Function that leaves an executed notebook in ``tmp_path``, with some passages and cells."""

    def write(name: str, *cells: NotebookNode, lang: str = "es", **more: str) -> Path:
        passages = {**PASSAGES, "title": "Título de {{ name }}", **more}
        monkeypatch.setattr(texts, "passages", lambda name, lang: passages)
        return keep(small(name, lang, study, *cells), tmp_path, name, lang)

    return write


def drawn(project: Project, out: Path, name: str, lang: str = "es") -> Reader:
    """Draw one page and read it."""
    sheets = {(s.doc.name, s.doc.lang): s for s in site.sheets(project, out, pdf=False)}
    (path,) = site.draw(sheets[name, lang])
    assert path == out / lang / f"{name}.html"
    page = Reader(path.read_text("utf-8"))
    assert page.problems == []
    return page


def entries(page: Reader) -> list[dict[str, str]]:
    """Read the data of the search of an index."""
    (data, _) = page.raw("script")
    return json.loads(data)


def with_parameters(path: Path, declared: str, **given: object) -> None:
    """Give an executed notebook a cell of parameters and what papermill notes of them."""
    made = json.loads(path.read_text("utf-8"))
    cell = {"id": "p", "cell_type": "code", "source": declared, "outputs": []}
    made["cells"].insert(0, {**cell, "execution_count": 1, "metadata": {"tags": ["parameters"]}})
    made["metadata"]["papermill"] = {"parameters": given}
    write_whole(path, json.dumps(made))


# Around a page ---------------------------------------------------------------------------------


def test_each_page_leads_to_its_neighbours_in_the_order_of_the_notebooks(
    project: Project, tmp_path: Path, leave: Leave
) -> None:
    for name in ("30_tres", "10_uno", "20_dos"):
        leave(name)
    leave("15_otra", lang="en")
    ways = {}
    for name in ("10_uno", "20_dos", "30_tres"):
        page = drawn(project, tmp_path, name)
        links = zip(page.all("a"), page.text("a"), strict=True)
        ways[name] = [(a["rel"], a["href"], text) for a, text in links if "rel" in a]
    previous, following = (texts.label(f"page.{key}", "es") for key in ("previous", "next"))
    first = ("prev", "10_uno.html", f"{previous} Título de 10_uno")
    second = ("prev", "20_dos.html", f"{previous} Título de 20_dos")
    third = ("next", "30_tres.html", f"{following} Título de 30_tres")
    assert ways == {
        "10_uno": [("next", "20_dos.html", f"{following} Título de 20_dos")],
        "20_dos": [first, third],
        "30_tres": [second],
    }


def test_a_page_leads_to_the_languages_in_which_it_exists(
    project: Project, tmp_path: Path, leave: Leave
) -> None:
    leave("10_uno")
    leave("10_uno", lang="en")
    leave("20_dos")
    both = drawn(project, tmp_path, "10_uno", "en")
    assert both.all("html") == [{"lang": "en"}]
    assert [(a["href"], a["hreflang"]) for a in both.all("a") if "hreflang" in a] == [
        ("../es/10_uno.html", "es")
    ]
    assert both.text("span", aria_current="true") == ["English"]
    alone = drawn(project, tmp_path, "20_dos")
    assert [a for a in alone.all("a") if "hreflang" in a] == []
    assert alone.text("span", aria_current="true") == []


def test_a_page_links_a_pdf_only_when_there_is_one(
    project: Project, tmp_path: Path, leave: Leave
) -> None:
    leave("10_uno")
    (without,) = site.sheets(project, tmp_path, pdf=False)
    (with_it,) = site.sheets(project, tmp_path, pdf=True)
    assert (without.around.pdf, with_it.around.pdf) == ("", "10_uno.pdf")
    assert with_it.pdf == tmp_path / "es" / "10_uno.pdf"


def test_a_page_says_how_it_was_made(project: Project, tmp_path: Path, leave: Leave) -> None:
    path = leave("04_medicion")
    with_parameters(path, "level: int = 1  # Nivel", level=2, lang="es")
    page = drawn(project, tmp_path, "04_medicion")
    made = dict(zip(page.text("dt"), page.text("dd"), strict=True))
    descriptor = project.raw / "cuaderno8" / "datapackage.json"
    lock, source = project.root / "requirements.lock", project.notebooks / "04_medicion.ipynb"
    words = " ".join(made.values())
    for file in (descriptor, lock, source):
        assert hashlib.sha256(file.read_bytes()).hexdigest()[:12] in words
    assert "level = 2, lang = es" in words
    assert str(project.root) not in words
    assert "../provenance/ro-crate-metadata.json" in {a["href"] for a in page.all("a")}


def test_a_page_says_which_parameters_are_not_the_ordinary_ones(
    project: Project, tmp_path: Path, leave: Leave
) -> None:
    declared = 'level: int = 1  # Nivel\nother: int = 2  # Otro\nlang: str = "es"  # Idioma'
    path = leave("10_uno")
    with_parameters(path, declared, level=5, other=2, lang="en")
    assert read_document(path).changed == {"level": 5}
    (changed,) = drawn(project, tmp_path, "10_uno").text("p", class_="changed")
    assert changed.endswith(": level = 5.")

    path = leave("20_dos")
    with_parameters(path, declared, level=1, other=2, lang="en")
    assert drawn(project, tmp_path, "20_dos").text("p", class_="changed") == []


def test_what_was_made_of_a_notebook_that_is_gone_is_deleted(
    project: Project, tmp_path: Path, leave: Leave
) -> None:
    kept = leave("04_medicion")
    for lang in texts.LOCALES:
        gone = leave("77_borrado", lang=lang)
        for path in (f"{lang}/77_borrado.html", f"{lang}/77_borrado.pdf"):
            write_whole(tmp_path / path, "vieja")
        site.write_numbers(tmp_path, read_document(gone))
    write_whole(tmp_path / "es" / "04_medicion.html", "página")
    site.forget_removed(project, tmp_path)
    left = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")]
    assert sorted(left) == ["es/04_medicion.html", "executed/es/04_medicion.ipynb"]
    assert kept.is_file()


def test_a_failure_of_a_notebook_that_is_gone_is_deleted_too(
    project: Project, tmp_path: Path
) -> None:
    for name in ("77_borrado", "04_medicion"):
        write_whole(tmp_path / "failed" / "es" / f"{name}.ipynb", "{}")
    site.forget_removed(project, tmp_path)
    assert [path.name for path in tmp_path.rglob("*.ipynb")] == ["04_medicion.ipynb"]


# The index and its search ----------------------------------------------------------------------


def index_of(project: Project, out: Path, where: str = "index.html") -> Reader:
    assert site.write_indexes(project, out) == out / "index.html"
    page = Reader((out / where).read_text("utf-8"))
    assert page.problems == []
    return page


def test_there_is_an_index_in_each_language_and_one_in_front(
    project: Project, tmp_path: Path, leave: Leave
) -> None:
    leave("10_uno")
    leave("10_uno", lang="en")
    for where, lang, ways in (
        ("index.html", "es", {"es/10_uno.html", "en/index.html"}),
        ("es/index.html", "es", {"10_uno.html", "../en/index.html"}),
        ("en/index.html", "en", {"10_uno.html", "../es/index.html"}),
    ):
        page = index_of(project, tmp_path, where)
        assert page.all("html") == [{"lang": lang}]
        links = {a["href"] for a in page.all("a")}
        assert ways <= links
        root = "" if where == "index.html" else "../"
        assert f"{root}provenance/ro-crate-metadata.json" in links
        assert {entry["href"].partition("#")[0] for entry in entries(page)} == ways & {
            "es/10_uno.html",
            "10_uno.html",
        }


def test_the_search_holds_head_findings_sections_and_tables(
    project: Project, tmp_path: Path, leave: Leave
) -> None:
    cuaderno = Cuaderno("04_medicion")
    leave(
        "10_uno",
        prose("## Un apartado\n\nCon *énfasis* y `código`."),
        shown(cuaderno.table(table())),
    )
    found = entries(index_of(project, tmp_path))
    assert {entry["title"] for entry in found} == {"Título de 10_uno"}
    by_section = {entry["section"]: entry for entry in found}
    assert by_section[""]["href"] == "es/10_uno.html"
    assert "75 % de las ciudades" in by_section[""]["text"]
    assert by_section["Hallazgos"]["href"] == "es/10_uno.html#hallazgos"
    assert "Nada es seguro." in by_section["Hallazgos"]["text"]
    section = by_section["Un apartado"]
    assert section["href"] == "es/10_uno.html#un-apartado"
    assert section["text"] == "Un apartado Con énfasis y código."
    row = by_section["Ciudades & <recuentos>"]
    assert row["href"] == "es/10_uno.html#tabla-1"
    assert row["text"] == "<script>alert(1)</script> 7 posible <i>"
    page = drawn(project, tmp_path, "10_uno")
    anchors = {a["id"] for _, a in page.elements if "id" in a}
    assert {e["href"].partition("#")[2] for e in found if "#" in e["href"]} <= anchors


def test_the_search_reads_a_line_that_begins_with_bold(
    project: Project, tmp_path: Path, leave: Leave
) -> None:
    leave("10_uno", prose("## Un apartado\n\n**Fuerte** de verdad.\n\n- **Otro** más"))
    texts_of = [e["text"] for e in entries(index_of(project, tmp_path)) if e["section"]]
    assert "Un apartado Fuerte de verdad. Otro más" in texts_of


def test_hostile_words_stay_words_in_the_index_and_its_data(
    project: Project, tmp_path: Path, leave: Leave
) -> None:
    leave("10_uno", prose(f"## Uno {HOSTILE}\n\nDos."), title=HOSTILE, finding=HOSTILE)
    page = index_of(project, tmp_path)
    html = (tmp_path / "index.html").read_text("utf-8")
    assert page.all("script") == [{"type": "application/json", "id": "textos"}, {}]
    data, ours = page.raw("script")
    assert ours == script()
    assert not set("<>&'\u2028") & set(data)
    assert "<!--" not in html and "alert(&#34;x&#34;)" in html
    titles = {entry["title"].replace("\u2028", " ") for entry in entries(page)}
    assert {" ".join(title.split()) for title in titles} == {" ".join(HOSTILE.split())}


# Provenance ------------------------------------------------------------------------------------


def test_every_number_of_a_page_is_in_its_provenance(
    project: Project, tmp_path: Path, leave: Leave
) -> None:
    path = leave("10_uno", shown(Cuaderno("04_medicion").table(table())))
    kept = site.write_numbers(tmp_path, read_document(path))
    assert kept == tmp_path / "provenance" / "es" / "10_uno.json"
    data = json.loads(kept.read_text("utf-8"))
    assert (data["name"], data["lang"], data["title"]) == ("10_uno", "es", "Título de 10_uno")
    page = drawn(project, tmp_path, "10_uno")
    on_the_page = [
        a["class"].split()[2] for a in page.all("span") if "number" in a.get("class", "")
    ]
    assert sorted(number["evidence"] for number in data["numbers"]) == sorted(on_the_page)
    found = sorted(number["text"] for number in data["numbers"])
    assert found == ["7", "75\u00a0%", "75\u00a0%"]
    for number in data["numbers"]:
        assert set(number) == {"text", "evidence", "details"}
        details = dict(number["details"])
        assert details["Origen"] == "Estudio, sección 2.1; tabla claims, cif_001"
        assert details["Aparece en"].startswith("10_uno, celda ")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def crated(project: Project, tmp_path: Path, leave: Leave) -> Path:
    """A folder of reports with its crate."""
    with_parameters(leave("04_medicion"), "level: int = 1  # Nivel", level=2)
    drawn(project, tmp_path, "04_medicion")
    index = site.write_indexes(project, tmp_path)
    outputs = [tmp_path / "es" / "04_medicion.html", index]
    path = crate.write_crate(project, tmp_path, outputs)
    assert path == tmp_path / "provenance" / "ro-crate-metadata.json"
    return tmp_path


def graph(out: Path) -> dict[str, dict[str, Any]]:
    data = json.loads((out / "provenance" / "ro-crate-metadata.json").read_text("utf-8"))
    found = {item["@id"]: item for item in data["@graph"]}
    assert len(found) == len(data["@graph"]), "an identifier is repeated"
    return found


def test_the_crate_loads_and_lists_every_input_with_its_hash(
    project: Project, crated: Path
) -> None:
    loaded = ROCrate(crated / "provenance")
    assert loaded.root_dataset["name"] == "Cuadernos"
    descriptor = json.loads((project.raw / "cuaderno8" / "datapackage.json").read_text("utf-8"))
    expected = {
        "data/raw/cuaderno8/datapackage.json",
        "requirements.lock",
        *(f"data/raw/cuaderno8/{resource['path']}" for resource in descriptor["resources"]),
        *(f"notebooks/{path.name}" for path in project.notebooks.glob("*.ipynb")),
    }
    inputs = {
        entity["name"]: entity["sha256"]
        for entity in loaded.get_entities()
        if entity.id.startswith("#input/")
    }
    inside = {n: h for n, h in inputs.items() if not n.startswith("data/raw/") or "uaderno8/" in n}
    assert inside == {name: sha256(project.root / name) for name in expected}


def test_the_crate_lists_the_outputs_with_their_hash_and_who_made_them(crated: Path) -> None:
    found = graph(crated)
    for name in ("es/04_medicion.html", "index.html"):
        item = found[f"../{name}"]
        assert item["sha256"] == sha256(crated / name)
        assert item["contentSize"] == str((crated / name).stat().st_size)
        assert item["encodingFormat"] == "text/html"
    run = found["#run/es/04_medicion"]
    assert run["@type"] == "CreateAction"
    assert run["result"] == [{"@id": "../es/04_medicion.html"}]
    assert run["description"] == "level = 2"
    assert run["instrument"]["@id"] in found


def test_everything_that_the_crate_refers_to_is_in_it(crated: Path) -> None:
    found = graph(crated)

    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            if set(value) == {"@id"}:
                return [value["@id"]]
            return [r for item in value.values() for r in references(item)]
        return [r for item in value for r in references(item)] if isinstance(value, list) else []

    wanted = set(references(list(found.values()))) - {crate.PROFILE}
    assert wanted and wanted <= set(found)


def test_the_crate_depends_on_no_clock_and_no_folder(crated: Path, project: Project) -> None:
    path = crated / "provenance" / "ro-crate-metadata.json"
    first = path.read_text("utf-8")
    assert str(crated) not in first and str(project.root) not in first
    crate.write_crate(project, crated, [crated / "index.html", crated / "es/04_medicion.html"])
    assert path.read_text("utf-8") == first
    assert re.findall(r"\d{4}-\d\d-\d\d", first) != []
