"""Corrections of a file: cells that a researcher changed, with the reason; the file stays."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("row", "column", "item", "value", "new_value", "reason")
EMPTY = "@blank"


class CorrectionError(ValueError):
    """The table of corrections cannot be applied; says every row."""


@dataclass(frozen=True)
class Correction:
    """One cell.

    Parameters
    ----------
    row : int
        Row of the file, the header being row 1.
    column : str
        Column of the file.
    new_value : str
        What it should say; ``@blank`` empties it.
    item, value, reason : str
        Question, what the file says (filled in when it is applied), and why.
    """

    row: int
    column: str
    new_value: str
    item: str = ""
    value: str = ""
    reason: str = ""


def read_corrections(path: Path) -> tuple[Correction, ...]:
    """Read the corrections of a report: its rows whose ``new_value`` was filled.

    Raises
    ------
    CorrectionError
        With every row that names no cell, or the same cell twice.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise CorrectionError(f"{path.name}: no está en UTF-8; guárdelo así.") from None
    first = text.splitlines()[0] if text.strip() else ""
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > 2 else ",")
    if not {"row", "column", "new_value"} <= set(rows.fieldnames or ()):
        raise CorrectionError(f"{path.name}: faltan las columnas row, column y new_value.")
    found: dict[tuple[int, str], Correction] = {}
    problems = []
    for line, row in enumerate(rows, 2):
        cell = {name: row.get(name) or "" for name in COLUMNS}
        if not cell["new_value"].strip():
            continue
        if not cell["row"].strip().isdecimal() or not cell["column"]:
            problems.append(f"  - fila {line}: diga en row y column qué celda se corrige")
            continue
        cell["row"] = cell["row"].strip()
        change = Correction(int(cell.pop("row")), **cell)
        key = (change.row, change.column)
        if key in found and found[key].new_value != change.new_value:
            problems.append(f"  - fila {line}: corrige otra vez la fila {key[0]}, «{key[1]}»")
        found[key] = change
    if problems:
        raise CorrectionError(f"{path.name} no se puede aplicar:\n" + "\n".join(problems))
    return tuple(found.values())


def write_corrections(corrections: Iterable[Correction]) -> str:
    """Write corrections as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for c in corrections:
        writer.writerow((c.row, c.column, c.item, c.value, c.new_value, c.reason))
    return stream.getvalue()


def correct(
    rows: pd.DataFrame, corrections: Sequence[Correction], first_row: int
) -> tuple[pd.DataFrame, list[Correction]]:
    """Apply corrections to a piece of a file.

    Returns
    -------
    (DataFrame, list of Correction)
        The corrected piece, and the corrections that fell in it, with the value that stood there.
    """
    import pandas as pd

    here = [c for c in corrections if c.row - first_row in rows.index and c.column in rows]
    if not here:
        return rows, []
    rows = rows.copy()
    done = []
    for c in here:
        at = c.row - first_row
        old = rows.at[at, c.column]
        rows.at[at, c.column] = pd.NA if c.new_value.strip() == EMPTY else c.new_value
        done.append(replace(c, value=old if isinstance(old, str) else ""))
    return rows, done
