"""Numbers and dates in cells: written exactly, and read only when there is one way to."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from analysis.readers.errors import AmbiguousFileError, Reading

DATE_ORDERS: Final = {"dma": "día, mes, año", "mda": "mes, día, año", "amd": "año, mes, día"}
"""Orders of dates, with their words."""

_SPACES = " \u00a0\u202f\u2009'’"
_NUMBERS: Final = {
    mark: re.compile(
        rf"[+-]?(?:[0-9]+|[1-9][0-9]{{0,2}}(?:([{groups}{_SPACES}])[0-9]{{3}}(?:\1[0-9]{{3}})*))"
        rf"(?:{re.escape(mark)}[0-9]+)?(?:[eE][+-]?[0-9]{{1,3}})?"
    )
    for mark, groups in ((",", "."), (".", ","))
}
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[t ][0-9]{2}:.*)?")
_NUMERIC: Final = re.compile(
    r"([0-9]{4}|[0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{1,2})(?: +[0-9]{1,2}:.*)?"
)
_WORDS: Final = re.compile(
    r"(?:[^\W\d_]+[, ]+)?(?P<day>primer[oa]?|[0-9]{1,2})(?:\.?[oº°]|ro|er)?"
    r"(?: de |[ /.-]+)(?P<month>[^\W\d_]{3,10})\.?(?: del? |,? +|[/.-])(?P<year>[0-9]{4})"
)
_MONTHS: Final = {
    name[:length]: number
    for number, names in enumerate(
        [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre/setiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
        start=1,
    )
    for name in names.split("/")
    for length in (3, 4, len(name))
}


def number_text(value: float | str) -> str:
    """Write a number as its shortest exact text, with a point.

    Parameters
    ----------
    value : float or str
        Number, or the text that a file gives for it.

    Examples
    --------
    >>> number_text(1.0), number_text("0.1"), number_text("2.50"), number_text(1e-7)
    ('1', '0.1', '2.5', '1e-07')
    """
    if isinstance(value, str):
        digits = value.removeprefix("-")
        if digits.isascii() and digits.isdecimal() and (digits[0] != "0" or digits == value == "0"):
            return value
        value = float(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def duration_text(value: timedelta) -> str:
    """Write a duration as hours, minutes and seconds.

    Examples
    --------
    >>> duration_text(timedelta(hours=30, minutes=5))
    '30:05:00'
    """
    microseconds = round(value.total_seconds() * 1000) * 1000
    sign, microseconds = ("-" if microseconds < 0 else ""), abs(microseconds)
    seconds, rest = divmod(microseconds, 1_000_000)
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{rest // 1000:03d}" if rest else text


class AmbiguousValueError(ValueError):
    """A text can be read in two ways; the message shows both."""


def parse_number(text: str, decimal: str | None = None) -> Decimal:
    """Read a number exactly.

    Parameters
    ----------
    text : str
        A cell. Spaces around it, a sign, and thousands in groups of three (separated by a point or
        comma that is not the decimal one, a space or an apostrophe) are understood.
    decimal : str, optional
        ``,`` or ``.``; None accepts only what reads the same either way.

    Raises
    ------
    AmbiguousValueError
        ``1.234`` or ``1,234`` without ``decimal``.
    ValueError
        When it is not a number, or not one written with that decimal.

    Examples
    --------
    >>> parse_number("1.234,5"), parse_number("2,50", ","), parse_number("1.234", ",")
    (Decimal('1234.5'), Decimal('2.50'), Decimal('1234'))
    >>> parse_number("1.234")
    Traceback (most recent call last):
    ...
    analysis.readers.cells.AmbiguousValueError: «1.234» puede ser 1234 o 1.234 con punto decimal
    """
    if decimal not in (None, ",", "."):
        raise ValueError(f"«{decimal}» no es un separador decimal: use «,» o «.»")
    found = {mark: number for mark in (",", ".") if (number := _number(text, mark)) is not None}
    if decimal is not None:
        if decimal in found:
            return found[decimal]
        name = "coma" if decimal == "," else "punto"
        problem = f"no es un número con {name} decimal" if found else "no es un número"
        raise ValueError(f"«{text}» {problem}")
    if not found:
        raise ValueError(f"«{text}» no es un número")
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    mark = "," if "," in text else "."
    name = "coma" if mark == "," else "punto"
    whole = found["." if mark == "," else ","]
    raise AmbiguousValueError(f"«{text}» puede ser {whole} o {found[mark]} con {name} decimal")


def _number(text: str, decimal: str) -> Decimal | None:
    groups = "." if decimal == "," else ","
    match = _NUMBERS[decimal].fullmatch(text.strip().replace("\u2212", "-"))
    if match is None:
        return None
    plain = re.sub(f"[{groups} \u00a0\u202f\u2009'’]", "", match[0]).replace(decimal, ".")
    return Decimal(plain)


def decide_decimal(file: str, column: str, texts: Iterable[str]) -> str | None:
    """Find out which decimal separator a column uses.

    Parameters
    ----------
    file, column : str
        For the message.
    texts : iterable of str
        Cells of the column, without the missing ones.

    Returns
    -------
    str or None
        ``,`` or ``.``; None when no cell needs one.

    Raises
    ------
    AmbiguousFileError
        When cells only fit both or contradict each other; shows three of them read either way.
    """
    only: dict[str, list[str]] = {",": [], ".": []}
    both: list[str] = []
    for text in dict.fromkeys(texts):
        comma, point = _number(text, ","), _number(text, ".")
        if (comma is None and point is None) or comma == point:
            continue
        if comma is None:
            only["."].append(text)
        elif point is None:
            only[","].append(text)
        else:
            both.append(text)
    decided = [mark for mark, found in only.items() if found]
    if len(decided) == 1:
        return decided[0]
    if not decided and not both:
        return None
    shown = [*only[","][:2], *only["."][:2]] if decided else both[:3]
    readings = [
        Reading(f'"{mark}"', tuple(f"{text} = {_said(_number(text, mark))}" for text in shown))
        for mark in (",", ".")
    ]
    why = "mezcla la coma y el punto decimal" if decided else "puede tener coma o punto decimal"
    raise AmbiguousFileError(file, f"la columna «{column}» {why}", "--decimal", readings)


def _said(number: Decimal | None) -> str:
    return "no es un número" if number is None else f"{number:f}"


def parse_date(text: str, order: str | None = None) -> date:
    """Read a date.

    Parameters
    ----------
    text : str
        ISO 8601 (a time after it is left out), numbers with ``/``, ``-`` or ``.``, or words in
        Spanish: «3 de marzo de 2018», «lunes, 3 mar. 2018», «1.º de marzo de 2018».
    order : str, optional
        ``dma``, ``mda`` or ``amd`` for numbers; None accepts only what reads one way.

    Raises
    ------
    AmbiguousValueError
        ``03/04/2018`` without ``order``; a year of two digits.
    ValueError
        When it is no date, or not one of that order.

    Examples
    --------
    >>> parse_date("3 de marzo de 2018"), parse_date("03/04/2018", "dma"), parse_date("13/4/2018")
    (datetime.date(2018, 3, 3), datetime.date(2018, 4, 3), datetime.date(2018, 4, 13))
    """
    if order not in (None, *DATE_ORDERS):
        raise ValueError(f"«{order}» no es un orden de fechas: use dma, mda o amd")
    found = _dates(text)
    if not found:
        raise ValueError(f"«{text}» no es una fecha")
    if order is not None:
        if "iso" in found:
            return found["iso"]
        if order in found:
            return found[order]
        raise ValueError(f"«{text}» no es una fecha en orden {DATE_ORDERS[order]}")
    if len(set(found.values())) > 1:
        ways = " o ".join(dict.fromkeys(day.isoformat() for day in found.values()))
        raise AmbiguousValueError(f"«{text}» puede ser {ways}")
    return next(iter(found.values()))


def _dates(text: str) -> dict[str, date]:
    """Give every date that a text can be, by order; ``iso`` when it is certain."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if match := _ISO.fullmatch(plain):
        return _valid({"iso": (match[1], match[2], match[3])})
    if match := _WORDS.fullmatch(plain):
        month = _MONTHS.get(_bare(match["month"]))
        if month is None:
            return {}
        day = "1" if match["day"].startswith("primer") else match["day"]
        return _valid({"iso": (match["year"], str(month), day)})
    if match := _NUMERIC.fullmatch(plain):
        first, second, third = match[1], match[3], match[4]
        if len(first) == 4:
            return _valid({"amd": (first, second, third)})
        if len(third) == 2:
            raise AmbiguousValueError(f"«{text}» tiene un año de dos cifras: escríbalo con cuatro")
        return _valid({"dma": (third, second, first), "mda": (third, first, second)})
    return {}


def _valid(parts: Mapping[str, tuple[str, str, str]]) -> dict[str, date]:
    found = {}
    for order, (year, month, day) in parts.items():
        with contextlib.suppress(ValueError):
            found[order] = date(int(year), int(month), int(day))
    return found


def _bare(word: str) -> str:
    """Take the accents off a word."""
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def decide_dates(file: str, column: str, texts: Iterable[str]) -> str | None:
    """Find out in which order a column writes its dates.

    Parameters
    ----------
    file, column, texts
        As for `decide_decimal`.

    Returns
    -------
    str or None
        ``dma``, ``mda`` or ``amd``; None when no cell needs an order.

    Raises
    ------
    AmbiguousFileError
        When every date fits several orders or they contradict each other; shows three of them.
    """
    possible = set(DATE_ORDERS)
    unclear: list[str] = []
    deciding: list[str] = []
    for text in dict.fromkeys(texts):
        try:
            found = _dates(text)
        except AmbiguousValueError:
            continue  # a year of two digits is said cell by cell
        if not found or "iso" in found:
            continue
        possible &= set(found)
        (unclear if len(set(found.values())) > 1 else deciding).append(text)
    if not unclear and not deciding:
        return None
    if len(possible) == 1:
        return possible.pop()
    if not unclear and possible:  # every date is the same either way, such as 04/04/2018
        return sorted(possible)[0]
    shown = [*deciding[:3], *unclear][:3] if not possible else unclear[:3]
    readings = []
    for order in sorted(possible or ("dma", "mda")):
        said = [_dates(text).get(order) for text in shown]
        samples = [
            f"{text} = {day or 'no es una fecha'}" for text, day in zip(shown, said, strict=True)
        ]
        readings.append(Reading(order, tuple(samples)))
    why = "no dice" if possible else "mezcla"
    problem = f"la columna «{column}» {why} en qué orden van día y mes"
    raise AmbiguousFileError(file, problem, "--dates", readings)
