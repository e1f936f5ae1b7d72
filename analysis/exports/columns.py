"""The questionnaire as flat variables, which SPSS, Stata, DDI and codebooks share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.instrument.flat import flat_names
from analysis.instrument.model import (
    NUMBER_TYPES,
    SELECT_MULTIPLE,
    SELECT_ONE,
    Choice,
    Instrument,
    Item,
)

if TYPE_CHECKING:
    import pandas as pd

    from analysis.responses import Wave

UNASKED, BLANK, DONT_KNOW, REFUSED = "unasked", "blank", "dont_know", "refused"
MISSING_CODES: Mapping[str, int] = {UNASKED: 9996, DONT_KNOW: 9998, REFUSED: 9999}
"""Number of a reason for missing in a variable with codes; a blank is system-missing."""
NUMBER_MISSING_CODES: Mapping[str, int] = {UNASKED: -9996, DONT_KNOW: -9998, REFUSED: -9999}
"""The same in a variable that holds a number, where no answer is negative."""


@dataclass(frozen=True)
class Variable:
    """A column of a flat file.

    Parameters
    ----------
    name : str
        Name of at most 29 characters, unique without regard to case.
    item : Item
        Question that it holds.
    choice : Choice, optional
        Choice of a ``select_multiple``, whose variable is 1 when it is chosen and else 0.
    """

    name: str
    item: Item
    choice: Choice | None = None

    @property
    def coded(self) -> bool:
        """True when the values are codes with labels."""
        return self.item.type in (SELECT_ONE, SELECT_MULTIPLE)

    @property
    def numeric(self) -> bool:
        """True when the values are numbers, codes among them."""
        return self.coded or self.item.type in NUMBER_TYPES

    @property
    def measure(self) -> str:
        """SPSS's level of measurement: ``nominal`` or ``scale``."""
        return "scale" if self.item.type in (*NUMBER_TYPES, "date") else "nominal"

    @property
    def missing_codes(self) -> Mapping[str, int]:
        """Numbers of the reasons for missing; empty for texts and dates, which hold none."""
        if self.coded:
            return MISSING_CODES
        return NUMBER_MISSING_CODES if self.numeric else {}

    def label(self, lang: str) -> str:
        """Label of the variable: the question, after the choice when it is of one.

        The choice comes first because Stata shows only the first 80 bytes.
        """
        question = self.item.label[lang]
        return f"{self.choice.label[lang]} | {question}" if self.choice else question

    def codes(self) -> dict[int, str]:
        """Choice code by number, for a ``select_one``: 1, 2 … in the order of the list."""
        if self.item.type != SELECT_ONE:
            return {}
        kept = [choice.code for choice in self.item.choices if not choice.missing]
        return dict(enumerate(kept, start=1))

    def value_labels(self, lang: str) -> dict[int, str]:
        """Label by number, those of the reasons for missing among them."""
        from analysis import texts

        if not self.numeric:
            return {}
        named = {
            number: self.item.choice(code).label[lang] for number, code in self.codes().items()
        }
        if self.choice:
            named = {at: texts.label(f"instrument.chosen.{at}", lang) for at in (0, 1)}
        own = {choice.missing: choice.label[lang] for choice in self.item.choices}
        for reason, number in self.missing_codes.items():
            named[number] = own.get(reason) or texts.label(f"instrument.missing.{reason}", lang)
        return named


def variables(instrument: Instrument) -> tuple[Variable, ...]:
    """Lay a questionnaire out flat: a variable a question, one a choice of ``select_multiple``."""
    found = [Variable(name, item, choice) for name, item, choice in flat_names(instrument)]
    names = [variable.name.lower() for variable in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"Dos variables tendrían el mismo nombre: {', '.join(twice)}.")
    return tuple(found)


def state_of(wave: Wave, item: Item) -> pd.Series:
    """Return the state of an item by respondent, in the order of the respondents."""
    return wave.state(item.code).astype("string").reindex(wave.respondents.index)


def coded_values(wave: Wave, variable: Variable) -> pd.Series:
    """Return the numbers of a numeric variable, reasons for missing as their codes.

    Returns
    -------
    Series of Float64
        By respondent; NA for a blank.
    """
    item, index = variable.item, wave.respondents.index
    if variable.choice:
        values = wave.multiple(item.code)[variable.choice.code].reindex(index).astype("Float64")
    elif variable.coded:
        numbers = {code: number for number, code in variable.codes().items()}
        values = wave.single(item.code).reindex(index).map(numbers).astype("Float64")
    else:
        values = wave.number(item.code).reindex(index).astype("Float64")
    states = state_of(wave, item)
    for reason, number in variable.missing_codes.items():
        values = values.mask(states == reason, float(number))
    return values


def text_values(wave: Wave, variable: Variable) -> pd.Series:
    """Return the texts or dates of a variable as they were given; NA where there is none."""
    return wave.text(variable.item.code).reindex(wave.respondents.index)
