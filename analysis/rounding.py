"""Exact rounding of percentages, and its inverse.

A printed percentage is a rounded ratio of two integers. This module rounds such ratios
(:func:`round_ratio`) and inverts the rounding (:func:`count_range`) with integer arithmetic
only: a float cannot represent 47.5 % of 40 reliably enough to tell a tie from a near tie.

Units
-----
Percentages are handled as integers in units of ``10**-decimals`` percentage points: ``"48"`` is
48 units of 1, ``"20.0"`` is 200 units of 0.1. Counts and bases are numbers of cases.

Missing values
--------------
None allowed: a missing, empty or non-numeric percentage raises ``ValueError``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

__all__ = ["ReportedPercentage", "RoundingRule", "check_integer", "count_range", "round_ratio"]

_PERCENTAGE = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]+))?\s*%?")


class RoundingRule(StrEnum):
    """How a non-negative value was brought to the printed number of decimals.

    ``HALF_UP``, ``HALF_EVEN`` and ``HALF_DOWN`` round to the nearest value and differ only in
    exact ties (upwards, to the even digit, downwards). ``CEILING`` and ``FLOOR`` always round up
    and down. ``TRUNCATION`` drops the extra digits, which is the same as ``FLOOR`` here because
    percentages of a whole are never negative; both names exist so that a report can use the one
    its source uses.
    """

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    HALF_DOWN = "half-down"
    CEILING = "ceiling"
    FLOOR = "floor"
    TRUNCATION = "truncation"

    @classmethod
    def _missing_(cls, value: object) -> RoundingRule:
        expected = ", ".join(rule.value for rule in cls)
        raise ValueError(f"Regla de redondeo desconocida: {value!r}. Se espera una de: {expected}.")


# Values that round to s, in half units around 2*s: (low, low included, high, high included).
_OPEN_TIES = (-1, False, 1, False)
_CLOSED_TIES = (-1, True, 1, True)
_INTERVALS = {
    RoundingRule.HALF_UP: (-1, True, 1, False),
    RoundingRule.HALF_DOWN: (-1, False, 1, True),
    RoundingRule.CEILING: (-2, False, 0, True),
    RoundingRule.FLOOR: (0, True, 2, False),
    RoundingRule.TRUNCATION: (0, True, 2, False),
}


@dataclass(frozen=True, slots=True)
class ReportedPercentage:
    """A percentage exactly as printed, trailing zeros included.

    Attributes
    ----------
    scaled : int
        Value times ``10**decimals``, from 0 to ``100 * 10**decimals``.
    decimals : int
        Number of printed decimals (``"20.0"`` has one, ``"20"`` has none).

    Raises
    ------
    ValueError
        If a field is not an integer or the value is outside 0 to 100.
    """

    scaled: int
    decimals: int = 0

    def __post_init__(self) -> None:
        """Check the fields."""
        check_integer("decimals", self.decimals, 0)
        check_integer("scaled", self.scaled, 0)
        if self.scaled > 100 * 10**self.decimals:
            raise ValueError(f"Porcentaje fuera de rango: {self}. Se espera un valor de 0 a 100.")

    @classmethod
    def parse(cls, text: str | Decimal) -> ReportedPercentage:
        """Read a printed percentage, keeping its number of decimals.

        Parameters
        ----------
        text : str or decimal.Decimal
            Percentage from 0 to 100, with decimal point or comma and an optional ``%`` sign.
            It is never read as a proportion: ``"0.33"`` is 0.33 %, not 33 %. Floats are not
            accepted because they do not keep the number of printed decimals.

        Returns
        -------
        ReportedPercentage

        Raises
        ------
        ValueError
            If the text is missing, is not a plain number or is outside 0 to 100.

        Examples
        --------
        >>> ReportedPercentage.parse("20,0 %")
        ReportedPercentage(scaled=200, decimals=1)
        """
        plain = format(text, "f") if isinstance(text, Decimal) else text
        match = _PERCENTAGE.fullmatch(plain.strip()) if isinstance(plain, str) else None
        if match is None:
            raise ValueError(
                f"Porcentaje no válido: {text!r}. Se espera un texto con un número de 0 a 100, con "
                "punto o coma decimal y signo % opcional (por ejemplo «48», «33,3» o «20 %»)."
            )
        whole, fraction = match[1], match[2] or ""
        return cls(scaled=int(whole + fraction), decimals=len(fraction))

    @property
    def decimal(self) -> Decimal:
        """The value in percent units, with its printed decimals."""
        return Decimal(self.scaled).scaleb(-self.decimals)

    def __str__(self) -> str:
        """Return the plain value with its printed decimals, such as ``20.0``."""
        if self.decimals == 0:
            return str(self.scaled)
        digits = str(self.scaled).zfill(self.decimals + 1)
        return f"{digits[: -self.decimals]}.{digits[-self.decimals :]}"


def round_ratio(count: int, base: int, decimals: int, rule: RoundingRule) -> int:
    """Round ``100 * count / base`` exactly.

    Parameters
    ----------
    count : int
        Number of cases in the category, from 0 to `base`.
    base : int
        Number of cases in total, at least 1.
    decimals : int
        Decimals to keep, at least 0.
    rule : RoundingRule
        Rounding rule.

    Returns
    -------
    int
        Rounded percentage in units of ``10**-decimals``.

    Raises
    ------
    ValueError
        If an argument is not an integer or is out of range.

    Examples
    --------
    >>> round_ratio(19, 40, 0, RoundingRule.HALF_UP)
    48
    """
    check_integer("base", base, 1)
    check_integer("count", count, 0)
    check_integer("decimals", decimals, 0)
    if count > base:
        raise ValueError(f"Recuento mayor que la base: {count} > {base}.")
    whole: int = 100 * 10**decimals
    quotient, remainder = divmod(count * whole, base)
    match rule:
        case RoundingRule.FLOOR | RoundingRule.TRUNCATION:
            upwards = False
        case RoundingRule.CEILING:
            upwards = remainder > 0
        case RoundingRule.HALF_UP:
            upwards = 2 * remainder >= base
        case RoundingRule.HALF_DOWN:
            upwards = 2 * remainder > base
        case RoundingRule.HALF_EVEN:
            upwards = 2 * remainder + quotient % 2 > base
    return quotient + upwards


def count_range(reported: ReportedPercentage, base: int, rule: RoundingRule) -> range:
    """Return the counts whose rounded percentage of `base` is the reported one.

    Rounding is monotone, so these counts are contiguous and both ends follow from one integer
    division each.

    Parameters
    ----------
    reported : ReportedPercentage
        Percentage as printed.
    base : int
        Number of cases in total, at least 1.
    rule : RoundingRule
        Rounding rule.

    Returns
    -------
    range
        Integers within 0 to `base`; empty if no count gives the reported percentage.

    Raises
    ------
    ValueError
        If `base` is not an integer of at least 1.

    Examples
    --------
    >>> count_range(ReportedPercentage(48), 21, RoundingRule.HALF_UP)
    range(10, 11)
    """
    check_integer("base", base, 1)
    if rule is RoundingRule.HALF_EVEN:
        interval = _OPEN_TIES if reported.scaled % 2 else _CLOSED_TIES
    else:
        interval = _INTERVALS[rule]
    low, low_included, high, high_included = interval
    # low < 2 * unit * count / base < high, in half units of the last printed decimal
    divisor = 2 * 100 * 10**reported.decimals
    low_numerator = (2 * reported.scaled + low) * base
    high_numerator = (2 * reported.scaled + high) * base
    first = -(-low_numerator // divisor) if low_included else low_numerator // divisor + 1
    stop = high_numerator // divisor + 1 if high_included else -(-high_numerator // divisor)
    return range(max(first, 0), min(stop, base + 1))


def check_integer(name: str, value: object, minimum: int) -> None:
    """Require an integer argument.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    value : object
        Value to check. Booleans, floats and ``None`` are not integers here.
    minimum : int
        Smallest accepted value.

    Raises
    ------
    ValueError
        If `value` is not an ``int`` or is below `minimum`.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
        raise ValueError(
            f"Valor no válido de {name}: {value!r}. Se espera un entero a partir de {minimum}."
        )
