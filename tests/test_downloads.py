"""Tests of the tables to take away: what the files hold, and that nothing in them is computed."""

import base64
import csv
import io
import re
import time
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest
from samples import quantity, share, table

from analysis.display import table_data
from analysis.provenance import EvidenceClass
from analysis.publishing import downloads
from analysis.tables import Column

NAMESPACE = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x","y")']
Grid = list[list[str]]


def block(*names: str, **more: Any) -> dict[str, Any]:
    """Return a table whose rows have some names."""
    rows = tuple({"city": n, "n": quantity(1234), "share": share(3, 4)} for n in names)
    columns = (Column("city", "Ciudad"), Column("n", "Recuento"), Column("share", "Parte"))
    classes = (EvidenceClass.BOUNDED, EvidenceClass.OBSERVED)
    return table_data(table(*classes, rows=rows, columns=columns, **more), "es")


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def sheet_cells(content: bytes) -> Grid:
    """Read the cells of a workbook with nothing but its XML."""
    files = parts(content)
    strings = [
        "".join(text.text or "" for text in item.iter(f"{{{NAMESPACE['x']}}}t"))
        for item in ElementTree.fromstring(files["xl/sharedStrings.xml"])
    ]
    rows = ElementTree.fromstring(files["xl/worksheets/sheet1.xml"]).iterfind(".//x:row", NAMESPACE)
    found = []
    for row in rows:
        cells = row.findall("x:c", NAMESPACE)
        assert {cell.get("t") for cell in cells} == {"s"}, "every cell is text"
        found.append([strings[int(cell.findtext("x:v", "", NAMESPACE))] for cell in cells])
    return found


def csv_cells(content: bytes) -> Grid:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


EXPECTED = [
    ["Ciudad", "Recuento", "Parte"],
    ["Bogotá, «D. C.»", "1.234", "75\u00a0%"],
    ['Quito "la alta"', "1.234", "75\u00a0%"],
]
SOURCE = "Fuente: Estudio, sección 2.1; cálculo propio."


def test_both_files_hold_the_cells_of_the_table_and_their_source() -> None:
    shown = block("Bogotá, «D. C.»", 'Quito "la alta"')
    assert downloads.rows_of(shown) == EXPECTED
    assert csv_cells(downloads.as_csv(shown)) == [*EXPECTED, [], [SOURCE]]
    assert sheet_cells(downloads.as_xlsx(shown)) == [
        *EXPECTED,
        ["Ciudades & <recuentos>"],
        [SOURCE],
    ]


def test_a_tag_is_written_with_its_words() -> None:
    shown = table_data(table(), "es")
    assert downloads.rows_of(shown)[1] == ["<script>alert(1)</script>", "7", "posible <i>"]
    assert sheet_cells(downloads.as_xlsx(shown))[1] == downloads.rows_of(shown)[1]


def test_the_csv_opens_with_its_accents_in_a_spreadsheet() -> None:
    content = downloads.as_csv(block("Bogotá"))
    assert content.startswith("\ufeffCiudad,".encode())
    assert content.count(b"\r\n") == content.count(b"\n") == 4


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_formula_is_text_in_the_csv(hostile: str) -> None:
    shown = block(hostile)
    shown["columns"][1]["label"] = shown["source"] = hostile
    found = csv_cells(downloads.as_csv(shown))
    assert found[1][0] == found[0][1] == found[-1][0] == f"'{hostile}"
    assert not [cell for row in found for cell in row if cell[:1] in set("=+-@\t\r")]


@pytest.mark.parametrize("harmless", ["a=1", "1-2", "x@y", "", "'=1", " =1"])
def test_a_text_that_is_no_formula_stays_as_it_is(harmless: str) -> None:
    assert downloads.neutral(harmless) == harmless
    assert csv_cells(downloads.as_csv(block(harmless)))[1][0] == harmless


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_formula_is_text_in_the_xlsx(hostile: str) -> None:
    shown = block(hostile)
    shown["columns"][1]["label"] = shown["source"] = shown["caption"] = hostile
    content = downloads.as_xlsx(shown)
    files = parts(content)
    for name, text in files.items():
        assert not re.search(r"<(\w+:)?(f|hyperlink|externalLink|ddeLink)\b", text), name
    assert not [name for name in files if "external" in name.lower() or "vba" in name.lower()]
    found = [[_unescaped(cell) for cell in row] for row in sheet_cells(content)]
    assert found[1][0] == found[0][1] == found[2][0] == found[3][0] == hostile


def _unescaped(cell: str) -> str:
    """Read the escapes that XLSX uses for characters that XML has not."""
    return re.sub(r"_x([0-9A-F]{4})_", lambda mark: chr(int(mark[1], 16)), cell)


def test_an_address_is_no_link_in_the_xlsx() -> None:
    content = downloads.as_xlsx(block("https://example.org/"))
    assert "hyperlink" not in "".join(parts(content).values())
    assert sheet_cells(content)[1][0] == "https://example.org/"


def test_the_same_table_gives_the_same_bytes_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = block("Bogotá")
    first = downloads.as_csv(shown), downloads.as_xlsx(shown)
    with zipfile.ZipFile(io.BytesIO(first[1])) as archive:
        assert {item.date_time[0] for item in archive.infolist()} == {1980}
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 10**8)
    assert (downloads.as_csv(shown), downloads.as_xlsx(shown)) == first
    core = parts(first[1])["docProps/core.xml"]
    assert set(re.findall(r">(\d{4})-\d\d-\d\dT", core)) == {"2018"}


def test_the_links_of_a_table_hold_its_files() -> None:
    shown = block("Bogotá")
    links = downloads.links(shown, "tabla-3")
    assert [(link["label"], link["file"]) for link in links] == [
        ("CSV", "tabla-3.csv"),
        ("XLSX", "tabla-3.xlsx"),
    ]
    held = [base64.b64decode(link["href"].partition(";base64,")[2]) for link in links]
    assert held == [downloads.as_csv(shown), downloads.as_xlsx(shown)]
    assert all(re.match(r"data:[\w./-]+;base64,[\w+/=]+$", link["href"]) for link in links)
