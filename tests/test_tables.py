"""Tests of tables: a caption, a class, an origin, and no bare number."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.provenance import (
    Base,
    EvidenceClass,
    Interval,
    Origin,
    ProvenanceError,
    Quantity,
    Share,
)
from analysis.rounding import ReportedPercentage, RoundingRule
from analysis.tables import Column, Table, Tag, check_shown, merged_origins
from analysis.texts import Computed

FIRST = Origin("Cuaderno 8", "claims", ("cif_097",), "2.1")
SECOND = Origin("Cuaderno 8", "claims", ("cif_098",), "2.1")
QUANTITY = Quantity(
    value=10, evidence=EvidenceClass.PUBLISHED, origins=(FIRST,), method="counted_list"
)
SHARE = Share(
    evidence=EvidenceClass.BOUNDED,
    origins=(SECOND, FIRST),
    base=Base("answer", 40),
    rounding=RoundingRule.HALF_UP,
    method="hypothetical_base",
    interval=None,
    no_interval="complete_list",
    count=19,
)


def table(cell: object = "texto", **changes: Any) -> Table:
    shown: dict[str, Any] = {
        "caption": "Las respuestas",
        "columns": (Column("name", "Nombre"), Column("value", "Valor", numeric=True)),
        "rows": ({"name": "a", "value": "b"}, {"name": "c", "value": cell}),
        "evidence": frozenset({EvidenceClass.BOUNDED}),
        "origins": (FIRST,),
        "own_calculation": True,
    }
    return Table(**(shown | changes))


CELLS = [
    "texto",
    "",
    "21",
    QUANTITY,
    SHARE,
    Tag("matches", "coincide"),
    Interval(0.1, 0.3, 0.95, "wilson"),
]


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_a_text_a_number_with_origin_an_interval_or_a_tag(cell: object) -> None:
    assert table(cell, evidence=frozenset(EvidenceClass)).rows[1]["value"] is cell


def test_a_number_of_a_class_that_the_table_does_not_declare_is_refused() -> None:
    with pytest.raises(ProvenanceError, match="no está entre las de la tabla"):
        table(SHARE, evidence=frozenset({EvidenceClass.DEMO}))


@pytest.mark.parametrize(
    "cell",
    [
        48,
        0.48,
        True,
        None,
        Decimal("48"),
        Fraction(12, 25),
        np.int64(48),
        np.float64(0.48),
        pd.NA,
        ReportedPercentage(48),
        ["48"],
    ],
    ids=repr,
)
def test_a_bare_number_is_refused_with_its_place(cell: object) -> None:
    with pytest.raises(ProvenanceError) as error:
        table(cell)
    assert "«Las respuestas», fila 2, columna Valor" in str(error.value)
    assert repr(cell) in str(error.value)


TYPED = ["48 %", "48%", "el 48\u00a0% de ellas", "33,3 %", "48 por ciento", "48 percent"]


@pytest.mark.parametrize("text", TYPED)
def test_a_percentage_typed_in_a_cell_a_caption_or_a_note_is_refused(text: str) -> None:
    for build in (
        lambda: table(text),
        lambda: table(caption=f"Las respuestas: {text}"),
        lambda: table(note=f"Fueron {text}."),
    ):
        with pytest.raises(ProvenanceError, match="porcentaje escrito a mano"):
            build()


def test_a_text_that_was_computed_may_hold_a_percentage() -> None:
    assert table(Computed("son 48 %")).rows[1]["value"] == "son 48 %"
    assert table("El símbolo % y los 48 años").rows[1]["value"] == "El símbolo % y los 48 años"


@pytest.mark.parametrize("row", [{}, {"value": "b"}, {"Nombre": "a", "value": "b"}])
def test_a_row_without_one_of_its_cells_is_refused(row: Mapping[str, str]) -> None:
    with pytest.raises(ProvenanceError, match="fila 1, columna Nombre: None"):
        table(rows=(row,))


@pytest.mark.parametrize("caption", ["", "  ", "\n"])
def test_a_table_needs_a_caption(caption: str) -> None:
    with pytest.raises(ProvenanceError, match="título"):
        table(caption=caption)


def test_a_table_without_rows_still_needs_a_caption_and_a_class() -> None:
    with pytest.raises(ProvenanceError, match="título"):
        table(rows=(), caption="")
    with pytest.raises(ProvenanceError, match="clase"):
        table(rows=(), evidence=frozenset())
    assert table(rows=()).rows == ()


@pytest.mark.parametrize("evidence", [frozenset(), frozenset({"bounded"}), frozenset({None})])
def test_a_table_needs_its_classes_of_evidence(evidence: frozenset[Any]) -> None:
    with pytest.raises(ProvenanceError, match="clase de evidencia"):
        table(evidence=evidence)


@pytest.mark.parametrize("origins", [(), None, [FIRST], ("claims",)])
def test_a_table_needs_its_origins(origins: Any) -> None:
    with pytest.raises(ProvenanceError, match="origen"):
        table(origins=origins)


def test_everything_shown_needs_its_class_and_origin() -> None:
    check_shown(frozenset(EvidenceClass), (FIRST,))
    with pytest.raises(ProvenanceError, match="clase"):
        check_shown(frozenset(), (FIRST,))
    with pytest.raises(ProvenanceError, match="origen"):
        check_shown(frozenset(EvidenceClass), ())


def test_origins_of_several_values_are_joined_once_and_in_order() -> None:
    assert merged_origins(QUANTITY, SHARE) == (FIRST, SECOND)
    assert merged_origins(SHARE, QUANTITY) == (SECOND, FIRST)
    assert merged_origins((SECOND,), [SECOND, FIRST]) == (SECOND, FIRST)
    assert merged_origins() == ()
