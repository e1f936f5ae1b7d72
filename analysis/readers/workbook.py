"""What a file with sheets gives, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Cell:
    """A cell that exists.

    Parameters
    ----------
    text : str
        Its content as text.
    kind : str
        ``text``, ``number``, ``date``…, or ``error`` for what a formula could not compute.
    """

    text: str
    kind: str = "text"


SheetRow = tuple[int, dict[int, Cell]]
"""Number of the row from 1, and its cells by column from 0; only cells that exist."""


@dataclass
class Findings:
    """What is noticed on the way through a sheet."""

    merged: list[str] = field(default_factory=list)
    hidden_rows: int = 0
    unresolved: str = ""


class Workbook(Protocol):
    """A file with sheets."""

    name: str

    def sheet_names(self) -> list[tuple[str, bool]]:
        """Give the sheets in order, each with whether it is visible."""

    def rows(self, sheet: str, findings: Findings) -> Iterator[SheetRow]:
        """Give the rows of a sheet that have cells."""


def column_letters(position: int) -> str:
    """Name a column as spreadsheets do: 0 is A, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
