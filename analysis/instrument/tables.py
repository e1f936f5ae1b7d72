"""Read the tables of a version of the questionnaire, and build it from them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from analysis import texts
from analysis.instrument.model import GROUP, SELECT_MULTIPLE, Choice, Instrument, Item
from analysis.paths import Project
from analysis.published import Study

FOLDER = "instrument"
DEFAULT_VERSION = "2017"
LANGUAGES = ("es", "en")
Row = Mapping[str, str]


def versions(project: Project) -> tuple[str, ...]:
    """Names of the versions of the questionnaire, in order."""
    tables = sorted((project.raw / FOLDER).glob("*/items.csv"))
    return tuple(table.parent.name for table in tables)


def folder_of(project: Project, version: str) -> Path:
    """Folder of a version; ``ValueError`` names those that exist."""
    known = versions(project)
    if version not in known:
        there = ", ".join(known) or "ninguna"
        raise ValueError(f"No hay una versión «{version}» del cuestionario; hay: {there}.")
    return project.raw / FOLDER / version


def read_rows(path: Path) -> list[Row]:
    """Read a table as texts; the row at position *i* is line *i* + 2 of the file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [{k: v or "" for k, v in row.items() if k} for row in csv.DictReader(stream)]


def read_tables(folder: Path) -> dict[str, list[Row]]:
    """Read the tables of a version by name."""
    return {name: read_rows(folder / f"{name}.csv") for name in ("items", "choices", "settings")}


class SourceLabels:
    """Labels of the facts that choices refer to, so that none is typed twice."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._found: dict[str, dict[str, dict[str, str]]] = {}

    def get(self, table: str, row: str) -> dict[str, str] | None:
        """Return the label by language; None when the table or the row does not exist."""
        if table not in self._found:
            self._found[table] = self._read(table)
        return self._found[table].get(row)

    def _read(self, table: str) -> dict[str, dict[str, str]]:
        if table == "countries":
            names = {lang: texts.locale(lang).territories for lang in LANGUAGES}
            return {
                code: {lang: str(names[lang].get(code, "")) for lang in LANGUAGES}
                for code in names[LANGUAGES[0]]
            }
        if table not in self._study.tables:
            return {}
        frame = self._study.table(table).astype("string").fillna("")
        field = "label" if f"label_{LANGUAGES[0]}" in frame else "name"
        keys = frame[frame.columns[0]]
        if table == "vocabularies":
            keys = frame["vocabulary"] + ":" + frame["code"]
        columns = {lang: frame[f"{field}_{lang}"].tolist() for lang in LANGUAGES}
        return {key: {lang: columns[lang][at] for lang in LANGUAGES} for at, key in enumerate(keys)}


def source_labels(study: Study) -> SourceLabels:
    """Open the labels of the published facts."""
    return SourceLabels(study)


def choice_label(row: Row, sources: SourceLabels) -> dict[str, str]:
    """Label of a choice by language: the one typed, else that of its source."""
    source = sources.get(row["source_table"], row["source_id"]) or {}
    return {lang: row[f"label_{lang}"] or source.get(lang, "") for lang in LANGUAGES}


def build(version: str, tables: Mapping[str, list[Row]], sources: SourceLabels) -> Instrument:
    """Build the objects from tables that were checked."""
    lists: dict[str, list[Choice]] = {}
    for row in tables["choices"]:
        lists.setdefault(row["list_name"], []).append(_choice(row, sources))
    items: list[Item] = []
    groups: tuple[str, ...] = ()
    for row in tables["items"]:
        if row["type"] == "end_group":
            groups = groups[:-1]
            continue
        items.append(_item(row, lists, groups))
        if row["type"] == GROUP:
            groups = (*groups, row["name"])
    settings = {
        row["setting"]: {lang: row[f"value_{lang}"] for lang in LANGUAGES}
        for row in tables["settings"]
    }
    return Instrument(version, tuple(items), settings, LANGUAGES)


def _choice(row: Row, sources: SourceLabels) -> Choice:
    source = f"{row['source_table']}/{row['source_id']}" if row["source_table"] else None
    return Choice(
        code=row["name"],
        label=choice_label(row, sources),
        action=row["action"] or None,
        intensity=row["intensity"] or None,
        exclusive=row["exclusive"] == "true",
        missing=row["missing"] or None,
        other=row["other"] == "true",
        source=source,
    )


def _by_language(row: Row, field: str) -> dict[str, str]:
    return {lang: row[f"{field}_{lang}"] for lang in LANGUAGES if row[f"{field}_{lang}"]}


def _item(row: Row, lists: Mapping[str, list[Choice]], groups: tuple[str, ...]) -> Item:
    kind, _, list_name = row["type"].partition(" ")
    choices = tuple(lists.get(list_name, ())) if list_name else ()
    constraint, message = row["constraint"], _by_language(row, "constraint_message")
    if kind == SELECT_MULTIPLE and any(choice.exclusive for choice in choices):
        alone = [choice for choice in choices if choice.exclusive]
        rule = " or ".join(f"selected(., '{choice.code}')" for choice in alone)
        rule = f"count-selected(.) <= 1 or not({rule})"
        constraint = f"({constraint}) and ({rule})" if constraint else rule
        for lang in LANGUAGES:
            quoted = [texts.label("instrument.quoted", lang, text=c.label[lang]) for c in alone]
            names = texts.listing(quoted, lang, "or")
            said = texts.label("instrument.alone", lang, choices=names)
            message[lang] = f"{message[lang]} {said}" if lang in message else said
    return Item(
        code=row["name"],
        type=kind,
        label=_by_language(row, "label"),
        hint=_by_language(row, "hint"),
        list_name=list_name or None,
        choices=choices,
        required=row["required"] == "true",
        relevant=row["relevant"] or None,
        constraint=constraint or None,
        constraint_message=message,
        appearance=row["appearance"] or None,
        groups=groups,
        stage=row["stage"] or None,
        dimension=row["dimension"] or None,
        sensitivity=row["sensitivity"],
        origin=row["section"] or None,
        basis=row["basis"],
    )
