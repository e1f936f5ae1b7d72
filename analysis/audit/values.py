"""Published values as data: numbers, periods of time, and how they are written."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analysis import texts
from analysis.published import Claim

_WITH_UNIT = ("duracion", "monto", "medida")  # a count names its unit in what it measures
_YEARS_PER_UNIT = {"años": 1, "décadas": 10}  # by the unit of the source


@dataclass(frozen=True, order=True)
class Period:
    """Days from the first to the last, both included, with the precision of the source."""

    first: date
    last: date
    precision: str  # "day", "month" or "year"

    def within(self, other: Period) -> bool:
        """Tell whether every day is inside another period."""
        return other.first <= self.first and self.last <= other.last

    def text(self, lang: str) -> str:
        """Write the period as a reader would say it."""
        if self.precision == "year":
            years = sorted({self.first.year, self.last.year})
            return "–".join(map(str, years))
        if self.precision == "month":
            return texts.month(self.first, lang)
        if self.first == self.last:
            return texts.day(self.first, lang)
        key = "period.two_days" if (self.last - self.first).days == 1 else "period.days"
        first, last = str(self.first.day), texts.day(self.last, lang)
        return texts.label(key, lang, first=first, last=last)


def parse_period(value: str) -> Period:
    """Read a published date: a day, a month, a year, years or days joined by ``-`` or ``/``.

    Raises
    ------
    ValueError
        When the text is none of these.
    """
    if re.fullmatch(r"\d{4}", value):
        return Period(date(int(value), 1, 1), date(int(value), 12, 31), "year")
    if years := re.fullmatch(r"(\d{4})-(\d{4})", value):
        return Period(date(int(years[1]), 1, 1), date(int(years[2]), 12, 31), "year")
    if month := re.fullmatch(r"(\d{4})-(\d{2})", value):
        year, number = int(month[1]), int(month[2])
        last = calendar.monthrange(year, number)[1]
        return Period(date(year, number, 1), date(year, number, last), "month")
    first, _, last = value.partition("/")
    return Period(date.fromisoformat(first), date.fromisoformat(last or first), "day")


def is_date(claim: Claim) -> bool:
    """Tell whether a figure is a date."""
    return claim.kind == "fecha"


def as_number(claim: Claim) -> Decimal:
    """Read the value of a figure that is not a date."""
    return Decimal(claim.value)


def as_years(claim: Claim) -> int:
    """Read a duration in years (a decade is ten)."""
    return int(claim.value) * _YEARS_PER_UNIT[claim.unit["es"]]


def value_text(claim: Claim, lang: str) -> str:
    """Write a published value with its qualifier, e.g. «más de 2 décadas» or «cerca de 80 %»."""
    if is_date(claim):
        text = parse_period(claim.value).text(lang)
    elif claim.kind == "porcentaje":
        text = texts.percent(as_number(claim), lang)
    else:
        text = texts.number(as_number(claim), lang)
        if claim.kind in _WITH_UNIT:
            text = f"{text} {claim.unit[lang]}"
    key = f"qualifier.{claim.qualifier}"
    return texts.label(key, lang, value=text) if claim.qualifier != "exacto" else text
