"""Apply a mapping exactly: what it does not say is not read, and is reported."""

from __future__ import annotations

import re
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.instrument import Instrument, Item
from analysis.mapping.names import normal
from analysis.mapping.propose import FALSE, TRUE, Scan
from analysis.mapping.table import (
    END,
    LANGUAGE,
    NOT_SELECTED,
    REASONS,
    RESPONDENT,
    SELECTED,
    START,
    Mapping,
    Rule,
)
from analysis.mapping.values import Style, style_of
from analysis.responses import NO_CODE, Responses

if TYPE_CHECKING:
    import pandas as pd

    from analysis.readers import ReadOptions

_ABOUT = {START: "started", END: "ended", LANGUAGE: "language"}
_NUMBERS = re.compile(r"[+-]?\d[\d.,  \u00a0]*")
_TYPED = ("number", "date", "datetime", "boolean")


@dataclass(frozen=True)
class Reader:
    """How the cells of a file are read.

    Parameters
    ----------
    instrument : Instrument
        Version of the questionnaire.
    mapping : Mapping
        What each column and value is.
    style : Style
        How numbers and dates are written as text.
    typed : frozenset of str
        Columns whose numbers and dates the file itself types.
    """

    instrument: Instrument
    mapping: Mapping
    style: Style
    typed: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        instrument: Instrument,
        mapping: Mapping,
        scan: Scan,
        options: ReadOptions,
        file: str,
    ) -> Reader:
        """Find out how a file writes its numbers and dates.

        Raises
        ------
        AmbiguousFileError
            When it can be read in two ways and nothing decides.
        """
        typed = frozenset(c.name for c in scan.columns if c.kind in _TYPED)

        def values(*types: str) -> dict[str, list[str]]:
            found = {}
            for question in instrument.questions:
                for rule in mapping.of_item(question.code) if question.type in types else ():
                    column = rule.source_column
                    known = mapping.values.get(column, {})
                    if column not in typed:
                        texts = sorted(scan.values.get(column, ()))
                        found[column] = [text for text in texts if text not in known]
            return found

        style = style_of(
            file,
            values("integer", "decimal"),
            values("date"),
            decimal=options.decimal,
            order=options.dates,
        )
        return cls(instrument, mapping, style, typed)

    def cell(self, item: Item, column: str, text: str) -> str | None:
        """Read a number or a date; None when it is none."""
        style = Style({column: "."}) if column in self.typed else self.style
        return style.date(column, text) if item.type == "date" else style.number(column, text)


def apply(reader: Reader, rows: pd.DataFrame, *, first_row: int = 2) -> Responses:
    """Turn the rows of a file into responses.

    Parameters
    ----------
    reader : Reader
        Mapping and style.
    rows : DataFrame
        Text of the file, one row a respondent; its index counts rows from 0.
    first_row : int
        Row of the file that holds respondent 0.

    Returns
    -------
    Responses
        With all that could not be placed in ``unread``, and two ways of writing the same answer
        that differ in ``conflicts``.
    """
    import pandas as pd

    mapping, instrument = reader.mapping, reader.instrument
    here = set(rows.columns)
    numbers = pd.Series(rows.index.to_numpy() + first_row, index=rows.index)
    values: dict[str, pd.Series] = {}
    marks: dict[str, pd.DataFrame] = {}
    extra: dict[str, dict[str, pd.Series]] = {n: {} for n in ("missing", "unread", "conflicts")}
    loose: dict[str, pd.Series] = {}
    columns: dict[str, str] = {}
    for item in instrument.questions:
        rules = [rule for rule in mapping.of_item(item.code) if rule.source_column in here]
        if not rules:
            continue
        columns[item.code] = rules[0].source_column
        if item.type == "select_multiple":
            marks[item.code], found = _multiple(reader, item, rules, rows)
        else:
            values[item.code], found = _single(reader, item, rules, rows)
        if "loose" in found:
            loose[item.code] = found.pop("loose")
        for name, series in found.items():
            if series.notna().any():
                extra[name][item.code] = series
    _others(instrument, rows, mapping, values, marks)
    return Responses(
        instrument=instrument,
        ids=_ids(mapping, rows),
        rows=numbers,
        about=_about(mapping, rows),
        values=values,
        marks=marks,
        columns=columns,
        loose=loose,
        **extra,
    )


def _ids(mapping: Mapping, rows: pd.DataFrame) -> pd.Series:
    import pandas as pd

    column = next((c for c, rule in mapping.columns.items() if rule.item == RESPONDENT), None)
    order = pd.Series(rows.index.to_numpy() + 1, index=rows.index)
    numbers = order.astype("string").str.zfill(4)
    if column is None or column not in rows:
        return "R" + numbers
    said = _text(rows[column]).str.strip()
    return said.fillna(NO_CODE + numbers)


def _about(mapping: Mapping, rows: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    found = pd.DataFrame(index=rows.index)
    for target, name in _ABOUT.items():
        column = next((c for c, rule in mapping.columns.items() if rule.item == target), None)
        found[name] = (
            _text(rows[column])
            if column in rows
            else pd.Series(pd.NA, index=rows.index, dtype="string")
        )
    return found


def _text(series: pd.Series) -> pd.Series:
    """Return the texts of a column; a cell of spaces alone is empty."""
    return series.mask(series.str.strip().eq("").fillna(False).astype(bool)).astype("string")


def _none(rows: pd.DataFrame) -> pd.Series:
    import pandas as pd

    return pd.Series(pd.NA, index=rows.index, dtype="string")


def _translate(series: pd.Series, table: Dict[str, str | None]) -> pd.Series:
    """Look every text up; pandas' own map is slow on nullable text."""
    import pandas as pd

    codes, distinct = pd.factorize(series)
    found = pd.array([table.get(str(text)) for text in distinct] + [None], dtype="string")
    return pd.Series(found.take(codes), index=series.index)


def _single(
    reader: Reader, item: Item, rules: list[Rule], rows: pd.DataFrame
) -> tuple[pd.Series, dict[str, pd.Series]]:
    import pandas as pd

    value, missing, unread, conflict = (_none(rows) for _ in range(4))
    loose = _none(rows)
    for rule in rules:
        text = _text(rows[rule.source_column])
        known = reader.mapping.values.get(rule.source_column, {})
        said: dict[str, str | None] = {}
        for cell in pd.unique(text.dropna()):
            said[str(cell)] = known.get(str(cell)) or _read(reader, item, rule, str(cell))
        found = _translate(text, said)
        reason = _translate(found, dict(REASONS))
        found = found.mask(reason.notna())
        if item.type in ("integer", "decimal"):
            words = _translate(text, {cell: cell for cell in said if _worded(cell, said[cell])})
            loose = loose.fillna(words)
        nowhere = text.mask(found.notna() | reason.notna())
        differs = value.notna() & found.notna() & value.ne(found).fillna(False)
        conflict = conflict.mask(differs, value + " ≠ " + found)
        value, missing = value.fillna(found), missing.fillna(reason)
        unread = unread.fillna(nowhere)
    own = _translate(missing, _choices_for_missing(item))
    value, missing = value.fillna(own), missing.mask(own.notna())
    result = {"missing": missing, "unread": unread, "conflicts": conflict}
    if loose.notna().any():
        result["loose"] = loose
    return value, result


def _choices_for_missing(item: Item) -> dict[str, str | None]:
    """Give the choice that says a reason, so that «no sabe» is one answer however it was told."""
    return {choice.missing: choice.code for choice in item.choices if choice.missing}


def _worded(cell: str, value: str | None) -> bool:
    return value is not None and value not in REASONS and any(c.isalpha() for c in cell)


def _read(reader: Reader, item: Item, rule: Rule, cell: str) -> str | None:
    """Read one cell that the mapping does not name; None when it cannot be read."""
    if item.type == "text":
        return cell
    if item.choices:
        return cell if any(choice.code == cell for choice in item.choices) else None
    column = rule.source_column
    found = reader.cell(item, column, cell)
    if found is not None or item.type == "date":
        return found
    inside = _NUMBERS.findall(cell)
    return reader.cell(item, column, inside[0].strip(" .,")) if len(inside) == 1 else None


def _multiple(
    reader: Reader, item: Item, rules: list[Rule], rows: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Read a multiple question from one column, from a column a choice, or from both."""
    import numpy as np

    codes = [choice.code for choice in item.choices]
    place = {code: at for at, code in enumerate(codes)}
    size = (len(rows), len(codes))
    missing, unread = _none(rows), _none(rows)
    boxes = [rule for rule in rules if rule.choice]
    wholes = [rule for rule in rules if not rule.choice]
    box_true, box_known = np.zeros(size, bool), np.zeros(size, bool)
    for rule in boxes:
        text = _text(rows[rule.source_column])
        said = _boxes(reader, rule, text)
        true = said.eq(SELECTED).fillna(False).to_numpy(dtype=bool)
        false = said.eq(NOT_SELECTED).fillna(False).to_numpy(dtype=bool)
        box_true[:, place[rule.choice]] |= true
        box_known[:, place[rule.choice]] |= true | false
        reason = _translate(said, dict(REASONS))
        missing = missing.fillna(reason)
        unread = unread.fillna(text.mask(said.notna()))
    whole_true, whole_known = np.zeros(size, bool), np.zeros(len(rows), bool)
    for rule in wholes:
        chosen, known, reason, nowhere = _whole(reader, rule, rows, codes)
        whole_true |= chosen
        whole_known |= known
        missing, unread = missing.fillna(reason), unread.fillna(nowhere)
    conflict = _none(rows)
    if boxes and wholes:
        conflict = _contradiction(codes, boxes, whole_true, whole_known, box_true, box_known, rows)
    chosen = box_true | whole_true
    for reason, code in _choices_for_missing(item).items():
        said = missing.eq(reason).fillna(False).to_numpy(dtype=bool) & ~chosen.any(axis=1)
        chosen[said, place[code]] = True
    answered = chosen.any(axis=1)
    told = answered | _all_said_no(item, boxes, box_known)
    marks = _frame(chosen, told, codes, rows)
    missing = missing.mask(answered)
    return marks, {"missing": missing, "unread": unread, "conflicts": conflict}


def _frame(chosen: object, told: object, codes: list[str], rows: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    unknown = ~np.asarray(told)
    found = {}
    for at, code in enumerate(codes):
        column = np.asarray(chosen)[:, at].copy()
        found[code] = pd.array(column, dtype="boolean")
        found[code][unknown] = pd.NA
    return pd.DataFrame(found, index=rows.index)


def _all_said_no(item: Item, boxes: list[Rule], known: object) -> object:
    """Tell who said no to every choice of a question that has no «ninguna» to say it with."""
    import numpy as np

    rows = len(np.asarray(known))
    if any(choice.none for choice in item.choices) or len(boxes) < len(item.choices):
        return np.zeros(rows, bool)
    return np.asarray(known).all(axis=1)


def _boxes(reader: Reader, rule: Rule, text: pd.Series) -> pd.Series:
    import pandas as pd

    known = reader.mapping.values.get(rule.source_column, {})
    said: dict[str, str | None] = {}
    for cell in pd.unique(text.dropna()):
        key = normal(str(cell))
        plain = SELECTED if key in TRUE else NOT_SELECTED if key in FALSE else None
        said[str(cell)] = known.get(str(cell)) or plain
    return _translate(text, said)


def _whole(
    reader: Reader, rule: Rule, rows: pd.DataFrame, codes: list[str]
) -> tuple[object, object, pd.Series, pd.Series]:
    """Read a column that holds every chosen code: each distinct text once."""
    import numpy as np
    import pandas as pd

    text = _text(rows[rule.source_column])
    known = reader.mapping.values.get(rule.source_column, {})
    index, distinct = pd.factorize(text)
    table = np.zeros((len(distinct) + 1, len(codes)), bool)
    place = {code: at for at, code in enumerate(codes)}
    reasons: dict[str, str | None] = {}
    nowhere: dict[str, str | None] = {}
    for at, cell in enumerate(map(str, distinct)):
        tokens = [cell] if cell in known else cell.split()
        lost = []
        for token in tokens:
            code = known.get(token, token)
            if code in REASONS:
                reasons[cell] = REASONS[code]
            elif code in place:
                table[at, place[code]] = True
            else:
                lost.append(token)
        if lost:
            nowhere[cell] = " ".join(lost)
    return (
        table[index],
        text.notna().to_numpy(dtype=bool),
        _translate(text, reasons),
        _translate(text, nowhere),
    )


def _contradiction(
    codes: list[str],
    boxes: list[Rule],
    whole: object,
    whole_known: object,
    box: object,
    box_known: object,
    rows: pd.DataFrame,
) -> pd.Series:
    """Say where the column of all choices and the column of each one disagree."""
    import numpy as np
    import pandas as pd

    held = np.array([code in {rule.choice for rule in boxes} for code in codes])
    whole, box, box_known = np.asarray(whole), np.asarray(box), np.asarray(box_known)
    any_box = box_known.any(axis=1)
    asked = np.asarray(whole_known) | any_box
    differ = (whole != box) & held & asked[:, np.newaxis]
    found = pd.Series(pd.NA, index=rows.index, dtype="string")
    for at in np.flatnonzero(differ.any(axis=1)):
        names = [code for code, odd in zip(codes, differ[at], strict=True) if odd]
        found.iloc[at] = ", ".join(names)
    return found


def _others(
    instrument: Instrument,
    rows: pd.DataFrame,
    mapping: Mapping,
    values: dict[str, pd.Series],
    marks: dict[str, pd.DataFrame],
) -> None:
    """Mark «otro» where the file has its text and no box for it (LimeSurvey, Qualtrics)."""
    for item in instrument.questions:
        other = instrument.other_item(item.code)
        if other is None or other.code not in values or item.code not in marks:
            continue
        code = next(choice.code for choice in item.choices if choice.other)
        rules = mapping.of_item(item.code)
        if any(rule.choice in ("", code) for rule in rules):
            continue
        given = values[other.code].notna()
        marks[item.code] = marks[item.code].copy()
        marks[item.code].loc[given] = marks[item.code].loc[given].fillna(False)
        marks[item.code].loc[given, code] = True
