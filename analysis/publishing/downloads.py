"""The data of a table to take away: CSV and XLSX, inside the page, with formulas neutralised."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import xlsxwriter

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_EPOCH = datetime(2018, 1, 1)  # of the source study: a file must not change with the clock


def rows_of(block: Mapping[str, Any]) -> list[list[str]]:
    """Return headings and cells of a table block as text; a mark of class follows each number."""
    header = [column["label"] for column in block["columns"]]
    keys = [column["key"] for column in block["columns"]]
    return [header, *([_text(row[key]) for key in keys] for row in block["rows"])]


def _text(cell: Mapping[str, Any]) -> str:
    return str(cell.get("label") if cell["kind"] == "tag" else cell["text"])


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_csv(block: Mapping[str, Any]) -> bytes:
    """Write a table as CSV (UTF-8 with the mark that spreadsheets look for, comma)."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerows([[neutral(cell) for cell in row] for row in rows_of(block)])
    writer.writerow([])
    writer.writerow([neutral(block["source"])])
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8")


def as_xlsx(block: Mapping[str, Any]) -> bytes:
    """Write a table as XLSX: every cell is text, so that nothing in it is ever computed."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": _EPOCH, "title": block["caption"]})
    sheet = book.add_worksheet()
    bold, wrap = (
        book.add_format({"bold": True}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    rows = rows_of(block)
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            sheet.write_string(number, column, text, wrap if number else bold)
    for column in range(len(rows[0])):
        longest = max(len(row[column]) for row in rows)
        sheet.set_column(column, column, min(60, max(10, longest + 2)))
    sheet.freeze_panes(1, 0)
    sheet.write_string(len(rows) + 1, 0, block["caption"])
    sheet.write_string(len(rows) + 2, 0, block["source"])
    book.close()
    return stream.getvalue()


def data_uri(content: bytes, kind: str) -> str:
    """Return a link that holds a file."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def links(block: Mapping[str, Any], name: str) -> list[dict[str, str]]:
    """Return the links to download a table: label, file name, content."""
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return [
        {"label": "CSV", "file": f"{name}.csv", "href": data_uri(as_csv(block), "text/csv")},
        {"label": "XLSX", "file": f"{name}.xlsx", "href": data_uri(as_xlsx(block), sheet)},
    ]
