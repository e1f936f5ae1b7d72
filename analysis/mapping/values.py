"""How the columns of a file write their numbers and dates, from all that they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from analysis.readers import AmbiguousFileError
from analysis.readers.cells import decide_dates, decide_decimal, parse_date, parse_number


@dataclass(frozen=True)
class Style:
    """How numbers and dates are written.

    Parameters
    ----------
    decimals, orders : mapping of str to str
        Decimal mark of a column of numbers, and order of a column of dates; a column that needs
        none is not there.
    """

    decimals: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, str] = field(default_factory=dict)

    def number(self, column: str, text: str) -> str | None:
        """Read a number as text with a decimal point; None when it is not one."""
        try:
            found = parse_number(text, self.decimals.get(column))
        except ValueError:
            return None
        return number_text(found)

    def date(self, column: str, text: str) -> str | None:
        """Read a date as ISO 8601; None when it is not one."""
        try:
            return parse_date(text, self.orders.get(column)).isoformat()
        except ValueError:
            return None


def number_text(value: Decimal) -> str:
    """Write a number exactly, with a point and without idle zeros.

    >>> number_text(Decimal("1234.50")), number_text(Decimal("100")), number_text(Decimal("-0"))
    ('1234.5', '100', '0')
    """
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def style_of(
    file: str,
    numbers: Mapping[str, list[str]],
    dates: Mapping[str, list[str]],
    *,
    decimal: str | None = None,
    order: str | None = None,
) -> Style:
    """Find out how a file writes numbers and dates.

    A column that does not decide follows the others of its file when they agree.

    Parameters
    ----------
    file : str
        Name, for the error.
    numbers, dates : mapping of str to list of str
        Distinct texts by column.
    decimal, order : str, optional
        What the researcher said.

    Raises
    ------
    AmbiguousFileError
        When the values can be read in two ways and nothing decides; shows both.
    """
    return Style(
        dict.fromkeys(numbers, decimal) if decimal else _decide(file, numbers, decide_decimal),
        dict.fromkeys(dates, order) if order else _decide(file, dates, decide_dates),
    )


def _decide(file: str, columns: Mapping[str, list[str]], decide: object) -> dict[str, str]:
    found: dict[str, str] = {}
    doubts: dict[str, AmbiguousFileError] = {}
    for column, texts in columns.items():
        try:
            said = decide(file, column, texts)  # type: ignore[operator]
        except AmbiguousFileError as error:
            doubts[column] = error
            continue
        if said is not None:
            found[column] = said
    agreed = set(found.values())
    for column, doubt in doubts.items():
        if len(agreed) != 1 or "mezcla" in doubt.problem:
            raise doubt
        found[column] = next(iter(agreed))
    return found
