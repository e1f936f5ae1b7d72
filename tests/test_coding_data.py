"""Documents, codebook and codings: positions, seals, versions, safe files."""

import dataclasses
import threading
import unicodedata

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cli import cuadernos
from analysis.coding import codebook as cb
from analysis.coding import codings as cd
from analysis.coding.codebook import Code, Codebook, check_codebook
from analysis.coding.corpus import CorpusError, create_corpus, load_corpus, read_corpus
from analysis.coding.documents import Document, document_id, load_documents, save_documents
from analysis.coding.seal import check_seals
from analysis.coding.text import PositionMap, Units, canonical

G = "00000000-0000-4000-8000-0000000000{:02d}"
LABEL = {"es": "Prueba", "en": "Test"}
letters = st.lists(
    st.sampled_from(["a", "ñ", "e\u0301", "\u0301", "😀", "\r\n", "\n", " ", "\u1100", "\u1161"]),
    max_size=12,
).map("".join)


def document(text="Uno dos.\n\nTres dos.", name="d1", number=1) -> Document:
    return Document(id=name, title=name, text=text, origin="prueba", guid=G.format(number))


@pytest.fixture
def folder(project_copy):
    folder = create_corpus(project_copy, "prueba", label=LABEL, made=LABEL)
    save_documents(folder, [document()])
    codes = [Code(code="a", name_es="A", guid=G.format(11)), Code(code="b", name_es="B", parent="a",
             guid=G.format(12))]  # fmt: skip
    cb.save_codebook(folder, codes, "primera", "first")
    return folder


@given(letters)
def test_canonical_text_is_stable(text):
    once = canonical(text)
    assert canonical(once) == once
    assert "\r" not in once and unicodedata.is_normalized("NFC", once)


@settings(max_examples=60)
@given(letters, st.booleans(), st.sampled_from([1, 2]), st.booleans(), st.data())
def test_foreign_positions_point_at_the_same_characters(text, utf16, breaks, mark, data):
    raw = ("\ufeff" if mark else "") + text
    units = Units(utf16=utf16, breaks=breaks, mark=mark)
    positions = PositionMap(raw, units)
    assert positions.text == canonical(raw)
    plain = text.replace("\r\n", "\n")
    starts = [
        i
        for i in range(len(plain) + 1)
        if canonical(plain[:i]) + canonical(plain[i:]) == canonical(plain)
        and not unicodedata.combining(plain[i : i + 1] or " ")  # a mark goes with its letter
    ]
    first = data.draw(st.sampled_from(starts))
    last = data.draw(st.sampled_from(starts))
    if first >= last:
        return

    def count(part):
        width = sum(units.weight(c) for c in part) + (breaks - 1) * part.count("\n")
        return width + int(mark)

    span = positions.span(count(plain[:first]), count(plain[:last]))
    assert span is not None
    assert positions.text[slice(*span)] == canonical(plain[first:last])


def test_a_position_inside_a_surrogate_pair_or_crlf_covers_the_whole_character():
    positions = PositionMap("a😀\r\nb", Units(utf16=True, breaks=2))
    assert positions.span(2, 4) == (1, 3)
    assert positions.span(0, 7) is None
    assert PositionMap("abc", Units(inclusive=True)).span(0, 1) == (0, 2)


def test_place_says_paragraph_and_page():
    text = "Uno.\n\nDos.\nTres."
    found = dataclasses.replace(document(text), page_starts=(0, 11))
    assert [(found.place(i).paragraph, found.place(i).page) for i in (0, 6, 11)] == [
        (1, 1),
        (2, 1),
        (3, 2),
    ]


def test_documents_are_sealed(folder, project_copy):
    assert load_documents(folder)[1] == []
    (folder / "texts" / "d1.txt").write_text("Uno dos y tres.", "utf-8")
    with pytest.raises(CorpusError, match="el texto cambió desde que se agregó"):
        load_corpus(project_copy, "prueba")


def test_names_of_documents_are_safe_and_different():
    assert document_id("../Acta Nº 1.docx") == "acta-no-1-docx"
    assert document_id("Acta", ["ACTA"]) == "acta-2"


def test_codebook_reports_every_error_at_once():
    rows = [
        {"code": "a", "name_es": "A", "parent": "b", "guid": G.format(1)},
        {"code": "b", "name_es": "B", "parent": "a", "guid": G.format(1)},
        {"code": "b", "name_es": "", "parent": "x", "color": "rojo", "guid": "?"},
    ]
    text = "\n".join(map(str, check_codebook(rows, "1.csv")))
    for part in ("debajo de sí mismo", "ya está en la fila 2", "ya está en la fila 3", "«x»",
                 "«rojo»", "necesita un nombre", "GUID"):  # fmt: skip
        assert part in text


def test_hierarchy_of_codes():
    codes = [Code(code=c, parent=p, guid="") for c, p in ("a ", "ba", "cb", "da")]
    book = Codebook([dataclasses.replace(c, parent=c.parent.strip()) for c in codes])
    assert book.ancestors("c") == ("b", "a") and book.family("c") == "a"
    assert book.descendants("a") == ("b", "c", "d")


def test_a_registered_version_does_not_change_silently(folder, project_copy):
    path = folder / "codebook" / "1.csv"
    path.write_text(path.read_text("utf-8").replace(",A,", ",Otro,"), "utf-8")
    with pytest.raises(CorpusError, match="cambió después de registrarse"):
        load_corpus(project_copy, "prueba")


def test_a_new_version_says_which_codings_are_stale(folder, project_copy):
    row = cd.new_coding(document(), 0, 3, "a", "ana", "1")
    other = cd.new_coding(document(), 0, 3, "b", "ana", "1")
    cd.save_codings(folder, "ana", cd.frame([row, other]))
    codes = list(cb.load_codebook(folder)[0])
    codes[0] = dataclasses.replace(codes[0], definition_es="Más estrecha.", color="#112233")
    assert cb.save_codebook(folder, codes, "segunda", "second") == "2"
    assert cb.save_codebook(folder, codes, "igual", "same") == "2"
    found = load_corpus(project_copy, "prueba").stale()
    assert list(found["guid"]) == [row["guid"]]
    assert list(found["changed"]) == ["definition_es"]


def test_codings_survive_the_file_exactly(folder):
    strange = document('a,"b"\n=c😀 NA\n', "d1")
    rows = [
        cd.new_coding(strange, 0, 6, "a", "ana", "1", weight=0.1, memo='x\n"y", NA'),
        cd.new_coding(strange, 10, 12, "a", "ana", "1"),
    ]
    cd.save_codings(folder, "ana", cd.frame(rows))
    again = cd.load_codings(folder, "ana")
    assert again.equals(cd.frame(rows))
    assert list(again["text"]) == ['a,"b"\n', "NA"]


def test_every_coding_is_checked_against_its_text(folder, project_copy):
    moved = cd.new_coding(document(), 10, 14, "a", "ana", "1")
    moved |= {"start": 9, "end": 13}
    twice = cd.new_coding(document(), 4, 7, "a", "ana", "1") | {"start": 5, "end": 8}
    outside = cd.new_coding(document(), 0, 3, "zz", "ana", "1") | {"end": 99}
    cd.save_codings(folder, "ana", cd.frame([moved, twice, outside]))
    corpus, problems = read_corpus(project_copy, "prueba")
    assert problems == []
    found = {(p.guid, p.kind): p for p in corpus.coding_problems()}
    assert found[moved["guid"], "text"].relocation == (10, 14)
    assert found[moved["guid"], "text"].found == "\nTre"
    assert found[twice["guid"], "text"].relocation is None  # «dos» stands twice
    assert {kind for guid, kind in found if guid == outside["guid"]} == {"code", "span"}
    fixed = cd.relocate(corpus.codings, found.values())
    assert fixed.set_index("guid").loc[moved["guid"], "start"] == 10
    assert corpus.codings.set_index("guid").loc[moved["guid"], "start"] == 9


def test_two_windows_lose_nothing(folder):
    def add(start):
        row = cd.new_coding(document(), start, start + 1, "a", "ana", "1")
        cd.edit_codings(folder, "ana", lambda now: cd.frame([*now.to_dict("records"), row]))

    threads = [threading.Thread(target=add, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(cd.load_codings(folder, "ana")["start"]) == list(range(4))


def test_nobody_writes_in_the_file_of_another(folder):
    row = cd.new_coding(document(), 0, 3, "a", "ana", "1")
    with pytest.raises(ValueError, match="no se guardan codificaciones de ana"):
        cd.save_codings(folder, "luz", cd.frame([row]))
    with pytest.raises(ValueError, match="no sirve como identificador"):
        cd.save_codings(folder, "../ana", cd.empty())


def test_unknown_corpus_is_said_with_the_nearest(folder, project_copy):
    with pytest.raises(FileNotFoundError, match="¿Quiso decir «prueba»"):
        load_corpus(project_copy, "prueva")


def test_the_tables_of_a_corpus_are_sealed_and_checked(folder, project_copy):
    assert check_seals(folder) == []
    table = folder / "documents.csv"
    table.write_text(table.read_text().replace("analyse", "quote"))
    problems = [str(problem) for problem in read_corpus(project_copy, folder.name)[1]]
    assert any("documents.csv" in p and "cuadernos data seal" in p for p in problems)
    with pytest.raises(CorpusError, match="cambió desde que se selló"):
        load_corpus(project_copy, folder.name)
    run = CliRunner().invoke(cuadernos, ["data", "check", "--root", str(project_copy.root)])
    assert run.exit_code == 1 and "documents.csv" in run.output
    run = CliRunner().invoke(cuadernos, ["data", "seal", "--root", str(project_copy.root)])
    assert run.exit_code == 0 and "sellado documents.csv" in run.output
    assert load_corpus(project_copy, folder.name).documents["d1"].consent == "quote"


def test_a_table_with_errors_is_not_sealed(folder, project_copy):
    table = folder / "documents.csv"
    table.write_text(table.read_text().replace("analyse", "quizás"))
    before = (folder / "SHA256SUMS").read_text()
    run = CliRunner().invoke(cuadernos, ["data", "seal", "--root", str(project_copy.root)])
    assert isinstance(run.exception, CorpusError) and "consent" in str(run.exception)
    assert (folder / "SHA256SUMS").read_text() == before
