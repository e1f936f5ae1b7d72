"""Codings as a CSV for spreadsheets, and back.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, and so does one
that starts with an apostrophe; reading takes one away. The file is UTF-8 with a byte order mark,
which is what makes spreadsheets read the accents.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.coding import codings as coding_files
from analysis.coding.codings import cell, relocation
from analysis.coding.corpus import Corpus, add_coder
from analysis.coding.documents import Document, table_text
from analysis.files import write_whole

COLUMNS = (
    "document",
    "title",
    "city",
    "page",
    "paragraph",
    "start",
    "end",
    "text",
    "code",
    "code_name",
    "code_path",
    "coder",
    "weight",
    "memo",
    "codebook_version",
    "time",
    "guid",
    "selection",
)
_FORMULA = re.compile(r"\s*[=+\-@\t\r']")


def neutral(text: str) -> str:
    """Keep a spreadsheet from executing a cell.

    >>> neutral("=1+1"), neutral("texto"), neutral("'")
    ("'=1+1", 'texto', "''")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def plain(text: str) -> str:
    """Undo ``neutral``."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def write_csv(corpus: Corpus, path: Path, lang: str = "es") -> list[str]:
    """Write every coding with its document, place and code; returns what it does not hold."""
    rows = []
    for row in corpus.codings.to_dict("records"):
        document, code = corpus.documents.get(cell(row["document"])), cell(row["code"])
        known = code in corpus.codebook
        values = {name: cell(row[name]) for name in coding_files.COLUMNS}
        if document is not None:
            place = document.place(int(row["start"]))
            values |= {
                "title": document.title,
                "city": document.city,
                "page": cell(place.page),
                "paragraph": str(place.paragraph),
            }
        values["code_name"] = corpus.codebook[code].name(lang) if known else ""
        values["code_path"] = corpus.codebook.path(code, lang) if known else ""
        rows.append({name: neutral(value) for name, value in values.items()})
    write_whole(path, "\ufeff" + table_text(COLUMNS, rows))
    return ["Los textos completos y el libro de códigos: la tabla tiene solo las codificaciones."]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV or XLSX table that a spreadsheet saved: any usual separator and encoding."""
    if path.suffix.lower() == ".xlsx":
        from analysis.readers import read

        frame = read(path).rows
        records = frame.fillna("").to_dict("records")
        return [{str(name): plain(str(value)) for name, value in r.items()} for r in records]
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, restval="")
    return [
        {(name or "").strip(): plain(value or "") for name, value in row.items() if name}
        for row in reader
    ]


def read_csv(corpus: Corpus, path: Path) -> Counter[str]:
    """Bring in codings of a table: rows with a known GUID change, the others are new.

    A row without positions is placed where its text stands, if it stands there once.

    Parameters
    ----------
    corpus : Corpus
        Corpus that has the texts.
    path : Path
        Table with at least ``document``, ``text`` and ``code``; ``coder`` too, unless the file
        has none, in which case it is the name of the file.

    Returns
    -------
    Counter
        ``found``, ``new``, ``changed`` and ``equal`` codings.

    Raises
    ------
    ValueError
        With every row that cannot be placed; nothing is then changed.
    """
    rows = read_rows(path)
    missing = {"document", "text", "code"} - set(rows[0] if rows else {})
    if missing:
        raise ValueError(f"{path.name}: faltan las columnas {', '.join(sorted(missing))}.")
    known = {cell(row["guid"]): row for row in corpus.codings.to_dict("records")}
    titles = {document.title: document for document in corpus.documents.values()}
    made: dict[str, list[dict[str, Any]]] = {}
    wrong: list[str] = []
    for number, row in enumerate(rows, 2):
        document = corpus.documents.get(row["document"]) or titles.get(row["document"])
        try:
            coding = _coding(corpus, row, document, known)
        except ValueError as error:
            wrong.append(f"  - {path.name}, fila {number}: {error}")
            continue
        made.setdefault(coding["coder"], []).append(coding)
    if wrong:
        more = [f"  … y {len(wrong) - 50} más"] if len(wrong) > 50 else []
        raise ValueError("\n".join(["No se importó nada:", *wrong[:50], *more]))
    return upsert(corpus, made)


def upsert(corpus: Corpus, made: Mapping[str, list[dict[str, Any]]]) -> Counter[str]:
    """Save codings by coder, each replacing the one of its GUID, and count what happened."""
    counts: Counter[str] = Counter()
    for coder, rows in made.items():
        add_coder(corpus.folder, coder)

        def join(ours, rows=rows):
            kept = {cell(row["guid"]): row for row in ours.to_dict("records")}
            for row in coding_files.frame(rows).to_dict("records"):
                old = kept.get(cell(row["guid"]))
                same = old is not None and coding_files.cells(old) == coding_files.cells(row)
                counts["new" if old is None else "equal" if same else "changed"] += 1
                kept[cell(row["guid"])] = row
            return coding_files.frame(kept.values())

        coding_files.edit_codings(corpus.folder, coder, join)
        counts["found"] += len(rows)
    return counts


def _coding(
    corpus: Corpus,
    row: Mapping[str, str],
    document: Document | None,
    known: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    if document is None:
        raise ValueError(f"el documento «{row['document']}» no está en el corpus")
    code = row["code"]
    if code not in corpus.codebook:
        raise ValueError(f"«{code}» no es un código del libro")
    old = known.get(row.get("guid", ""))
    coder = row.get("coder", "") or (cell(old["coder"]) if old else "")
    if not coder:
        raise ValueError("falta quién codificó (columna coder)")
    if old is not None and cell(old["coder"]) != coder:
        raise ValueError(f"su guid es de una codificación de {cell(old['coder'])}")
    start, end = place(document, row.get("start", ""), row.get("end", ""), row["text"])
    weight = row.get("weight", "").replace(",", ".")
    same_code = old is not None and cell(old["code"]) == code
    return coding_files.new_coding(
        document,
        start,
        end,
        code,
        coder,
        cell(old["codebook_version"]) if same_code and old else corpus.codebook.version,
        weight=float(weight) if weight else None,
        memo=row.get("memo", "").replace("\r\n", "\n"),
        time=row.get("time", ""),
        guid=row.get("guid", ""),
        selection=row.get("selection", ""),
    )


def place(document: Document, start: str, end: str, text: str) -> tuple[int, int]:
    """Find the span of a quoted text: where it is said to be, else where it stands once."""
    quoted = text.replace("\r\n", "\n")
    if start.isdigit() and end.isdigit():
        span = int(start), int(end)
        if document.text[span[0] : span[1]] == quoted:
            return span
        raise ValueError(f"en {document.id} {start}-{end} no dice «{quoted[:50]}»")
    found = relocation(document.text, quoted)
    if found is None:
        times = document.text.count(quoted) if quoted else 0
        where = "no está" if not times else f"está {times} veces"
        raise ValueError(f"«{quoted[:50]}» {where} en {document.id}")
    return found
