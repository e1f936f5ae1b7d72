from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.readers import AmbiguousFileError
from analysis.readers.cells import (
    AmbiguousValueError,
    decide_dates,
    decide_decimal,
    parse_date,
    parse_number,
)

SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("12", None, "12"),
        (" -3,5 ", None, "-3.5"),
        ("0,125", None, "0.125"),
        ("1.234.567", None, "1234567"),
        ("1.234,50", None, "1234.50"),
        ("1,234.5", None, "1234.5"),
        ("1 234 567,8", ",", "1234567.8"),
        ("1\u00a0234", None, "1234"),
        ("1'234.5", ".", "1234.5"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("1234,567", None, "1234.567"),
        ("\u22125", None, "-5"),
        ("1e-07", ".", "1E-7"),
    ],
)
def test_numbers(text, decimal, value):
    assert parse_number(text, decimal) == Decimal(value)


@pytest.mark.parametrize("text", ["1.234", "1,234", "-999.000", "12,345"])
def test_a_number_with_two_readings_is_not_guessed(text):
    with pytest.raises(AmbiguousValueError, match="puede ser"):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        *((text, None) for text in ("", "NA", "1.2.3", "1.23.456", "1,2,3", "12.34.567", "5 %")),
        ("2.5", ","),
        ("2,5", "."),
        ("1 23", None),
        ("٣", None),
    ],
)
def test_what_is_no_number_is_refused(text, decimal):
    with pytest.raises(ValueError, match="no es un número"):
        parse_number(text, decimal)


@settings(max_examples=50, deadline=None)
@given(st.decimals(-(10**12), 10**12, places=3), st.sampled_from([",", "."]))
def test_a_number_written_in_a_convention_is_read_back_in_it(number, decimal):
    english = f"{number:,.3f}"
    text = english if decimal == "." else english.translate(str.maketrans(",.", ".,"))
    assert parse_number(text, decimal) == number


def test_the_decimal_of_a_column_follows_from_the_cells_that_decide():
    assert decide_decimal("a.csv", "p", ["1.234", "2,5", "NA"]) == ","
    assert decide_decimal("a.csv", "p", ["1", "20", "NA", ""]) is None
    with pytest.raises(AmbiguousFileError, match=r'--decimal ","  →  1.234 = 1234 · 5.000 = 5000'):
        decide_decimal("a.csv", "p", ["1.234", "5.000"])
    with pytest.raises(AmbiguousFileError, match="mezcla"):
        decide_decimal("a.csv", "p", ["1,5", "2.5"])


@pytest.mark.parametrize(
    ("text", "order", "value"),
    [
        ("3 de marzo de 2018", None, (2018, 3, 3)),
        ("lunes, 3 de marzo del 2018", None, (2018, 3, 3)),
        ("1.º de setiembre de 2018", None, (2018, 9, 1)),
        ("primero de enero de 2018", None, (2018, 1, 1)),
        ("3-mar-2018", None, (2018, 3, 3)),
        ("3 Sept. 2018", None, (2018, 9, 3)),
        ("2018-03-04", None, (2018, 3, 4)),
        ("2018-03-04T10:00:00.000-05:00", "dma", (2018, 3, 4)),
        ("03/04/2018", "dma", (2018, 4, 3)),
        ("03/04/2018", "mda", (2018, 3, 4)),
        ("13.4.2018", None, (2018, 4, 13)),
        ("4/4/2018", None, (2018, 4, 4)),
        ("2018/03/04", None, (2018, 3, 4)),
    ],
)
def test_dates(text, order, value):
    assert parse_date(text, order) == date(*value)


@pytest.mark.parametrize(
    ("text", "order", "message"),
    [
        ("03/04/2018", None, "puede ser 2018-04-03 o 2018-03-04"),
        ("03/04/18", None, "dos cifras"),
        ("13/04/2018", "mda", "no es una fecha en orden mes, día, año"),
        ("30/02/2018", None, "no es una fecha"),
        ("3 de brumario de 2018", None, "no es una fecha"),
        ("NA", None, "no es una fecha"),
    ],
)
def test_dates_are_not_guessed(text, order, message):
    with pytest.raises(ValueError, match=message):
        parse_date(text, order)


@settings(max_examples=40, deadline=None)
@given(st.dates(date(1000, 1, 1)))
def test_a_date_in_words_is_read_back(day):
    text = f"{day.day} de {SPANISH.split()[day.month - 1]} de {day.year}"
    assert parse_date(text) == day == parse_date(day.strftime("%d/%m/") + f"{day.year:04d}", "dma")


def test_the_order_of_dates_of_a_column_follows_from_the_cells_that_decide():
    assert decide_dates("a.csv", "f", ["03/04/2018", "13/04/2018"]) == "dma"
    assert decide_dates("a.csv", "f", ["2018-03-04", "3 de marzo de 2018", "NA"]) is None
    with pytest.raises(AmbiguousFileError, match="--dates dma  →  03/04/2018 = 2018-04-03"):
        decide_dates("a.csv", "f", ["03/04/2018", "05/06/2018"])
    with pytest.raises(AmbiguousFileError, match="mezcla"):
        decide_dates("a.csv", "f", ["13/04/2018", "04/13/2018"])
