"""The raw table: what a file says, as text, before anything is interpreted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal[
    "text", "number", "date", "datetime", "time", "duration", "boolean", "mixed", "empty"
]
"""What the file itself says of a column's cells. Delimited files only know ``text``."""

Role = Literal["answer", "choice", "summary", "other", "comment", "metadata"]
"""What a column holds.

``choice`` is one choice of a multiple question, ``summary`` all the chosen ones in one cell,
``other`` the text that goes with «otro», ``comment`` a free comment on an answer, ``metadata`` what
the survey tool adds by itself.
"""


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file; None lets the reader decide, or ask.

    Parameters
    ----------
    encoding : str, optional
        Python name of the encoding (``--encoding``).
    delimiter : str, optional
        One character; ``tab`` is understood (``--delimiter``).
    decimal : str, optional
        ``,`` or ``.`` in columns of text (``--decimal``); for who interprets numbers.
    dates : str, optional
        ``dma``, ``mda`` or ``amd`` (``--dates``); for who interprets dates.
    sheet : str, optional
        Name of the sheet, or its number from 1 (``--sheet``).
    short_rows : bool
        Accept rows with fewer cells than columns; their last cells are missing (``--short-rows``).
    structure : Path, optional
        The .lss of a LimeSurvey questionnaire, or the .sas7bcat of a SAS file (``--structure``).
    memory_mb : int
        Memory that the reading process may use.
    seconds : float, optional
        Processor time that it may use, three times as long by the clock; None depends on the size.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    dates: str | None = None
    sheet: str | None = None
    short_rows: bool = False
    structure: Path | None = None
    memory_mb: int = 2048
    seconds: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the options in a form that travels between processes."""
        content = asdict(self)
        content["structure"] = str(self.structure.resolve()) if self.structure else None
        return content

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> ReadOptions:
        """Take the options from another process."""
        structure = content.get("structure")
        return cls(**{**content, "structure": Path(structure) if structure else None})


@dataclass(frozen=True)
class RawColumn:
    """A column as the file describes it.

    Parameters
    ----------
    name : str
        Unique name: the header, or the header with a number when it is repeated.
    label : str
        Label or wording of the question; empty when the file has none.
    value_labels : dict of str to str
        Label of each code.
    missing : dict of str to str
        Codes that mean «no answer», each with its reason (empty when the file gives none).
    missing_ranges : tuple of (str, str)
        Ranges of numbers that mean «no answer», both ends included; ``-inf`` and ``inf`` are open.
    kind : str
        What the file says that the cells are, see `Kind`.
    role : str
        What the column holds, see `Role`.
    question : str
        Question that the column belongs to, without its group; the name when nothing else is known.
    choice : str
        Code of the choice, for ``role`` ``choice``.
    group : str
        Group or section of the question, ``/`` between levels.
    header : str
        Header exactly as in the file; empty when it has none.
    typed_rows : tuple of int
        In a ``mixed`` column, positions of the rows whose cell is not text (number, date…).
    """

    name: str
    label: str = ""
    value_labels: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    missing_ranges: tuple[tuple[str, str], ...] = ()
    kind: Kind = "text"
    role: Role = "answer"
    question: str = ""
    choice: str = ""
    group: str = ""
    header: str = ""
    typed_rows: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Let the question be the name when nothing else is said."""
        object.__setattr__(self, "question", self.question or self.name)

    def missing_reason(self, code: str) -> str | None:
        """Say why a code is missing; None when it is an answer.

        Parameters
        ----------
        code : str
            Text of a cell.

        Returns
        -------
        str or None
            Reason; empty when the file marks the code as missing without a reason.
        """
        if code in self.missing:
            return self.missing[code]
        for low, high in self.missing_ranges:
            try:
                if float(low) <= float(code) <= float(high):
                    return self.value_labels.get(code, "")
            except ValueError:
                return None
        return None


@dataclass(frozen=True)
class MultipleSet:
    """Columns that together answer one multiple-response question.

    Parameters
    ----------
    name : str
        Name of the set.
    label : str
        Wording of the question.
    kind : str
        ``dichotomous`` (a column a choice) or ``categorical`` (a column a mention).
    counted : str
        Value that means «chosen», for dichotomous sets; empty when any text does.
    columns : tuple of str
        Names of the columns, in the order of the file.
    """

    name: str
    label: str
    kind: Literal["dichotomous", "categorical"]
    counted: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class RawTable:
    """A file as text.

    Parameters
    ----------
    columns : tuple of RawColumn
        In the order of the file.
    rows : DataFrame
        One row a respondent; every column of type ``string``; ``pd.NA`` where the file has no
        cell; text exactly as in the file; typed numbers as their shortest exact text with a point,
        typed dates in ISO 8601, typed booleans as ``TRUE`` and ``FALSE``. The index counts the rows
        of the file from the first respondent, blank rows too.
    facts : dict of str to str
        What was found out about the file: ``format``, ``encoding``, ``delimiter``, ``sheet``…;
        ``first_row`` where the answers do not begin in row 2.
    notes : tuple of str
        What a researcher should know, in Spanish.
    multiple_sets : tuple of MultipleSet
        Multiple-response questions that the file declares.
    """

    columns: tuple[RawColumn, ...]
    rows: pd.DataFrame
    facts: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    multiple_sets: tuple[MultipleSet, ...] = ()

    @property
    def first_row(self) -> int:
        """Row of the file that holds the first respondent, as a spreadsheet numbers it."""
        return int(self.facts.get("first_row", 2))

    def column(self, name: str) -> RawColumn:
        """Find a column by name.

        Raises
        ------
        KeyError
            When there is none, with the names that there are.
        """
        for column in self.columns:
            if column.name == name:
                return column
        names = ", ".join(column.name for column in self.columns)
        raise KeyError(f"No hay una columna «{name}»; hay: {names}")


@dataclass(frozen=True)
class Progress:
    """How far a long reading is.

    Parameters
    ----------
    rows : int
        Rows read so far.
    bytes_read, bytes_total : int
        Of the file; equal at the end.
    """

    rows: int
    bytes_read: int
    bytes_total: int


def columns_to_json(columns: tuple[RawColumn, ...]) -> list[dict[str, Any]]:
    """Give columns in a form that travels between processes."""
    return [asdict(column) for column in columns]


def column_from_json(content: Mapping[str, Any]) -> RawColumn:
    """Take a column from another process; TypeError when it is none."""
    column = RawColumn(**content)
    return replace(
        column,
        missing_ranges=tuple((str(low), str(high)) for low, high in column.missing_ranges),
        typed_rows=tuple(int(row) for row in column.typed_rows),
    )


def set_from_json(content: Mapping[str, Any]) -> MultipleSet:
    """Take a multiple-response set from another process; TypeError when it is none."""
    return MultipleSet(**{**content, "columns": tuple(map(str, content["columns"]))})
