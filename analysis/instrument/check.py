"""Check the tables of the questionnaire before use: every fault in one report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

from analysis import datapackage
from analysis.datapackage import Problem
from analysis.instrument.comparison import crosswalk_problems
from analysis.instrument.expressions import CURRENT, Expression, ExpressionError, parse
from analysis.instrument.model import (
    GROUP,
    NOTE,
    OTHER_SUFFIX,
    QUESTION_TYPES,
    SELECT_MULTIPLE,
    SELECT_ONE,
    Instrument,
)
from analysis.instrument.tables import (
    FOLDER,
    LANGUAGES,
    Row,
    SourceLabels,
    build,
    choice_label,
    folder_of,
    read_rows,
    read_tables,
    source_labels,
    versions,
)
from analysis.paths import Project
from analysis.published import load_study

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_CHOICE_NAME = re.compile(r"[A-Za-z0-9_]{1,32}")
_RESERVED = {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}
_REQUIRED_SETTINGS = ("title", "form_id", "default_language", "status", "statement", "consent")
_SELECTS = (SELECT_ONE, SELECT_MULTIPLE)


def check_instruments(project: Project, only: str | None = None) -> list[Problem]:
    """Check the versions of the questionnaire and their crosswalk.

    Parameters
    ----------
    project : Project
        Project whose tables are read.
    only : str, optional
        Check this version alone; the crosswalk is checked only with all of them.

    Returns
    -------
    list of Problem
        Seals, schema and faults of the questionnaire, by file and row; the file is given from
        ``data/raw/instrument``.
    """
    study = load_study(project)
    sources, actions = source_labels(study), set(study.actions["id"])
    found: list[Problem] = []
    sound: dict[str, Instrument] = {}
    if only is not None:
        folder_of(project, only)  # refuses a version that does not exist
    for version in versions(project) if only is None else [only]:
        problems = [
            Problem(f"{version}/{p.file}", p.row, p.column, p.value, p.expected)
            for p in datapackage.validate(project.raw / FOLDER / version)
        ]
        try:
            tables = read_tables(project.raw / FOLDER / version)
            problems += version_problems(version, tables, sources, actions)
            if not problems:
                sound[version] = build(version, tables, sources)
        except (OSError, UnicodeDecodeError, KeyError):
            pass  # a missing file or column, which the schema has said
        found += problems
    if only is None and (project.raw / FOLDER / "crosswalk.csv").is_file():
        broken = datapackage.validate(project.raw / FOLDER)
        found += broken
        if len(sound) == len(versions(project)) and not any(p.row == 1 for p in broken):
            rows = read_rows(project.raw / FOLDER / "crosswalk.csv")
            found += crosswalk_problems(sound, rows)
    return sorted(set(found), key=lambda p: (p.file, p.row or 0, p.column, p.expected))


def version_problems(
    version: str,
    tables: Mapping[str, list[Row]],
    sources: SourceLabels,
    actions: Collection[str],
) -> list[Problem]:
    """Find the faults of one version that its schema cannot see.

    Parameters
    ----------
    version : str
        Name of the version, for the report.
    tables : mapping of str to list of rows
        ``items``, ``choices`` and ``settings``.
    sources : SourceLabels
        Labels of the published facts.
    actions : collection of str
        Identifiers of the published actions.
    """
    form = _Form(version, tables)
    found = [
        *_choice_problems(form, sources, actions),
        *_item_problems(form),
        *_group_problems(form),
        *_other_problems(form),
        *_expression_problems(form),
        *_cycle_problems(form),
        *_setting_problems(form),
    ]
    return sorted(set(found), key=lambda p: (p.file, p.row or 0, p.column, p.expected))


class _Form:
    """The tables with their line numbers and the look-ups that the checks share."""

    def __init__(self, version: str, tables: Mapping[str, list[Row]]) -> None:
        self.version = version
        self.items = list(enumerate(tables["items"], start=2))
        self.choices = list(enumerate(tables["choices"], start=2))
        self.settings = list(enumerate(tables["settings"], start=2))
        self.lists: dict[str, list[Row]] = {}
        for _, row in self.choices:
            self.lists.setdefault(row["list_name"], []).append(row)
        self.by_name = {row["name"]: row for _, row in self.items if row["name"]}

    def choices_of(self, name: str) -> list[Row]:
        row = self.by_name.get(name)
        return self.lists.get(_list(row), []) if row else []

    def problem(self, table: str, line: int, column: str, value: str, expected: str) -> Problem:
        return Problem(f"{self.version}/{table}.csv", line, column, value, expected)


def _kind(row: Row) -> str:
    return row["type"].partition(" ")[0]


def _list(row: Row) -> str:
    return row["type"].partition(" ")[2]


def _choice_problems(
    form: _Form, sources: SourceLabels, actions: Collection[str]
) -> Iterator[Problem]:
    seen: Counter[tuple[str, str]] = Counter()
    used = {_list(row) for _, row in form.items}
    for line, row in form.choices:
        key = (row["list_name"], row["name"])
        seen[key] += 1
        name = row["name"]
        if seen[key] > 1:
            text = f"la opción ya está en la lista {row['list_name']}; dele otro código o bórrela"
            yield form.problem("choices", line, "name", name, text)
        if not _CHOICE_NAME.fullmatch(name):
            text = "el código lleva solo letras sin tilde, cifras y _ (32 como máximo)"
            yield form.problem("choices", line, "name", name, text)
        if row["source_table"] and sources.get(row["source_table"], row["source_id"]) is None:
            text = f"la fila no existe en la tabla «{row['source_table']}»"
            yield form.problem("choices", line, "source_id", row["source_id"], text)
        for lang, label in choice_label(row, sources).items():
            if not label.strip():
                text = f"falta el texto de la opción {name} en este idioma"
                yield form.problem("choices", line, f"label_{lang}", "", text)
        if row["action"] and row["action"] not in actions:
            text = "la acción no existe en data/raw/cuaderno8/actions.csv"
            yield form.problem("choices", line, "action", row["action"], text)
        if row["missing"] and row["exclusive"] != "true":
            text = "una opción que vale como falta de respuesta no admite otra: escriba true"
            yield form.problem("choices", line, "exclusive", row["exclusive"], text)
        if row["other"] == "true" and row["exclusive"] == "true":
            text = "«otro» admite otras opciones a su lado: escriba false"
            yield form.problem("choices", line, "exclusive", row["exclusive"], text)
        if row["list_name"] not in used:
            text = "ninguna pregunta usa la lista; bórrela o úsela"
            yield form.problem("choices", line, "list_name", row["list_name"], text)


def _item_problems(form: _Form) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    for line, row in form.items:
        kind, name = _kind(row), row["name"]
        if kind == "end_group":
            continue
        seen[name.lower()] += 1
        if seen[name.lower()] > 1:
            text = "otra pregunta o grupo tiene ese código; dele otro"
            yield form.problem("items", line, "name", name, text)
        if not _NAME.fullmatch(name):
            text = (
                "el código empieza por letra minúscula y sigue con minúsculas sin tilde, cifras "
                "y _ (32 como máximo)"
            )
            yield form.problem("items", line, "name", name, text)
        elif name in _RESERVED:
            yield form.problem("items", line, "name", name, "SPSS reserva esa palabra; use otra")
        if kind not in (*QUESTION_TYPES, NOTE, GROUP):
            known = ", ".join((*QUESTION_TYPES, NOTE, GROUP, "end_group"))
            yield form.problem("items", line, "type", row["type"], f"se admite: {known}")
        elif kind in _SELECTS and not form.lists.get(_list(row)):
            text = "la lista no tiene opciones en choices.csv"
            yield form.problem("items", line, "type", row["type"], text)
        elif kind not in _SELECTS and _list(row):
            text = "solo select_one y select_multiple llevan una lista"
            yield form.problem("items", line, "type", row["type"], text)
        for field in ("label", "hint", "constraint_message"):
            given = {lang for lang in LANGUAGES if row[f"{field}_{lang}"].strip()}
            wanted = set(LANGUAGES) if field == "label" or given else set()
            for lang in sorted(wanted - given):
                text = f"falta el texto de {name} en este idioma"
                yield form.problem("items", line, f"{field}_{lang}", "", text)
        if row["constraint"] and not row["constraint_message_es"]:
            text = f"falta decir qué se admite en {name}"
            yield form.problem("items", line, "constraint_message_es", "", text)


def _group_problems(form: _Form) -> Iterator[Problem]:
    open_groups: list[tuple[int, str]] = []
    for line, row in form.items:
        if _kind(row) == GROUP:
            open_groups.append((line, row["name"]))
        elif _kind(row) == "end_group":
            if not open_groups:
                text = "cierra un grupo que no está abierto; bórrelo"
                yield form.problem("items", line, "type", row["type"], text)
            else:
                open_groups.pop()
    for line, name in open_groups:
        yield form.problem("items", line, "name", name, "el grupo no se cierra: falta end_group")


def _other_problems(form: _Form) -> Iterator[Problem]:
    for line, row in form.items:
        if _kind(row) not in _SELECTS:
            continue
        others = [
            choice["name"] for choice in form.lists.get(_list(row), ()) if choice["other"] == "true"
        ]
        if not others:
            continue
        companion = row["name"] + OTHER_SUFFIX
        text_item = form.by_name.get(companion)
        if text_item is None or _kind(text_item) != "text":
            text = f"tiene la opción «{others[0]}» y falta la pregunta de texto {companion}"
            yield form.problem("items", line, "name", row["name"], text)
            continue
        at = next(number for number, other in form.items if other["name"] == companion)
        if not _opened_by(text_item["relevant"], row["name"], others):
            wanted = f"selected(${{{row['name']}}}, '{others[0]}')"
            text = f"debe preguntarse solo cuando se marca «{others[0]}»: escriba {wanted}"
            yield form.problem("items", at, "relevant", text_item["relevant"], text)


def _opened_by(relevant: str, name: str, others: list[str]) -> bool:
    try:
        return any((name, other) in parse(relevant).choices for other in others)
    except ExpressionError:
        return False


def _expressions(form: _Form) -> Iterator[tuple[int, Row, str, Expression | ExpressionError]]:
    for line, row in form.items:
        for column in ("relevant", "constraint"):
            if row[column]:
                try:
                    yield line, row, column, parse(row[column])
                except ExpressionError as error:
                    yield line, row, column, error


def _expression_problems(form: _Form) -> Iterator[Problem]:
    order = {row["name"]: line for line, row in form.items if row["name"]}
    for line, row, column, found in _expressions(form):

        def said(
            text: str, at: int = line, where: str = column, value: str = row[column]
        ) -> Problem:
            return form.problem("items", at, where, value, text)

        if isinstance(found, ExpressionError):
            yield said(str(found))
            continue
        if column == "relevant" and any(
            n.kind == "item" and n.value == CURRENT for n in found.walk()
        ):
            yield said("«.» es la respuesta propia, que aún no existe; nombre otra pregunta")
        for name in sorted(found.items):
            if name not in form.by_name:
                yield said(f"no hay ninguna pregunta «{name}»")
            elif _kind(form.by_name[name]) not in QUESTION_TYPES:
                yield said(f"«{name}» no es una pregunta")
            elif column == "relevant" and name != row["name"] and order[name] > line:
                yield said(f"«{name}» se pregunta después; póngala antes")
        for name, code in sorted(found.choices):
            target = row["name"] if name == CURRENT else name
            choices = form.choices_of(target)
            if choices and code not in {choice["name"] for choice in choices} | {""}:
                yield said(f"«{target}» no tiene la opción «{code}»")


def _cycle_problems(form: _Form) -> Iterator[Problem]:
    graph: dict[str, set[str]] = {}
    holders: list[str] = []
    for _, row in form.items:
        if _kind(row) == "end_group":
            holders = holders[:-1]
            continue
        needs = set(holders)
        with suppress(ExpressionError):  # said already
            needs |= set(parse(row["relevant"]).items) if row["relevant"] else set()
        graph.setdefault(row["name"], set()).update(needs)
        if _kind(row) == GROUP:
            holders = [*holders, row["name"]]
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        names = list(dict.fromkeys(error.args[1]))
        first = min(names, key=list(graph).index)
        line = next(number for number, row in form.items if row["name"] == first)
        text = f"las condiciones dan la vuelta ({' → '.join([*names, names[0]])}); rompa el círculo"
        yield form.problem("items", line, "relevant", form.by_name[first]["relevant"], text)


def _setting_problems(form: _Form) -> Iterator[Problem]:
    given = {row["setting"]: row for _, row in form.settings}
    for name in _REQUIRED_SETTINGS:
        if name not in given:
            text = f"falta el ajuste {name}"
            yield Problem(f"{form.version}/settings.csv", None, "setting", "", text)
    for line, row in form.settings:
        if row["setting"] == "default_language" and row["value_es"] not in LANGUAGES:
            text = f"se admite: {', '.join(LANGUAGES)}"
            yield form.problem("settings", line, "value_es", row["value_es"], text)
        if row["setting"] == "form_id" and not re.fullmatch(r"[A-Za-z_][\w.-]*", row["value_es"]):
            text = "el identificador lleva letras sin tilde, cifras y _"
            yield form.problem("settings", line, "value_es", row["value_es"], text)
