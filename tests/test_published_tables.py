"""Tests of the published tables: what describes them, and what they hold."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from analysis import datapackage
from analysis.audit import Verdict
from analysis.audit.checks import CHECKS
from analysis.datapackage import DESCRIPTOR, DataPackageError
from analysis.paths import Project
from analysis.published import PACKAGE, Study, load_study
from tests.test_datapackage import CHANGED, refuse

# The published tables: the descriptor ----------------------------------------------------------


@pytest.fixture(scope="module")
def descriptor(project: Project) -> dict[str, Any]:
    """The description of the published tables."""
    return json.loads((project.raw / PACKAGE / DESCRIPTOR).read_text("utf-8"))


def fields(descriptor: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(r["name"], f) for r in descriptor["resources"] for f in r["schema"]["fields"]]


def test_the_published_tables_keep_to_their_schema(project: Project) -> None:
    assert datapackage.validate(project.raw / PACKAGE) == []


def test_every_published_table_is_sealed_with_the_sha256_of_its_file(
    project: Project, descriptor: dict[str, Any]
) -> None:
    for item in descriptor["resources"]:
        content = (project.raw / PACKAGE / item["path"]).read_bytes()
        assert item["hash"] == "sha256:" + hashlib.sha256(content).hexdigest(), item["path"]
        assert item["bytes"] == len(content), item["path"]


def test_every_file_of_the_package_is_described_once(
    project: Project, descriptor: dict[str, Any]
) -> None:
    files = sorted(path.name for path in (project.raw / PACKAGE).glob("*.csv"))
    assert sorted(item["path"] for item in descriptor["resources"]) == files


def test_every_table_tells_its_title_source_and_key(descriptor: dict[str, Any]) -> None:
    for item in descriptor["resources"]:
        assert item["title"].strip(), item["name"]
        assert all(source["title"].strip() for source in item["sources"]), item["name"]
        assert item["sources"], item["name"]
        assert item["schema"]["primaryKey"], item["name"]


def test_every_field_has_a_type_and_a_description(descriptor: dict[str, Any]) -> None:
    for table, item in fields(descriptor):
        assert item["type"] in {"string", "integer", "boolean", "number"}, (table, item)
        assert len(item["description"].split()) >= 1, (table, item)
        assert item["description"].endswith("."), (table, item)


def test_every_fact_names_its_section(descriptor: dict[str, Any], study: Study) -> None:
    for item in descriptor["resources"]:
        if item["sources"][0]["title"].startswith("Cuaderno") and item["name"] != "risk_categories":
            assert study.table(item["name"])["section"].notna().all(), item["name"]


def test_resealing_the_published_tables_leaves_every_byte_as_it_is(project_copy: Project) -> None:
    path = project_copy.raw / PACKAGE / DESCRIPTOR
    before = path.read_bytes()
    assert datapackage.seal(project_copy.raw / PACKAGE) == []
    assert path.read_bytes() == before


# The published tables: what they refer to ------------------------------------------------------


def test_every_spanish_label_has_its_english_twin_filled_alike(study: Study) -> None:
    checked = 0
    for name, frame in study.tables.items():
        for column in frame.columns[frame.columns.str.endswith("_es")]:
            if column == "note_es":
                continue  # the reader's own remarks, which are not published
            twin = f"{column.removesuffix('_es')}_en"
            assert twin in frame, (name, column)
            differing = frame[frame[column].isna() != frame[twin].isna()]
            assert differing.empty, (name, column, differing.iloc[:, 0].tolist())
            checked += int(frame[column].notna().sum())
    assert checked > 1000


#: Where the codes of a field are shown, the vocabulary that gives their labels.
SHOWN_CODES = [
    ("claims", "scope", "scope"),
    ("claims", "qualifier", "qualifier"),
    ("claims", "base_status", "base_status"),
    ("actions", "stage", "stage"),
    ("risks", "stage", "stage"),
    ("table1", "stage", "stage"),
    ("qualitative_claims", "stage", "stage"),
    ("scale_synthesis", "stage", "stage"),
    ("coordination_tables", "stage", "stage"),
    ("actions", "table1_state", "table1_state"),
    ("indicators", "dimension", "dimension"),
    ("dimensions", "dimension", "dimension"),
    ("scale_synthesis", "scale", "scale"),
    ("cases", "scale", "scale"),
    ("cities", "kind", "city_kind"),
]


@pytest.mark.parametrize(("table", "column", "vocabulary"), SHOWN_CODES)
def test_every_code_that_is_shown_has_a_label(
    descriptor: dict[str, Any], study: Study, table: str, column: str, vocabulary: str
) -> None:
    (allowed,) = (
        item["constraints"]["enum"]
        for name, item in fields(descriptor)
        if (name, item["name"]) == (table, column)
    )
    assert set(study.table(table)[column].dropna()) <= set(allowed)
    for code in allowed:
        for lang in ("es", "en"):
            assert study.code_label(vocabulary, code, lang).strip()


def test_every_verdict_has_a_label(study: Study) -> None:
    for verdict in Verdict:
        code = verdict.value.replace(" ", "_")
        assert study.code_label("verdict", code, "es") == verdict.value


def test_no_code_of_a_vocabulary_is_there_twice(study: Study) -> None:
    vocabularies = study.table("vocabularies")
    assert not vocabularies.duplicated(["vocabulary", "code"]).any()


def test_every_foreign_key_of_the_published_tables_points_to_a_row(
    descriptor: dict[str, Any], study: Study
) -> None:
    checked = 0
    for item in descriptor["resources"]:
        for key in item["schema"].get("foreignKeys", []):
            (column,), target = key["fields"], key["reference"]["resource"] or item["name"]
            (target_column,) = key["reference"]["fields"]
            used = set(study.table(item["name"])[column].dropna())
            assert used <= set(study.table(target)[target_column]), (item["name"], column)
            checked += 1
    assert checked >= 10


def items(cells: pd.Series) -> Iterable[str]:
    return (item for cell in cells.dropna() for item in cell.split(";"))


def test_every_row_that_an_oddity_refers_to_exists(study: Study) -> None:
    references = list(items(study.table("oddities")["refs"]))
    assert len(references) > 30
    for reference in references:
        table, row_id = reference.split(":")
        assert len(study.row(table, row_id)) > 0


def test_every_oddity_names_its_rows_or_is_about_no_row(study: Study) -> None:
    table = study.table("oddities")
    without = set(table.loc[table["refs"].isna(), "id"])
    # an image without text (section 2.1), and what was inferred across whole tables
    assert without == {"grafica_sin_texto", "lecturas_inferidas"}


#: What the target of each check must be.
FIGURES = [
    "same_as",
    "same_event",
    "within",
    "covers",
    "not_before",
    "not_after",
    "at_least",
    "at_most",
]
IMPLIED = ["implied_rate", "implied_total", "granularity"]
COUNTED = ["count_rows", "count_distinct", "at_most_rows"]
IN_A_ROW = ["count_items", "in_label", "period_length"]


def test_every_target_of_an_audit_rule_exists(study: Study) -> None:
    ids = set(study.claims["id"])
    for _, rule in study.table("audit_rules").iterrows():
        check, target = rule["check"], rule["target"]
        if check in FIGURES + IMPLIED:
            assert set(target.split(";")) <= ids, rule["id"]
        elif check in ("elapsed", "elapsed_start"):
            assert set(target.split(";")) <= ids | {"published"}, rule["id"]
        elif check in COUNTED:
            columns = set(study.table(target))
            conditions = "" if pd.isna(rule["filter"]) else rule["filter"]
            named = {pair.split("=")[0] for pair in filter(None, conditions.split(";"))}
            assert named | ({rule["field"]} if check == "count_distinct" else set()) <= columns
        elif check in IN_A_ROW:
            assert len(study.row(*target.split(":"))) > 0, rule["id"]
        elif check == "restated":
            assert rule["claim_id"] in set(study.table("restatements")["claim_id"]), rule["id"]
        elif check == "unverifiable":
            assert isinstance(rule["reason_key"], str), rule["id"]
        else:
            assert check == "count_sections", check


def test_no_figure_is_compared_with_itself(study: Study) -> None:
    for _, rule in study.table("audit_rules").iterrows():
        if rule["check"] in FIGURES:
            assert rule["claim_id"] not in rule["target"].split(";"), rule["id"]


def test_every_restatement_is_compared_by_a_rule(study: Study) -> None:
    rules = study.table("audit_rules")
    compared = set(rules.loc[rules["check"] == "restated", "claim_id"])
    assert set(study.table("restatements")["claim_id"]) == compared


def test_every_check_that_a_rule_may_name_exists(descriptor: dict[str, Any]) -> None:
    (allowed,) = (
        item["constraints"]["enum"]
        for name, item in fields(descriptor)
        if (name, item["name"]) == ("audit_rules", "check")
    )
    assert set(allowed) == set(CHECKS)


def test_every_row_of_table_1_agrees_with_the_action_it_names(study: Study) -> None:
    # annex, Tabla 1: an action is listed once, in the row of its state
    state = {"avances": "avance", "en_proceso": "en_proceso", "dificultades": "dificultad"}
    listed = study.table("table1").dropna(subset="action_id")
    assert listed["action_id"].is_unique
    for _, row in listed.iterrows():
        action = study.row("actions", row["action_id"])
        assert action["table1_state"] == state[row["row"]], row["id"]
        assert action["table1_label_es"] == row["label_es"], row["id"]
        assert action["stage"] == row["stage"], row["id"]
    rest = study.actions[~study.actions["id"].isin(listed["action_id"])]
    assert set(rest["table1_state"]) == {"no_aparece"}


def test_every_city_and_its_case_name_each_other(study: Study) -> None:
    cases = study.table("cases").set_index("number")["city_id"]
    cities = study.cities.dropna(subset="case_number").set_index("case_number")["id"]
    assert cities.sort_index().to_dict() == cases.to_dict()
    assert set(items(study.table("cases")["related_entities"])) <= set(study.cities["id"])


# The published tables: loading -----------------------------------------------------------------


def test_the_study_is_kept_as_parquet_and_read_from_there(
    project_copy: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_study(project_copy)
    assert len(list((project_copy.processed / PACKAGE).glob("*/*.parquet"))) == len(first.tables)
    monkeypatch.setattr(datapackage, "validate", refuse)
    monkeypatch.setattr(pd, "read_csv", refuse)
    second = load_study(project_copy)
    assert list(second.tables) == list(first.tables)
    for name, frame in first.tables.items():
        assert_frame_equal(second.tables[name], frame)


def test_several_faults_in_several_published_tables_are_reported_together(
    project_copy: Project, change_cell: Callable[..., None]
) -> None:
    load_study(project_copy)  # so that the cache exists
    change_cell(project_copy, "claims", "cif_097", "kind", "proporcion")
    change_cell(project_copy, "cities", "lima", "quotes", "muchas")
    change_cell(project_copy, "table1", "T1_05", "action_id", "imp_99")
    change_cell(project_copy, "risks", "rie_liderazgo_1", "label_es", "")
    with pytest.raises(DataPackageError) as error:
        load_study(project_copy)
    found = {
        (p.file, p.column, p.value) for p in error.value.problems if p.row is not None and p.row > 1
    }
    assert found == {
        ("claims.csv", "kind", "proporcion"),
        ("cities.csv", "quotes", "muchas"),
        ("table1.csv", "action_id", "imp_99"),
        ("risks.csv", "label_es", ""),
    }
    changed = {p.file for p in error.value.problems if p.expected == CHANGED}
    assert changed == {"claims.csv", "cities.csv", "table1.csv", "risks.csv"}


def test_a_sealed_change_of_a_published_table_is_loaded(
    project_copy: Project, change_cell: Callable[..., None]
) -> None:
    load_study(project_copy)
    change_cell(project_copy, "claims", "cif_097", "value", "21")
    with pytest.raises(DataPackageError):
        load_study(project_copy)
    assert datapackage.seal(project_copy.raw / PACKAGE) == ["claims.csv"]
    assert load_study(project_copy).claim("cif_097").value == "21"
