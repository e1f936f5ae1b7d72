"""What is odd but possible: warnings, which never stop a wave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.instrument import Instrument, Item
from analysis.mapping.names import normal
from analysis.responses import Responses
from analysis.validation.faults import WARNING, Fault
from analysis.validation.who import CITY, who

if TYPE_CHECKING:
    import pandas as pd

BUDGET, CURRENCY = "presupuesto", "presupuesto_moneda"
LONG_LIST = 4
"""Choices of a list that is long enough to show straight-lining."""
LISTS = 3
"""Long lists that a respondent must have answered all alike."""
FEW = 5
"""Respondents that a comparison among them needs."""
LEAST = 100
"""Budget under which an office cannot have one, in any currency."""
_FAR = 2.0  # powers of ten from the median of the same currency
_PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}|(?<!\d)\+?\d[\d ()-]{8,}\d(?!\d)")


class Oddities:
    """Look for oddities piece by piece, and at the end in the whole wave."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self._long = [
            item
            for item in instrument.questions
            if item.type == "select_multiple" and len(_substance(item)) >= LONG_LIST
        ]
        self._budgets: list[tuple[pd.DataFrame, str]] = []
        self._minutes: list[pd.DataFrame] = []
        self._same: dict[int, str] = {}

    def add(self, responses: Responses) -> Iterator[Fault]:
        """Yield the oddities of a piece."""
        yield from self._straight(responses)
        yield from self._loose(responses)
        yield from self._others(responses)
        yield from self._personal(responses)
        yield from self._twins(responses)
        self._collect(responses)

    def finish(self) -> Iterator[Fault]:
        """Yield what only the whole wave shows."""
        import numpy as np
        import pandas as pd

        if self._budgets:
            column = self._budgets[0][1]
            frame = pd.concat([part for part, _ in self._budgets])
            size = np.log10(frame["amount"])
            usual = size.groupby(frame["currency"]).transform("median")
            peers = frame.groupby("currency")["currency"].transform("size")
            odd = ((peers >= FEW) & ((size - usual).abs() > _FAR)) | (frame["amount"] < LEAST)
            for row in frame[odd].to_dict("records"):
                yield _named(row, "improbable_budget", str(row["text"]), BUDGET, column)
        if self._minutes:
            frame = pd.concat(self._minutes)
            fast = frame["minutes"] < frame["minutes"].median() / 4
            for row in frame[fast].to_dict("records") if len(frame) > FEW else ():
                yield _named(row, "too_fast", f"{row['minutes']:.0f} min", "", "")

    def _fault(
        self,
        responses: Responses,
        at: int,
        kind: str,
        value: str = "",
        item: str = "",
        detail: tuple[tuple[str, str], ...] = (),
    ) -> Fault:
        column = responses.columns.get(item, "")
        return Fault(
            WARNING, kind, value, **who(responses, at), column=column, item=item, detail=detail
        )

    def _straight(self, responses: Responses) -> Iterator[Fault]:
        """Find who marked every choice of every long list."""
        import numpy as np

        every = np.ones(len(responses), dtype=bool)
        lists = np.zeros(len(responses), dtype=int)
        for item in self._long:
            if item.code not in responses.marks:
                continue
            marks = responses.marks[item.code][_substance(item)].fillna(False).to_numpy(bool)
            some = marks.any(axis=1)
            lists += some
            every &= ~some | marks.all(axis=1)
        for at in responses.ids.index[every & (lists >= LISTS)]:
            yield self._fault(responses, at, "straight_lining")

    def _loose(self, responses: Responses) -> Iterator[Fault]:
        for code, words in responses.loose.items():
            for at in words.index[words.notna()]:
                read = str(responses.values[code].loc[at])
                detail = (("read", read),)
                yield self._fault(responses, at, "text_in_number", str(words.loc[at]), code, detail)

    def _others(self, responses: Responses) -> Iterator[Fault]:
        """Find an «otro» whose text is one of the choices."""
        for item in self.instrument.questions:
            other = self.instrument.other_item(item.code)
            if other is None or other.code not in responses.values:
                continue
            written = responses.values[other.code].dropna()
            names = {
                normal(text): choice.code
                for choice in item.choices
                if not choice.other
                for text in (choice.code, *choice.label.values())
            }
            for at, text in written.items():
                code = names.get(normal(str(text)))
                if code:
                    detail = (("choice", code),)
                    yield self._fault(
                        responses, at, "other_matches_choice", str(text), other.code, detail
                    )

    def _personal(self, responses: Responses) -> Iterator[Fault]:
        """Find addresses and telephone numbers in free text."""
        for item in self.instrument.questions:
            if item.sensitivity != "free_text" or item.code not in responses.values:
                continue
            texts = responses.values[item.code].dropna()
            for at in texts.index[texts.str.contains(_PERSONAL, regex=True).astype(bool)]:
                yield self._fault(responses, at, "personal_data", str(texts.loc[at]), item.code)

    def _twins(self, responses: Responses) -> Iterator[Fault]:
        """Find a respondent whose every answer but name and date is that of another."""
        import pandas as pd

        parts = [
            series
            for code, series in responses.values.items()
            if code != CITY and self.instrument.item(code).type != "date"
        ]
        parts += list(responses.marks.values())
        if not parts:
            return
        frame = pd.concat([part.reset_index(drop=True) for part in parts], axis=1).astype("string")
        frame.columns = pd.RangeIndex(frame.shape[1])
        told = frame.notna().sum(axis=1) > FEW * 2
        keys = pd.util.hash_pandas_object(frame.fillna(""), index=False)
        for place, (key, enough) in enumerate(zip(keys.tolist(), told.tolist(), strict=True)):
            at = responses.ids.index[place]
            if not enough:
                continue
            if key in self._same and self._same[key] != responses.ids.loc[at]:
                detail = (("other", self._same[key]),)
                yield self._fault(responses, at, "same_answers", detail=detail)
            self._same.setdefault(key, str(responses.ids.loc[at]))

    def _collect(self, responses: Responses) -> None:
        import pandas as pd

        blank = pd.Series("", index=responses.ids.index, dtype="string")
        who = pd.DataFrame(
            {
                "respondent": responses.ids,
                "row": responses.rows,
                "city": responses.values.get(CITY, blank).fillna(""),
            }
        )
        if BUDGET in responses.values:
            text = responses.values[BUDGET]
            amount = pd.to_numeric(text, errors="coerce").astype("float64")
            currency = responses.values.get(CURRENCY, blank).fillna("")
            frame = who.assign(text=text, amount=amount, currency=currency)
            self._budgets.append((frame[amount > 0], responses.columns.get(BUDGET, "")))
        times = [
            pd.to_datetime(responses.about[name], errors="coerce", utc=True, format="ISO8601")
            for name in ("started", "ended")
        ]
        minutes = (times[1] - times[0]).dt.total_seconds() / 60
        self._minutes.append(who.assign(minutes=minutes)[minutes >= 0])


def _named(row: dict[str, object], kind: str, value: str, item: str, column: str) -> Fault:
    return Fault(
        WARNING,
        kind,
        value,
        respondent=str(row["respondent"]),
        city=str(row["city"]),
        row=int(row["row"]),  # type: ignore[call-overload]
        column=column,
        item=item,
    )


def _substance(item: Item) -> list[str]:
    return [choice.code for choice in item.choices if not choice.exclusive and not choice.other]
