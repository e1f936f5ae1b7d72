"""Tests of ``cuadernos bounds``: the contract of its JSON, CSV and tables."""

import json

import pytest
from test_cli import ENGLISH, Screen, many, rows_of

from analysis.identification import Assumption, identify
from analysis.paths import Project
from analysis.published import Study

CALLS = {
    **{a.value: ["bounds", "--assume", a.value, "--format", "json"] for a in Assumption},
    "csv": ["bounds", "--assume", "ascending", "--stage", "evaluacion", "--format", "csv"],
    "table": ["bounds", "--assume", "ascending", "--stage", "diseno"],
    "conflict": [
        *("bounds", "--assume", "ascending", "--stage", "diseno"),
        *("--reading", "orden_estricto_del_texto", "--format"),
    ],
    "sensitivity": ["bounds", "--assume", "claims", "--sensitivity", "--format", "json"],
    "sensitivity table": ["bounds", "--assume", "claims", "--sensitivity"],
    "unknown": ["bounds", "--reading", "otra"],
    "both": ["bounds", "--sensitivity", "--reading", "base"],
}


@pytest.fixture(scope="module")
def found(project: Project) -> dict[str, Screen]:
    calls = {**CALLS, "conflict": [*CALLS["conflict"], "json"]}
    calls["conflict table"] = [*CALLS["conflict"], "table"]
    return dict(zip(calls, many(list(calls.values()), project.root), strict=True))


@pytest.mark.parametrize("assumption", [a.value for a in Assumption])
def test_json_keeps_to_its_contract(
    found: dict[str, Screen], study: Study, assumption: str
) -> None:
    said = json.loads(found[assumption].out)
    expected = identify(study, assumption)
    assert list(said) == ["actions", "vectors", "contradictions"]
    assert said["actions"] == [
        {"id": a.id, "lower": a.lower, "upper": a.upper} for a in expected.actions
    ]
    assert list(said["vectors"]) == ["diseno", "implementacion", "evaluacion"]
    assert said["vectors"] == {stage.stage: stage.vectors for stage in expected.stages}
    assert said["contradictions"] == []


def test_csv_has_a_row_for_each_action_of_the_stage_with_its_reasons(
    found: dict[str, Screen],
) -> None:
    rows = rows_of(found["csv"].out)
    assert [row["id"] for row in rows] == [f"eva_{number:02d}" for number in range(1, 11)]
    first = rows[0]
    assert (first["lower"], first["upper"], first["base"]) == ("0", "9", "10")
    assert (first["lower_because"], first["upper_because"]) == (
        "",
        "afi_036; numeración de eva_01 a eva_06",
    )


def test_the_table_says_what_is_supposed_and_how_many_vectors_remain(
    found: dict[str, Screen], study: Study
) -> None:
    out = found["table"].out
    assert "en orden ascendente" in out
    assert "acotado" in out
    vectors = identify(study, "ascending", stages=["diseno"]).stages[0].vectors
    assert f"{vectors:,}".replace(",", ".") in out
    assert "dis_09" in out
    assert "imp_01" not in out
    assert ENGLISH.search(out) is None


def test_a_contradiction_is_explained(found: dict[str, Screen]) -> None:
    said = json.loads(found["conflict"].out)
    assert {action["lower"] for action in said["actions"]} == {None}
    assert said["vectors"] == {"diseno": 0}
    (contradiction,) = said["contradictions"]
    rows = [reason["rows"] for reason in contradiction["reasons"]]
    assert sorted(rows) == [["afi_009"], ["dis_01", "dis_02"]]
    assert "Contradicción" in found["conflict table"].out


def test_sensitivity_tells_which_bounds_move(found: dict[str, Screen]) -> None:
    said = {item["reading"]: item for item in json.loads(found["sensitivity"].out)}
    assert {"action": "imp_09", "lower": 6, "upper": 10, "lower_after": 7, "upper_after": 10} in (
        said["mayoria_dos_tercios"]["moves"]
    )
    assert "imp_13 0 a 10 → 10 a 10" in found["sensitivity table"].out


@pytest.mark.parametrize(
    ("name", "message"), [("unknown", "No hay lectura «otra»"), ("both", "--sensitivity")]
)
def test_a_mistake_is_explained_in_spanish(
    found: dict[str, Screen], name: str, message: str
) -> None:
    assert found[name].code != 0
    assert message in found[name].err
    assert ENGLISH.search(found[name].err) is None
