"""From records to columns: the header, and what survey tools say in it."""

from __future__ import annotations

from pathlib import Path

from analysis.readers.draft import Draft, Records, name_columns
from analysis.readers.errors import ReadError
from analysis.readers.table import ReadOptions


def arrange(path: Path, source: Records, options: ReadOptions) -> Draft:
    """Take the header from the records and recognise the tool that wrote them.

    Raises
    ------
    ReadError
        When there is no header.
    """
    header = next(source.records, None)
    if header is None:
        raise ReadError(path.name, "está vacío", "expórtelo de nuevo con sus respuestas")
    columns = name_columns(header, source.notes)
    return Draft(
        columns,
        source.records,
        source.facts,
        source.notes,
        position=source.position,
        finish=source.finish,
    )
