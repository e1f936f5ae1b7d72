"""Numbers and dates in cells: written exactly, and read only when there is one way to."""

from __future__ import annotations

from datetime import timedelta


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
