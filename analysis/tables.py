"""Tables that carry class and origin; every cell is a text, a number with origin, or a tag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analysis.provenance import (
    EvidenceClass,
    Interval,
    Origin,
    ProvenanceError,
    Quantity,
    Share,
    check_evidence,
    check_origins,
)
from analysis.texts import naked_percentage


@dataclass(frozen=True)
class Tag:
    """A word from a short list, e.g. a verdict, with a key that gives it its look."""

    key: str
    label: str


Cell = str | Share | Quantity | Tag | Interval


@dataclass(frozen=True)
class Column:
    """A column: its key in the rows, its heading, and how its cells read.

    ``numeric`` cells are aligned as numbers; a ``wide`` column holds sentences.
    """

    key: str
    label: str
    numeric: bool = False
    wide: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table to be shown.

    Parameters
    ----------
    caption : str
        What the table shows.
    columns : tuple of Column
        The first column names the row.
    rows : tuple of mapping
        Cells by column key; a bare number is refused.
    evidence : frozenset of EvidenceClass
        Classes of what it shows.
    origins : tuple of Origin
        Where it comes from.
    own_calculation : bool
        Whether anything in it was computed here.
    note : str
        How it was made, for a reader.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Cell], ...]
    evidence: frozenset[EvidenceClass]
    origins: tuple[Origin, ...]
    own_calculation: bool
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a table without caption, class, origin, or with bare numbers in it."""
        if not self.caption.strip():
            raise ProvenanceError("Una tabla necesita un título que diga qué muestra.")
        check_shown(self.evidence, self.origins)
        check_words(self.caption, self.note)
        for number, row in enumerate(self.rows, 1):
            for column in self.columns:
                cell = row.get(column.key)
                if isinstance(cell, str):
                    check_words(cell)
                if isinstance(cell, Share | Quantity) and cell.evidence not in self.evidence:
                    raise ProvenanceError(
                        f"«{self.caption}», fila {number}, columna {column.label}: la clase "
                        f"«{cell.evidence}» no está entre las de la tabla."
                    )
                if not isinstance(cell, str | Share | Quantity | Tag | Interval):
                    raise ProvenanceError(
                        f"«{self.caption}», fila {number}, columna {column.label}: "
                        f"{cell!r} no es un texto ni un número con origen."
                    )


def check_shown(evidence: frozenset[EvidenceClass], origins: tuple[Origin, ...]) -> None:
    """Refuse something to be shown that has no class or no origin."""
    if not evidence:
        raise ProvenanceError("Falta la clase de evidencia.")
    for item in evidence:
        check_evidence(item)
    check_origins(origins)


def check_words(*words: str) -> None:
    """Refuse a typed percentage in a text that is shown."""
    for text in words:
        if naked_percentage(text):
            raise ProvenanceError(
                f"«{text}» lleva un porcentaje escrito a mano; páselo como Share o escríbalo con "
                "cuaderno.write."
            )


def merged_origins(*values: Share | Quantity | Iterable[Origin]) -> tuple[Origin, ...]:
    """Join the origins of several values, each once, in order."""
    found: dict[Origin, None] = {}
    for value in values:
        origins = value.origins if isinstance(value, Share | Quantity) else value
        found.update(dict.fromkeys(origins))
    return tuple(found)
