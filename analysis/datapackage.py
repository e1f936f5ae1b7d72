"""Sealed tables: a Frictionless Data Package checked once, with every error in one report.

A package is a folder with ``datapackage.json``, which describes each table (fields with type,
unit, description and constraints, foreign keys) and seals it with its sha256.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

DESCRIPTOR = "datapackage.json"
_TYPES = {"integer": "Int64", "boolean": "boolean", "number": "Float64", "string": "string"}


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a table.

    Parameters
    ----------
    file : str
        File, relative to the package.
    row : int or None
        Line of the file, the header being line 1; None when the whole file is meant.
    column : str
        Column, empty when the whole row or file is meant.
    value : str
        Value found.
    expected : str
        What is allowed, in Spanish.
    """

    file: str
    row: int | None
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        """Write the problem in one line."""
        place = self.file
        if self.row is not None:
            place += f", fila {self.row}"
        if self.column:
            place += f", columna {self.column}"
        found = f": se encontró «{self.value}»" if self.value else ""
        return f"{place}{found}; {self.expected}"


class DataPackageError(ValueError):
    """The tables are not what the package says; carries every problem found."""

    def __init__(self, folder: Path, problems: list[Problem]) -> None:
        self.folder = folder
        self.problems = problems
        lines = "\n".join(f"  - {problem}" for problem in problems)
        number = f"{len(problems)} problema" + ("s" if len(problems) != 1 else "")
        super().__init__(
            f"{number} en {folder.name}/:\n{lines}\n"
            "Corrija cada archivo (o recupérelo con git). Si el cambio es correcto y quiere "
            "conservarlo, vuelva a sellar las tablas con: cuadernos data seal"
        )


def read_descriptor(folder: Path) -> dict[str, Any]:
    """Read ``datapackage.json``; a broken file is a ``DataPackageError``."""
    path = folder / DESCRIPTOR
    try:
        descriptor = json.loads(path.read_text("utf-8"))
        if isinstance(descriptor, dict) and isinstance(descriptor.get("resources"), list):
            return descriptor
        problem = Problem(DESCRIPTOR, None, "", "", "no describe ninguna tabla (resources)")
    except FileNotFoundError:
        problem = Problem(DESCRIPTOR, None, "", "", "falta el archivo que describe las tablas")
    except UnicodeDecodeError:
        problem = Problem(DESCRIPTOR, None, "", "", "no está en UTF-8")
    except json.JSONDecodeError as error:
        problem = Problem(DESCRIPTOR, error.lineno, "", "", f"no es JSON válido ({error.msg})")
    raise DataPackageError(folder, [problem])


def validate(folder: Path) -> list[Problem]:
    """Check every table of a package: seal, header, types, constraints, keys.

    Parameters
    ----------
    folder : Path
        Folder of the package.

    Returns
    -------
    list of Problem
        All that is wrong, by file and line; empty when nothing is.
    """
    from frictionless import Package  # here because it costs 0.2 s and is needed once

    descriptor = read_descriptor(folder)
    problems = _file_problems(folder, descriptor)
    broken = {problem.file for problem in problems if problem.row is None}
    missing = {r["path"] for r in descriptor["resources"] if not (folder / r["path"]).is_file()}
    gone = {r["name"] for r in descriptor["resources"] if r["path"] in missing}
    descriptor["resources"] = [r for r in descriptor["resources"] if r["name"] not in gone]
    for resource in descriptor["resources"]:  # what is left is still checked in full
        keys_to = resource["schema"].get("foreignKeys", [])
        resource["schema"]["foreignKeys"] = [
            key for key in keys_to if key["reference"]["resource"] not in gone
        ]
    descriptions = {
        (r["name"], f["name"]): f for r in descriptor["resources"] for f in r["schema"]["fields"]
    }
    report = Package.from_descriptor(descriptor, basepath=str(folder)).validate(limit_errors=10_000)
    paths = {r["name"]: r["path"] for r in descriptor["resources"]}
    keys = {r["name"]: r["schema"].get("primaryKey", []) for r in descriptor["resources"]}
    for task in report.tasks:
        short: set[int] = set()  # rows with fewer cells than columns
        ordered = sorted(task.errors, key=lambda error: error.type != "missing-cell")
        for error in ordered:
            if error.type in ("hash-count", "byte-count") and paths[task.name] in broken:
                continue  # said already, more clearly
            if error.type == "primary-key" and len(keys[task.name]) == 1:
                continue  # its field is unique as well, and says it better
            field = descriptions.get((task.name, getattr(error, "field_name", "")), {})
            if error.type == "missing-cell" and error.row_number in short:
                continue  # said once for the row
            if error.type == "missing-cell":
                short.add(error.row_number)
            elif getattr(error, "row_number", None) in short:
                continue  # a short row breaks everything after it
            problems.append(_problem(paths[task.name], error.to_descriptor(), field))
    for error in report.errors:
        problems.append(Problem(DESCRIPTOR, None, "", "", error.message))
    return sorted(set(problems), key=lambda p: (p.file, p.row or 0, p.column, p.expected))


def _file_problems(folder: Path, descriptor: Mapping[str, Any]) -> list[Problem]:
    found = []
    for resource in descriptor["resources"]:
        path = folder / resource["path"]
        if not path.is_file():
            found.append(Problem(resource["path"], None, "", "", "falta el archivo"))
        elif sha256(path) != str(resource.get("hash", "")).removeprefix("sha256:"):
            expected = "el archivo cambió desde que se selló (su sha256 no es el del paquete)"
            found.append(Problem(resource["path"], None, "", "", expected))
    return found


def _problem(path: str, error: Mapping[str, Any], field: Mapping[str, Any]) -> Problem:
    """Say a frictionless error in Spanish."""
    row, cell = error.get("rowNumber"), error.get("cell")
    missing = error["type"] == "missing-cell" or cell is None
    value = "" if missing else str(cell)
    column = error.get("fieldName") or ", ".join(error.get("fieldNames", []))
    constraints = field.get("constraints", {})
    match error["type"]:
        case "constraint-error":
            kind = error["note"].split('"')[1]
            limit = constraints.get(kind)
            expected = {
                "enum": lambda: "se admite: " + ", ".join(map(str, limit)),
                "required": lambda: "el valor es obligatorio",
                "minimum": lambda: f"el mínimo es {limit}",
                "maximum": lambda: f"el máximo es {limit}",
                "pattern": lambda: f"debe tener la forma {limit}",
            }.get(kind, lambda: f"no cumple {kind} = {limit}")()
        case "type-error":
            kinds = {
                "integer": "un número entero",
                "boolean": "true o false",
                "number": "un número",
            }
            expected = "debe ser " + kinds.get(field.get("type", ""), field.get("type", ""))
        case "unique-error":
            expected = "el valor ya está en otra fila y debe ser único"
        case "foreign-key":
            value = ", ".join(map(str, error["fieldCells"]))
            expected = (
                f"no existe en la tabla {error['referenceName'] or 'propia'}"
                f" ({', '.join(error['referenceFieldNames'])})"
            )
        case "primary-key":
            row = error.get("rowNumber")
            expected = "la combinación de claves ya está en otra fila y debe ser única"
        case "source-error":
            expected = "el archivo está vacío o no se puede leer"
        case "extra-cell":
            expected = "sobra un valor: la fila tiene más celdas que columnas"
        case "missing-cell":
            column = ""
            expected = "falta un valor: la fila tiene menos celdas que columnas"
        case "blank-row":
            expected = "la fila está vacía; bórrela"
        case "incorrect-label" | "missing-label" | "extra-label" | "duplicate-label":
            value, row = str(error.get("label") or ""), 1
            expected = (
                f"la columna debe llamarse {column}"
                if column
                else "la columna no está en el paquete"
            )
        case "encoding-error":
            expected = "el archivo no está en UTF-8"
        case _:
            expected = f"{error['title']}: {error.get('note') or error['message']}"
    return Problem(path, row, column, value, expected)


def load(folder: Path, cache: Path | None = None) -> dict[str, pd.DataFrame]:
    """Read every table of a package, typed by its schema.

    The package is validated once: the typed tables are kept as Parquet in ``cache``, under a key
    made of the descriptor (which seals every file), and read from there while nothing changes.

    Parameters
    ----------
    folder : Path
        Folder of the package.
    cache : Path, optional
        Folder of generated files; None reads and validates each time.

    Returns
    -------
    dict of str to DataFrame
        By table name. Text columns are ``string``; an empty cell is ``pd.NA``.

    Raises
    ------
    DataPackageError
        When anything differs from what the package says.
    """
    descriptor = read_descriptor(folder)
    problems = _file_problems(folder, descriptor)
    names = [resource["name"] for resource in descriptor["resources"]]
    kept = cache / package_key(folder) if cache else None
    if kept and not problems and all((kept / f"{name}.parquet").is_file() for name in names):
        try:
            return {name: pd.read_parquet(kept / f"{name}.parquet") for name in names}
        except (OSError, ValueError):  # a damaged copy is made again (pyarrow's errors are these)
            shutil.rmtree(kept, ignore_errors=True)
    problems = validate(folder)
    if problems:
        raise DataPackageError(folder, problems)
    tables = {r["name"]: _read_table(folder, r) for r in descriptor["resources"]}
    if kept:
        _keep(tables, kept)
    return tables


def package_key(folder: Path) -> str:
    """Name the state of a package by the sha256 of its descriptor, shortened."""
    return sha256(folder / DESCRIPTOR)[:16]


def _read_table(folder: Path, resource: Mapping[str, Any]) -> pd.DataFrame:
    types = {field["name"]: _TYPES[field["type"]] for field in resource["schema"]["fields"]}
    frame = pd.read_csv(
        folder / resource["path"], dtype="string", keep_default_na=False, na_values=[""]
    )
    for column, kind in types.items():
        if kind == "boolean":
            truth = {"true": True, "1": True, "false": False, "0": False}
            frame[column] = frame[column].str.lower().map(truth).astype("boolean")
        elif kind != "string":
            frame[column] = frame[column].astype(kind)
    return frame


def _keep(tables: Mapping[str, pd.DataFrame], target: Path) -> None:
    """Write the typed tables all at once or not at all; a folder that cannot be written is fine."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=target.parent))
    except OSError:
        return
    try:
        for name, frame in tables.items():
            frame.to_parquet(draft / f"{name}.parquet", index=False)
        draft.replace(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)  # another process was first


def seal(folder: Path) -> list[str]:
    """Write the present sha256 and size of every table into ``datapackage.json``.

    Returns
    -------
    list of str
        Files whose seal changed.

    Raises
    ------
    DataPackageError
        When the tables do not keep to their own schema: only valid tables are sealed.
    """
    original = (folder / DESCRIPTOR).read_text("utf-8")
    descriptor = read_descriptor(folder)
    changed = []
    for resource in descriptor["resources"]:
        path = folder / resource["path"]
        if not path.is_file():
            continue
        digest = f"sha256:{sha256(path)}"
        if resource.get("hash") != digest:
            changed.append(resource["path"])
        resource.update(hash=digest, bytes=path.stat().st_size)
    _write_descriptor(folder, descriptor)
    problems = validate(folder)
    if problems:
        (folder / DESCRIPTOR).write_text(original, "utf-8")
        raise DataPackageError(folder, problems)
    return changed


def _write_descriptor(folder: Path, descriptor: Mapping[str, Any]) -> None:
    text = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
    (folder / DESCRIPTOR).write_text(text, "utf-8")


def sha256(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def packages(raw: Path) -> Iterator[Path]:
    """Find the folders of ``data/raw``, two levels deep, that are packages, in order."""
    return (
        path.parent
        for path in sorted([*raw.glob(f"*/{DESCRIPTOR}"), *raw.glob(f"*/*/{DESCRIPTOR}")])
    )
