"""The documents of a corpus: canonical text, seal of the original, origin and consent."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from slugify import slugify

from analysis import datapackage
from analysis.coding.seal import seal
from analysis.coding.text import canonical
from analysis.datapackage import Problem
from analysis.files import write_whole

TABLE = "documents.csv"
SOURCES = "sources"
TEXTS = "texts"
CONSENTS = ("not_needed", "quote", "analyse")
COLUMNS = (
    "id",
    "title",
    "file",
    "format",
    "sha256",
    "text_sha256",
    "characters",
    "page_starts",
    "origin",
    "section",
    "language",
    "city",
    "consent",
    "wave",
    "item",
    "respondent",
    "guid",
)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_BLANK_LINES = re.compile(r"\n+")


@dataclass(frozen=True)
class Place:
    """Where a position is, as a reader finds it; both count from 1.

    Parameters
    ----------
    paragraph : int
        Number of the paragraph: lines that are not blank, counted from the start.
    page : int or None
        Page of the original; None where the original has no pages.
    """

    paragraph: int
    page: int | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document of a corpus.

    Parameters
    ----------
    id : str
        Name in the corpus: letters, digits, ``_``, ``-`` and ``.``.
    title : str
        Title shown.
    text : str
        Canonical text (NFC, LF); every position counts its code points.
    origin : str
        Where it comes from, in words.
    section : str
        Section of the source, empty where it has none.
    language, city : str
        Language of the text and id of the city; empty when unknown or not of one city.
    consent : str
        ``not_needed`` (own or published text), ``quote`` (may be quoted) or ``analyse`` (may be
        coded and counted, never quoted).
    file, format : str
        Original file in ``sources/`` and its format; empty for an answer of a wave.
    sha256 : str
        Seal of the original, in hexadecimal; of the text where there is no file.
    page_starts : tuple of int
        Position at which each page of the original starts; empty when it has no pages.
    wave, item, respondent : str
        Origin of an open answer; empty for other documents.
    guid : str
        Identity of the document in exchanges; never changes.
    variables : mapping of str to str
        Further columns of ``documents.csv``, e.g. ``scale``.
    """

    id: str
    title: str
    text: str
    origin: str
    guid: str
    section: str = ""
    language: str = ""
    city: str = ""
    consent: str = "analyse"
    file: str = ""
    format: str = "txt"
    sha256: str = ""
    page_starts: tuple[int, ...] = ()
    wave: str = ""
    item: str = ""
    respondent: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def quotable(self) -> bool:
        """Whether passages of it may be shown."""
        return self.consent in ("not_needed", "quote")

    def place(self, position: int) -> Place:
        """Say in which paragraph (and page) a position is.

        >>> text = "Uno.\\n\\nDos."
        >>> Document(id="d", title="", text=text, origin="", guid="").place(6)
        Place(paragraph=2, page=None)
        """
        before = self.text[:position].lstrip("\n")
        paragraph = 1 + len(_BLANK_LINES.findall(before))
        page = bisect_right(self.page_starts, position) if self.page_starts else None
        return Place(paragraph, page)


def document_id(title: str, taken: Iterable[str] = ()) -> str:
    """Make an id out of a title or file name, different from those taken."""
    used = {name.casefold() for name in taken}
    base = slugify(title, max_length=60) or "documento"
    name, number = base, 2
    while name.casefold() in used:
        name, number = f"{base}-{number}", number + 1
    return name


def load_documents(folder: Path) -> tuple[dict[str, Document], list[Problem]]:
    """Read the documents of a corpus.

    Parameters
    ----------
    folder : Path
        Folder of the corpus.

    Returns
    -------
    documents : dict of str to Document
        Those that can be read, by id and in the order of the table.
    problems : list of Problem
        Everything wrong with the table, the seals and the texts.
    """
    path = folder / TABLE
    if not path.is_file():
        return {}, [Problem(TABLE, None, "", "", "falta la tabla de documentos")]
    header, rows = read_table(path)
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        expected = f"faltan las columnas: {', '.join(missing)}"
        return {}, [Problem(TABLE, 1, "", "", expected)]
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 2):
        wrong = _row_problems(folder, number, row)
        name = row["id"].casefold()
        if name in seen:
            expected = f"ya está en la fila {seen[name]} y debe ser único"
            wrong.append(Problem(TABLE, number, "id", row["id"], expected))
        seen.setdefault(name, number)
        if not any(problem.column == "id" for problem in wrong):
            document, found = _document(folder, number, row)
            wrong += found
            if document:
                documents[document.id] = document
        problems += wrong
    return documents, problems


def _row_problems(folder: Path, number: int, row: Mapping[str, str]) -> list[Problem]:
    def wrong(column: str, expected: str) -> Problem:
        return Problem(TABLE, number, column, row[column], expected)

    found = []
    if not _ID.fullmatch(row["id"]):
        found.append(wrong("id", "debe tener letras sin tilde, cifras, «_», «-» o «.»"))
    if row["consent"] not in CONSENTS:
        found.append(wrong("consent", f"se admite: {', '.join(CONSENTS)}"))
    for column in ("title", "origin", "guid"):
        if not row[column].strip():
            found.append(wrong(column, "el valor es obligatorio"))
    if row["file"]:
        source = folder / SOURCES / row["file"]
        if Path(row["file"]).name != row["file"]:
            found.append(wrong("file", f"debe ser el nombre de un archivo de {SOURCES}/"))
        elif not source.is_file():
            found.append(wrong("file", f"falta el archivo en {SOURCES}/"))
        elif datapackage.sha256(source) != row["sha256"]:
            found.append(wrong("file", "el original cambió desde que se agregó (otro sha256)"))
    return found


def _document(
    folder: Path, number: int, row: Mapping[str, str]
) -> tuple[Document | None, list[Problem]]:
    path = folder / TEXTS / f"{row['id']}.txt"
    place = f"{TEXTS}/{row['id']}.txt"
    if not path.is_file():
        return None, [Problem(place, None, "", "", "falta el texto del documento")]
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None, [Problem(place, None, "", "", "no está en UTF-8")]
    problems = []
    if sha256(data).hexdigest() != row["text_sha256"]:
        expected = "el texto cambió desde que se agregó; sus codificaciones pueden haberse corrido"
        problems.append(Problem(place, None, "", "", expected))
    if text != canonical(text):
        problems.append(Problem(place, None, "", "", "debe estar en NFC y con líneas LF"))
    if row["characters"] != str(len(text)):
        expected = f"el texto tiene {len(text)} caracteres"
        problems.append(Problem(TABLE, number, "characters", row["characters"], expected))
    try:
        starts = tuple(int(start) for start in row["page_starts"].split())
    except ValueError:
        starts = ()
        expected = "deben ser posiciones separadas por espacios"
        problems.append(Problem(TABLE, number, "page_starts", row["page_starts"], expected))
    kept = ("id", "title", "origin", "guid", "section", "language", "city", "consent")
    kept += ("file", "format", "sha256", "wave", "item", "respondent")
    document = Document(
        **{column: row[column] for column in kept},
        text=text,
        page_starts=starts,
        variables={name: value for name, value in row.items() if name not in COLUMNS},
    )
    return document, problems


def save_documents(folder: Path, documents: Iterable[Document]) -> None:
    """Write texts and table of documents; originals are copied by who adds them."""
    documents = list(documents)
    for document in documents:
        if document.text != canonical(document.text):
            raise ValueError(f"El texto de {document.id} no está en su forma canónica (NFC, LF).")
        path = folder / TEXTS / f"{document.id}.txt"
        data = document.text.encode("utf-8")
        if not path.is_file() or path.read_bytes() != data:
            write_whole(path, data)
    extra = list(dict.fromkeys(name for document in documents for name in document.variables))
    rows = [_row(document) for document in documents]
    write_whole(folder / TABLE, table_text([*COLUMNS, *extra], rows))
    seal(folder, TABLE)


def _row(document: Document) -> dict[str, str]:
    digest = sha256(document.text.encode("utf-8")).hexdigest()
    return {
        **{name: getattr(document, name) for name in COLUMNS if hasattr(document, name)},
        "sha256": document.sha256 or digest,
        "text_sha256": digest,
        "characters": str(len(document.text)),
        "page_starts": " ".join(map(str, document.page_starts)),
        **document.variables,
    }


def read_table(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Read a CSV table as text, short rows filled with empty cells."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(
            f"{path.name} no está en UTF-8: guárdelo desde la hoja de cálculo como «CSV UTF-8»."
        ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    rows = [{k: v for k, v in row.items() if k is not None} for row in reader]
    return list(reader.fieldnames or []), rows


def table_text(columns: Iterable[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows as CSV text."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(
        stream, list(columns), lineterminator="\n", extrasaction="ignore", restval=""
    )
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def fold(text: str) -> str:
    """Return a text without case or accents, to compare names."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
