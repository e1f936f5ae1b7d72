"""ODS as a stream of cells."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from analysis.readers.cells import number_text
from analysis.readers.errors import ReadError
from analysis.readers.workbook import Cell, Findings, SheetRow, column_letters

_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC: Final = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_WIDEST, _TALLEST = 16_384, 1_048_576


class Book:
    """An ODS file."""

    name = "ODS"

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self.archive = archive
        if b"opendocument.spreadsheet" not in archive.read("mimetype")[:100]:
            raise ReadError(
                path.name, "no es una hoja de cálculo", "indique el archivo con las respuestas"
            )

    def _events(self) -> Iterator[tuple[str, Any]]:
        try:
            with self.archive.open("content.xml") as stream:
                yield from iterparse(stream, events=("start", "end"), forbid_dtd=True)
        except DefusedXmlException as error:
            raise ReadError(
                self.path.name,
                "declara entidades XML, que una hoja de cálculo no necesita y pueden ser un ataque",
                "no lo use; pida el archivo de nuevo a quien lo envió, o como CSV",
                str(error),
            ) from error
        except (ParseError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise self._damaged(str(error)) from error
        except Exception as error:
            if type(error).__module__ == "zlib":
                raise self._damaged(str(error)) from error
            raise

    def _damaged(self, detail: str) -> ReadError:
        return ReadError(
            self.path.name,
            "está dañado por dentro",
            "descárguelo de nuevo, o ábralo con LibreOffice y guárdelo otra vez",
            detail,
        )

    def sheet_names(self) -> list[tuple[str, bool]]:
        """Give the sheets in order, each with whether it is visible."""
        hidden: set[str] = set()
        names = []
        for event, element in self._events():
            if event == "end" and element.tag == f"{_STYLE}style":
                for part in element:
                    if part.get(f"{_TABLE}display") == "false":
                        hidden.add(element.get(f"{_STYLE}name", ""))
            elif event == "start" and element.tag == f"{_TABLE}table":
                style = element.get(f"{_TABLE}style-name", "")
                names.append((element.get(f"{_TABLE}name", ""), style not in hidden))
            elif event == "end" and element.tag == f"{_TABLE}table-row":
                element.clear()
        return names

    def rows(self, sheet: str, findings: Findings) -> Iterator[SheetRow]:
        """Give the rows of a sheet that have cells."""
        inside, depth, line = False, 0, 0
        for event, element in self._events():
            if element.tag == f"{_TABLE}table":
                if event == "start":
                    depth += 1
                    inside = inside or (depth == 1 and element.get(f"{_TABLE}name") == sheet)
                else:
                    depth -= 1
                    if inside and depth == 0:
                        return
            elif event == "end" and element.tag == f"{_TABLE}table-row":
                times = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                if inside:
                    cells = self._cells(element, line + 1, findings)
                    if element.get(f"{_TABLE}visibility", "visible") != "visible" and cells:
                        findings.hidden_rows += times
                    if cells and (times < 1 or line + times > _TALLEST):
                        raise self._damaged(f"fila {line + 1}")
                    for number in range(line + 1, line + times + 1) if cells else ():
                        yield number, cells
                    line += times
                element.clear()

    def _cells(self, row: Any, line: int, findings: Findings) -> dict[int, Cell]:
        cells: dict[int, Cell] = {}
        column = 0
        for element in row:
            times = int(element.get(f"{_TABLE}number-columns-repeated", "1"))
            if element.tag == f"{_TABLE}table-cell":
                cell = self._cell(element, f"{column_letters(column)}{line}")
                if cell is not None:
                    if times < 1 or column + times > _WIDEST:
                        raise self._damaged(f"columna {column + times}")
                    cells.update(dict.fromkeys(range(column, column + times), cell))
                wide = int(element.get(f"{_TABLE}number-columns-spanned", "1"))
                tall = int(element.get(f"{_TABLE}number-rows-spanned", "1"))
                if wide > 1 or tall > 1:
                    end = f"{column_letters(column + wide - 1)}{line + tall - 1}"
                    findings.merged.append(f"{column_letters(column)}{line}:{end}")
            column += times
        return cells

    def _cell(self, element: Any, reference: str) -> Cell | None:
        kind = element.get(f"{_OFFICE}value-type")
        paragraphs = [_paragraph(part) for part in element if part.tag == f"{_TEXT}p"]
        text = "\n".join(paragraphs)
        if element.get(f"{_CALC}value-type") == "error":
            return Cell(text, "error")
        try:
            match kind:
                case "float" | "percentage" | "currency":
                    return Cell(number_text(element.get(f"{_OFFICE}value")), "number")
                case "date":
                    value = element.get(f"{_OFFICE}date-value")
                    return Cell(value, "datetime" if "T" in value else "date")
                case "time":
                    return Cell(_clock(element.get(f"{_OFFICE}time-value")), "time")
                case "boolean":
                    return Cell(element.get(f"{_OFFICE}boolean-value").upper(), "boolean")
                case "string":
                    return Cell(text or element.get(f"{_OFFICE}string-value", ""))
        except (AttributeError, TypeError, ValueError) as error:
            raise self._damaged(f"celda {reference}: {error}") from error
        if element.get(f"{_TABLE}formula") and not paragraphs:
            raise ReadError(
                self.path.name,
                f"la celda {reference} es una fórmula sin su resultado",
                "ábralo con LibreOffice y guárdelo, para que las fórmulas se calculen",
            )
        return Cell(text) if paragraphs else None


def _clock(value: str) -> str:
    """Turn ``PT03H04M00S`` into ``03:04:00``."""
    hours, _, rest = value.removeprefix("PT").partition("H")
    minutes, _, seconds = rest.partition("M")
    seconds = seconds.removesuffix("S").replace(",", ".")
    whole, _, part = seconds.partition(".")
    text = f"{int(hours):02d}:{int(minutes):02d}:{int(whole):02d}"
    return f"{text}.{part}" if part.strip("0") else text


def _paragraph(element: Any) -> str:
    """Read a paragraph: spaces, tabs and line breaks are elements; comments are not text."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            parts.append(" " * int(child.get(f"{_TEXT}c", "1")))
        elif child.tag == f"{_TEXT}tab":
            parts.append("\t")
        elif child.tag == f"{_TEXT}line-break":
            parts.append("\n")
        elif child.tag in (f"{_TEXT}span", f"{_TEXT}a"):
            parts.append(_paragraph(child))
        parts.append(child.tail or "")
    return "".join(parts)
