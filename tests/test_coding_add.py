"""Documents come in by a process that may fail: formats, pages, seals, all or none."""

import docx
import pytest
from click.testing import CliRunner

from analysis.cli import cuadernos
from analysis.coding import codings as cd
from analysis.coding.add import add_files
from analysis.coding.corpus import load_corpus
from analysis.coding.extract import extract
from analysis.paths import Project
from analysis.readers.errors import ReadError


def pdf(pages):
    """Write a minimal PDF with one line of text a page."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>"]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects.append(f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>")
    objects.append("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    for number, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET" if text else ""
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents {5 + 2 * number} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>"
        )
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode("latin-1")


def test_pdf_keeps_its_pages(tmp_path):
    path = tmp_path / "plan.pdf"
    path.write_bytes(pdf(["Primera", "", "Tercera"]))
    found = extract(path)
    assert found.text == "Primera\nTercera\n"
    assert found.page_starts == (0, 8, 8)
    assert found.notes == ("páginas sin texto (quizá imágenes): 2",)


def test_pdf_without_text_or_damaged_says_what_to_do(tmp_path):
    path = tmp_path / "foto.pdf"
    path.write_bytes(pdf([""]))
    with pytest.raises(ReadError, match="no tiene texto; si es una imagen"):
        extract(path)
    path.write_bytes(b"%PDF-1.4 nada")
    with pytest.raises(ReadError, match="dañado"):
        extract(path)


def test_docx_gives_paragraphs_and_tables_in_order(tmp_path):
    document = docx.Document()
    document.add_paragraph("Antes.")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Uno", "Dos"
    document.add_paragraph("Después: cafe\u0301.")
    document.save(tmp_path / "acta.docx")
    assert extract(tmp_path / "acta.docx").text == "Antes.\nUno\nDos\nDespués: café.\n"


def test_html_gives_what_a_reader_sees(tmp_path):
    path = tmp_path / "nota.html"
    path.write_text(
        "<html><head><title>no</title><script>no()</script></head><body><h1>La  nota</h1>"
        "<p>Uno <b>dos</b>\n tres</p><style>no</style><ul><li>a</li><li>b</li></ul></body></html>",
        "utf-8",
    )
    lines = [line for line in extract(path).text.splitlines() if line]
    assert lines == ["La nota", "Uno dos tres", "a", "b"]


def test_text_in_another_encoding_is_read_and_said(tmp_path):
    path = tmp_path / "acta.txt"
    path.write_bytes("¿Qué pasó en Bogotá?\r\nNada.".encode("cp1252"))
    found = extract(path)
    assert found.text == "¿Qué pasó en Bogotá?\nNada."
    assert "cp1252" in found.notes[0]
    with pytest.raises(ReadError, match="no es de un formato"):
        extract(tmp_path / "acta.odt")


def test_files_are_added_all_or_none_and_sealed(tmp_path):
    project = Project(tmp_path / "home")
    good, bad = tmp_path / "uno.txt", tmp_path / "dos.pdf"
    good.write_text("Uno.", "utf-8")
    bad.write_bytes(b"nada")
    with pytest.raises(ReadError):
        add_files(project, "c", [good, bad], origin="Taller")
    assert not (project.raw / "corpus").exists()
    add_files(project, "c", [good], origin="Taller", consent="quote", city="lima")
    (document,) = load_corpus(project, "c").documents.values()
    assert (document.id, document.origin, document.quotable) == ("uno", "Taller", True)
    with pytest.raises(ValueError, match="ya está en el corpus, como uno"):
        add_files(project, "c", [good], origin="Taller")
    (project.raw / "corpus" / "c" / "sources" / "uno.txt").write_text("Otro", "utf-8")
    with pytest.raises(ValueError, match="el original cambió"):
        load_corpus(project, "c")


def test_open_answers_of_a_wave_are_one_document_each(project, project_copy, monkeypatch):
    from analysis import waves
    from analysis.coding.add import add_wave

    wave = waves.load_wave(project, "demo")
    monkeypatch.setattr(waves, "load_wave", lambda *_: wave)  # it is checked once
    report = add_wave(project_copy, "abiertas", "demo", ["abierta_logros"])
    answers = wave.answers
    answers = answers[(answers["item"] == "abierta_logros") & (answers["state"] == "answered")]
    corpus = load_corpus(project_copy, "abiertas")
    assert corpus.kind == "demo" and len(corpus.documents) == len(answers)
    assert {(d.respondent, d.text.strip()) for d in corpus.documents.values()} == {
        (row["respondent"], row["value"].strip()) for row in answers.to_dict("records")
    }
    assert all(document.consent == "analyse" for document in report.added)
    assert add_wave(project_copy, "abiertas", "demo", ["abierta_logros"]).added == []
    with pytest.raises(ValueError, match="no es una pregunta abierta"):
        add_wave(project_copy, "abiertas", "demo", ["redes"])
    with pytest.raises(ValueError, match="van en un corpus propio"):
        add_wave(project_copy, "cuaderno8", "demo", ["abierta_logros"])


def run(project, *arguments, expect=0):
    done = CliRunner().invoke(cuadernos, ["--root", str(project.root), "coding", *arguments])
    assert done.exit_code == expect, done.output + repr(done.exception)
    return done.output


def test_the_path_of_a_researcher(project_copy, tmp_path):
    act = tmp_path / "acta.txt"
    act.write_text("La oficina no tiene presupuesto.", "utf-8")
    assert "1 documentos agregados" in run(project_copy, "add", str(act), "--corpus", "taller")
    codes = tmp_path / "codigos.csv"
    codes.write_text("code,name_es,guid\nplata,Dinero,\n", "utf-8")
    assert "versión 1" in run(project_copy, "codebook", str(codes), "--corpus", "taller")
    corpus = load_corpus(project_copy, "taller")
    row = cd.new_coding(corpus.documents["acta"], 14, 31, "plata", "ana", "1")
    cd.save_codings(corpus.folder, "ana", cd.frame([row]))
    assert "ana: 1 codificaciones" in run(project_copy, "status", "--corpus", "taller")
    out = tmp_path / "taller.qdpx"
    said = run(project_copy, "export", "--corpus", "taller", "--to", "qdpx", str(out))
    assert "1 documentos, 1 códigos, 1 codificaciones" in said
    run(project_copy, "export", "--corpus", "taller", "--to", "qdpx", str(out), expect=1)
    said = run(project_copy, "import", str(out), "--corpus", "otra")
    assert "Se creó el corpus otra" in said and "codificaciones 1" in said


def test_status_offers_a_relocation_that_only_the_command_makes(project_copy, tmp_path):
    corpus = load_corpus(project_copy, "cuaderno8")
    rows = corpus.codings_of("equipo").to_dict("records")
    rows[0] |= {"start": rows[0]["start"] + 1, "end": rows[0]["end"] + 1}
    cd.save_codings(corpus.folder, "equipo", cd.frame(rows))
    said = run(project_copy, "status", "--corpus", "cuaderno8", expect=1)
    assert "1 se pueden reubicar" in said
    run(project_copy, "export", "--corpus", "cuaderno8", "--to", "qdpx",
        str(tmp_path / "x.qdpx"), expect=1)  # fmt: skip
    run(project_copy, "relocate", "--corpus", "cuaderno8", "--yes")
    assert load_corpus(project_copy, "cuaderno8").coding_problems() == []
