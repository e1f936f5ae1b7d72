"""Tests of what is odd in the source: each is found, with its numbers, and only while it is there.

The numbers were read in the Cuaderno; the comments say where.
"""

import csv
import re
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from analysis.agreement import PairCounts
from analysis.audit import Oddity, oddities
from analysis.audit.oddities import chart_order
from analysis.paths import Project
from analysis.published import PACKAGE, Study


@pytest.fixture(scope="module")
def found(study: Study) -> dict[str, Oddity]:
    """The oddities of the published tables."""
    return {oddity.id: oddity for oddity in oddities(study)}


#: What each oddity says, with the numbers that it computes.
KNOWN = {
    # 2.1: 20 %, 48 % and 33 % of ten entities; 8 + 19 + 13 = 40 is the smallest whole
    "base_diez": ["20", "48", "33", "10", "40"],
    "suma_101": ["20", "48", "33", "101"],
    # 2.1: «ciudades», nothing, «oficinas» and «referencias»
    "bases_distintas": ["ciudades", "no declarada", "oficinas", "referencias", "80"],
    # annex, note 10: eight cities, the AMVA and Cités Unies France
    "diez_no_escrito": ["10", "8 ciudades", "1 área metropolitana", "1 red"],
    # annex, charts and Tabla 1. Design has 2 difficulties, 3 in progress and 4 advances, in this
    # order: 2×3 + 2×4 + 3×4 = 26 pairs. Implementation 5, 3 and 3: 15 + 15 + 9 = 39.
    # Evaluation 4, 3 and 3: 12 + 12 + 9 = 33.
    "barras_perdidas": ["26", "39", "33", "0"],
    "presupuesto_primero": ["2"],  # annex: the greatest difficulty is number 2 of the chart
    "mayoria_en_proceso": ["9", "10"],  # annex: «la mayoría de ciudades», teams and regulations
    "revision_periodica": ["5", "6", "7"],  # annex: the review, below two «en algunos casos»
    "cooperacion_sin_fila": ["13"],  # annex: a main modality without a row in Tabla 1
    "capacitacion_pendiente": ["12", "9", "10", "11"],  # annex: «aún es necesario»
    "casi_homonimas": ["7", "14"],
    "riesgos_repetidos": ["5"],  # annex: the same five risks in two categories
    "etiqueta_distinta": ["«de»", "«a»"],  # annex: accountability «de» and «a» the citizens
    "seccion_letras": ["a, a y d"],
    "nueve_siete": ["9", "7"],  # methodological note: nine people of seven entities
    "dialogos_fechas": ["2015–2016", "2014–2015", "2015–2018"],  # 1.1.b, 1.1.c and annex
    "famsi_decadas": ["2000", "18", "2 décadas"],  # Caso 7 and 1.2; published in 2018
    "quito_agencias": ["5", "4"],  # Caso 10
    "lecturas_inferidas": ["11"],  # annex: the last eleven elements of Tabla 1 have no column
    # no table can show these
    "constante_descarte": ["constante"],
    "grafica_sin_texto": ["imagen"],
    "errata_muestreo": ["muestro", "muestreo"],
}
OBSERVED = {"constante_descarte", "grafica_sin_texto", "errata_muestreo"}


def test_every_known_oddity_is_found_once(study: Study) -> None:
    ids = [oddity.id for oddity in oddities(study)]
    assert ids == study.table("oddities")["id"].tolist()
    assert sorted(ids) == sorted(KNOWN)


@pytest.mark.parametrize(("oddity_id", "said"), KNOWN.items(), ids=KNOWN)
def test_an_oddity_says_its_computed_numbers(
    found: dict[str, Oddity], oddity_id: str, said: list[str]
) -> None:
    text = found[oddity_id].text("es")
    for expected in said:
        assert re.search(rf"(?<!\w){re.escape(expected)}(?!\w)", text), (expected, text)


@pytest.mark.parametrize("oddity_id", sorted(KNOWN))
def test_an_oddity_has_a_title_a_text_a_section_and_an_origin(
    found: dict[str, Oddity], study: Study, oddity_id: str
) -> None:
    oddity = found[oddity_id]
    assert oddity.title("es").strip()
    assert oddity.text("es").endswith(".")
    assert not re.search(r"[{}]|\bNone\b|<NA>", oddity.text("es"))
    assert oddity.section == study.row("oddities", oddity_id)["section"]
    assert all(origin.document == study.citation for origin in oddity.origins)
    assert oddity.origins


def test_what_can_be_computed_holds_and_the_rest_is_an_observation(
    found: dict[str, Oddity],
) -> None:
    assert {key for key, oddity in found.items() if oddity.holds is None} == OBSERVED
    assert {key for key, oddity in found.items() if oddity.holds} == set(KNOWN) - OBSERVED


def test_an_oddity_cites_the_rows_it_compares(found: dict[str, Oddity]) -> None:
    rows = {origin.table: origin.rows for origin in found["mayoria_en_proceso"].origins}
    assert rows == {"actions": ("imp_09", "imp_10"), "qualitative_claims": ("afi_015", "afi_016")}


def test_an_oddity_without_rows_cites_itself(found: dict[str, Oddity]) -> None:
    (origin,) = found["grafica_sin_texto"].origins
    assert (origin.table, origin.rows, origin.section) == (
        "oddities",
        ("grafica_sin_texto",),
        "2.1",
    )


def test_computed_values_are_numbers_and_not_texts(found: dict[str, Oddity]) -> None:
    values = {key: dict(oddity.values) for key, oddity in found.items()}
    assert (values["base_diez"]["base"], values["base_diez"]["smallest"]) == (10, 40)
    assert values["suma_101"]["total"] == 101
    assert values["barras_perdidas"] == {"concordant": [26, 39, 33], "discordant": 0}
    assert values["diez_no_escrito"] == {
        "total": 10,
        "n_ciudad": 8,
        "n_area_metropolitana": 1,
        "n_red": 1,
    }
    assert values["famsi_decadas"]["years"] == 18
    assert values["quito_agencias"] == {"stated": 5, "named": 4}
    assert values["revision_periodica"] == {"number": 5, "others": [6, 7]}
    assert values["capacitacion_pendiente"] == {"number": 12, "lower": [9, 10, 11]}
    assert values["mayoria_en_proceso"] == {"numbers": [9, 10]}
    assert values["casi_homonimas"] == {"numbers": [7, 14]}
    assert values["seccion_letras"]["letters"] == ["a", "a", "d"]
    assert values["etiqueta_distinta"] == {"n": 1}
    assert values["riesgos_repetidos"] == {"n": 5}
    assert values["nueve_siete"] == {"people": 9, "entities": 7}


def test_the_order_of_the_charts_agrees_with_table_1_in_every_stage(study: Study) -> None:
    # the pairs in the same state are tied: 1 + 3 + 6, 10 + 3 + 3, and 6 + 3 + 3
    assert chart_order(study) == {
        "diseno": PairCounts(26, 0, 10),
        "implementacion": PairCounts(39, 0, 16),
        "evaluacion": PairCounts(33, 0, 12),
    }


def test_our_own_readings_are_counted_in_the_tables(
    found: dict[str, Oddity], project: Project
) -> None:
    def rows(table: str) -> list[dict[str, str]]:
        path = project.raw / PACKAGE / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    assert found["lecturas_inferidas"].values == {
        "ideas": sum(row["assignment"] == "inferida" for row in rows("scale_synthesis")),
        "risks": sum("Columna inferida" in row["note_es"] for row in rows("table1")),
        "dimensions": sum(row["dimension_stated"] == "false" for row in rows("indicators")),
        "bounds": sum(bool(row["min_of_10"]) for row in rows("qualitative_claims")),
    }


# An oddity stops when the table is mended ------------------------------------------------------


def with_cells(study: Study, table: str, column: str, cells: dict[str, object]) -> Study:
    """Copy the study with some cells of a table changed."""
    frame = study.table(table).copy()
    for row_id, value in cells.items():
        assert (frame["id"] == row_id).sum() == 1
        frame.loc[frame["id"] == row_id, column] = value
    return replace(study, tables={**study.tables, table: frame})


def with_column(study: Study, table: str, column: str, old: object, new: object) -> Study:
    """Copy the study with one value of a column replaced everywhere."""
    frame = study.table(table).copy()
    assert (frame[column] == old).any()
    frame.loc[frame[column] == old, column] = new
    return replace(study, tables={**study.tables, table: frame})


def claims(**values: str) -> Callable[[Study], Study]:
    return lambda study: with_cells(study, "claims", "value", values)


def numbers(**values: int) -> Callable[[Study], Study]:
    return lambda study: with_cells(study, "actions", "number", values)


def states(**values: str) -> Callable[[Study], Study]:
    return lambda study: with_cells(study, "actions", "table1_state", values)


def one_agency_more(study: Study) -> Study:
    lists = study.table("key_lists")
    named = lists[lists["list"] == "agencias_quito"]
    fifth = named.tail(1).assign(id="agencias_quito_5", order=5)
    return replace(study, tables={**study.tables, "key_lists": pd.concat([lists, fifth])})


def one_base(study: Study) -> Study:
    group = dict.fromkeys(["cif_095", "cif_097", "cif_098", "cif_099"], "ciudades")
    return with_cells(study, "claims", "stated_base_es", group)


def another_risk(study: Study) -> Study:
    return with_cells(study, "risks", "label_es", {"rie_liderazgo_3": "Falta de relevo"})


def same_label(study: Study) -> Study:
    label = study.row("actions", "eva_06")["table1_label_es"]
    return with_cells(study, "actions", "label_es", {"eva_06": label})


MENDED = {
    "base_diez": [claims(cif_098="50", cif_099="30"), claims(cif_123="40")],
    "suma_101": [claims(cif_099="32"), claims(cif_097="19")],
    "bases_distintas": [one_base],
    "diez_no_escrito": [
        lambda study: with_cells(study, "cities", "kind", {"amva": "ciudad", "cuf": "ciudad"})
    ],
    "barras_perdidas": [numbers(dis_01=9, dis_09=1), states(eva_01="avance")],
    "presupuesto_primero": [numbers(dis_01=2, dis_02=1)],
    "mayoria_en_proceso": [states(imp_09="avance", imp_10="avance")],
    "revision_periodica": [numbers(eva_05=8, eva_08=5), numbers(eva_05=6, eva_06=5)],
    "cooperacion_sin_fila": [states(imp_13="avance")],
    "capacitacion_pendiente": [numbers(imp_12=1, imp_01=12)],
    "casi_homonimas": [states(imp_14="dificultad"), states(imp_07="no_aparece")],
    "riesgos_repetidos": [another_risk],
    "etiqueta_distinta": [same_label],
    "seccion_letras": [
        lambda study: with_column(study, "claims", "section", "3.a (política)", "3.b (política)")
    ],
    "nueve_siete": [claims(cif_015="7"), claims(cif_016="9")],
    "dialogos_fechas": [claims(cif_078="2015-2016", cif_130="2015-2016")],
    "famsi_decadas": [claims(cif_083="1997")],
    "quito_agencias": [claims(cif_118="4"), one_agency_more],
    "lecturas_inferidas": [
        lambda study: with_column(study, "scale_synthesis", "assignment", "inferida", "declarada")
    ],
}


def test_every_oddity_that_holds_has_a_way_to_be_mended() -> None:
    assert set(MENDED) == set(KNOWN) - OBSERVED


@pytest.mark.parametrize(
    ("oddity_id", "mend"),
    [(key, mend) for key, ways in MENDED.items() for mend in ways],
    ids=[f"{key}-{number}" for key, ways in MENDED.items() for number in range(len(ways))],
)
def test_an_oddity_stops_when_the_table_is_mended(
    study: Study, oddity_id: str, mend: Callable[[Study], Study]
) -> None:
    after = {oddity.id: oddity for oddity in oddities(mend(study))}
    assert after[oddity_id].holds is False


def test_mending_one_table_leaves_unrelated_oddities(study: Study) -> None:
    after = {oddity.id: oddity.holds for oddity in oddities(claims(cif_118="4")(study))}
    assert {key for key, holds in after.items() if holds} == (
        set(KNOWN) - OBSERVED - {"quito_agencias"}
    )


def test_an_oddity_recomputes_its_numbers(study: Study) -> None:
    after = {oddity.id: oddity for oddity in oddities(claims(cif_098="49", cif_083="1999")(study))}
    assert after["suma_101"].values["total"] == 102
    assert after["famsi_decadas"].values["years"] == 19


def test_an_action_out_of_order_is_a_discordant_pair(study: Study) -> None:
    # design: the second difficulty and the first action in progress swap their places
    after = {oddity.id: oddity for oddity in oddities(numbers(dis_02=3, dis_03=2)(study))}
    assert after["barras_perdidas"].values == {"concordant": [25, 39, 33], "discordant": 1}
    assert after["barras_perdidas"].holds is False
