"""Answers as they come from a file, with the state of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from analysis.instrument import Instrument, Item, evaluate_all
from analysis.responses.state import ANSWER_COLUMNS, RESPONDENT, State

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True)
class Responses:
    """Answers as they come from a file, one place a respondent in every series.

    Parameters
    ----------
    instrument : Instrument
        Version of the questionnaire.
    ids : Series of str
        Identifier of each respondent; unique once the wave is valid.
    rows : Series of int
        Row of the file that holds each respondent, the header being row 1.
    about : DataFrame
        ``started``, ``ended`` and ``language``, text as in the file; NA where it has none.
    values : mapping of str to Series of str
        By item other than ``select_multiple``: code, number with a decimal point, ISO date or
        text; NA where there is none.
    marks : mapping of str to DataFrame of boolean
        By ``select_multiple``: respondents × choices; a row of NA where there is no answer.
    missing : mapping of str to Series of str
        By item, the state that the file gives as a reason for having no answer; NA elsewhere.
    unread : mapping of str to Series of str
        By item, text of the file that could be placed nowhere; NA elsewhere.
    conflicts : mapping of str to Series of str
        By item, what two ways of writing the same answer say differently; NA elsewhere.
    loose : mapping of str to Series of str
        By number, cells that hold words beside the number that was read; NA elsewhere.
    columns : mapping of str to str
        By item, the first column of the file that it comes from.
    """

    instrument: Instrument
    ids: pd.Series
    rows: pd.Series
    about: pd.DataFrame
    values: Mapping[str, pd.Series]
    marks: Mapping[str, pd.DataFrame]
    missing: Mapping[str, pd.Series] = field(default_factory=dict)
    unread: Mapping[str, pd.Series] = field(default_factory=dict)
    conflicts: Mapping[str, pd.Series] = field(default_factory=dict)
    loose: Mapping[str, pd.Series] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of respondents."""
        return len(self.ids)

    def text_of(self, name: str) -> pd.Series:
        """Return the answers to an item as expressions read them."""
        import pandas as pd

        codes, distinct = self.distinct(name)
        return pd.Series(pd.array(distinct, dtype="string").take(codes), index=self.ids.index)

    def has(self, item: Item) -> bool:
        """Tell whether the file holds the item."""
        return item.code in self.marks or item.code in self.values

    def given(self, item: Item) -> pd.Series:
        """Tell where there is an answer of any kind, «ninguna» and «no sabe» among them."""
        import pandas as pd

        if item.code in self.marks:
            return self.marks[item.code].fillna(False).any(axis=1).astype(bool)
        if item.code in self.values:
            return self.values[item.code].notna()
        return pd.Series(False, index=self.ids.index)

    @cached_property
    def asked(self) -> Mapping[str, pd.Series]:
        """Tell by item where it was asked: True, False, or NA where nobody can know."""
        import pandas as pd

        found = {}
        for item in self.instrument.questions:
            conditions = self.instrument.conditions(item.code)
            found[item.code] = (
                self._where(conditions)
                if conditions
                else pd.Series(True, index=self.ids.index, dtype="boolean")
            )
        return found

    def _where(self, conditions: tuple[str, ...]) -> pd.Series:
        """Evaluate conditions once for each combination of the answers that they name."""
        import numpy as np
        import pandas as pd

        from analysis.instrument import parse

        names = sorted({name for condition in conditions for name in parse(condition).items})
        known = [name for name in names if self.has(self.instrument.item(name))]
        codes, texts = [], []
        for name in known:
            code, text = self.distinct(name)
            codes.append(code)
            texts.append(text)
        if not codes:
            answer = evaluate_all(conditions, {})
            return pd.Series(pd.NA if answer is None else answer, self.ids.index, dtype="boolean")
        combined = np.zeros(len(self), dtype=np.int64)
        for code, text in zip(codes, texts, strict=True):
            combined = combined * len(text) + code
        combos, inverse = np.unique(combined, return_inverse=True)
        answers = []
        for combo in combos.tolist():
            row = {}
            for name, text in zip(reversed(known), reversed(texts), strict=True):
                combo, at = divmod(combo, len(text))
                row[name] = text[at]
            answers.append(evaluate_all(conditions, row))
        table = pd.array([pd.NA if a is None else a for a in answers], dtype="boolean")
        return pd.Series(table.take(inverse), index=self.ids.index)

    def distinct(self, name: str) -> tuple[np.ndarray, list[str]]:
        """Return the distinct answers to an item as expressions read them, and who gave which."""
        import numpy as np
        import pandas as pd

        if name in self.marks:
            marks = self.marks[name]
            bits = np.packbits(marks.fillna(False).to_numpy(dtype=bool), axis=1)
            rows, inverse = np.unique(bits, axis=0, return_inverse=True)
            chosen = np.unpackbits(rows, axis=1)[:, : marks.shape[1]].astype(bool)
            names = marks.columns.to_numpy(dtype=object)
            return inverse.reshape(-1), [" ".join(names[row]) for row in chosen]
        codes, distinct = pd.factorize(self.values[name].fillna(""))
        return codes, [str(text) for text in distinct]

    @cached_property
    def states(self) -> Mapping[str, pd.Series]:
        """State of each item by respondent."""
        return {item.code: self._state(item) for item in self.instrument.questions}

    def _state(self, item: Item) -> pd.Series:
        import pandas as pd

        state = pd.Series(str(State.BLANK), index=self.ids.index, dtype="string")
        if item.code in self.missing:
            state = self.missing[item.code].fillna(state)
        unasked = self.asked[item.code].eq(False).fillna(False).astype(bool)
        state = state.mask(unasked, str(State.UNASKED))
        given = self.given(item)
        state = state.mask(given, str(State.ANSWERED))
        for choice in item.choices:
            meaning = choice.missing or (str(State.NONE) if choice.none else None)
            if meaning is None:
                continue
            if item.code in self.marks:
                chosen = self.marks[item.code][choice.code].fillna(False).astype(bool)
            elif item.code in self.values:
                chosen = self.values[item.code].eq(choice.code).fillna(False).astype(bool)
            else:
                continue
            state = state.mask(chosen, meaning)
        return state

    def respondents(self) -> pd.DataFrame:
        """Return one row a respondent: what is about them, and every answer that is one value."""
        import pandas as pd

        single = {
            item.code: self.values[item.code].to_numpy()
            for item in self.instrument.questions
            if item.code in self.values
        }
        states = pd.DataFrame({code: s.to_numpy() for code, s in self.states.items()})
        asked = states.ne(str(State.UNASKED)).sum(axis=1)
        answered = (
            states[states.ne(str(State.UNASKED))]
            .ne(str(State.BLANK))
            .where(states.ne(str(State.UNASKED)), False)
        )
        frame = pd.DataFrame(
            {
                RESPONDENT: self.ids.to_numpy(),
                "source_row": self.rows.to_numpy(),
                **{f"_{name}": self.about[name].to_numpy() for name in self.about.columns},
                "_asked": asked.to_numpy(),
                "_answered": answered.sum(axis=1).to_numpy(),
                **single,
            }
        )
        whole = {"source_row": "int64", "_asked": "int64", "_answered": "int64"}
        return frame.astype({n: whole.get(n, "string") for n in frame.columns})

    def answers(self) -> pa.Table:
        """Return the long table; its columns are :data:`ANSWER_COLUMNS`, see :class:`Wave`.

        Returns
        -------
        pyarrow.Table
            Made column by column, because a large wave has tens of millions of rows.
        """
        import numpy as np
        import pyarrow as pa

        count = len(self)
        ids = pa.array(self.ids.to_numpy(dtype=object), pa.string())
        schema = pa.schema(
            [(n, pa.bool_() if n == "selected" else pa.string()) for n in ANSWER_COLUMNS]
        )
        parts = []
        for item in self.instrument.questions:
            state = self.states[item.code]
            states = pa.array(state.to_numpy(dtype=object), pa.string())
            code = pa.scalar(item.code)
            if item.type != "select_multiple":
                value = self.values.get(item.code)
                text = (
                    pa.nulls(count, pa.string())
                    if value is None
                    else pa.array(value.to_numpy(dtype=object, na_value=None), pa.string())
                )
                empty = pa.nulls(count, pa.string())
                pair = (text, empty) if item.type == "select_one" else (empty, text)
                columns = [ids, pa.repeat(code, count), pair[0], pa.nulls(count, pa.bool_())]
                columns += [pair[1], states]
            else:
                codes = [choice.code for choice in item.choices]
                size = len(codes)
                repeat = pa.array(np.repeat(np.arange(count, dtype=np.int64), size))
                names = pa.array(codes, pa.string())
                tile = pa.array(np.tile(np.arange(size, dtype=np.int64), count))
                columns = [ids.take(repeat), pa.repeat(code, count * size), names.take(tile)]
                columns += [self._selected(item), pa.nulls(count * size, pa.string())]
                columns += [states.take(repeat)]
            parts.append(pa.table(columns, schema=schema))
        return pa.concat_tables(parts)

    def _selected(self, item: Item) -> pa.Array:
        """Return the marks of an item row by row; what nobody said is null."""
        import numpy as np
        import pyarrow as pa

        codes = [choice.code for choice in item.choices]
        marks = self.marks.get(item.code)
        if marks is None:
            return pa.nulls(len(self) * len(codes), pa.bool_())
        chosen = marks[codes].fillna(False).to_numpy(dtype=bool)
        unknown = marks[codes].isna().to_numpy()
        told = self.states[item.code].isin([State.ANSWERED, State.NONE]).to_numpy(dtype=bool)
        unknown |= ~told[:, np.newaxis] & ~chosen
        return pa.array(chosen.reshape(-1), mask=unknown.reshape(-1))
