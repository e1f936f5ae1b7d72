import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from analysis import readers
from analysis.readers import AmbiguousFileError, ReadError, ReadOptions, formats, sheets


def put(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def cells(path: Path, **options: object) -> list[list[str | None]]:
    """Read without a process of its own: the same code, much faster."""
    draft = formats.open_draft(path, ReadOptions(**options))
    return [[column.name for column in draft.columns], *draft.rows]


MESSY = (
    'id;nombre;texto\r\n007;" Bogotá\u00a0";"una\r\n""línea"" e\u0301 😀 "\r\n'
    "NA;None;nan\r\nNULL;;  x \r\n"
)


def test_a_delimited_file_is_text_and_nothing_else(tmp_path):
    table = readers.read(put(tmp_path, "a.csv", MESSY))
    assert table.rows.values.tolist() == [
        ["007", " Bogotá\u00a0", 'una\r\n"línea" e\u0301 😀 '],
        ["NA", "None", "nan"],
        ["NULL", "", "  x "],
    ]
    assert all(isinstance(kind, pd.StringDtype) for kind in table.rows.dtypes)
    assert not table.rows.isna().any(axis=None)
    assert table.facts["delimiter"] == ";" and table.facts["encoding"] == "utf-8"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]
)
def test_encodings_and_delimiters_give_the_same_cells(tmp_path, encoding, delimiter):
    text = "id;ciudad;peso\n1;Bogotá;2,5\n2;Ñuñoa «sí»;3\n".replace(";", delimiter)
    text = text.replace("2,5", "2.5")
    found = cells(put(tmp_path, "a.csv", text, encoding))
    assert found == [["id", "ciudad", "peso"], ["1", "Bogotá", "2.5"], ["2", "Ñuñoa «sí»", "3"]]


def test_quotes_and_dashes_of_windows_are_read_as_such(tmp_path):
    text = "id;texto\n1;“ciudad” – l’Hospitalet… 5 €\n"
    assert cells(put(tmp_path, "a.csv", text, "cp1252"))[1] == ["1", "“ciudad” – l’Hospitalet… 5 €"]


@pytest.mark.parametrize("encoding", ["cp850", "mac_roman"])
def test_an_encoding_that_nothing_decides_is_asked_for_with_samples(tmp_path, encoding):
    path = put(tmp_path, "a.csv", "id;texto\n1;información de Bogotá y Córdoba\n", encoding)
    with pytest.raises(AmbiguousFileError) as caught:
        readers.read(path)
    assert caught.value.option == "--encoding"
    shown = {reading.value: reading.samples for reading in caught.value.readings}
    assert "información de Bogotá y Córdoba" in shown[encoding][0]
    assert cells(path, encoding=encoding)[1][1] == "información de Bogotá y Córdoba"


def test_text_that_was_converted_twice_is_noted(tmp_path):
    text = "id,texto\n1,la información\n".encode().decode("cp1252")
    draft = formats.open_draft(put(tmp_path, "a.csv", text), ReadOptions())
    assert "«informaciÃ³n» donde debería decir «información»" in draft.notes[0]


def test_a_structure_that_describes_nothing_is_refused(tmp_path):
    path = put(tmp_path, "a.csv", "a,b\n1,2\n")
    for name in ("s.sas7bcat", "s.txt"):
        with pytest.raises(ReadError, match=f"no se describe con {name}"):
            cells(path, structure=tmp_path / name)


def test_a_wrong_encoding_option_names_the_line(tmp_path):
    path = put(tmp_path, "a.csv", "id;texto\n1;Bogotá\n", "cp1252")
    with pytest.raises(ReadError, match=r"línea \d.*no son utf-8.*--encoding"):
        cells(path, encoding="utf-8")
    with pytest.raises(ReadError, match="no existe la codificación"):
        cells(path, encoding="klingon")


def test_two_possible_delimiters_are_shown_and_asked_for(tmp_path):
    path = put(tmp_path, "a.csv", "a,b;c\n1,2;3\n4,5;6\n")
    with pytest.raises(AmbiguousFileError, match="--delimiter") as caught:
        readers.read(path)
    assert {reading.value for reading in caught.value.readings} == {'","', '";"'}
    assert cells(path, delimiter=";") == [["a,b", "c"], ["1,2", "3"], ["4,5", "6"]]


def test_decimal_commas_do_not_make_a_comma_file(tmp_path):
    assert cells(put(tmp_path, "a.csv", "id;peso\n1;2,5\n2;3,25\n"))[2] == ["2", "3,25"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n3,4,5\n", "la línea 3 tiene 3 celdas y el encabezado 2"),
        ('a,b\n"x\ny",2\n3\n', "la línea 4 tiene 1 celda y el encabezado 2"),
        ('a,b\n1,2\n3,"abc\n4,5\n', "línea 3 empieza una celda cuyas comillas"),
        ('a,b\n1,"x"y\n', "línea 2 empieza una celda cuyas comillas"),
    ],
)
def test_a_row_that_does_not_fit_is_an_error_with_its_line(tmp_path, text, message):
    with pytest.raises(ReadError, match=message):
        cells(put(tmp_path, "a.csv", text))


def test_short_rows_are_accepted_only_when_asked_and_lack_their_cells(tmp_path):
    path = put(tmp_path, "a.csv", "a,b,c\n1,2\n3,4,\n")
    assert cells(path, short_rows=True)[1:] == [["1", "2", None], ["3", "4", ""]]


def test_repeated_and_empty_headers_get_names_and_a_note(tmp_path):
    draft = formats.open_draft(put(tmp_path, "a.csv", "q,q,,q\n1,2,3,4\n"), ReadOptions())
    assert [c.name for c in draft.columns] == ["q", "q (2)", "columna_3", "q (3)"]
    assert [c.header for c in draft.columns] == ["q", "q", "", "q"]
    assert len(draft.notes) == 2


def test_a_table_without_answers_says_so(tmp_path):
    draft = formats.open_draft(put(tmp_path, "a.csv", "a,b\n"), ReadOptions())
    assert list(draft.rows) == [] and draft.notes == [
        "Solo tiene encabezado: no hay ninguna respuesta."
    ]


def test_a_table_of_one_column_keeps_its_empty_answers(tmp_path):
    assert cells(put(tmp_path, "a.csv", "q\nuno, dos\n\ntres\n")) == [
        *(["q"], ["uno, dos"], [""], ["tres"])
    ]


def test_the_line_that_excel_understands_is_honoured(tmp_path):
    assert cells(put(tmp_path, "a.csv", "sep=|\na|b\n1|2\n")) == [["a", "b"], ["1", "2"]]


def test_a_large_file_comes_in_pieces_that_make_the_whole(tmp_path):
    lines = [f"{n},texto {n}" for n in range(1050)]
    path = put(tmp_path, "a.csv", "id,texto\n" + "\n".join(lines) + "\n")
    told = []
    pieces = list(readers.read_batches(path, rows=500, progress=told.append))
    assert [len(piece.rows) for piece in pieces] == [500, 500, 50]
    pd.testing.assert_frame_equal(pd.concat([p.rows for p in pieces]), readers.read(path).rows)
    assert [p.rows for p in told] == [500, 1000, 1050]
    assert told[-1].bytes_read == told[-1].bytes_total == path.stat().st_size


def test_an_error_late_in_a_large_file_stops_the_pieces(tmp_path):
    path = put(tmp_path, "a.csv", "a,b\n" + "1,2\n" * 1000 + "3\n")
    with pytest.raises(ReadError, match="línea 1002"):
        list(readers.read_batches(path, rows=300))


def workbook(path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Respuestas")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, ["id", "número", "fecha", "sí", "texto"])
    sheet.write_string(1, 0, "007")
    sheet.write_number(1, 1, 0.1)
    sheet.write_datetime(1, 2, pd.Timestamp("2018-03-04").to_pydatetime(), day)
    sheet.write_boolean(1, 3, True)
    sheet.write_string(1, 4, "  a\r\nb e\u0301 😀\u00a0")
    sheet.write_string(2, 0, "NA")
    sheet.write_formula(2, 1, "=1+1", None, 2)
    sheet.write_formula(2, 4, '=""', None, "")
    book.close()
    return path


def test_a_sheet_keeps_texts_and_types(tmp_path):
    table = readers.read(workbook(tmp_path / "a.xlsx"))
    assert table.rows.iloc[0].tolist() == [
        *("007", "0.1", "2018-03-04", "TRUE", "  a\r\nb e\u0301 😀\u00a0")
    ]
    assert table.rows.iloc[1].fillna("∅").tolist() == ["NA", "2", "∅", "∅", ""]
    assert [c.kind for c in table.columns] == ["text", "number", "date", "boolean", "text"]
    assert table.facts["sheet"] == "Respuestas"


def test_several_sheets_are_asked_for(tmp_path):
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as writer:
        pd.DataFrame({"a": ["1"]}).to_excel(writer, sheet_name="Uno", index=False)
        pd.DataFrame({"b": ["2"]}).to_excel(writer, sheet_name="Dos", index=False)
    with pytest.raises(AmbiguousFileError, match='--sheet "Dos"'):
        cells(path)
    assert cells(path, sheet="Dos") == [["b"], ["2"]] == cells(path, sheet="2")
    with pytest.raises(ReadError, match="no tiene una hoja «Tres»"):
        cells(path, sheet="Tres")


SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def by_hand(path: Path, data: str, before: str = "", after: str = "", **more: str) -> Path:
    """Write an .xlsx part by part."""
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="H" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?>{before}<worksheet xmlns="{SHEET}">'
        f"<sheetData>{data}</sheetData>{after}</worksheet>",
        **more,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def inline(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = f'<row r="1">{inline("A1", "id")}{inline("B1", "q")}</row>'


def test_a_cell_at_the_far_corner_is_named(tmp_path):
    far = f'{HEAD}<row r="1048576">{inline("XFD1048576", "x")}</row>'
    path = by_hand(tmp_path / "a.xlsx", far)
    assert path.stat().st_size < 5_000
    with pytest.raises(ReadError, match="celda XFD1048576 tiene un valor fuera de la tabla"):
        readers.read(path)


def test_a_formula_without_its_result_is_an_error(tmp_path):
    data = f'{HEAD}<row r="2">{inline("A2", "1")}<c r="B2"><f>1+1</f></c></row>'
    with pytest.raises(ReadError, match="celda B2 es una fórmula sin su resultado"):
        cells(by_hand(tmp_path / "a.xlsx", data))


def test_errors_of_formulas_and_merged_cells_are_noted(tmp_path):
    data = f'{HEAD}<row r="2">{inline("A2", "1")}<c r="B2" t="e"><f>NA()</f><v>#N/A</v></c></row>'
    merged = '<mergeCells><mergeCell ref="A3:B3"/></mergeCells>'
    draft = formats.open_draft(by_hand(tmp_path / "a.xlsx", data, after=merged), ReadOptions())
    assert list(draft.rows) == [["1", "#N/A"]]
    assert "A3:B3" in draft.notes[0] and "B2 (#N/A)" in draft.notes[1]


def test_external_entities_are_refused(tmp_path):
    secret = put(tmp_path, "secreto.txt", "secreto")
    before = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    evil = f'<row r="1">{inline("A1", "&e;")}</row>'
    with pytest.raises(ReadError, match="entidades XML"):
        readers.read(by_hand(tmp_path / "a.xlsx", evil, before))


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "_SUSPECT", 1 << 20)
    path = by_hand(tmp_path / "a.xlsx", HEAD, **{"xl/media/x": "0" * (8 << 20)})
    with pytest.raises(ReadError, match="al abrirse serían 8 MB"):
        cells(path)


def test_what_is_not_a_file_of_answers_is_said(tmp_path):
    def error(path: Path) -> str:
        with pytest.raises(ReadError) as caught:
            readers.read(path)
        return str(caught.value)

    os.mkfifo(tmp_path / "fifo.csv")
    assert "no es un archivo corriente" in error(tmp_path / "fifo.csv")
    assert "es una carpeta" in error(tmp_path)
    assert "está vacío" in error(put(tmp_path, "vacio.csv", ""))
    assert "no existe" in error(tmp_path / "nada.csv")
    (tmp_path / "roto.csv").symlink_to(tmp_path / "nada.csv")
    assert "enlace a un archivo que no existe" in error(tmp_path / "roto.csv")
    (tmp_path / "enlace.csv").symlink_to(put(tmp_path, "bien.csv", "a,b\n1,2\n"))
    assert readers.read(tmp_path / "enlace.csv").rows.shape == (1, 2)


def test_a_file_without_permission_is_said(tmp_path, monkeypatch):
    path = put(tmp_path, "a.csv", "a,b\n1,2\n")
    monkeypatch.setattr(os, "access", lambda *_: False)  # who runs tests as root may read all
    with pytest.raises(ReadError, match="no hay permiso"):
        readers.read(path)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path):
    path = put(tmp_path, "a.csv", "a,b\n" + "1,2\n" * 2000)
    with pytest.raises(ReadError, match="cambió mientras se leía"):
        for _ in readers.read_batches(path, rows=500):
            with path.open("a") as stream:
                stream.write("3,4\n")
