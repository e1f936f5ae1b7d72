"""KoboToolbox and ODK exports: groups, choices in columns, «other», what the tool adds.

A multiple question comes as one column with the codes chosen (``q``), as a column a choice
(``q/choice``), or as both. Both are compared row by row, because a file in which they differ was
changed by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from analysis.readers.draft import Draft, Row
from analysis.readers.table import MultipleSet, RawColumn, ReadOptions

_KOBO: Final = frozenset(
    [
        "_id",
        "_uuid",
        "_submission_time",
        "_validation_status",
        "_notes",
        "_status",
        "_submitted_by",
        "__version__",
        "_version_",
        "_tags",
        "_index",
        "_attachments",
        "_geolocation",
        "_xform_id_string",
        "_bamboo_dataset_id",
        "_media_all_received",
        "_parent_table_name",
        "_parent_index",
        "_submission__id",
        "_submission__uuid",
        "_submission__submission_time",
        "meta/instanceID",
        "meta/instanceName",
        "meta/rootUuid",
        "meta/deprecatedID",
        "meta/versionID",
        "meta/audit",
        "formhub/uuid",
    ]
)
_ODK: Final = frozenset(
    [
        "KEY",
        "PARENT_KEY",
        "SubmissionDate",
        "SubmitterID",
        "SubmitterName",
        "AttachmentsPresent",
        "AttachmentsExpected",
        "Status",
        "ReviewState",
        "DeviceID",
        "Edits",
        "FormVersion",
        "instanceID",
        "instanceName",
        "meta-instanceID",
        "meta-instanceName",
    ]
)
_DEVICE: Final = frozenset(
    [
        "start",
        "end",
        "today",
        "deviceid",
        "subscriberid",
        "simserial",
        "phonenumber",
        "username",
        "email",
        "audit",
    ]
)
_CHOSEN: Final = frozenset(("1", "1.0", "TRUE", "True", "true"))
_NOT_CHOSEN: Final = frozenset(("0", "0.0", "FALSE", "False", "false"))


def recognise(
    path: Path, draft: Draft, first: list[Row], rest: Iterator[Row], options: ReadOptions
) -> bool:
    """Give the columns of an export their roles; tell whether it was one."""
    headers = {column.header for column in draft.columns}
    tool = _tool(headers)
    summaries, choices = _multiple(draft.columns, first)
    if tool is None and not choices:
        return False
    draft.facts["tool"] = tool or "XLSForm"
    separator = "-" if tool == "ODK" else "/"
    asked = headers | set(choices.values())
    columns = []
    for column in draft.columns:
        if column.header in (_ODK if tool == "ODK" else _KOBO) or (
            tool and column.header in _DEVICE
        ):
            columns.append(replace(column, role="metadata"))
            continue
        parent = choices.get(column.name)
        whole = parent or column.header
        group, _, question = whole.rpartition(separator)
        if separator == "-" and group not in _groups(headers):
            group, question = "", whole  # a hyphen may belong to the name
        column = replace(column, group=group.replace(separator, "/"), question=question)
        if parent is not None:
            choice = column.header[len(parent) + 1 :]
            columns.append(replace(column, role="choice", choice=choice))
        elif column.name in summaries:
            columns.append(replace(column, role="summary"))
        elif whole.endswith("_other") and whole.removesuffix("_other") in asked:
            columns.append(replace(column, role="other", question=question.removesuffix("_other")))
        else:
            columns.append(column)
    draft.columns = columns
    draft.multiple_sets = _sets(columns, choices, first)
    _note(draft, summaries)
    draft.rows = _compared(draft, draft.rows, choices, summaries)
    return True


def _tool(headers: set[str]) -> str | None:
    if headers & {"meta-instanceID", "instanceID"} and headers & {"KEY", "SubmissionDate"}:
        return "ODK"
    if len(headers & _KOBO) >= 2 or headers & {"_uuid", "meta/instanceID", "formhub/uuid"}:
        return "KoboToolbox"
    return None


def _groups(headers: set[str]) -> set[str]:
    """Find prefixes that several columns of an ODK export share."""
    prefixes = [h.rpartition("-")[0] for h in headers if "-" in h]
    return {prefix for prefix in prefixes if prefix and prefixes.count(prefix) > 1}


def _multiple(columns: list[RawColumn], first: list[Row]) -> tuple[set[str], dict[str, str]]:
    """Find multiple questions: names of the summary columns, and each choice's question.

    ``q/choice`` is a choice when there is a column ``q``, or when all the columns under ``q`` only
    hold zeros and ones, all of them or none of them filled in each row.
    """
    headers = {column.header: position for position, column in enumerate(columns)}
    under: dict[str, list[int]] = {}
    for position, column in enumerate(columns):
        parent, slash, choice = column.header.rpartition("/")
        if slash and parent and choice and column.header not in _KOBO:
            under.setdefault(parent, []).append(position)
    summaries: set[str] = set()
    choices: dict[str, str] = {}
    for parent, positions in under.items():
        with_summary = parent in headers
        if with_summary or (len(positions) > 1 and _binary(positions, first)):
            if with_summary:
                summaries.add(columns[headers[parent]].name)
            choices.update((columns[position].name, parent) for position in positions)
    return summaries, choices


def _binary(positions: list[int], first: list[Row]) -> bool:
    filled = 0
    for row in first:
        cells = [row[position] or "" for position in positions]
        if not any(cells):
            continue
        if not all(cell in _CHOSEN or cell in _NOT_CHOSEN for cell in cells):
            return False
        filled += 1
    return filled > 0


def _sets(columns: list[RawColumn], choices: dict[str, str], first: list[Row]) -> list[MultipleSet]:
    found = []
    for parent in dict.fromkeys(choices.values()):
        members = [p for p, column in enumerate(columns) if choices.get(column.name) == parent]
        seen = {row[p] for row in first for p in members} & _CHOSEN
        found.append(
            MultipleSet(
                name=columns[members[0]].question,
                label="",
                kind="dichotomous",
                counted=min(seen) if seen else "1",
                columns=tuple(columns[p].name for p in members),
            )
        )
    return found


def _note(draft: Draft, summaries: set[str]) -> None:
    by_name = {column.name: column for column in draft.columns}
    with_summary = {by_name[name].question for name in summaries}
    for group in draft.multiple_sets:
        if group.name not in with_summary:
            draft.notes.append(
                f"«{group.name}» se leyó como pregunta de opción múltiple con "
                f"{len(group.columns)} columnas de ceros y unos."
            )


def _compared(
    draft: Draft, rows: Iterator[Row], choices: dict[str, str], summaries: set[str]
) -> Iterator[Row]:
    """Pass the rows on; note those whose summary says other than the columns of its choices."""
    position = {column.name: p for p, column in enumerate(draft.columns)}
    pairs = []
    for group in draft.multiple_sets:
        parent = choices[group.columns[0]]
        summary = next((n for n in summaries if draft.columns[position[n]].header == parent), None)
        if summary is not None:
            members = {draft.columns[position[n]].choice: position[n] for n in group.columns}
            pairs.append((summary, position[summary], members))
    different: dict[str, list[int]] = {}
    for number, row in enumerate(rows, start=1):
        for name, at, members in pairs:
            said = set((row[at] or "").split())
            marked = {choice for choice, p in members.items() if row[p] in _CHOSEN}
            if said != marked and said <= set(members):
                different.setdefault(name, []).append(number)
        yield row
    for name, rows in different.items():
        shown = ", ".join(map(str, rows[:5])) + ("…" if len(rows) > 5 else "")
        draft.notes.append(
            f"La columna «{name}» no dice lo mismo que las columnas de sus opciones en "
            f"{len(rows)} filas de datos ({shown}); el archivo pudo cambiarse a mano."
        )
