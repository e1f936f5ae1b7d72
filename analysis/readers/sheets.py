"""Spreadsheets (XLSX, ODS): which sheet, where its table is, what kind of cells it has."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from analysis.readers.draft import Records, Row
from analysis.readers.errors import AmbiguousFileError, ReadError, Reading
from analysis.readers.table import Kind, RawColumn, ReadOptions
from analysis.readers.workbook import Findings, SheetRow, Workbook, column_letters

_LARGEST: Final = 4 << 30
_SUSPECT: Final = 256 << 20
_RATIO: Final = 200
_WIDEST_SPARSE: Final = 500
_TEMPLATE: Final = ("guide", "answers")


def read(path: Path, options: ReadOptions) -> Records:
    """Read one sheet of a spreadsheet.

    The first row with cells is the header; everything must stand under it. An empty cell is
    missing, a cell with an empty text is an empty text.

    Raises
    ------
    ReadError
        When the file is damaged, has a cell outside its table or a formula without its result.
    AmbiguousFileError
        When there are several sheets with data and none is named.
    """
    book = _open(path)
    names = book.sheet_names()
    sheet, notes = _choose(path, book, names, options)
    findings = Findings()
    kinds: list[Counter[str]] = []
    typed: list[list[int]] = []
    errors: list[str] = []
    facts = {"format": book.name, "sheet": sheet}
    rows = book.rows(sheet, findings)
    gaps: dict[int, int] = {}
    records = _records(path, rows, facts, findings, kinds, typed, errors, notes, gaps)

    def finish(columns: list[RawColumn]) -> list[RawColumn]:
        return [
            _with_kind(column, seen, rows)
            for column, seen, rows in zip(columns, kinds, typed, strict=True)
        ]

    return Records(records, facts, notes, finish=finish, gaps=gaps)


def _open(path: Path) -> Workbook:
    try:
        archive = zipfile.ZipFile(path)
        members = {info.filename: info for info in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ReadError(
            path.name,
            "está dañado o incompleto",
            "descárguelo de nuevo, o ábralo con su programa y guárdelo otra vez",
            str(error),
        ) from error
    size = sum(info.file_size for info in members.values())
    packed = max(1, path.stat().st_size)
    if size > _LARGEST or (size > _SUSPECT and size > _RATIO * packed):
        raise ReadError(
            path.name,
            f"ocupa {packed >> 10} KB pero al abrirse serían {size >> 20} MB",
            "no parece un archivo de respuestas: copie las respuestas en un archivo nuevo, o "
            "guárdelas como CSV",
        )
    if any(info.flag_bits & 1 for info in members.values()):
        raise ReadError(path.name, "tiene contraseña", "guárdelo sin contraseña")
    if "xl/workbook.bin" in members:
        raise ReadError(path.name, "es un .xlsb", "ábralo con Excel y guárdelo como .xlsx")
    if "mimetype" in members and "content.xml" in members:
        from analysis.readers import ods

        return ods.Book(path, archive)
    if "[Content_Types].xml" in members and any(name.startswith("xl/") for name in members):
        from analysis.readers import xlsx

        return xlsx.Book(path, archive)
    raise ReadError(
        path.name,
        "es un archivo comprimido y no una hoja de cálculo",
        "descomprímalo e indique el archivo con las respuestas que contiene",
    )


def _choose(
    path: Path, book: Workbook, names: list[tuple[str, bool]], options: ReadOptions
) -> tuple[str, list[str]]:
    """Choose the sheet: the one named, or the only visible one with data."""
    every = [name for name, _ in names]
    if options.sheet is not None:
        if options.sheet in every:
            return options.sheet, []
        if options.sheet.isdecimal() and 1 <= int(options.sheet) <= len(every):
            return every[int(options.sheet) - 1], []
        shown = ", ".join(f"«{name}»" for name in every[:20])
        raise ReadError(
            path.name, f"no tiene una hoja «{options.sheet}»", f"use --sheet con una de: {shown}"
        )
    samples = {
        name: sample for name, visible in names if visible and (sample := _sample(book, name))
    }
    if not samples:
        raise ReadError(path.name, "no tiene ninguna hoja con datos", "revise qué archivo indicó")
    answers = _answers_of_template(list(samples))
    if answers:
        return answers, [f"Se leyó la hoja «{answers}» de la plantilla."]
    if len(samples) > 1:
        readings = [Reading(f'"{name}"', (sample,)) for name, sample in list(samples.items())[:20]]
        problem = f"tiene {len(samples)} hojas con datos y no se sabe cuál leer"
        raise AmbiguousFileError(path.name, problem, "--sheet", readings)
    chosen = next(iter(samples))
    hidden = [name for name, visible in names if not visible]
    notes = []
    if hidden:
        notes.append(f"Hay hojas ocultas que no se leyeron: {', '.join(hidden)}.")
    return chosen, notes


def _answers_of_template(names: list[str]) -> str | None:
    """Name the sheet of answers of the template that the project exports, with its guide beside."""
    from analysis import texts

    for lang in texts.LOCALES:
        guide, answers = (texts.label(f"instrument.template.{key}", lang) for key in _TEMPLATE)
        if names == [guide, answers]:
            return answers
    return None


def _sample(book: Workbook, name: str) -> str:
    for _, cells in book.rows(name, Findings()):
        shown = [cell.text[:25] for _, cell in sorted(cells.items())[:4] if cell.text]
        if shown:
            return " | ".join(shown)
    return ""


def _records(
    path: Path,
    rows: Iterator[SheetRow],
    facts: dict[str, str],
    findings: Findings,
    kinds: list[Counter[str]],
    typed: list[list[int]],
    errors: list[str],
    notes: list[str],
    gaps: dict[int, int],
) -> Iterator[Row]:
    """Lay the cells out under the header; note what a researcher should know."""
    first, width, top, last, number, long_numbers = 0, 0, 0, 0, 0, Counter()
    for line, cells in rows:
        filled = {column: cell for column, cell in cells.items() if cell.text}
        if not filled:
            continue
        if not width:
            first, top, last = min(filled), line, line
            width = max(filled) - first + 1
            if top > 1:
                facts["first_row"] = str(top + 1)
            if width > _WIDEST_SPARSE and len(filled) < width / 2:
                far = f"{column_letters(max(filled))}{line}"
                raise _stray(path, far, f"el encabezado tiene solo {len(filled)} columnas")
            kinds.extend(Counter() for _ in range(width))
            typed.extend([] for _ in range(width))
            yield [filled[c].text if c in filled else None for c in range(first, first + width)]
            continue
        for column, cell in filled.items():
            if not first <= column < first + width:
                end = column_letters(first + width - 1)
                limits = (
                    f"el encabezado (fila {top}) va de la columna {column_letters(first)} a {end}"
                )
                raise _stray(path, f"{column_letters(column)}{line}", limits)
            kinds[column - first][cell.kind] += 1
            if cell.kind == "error":
                errors.append(f"{column_letters(column)}{line} ({cell.text})")
            elif cell.kind != "text":
                typed[column - first].append(number)
                if cell.kind == "number" and len(cell.text.strip("-").split(".")[0]) > 15:
                    long_numbers[column_letters(column)] += 1
        number += 1
        if line - last > 1:
            gaps[number] = line - last - 1
        last = line
        yield [cells[c].text if c in cells else None for c in range(first, first + width)]
    _note(findings, errors, long_numbers, notes)


def _stray(path: Path, cell: str, why: str) -> ReadError:
    return ReadError(
        path.name,
        f"la celda {cell} tiene un valor fuera de la tabla: {why}",
        "borre esa celda y lo que haya encima del encabezado, o copie solo la tabla en un archivo "
        "nuevo",
    )


def _note(
    findings: Findings, errors: list[str], long_numbers: Counter[str], notes: list[str]
) -> None:
    if findings.merged:
        shown = ", ".join(findings.merged[:10]) + ("…" if len(findings.merged) > 10 else "")
        notes.append(f"Hay celdas combinadas ({shown}): solo la primera de cada grupo tiene valor.")
    if findings.hidden_rows:
        notes.append(f"Hay {findings.hidden_rows} filas ocultas o filtradas; se leyeron también.")
    if errors:
        shown = ", ".join(errors[:10]) + ("…" if len(errors) > 10 else "")
        notes.append(f"Hay fórmulas con error, que se leen como texto: {shown}.")
    if long_numbers:
        notes.append(
            "Hay números de más de 15 cifras, que las hojas de cálculo redondean, en la columna "
            f"{', '.join(long_numbers)}: compruebe los identificadores con el sistema de origen."
        )


def _with_kind(column: RawColumn, seen: Counter[str], rows: list[int]) -> RawColumn:
    """Say what the cells of a column are, and which are not text when it mixes."""
    names = {"text" if kind == "error" else kind for kind in seen}
    if names == {"date", "datetime"}:
        names = {"datetime"}
    kind: Kind = "empty" if not names else "mixed" if len(names) > 1 else names.pop()  # type: ignore[assignment]
    return replace(column, kind=kind, typed_rows=tuple(rows) if kind == "mixed" else ())
