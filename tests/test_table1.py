"""Tests of Tabla 1: as printed, and built again from shares by a stated rule."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import texts
from analysis.proportion import estimate
from analysis.provenance import Base, EvidenceClass, Origin, Share
from analysis.published import Study
from analysis.rounding import RoundingRule
from analysis.table1 import (
    Change,
    StrataRule,
    Stratum,
    published_table1,
    regenerate_table1,
)

ORIGIN = (Origin("Ola de prueba", "answers", ("C01",), "acc_diseno"),)


def share(count: int, nobs: int = 10, *, census: bool = False, unit: str = "city") -> Share:
    found = estimate(count, nobs, census=census)
    return Share(
        evidence=EvidenceClass.DEMO,
        origins=ORIGIN,
        base=Base(unit, nobs),
        rounding=RoundingRule.HALF_UP,
        method="share_of_cities",
        interval=found.interval,
        no_interval=found.no_interval,
        count=count,
    )


def test_the_published_table_is_the_printed_one(study: Study) -> None:
    found = published_table1(study)
    table = study.table("table1")
    rows = {"avance": "avances", "en_proceso": "en_proceso", "dificultad": "dificultades"}
    for stage in ("diseno", "implementacion", "evaluacion"):
        for stratum, row in rows.items():
            printed = table[(table["stage"] == stage) & (table["row"] == row)]["action_id"]
            assert {r.action for r in found.cell(stage, Stratum(stratum))} == set(printed)
    assert sum(row.published is Stratum.NOT_LISTED for row in found.rows) == 6
    assert all(row.change is None and row.share is None for row in found.rows)


@pytest.mark.parametrize(
    ("count", "nobs", "expected"),
    [
        (0, 10, Stratum.DIFFICULTY),
        (3, 10, Stratum.DIFFICULTY),  # Wilson 11 to 60 %
        (4, 10, Stratum.NOT_TOLD_APART),  # Wilson 17 to 69 %
        (6, 10, Stratum.NOT_TOLD_APART),  # Wilson 31 to 83 %
        (7, 10, Stratum.PROGRESS),  # Wilson 40 to 89 %
        (10, 10, Stratum.PROGRESS),
        (20, 40, Stratum.IN_PROCESS),  # Wilson 35 to 65 %
        (1, 3, Stratum.NOT_TOLD_APART),  # exactly a third, of three
    ],
)
def test_the_rule_reads_the_share_and_its_interval(
    count: int, nobs: int, expected: Stratum
) -> None:
    assert StrataRule().stratum(share(count, nobs)) is expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, Stratum.DIFFICULTY), (2, Stratum.IN_PROCESS), (3, Stratum.IN_PROCESS)],
)
def test_without_interval_the_share_alone_decides(count: int, expected: Stratum) -> None:
    assert StrataRule().stratum(share(count, 5, census=True)) is expected
    assert StrataRule(Fraction(1, 3), Fraction(3, 5)).stratum(share(3, 5, census=True)) is (
        Stratum.PROGRESS
    )


@given(st.integers(1, 60), st.data())
def test_more_cities_never_give_a_lower_stratum(nobs: int, data: st.DataObject) -> None:
    few, many = sorted(data.draw(st.tuples(st.integers(0, nobs), st.integers(0, nobs))))
    order = [Stratum.DIFFICULTY, Stratum.IN_PROCESS, Stratum.PROGRESS]
    rule = StrataRule()
    low, high = rule.stratum(share(few, nobs)), rule.stratum(share(many, nobs))
    if low in order and high in order:
        assert order.index(low) <= order.index(high)


def test_what_changed_since_2017_is_told(study: Study) -> None:
    shares = {
        "dis_09": share(9),  # progress, still
        "dis_08": share(1),  # progress before
        "dis_01": share(8),  # a difficulty before
        "dis_03": share(5),  # not told apart
        "imp_12": share(9),  # Tabla 1 does not list it
    }
    found = regenerate_table1(study, shares)
    changes = {row.action: row.change for row in found.rows if row.change}
    assert changes == {
        "dis_01": Change.UP,
        "dis_03": Change.NOT_COMPARABLE,
        "dis_08": Change.DOWN,
        "dis_09": Change.SAME,
        "imp_12": Change.NOT_COMPARABLE,
    }
    assert [row.action for row in found.changed()] == ["dis_01", "dis_08"]
    assert [r.action for r in found.cell("diseno", Stratum.PROGRESS)] == ["dis_09", "dis_01"]
    assert len(found.rows) == 36


def test_other_thresholds_give_another_table(study: Study) -> None:
    shares = {"dis_01": share(5, census=True)}
    strict = regenerate_table1(study, shares, StrataRule(Fraction(1, 2), Fraction(4, 5)))
    assert strict.cell("diseno", Stratum.DIFFICULTY)[0].action == "dis_01"
    assert regenerate_table1(study, shares).cell("diseno", Stratum.IN_PROCESS)


def test_mentions_and_unknown_actions_are_refused(study: Study) -> None:
    with pytest.raises(ValueError, match="«x» no es una acción"):
        regenerate_table1(study, {"x": share(1)})
    with pytest.raises(ValueError, match="es de menciones"):
        regenerate_table1(study, {"dis_01": share(1, unit="mention")})
    with pytest.raises(ValueError, match="umbral"):
        StrataRule(Fraction(2, 3), Fraction(1, 3))


@pytest.mark.parametrize("lang", texts.LOCALES)
def test_every_stratum_and_change_has_a_label(lang: str) -> None:
    for kind in ("stratum", "change"):
        for code in Stratum if kind == "stratum" else Change:
            assert texts.label(f"table1.{kind}.{code}", lang)
