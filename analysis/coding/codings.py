"""The codings of a corpus: tidy rows, one file a coder, each checked against its quoted text."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.coding.codebook import Codebook, changed_meaning
from analysis.coding.documents import Document, read_table, table_text
from analysis.coding.lock import locked
from analysis.files import write_whole

FOLDER = "codings"
COLUMNS = (
    "document",
    "start",
    "end",
    "text",
    "code",
    "coder",
    "weight",
    "memo",
    "codebook_version",
    "time",
    "guid",
    "selection",
)
_TYPES = dict.fromkeys(COLUMNS, "string") | {
    "start": "Int64",
    "end": "Int64",
    "weight": "Float64",
}
_CODER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True)
class CodingProblem:
    """One coding that is not what it says.

    Parameters
    ----------
    kind : str
        ``document``, ``code``, ``span``, ``text``, ``guid`` or ``coder``.
    coder, guid, document, code : str
        Which coding.
    start, end : int
        Its span, in code points.
    expected, found : str
        Text that it quotes and what stands at its span now.
    relocation : tuple of int or None
        Span where the quoted text stands once and only once in the document; an offer.
    """

    kind: str
    coder: str
    guid: str
    document: str
    code: str
    start: int
    end: int
    expected: str = ""
    found: str = ""
    relocation: tuple[int, int] | None = None

    def __str__(self) -> str:
        """Write the problem in one line."""
        place = f"{FOLDER}/{self.coder}.csv, {self.document} {self.start}-{self.end}, {self.code}"
        match self.kind:
            case "document":
                what = "el documento no está en el corpus"
            case "code":
                what = "el código no está en el libro de códigos de su versión"
            case "span":
                what = "el fragmento no cabe en el documento o está vacío"
            case "guid":
                what = f"el identificador {self.guid} está repetido"
            case "coder":
                what = "la fila dice otra persona que el nombre del archivo"
            case _:
                what = f"cita «{_short(self.expected)}» y ahí dice «{_short(self.found)}»"
        if self.relocation:
            first, last = self.relocation
            what += f"; el texto citado está una sola vez, en {first}-{last}"
        return f"{place}: {what}"


def _short(text: str, size: int = 60) -> str:
    text = text.replace("\n", "⏎")
    return text if len(text) <= size else text[: size - 1] + "…"


def empty() -> pd.DataFrame:
    """Return a frame of codings without rows."""
    return frame([])


def frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Type rows of codings.

    Returns
    -------
    DataFrame
        The columns of ``COLUMNS``; positions ``Int64`` in code points, ``weight`` ``Float64``, the
        rest ``string``; an empty cell is ``pd.NA``.
    """
    columns: dict[str, list[Any]] = {column: [] for column in COLUMNS}
    for row in rows:
        for column in COLUMNS:
            value = row.get(column)
            columns[column].append(pd.NA if value is None or value == "" else value)
    made = pd.DataFrame({column: pd.array(columns[column], dtype="object") for column in COLUMNS})
    for column in ("start", "end", "weight"):
        made[column] = pd.to_numeric(made[column], errors="coerce")
    return made.astype(_TYPES)


def new_coding(
    document: Document,
    start: int,
    end: int,
    code: str,
    coder: str,
    codebook_version: str,
    *,
    weight: float | None = None,
    memo: str = "",
    time: str = "",
    guid: str = "",
    selection: str = "",
) -> dict[str, Any]:
    """Make one coding of ``document.text[start:end]``, quoting it.

    Raises
    ------
    ValueError
        When the span is empty or does not lie in the document.
    """
    if not 0 <= start < end <= len(document.text):
        raise ValueError(
            f"El fragmento {start}-{end} no cabe en {document.id}, "
            f"que tiene {len(document.text)} caracteres."
        )
    check_coder(coder)
    return {
        "document": document.id,
        "start": start,
        "end": end,
        "text": document.text[start:end],
        "code": code,
        "coder": coder,
        "weight": weight,
        "memo": memo,
        "codebook_version": codebook_version,
        "time": time or now(),
        "guid": guid or str(uuid.uuid4()),
        "selection": selection,
    }


def now() -> str:
    """Return the present moment as written in codings: ISO 8601, UTC, seconds."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_coder(coder: str) -> None:
    """Refuse an id of a coder that cannot name a file."""
    if not _CODER.fullmatch(coder):
        raise ValueError(
            f"«{coder}» no sirve como identificador de quien codifica: use minúsculas sin tilde, "
            "cifras, «_» o «-», 40 como mucho."
        )


def coders(folder: Path) -> list[str]:
    """List who has codings in a corpus, in order."""
    return sorted(path.stem for path in (folder / FOLDER).glob("*.csv"))


def load_codings(folder: Path, coder: str | None = None) -> pd.DataFrame:
    """Read the codings of a corpus, of one coder or of all.

    Returns
    -------
    DataFrame
        As ``frame`` types it; a coder without file has no rows.
    """
    names = coders(folder) if coder is None else [coder]
    rows: list[dict[str, str]] = []
    for name in names:
        check_coder(name)
        path = folder / FOLDER / f"{name}.csv"
        if path.is_file():
            rows += read_coder(path)
    return frame(rows)


def read_coder(path: Path) -> list[dict[str, str]]:
    """Read the rows of one file of codings, with its columns and numbers checked."""
    header, rows = read_table(path)
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise ValueError(f"{FOLDER}/{path.name}: faltan las columnas {', '.join(missing)}.")
    for number, row in enumerate(rows, 2):
        for column, kind in (("start", int), ("end", int), ("weight", float)):
            try:
                kind(row[column] or 0)
            except ValueError:
                raise ValueError(
                    f"{FOLDER}/{path.name}, fila {number}, columna {column}: "
                    f"«{row[column]}» no es un número."
                ) from None
    return rows


def save_codings(folder: Path, coder: str, codings: pd.DataFrame) -> None:
    """Replace the file of one coder, whole or not at all.

    Raises
    ------
    ValueError
        When a row is of another coder, or another process keeps the file busy.
    """
    check_coder(coder)
    with locked(folder):
        _write(folder, coder, codings)


def edit_codings(
    folder: Path, coder: str, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """Change the file of one coder without losing what another window has just saved.

    Parameters
    ----------
    folder : Path
        Folder of the corpus.
    coder : str
        Whose file.
    change : callable
        Gets the codings as they are in the file now and returns them changed.

    Returns
    -------
    DataFrame
        What was saved.
    """
    check_coder(coder)
    with locked(folder):
        changed = change(load_codings(folder, coder))
        return _write(folder, coder, changed)


def _write(folder: Path, coder: str, codings: pd.DataFrame) -> pd.DataFrame:
    others = set(codings["coder"].dropna()) - {coder}
    if others:
        raise ValueError(
            f"En el archivo de {coder} no se guardan codificaciones de {', '.join(sorted(others))}."
        )
    ordered = codings.sort_values(
        ["document", "start", "end", "code", "guid"], kind="stable", ignore_index=True
    )
    text = table_text(COLUMNS, (cells(row) for row in ordered.to_dict("records")))
    write_whole(folder / FOLDER / f"{coder}.csv", text)
    return ordered


def cell(value: object) -> str:
    """Write one value of a coding as text; a missing one is empty.

    >>> cell(pd.NA), cell(None), cell(0.5), cell("a")
    ('', '', '0.5', 'a')
    """
    if value is pd.NA or value is None or value != value:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def cells(row: Mapping[str, Any]) -> dict[str, str]:
    """Write one coding as text, by column."""
    return {column: cell(row[column]) for column in COLUMNS}


def check_codings(
    codings: pd.DataFrame,
    documents: Mapping[str, Document],
    codebooks: Mapping[str, Codebook],
) -> list[CodingProblem]:
    """Check every coding against the text and the codebook.

    Parameters
    ----------
    codings : DataFrame
        As ``load_codings`` returns it.
    documents : mapping of str to Document
        Documents by id.
    codebooks : mapping of str to Codebook
        Codebooks by version.

    Returns
    -------
    list of CodingProblem
        All that is wrong; empty when nothing is. A quoted text that stands elsewhere only once
        carries its new span as an offer.
    """
    found: list[CodingProblem] = []
    seen: set[str] = set()
    for row in codings.to_dict("records"):
        start = -1 if row["start"] is pd.NA else int(row["start"])
        end = -1 if row["end"] is pd.NA else int(row["end"])
        values = {name: cell(row[name]) for name in ("coder", "guid", "document", "code")}
        expected = cell(row["text"])

        def wrong(kind: str, here=(values, start, end, expected), **more: Any) -> None:
            known, first, last, quoted = here
            found.append(
                CodingProblem(kind=kind, start=first, end=last, expected=quoted, **known, **more)
            )

        if not values["guid"] or values["guid"] in seen:
            wrong("guid")
        seen.add(values["guid"])
        codebook = codebooks.get(cell(row["codebook_version"]))
        if codebook is None or values["code"] not in codebook:
            wrong("code")
        document = documents.get(values["document"])
        if document is None:
            wrong("document")
            continue
        inside = 0 <= start < end <= len(document.text)
        now_there = document.text[start:end] if inside else ""
        if not inside or now_there != expected:
            again = relocation(document.text, expected)
            wrong("text" if inside else "span", found=now_there, relocation=again)
    return found


def relocation(text: str, quoted: str) -> tuple[int, int] | None:
    """Find where a quoted text stands, if it stands exactly once.

    >>> relocation("uno dos uno", "dos")
    (4, 7)
    >>> relocation("uno dos uno", "uno") is None
    True
    """
    if not quoted:
        return None
    first = text.find(quoted)
    if first < 0 or text.find(quoted, first + 1) >= 0:
        return None
    return first, first + len(quoted)


def relocate(codings: pd.DataFrame, problems: Iterable[CodingProblem]) -> pd.DataFrame:
    """Move the codings whose quoted text stands once elsewhere; the others stay as they are."""
    moved = codings.copy()
    for problem in problems:
        if problem.relocation:
            rows = moved["guid"] == problem.guid
            moved.loc[rows, ["start", "end"]] = problem.relocation
    return moved


def stale(
    codings: pd.DataFrame, codebooks: Mapping[str, Codebook], present: Codebook
) -> pd.DataFrame:
    """Find the codings whose code has come to mean something else.

    Returns
    -------
    DataFrame
        Rows of ``codings`` with a column ``changed``: what changed in the code, separated by «;»
        (``code`` when it is gone).
    """
    changes = {
        version: changed_meaning(codebook, present)
        for version, codebook in codebooks.items()
        if version != present.version
    }
    changed = [
        ";".join(changes.get(str(version), {}).get(str(code), ()))
        for version, code in zip(codings["codebook_version"], codings["code"], strict=True)
    ]
    marked = codings.assign(changed=pd.array(changed, dtype="string"))
    return marked[marked["changed"] != ""]
