"""From records to columns: the header, and what survey tools say in it."""

from __future__ import annotations

from itertools import chain, islice
from pathlib import Path
from typing import Final

from analysis.readers import kobo, limesurvey, qualtrics
from analysis.readers.draft import Draft, Records, name_columns
from analysis.readers.errors import ReadError
from analysis.readers.table import ReadOptions

_PEEK: Final = 500
"""Rows looked at to recognise a tool; enough for its patterns, few enough for memory."""


def arrange(path: Path, source: Records, options: ReadOptions) -> Draft:
    """Take the header from the records and recognise the tool that wrote them.

    Raises
    ------
    ReadError
        When there is no header, or the structure given does not belong to the answers.
    """
    header = next(source.records, None)
    if header is None:
        raise ReadError(path.name, "está vacío", "expórtelo de nuevo con sus respuestas")
    first = list(islice(source.records, _PEEK))
    if not first:
        source.notes.append("Solo tiene encabezado: no hay ninguna respuesta.")
    draft = Draft(
        name_columns(header, source.notes),
        chain(first, source.records),
        source.facts,
        source.notes,
        position=source.position,
        finish=source.finish,
        gaps=source.gaps,
    )
    for recognise in (qualtrics.recognise, limesurvey.recognise, kobo.recognise):
        if recognise(path, draft, first, source.records, options):
            break
    return draft
