"""REFI-QDA, Taguette and spreadsheets: nothing lost, nothing moved, nothing dangerous."""

import os
import sqlite3
import threading
import uuid
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.coding import codings as cd
from analysis.coding.corpus import load_corpus
from analysis.coding.exchange import bring_in as importing
from analysis.coding.exchange.archive import Archive, ArchiveError, Limits
from analysis.coding.exchange.bring_in import bring_in
from analysis.coding.exchange.files import export_file, import_file
from analysis.coding.exchange.refi import RefiError
from analysis.coding.exchange.refi_read import read_qdc, read_qdpx
from analysis.coding.exchange.refi_write import write_qdpx
from analysis.coding.exchange.spreadsheet import neutral, plain
from analysis.coding.merge import MergeError, merge
from analysis.paths import Project


def guid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def coding(number, code, user=1, extra=""):
    return (
        f'<Coding guid="{guid(number)}" creatingUser="{guid(user)}" '
        f'creationDateTime="2024-05-01T10:00:00Z"><CodeRef targetGUID="{guid(code)}"/>{extra}'
        "</Coding>"
    )


def selection(number, start, end, inner, name=""):
    return (
        f'<PlainTextSelection guid="{guid(number)}" name="{name}" startPosition="{start}" '
        f'endPosition="{end}">{inner}</PlainTextSelection>'
    )


CODES = (
    f'<Code guid="{guid(10)}" name="Riesgo" isCodable="false" color="#AA0000">'
    f"<Description>Lo que puede fallar.</Description>"
    f'<Code guid="{guid(11)}" name="Otro" isCodable="true"/></Code>'
    f'<Code guid="{guid(12)}" name="Otro" isCodable="true" color="#0f0"/>'
)
REST = (
    f'<Notes><Note guid="{guid(60)}" name="memo"><PlainTextContent>Dudoso.\nVer.'
    "</PlainTextContent></Note></Notes>"
)


def project(tmp_path, sources, members, codes=CODES, rest=REST, before="", name="p.qdpx"):
    xml = (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<Project xmlns="urn:QDA-XML:project:1.0" name="Prueba" origin="Otro 1.0">'
        f'<Users><User guid="{guid(1).upper()}" name="Ana Ruiz"/></Users>'
        f"<CodeBook><Codes>{codes}</Codes></CodeBook>{before}<Sources>{sources}</Sources>{rest}"
        "</Project>"
    )
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.qde", xml)
        for member, data in members.items():
            archive.writestr(member, data)
    return path


def source(inner, path="internal://a.txt"):
    return f'<TextSource guid="{guid(20)}" name="Acta" plainTextPath="{path}">{inner}</TextSource>'


def key(foreign):
    return (
        sorted(vars(code).items() for code in foreign.codes.values()),
        foreign.users,
        sorted((s.guid, s.name, s.text) for s in foreign.sources.values()),
        sorted(sorted(vars(c).items()) for c in foreign.codings),
    )


@pytest.fixture
def empty(tmp_path):
    return Project(tmp_path / "home")


def valid(path):
    schemas = os.environ.get("CUADERNOS_SCHEMAS")
    if not schemas:
        pytest.skip("CUADERNOS_SCHEMAS names no folder with the published schemas")
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(str(Path(schemas) / "refi-qda" / "Project.xsd")))
    document = etree.fromstring(zipfile.ZipFile(path).read("project.qde"))
    assert schema.validate(document), schema.error_log


def test_identity_is_the_guid_and_import_export_import_is_identical(tmp_path, empty):
    note = f'<NoteRef targetGUID="{guid(60)}"/>'
    inner = selection(30, 0, 3, coding(40, 11) + coding(41, 12, extra=note), "Uno")
    path = project(tmp_path, source(inner), {"sources/a.txt": "Uno y dos."})
    first = read_qdpx(path)
    report = bring_in(empty, "p", first, path)
    assert report.found == {"codes": 3, "names": 2, "users": 1, "sources": 1, "selections": 1,
                            "codings": 2, "codes_used": 2}  # fmt: skip
    corpus = load_corpus(empty, "p")
    assert list(corpus.codebook.codes) == ["riesgo", "otro", "otro_2"]
    assert corpus.codebook["otro"].parent == "riesgo"
    assert list(corpus.coders) == ["ana_ruiz"]
    assert {cd.cell(m) for m in corpus.codings["memo"]} == {"", "Dudoso.\nVer."}
    losses = write_qdpx(corpus, tmp_path / "out.qdpx")
    assert losses == ["La versión del libro con que se hizo cada codificación."]
    second = read_qdpx(tmp_path / "out.qdpx")
    assert key(read_qdpx(path)) == key(second)
    again = bring_in(empty, "p", second, tmp_path / "out.qdpx")
    assert again.done["codes equal"] == 3 and again.done["codings equal"] == 2
    assert again.version == "1"
    valid(tmp_path / "out.qdpx")


TEXT = "\ufeffAño 😀 uno.\r\nDos palabras, tres.\r\nFin del acta."


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (20, 28),  # as the standard counts, CRLF as two characters
        (18, 26),  # CRLF as one, no byte order mark
        (20 + 1, 28 + 1),  # with UTF-16 units, or with the mark
    ],
)
def test_positions_of_other_programs_are_recognised_by_the_text(tmp_path, start, end):
    # the passage is «palabras» in the second line, which other programs count in other ways
    plain_text = TEXT.removeprefix("\ufeff")
    at = plain_text.index("palabras")
    expected = {"cp": (at, at + 8), "lf": (at - 1, at + 7), "utf16": (at + 1, at + 9)}
    way = {20: "cp", 18: "lf", 21: "utf16"}[start]
    first, last = expected[way]
    inner = selection(30, first, last, coding(40, 12), "palabras")
    path = project(tmp_path, source(inner), {"sources/a.txt": TEXT.encode()})
    found = read_qdpx(path)
    (only,) = found.codings
    text = found.sources[guid(20)].text
    assert text[only.start : only.end] == "palabras"
    assert "\r" not in text and not text.startswith("\ufeff")
    assert "1 coinciden con el pasaje que citan" in found.units


def test_a_selection_that_does_not_fit_is_listed_as_lost(tmp_path):
    inner = selection(30, 0, 3, coding(40, 12)) + selection(31, 5, 900, coding(41, 12))
    found = read_qdpx(project(tmp_path, source(inner), {"sources/a.txt": "Uno y dos."}))
    assert [c.guid for c in found.codings] == [guid(40)]
    assert found.losses == ["Fragmento 5-900 de «Acta» (1 codificaciones): no cabe en el texto."]


def test_what_a_corpus_cannot_hold_is_kept_and_given_back(tmp_path, empty):
    variable = (
        f'<Variables><Variable guid="{guid(70)}" name="Escala" typeOfVariable="Text"/></Variables>'
        f'<Cases><Case guid="{guid(71)}" name="Lima"><VariableValue><VariableRef '
        f'targetGUID="{guid(70)}"/><TextValue>local</TextValue></VariableValue>'
        f'<SourceRef targetGUID="{guid(20)}"/></Case></Cases>'
    )
    picture = (
        f'<PictureSource guid="{guid(72)}" name="Foto" path="internal://foto.png">'
        f'<PictureSelection guid="{guid(73)}" firstX="0" firstY="0" secondX="5" secondY="5">'
        f"{coding(42, 12)}</PictureSelection></PictureSource>"
        f'<AudioSource guid="{guid(74)}" name="Voz" path="relative:///lejos/voz.wav"/>'
    )
    inner = selection(30, 0, 3, coding(40, 11))
    members = {"sources/a.txt": "Uno y dos.", "sources/foto.png": b"\x89PNG\0\1"}
    path = project(tmp_path, source(inner) + picture, members, before=variable)
    found = read_qdpx(path)
    assert found.kept["Cases"] == 1 and found.kept["PictureSelection"] == 1
    assert any("lejos/voz.wav" in loss for loss in found.losses)
    bring_in(empty, "p", found, path)
    corpus = load_corpus(empty, "p")
    (document,) = corpus.documents.values()
    assert document.variables == {"case": "Lima", "escala": "local"}
    from analysis.coding.exchange.refi_write import _project

    root = _project(corpus)
    assert root.find("Cases/Case/VariableValue/TextValue").text == "local"
    assert root.find("Sources/PictureSource/PictureSelection/Coding").get("guid") == guid(42)
    assert root.find("Sources/AudioSource").get("path") == "relative:///lejos/voz.wav"
    kept = corpus.folder / "exchange" / "media" / "foto.png"
    assert kept.read_bytes() == members["sources/foto.png"]


def test_what_was_done_here_goes_back_into_an_imported_project(tmp_path, empty):
    inner = selection(30, 0, 3, coding(40, 11) + coding(41, 12))
    path = project(tmp_path, source(inner), {"sources/a.txt": "Uno y dos."})
    bring_in(empty, "p", read_qdpx(path), path)
    corpus = load_corpus(empty, "p")
    (document,) = corpus.documents.values()
    rows = [r for r in corpus.codings.to_dict("records") if r["guid"] != guid(41)]
    rows[0]["memo"] = "Visto & <anotado>"
    cd.save_codings(corpus.folder, "ana_ruiz", cd.frame(rows))
    new = cd.new_coding(document, 6, 9, "riesgo", "luz", "1", memo="nuevo")
    cd.save_codings(corpus.folder, "luz", cd.frame([new]))
    write_qdpx(load_corpus(empty, "p"), tmp_path / "out.qdpx")
    found = {c.guid: c for c in read_qdpx(tmp_path / "out.qdpx").codings}
    assert set(found) == {guid(40), new["guid"]}
    assert found[guid(40)].memo == "Visto & <anotado>"
    assert (found[new["guid"]].start, found[new["guid"]].end) == (6, 9)
    valid(tmp_path / "out.qdpx")


def test_a_changed_text_under_a_known_guid_changes_nothing(tmp_path, empty):
    path = project(tmp_path, source(""), {"sources/a.txt": "Uno y dos."})
    bring_in(empty, "p", read_qdpx(path), path)
    other = project(tmp_path, source(""), {"sources/a.txt": "Otro."}, name="q.qdpx")
    with pytest.raises(ValueError, match="no es el que tiene el corpus"):
        bring_in(empty, "p", read_qdpx(other), other)
    (document,) = load_corpus(empty, "p").documents.values()
    assert document.text == "Uno y dos."
    assert sorted(p.name for p in (empty.raw / "corpus").glob("[!.]*")) == ["p"]


BOMB = '<!DOCTYPE Project [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


def test_a_dtd_is_refused(tmp_path):
    path = tmp_path / "p.qdpx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.qde", f'<?xml version="1.0"?>{BOMB}<Project name="&b;"/>')
    with pytest.raises(RefiError, match="DTD"):
        read_qdpx(path)
    codes = tmp_path / "p.qdc"
    codes.write_text(f"{BOMB}<CodeBook/>", "utf-8")
    with pytest.raises(RefiError, match="DTD"):
        read_qdc(codes)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a\\..\\x", "C:x"])
def test_members_that_leave_the_archive_are_refused(tmp_path, name):
    path = project(tmp_path, "", {name: "x"})
    with pytest.raises(ArchiveError, match="apunta fuera"):
        read_qdpx(path)


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "relative:///a.txt", "file:///etc/passwd"]
)
def test_text_outside_the_archive_is_never_read(tmp_path, path):
    with pytest.raises(RefiError, match="fuera del archivo"):
        read_qdpx(project(tmp_path, source("", path), {}))


def test_entries_bytes_and_ratio_are_capped(tmp_path):
    path = project(tmp_path, "", {f"sources/{n}": "x" for n in range(20)})
    with pytest.raises(ArchiveError, match="miembros; el límite es 10"):
        read_qdpx(path, Limits(entries=10))
    with pytest.raises(ArchiveError, match="ocuparía"):
        read_qdpx(path, Limits(total=100))
    with pytest.raises(ArchiveError, match="el límite es 0"):
        read_qdpx(path, Limits(member=100))
    path = project(tmp_path, "", {"sources/b": b"\0" * (3 << 20)})
    with pytest.raises(ArchiveError, match="crece más de 200 veces"):
        read_qdpx(path)


def test_a_member_larger_than_it_says_is_refused(tmp_path):
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", "x" * 5000)
    with Archive(path) as archive:
        archive.members["a"].file_size = 10
        with pytest.raises(ArchiveError, match=r"más de lo que dice|dañado"):
            archive.read("a")


def test_links_doubles_and_damage_are_refused(tmp_path):
    path = tmp_path / "p.zip"
    info = zipfile.ZipInfo("a")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(ArchiveError, match="es un enlace"):
        Archive(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "1")
        archive.writestr("A", "2")
    with pytest.raises(ArchiveError, match="dos miembros"):
        Archive(path)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ArchiveError, match="dañado"):
        Archive(path)


def test_deeply_nested_codes_are_refused(tmp_path):
    opened = "".join(
        f'<Code guid="{uuid.UUID(int=n)}" name="c" isCodable="true">' for n in range(300)
    )
    path = project(tmp_path, "", {}, codes=opened + "</Code>" * 300)
    with pytest.raises(RefiError, match="anida más de 200"):
        read_qdpx(path)


def test_the_shipped_corpus_opens_in_an_independent_reader(project_copy, tmp_path):
    from pyrefiqda import RefiCodebook, RefiProject

    corpus = load_corpus(project_copy, "cuaderno8")
    write_qdpx(corpus, tmp_path / "c.qdpx")
    valid_or_not = os.environ.get("CUADERNOS_SCHEMAS")
    if valid_or_not:
        valid(tmp_path / "c.qdpx")
    other = RefiProject.load(tmp_path / "c.qdpx", str(tmp_path / "unpacked"))
    texts = {source.guid: source for source in other.sources.text_source}
    assert set(texts) == {document.guid for document in corpus.documents.values()}
    found = {
        (coding.guid, coding.code_ref.target_guid, source.guid, part.start_position)
        for source in texts.values()
        for part in source.plain_text_selection
        for coding in part.coding
    }
    assert found == {
        (
            r["guid"],
            corpus.codebook[r["code"]].guid,
            corpus.documents[r["document"]].guid,
            r["start"],
        )
        for r in corpus.codings.to_dict("records")
    }
    export_file(corpus, "qdc", tmp_path / "c.qdc")
    codes, pending = [], list(RefiCodebook.load(tmp_path / "c.qdc").codes.code)
    while pending:
        codes.append(pending.pop())
        pending += codes[-1].code
    assert {code.guid for code in codes} == {code.guid for code in corpus.codebook}
    assert {c.guid for c in read_qdc(tmp_path / "c.qdc").codes.values()} == {c.guid for c in codes}


def test_a_code_comes_back_with_all_its_texts(project_copy, tmp_path):
    corpus = load_corpus(project_copy, "cuaderno8")
    write_qdpx(corpus, tmp_path / "c.qdpx")
    report = import_file(project_copy, "cuaderno8", tmp_path / "c.qdpx")
    assert report.done["codes equal"] == len(corpus.codebook)
    assert report.done["codings equal"] == len(corpus.codings)
    import_file(project_copy, "copia", tmp_path / "c.qdpx")
    copy = load_corpus(project_copy, "copia")
    assert list(copy.documents) == list(corpus.documents)
    for code in corpus.codebook:
        other = copy.codebook[code.code]
        for name in ("name_es", "parent", "definition_es", "include_es", "exclude_es", "color"):
            assert getattr(other, name) == getattr(code, name)


def same_codings(one, two):
    def rows(corpus):
        return {
            (corpus.documents[r["document"]].title[:49], r["start"], r["end"], r["text"],
             corpus.codebook.path(r["code"]), r["coder"])
            for r in corpus.codings.to_dict("records")
        }  # fmt: skip

    return rows(one) == rows(two)


def test_taguette_project_there_and_back(project_copy, tmp_path):
    corpus = load_corpus(project_copy, "cuaderno8")
    export_file(corpus, "taguette", tmp_path / "c.sqlite3")
    with sqlite3.connect(tmp_path / "c.sqlite3") as base:
        (count,) = base.execute("SELECT count(*) FROM highlight_tags").fetchone()
    assert count == len(corpus.codings)
    import_file(project_copy, "vuelta", tmp_path / "c.sqlite3")
    assert same_codings(corpus, load_corpus(project_copy, "vuelta"))


def test_taguette_counts_bytes_and_knows_no_line_ends(tmp_path, empty):
    from analysis.coding.exchange.taguette import HtmlText

    html = HtmlText("<h1>Año 😀</h1><p>Dos <b>tres</b> &amp; más</p><p>Fin</p>")
    assert html.text == "Año 😀\nDos tres & más\nFin"
    start = len("Año 😀Dos ".encode())
    assert html.text[slice(*html.span(start, start + 4))] == "tres"
    assert html.text[slice(*html.span(0, len("Año 😀".encode())))] == "Año 😀"
    assert html.span(0, 999) is None


def test_taguette_exports_of_a_document_and_of_highlights(tmp_path, empty):
    page = tmp_path / "Acta.html"
    page.write_text(
        "<!DOCTYPE html><html><head><title>Acta</title></head><body><h1>Acta</h1>\n"
        '<p>Uno <span class="highlight">dos</span><span class="taglist"> [riesgo.plata, actor]'
        "</span> y tres.</p><p>Cuatro.</p></body></html>",
        "utf-8",
    )
    report = import_file(empty, "h", page)
    assert report.found["codings"] == 2
    corpus = load_corpus(empty, "h")
    (document,) = corpus.documents.values()
    assert document.text.strip() == "Uno dos y tres.\nCuatro."
    assert set(corpus.codings["text"]) == {"dos"}
    table = tmp_path / "all_tags.csv"
    table.write_text("id,document,tag,content\n1,Acta,riesgo.plata,y tres. Cuatro.\n", "utf-8")
    assert import_file(empty, "h", table).done["new"] == 1
    placed = load_corpus(empty, "h").codings_of("taguette")
    assert list(placed["text"]) == ["y tres.\nCuatro."]
    head = "id,document,tag,content\n"
    table.write_text(head + "2,Acta,actor,o\n", "utf-8")
    with pytest.raises(ValueError, match="«o» está 3 veces"):
        import_file(empty, "h", table)
    # between «dos» and «tres» there is one only
    table.write_text(head + "3,Acta,actor,dos\n4,Acta,actor,o\n5,Acta,actor,tres\n", "utf-8")
    assert import_file(empty, "h", table).done["new"] == 3
    placed = load_corpus(empty, "h").codings_of("taguette")
    assert list(placed["text"]) == ["dos", "o", "y tres.\nCuatro.", "tres"]
    assert placed["start"][1] == placed["start"][0] + 1
    table.write_text("id,document,tag,content\n1,Acta,nada,x\n2,Otra,actor,x\n", "utf-8")
    with pytest.raises(ValueError, match=r"fila 2.*\n.*fila 3: el documento «Otra»"):
        import_file(empty, "h", table)


@given(st.text(st.sampled_from("'=+-@\ta \n1"), max_size=6))
def test_formulas_are_neutralised_and_come_back(text):
    safe = neutral(text)
    assert plain(safe) == text
    assert safe.lstrip()[:1] not in tuple("=+-@")


def test_spreadsheet_there_and_back_with_a_change(project_copy, tmp_path):
    corpus = load_corpus(project_copy, "cuaderno8")
    path = tmp_path / "c.csv"
    export_file(corpus, "csv", path)
    report = import_file(project_copy, "cuaderno8", path)
    assert report.done == {"equal": len(corpus.codings)}
    # as a Spanish spreadsheet saves it: another separator and encoding, one memo written
    import csv

    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["coder"] == "equipo"]
    rows[0]["memo"] = "'=revisión"
    with path.open("w", encoding="cp1252", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    report = import_file(project_copy, "cuaderno8", path)
    assert report.done == {"equal": len(rows) - 1, "changed": 1}
    memos = load_corpus(project_copy, "cuaderno8").codings["memo"].dropna()
    assert "=revisión" in list(memos)


def test_merge_takes_the_later_and_refuses_what_does_not_fit(project_copy):
    corpus = load_corpus(project_copy, "cuaderno8")
    document = corpus.documents["caso-01"]
    old = cd.new_coding(document, 0, 5, "esc_local", "ana", "2", time="2026-01-01T00:00:00Z")
    cd.save_codings(corpus.folder, "ana", cd.frame([old]))
    later = old | {"memo": "mejor", "time": "2026-01-02T00:00:00Z"}
    new = cd.new_coding(document, 6, 9, "esc_local", "ana", "2")
    report = merge(corpus, cd.frame([later, new]))
    assert report.done["ana"] == {"changed": 1, "new": 1}
    assert merge(corpus, cd.frame([old])).done["ana"] == {"older": 1}
    assert list(corpus.codings_of("ana")["memo"].dropna()) == ["mejor"]
    with pytest.raises(MergeError, match="no se cambió nada"):
        merge(corpus, cd.frame([new | {"start": 7, "end": 10, "guid": guid(99)}]))


def test_what_is_coded_during_an_import_is_kept(tmp_path, empty, monkeypatch):
    inner = selection(30, 0, 3, coding(40, 11))
    file = project(tmp_path, source(inner), {"sources/a.txt": "Uno dos."})
    import_file(empty, "c", file)
    folder = empty.raw / "corpus" / "c"
    row = load_corpus(empty, "c").codings.iloc[0].to_dict() | {"guid": guid(999)}
    row |= {"coder": "ana"}
    waiting = threading.Thread(
        target=cd.edit_codings, args=(folder, "ana", lambda now: pd.concat([now, cd.frame([row])]))
    )
    fill = importing._fill

    def slowly(*arguments):
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()  # it waits for the import
        return fill(*arguments)

    monkeypatch.setattr(importing, "_fill", slowly)
    import_file(empty, "c", file)
    waiting.join(10)
    assert guid(999) in set(load_corpus(empty, "c").codings["guid"])
