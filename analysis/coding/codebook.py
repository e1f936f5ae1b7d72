"""The codebook of a corpus: a reviewed, hierarchical table, one file a version.

A registered version never changes, so that a coding says by its number what its code meant. A
coding is stale when the meaning of its code (definition, inclusion, exclusion, parent) differs
between the version it was made with and the present one.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path

from slugify import slugify

from analysis.coding.documents import fold, read_table, table_text
from analysis.coding.lock import locked
from analysis.datapackage import Problem
from analysis.files import write_whole

FOLDER = "codebook"
REGISTER = "versions.csv"
REGISTER_COLUMNS = ("version", "date", "sha256", "note_es", "note_en")
COLUMNS = (
    "code",
    "parent",
    "name_es",
    "name_en",
    "definition_es",
    "definition_en",
    "include_es",
    "include_en",
    "exclude_es",
    "exclude_en",
    "example_es",
    "example_en",
    "color",
    "codable",
    "section",
    "guid",
)
MEANING = ("parent", "definition_es", "include_es", "exclude_es", "codable")
_CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,79}")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_REFERENCE = re.compile(r"\(([a-z]{3,6}_[a-z_]+)\)")


@dataclass(frozen=True, kw_only=True)
class Code:
    """One code; texts by language are fields that end in ``_es`` and ``_en``.

    Parameters
    ----------
    code : str
        Identifier used in codings.
    parent : str
        Code above it; empty at the top.
    color : str
        ``#RRGGBB``; empty takes that of the parent.
    codable : bool
        False for a heading that no segment may carry.
    guid : str
        Identity in exchanges; names need not be unique, this is.
    """

    code: str
    guid: str
    parent: str = ""
    name_es: str = ""
    name_en: str = ""
    definition_es: str = ""
    definition_en: str = ""
    include_es: str = ""
    include_en: str = ""
    exclude_es: str = ""
    exclude_en: str = ""
    example_es: str = ""
    example_en: str = ""
    color: str = ""
    codable: bool = True
    section: str = ""

    def name(self, lang: str) -> str:
        """Name of the code in a language, else in the other."""
        names = (self.name_es, self.name_en)
        return next(filter(None, names if lang == "es" else reversed(names)), self.code)


class Codebook:
    """The codes of one version, in order.

    Parameters
    ----------
    codes : iterable of Code
        In the order of the table.
    version : str
        Number of the version; empty before it is registered.
    """

    def __init__(self, codes: Iterable[Code], version: str = "") -> None:
        self.codes = {code.code: code for code in codes}
        self.version = version
        self._children: dict[str, list[str]] = {}
        for code in self.codes.values():
            parent = code.parent if code.parent in self.codes else ""
            self._children.setdefault(parent, []).append(code.code)

    def __iter__(self):
        """Iterate over the codes."""
        return iter(self.codes.values())

    def __len__(self) -> int:
        """Count the codes."""
        return len(self.codes)

    def __contains__(self, code: object) -> bool:
        """Say whether a code exists."""
        return code in self.codes

    def __getitem__(self, code: str) -> Code:
        """Return a code."""
        return self.codes[code]

    def children(self, code: str = "") -> tuple[str, ...]:
        """List the codes right below one, or those at the top."""
        return tuple(self._children.get(code, ()))

    def ancestors(self, code: str) -> tuple[str, ...]:
        """List the codes above one, nearest first."""
        found: list[str] = []
        parent = self.codes[code].parent
        while parent in self.codes and parent not in found:
            found.append(parent)
            parent = self.codes[parent].parent
        return tuple(found)

    def descendants(self, code: str) -> tuple[str, ...]:
        """List the codes below one at any depth, in order."""
        found: list[str] = []
        pending = list(reversed(self.children(code)))
        while pending:
            below = pending.pop()
            found.append(below)
            pending += reversed(self.children(below))
        return tuple(found)

    def family(self, code: str) -> str:
        """Return the code at the top of the branch of one."""
        return (code, *self.ancestors(code))[-1]

    def path(self, code: str, lang: str = "es") -> str:
        """Write a code with those above it, e.g. «Riesgo > Recorte»."""
        names = [self.codes[part].name(lang) for part in (code, *self.ancestors(code))]
        return " › ".join(reversed(names))

    def color(self, code: str) -> str:
        """Colour of a code, its own or the nearest above; grey without any."""
        colors = (self.codes[part].color for part in (code, *self.ancestors(code)))
        return next(filter(None, colors), "#808080")

    def search(self, words: str, lang: str = "es") -> list[str]:
        """Find codes whose id, name or definition has every word, without accents or case."""
        wanted = fold(words).split()

        def text(code: Code) -> str:
            parts = (code.code, code.name(lang), code.definition_es, code.definition_en)
            return fold(" ".join(parts))

        return [code.code for code in self if all(word in text(code) for word in wanted)]


def code_id(name: str, taken: Iterable[str] = ()) -> str:
    """Make an identifier out of a name, different from those taken."""
    used = set(taken)
    base = slugify(name, separator="_", max_length=60) or "codigo"
    code, number = base, 2
    while code in used:
        code, number = f"{base}_{number}", number + 1
    return code


def check_codebook(rows: Iterable[Mapping[str, str]], file: str) -> list[Problem]:
    """Find everything that is wrong in a codebook table.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of the table, cells as text.
    file : str
        Name of the file, for the messages.

    Returns
    -------
    list of Problem
        Missing or repeated codes, parents that do not exist or go in circles, codes without name
        or definition, colours, references to other codes in the notes of exclusion.
    """
    rows = list(rows)
    found: list[Problem] = []
    codes = {row.get("code", "") for row in rows}
    parents: dict[str, str] = {}
    for row in rows:
        parents.setdefault(row.get("code", ""), row.get("parent", ""))
    seen: dict[tuple[str, str], int] = {}

    def wrong(number: int, column: str, row: Mapping[str, str], expected: str) -> None:
        found.append(Problem(file, number, column, row.get(column, ""), expected))

    for number, row in enumerate(rows, 2):
        code = row.get("code", "")
        if not _CODE.fullmatch(code):
            wrong(number, "code", row, "debe tener minúsculas sin tilde, cifras o «_»")
        for column in ("code", "guid"):
            first = seen.setdefault((column, row.get(column, "")), number)
            if first != number:
                wrong(number, column, row, f"ya está en la fila {first} y debe ser único")
        if not (row.get("name_es", "").strip() or row.get("name_en", "").strip()):
            wrong(number, "name_es", row, "el código necesita un nombre")
        if row.get("parent") and row["parent"] not in codes:
            near = get_close_matches(row["parent"], codes, 1)
            hint = f"; ¿quiso decir «{near[0]}»?" if near else ""
            wrong(number, "parent", row, f"no es un código de la tabla{hint}")
        elif _circular(code, parents):
            wrong(number, "parent", row, "un código no puede estar debajo de sí mismo")
        if row.get("color") and not _COLOR.fullmatch(row["color"]):
            wrong(number, "color", row, "debe tener la forma #RRGGBB")
        if row.get("codable", "true") not in ("true", "false"):
            wrong(number, "codable", row, "se admite: true, false")
        if not _guid(row.get("guid", "")):
            wrong(number, "guid", row, "debe ser un GUID; déjelo vacío y se pone al registrarla")
        for column in ("include_es", "exclude_es"):
            for other in _REFERENCE.findall(row.get(column, "")):
                if other not in codes:
                    wrong(number, column, row, f"remite a «{other}», que no es un código")
    return found


def _circular(code: str, parents: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    parent = parents.get(code, "")
    while parent and parent not in seen:
        if parent == code:
            return True
        seen.add(parent)
        parent = parents.get(parent, "")
    return False


def _guid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def read_codebook(path: Path, version: str = "") -> tuple[Codebook, list[Problem]]:
    """Read one table of codes with everything that is wrong in it."""
    header, rows = read_table(path)
    missing = [column for column in ("code", "name_es") if column not in header]
    if missing:
        expected = f"faltan las columnas: {', '.join(missing)}"
        return Codebook((), version), [Problem(path.name, 1, "", "", expected)]
    problems = check_codebook(rows, path.name)
    names = {field.name for field in fields(Code)}
    codes = []
    for row in rows:
        values = {name: value for name, value in row.items() if name in names}
        values["codable"] = row.get("codable", "true") != "false"  # type: ignore[assignment]
        codes.append(Code(**{"guid": "", **values}))
    return Codebook(codes, version), problems


def read_new(path: Path) -> list[Code]:
    """Read a table of codes that somebody edited; codes without GUID get one.

    Raises
    ------
    ValueError
        With everything that is wrong in the table, by row.
    """
    header, rows = read_table(path)
    if "code" not in header:
        raise ValueError(f"{path.name}: falta la columna code.")
    for row in rows:
        row["guid"] = row.get("guid", "") or str(uuid.uuid4())
    problems = check_codebook(rows, path.name)
    if problems:
        lines = "\n".join(f"  - {problem}" for problem in problems)
        raise ValueError(f"El libro de códigos tiene errores y no se registró:\n{lines}")
    names = {field.name for field in fields(Code)}
    return [
        Code(
            **{name: value for name, value in row.items() if name in names and name != "codable"},
            codable=row.get("codable", "true") != "false",
        )
        for row in rows
    ]


def versions(folder: Path) -> list[dict[str, str]]:
    """List the registered versions of a corpus, oldest first."""
    path = folder / FOLDER / REGISTER
    return read_table(path)[1] if path.is_file() else []


def load_codebook(folder: Path, version: str | None = None) -> tuple[Codebook, list[Problem]]:
    """Read a version of the codebook of a corpus, the last one unless named."""
    registered = versions(folder)
    if not registered:
        return Codebook(()), []
    chosen = version or registered[-1]["version"]
    row = next((row for row in registered if row["version"] == chosen), None)
    if row is None:
        known = ", ".join(row["version"] for row in registered)
        raise ValueError(f"El libro de códigos no tiene la versión {chosen}; tiene: {known}.")
    path = folder / FOLDER / f"{chosen}.csv"
    place = f"{FOLDER}/{path.name}"
    if not path.is_file():
        return Codebook((), chosen), [Problem(place, None, "", "", "falta la versión")]
    codebook, problems = read_codebook(path, chosen)
    if sha256(path.read_bytes()).hexdigest() != row["sha256"]:
        expected = (
            "la versión cambió después de registrarse; recupérela y registre el cambio como "
            "versión nueva con: cuadernos coding codebook ARCHIVO --corpus ID"
        )
        problems = [Problem(place, None, "", "", expected), *problems]
    return codebook, problems


def save_codebook(
    folder: Path, codes: Iterable[Code], note_es: str, note_en: str, *, date: str = ""
) -> str:
    """Register codes as the next version of the codebook of a corpus.

    Returns
    -------
    str
        Number of the version; that of the present one when the codes are the same.

    Raises
    ------
    ValueError
        With everything that is wrong in the codes.
    """
    with locked(folder):
        return _register(folder, [_row(code) for code in codes], note_es, note_en, date)


def _register(
    folder: Path, rows: list[dict[str, str]], note_es: str, note_en: str, date: str
) -> str:
    text = table_text(COLUMNS, rows)
    digest = sha256(text.encode("utf-8")).hexdigest()
    registered = versions(folder)
    if registered and registered[-1]["sha256"] == digest:
        return registered[-1]["version"]
    version = str(1 + max((int(row["version"]) for row in registered), default=0))
    problems = check_codebook(rows, f"{version}.csv")
    if problems:
        lines = "\n".join(f"  - {problem}" for problem in problems)
        raise ValueError(f"El libro de códigos tiene errores:\n{lines}")
    write_whole(folder / FOLDER / f"{version}.csv", text)
    row = {
        "version": version,
        "date": date or dt.datetime.now(dt.UTC).date().isoformat(),
        "sha256": digest,
        "note_es": note_es,
        "note_en": note_en,
    }
    register = table_text(REGISTER_COLUMNS, [*registered, row])
    write_whole(folder / FOLDER / REGISTER, register)
    return version


def _row(code: Code) -> dict[str, str]:
    row = {name: str(getattr(code, name)) for name in COLUMNS}
    row["codable"] = "true" if code.codable else "false"
    row["guid"] = code.guid or str(uuid.uuid4())
    return row


def changed_meaning(before: Codebook, after: Codebook) -> dict[str, tuple[str, ...]]:
    """Say which codes mean something else in a later version.

    Returns
    -------
    dict of str to tuple of str
        By code of the former version, the columns that changed; ``("code",)`` when it is gone.
    """
    changes: dict[str, tuple[str, ...]] = {}
    for code in before:
        if code.code not in after:
            changes[code.code] = ("code",)
            continue
        other = after[code.code]
        differing = [c for c in MEANING if getattr(code, c) != getattr(other, c)]
        if differing:
            changes[code.code] = tuple(differing)
    return changes
