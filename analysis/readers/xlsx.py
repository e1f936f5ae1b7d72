"""XLSX as a stream of cells.

python-calamine reads faster but loses without a word what a formula could not compute, formulas
that were never computed, and the difference between an empty text and no cell; openpyxl keeps
``_x000D_`` in texts. openpyxl still says which formats are dates and converts them.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any, Final

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse
from openpyxl.styles.numbers import (
    BUILTIN_FORMATS,
    is_date_format,
    is_datetime,
    is_timedelta_format,
)
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from analysis.readers.cells import duration_text, number_text
from analysis.readers.errors import ReadError
from analysis.readers.workbook import Cell, Findings, SheetRow

_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_WIDEST, _TALLEST = 16_384, 1_048_576
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def local(element: Any) -> str:
    """Give an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


class Book:
    """An XLSX file."""

    name = "XLSX"

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self.archive = archive
        self.epoch = CALENDAR_WINDOWS_1900
        self._parts = self._workbook()
        self._kinds = self._formats()
        self._strings: list[str] | None = None

    def sheet_names(self) -> list[tuple[str, bool]]:
        """Give the sheets in order, each with whether it is visible."""
        return [(name, visible) for name, (_, visible) in self._parts.items()]

    def _events(self, part: str, wanted: tuple[str, ...] = ("end",)) -> Iterator[tuple[str, Any]]:
        """Parse a part; refuse declarations of entities and broken XML."""
        try:
            with self.archive.open(part) as stream:
                yield from self._parse(stream, wanted)
        except KeyError as error:
            raise self._damaged(f"falta {part}") from error
        except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
            if isinstance(error, ReadError):
                raise
            raise self._damaged(str(error)) from error

    def _parse(self, stream: IO[bytes], wanted: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        try:
            yield from iterparse(stream, events=wanted, forbid_dtd=True)
        except DefusedXmlException as error:
            raise ReadError(
                self.path.name,
                "declara entidades XML, que una hoja de cálculo no necesita y pueden ser un ataque",
                "no lo use; pida el archivo de nuevo a quien lo envió, o como CSV",
                str(error),
            ) from error
        except (ParseError, zipfile.BadZipFile, EOFError) as error:
            raise self._damaged(str(error)) from error
        except Exception as error:
            if type(error).__module__ == "zlib":
                raise self._damaged(str(error)) from error
            raise

    def _damaged(self, detail: str) -> ReadError:
        return ReadError(
            self.path.name,
            "está dañado por dentro",
            "descárguelo de nuevo, o ábralo con Excel o LibreOffice y guárdelo otra vez",
            detail,
        )

    def _workbook(self) -> dict[str, tuple[str, bool]]:
        """Find the sheets: name to part and visibility; and the epoch of the dates."""
        main = self._main_part()
        folder, base = posixpath.split(main)
        targets = {}
        for _, element in self._events(f"{folder}/_rels/{base}.rels"):
            if local(element) == "Relationship" and element.get("Type", "").endswith("/worksheet"):
                targets[element.get("Id")] = _resolve(folder, element.get("Target", ""))
        parts = {}
        for _, element in self._events(main):
            if local(element) == "workbookPr" and element.get("date1904") in ("1", "true"):
                self.epoch = CALENDAR_MAC_1904
            if local(element) == "sheet":
                target = targets.get(element.get(_RELATION) or element.get(_STRICT))
                if target is not None:  # charts are sheets too
                    visible = element.get("state", "visible") == "visible"
                    parts[element.get("name", "")] = (target, visible)
        return parts

    def _main_part(self) -> str:
        for _, element in self._events("_rels/.rels"):
            if local(element) == "Relationship" and element.get("Type", "").endswith(
                "/officeDocument"
            ):
                return _resolve("", element.get("Target", ""))
        raise self._damaged("no hay libro")

    def _formats(self) -> list[str]:
        """Say of each cell style whether it shows numbers as dates, times or durations."""
        part = next((n for n in self.archive.namelist() if n.lower() == "xl/styles.xml"), None)
        if part is None:
            return []
        custom: dict[int, str] = {}
        kinds: list[str] = []
        for _, element in self._events(part):
            if local(element) == "numFmt":
                custom[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
            elif local(element) == "cellXfs":
                for style in element:
                    number = int(style.get("numFmtId", "0"))
                    kinds.append(_kind(custom.get(number) or BUILTIN_FORMATS.get(number, "")))
        return kinds

    def _shared(self) -> list[str]:
        """Read the texts that cells refer to, once."""
        if self._strings is None:
            part = next(
                (n for n in self.archive.namelist() if n.lower() == "xl/sharedstrings.xml"), None
            )
            self._strings = []
            for _, element in self._events(part) if part else ():
                if local(element) == "si":
                    self._strings.append(_text(element))
                    element.clear()
        return self._strings

    def rows(self, sheet: str, findings: Findings) -> Iterator[SheetRow]:
        """Give the rows of a sheet that have cells."""
        line = 0
        data: Any = None
        for event, element in self._events(self._parts[sheet][0], ("start", "end")):
            name = local(element)
            if event == "start":
                if name == "sheetData":
                    data = element
            elif name == "row":
                line = int(element.get("r") or line + 1)
                if not 1 <= line <= _TALLEST:
                    raise self._damaged(f"fila {line}")
                findings.hidden_rows += element.get("hidden") in ("1", "true")
                cells = self._cells(element, line)
                if data is not None:
                    data.clear()
                if cells:
                    yield line, cells
            elif name == "mergeCell":
                findings.merged.append(element.get("ref", ""))

    def _cells(self, row: Any, line: int) -> dict[int, Cell]:
        cells: dict[int, Cell] = {}
        column = -1
        for element in row:
            if local(element) != "c":
                continue
            reference = element.get("r")
            if reference:
                match = _REFERENCE.fullmatch(reference)
                if match is None:
                    raise self._damaged(f"celda {reference}")
                column = _position(match[1])
                if int(match[2]) != line:
                    raise self._damaged(f"celda {reference} en la fila {line}")
            else:
                column += 1
            if column >= _WIDEST or column in cells:
                raise self._damaged(f"celda {reference}")
            cell = self._cell(element, reference or f"de la fila {line}")
            if cell is not None:
                cells[column] = cell
        return cells

    def _cell(self, element: Any, reference: str) -> Cell | None:
        kind = element.get("t", "n")
        value: str | None = None
        formula, inline = False, None
        for child in element:
            name = local(child)
            if name == "v":
                value = child.text or ""
            elif name == "is":
                inline = _text(child)
            formula = formula or name == "f"
        if kind == "inlineStr":
            return None if inline is None else Cell(inline)
        if kind == "str":
            return Cell(_unescape(value or "")) if value is not None or formula else None
        if value is None:
            if not formula:
                return None
            raise ReadError(
                self.path.name,
                f"la celda {reference} es una fórmula sin su resultado",
                "ábralo con Excel o LibreOffice y guárdelo, para que las fórmulas se calculen",
            )
        if kind == "n" and not value.strip():
            return Cell("") if formula else None
        try:
            return self._typed(kind, value, int(element.get("s", "0")))
        except (ValueError, IndexError, OverflowError) as error:
            raise self._damaged(f"celda {reference}: {error}") from error

    def _typed(self, kind: str, value: str, style: int) -> Cell:
        match kind:
            case "s":
                position = int(value)
                if position < 0:
                    raise IndexError(value)
                return Cell(self._shared()[position])
            case "b":
                return Cell({"0": "FALSE", "1": "TRUE"}.get(value, value.upper()), "boolean")
            case "e":
                return Cell(value, "error")
            case "d":
                return Cell(value, "datetime" if "T" in value else "date")
            case "n":
                shown = self._kinds[style] if style < len(self._kinds) else "number"
                return self._number(value.strip(), shown)
        raise ValueError(f"tipo {kind}")

    def _number(self, value: str, shown: str) -> Cell:
        number = float(value)
        if shown == "number":
            return Cell(number_text(value), "number")
        if shown == "duration":
            return Cell(duration_text(timedelta(days=number)), "duration")
        moment = from_excel(number, self.epoch)
        if isinstance(moment, time):
            return Cell(moment.isoformat(), "time")
        if isinstance(moment, datetime):
            if shown == "date" and moment.time() == time():
                return Cell(moment.date().isoformat(), "date")
            return Cell(moment.isoformat(), "datetime")
        if isinstance(moment, date):
            return Cell(moment.isoformat(), "date")
        return Cell(number_text(value), "number")  # before the calendar begins


def _resolve(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, target))[1:]


def _kind(code: str) -> str:
    if is_timedelta_format(code):
        return "duration"
    if is_date_format(code):
        return is_datetime(code) or "date"
    return "number"


def _text(element: Any) -> str:
    """Join the runs of a text, without the reading aids of Asian languages."""
    parts = []
    for child in element:
        name = local(child)
        if name == "t":
            parts.append(child.text or "")
        elif name == "r":
            parts.extend(run.text or "" for run in child if local(run) == "t")
    return _unescape("".join(parts))


def _unescape(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _position(letters: str) -> int:
    position = 0
    for letter in letters:
        position = position * 26 + ord(letter) - 64
    return position - 1
