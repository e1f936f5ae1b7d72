"""What changed between two versions of the questionnaire, and what stays comparable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from analysis import datapackage
from analysis.datapackage import Problem
from analysis.instrument.model import Instrument, Item, UnknownItemError
from analysis.instrument.tables import FOLDER, Row, read_rows
from analysis.paths import Project

if TYPE_CHECKING:
    import pandas as pd

COMPARABLE, WITH_RECODE, NOT_COMPARABLE = (
    "comparable",
    "comparable_with_recode",
    "not_comparable",
)
COLUMNS = (
    "level",
    "item_a",
    "choice_a",
    "item_b",
    "choice_b",
    "change",
    "verdict",
    "reason_es",
    "reason_en",
    "reviewed",
    "label_a_es",
    "label_a_en",
    "label_b_es",
    "label_b_en",
)
_UNREVIEWED = {
    "reason_es": "Nadie ha revisado este cambio; falta su fila en crosswalk.csv.",
    "reason_en": "No one has reviewed this change; its row in crosswalk.csv is missing.",
}
_SAME = {"reason_es": "Sin cambios.", "reason_en": "No change."}
_ALONE_A = {
    "reason_es": "Solo se preguntó en la primera versión.",
    "reason_en": "Only the first version asked it.",
}
_ALONE_B = {
    "reason_es": "Solo se pregunta en la segunda versión.",
    "reason_en": "Only the second version asks it.",
}


def load_crosswalk(project: Project) -> list[Row]:
    """Read the reviewed correspondence between versions; empty when there is none.

    Returns
    -------
    list of rows
        Texts with the keys ``version_a, item_a, choice_a, version_b, item_b, choice_b, verdict,
        reason_es, reason_en, reviewed``. A row without choices is about the items.
    """
    folder = project.raw / FOLDER
    if not (folder / "crosswalk.csv").is_file():
        return []
    datapackage.load(folder, cache=project.processed / FOLDER)
    return read_rows(folder / "crosswalk.csv")


def _rows_between(crosswalk: Sequence[Row], a: str, b: str) -> list[Row]:
    """Rows from ``a`` to ``b``, turned around when they are written the other way."""
    found = []
    for row in crosswalk:
        if (row["version_a"], row["version_b"]) == (a, b):
            found.append(row)
        elif (row["version_a"], row["version_b"]) == (b, a):
            turned = {
                f"{field}_{end}": row[f"{field}_{other}"]
                for field in ("version", "item", "choice")
                for end, other in (("a", "b"), ("b", "a"))
            }
            found.append({**row, **turned})
    return found


def compare(a: Instrument, b: Instrument, crosswalk: Sequence[Row]) -> pd.DataFrame:
    """Compare two versions, item by item and choice by choice.

    Parameters
    ----------
    a, b : Instrument
        Former and later version.
    crosswalk : list of rows
        From ``load_crosswalk``; either direction serves.

    Returns
    -------
    DataFrame
        One row (``level`` ``item``) for each question, in the order of ``a`` and then of ``b``,
        and one (``level`` ``choice``) for each choice that changed. ``change`` of an item is
        ``unchanged``, ``added``, ``dropped``, ``renamed`` (another code) or the sorted list, joined
        by ``+``, of ``reworded``, ``type``, ``choices`` (some came or went), ``relabelled`` (the
        text of a choice), ``relevance``, ``constraint`` and ``required``; of a choice ``added``,
        ``dropped``, ``relabelled`` or ``recoded``. ``verdict`` is ``comparable``,
        ``comparable_with_recode`` or ``not_comparable``; a change that the crosswalk does not hold,
        or holds unreviewed, is ``not_comparable`` and ``reviewed`` is False. Help and notes do not
        count as changes.
    """
    import pandas as pd

    rows = list(_compared(a, b, _rows_between(crosswalk, a.version, b.version)))
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        {name: "string" for name in COLUMNS if name != "reviewed"}
    )
    frame["reviewed"] = frame["reviewed"].astype("boolean")
    return frame


def _compared(a: Instrument, b: Instrument, rows: list[Row]) -> Iterator[dict[str, object]]:
    pairs = [row for row in rows if not row["choice_a"] and not row["choice_b"]]
    linked = {(row["item_a"], row["item_b"]): row for row in pairs}
    targets = {item for _, item in linked}
    sources = {item for item, _ in linked}
    for item in a.questions:
        found = [pair for pair in linked if pair[0] == item.code]
        if item.code in b and not found:
            found = [(item.code, item.code)]
        for _, code in found:
            yield from _pair(item, b.item(code), linked.get((item.code, code)), rows)
        if not found:
            yield _row("item", item, None, "dropped", NOT_COMPARABLE, _ALONE_A)
    for item in b.questions:
        if item.code not in targets and not (item.code in a and item.code not in sources):
            yield _row("item", None, item, "added", NOT_COMPARABLE, _ALONE_B)


def changes(a: Item, b: Item) -> tuple[str, ...]:
    """Name what differs between two versions of an item; see ``compare``."""
    labels_a = {choice.code: dict(choice.label) for choice in a.choices}
    labels_b = {choice.code: dict(choice.label) for choice in b.choices}
    common = labels_a.keys() & labels_b.keys()
    found = {
        "renamed": a.code != b.code,
        "reworded": dict(a.label) != dict(b.label),
        "type": a.type != b.type,
        "choices": labels_a.keys() != labels_b.keys(),
        "relabelled": any(labels_a[code] != labels_b[code] for code in common),
        "relevance": a.relevant != b.relevant,
        "constraint": a.constraint != b.constraint,
        "required": a.required != b.required,
    }
    return tuple(name for name, differs in sorted(found.items()) if differs)


def _verdict(row: Row | None) -> tuple[str, Mapping[str, object]]:
    if row is None:
        return NOT_COMPARABLE, {**_UNREVIEWED, "reviewed": False}
    reviewed = row["reviewed"] == "true"
    said = {"reason_es": row["reason_es"], "reason_en": row["reason_en"]}
    if not reviewed:
        return NOT_COMPARABLE, {**_UNREVIEWED, "reviewed": False}
    return row["verdict"], {**said, "reviewed": True}


def _pair(a: Item, b: Item, row: Row | None, rows: list[Row]) -> Iterator[dict[str, object]]:
    differ = changes(a, b)
    if not differ and row is None:
        yield _row("item", a, b, "unchanged", COMPARABLE, _SAME)
        return
    verdict, said = _verdict(row)
    yield _row("item", a, b, "+".join(differ) or "unchanged", verdict, said)
    mapped = [
        row
        for row in rows
        if (row["item_a"], row["item_b"]) == (a.code, b.code)
        and (row["choice_a"] or row["choice_b"])
    ]
    for link in mapped:
        verdict, said = _verdict(link)
        change = (
            "dropped"
            if not link["choice_b"]
            else "added"
            if not link["choice_a"]
            else "relabelled"
            if link["choice_a"] == link["choice_b"]
            else "recoded"
        )
        yield _row("choice", a, b, change, verdict, said, link["choice_a"], link["choice_b"])
    done_a = {link["choice_a"] for link in mapped}
    done_b = {link["choice_b"] for link in mapped}
    codes_b = {choice.code: choice for choice in b.choices}
    for choice in a.choices:
        if choice.code in done_a:
            continue
        if choice.code not in codes_b:
            yield _row("choice", a, b, "dropped", *_verdict(None), choice.code, "")
        elif dict(choice.label) != dict(codes_b[choice.code].label):
            yield _row("choice", a, b, "relabelled", *_verdict(None), choice.code, choice.code)
    codes_a = {choice.code for choice in a.choices}
    for choice in b.choices:
        if choice.code not in codes_a | done_b:
            yield _row("choice", a, b, "added", *_verdict(None), "", choice.code)


def _row(
    level: str,
    a: Item | None,
    b: Item | None,
    change: str,
    verdict: str,
    said: Mapping[str, object],
    choice_a: str = "",
    choice_b: str = "",
) -> dict[str, object]:
    row: dict[str, object] = {
        "level": level,
        "item_a": a.code if a else None,
        "choice_a": choice_a or None,
        "item_b": b.code if b else None,
        "choice_b": choice_b or None,
        "change": change,
        "verdict": verdict,
        "reviewed": True,
        **said,
    }
    for end, item, code in (("a", a, choice_a), ("b", b, choice_b)):
        if item is not None and (level == "item" or code):
            labels = item.label if level == "item" else item.choice(code).label
            row |= {f"label_{end}_{lang}": labels[lang] for lang in ("es", "en")}
    return row


def common_choices(
    a: Instrument, b: Instrument, crosswalk: Sequence[Row], item_a: str, item_b: str | None = None
) -> pd.DataFrame:
    """Map the choices of an item in two versions to codes that both can hold.

    Choices that the crosswalk joins, directly or through others, share one common code: the first
    of version ``a`` among them. Merged and split choices therefore become comparable at the
    coarser of the two lists.

    Parameters
    ----------
    a, b : Instrument
        Versions.
    crosswalk : list of rows
        Only reviewed rows that are not ``not_comparable`` join choices.
    item_a, item_b : str
        The item in each version; ``item_b`` is ``item_a`` when not given.

    Returns
    -------
    DataFrame
        Columns ``version, choice, common``; ``common`` is NA for a choice without counterpart.
    """
    import networkx as nx
    import pandas as pd

    item_b = item_b or item_a
    ends = {"a": a.item(item_a), "b": b.item(item_b)}
    graph = nx.Graph()
    for end, item in ends.items():
        graph.add_nodes_from((end, choice.code) for choice in item.choices)
    links = [
        row
        for row in _rows_between(crosswalk, a.version, b.version)
        if (row["item_a"], row["item_b"]) == (item_a, item_b) and row["reviewed"] == "true"
    ]
    spoken = {("a", row["choice_a"]) for row in links} | {("b", row["choice_b"]) for row in links}
    for row in links:
        if row["choice_a"] and row["choice_b"] and row["verdict"] != NOT_COMPARABLE:
            graph.add_edge(("a", row["choice_a"]), ("b", row["choice_b"]))
    for choice in ends["a"].choices:
        same = ("b", choice.code)
        if same in graph and ("a", choice.code) not in spoken and same not in spoken:
            graph.add_edge(("a", choice.code), same)
    common: dict[tuple[str, str], str] = {}
    for part in nx.connected_components(graph):
        if {end for end, _ in part} == {"a", "b"}:
            first = next(c.code for c in ends["a"].choices if ("a", c.code) in part)
            common |= dict.fromkeys(part, first)
    rows = [
        (instrument.version, choice.code, common.get((end, choice.code)))
        for end, instrument in (("a", a), ("b", b))
        for choice in ends[end].choices
    ]
    return pd.DataFrame(rows, columns=["version", "choice", "common"], dtype="string")


def crosswalk_problems(instruments: Mapping[str, Instrument], rows: Sequence[Row]) -> list[Problem]:
    """Find rows of the crosswalk that name nothing, and changes that no one has written down."""
    found = []
    for line, row in enumerate(rows, start=2):
        for end in ("a", "b"):
            found += _end_problems(instruments, row, end, line)
        about_items = not (row["choice_a"] or row["choice_b"])
        same_code = row["item_a"] == row["item_b"]
        if about_items and same_code and row["verdict"] == NOT_COMPARABLE:
            text = "el mismo código no puede medir otra cosa; dele otro código en una versión"
            found.append(Problem("crosswalk.csv", line, "verdict", row["item_a"], text))
    if found:
        return found
    names = list(instruments)
    for at, first in enumerate(names):
        for second in names[at + 1 :]:
            found += _reused(instruments[first], instruments[second], rows)
    return found


def _end_problems(
    instruments: Mapping[str, Instrument], row: Row, end: str, line: int
) -> Iterator[Problem]:
    version, item, choice = (row[f"{field}_{end}"] for field in ("version", "item", "choice"))
    if version not in instruments:
        text = f"no hay tal versión; hay: {', '.join(instruments)}"
        yield Problem("crosswalk.csv", line, f"version_{end}", version, text)
        return
    try:
        found = instruments[version].item(item)
    except UnknownItemError as error:
        yield Problem("crosswalk.csv", line, f"item_{end}", item, str(error))
        return
    if choice:
        try:
            found.choice(choice)
        except UnknownItemError as error:
            yield Problem("crosswalk.csv", line, f"choice_{end}", choice, str(error))


def _reused(a: Instrument, b: Instrument, rows: Sequence[Row]) -> Iterator[Problem]:
    """Codes in both versions that ask another thing, as far as anyone has said."""
    written = {
        (row["item_a"], row["item_b"])
        for row in _rows_between(rows, a.version, b.version)
        if not row["choice_a"] and not row["choice_b"]
    }
    meaning = {"reworded", "type", "choices", "relabelled"}
    for item in a.questions:
        if item.code not in b or (item.code, item.code) in written:
            continue
        differ = sorted(meaning & set(changes(item, b.item(item.code))))
        if differ:
            said = {
                "reworded": "la pregunta",
                "type": "el tipo",
                "choices": "la lista de opciones",
                "relabelled": "el texto de una opción",
            }
            what = ", ".join(said[name] for name in differ)
            text = (
                f"el código está en {a.version} y en {b.version} y cambia {what}; diga en "
                "crosswalk.csv si se puede comparar, o dele otro código si mide otra cosa"
            )
            yield Problem("crosswalk.csv", None, "item_a", item.code, text)
