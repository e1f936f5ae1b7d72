"""Qualtrics exports: three header rows, of which the third identifies each column in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

from analysis.readers.draft import Draft, Row
from analysis.readers.table import MultipleSet, RawColumn, ReadOptions

_METADATA: Final = frozenset(
    [
        "startDate",
        "endDate",
        "status",
        "ipAddress",
        "progress",
        "duration",
        "finished",
        "recordedDate",
        "_recordId",
        "recipientLastName",
        "recipientFirstName",
        "recipientEmail",
        "externalDataReference",
        "locationLatitude",
        "locationLongitude",
        "distributionChannel",
        "userLanguage",
    ]
)
_SELECTED: Final = frozenset(("selected choice", "opción seleccionada"))
_PART: Final = re.compile(r"(QID[0-9]+)_([0-9]+)")


def recognise(
    path: Path, draft: Draft, first: list[Row], rest: Iterator[Row], options: ReadOptions
) -> bool:
    """Take the second and third rows as header; tell whether it was an export."""
    if len(first) < 2:
        return False
    ids = [_identifier(cell) for cell in first[1]]
    if not any(ids) or any(
        cell and found is None for cell, found in zip(first[1], ids, strict=True)
    ):
        return False
    draft.facts["tool"] = "Qualtrics"
    draft.facts["first_row"] = str(int(draft.facts.get("first_row", 2)) + 2)
    draft.header = 3
    zones = sorted({found["timeZone"] for found in ids if found and found.get("timeZone")})
    if zones:
        draft.facts["time_zone"] = ", ".join(map(str, zones))
    data = first[2:]
    draft.columns = [
        _described(column, wording or "", found or {})
        for column, wording, found in zip(draft.columns, first[0], ids, strict=True)
    ]
    draft.rows = chain(data, rest)
    finish = draft.finish

    def without_header(columns: list[RawColumn]) -> list[RawColumn]:
        """Count the rows of a sheet from the first answer."""
        return [
            replace(column, typed_rows=tuple(row - 2 for row in column.typed_rows if row >= 2))
            for column in finish(columns)
        ]

    draft.finish = without_header
    _choices(draft, ids, data)
    return True


def _identifier(cell: str | None) -> dict[str, Any] | None:
    try:
        found = json.loads(cell or "")
    except ValueError:
        return None
    return found if isinstance(found, dict) and "ImportId" in found else None


def _described(column: RawColumn, wording: str, found: dict[str, Any]) -> RawColumn:
    imported = str(found.get("ImportId", ""))
    column = replace(column, label=_question(wording))
    if imported in _METADATA:
        return replace(column, role="metadata")
    if imported.endswith("_TEXT"):
        base = re.sub(r"(_[0-9]+)?_TEXT$", "", column.header)
        return replace(column, role="other", question=base)
    return column


def _question(wording: str) -> str:
    """Take off what Qualtrics adds to a question that has a choice with a text of its own."""
    asked, _, added = wording.rpartition(" - ")
    return asked if added.strip().casefold() in _SELECTED else wording


def _parts(wordings: list[str]) -> tuple[str, list[str]]:
    """Part the wordings of the columns of one question into the question and its choices."""
    asked, _, _ = wordings[0].rpartition(" - ")
    while asked and not all(wording.startswith(f"{asked} - ") for wording in wordings):
        asked, _, _ = asked.rpartition(" - ")
    if not asked:
        return wordings[0], wordings
    return _question(asked), [wording[len(asked) + 3 :] for wording in wordings]


def _choices(draft: Draft, ids: list[dict[str, Any] | None], data: list[Row]) -> None:
    """Find multiple questions: a column a choice, each with one value at most.

    The choice is said by ``choiceId`` in newer files; in others by the number after the question's
    identifier, which questions in a matrix have too: there the values decide, and a note says so.
    """
    groups: dict[str, list[tuple[int, str, bool]]] = {}
    for position, found in enumerate(ids):
        if not found or draft.columns[position].role != "answer":
            continue
        if found.get("choiceId") is not None:
            key, choice, said = str(found["ImportId"]), str(found["choiceId"]), True
        elif match := _PART.fullmatch(str(found["ImportId"])):
            key, choice, said = match[1], match[2], False
        else:
            continue
        groups.setdefault(key, []).append((position, choice, said))
    for members in groups.values():
        values = [{row[p] for row in data if row[p]} for p, _, _ in members]
        said = all(known for _, _, known in members)
        if len(members) < 2 or not any(values):
            continue
        if not said and any(len(found) > 1 for found in values):
            continue  # a matrix
        everything = set().union(*values)
        name = re.sub(r"_[0-9]+$", "", draft.columns[members[0][0]].header)
        label, wordings = _parts([draft.columns[position].label for position, _, _ in members])
        for (position, choice, _), wording in zip(members, wordings, strict=True):
            draft.columns[position] = replace(
                draft.columns[position],
                role="choice",
                question=name,
                choice=choice,
                label=wording,
            )
        names = tuple(draft.columns[position].name for position, _, _ in members)
        used = sum(bool(found) for found in values)  # one text in one column may be its choice
        counted = everything.pop() or "" if len(everything) == 1 and used > 1 else ""
        draft.multiple_sets.append(MultipleSet(name, label, "dichotomous", counted, names))
        if not said:
            draft.notes.append(
                f"«{name}» se leyó como pregunta de opción múltiple: cada una de sus "
                f"{len(members)} columnas tiene un solo valor."
            )
