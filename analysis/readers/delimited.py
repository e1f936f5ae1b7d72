"""CSV and TSV: text cells and nothing else, in bounded memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from analysis.readers import encodings
from analysis.readers.draft import Records, Row
from analysis.readers.errors import AmbiguousFileError, ReadError, Reading
from analysis.readers.table import ReadOptions

_DELIMITERS: Final = (",", ";", "\t", "|")
_NAMES: Final = {",": "coma", ";": "punto y coma", "\t": "tabulador", "|": "barra"}
_SAMPLE: Final = 1 << 16
_SAMPLE_ROWS: Final = 200
_LARGEST_CELL: Final = 1 << 24


def read(path: Path, options: ReadOptions) -> Records:
    """Read a delimited file, record by record.

    Every cell is text exactly as in the file: an empty cell is an empty text. A row with more or
    fewer cells than the header stops the reading, because it means that a quote or a delimiter is
    missing somewhere and that what follows would be read into the wrong columns.

    Raises
    ------
    ReadError
        With the line of the file.
    AmbiguousFileError
        When the encoding or the delimiter is not certain.
    """
    csv.field_size_limit(_LARGEST_CELL)
    encoding, evidence, warning = _encoding(path, options)
    stream = path.open(encoding=encoding, errors="strict", newline="")
    try:
        sample = stream.read(_SAMPLE)
    except UnicodeError as error:
        raise _not_in(path, encoding, 1) from error
    skipped, declared = 0, None
    first = sample.split("\n", 1)[0].strip()
    if first.startswith("sep=") and len(first) in (4, 5):  # the line that Excel understands
        declared, skipped = (first[4:] or "\t"), 1
        sample = sample.split("\n", 1)[1] if "\n" in sample else ""
    if not sample.strip("\r\n"):
        raise ReadError(path.name, "está vacío", "expórtelo de nuevo con sus respuestas")
    delimiter = _delimiter(path, options, sample, declared)
    stream.seek(0)
    facts = {
        "format": "TSV" if delimiter == "\t" else "CSV",
        "encoding": encoding.removesuffix("-sig"),
        "encoding_evidence": evidence,
        "delimiter": delimiter,
        "delimiter_name": _NAMES.get(delimiter, f"«{delimiter}»"),
    }
    notes = [warning] if warning else []
    if encoding not in ("utf-8", "utf-8-sig") and not options.encoding:
        notes.append(f"Se leyó como {encoding}: {evidence}. Otra codificación: --encoding.")
    gaps: dict[int, int] = {}
    records = _records(path, stream, encoding, delimiter, skipped, options, facts, notes, gaps)
    size = path.stat().st_size
    return Records(
        records,
        facts,
        notes,
        position=lambda: size if stream.closed else stream.buffer.tell(),
        gaps=gaps,
    )


def _encoding(path: Path, options: ReadOptions) -> tuple[str, str, str]:
    if options.encoding is None:
        return encodings.detect(path)
    try:
        "".encode(options.encoding)
    except LookupError:
        raise ReadError(
            path.name,
            f"no existe la codificación «{options.encoding}»",
            "use por ejemplo --encoding utf-8, cp1252, latin-1 o utf-16",
        ) from None
    with path.open("rb") as stream:
        marked = stream.read(3) == b"\xef\xbb\xbf"
    if marked and options.encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        return "utf-8-sig", "se indicó con --encoding", ""
    return options.encoding, "se indicó con --encoding", ""


def _not_in(path: Path, encoding: str, line: int) -> ReadError:
    return ReadError(
        path.name,
        f"cerca de la línea {line} hay bytes que no son {encoding.removesuffix('-sig')}",
        "indique la codificación del archivo con --encoding (por ejemplo cp1252), o expórtelo de "
        "nuevo en UTF-8",
    )


def _delimiter(path: Path, options: ReadOptions, sample: str, declared: str | None) -> str:
    """Find the delimiter: the only one under which every row has as many cells as the header."""
    if options.delimiter is not None:
        named = {"tab": "\t", "\\t": "\t", "tabulador": "\t", "coma": ",", "punto y coma": ";"}
        chosen = named.get(options.delimiter.lower(), options.delimiter)
        if len(chosen) != 1 or chosen in '"\r\n':
            raise ReadError(
                path.name,
                f"«{options.delimiter}» no es un separador",
                'use --delimiter "," o ";" o tab',
            )
        return chosen
    if declared is not None:
        return declared
    parsed = {delimiter: _parse(sample, delimiter) for delimiter in _DELIMITERS}
    wide = {d: rows for d, (rows, _) in parsed.items() if rows and len(rows[0]) > 1}
    even = [d for d, (rows, fit) in parsed.items() if fit and len({len(row) for row in rows}) == 1]
    possible = [d for d in even if d in wide] or list(wide)
    if not possible:  # one column; with a broken header, the reader will say where
        return even[0] if even else ","
    if len(possible) == 1:
        return possible[0]
    readings = [
        Reading(
            "tab" if d == "\t" else f'"{d}"',
            (
                f"{len(wide[d][0])} columnas",
                *(" | ".join(cell[:25] for cell in row[:4]) for row in wide[d][:2]),
            ),
        )
        for d in possible
    ]
    problem = "no se sabe qué carácter separa las columnas"
    raise AmbiguousFileError(path.name, problem, "--delimiter", readings)


def _parse(sample: str, delimiter: str) -> tuple[list[list[str]], bool]:
    """Read the first records; tell whether their quotes fit this delimiter."""
    rows: list[list[str]] = []
    whole = len(sample) < _SAMPLE
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) > _SAMPLE_ROWS:
                return rows[:-1], True
    except csv.Error as error:
        return rows, "unexpected end" in str(error) and not whole
    return (rows if whole else rows[:-1] or rows), True


def _records(
    path: Path,
    stream: io.TextIOWrapper,
    encoding: str,
    delimiter: str,
    skipped: int,
    options: ReadOptions,
    facts: dict[str, str],
    notes: list[str],
    gaps: dict[int, int],
) -> Iterator[Row]:
    for _ in range(skipped):
        stream.readline()
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    width, number, passed, short, line = 0, 0, 0, 0, skipped + 1
    with stream:
        while True:
            start = line
            try:
                row: Row = next(reader)
            except StopIteration:
                break
            except UnicodeError as error:
                raise _not_in(path, encoding, start) from error
            except csv.Error as error:
                raise _bad_quotes(path, start, str(error)) from error
            line = reader.line_num + skipped + 1
            if not any(row):
                if width != 1:
                    passed += 1
                    continue
                row = [""]  # with one column, an empty line is an empty answer
            if passed:
                gaps[number] = passed
                if not width:
                    facts["first_row"] = str(passed + 2)
            width, number, passed = width or len(row), number + 1, 0
            if len(row) < width and options.short_rows:
                short += 1
                row = row + [None] * (width - len(row))
            if len(row) != width:
                raise _uneven(path, start, len(row), width, delimiter)
            yield row
    blank = sum(gaps.values()) + passed
    if blank:
        notes.append(f"Se pasaron por alto {blank} filas sin ninguna respuesta.")
    if short:
        notes.append(f"{short} filas tienen menos celdas que columnas; las que faltan no existen.")


def _bad_quotes(path: Path, line: int, detail: str) -> ReadError:
    if "field larger" in detail:
        problem = f"en la línea {line} empieza una celda de más de 16 millones de caracteres"
    elif "NUL" in detail:
        problem = f"la línea {line} contiene bytes cero"
    else:
        problem = f"en la línea {line} empieza una celda cuyas comillas no se cierran bien"
    advice = 'corrija esa línea (una comilla dentro de una celda se escribe doble: "")'
    return ReadError(path.name, problem, advice, detail)


def _uneven(path: Path, line: int, cells: int, width: int, delimiter: str) -> ReadError:
    name = _NAMES.get(delimiter, f"«{delimiter}»")
    problem = (
        f"la línea {line} tiene {cells} {'celda' if cells == 1 else 'celdas'} y el encabezado "
        f"{width} (separadas por {name})"
    )
    advice = "ponga entre comillas la celda que contiene un separador o un salto de línea"
    if cells < width:
        advice += ", o use --short-rows si a la fila solo le faltan sus últimas celdas"
    else:
        advice += ", o indique otro separador con --delimiter"
    return ReadError(path.name, problem, advice)
