"""The mapping table: one row a column of the file, and one a value that needs a choice."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from analysis.instrument import Instrument
from analysis.responses import State

COLUMNS = ("source_column", "source_value", "item", "choice", "method", "score", "accepted")
METHODS = ("exact", "normalised", "fuzzy", "declared", "tool", "none", "manual")
"""How a row was found: same code or label; same but for case, accents, spaces and prefix; alike;
declared by the file; added by the survey tool; not found; written by the researcher."""

RESPONDENT, START, END, LANGUAGE, IGNORE = (
    "@respondent",
    "@started",
    "@ended",
    "@language",
    "@ignore",
)
SELECTED, NOT_SELECTED = "@selected", "@not_selected"
BLANK, UNASKED, DONT_KNOW, REFUSED = (
    f"@{state}" for state in (State.BLANK, State.UNASKED, State.DONT_KNOW, State.REFUSED)
)
TARGETS = (RESPONDENT, START, END, LANGUAGE, IGNORE)
REASONS = {f"@{state}": str(state) for state in State if state not in (State.ANSWERED, State.NONE)}
_YES, _NO = {"si", "sí", "s", "yes", "true", "1", "x"}, {"no", "n", "false", "0"}


class MappingError(ValueError):
    """The mapping table cannot be used; says every row and what to write."""


@dataclass(frozen=True)
class Rule:
    """One row of the table.

    Parameters
    ----------
    source_column : str
        Column of the file.
    source_value : str
        Value of the file; empty when the row is about the column itself.
    item : str
        Item, or ``@respondent``, ``@started``, ``@ended``, ``@language``, ``@ignore``; empty when
        none was found.
    choice : str
        Choice; for a column, the choice that it is the box of. ``@selected`` and
        ``@not_selected`` for the values of a box, ``@blank``, ``@unasked``, ``@dont_know`` and
        ``@refused`` for values that mean no answer.
    method : str
        One of ``METHODS``.
    score : float
        Likeness from 0 to 100.
    accepted : bool or None
        True is applied, False is not, None waits for the researcher.
    """

    source_column: str
    source_value: str = ""
    item: str = ""
    choice: str = ""
    method: str = "manual"
    score: float = 100.0
    accepted: bool | None = True


@dataclass(frozen=True)
class Mapping:
    """The whole table."""

    rules: tuple[Rule, ...]

    @cached_property
    def columns(self) -> dict[str, Rule]:
        """Accepted rules about columns that lead somewhere, by column."""
        return {
            r.source_column: r for r in self.rules if not r.source_value and r.accepted and r.item
        }

    @cached_property
    def values(self) -> dict[str, dict[str, str]]:
        """Accepted choice by column and value."""
        found: dict[str, dict[str, str]] = {}
        for rule in self.rules:
            if rule.source_value and rule.accepted and rule.choice:
                found.setdefault(rule.source_column, {})[rule.source_value] = rule.choice
        return found

    @property
    def pending(self) -> tuple[Rule, ...]:
        """Rules that wait for the researcher; a value without a proposal has nothing to confirm."""
        waiting = (rule for rule in self.rules if rule.item and rule.accepted is None)
        return tuple(r for r in waiting if r.method != "none" or not r.source_value)

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Columns for which nothing was found and which nobody set aside."""
        return tuple(r.source_column for r in self.rules if not r.source_value and not r.item)

    def of_item(self, item: str) -> list[Rule]:
        """Return the accepted rules of the columns that hold an item, in the order of the file."""
        return [rule for rule in self.columns.values() if rule.item == item]


def write_mapping(mapping: Mapping) -> str:
    """Write the table as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for r in mapping.rules:
        accepted = "" if r.accepted is None else "si" if r.accepted else "no"
        score = f"{r.score:g}"
        writer.writerow(
            (r.source_column, r.source_value, r.item, r.choice, r.method, score, accepted)
        )
    return stream.getvalue()


def read_mapping(path: Path, instrument: Instrument) -> Mapping:
    """Read and check a table that a researcher may have corrected.

    Raises
    ------
    MappingError
        With every row that names an unknown item or choice, or is written otherwise.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise MappingError(f"{path.name}: no está en UTF-8; guárdelo así.") from None
    delimiter = ";" if text.splitlines() and text.splitlines()[0].count(";") > 3 else ","
    rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
    absent = [name for name in COLUMNS[:4] if rows and name not in rows[0]]
    if absent or not rows:
        raise MappingError(
            f"{path.name}: faltan columnas o filas; las columnas son {', '.join(COLUMNS)}."
        )
    rules, problems = [], []
    seen: dict[tuple[str, str], int] = {}
    for line, row in enumerate(rows, 2):
        rule, problem = _rule(row, instrument)
        key = (rule.source_column, rule.source_value)
        if not problem and key in seen:
            problem = f"repite la fila {seen[key]}; deje una de las dos"
        seen.setdefault(key, line)
        if problem:
            problems.append(f"  - {path.name}, fila {line}: {problem}")
        rules.append(rule)
    if problems:
        raise MappingError("La tabla de correspondencias no se puede usar:\n" + "\n".join(problems))
    return Mapping(tuple(rules))


def _rule(row: dict[str, str], instrument: Instrument) -> tuple[Rule, str]:
    cell = {name: (row.get(name) or "") for name in COLUMNS}
    word = cell["accepted"].strip().lower()
    accepted = True if word in _YES else False if word in _NO else None
    try:
        score = float(cell["score"].replace(",", ".") or 100)
    except ValueError:
        score = 0.0
    item, choice = cell["item"].strip(), cell["choice"].strip()
    rule = Rule(
        cell["source_column"],
        cell["source_value"],
        item,
        choice,
        cell["method"].strip() or "manual",
        score,
        accepted,
    )
    return rule, _problem(rule, instrument, word if accepted is None else "")


def _problem(rule: Rule, instrument: Instrument, word: str) -> str:
    if word:
        return f"accepted es «{word}»; escriba si, no, o déjelo vacío"
    if not rule.source_column:
        return "falta source_column"
    if not rule.item:
        return ""
    if rule.item.startswith("@"):
        known = ", ".join(TARGETS)
        return "" if rule.item in TARGETS else f"«{rule.item}» no existe; hay: {known}"
    if rule.item not in instrument or not instrument.item(rule.item).is_question:
        near = _near(rule.item, [question.code for question in instrument.questions])
        return f"el cuestionario {instrument.version} no tiene la pregunta «{rule.item}»{near}"
    codes = [choice.code for choice in instrument.item(rule.item).choices]
    special = (*REASONS, SELECTED, NOT_SELECTED)
    if rule.choice and rule.choice not in codes and rule.choice not in special:
        near = _near(rule.choice, codes)
        return f"«{rule.item}» no tiene la opción «{rule.choice}»{near}"
    return ""


def _near(code: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(code, list(known), n=3)
    return f"; ¿quiso decir {' o '.join(near)}?" if near else ""
