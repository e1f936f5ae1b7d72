"""What the readers of each format give inside the child process: columns and rows of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from analysis.readers.table import MultipleSet, RawColumn

Row = list[str | None]
"""Cells of a row; None where the file has no cell."""


@dataclass
class Draft:
    """A table on its way: the header is known, the rows follow.

    Parameters
    ----------
    columns : list of RawColumn
        Columns; what is known only at the end (kinds) is set by ``finish``.
    rows : iterator of Row
        Rows, each as long as ``columns``.
    facts : dict
        Facts of the file.
    notes : list of str
        Notes, in Spanish; may grow while rows are read.
    multiple_sets : list of MultipleSet
        Declared multiple-response questions.
    position : callable
        Bytes of the file read so far.
    finish : callable
        Called after the last row; gives the final columns.
    gaps : dict of int to int
        As in `Records`; grows while rows are read.
    header : int
        Records that are not rows.
    """

    columns: list[RawColumn]
    rows: Iterator[Row]
    facts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    multiple_sets: list[MultipleSet] = field(default_factory=list)
    position: Callable[[], int] = lambda: 0
    finish: Callable[[list[RawColumn]], list[RawColumn]] = lambda columns: columns
    gaps: dict[int, int] = field(default_factory=dict)
    header: int = 1


def name_columns(header: Sequence[str | None], notes: list[str]) -> list[RawColumn]:
    """Name every column once: a repeated header gets a number, an empty one its position.

    Parameters
    ----------
    header : sequence of str or None
        Headers as in the file.
    notes : list of str
        Told what was renamed.
    """
    taken = {text for text in header if text}
    seen: set[str] = set()
    columns, repeated, empty = [], [], []
    for position, text in enumerate(header, start=1):
        name = text or f"columna_{position}"
        if not text:
            empty.append(str(position))
        if name in seen or (not text and name in taken):
            number = 2
            while f"{name} ({number})" in taken | seen:
                number += 1
            repeated.append(f"«{name}»")
            name = f"{name} ({number})"
        seen.add(name)
        columns.append(RawColumn(name=name, header=text or ""))
    if repeated:
        notes.append(
            f"Hay encabezados repetidos ({', '.join(dict.fromkeys(repeated))}); a partir del "
            "segundo se les añadió un número entre paréntesis."
        )
    if empty:
        notes.append(
            f"Hay columnas sin encabezado (posición {', '.join(empty)}); se llaman columna_N."
        )
    return columns


@dataclass
class Records:
    """A sheet or delimited file as it comes: the header is the first record.

    Parameters
    ----------
    records : iterator of Row
        Every record as long as the first.
    facts, notes, position, finish
        As in `Draft`.
    gaps : dict of int to int
        Blank rows of the file before a record, by its number (the first record is 0); known
        before the record is given.
    """

    records: Iterator[Row]
    facts: dict[str, str]
    notes: list[str]
    position: Callable[[], int] = lambda: 0
    finish: Callable[[list[RawColumn]], list[RawColumn]] = lambda columns: columns
    gaps: dict[int, int] = field(default_factory=dict)
