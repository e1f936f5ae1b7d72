import random
import struct
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import LineBreak, P, S

from analysis import readers
from analysis.readers import ReadError, ReadOptions, formats
from analysis.readers.cells import number_text


def table(path: Path, **options: object) -> tuple[dict, list[list[str | None]], object]:
    """Read without a process of its own."""
    draft = formats.open_draft(path, ReadOptions(**options))
    rows = list(draft.rows)
    draft.columns = draft.finish(draft.columns)
    return {column.name: column for column in draft.columns}, rows, draft


FRAME = pd.DataFrame(
    {
        "q": [1.0, 9.0, None, 8.0],
        "peso": [0.1, -1000.3, 2.5, None],
        "t": ["Bogotá", "", "NA", "  dos\u00a0 e\u0301 😀"],
        "s": ["u", "v", "x", "u"],
        "d": pd.to_datetime(["2018-03-04", None, "1583-01-01", "1960-01-01"]).date,
    }
)


def spss(path: Path, compress: bool = False) -> Path:
    pyreadstat.write_sav(
        FRAME,
        str(path),
        row_compress=not compress,
        compress=compress,
        column_labels=["¿Pregunta?", None, "Texto", None, "Día"],
        variable_value_labels={"q": {1: "sí", 9: "no sabe", 8: "no responde"}, "s": {"u": "Uno"}},
        missing_ranges={"q": [9, {"lo": 90, "hi": 99}], "s": ["x"]},
    )
    return path


@pytest.mark.parametrize("compress", [False, True])
def test_spss_keeps_codes_labels_and_reasons(tmp_path, compress):
    columns, rows, draft = table(spss(tmp_path / "a.sav", compress))
    assert rows == [
        ["1", "0.1", "Bogotá", "u", "2018-03-04"],
        ["9", "-1000.3", "", "v", None],
        [None, "2.5", "NA", "x", "1583-01-01"],
        ["8", None, "  dos\u00a0 e\u0301 😀", "u", "1960-01-01"],
    ]
    q = columns["q"]
    assert q.label == "¿Pregunta?"
    assert q.value_labels == {"1": "sí", "8": "no responde", "9": "no sabe"}
    assert q.missing == {"9": "no sabe"} and q.missing_ranges == (("90", "99"),)
    assert q.missing_reason("9") == "no sabe" and q.missing_reason("95") == ""
    assert q.missing_reason("1") is None and q.missing_reason("texto") is None
    assert columns["s"].value_labels == {"u": "Uno"} and columns["s"].missing == {"x": ""}
    assert [c.kind for c in draft.columns] == ["number", "number", "text", "text", "date"]


def add_sets(path: Path, text: str) -> Path:
    """Write the record of multiple-response sets that pyreadstat cannot write."""
    content = path.read_bytes()
    end = content.rindex(struct.pack("<ii", 999, 0))
    record = struct.pack("<iiii", 7, 7, 1, len(text.encode())) + text.encode()
    path.write_bytes(content[:end] + record + content[end:])
    return path


def test_multiple_response_sets_of_spss(tmp_path):
    path = tmp_path / "a.sav"
    frame = pd.DataFrame({"a": [1.0, 0], "b": [0.0, 1], "s": ["Sí", "N"], "t": ["N", "Sí"]})
    pyreadstat.write_sav(frame, str(path))
    add_sets(path, "$acc=D1 1 7 Acción a b\n$red=C 5 Redes a b\n$txt=D3 Sí 0  s t\n")
    sets = {group.name: group for group in readers.read(path).multiple_sets}
    assert (sets["acc"].kind, sets["acc"].counted) == ("dichotomous", "1")
    assert sets["acc"].label == "Acción" and sets["acc"].columns == ("a", "b")
    assert (sets["red"].kind, sets["red"].counted) == ("categorical", "")
    assert (sets["txt"].counted, sets["txt"].columns) == ("Sí", ("s", "t"))


def test_missing_values_of_stata_keep_their_letter(tmp_path):
    path = tmp_path / "a.dta"
    frame = pd.DataFrame({"q": [1, "a", 2], "t": ["a", "b", ""]})
    pyreadstat.write_dta(
        frame,
        str(path),
        missing_user_values={"q": ["a"]},
        variable_value_labels={"q": {1: "sí", "a": "no sabe"}},
        version=14,
    )
    columns, rows, _ = table(path)
    assert [row[0] for row in rows] == ["1", ".a", "2"]
    assert [row[1] for row in rows] == ["a", "b", ""]
    assert columns["q"].missing == {".a": "no sabe"} and columns["t"].missing == {}
    assert columns["q"].value_labels == {"1": "sí", ".a": "no sabe"}


def test_a_number_of_32_bits_is_written_as_it_was_meant(tmp_path):
    pd.DataFrame({"f": pd.Series([1.1, 0.3], dtype="float32")}).to_stata(
        tmp_path / "a.dta", write_index=False
    )
    assert table(tmp_path / "a.dta")[1] == [["1.1"], ["0.3"]]


def paragraph(text: str) -> P:
    """Write a paragraph as LibreOffice does: spaces and line breaks are elements."""
    element = P()
    for position, line in enumerate(text.split("\n")):
        if position:
            element.addElement(LineBreak())
        for word_position, word in enumerate(line.split(" ")):
            if word_position:
                element.addElement(S(c=1))
            if word:
                element.addText(word)
    return element


def opendocument(path: Path, rows: list[list[str]]) -> Path:
    document = OpenDocumentSpreadsheet()
    sheet = Table(name="Respuestas")
    document.spreadsheet.addElement(sheet)
    for row in rows:
        line = TableRow()
        sheet.addElement(line)
        for text in row:
            cell = TableCell(valuetype="string")
            cell.addElement(paragraph(text))
            line.addElement(cell)
    document.save(path)
    return path


TEXTS = st.text(
    st.sampled_from("aZ07 ,;\"'\n\t.-ñáÉ¿e\u0301\u00a0😀—|&<_x"), min_size=1, max_size=12
).filter(lambda text: text == text.strip(" ") and "_x" not in text and text[0] != "=")


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_the_same_texts_come_out_of_every_format(tmp_path, rows):
    frame = pd.DataFrame(rows, columns=["uno", "dos"], dtype="object")
    expected = [list(row) for row in rows]
    paths = {suffix: tmp_path / f"a.{suffix}" for suffix in ("csv", "xlsx", "ods", "sav", "dta")}
    frame.to_csv(paths["csv"], index=False, lineterminator="\n", quoting=1)
    with pd.ExcelWriter(
        paths["xlsx"],
        engine="xlsxwriter",
        engine_kwargs={"options": {"strings_to_formulas": False}},
    ) as writer:
        frame.to_excel(writer, index=False)
    opendocument(paths["ods"], [list(frame.columns), *expected])
    pyreadstat.write_sav(frame, str(paths["sav"]))
    pyreadstat.write_dta(frame, str(paths["dta"]), version=15)
    for suffix, path in paths.items():
        columns, found, _ = table(path, delimiter="," if suffix == "csv" else None)
        assert list(columns) == ["uno", "dos"], suffix
        assert found == expected, suffix


def shown(value: object) -> str | None:
    """Write a cell of python-calamine by the rules of a raw table."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return None if value in ("", None) else str(value)


def test_sheets_are_read_as_calamine_reads_them(tmp_path):
    rows = [
        [1.0, "007", True, date(2018, 3, 4), 0.1],
        [-2.5, " x ", False, datetime(2018, 3, 4, 5, 6, 7), 1e-7],
        [12345678.0, "NA", None, date(1904, 1, 1), 1 / 3],
    ]
    book = openpyxl.Workbook()
    for row in [list("abcde"), *rows]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    document = OpenDocumentSpreadsheet()
    sheet = Table(name="H")
    document.spreadsheet.addElement(sheet)
    for row in [list("abcde"), *rows]:
        line = TableRow()
        sheet.addElement(line)
        for value in row:
            match value:
                case None:
                    cell = TableCell()
                case bool():
                    cell = TableCell(valuetype="boolean", booleanvalue=str(value).lower())
                case float():
                    cell = TableCell(valuetype="float", value=repr(value))
                case date():
                    cell = TableCell(valuetype="date", datevalue=value.isoformat())
                case _:
                    cell = TableCell(valuetype="string")
                    cell.addElement(paragraph(value))
            line.addElement(cell)
    document.save(tmp_path / "a.ods")
    for name in ("a.xlsx", "a.ods"):
        other = python_calamine.load_workbook(tmp_path / name).get_sheet_by_index(0).to_python()
        assert table(tmp_path / name)[1] == [[shown(value) for value in row] for row in other[1:]]
        assert table(tmp_path / name)[1] == [[shown(value) for value in row] for row in rows]


def test_names_and_labels_in_other_scripts(tmp_path):
    frame = pd.DataFrame({"ותק_ב": [33.0], "年": ["二〇一八"]})
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), column_labels=["ותק", "年"])
    columns, rows, _ = table(tmp_path / "a.sav")
    assert list(columns) == ["ותק_ב", "年"] and rows == [["33", "二〇一八"]]
    assert columns["ותק_ב"].label == "ותק"


def test_the_same_numbers_come_out_of_every_statistical_format(tmp_path):
    frame = pd.DataFrame({"NUM": [1.0, 0.1, -1000.3, 12345.678], "TXT": ["a", "b", "c d", "e"]})
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"))
    pyreadstat.write_por(frame, str(tmp_path / "a.por"))
    pyreadstat.write_dta(frame, str(tmp_path / "a.dta"))
    pyreadstat.write_xport(frame, str(tmp_path / "a.xpt"))
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    expected = [["1", "a"], ["0.1", "b"], ["-1000.3", "c d"], ["12345.678", "e"]]
    for suffix in ("sav", "por", "dta", "xpt", "xlsx"):
        assert table(tmp_path / f"a.{suffix}")[1] == expected, suffix
    assert table(tmp_path / "a.csv")[1] == [["1.0", "a"], *expected[1:]]  # as it was written


def test_a_file_of_another_format_under_a_wrong_name_is_read_for_what_it_is(tmp_path):
    path = spss(tmp_path / "a.sav").rename(tmp_path / "a.csv")
    assert table(path)[2].facts["format"] == "SPSS"
    (tmp_path / "b.sav").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(ReadError, match=r"no es un \.sav"):
        table(tmp_path / "b.sav")
    (tmp_path / "c.csv").write_text("<!DOCTYPE html><html>Inicie sesión</html>", "utf-8")
    with pytest.raises(ReadError, match="es un documento"):
        table(tmp_path / "c.csv")


def test_a_value_label_that_points_nowhere_kills_the_reader_only(tmp_path):
    path = spss(tmp_path / "a.sav")
    content = bytearray(path.read_bytes())
    at = content.index(struct.pack("<iii", 4, 1, 1))  # the labels' variable: one, the first
    content[at + 8 : at + 12] = struct.pack("<i", 77)
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"hace fallar al programa que lo lee \(SIG[A-Z]+\)"):
        readers.read(path)


def damaged(path: Path, seed: int) -> Path:
    chance = random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 3, 10])):
        content[chance.randrange(len(content))] ^= chance.randrange(1, 256)
    other = path.with_name(f"{seed}{path.suffix}")
    other.write_bytes(content)
    return other


def outcome(path: Path) -> str:
    """Read a damaged file: a table, or one sentence that names the file."""
    try:
        found = readers.read(path, ReadOptions(seconds=10, memory_mb=512))
    except ReadError as error:
        assert str(error).startswith(f"{path.name}: ") and str(error).endswith(".")
        return "error"
    assert len(found.rows.columns) == len(found.columns)
    return "table"


def test_damaged_spss_files_harm_nobody(tmp_path):
    path = spss(tmp_path / "a.sav")
    assert {outcome(damaged(path, seed)) for seed in range(4)} <= {"table", "error"}


@pytest.mark.fuzz
@pytest.mark.parametrize("suffix", ["sav", "dta", "por", "xpt", "xlsx", "ods"])
def test_damaged_files_of_every_format_harm_nobody(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    simple = pd.DataFrame({"Q": [1.0, 2, 3], "T": ["a", "b", "c"]})
    match suffix:
        case "sav":
            spss(path)
        case "ods":
            opendocument(path, [["q", "t"], ["1", "a"]])
        case "xlsx":
            simple.to_excel(path, index=False)
        case "xpt":
            pyreadstat.write_xport(simple, str(path))
        case _:
            getattr(pyreadstat, f"write_{suffix}")(simple, str(path))
    seen = [outcome(damaged(path, seed)) for seed in range(40)]
    assert "error" in seen
