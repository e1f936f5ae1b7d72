"""Propose the mapping of a file: exact, then normalised, then alike with a score.

Only what is exact, normalised or declared by the file is proposed as accepted; what is merely
alike waits for the researcher.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis import texts
from analysis.instrument import Instrument, Item
from analysis.mapping.names import Names, Target, identifier_rank, normal, tool_target
from analysis.mapping.table import (
    BLANK,
    DONT_KNOW,
    IGNORE,
    NOT_SELECTED,
    REASONS,
    REFUSED,
    RESPONDENT,
    SELECTED,
    UNASKED,
    Mapping,
    Rule,
)
from analysis.readers import MultipleSet, RawColumn
from analysis.texts import LOCALES

if TYPE_CHECKING:
    from analysis.readers import RawTable

LEAST = 72.0
"""Likeness under which nothing is proposed."""

MANY = 10_000
"""Distinct texts of a column beyond which it is not the choices of a question."""

_SHORT = 3  # letters of a word that is in many others
TRUE = frozenset({"1", "true", "yes", "y", "si", "s", "x", "selected", "checked"})
FALSE = frozenset({"0", "false", "no", "n", "not_selected", "unchecked"})
_REASONS = (
    (DONT_KNOW, ("no sabe", "ns", "don't know", "dont know", "does not know", "dk")),
    (REFUSED, ("no responde", "nr", "rehusa", "se niega", "refused", "no contesta")),
    (UNASKED, ("no aplica", "no procede", "unasked", "not asked", "skipped", "no preguntada")),
    (BLANK, ("en blanco", "blank", "sin respuesta", "no answer", "missing", "sin dato")),
)


@dataclass
class Scan:
    """What a file holds: its columns and the distinct values of each.

    Parameters
    ----------
    columns : tuple of RawColumn
        In the order of the file.
    sets : tuple of MultipleSet
        Multiple-response sets that the file declares.
    values : dict of str to set of str
        Distinct texts by column; beyond ``MANY`` only those without letters, which may decide how
        numbers and dates are written: free texts of a large wave do not fit in memory.
    rows : int
        Respondents seen.
    facts : dict of str to str
        What the reader found out about the file.
    notes : list of str
        What the reader has to say.
    """

    columns: tuple[RawColumn, ...] = ()
    sets: tuple[MultipleSet, ...] = ()
    values: dict[str, set[str]] = field(default_factory=dict)
    rows: int = 0
    facts: Dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, table: RawTable) -> None:
        """Take in a piece of the file."""
        self.columns, self.sets = table.columns, table.multiple_sets
        self.facts = table.facts
        self.notes = list(dict.fromkeys([*self.notes, *table.notes]))
        self.rows += len(table.rows)
        for name in table.rows.columns:
            texts = table.rows[name].dropna().unique()
            seen = self.values.setdefault(name, set())
            many = len(seen) > MANY
            seen.update(t for t in texts if not (many and any(map(str.isalpha, t))))


def propose(instrument: Instrument, scan: Scan) -> Mapping:
    """Propose what each column and value of a file is.

    Parameters
    ----------
    instrument : Instrument
        Version of the questionnaire.
    scan : Scan
        The file.

    Returns
    -------
    Mapping
        One rule a column, in the order of the file, each followed by those of its values.
    """
    names = Names(instrument)
    identifier = _identifier(scan.columns)
    grouped = _set_targets(names, scan)
    rules: list[Rule] = []
    for column in scan.columns:
        found = scan.values.get(column.name, set())
        rule = _column(names, column, grouped)
        if column.name == identifier:
            rule = Rule(column.name, "", RESPONDENT, "", "tool", 100, True)
        elif identifier_rank(column.name) is not None and rule.method in ("fuzzy", "none"):
            rule = Rule(column.name, "", IGNORE, "", "tool", 100, True)
        rules.append(rule)
        if rule.item and not rule.item.startswith("@"):
            rules += _values(instrument.item(rule.item), rule, column, found, scan)
    return Mapping(tuple(rules))


def _identifier(columns: Iterable[RawColumn]) -> str | None:
    names = [(c.name, c.name) for c in columns]
    for said in (names, [(c.label, c.name) for c in columns]):
        ranked = [(identifier_rank(text), name) for text, name in said]
        best = min(((rank, name) for rank, name in ranked if rank is not None), default=None)
        if best:
            return best[1]
    return None


def _column(names: Names, column: RawColumn, grouped: Dict[str, tuple[Target, str]]) -> Rule:
    if column.name in grouped:
        target, method = grouped[column.name]
        return _rule(column, target, method)
    if exact := names.exact(column.name):
        return _rule(column, exact, "exact")
    for name in dict.fromkeys((column.name, column.header, _spoken(column))):
        if name and (near := names.near(name, "")):
            return _rule(column, near, "normalised")
    target = tool_target(column.name)
    if target or column.role == "metadata":
        return Rule(column.name, "", target or IGNORE, "", "tool", 100, True)
    if near := names.near("", column.label):
        return _rule(column, near, "normalised")
    alike = names.alike(column.name, column.label, LEAST)
    if alike:
        target, score = alike
        return Rule(column.name, "", target.item, target.choice, "fuzzy", score, None)
    return Rule(column.name, "", "", "", "none", 0, None)


def _spoken(column: RawColumn) -> str:
    """Name a column by what the reader understood of it."""
    match column.role:
        case "choice":
            return f"{column.question}/{column.choice}"
        case "other":
            return f"{column.question}_other"
    return column.question


def _rule(column: RawColumn, target: Target, method: str) -> Rule:
    return Rule(column.name, "", target.item, target.choice, method, 100, True)


def _set_targets(names: Names, scan: Scan) -> dict[str, tuple[Target, str]]:
    """Find what the columns of the declared multiple-response sets are."""
    found = {}
    for group in scan.sets:
        whole = names.near(group.name.lstrip("$"), group.label)
        if whole is None:
            continue
        item = names.instrument.item(whole.item)
        if item.type != "select_multiple":
            continue
        for name in group.columns:
            column = next(c for c in scan.columns if c.name == name)
            if group.kind == "categorical":
                found[name] = (Target(item.code), "declared")
                continue
            own = names.near(name, column.label)
            if own and own.item == item.code and own.choice:
                found[name] = (own, "declared")
                continue
            choice = _choice(item, column.label) or _choice(item, name)
            if choice:
                found[name] = (Target(item.code, choice), "declared")
    return found


def _choice(item: Item, text: str) -> str | None:
    """Find a choice by its code or label, normalised; None when none or several fit."""
    key = normal(text)
    fits = {
        c.code
        for c in item.choices
        if key == normal(c.code) or any(key == normal(label) for label in c.label.values())
    }
    return fits.pop() if len(fits) == 1 else None


def _values(
    item: Item, rule: Rule, column: RawColumn, found: set[str], scan: Scan
) -> Iterator[Rule]:
    """Propose what each value of a column is."""
    counted = {g.counted for g in scan.sets if g.kind == "dichotomous" and column.name in g.columns}
    plain = {choice.code for choice in item.choices}
    for value in sorted(found):
        if not value.strip():
            continue
        reason = column.missing_reason(value)
        if reason is not None:
            yield _reason(item, rule, value, reason)
        elif rule.choice:
            yield from _box(item, rule, value, counted)
        elif item.choices:
            words = value.split()
            tokens = words if item.type == "select_multiple" and set(words) <= plain else [value]
            if tokens != [value]:
                continue  # codes separated by spaces say themselves what they are
            yield _value(item, rule, value, column.value_labels.get(value, ""))


def _reason(item: Item, rule: Rule, value: str, reason: str) -> Rule:
    said = normal(reason)
    for target, words in _REASONS:
        own = [
            text
            for choice in item.choices
            if choice.missing and REASONS[target] == choice.missing
            for text in (choice.code, *choice.label.values())
        ]
        ours = [texts.label(f"instrument.missing.{REASONS[target]}", lang) for lang in LOCALES]
        if said in {normal(word) for word in (*words, *own, *ours)}:
            return Rule(rule.source_column, value, rule.item, target, "declared", 100, True)
    return Rule(rule.source_column, value, rule.item, BLANK, "fuzzy", 0, None)


def _box(item: Item, rule: Rule, value: str, counted: set[str]) -> Iterator[Rule]:
    key = normal(value)
    own = _choice(item, value) == rule.choice
    if counted:
        any_text = "" in counted and key not in FALSE
        said = SELECTED if any_text or value in counted else NOT_SELECTED
        yield Rule(rule.source_column, value, rule.item, said, "declared", 100, True)
    elif own:
        yield Rule(rule.source_column, value, rule.item, SELECTED, "normalised", 100, True)
    elif key not in TRUE | FALSE:
        yield Rule(rule.source_column, value, rule.item, "", "none", 0, None)


def _value(item: Item, rule: Rule, value: str, label: str) -> Rule:
    from rapidfuzz import fuzz, process

    codes = [choice.code for choice in item.choices]
    if value in codes:
        return Rule(rule.source_column, value, rule.item, value, "exact", 100, True)
    for text in (label, value):
        exact = [c.code for c in item.choices if text and text in c.label.values()]
        if len(exact) == 1:
            return Rule(rule.source_column, value, rule.item, exact[0], "exact", 100, True)
        near = _choice(item, text) if text else None
        if near:
            return Rule(rule.source_column, value, rule.item, near, "normalised", 100, True)
    pool = {
        normal(text).replace("_", " "): choice.code
        for choice in item.choices
        for text in (choice.code, *choice.label.values())
    }
    said = normal(label or value).replace("_", " ")
    scorer = fuzz.WRatio if len(said) > _SHORT else fuzz.ratio  # «si» is a part of «sin nombre»
    best = process.extractOne(said, pool.keys(), scorer=scorer)
    if best and best[1] >= LEAST:
        score = round(best[1], 1)
        return Rule(rule.source_column, value, rule.item, pool[best[0]], "fuzzy", score, None)
    return Rule(rule.source_column, value, rule.item, "", "none", 0, None)
