"""Tests of what a number needs in order to be shown.

The independent implementation of rounding is ``decimal.Decimal.quantize``.
"""

import operator
import statistics
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.provenance import (
    UNSTATED,
    Base,
    EvidenceClass,
    Interval,
    Origin,
    ProvenanceError,
    Quantity,
    Share,
    interval_text,
    origin_text,
    sections_text,
    source_line,
)
from analysis.rounding import ReportedPercentage, RoundingRule

NBSP = "\u00a0"  # hard space: a number and its % stay on one line
ORIGIN = Origin("Cuaderno 8", "claims", ("cif_098",), "2.1")
NOT_PUBLISHED = [item for item in EvidenceClass if item is not EvidenceClass.PUBLISHED]


def printed(**changes: Any) -> Share:
    """A published share: the printed value, no count, no size of the base."""
    share: dict[str, Any] = {
        "evidence": EvidenceClass.PUBLISHED,
        "origins": (ORIGIN,),
        "base": Base("city"),
        "rounding": UNSTATED,
        "method": "printed",
        "interval": None,
        "no_interval": "count_unpublished",
        "published": ReportedPercentage.parse("48"),
    }
    return Share(**(share | changes))


def counted(**changes: Any) -> Share:
    """A computed share: 19 of 40, which is 47.5 %."""
    share: dict[str, Any] = {
        "evidence": EvidenceClass.BOUNDED,
        "origins": (ORIGIN,),
        "base": Base("answer", 40),
        "rounding": RoundingRule.HALF_UP,
        "method": "hypothetical_base",
        "interval": Interval(0.3294, 0.6250, 0.95, "wilson"),
        "count": 19,
    }
    return Share(**(share | changes))


def quantity(**changes: Any) -> Quantity:
    """A published count."""
    number: dict[str, Any] = {
        "value": 10,
        "evidence": EvidenceClass.PUBLISHED,
        "origins": (ORIGIN,),
        "method": "counted_list",
    }
    return Quantity(**(number | changes))


BAD_CLASSES = [None, "", "published", "acotado", 1]
BAD_ORIGINS = [None, (), [], [ORIGIN], ORIGIN, ("claims",), (ORIGIN, None)]


# Share: what cannot be missing -----------------------------------------------------------------


@pytest.mark.parametrize("build", [printed, counted, quantity])
@pytest.mark.parametrize("evidence", BAD_CLASSES)
def test_a_number_cannot_exist_without_its_class(
    build: Callable[..., object], evidence: object
) -> None:
    with pytest.raises(ProvenanceError, match="clase de evidencia"):
        build(evidence=evidence)


@pytest.mark.parametrize("build", [printed, counted, quantity])
@pytest.mark.parametrize("origins", BAD_ORIGINS)
def test_a_number_cannot_exist_without_its_origin(
    build: Callable[..., object], origins: object
) -> None:
    with pytest.raises(ProvenanceError, match="origen"):
        build(origins=origins)


@pytest.mark.parametrize("build", [printed, counted])
@pytest.mark.parametrize("base", [None, 10, "city", ("city", 10)])
def test_a_share_cannot_exist_without_its_base(build: Callable[..., Share], base: object) -> None:
    with pytest.raises(ProvenanceError, match="base"):
        build(base=base)


@pytest.mark.parametrize("build", [printed, counted])
@pytest.mark.parametrize("rounding", [None, "", "half-up", "estándar"])
def test_a_share_cannot_exist_without_its_rounding_rule(
    build: Callable[..., Share], rounding: object
) -> None:
    with pytest.raises(ProvenanceError, match="redondeo"):
        build(rounding=rounding)


def test_only_a_published_value_may_leave_its_rounding_unstated() -> None:
    assert printed(rounding=UNSTATED).rounding == UNSTATED
    with pytest.raises(ProvenanceError, match="redondeo"):
        counted(rounding=UNSTATED)


@pytest.mark.parametrize("build", [printed, counted, quantity])
@pytest.mark.parametrize("method", [None, ""])
def test_a_number_cannot_exist_without_its_method(
    build: Callable[..., object], method: object
) -> None:
    with pytest.raises(ProvenanceError, match="método"):
        build(method=method)


@pytest.mark.parametrize("build", [printed, counted])
def test_a_share_cannot_exist_without_an_interval_or_the_reason_for_none(
    build: Callable[..., Share],
) -> None:
    with pytest.raises(ProvenanceError, match="intervalo"):
        build(interval=None, no_interval="")


@pytest.mark.parametrize("build", [printed, counted])
def test_a_share_with_an_interval_gives_no_reason_for_having_none(
    build: Callable[..., Share],
) -> None:
    with pytest.raises(ProvenanceError, match="intervalo"):
        build(interval=Interval(0.1, 0.9, 0.95, "wilson"), no_interval="count_unpublished")


def test_a_published_share_cannot_exist_without_the_printed_value() -> None:
    with pytest.raises(ProvenanceError, match="valor impreso"):
        printed(published=None)


def test_a_count_and_its_base_do_not_stand_in_for_the_printed_value() -> None:
    with pytest.raises(ProvenanceError, match="valor impreso"):
        counted(evidence=EvidenceClass.PUBLISHED)


@pytest.mark.parametrize("evidence", NOT_PUBLISHED)
def test_a_computed_share_cannot_exist_without_its_count(evidence: EvidenceClass) -> None:
    with pytest.raises(ProvenanceError, match="recuento"):
        counted(evidence=evidence, count=None)


@pytest.mark.parametrize("evidence", NOT_PUBLISHED)
def test_a_computed_share_cannot_exist_without_the_size_of_its_base(
    evidence: EvidenceClass,
) -> None:
    with pytest.raises(ProvenanceError, match="recuento y su base"):
        counted(evidence=evidence, base=Base("answer"))


@pytest.mark.parametrize("evidence", NOT_PUBLISHED)
def test_a_printed_value_does_not_stand_in_for_the_count_of_a_computed_share(
    evidence: EvidenceClass,
) -> None:
    with pytest.raises(ProvenanceError, match="recuento"):
        printed(evidence=evidence)


@pytest.mark.parametrize("count", [-1, 41, 400])
def test_a_count_must_fit_in_its_base(count: int) -> None:
    with pytest.raises(ProvenanceError, match=f"{count} no cabe en la base 40"):
        counted(count=count)


@pytest.mark.parametrize("count", [0, 40])
def test_none_and_all_of_the_base_are_counts_that_fit(count: int) -> None:
    assert counted(count=count, interval=None, no_interval="complete_list").count == count


def test_a_published_count_needs_a_base_to_fit_in() -> None:
    with pytest.raises(ProvenanceError, match="no cabe"):
        printed(count=2)


def test_a_share_cannot_be_changed_once_made() -> None:
    with pytest.raises(FrozenInstanceError):
        counted().count = 20  # type: ignore[misc]


@given(base=st.integers(1, 500), excess=st.integers(1, 500), above=st.booleans())
def test_no_count_outside_its_base_is_ever_accepted(base: int, excess: int, above: bool) -> None:
    count = base + excess if above else -excess
    with pytest.raises(ProvenanceError, match="no cabe"):
        counted(base=Base("answer", base), count=count)


# Share: no arithmetic --------------------------------------------------------------------------

ARITHMETIC = {
    "add": lambda a, b: a + b,
    "sum": lambda a, b: sum([a, b]),
    "sum of one": lambda a, b: sum([a]),
    "subtract": lambda a, b: a - b,
    "multiply by a share": lambda a, b: a * b,
    "multiply by a number": lambda a, b: a * 2,
    "multiply a number": lambda a, b: 2 * a,
    "divide": lambda a, b: a / 2,
    "mean": lambda a, b: statistics.mean([a, b]),
    "mean of one": lambda a, b: statistics.mean([a]),
    "fmean": lambda a, b: statistics.fmean([a, b]),
    "median": lambda a, b: statistics.median([a, b]),
    "compare": operator.lt,
    "float": lambda a, b: float(a),
    "int": lambda a, b: int(a),
    "round": lambda a, b: round(a),
    "add a number": lambda a, b: a + 1,
}


@pytest.mark.parametrize("build", [printed, counted, quantity])
@pytest.mark.parametrize("operation", ARITHMETIC.values(), ids=ARITHMETIC)
def test_numbers_with_origin_cannot_be_added_or_averaged(
    build: Callable[..., Any], operation: Callable[[Any, Any], object]
) -> None:
    with pytest.raises(TypeError):
        operation(build(), build())


def test_shares_of_different_classes_cannot_be_added() -> None:
    with pytest.raises(TypeError):
        printed() + counted()  # type: ignore[operator]


# Share: what is shown --------------------------------------------------------------------------


@given(
    base=st.one_of(st.integers(1, 3000), st.sampled_from([8, 16, 40, 80, 200, 400, 2000])),
    proportion=st.fractions(0, 1),
    decimals=st.integers(0, 3),
)
def test_a_computed_percentage_is_the_count_rounded_half_up(
    base: int, proportion: Fraction, decimals: int
) -> None:
    count = int(proportion * base)
    anything = Interval(0, 1, 0.95, "wilson")
    share = counted(base=Base("answer", base), count=count, decimals=decimals, interval=anything)
    quotient = Decimal(100 * count) / Decimal(base)  # 28 digits, exact ties stay exact
    expected = quotient.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    assert share.percentage.decimal == expected
    assert share.text("es") == f"{expected:f}".replace(".", ",") + f"{NBSP}%"
    assert share.proportion == Fraction(count, base)


@pytest.mark.parametrize(
    ("rule", "text"), [(RoundingRule.HALF_UP, "48"), (RoundingRule.HALF_DOWN, "47")]
)
def test_a_tie_is_rounded_by_the_rule_of_the_share(rule: RoundingRule, text: str) -> None:
    # 19 of 40 is 47.5 %, an exact tie
    assert counted(rounding=rule).text("es") == f"{text}{NBSP}%"


@pytest.mark.parametrize(
    ("value", "text", "proportion"),
    [
        ("48", "48", Fraction(48, 100)),
        ("0.33", "0,33", Fraction(33, 10_000)),  # section 1.1.a: Medellín, printed «0.33»
        ("20.0", "20,0", Fraction(20, 100)),  # a printed zero is kept
    ],
)
def test_a_published_share_shows_the_printed_decimals(
    value: str, text: str, proportion: Fraction
) -> None:
    share = printed(published=ReportedPercentage.parse(value))
    assert share.text("es") == f"{text}{NBSP}%"
    assert share.proportion == proportion


def test_a_share_may_be_written_with_its_count_and_base() -> None:
    assert counted(with_count=True).text("es") == f"19 de 40 (48{NBSP}%)"
    assert printed(with_count=True).text("es") == f"48{NBSP}%"  # nothing was published to count


def test_the_details_of_a_computed_share_hold_all_that_stands_behind_it() -> None:
    assert counted().details("es") == [
        ("Clase", "acotado"),
        ("Recuento", "19"),
        ("Base", "40 respuestas"),
        ("Redondeo", "al más cercano; la mitad, hacia arriba"),
        ("Método", "recuento posible si la base fuera esa"),
        ("Intervalo", f"32,9{NBSP}% a 62,5{NBSP}% (Wilson, confianza del 95{NBSP}%)"),
        ("Origen", "Cuaderno 8, sección 2.1; tabla claims, cif_098"),
    ]


def test_the_details_of_a_published_share_say_what_was_not_published() -> None:
    details = dict(printed().details("es"))
    assert list(details) == [
        "Clase",
        "Recuento",
        "Base",
        "Redondeo",
        "Método",
        "Intervalo",
        "Origen",
    ]
    assert details["Clase"] == "publicado"
    assert details["Recuento"] == "no publicado"
    assert details["Base"] == "no publicada (ciudades)"
    assert details["Redondeo"] == "el texto no lo dice"
    assert details["Método"] == "impreso en la fuente"
    assert "no se publicaron ni el recuento ni la base" in details["Intervalo"]


@pytest.mark.parametrize("evidence", EvidenceClass)
def test_every_class_is_named_in_the_details(evidence: EvidenceClass) -> None:
    names = {
        EvidenceClass.PUBLISHED: "publicado",
        EvidenceClass.BOUNDED: "acotado",
        EvidenceClass.OBSERVED: "observado",
        EvidenceClass.DEMO: "DEMOSTRACIÓN",
    }
    published = ReportedPercentage.parse("48") if evidence is EvidenceClass.PUBLISHED else None
    share = counted(evidence=evidence, published=published)
    assert share.details("es")[0] == ("Clase", names[evidence])


# Base and interval -----------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["", None])
def test_a_base_needs_its_unit(unit: str | None) -> None:
    with pytest.raises(ProvenanceError, match="unidad"):
        Base(unit, 10)  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [0, -1, -10])
def test_a_base_of_no_one_is_refused(n: int) -> None:
    with pytest.raises(ProvenanceError, match="1 o más"):
        Base("city", n)


@pytest.mark.parametrize(
    ("base", "text"),
    [
        (Base("city", 1), "1 ciudad"),
        (Base("city", 10), "10 ciudades"),
        (Base("mention", 40), "40 menciones"),
        (Base("answer", 1234), "1.234 respuestas"),
        (Base("office"), "no publicada (oficinas)"),
    ],
)
def test_a_base_says_its_size_and_unit(base: Base, text: str) -> None:
    assert base.text("es") == text


NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("lower", "upper"),
    [(0.6, 0.5), (-0.1, 0.5), (0.5, 1.1), (NAN, 0.5), (0.5, NAN), (0.5, INFINITY), (20, 48)],
)
def test_an_interval_outside_0_to_1_or_backwards_is_refused(lower: float, upper: float) -> None:
    with pytest.raises(ProvenanceError, match="Intervalo imposible"):
        Interval(lower, upper, 0.95, "wilson")


@pytest.mark.parametrize("level", [0, 1, -0.95, 95, NAN])
def test_an_interval_needs_a_level_between_0_and_1(level: float) -> None:
    with pytest.raises(ProvenanceError, match="nivel"):
        Interval(0.1, 0.2, level, "wilson")


@pytest.mark.parametrize("bounds", [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
def test_an_interval_may_reach_its_ends(bounds: tuple[float, float]) -> None:
    interval = Interval(*bounds, 0.95, "wilson")
    assert (interval.lower, interval.upper) == bounds


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (
            Interval(0.0, 1.0, 0.999, "clopper_pearson"),
            f"0,0{NBSP}% a 100,0{NBSP}% (Clopper-Pearson, confianza del 99,9{NBSP}%)",
        ),
        (
            Interval(0.105, 0.3476, 0.9, "wilson"),
            f"10,5{NBSP}% a 34,8{NBSP}% (Wilson, confianza del 90{NBSP}%)",
        ),
    ],
)
def test_an_interval_says_its_bounds_method_and_level(interval: Interval, text: str) -> None:
    assert interval_text(interval, "es") == text


# Quantity --------------------------------------------------------------------------------------


def test_a_quantity_cannot_exist_without_a_value() -> None:
    with pytest.raises(ProvenanceError, match="valor"):
        quantity(value=None)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"value": 10}, "10"),
        ({"value": 0}, "0"),
        ({"value": 54619}, "54.619"),  # section 1.1.a writes the amount «54.619»
        ({"value": None, "shown": "2 de febrero de 2018"}, "2 de febrero de 2018"),
        ({"value": 2018, "shown": "2018"}, "2018"),
    ],
)
def test_a_quantity_is_written_in_spanish(changes: dict[str, Any], text: str) -> None:
    assert quantity(**changes).text("es") == text


def test_the_details_of_a_quantity_hold_its_class_method_and_origin() -> None:
    assert quantity().details("es") == [
        ("Clase", "publicado"),
        ("Método", "contado en una lista de la fuente"),
        ("Origen", "Cuaderno 8, sección 2.1; tabla claims, cif_098"),
    ]


# Origins and source lines ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "table", "rows"),
    [
        ("", "claims", ("cif_098",)),
        ("Cuaderno 8", "", ("cif_098",)),
        ("Cuaderno 8", "claims", ()),
        ("Cuaderno 8", "claims", ("",)),
        ("Cuaderno 8", "claims", ("cif_098", "")),
    ],
)
def test_an_origin_names_a_document_a_table_and_rows(
    document: str, table: str, rows: tuple[str, ...]
) -> None:
    with pytest.raises(ProvenanceError, match="documento, tabla y al menos una fila"):
        Origin(document, table, rows, "2.1")


def origin(section: str, *rows: str, document: str = "Cuaderno 8", table: str = "claims") -> Origin:
    return Origin(document, table, rows or ("cif_001",), section)


@pytest.mark.parametrize(
    ("origins", "line"),
    [
        ([origin("2.1")], "Fuente: Cuaderno 8, sección 2.1."),
        ([origin("2.1"), origin("2.1", "cif_002")], "Fuente: Cuaderno 8, sección 2.1."),
        ([origin("2.1"), origin("2.2.a")], "Fuente: Cuaderno 8, secciones 2.1 y 2.2.a."),
        ([origin("2.1; 2.2.a")], "Fuente: Cuaderno 8, secciones 2.1 y 2.2.a."),
        ([origin("2.1"), origin("Caso 7")], "Fuente: Cuaderno 8, sección 2.1 y Caso 7."),
        ([origin("")], "Fuente: Cuaderno 8, todo el documento."),
        (
            [origin("2.1"), origin("1", document="Cuaderno 9")],
            "Fuente: Cuaderno 8, sección 2.1; Cuaderno 9, sección 1.",
        ),
        (
            [origin("2.1"), origin("2.2", table="cities")],
            "Fuente: Cuaderno 8, secciones 2.1 y 2.2.",
        ),
        ([origin("1; 2; 3; 4")], "Fuente: Cuaderno 8, secciones 1, 2, 3 y 4."),
        ([origin("1; 2; 3; 4; 5")], "Fuente: Cuaderno 8, 5 secciones."),
    ],
)
def test_a_source_line_cites_each_document_once_with_its_sections(
    origins: list[Origin], line: str
) -> None:
    assert source_line(origins, "es", own_calculation=False) == line


def test_a_source_line_says_when_something_was_computed_here() -> None:
    line = source_line([origin("2.1")], "es", own_calculation=True)
    assert line == "Fuente: Cuaderno 8, sección 2.1; cálculo propio."


@given(
    sections=st.lists(st.sampled_from(["1.1", "2.1", "3.d", "Caso 7", "Anexo 1"]), min_size=1),
    own=st.booleans(),
)
def test_a_source_line_names_every_section_of_its_origins_or_how_many(
    sections: list[str], own: bool
) -> None:
    line = source_line([origin(section) for section in sections], "es", own_calculation=own)
    different = set(sections)
    if len(different) > 4:
        assert f"{len(different)} secciones" in line
    else:
        assert all(line.count(section) == 1 for section in different)
    assert line.endswith("cálculo propio.") == own


def test_an_origin_lists_its_tables_and_rows_once() -> None:
    origins = [
        origin("2.1", "cif_097", "cif_098"),
        origin("2.1", "cif_098", "cif_099"),
        origin("Anexo 1", "cuf", table="cities"),
    ]
    assert origin_text(origins, "es") == (
        "Cuaderno 8, sección 2.1; tabla claims, cif_097, cif_098, cif_099; "
        "Cuaderno 8, Anexo 1; tabla cities, cuf"
    )


@pytest.mark.parametrize(("n", "abridged"), [(6, False), (7, True)])
def test_a_long_list_of_rows_is_written_by_its_ends_and_length(n: int, abridged: bool) -> None:
    rows = [f"cif_{number:03}" for number in range(1, n + 1)]
    text = origin_text([origin("2.1", *rows)], "es")
    assert text.endswith(f"de cif_001 a cif_{n:03} ({n} filas)" if abridged else ", ".join(rows))


def test_sections_are_named_in_words() -> None:
    assert sections_text(["2.1"], "es") == "sección 2.1"
    assert sections_text(["Prólogo CDMX"], "es") == "Prólogo CDMX"
    assert sections_text([], "es") == "todo el documento"


def test_a_copy_of_a_share_is_checked_again() -> None:
    with pytest.raises(ProvenanceError, match="no cabe"):
        replace(counted(), count=41)
