"""The pandera schema of a questionnaire, and the frame that it checks.

The frame has a text column for each item, as it was read or, where it could not be read, as it
stands in the file; and a boolean column ``<item>|<fault>`` for each fault that depends on other
answers. The schema follows from the questionnaire alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from analysis.instrument import Instrument, Item, evaluate
from analysis.responses import Responses, State

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

SEEN = "respondent|duplicate_respondent"
_INTEGER, _DECIMAL = r"-?\d+", r"-?\d+(\.\d+)?"
_DATE = r"\d{4}-\d{2}-\d{2}"
_PATTERN = {"integer": _INTEGER, "decimal": _DECIMAL, "date": _DATE}


def schema(instrument: Instrument, present: Collection[str] | None = None) -> pa.DataFrameSchema:
    """Derive the schema of a questionnaire.

    Parameters
    ----------
    instrument : Instrument
        The questionnaire.
    present : collection of str, optional
        Items that the file holds; all by default.
    """
    import pandera.pandas as pa

    def never(kind: str) -> pa.Column:
        return pa.Column(bool, pa.Check.equal_to(False, error=kind))

    columns = {
        "respondent": pa.Column(
            "string", unique=True, nullable=False, report_duplicates="exclude_first"
        ),
        SEEN: never("duplicate_respondent"),
    }
    for item in instrument.questions:
        if present is not None and item.code not in present:
            continue
        columns[item.code] = pa.Column("string", _checks(item), nullable=True)
        columns[f"{item.code}|contradiction"] = never("contradiction")
        if item.required:
            columns[f"{item.code}|required_missing"] = never("required_missing")
        if instrument.conditions(item.code):
            columns[f"{item.code}|skip_broken"] = never("skip_broken")
        if item.constraint and item.type != "select_multiple":
            columns[f"{item.code}|out_of_range"] = never("out_of_range")
    return pa.DataFrameSchema(columns, strict=False)


def _checks(item: Item) -> list[pa.Check]:
    import pandera.pandas as pa

    codes = {choice.code for choice in item.choices}
    if item.type == "select_one":
        return [pa.Check.isin(sorted(codes), error="unknown_choice")]
    if item.type == "select_multiple":
        alone = {choice.code for choice in item.choices if choice.exclusive}

        def known(cells: pd.Series) -> pd.Series:
            return _each(cells, lambda cell: all(token in codes for token in _tokens(cell)))

        def single(cells: pd.Series) -> pd.Series:
            return _each(
                cells, lambda cell: len(set(_tokens(cell))) < 2 or not alone & set(_tokens(cell))
            )

        return [
            pa.Check(known, error="unknown_choice"),
            pa.Check(single, error="exclusive_with_others"),
        ]
    if item.type in _PATTERN:
        pattern = re.compile(_PATTERN[item.type])

        def typed(cells: pd.Series) -> pd.Series:
            return _each(cells, lambda cell: pattern.fullmatch(cell) is not None)

        return [pa.Check(typed, error="wrong_type")]
    return []


def _tokens(cell: str) -> list[str]:
    return cell.split("\x1f")


def _each(cells: pd.Series, holds: object) -> pd.Series:
    """Apply a test to each distinct text once."""
    import pandas as pd

    codes, distinct = pd.factorize(cells)
    found = pd.array([bool(holds(str(text))) for text in distinct] + [True], dtype=bool)  # type: ignore[operator]
    return pd.Series(found[codes], index=cells.index)


def check_frame(responses: Responses, seen: Collection[str] = ()) -> pd.DataFrame:
    """Lay out responses for the schema.

    Parameters
    ----------
    responses : Responses
        Answers, valid or not.
    seen : collection of str
        Respondents of earlier pieces of the same file.
    """
    import pandas as pd

    index = responses.ids.index
    found: dict[str, pd.Series] = {
        "respondent": responses.ids,
        SEEN: responses.ids.isin(list(seen)).astype(bool),
    }
    for item in responses.instrument.questions:
        if not responses.has(item):
            continue
        found[item.code] = _cells(responses, item)
        state = responses.states[item.code]
        conflict = responses.conflicts.get(item.code)
        found[f"{item.code}|contradiction"] = (
            pd.Series(False, index=index) if conflict is None else conflict.notna()
        )
        written = responses.given(item)
        if item.code in responses.unread:
            written = written | responses.unread[item.code].notna()
        if item.required:
            blank = state.eq(State.BLANK).fillna(False) & ~written
            asked = responses.asked[item.code].fillna(True).astype(bool)
            found[f"{item.code}|required_missing"] = (blank & asked).astype(bool)
        if responses.instrument.conditions(item.code):
            unasked = responses.asked[item.code].eq(False).fillna(False).astype(bool)
            found[f"{item.code}|skip_broken"] = unasked & written
        if item.constraint and item.type != "select_multiple":
            found[f"{item.code}|out_of_range"] = _breaks(responses, item)
    return pd.DataFrame(found, index=index)


def _cells(responses: Responses, item: Item) -> pd.Series:
    """Write the answers to an item as text, with what could not be read as it stands."""
    import pandas as pd

    lost = responses.unread.get(item.code)
    if item.code not in responses.marks:
        cells = responses.values[item.code]
        return cells if lost is None else cells.fillna(lost)
    codes, distinct = responses.distinct(item.code)
    joined = ["\x1f".join(text.split()) or None for text in distinct]
    cells = pd.Series(pd.array(joined, dtype="string").take(codes), index=responses.ids.index)
    if lost is None:
        return cells
    both = cells.fillna("") + cells.notna().map({True: "\x1f", False: ""}).astype("string") + lost
    return both.fillna(cells)


def _breaks(responses: Responses, item: Item) -> pd.Series:
    """Tell where a value breaks the constraint of its item; once for each distinct case."""
    import pandas as pd

    from analysis.instrument import parse

    expression = parse(str(item.constraint))
    names = [n for n in sorted(expression.items) if responses.has(responses.instrument.item(n))]
    value = responses.values[item.code]
    frame = pd.DataFrame({item.code: value, **{n: responses.text_of(n) for n in names}})
    frame = frame[value.notna()]
    cases = frame.drop_duplicates()
    broken = [
        evaluate(expression, {n: _known(row[n]) for n in names}, row[item.code]) is False
        for row in cases.to_dict("records")
    ]
    table = dict(zip(cases.fillna("").itertuples(index=False, name=None), broken, strict=True))
    said = [table[row] for row in frame.fillna("").itertuples(index=False, name=None)]
    found = pd.Series(False, index=value.index)
    found.loc[frame.index] = pd.array(said, dtype=bool)
    return found


def _known(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
