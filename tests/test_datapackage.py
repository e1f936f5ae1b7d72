"""Tests of sealed tables: of the mechanism, on a small package, and of the published tables."""

import csv
import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from analysis import datapackage
from analysis.audit import Verdict
from analysis.audit.checks import CHECKS
from analysis.datapackage import DESCRIPTOR, DataPackageError, Problem
from analysis.paths import Project
from analysis.published import PACKAGE, Study, load_study

PEOPLE = """\
id,name,age,kind,boss,active
p1,Ana,40,a,,true
p2,Luz,30,b,p1,false
"""
TOWNS = """\
id,mayor
t1,p1
t2,p2
"""
CHANGED = "el archivo cambió desde que se selló (su sha256 no es el del paquete)"


def field(name: str, kind: str = "string", **constraints: object) -> dict[str, Any]:
    return {"name": name, "type": kind, "constraints": constraints}


def resource(name: str, fields: list[dict[str, Any]], keys: Mapping[str, str]) -> dict[str, Any]:
    schema = {
        "fields": fields,
        "missingValues": [""],
        "primaryKey": ["id"],
        "foreignKeys": [
            {"fields": [column], "reference": {"resource": table, "fields": ["id"]}}
            for column, table in keys.items()
        ],
    }
    return {
        "name": name,
        "type": "table",
        "path": f"{name}.csv",
        "scheme": "file",
        "format": "csv",
        "encoding": "utf-8",
        "schema": schema,
    }


RESOURCES = [
    resource(
        "people",
        [
            field("id", required=True, unique=True),
            field("name", required=True),
            field("age", "integer", minimum=18, maximum=99),
            field("kind", enum=["a", "b"]),
            field("boss"),
            field("active", "boolean"),
        ],
        {"boss": ""},
    ),
    resource(
        "towns",
        [field("id", required=True, unique=True, pattern=r"t\d+"), field("mayor")],
        {"mayor": "people"},
    ),
]


def sealed_by_hand(folder: Path) -> Path:
    """Write the descriptor with the seals of the present files, without the package's code."""
    resources = []
    for item in RESOURCES:
        content = (folder / item["path"]).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        resources.append({**item, "hash": f"sha256:{digest}", "bytes": len(content)})
    descriptor = {"name": "small", "resources": resources}
    (folder / DESCRIPTOR).write_text(json.dumps(descriptor), "utf-8")
    return folder


def write_package(folder: Path, people: str = PEOPLE, towns: str = TOWNS) -> Path:
    (folder / "people.csv").write_bytes(people.encode())
    (folder / "towns.csv").write_bytes(towns.encode())
    return sealed_by_hand(folder)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A small valid package."""
    folder = tmp_path / "small"
    folder.mkdir()
    return write_package(folder)


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


# One fault at a time ---------------------------------------------------------------------------


def test_a_valid_package_has_no_problems(package: Path) -> None:
    assert datapackage.validate(package) == []


FAULTS = {
    "a value outside its list": (
        ("people.csv", "40,a", "40,z"),
        Problem("people.csv", 2, "kind", "z", "se admite: a, b"),
    ),
    "a text that is not an integer": (
        ("people.csv", "30,b", "treinta,b"),
        Problem("people.csv", 3, "age", "treinta", "debe ser un número entero"),
    ),
    "a decimal that is not an integer": (
        ("people.csv", "30,b", "30.5,b"),
        Problem("people.csv", 3, "age", "30.5", "debe ser un número entero"),
    ),
    "a word that is not true or false": (
        ("people.csv", "p1,false", "p1,quizás"),
        Problem("people.csv", 3, "active", "quizás", "debe ser true o false"),
    ),
    "a number below the minimum": (
        ("people.csv", "40,a", "0,a"),
        Problem("people.csv", 2, "age", "0", "el mínimo es 18"),
    ),
    "a number above the maximum": (
        ("people.csv", "40,a", "100,a"),
        Problem("people.csv", 2, "age", "100", "el máximo es 99"),
    ),
    "a text without the right form": (
        ("towns.csv", "t2", "x2"),
        Problem("towns.csv", 3, "id", "x2", r"debe tener la forma t\d+"),
    ),
    "a duplicate id": (
        ("towns.csv", "t2", "t1"),
        Problem("towns.csv", 3, "id", "t1", "el valor ya está en otra fila y debe ser único"),
    ),
    "an unknown foreign key": (
        ("towns.csv", "t1,p1", "t1,p9"),
        Problem("towns.csv", 2, "mayor", "p9", "no existe en la tabla people (id)"),
    ),
    "an unknown key of its own table": (
        ("people.csv", "b,p1", "b,p9"),
        Problem("people.csv", 3, "boss", "p9", "no existe en la tabla propia (id)"),
    ),
    "a missing required cell": (
        ("people.csv", "p1,Ana", "p1,"),
        Problem("people.csv", 2, "name", "", "el valor es obligatorio"),
    ),
    "an extra cell": (
        ("towns.csv", "t1,p1", "t1,p1,x"),
        Problem("towns.csv", 2, "", "x", "sobra un valor: la fila tiene más celdas que columnas"),
    ),
    "a cell too few": (
        ("people.csv", "30,b,p1,false", "30"),
        Problem("people.csv", 3, "", "", "falta un valor: la fila tiene menos celdas que columnas"),
    ),
    "an empty row": (
        ("towns.csv", "t1,p1\n", "t1,p1\n\n"),
        Problem("towns.csv", 3, "", "", "la fila está vacía; bórrela"),
    ),
    "a renamed column": (
        ("people.csv", "age", "years"),
        Problem("people.csv", 1, "age", "years", "la columna debe llamarse age"),
    ),
    "an unknown column": (
        ("towns.csv", "id,mayor\nt1,p1\nt2,p2", "id,mayor,size\nt1,p1,1\nt2,p2,2"),
        Problem("towns.csv", 1, "", "size", "la columna no está en el paquete"),
    ),
    "a missing column": (
        ("towns.csv", "id,mayor\nt1,p1\nt2,p2", "id\nt1\nt2"),
        Problem("towns.csv", 1, "mayor", "", "la columna debe llamarse mayor"),
    ),
}


@pytest.mark.parametrize(("change", "problem"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_reported_with_its_place_value_and_what_is_allowed(
    package: Path, change: tuple[str, str, str], problem: Problem
) -> None:
    file, old, new = change
    replace_in(package / file, old, new)
    sealed_by_hand(package)  # so that the seal itself is right
    assert datapackage.validate(package) == [problem]


@pytest.mark.parametrize(("change", "problem"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_table_is_neither_loaded_nor_sealed(
    package: Path, tmp_path: Path, change: tuple[str, str, str], problem: Problem
) -> None:
    file, old, new = change
    replace_in(package / file, old, new)
    before = (package / DESCRIPTOR).read_bytes()
    for action in (
        lambda: datapackage.load(package, tmp_path / "kept"),
        lambda: datapackage.seal(package),
    ):
        with pytest.raises(DataPackageError) as error:
            action()
        assert problem in error.value.problems
    assert (package / DESCRIPTOR).read_bytes() == before
    assert not (tmp_path / "kept").exists()


def test_a_missing_file_is_reported(package: Path) -> None:
    (package / "towns.csv").unlink()
    assert datapackage.validate(package) == [Problem("towns.csv", None, "", "", "falta el archivo")]


def test_a_file_that_is_not_utf_8_is_reported(package: Path) -> None:
    (package / "people.csv").write_bytes(PEOPLE.replace("Ana", "Añá").encode("latin-1"))
    sealed_by_hand(package)
    problem = Problem("people.csv", None, "", "", "el archivo no está en UTF-8")
    assert problem in datapackage.validate(package)
    with pytest.raises(DataPackageError, match=r"people\.csv; el archivo no está en UTF-8"):
        datapackage.load(package)


def test_a_changed_file_is_refused_even_when_its_content_is_valid(package: Path) -> None:
    replace_in(package / "people.csv", "Ana", "Eva")
    assert datapackage.validate(package) == [Problem("people.csv", None, "", "", CHANGED)]
    with pytest.raises(DataPackageError, match="vuelva a sellar") as error:
        datapackage.load(package)
    assert error.value.folder == package


def test_a_change_of_the_same_length_is_noticed(package: Path) -> None:
    replace_in(package / "towns.csv", "t2,p2", "t2,p1")
    assert [problem.expected for problem in datapackage.validate(package)] == [CHANGED]


def test_a_table_without_a_seal_is_refused(package: Path) -> None:
    descriptor = json.loads((package / DESCRIPTOR).read_text("utf-8"))
    del descriptor["resources"][0]["hash"]
    (package / DESCRIPTOR).write_text(json.dumps(descriptor), "utf-8")
    assert Problem("people.csv", None, "", "", CHANGED) in datapackage.validate(package)


def test_a_missing_descriptor_is_reported(package: Path) -> None:
    (package / DESCRIPTOR).unlink()
    with pytest.raises(DataPackageError, match="falta el archivo que describe las tablas"):
        datapackage.load(package)


def test_a_broken_descriptor_is_reported_with_its_line(package: Path) -> None:
    (package / DESCRIPTOR).write_text('{\n"name": "x",\n]', "utf-8")
    with pytest.raises(DataPackageError) as error:
        datapackage.load(package)
    (problem,) = error.value.problems
    assert (problem.file, problem.row) == (DESCRIPTOR, 3)
    assert "no es JSON válido" in problem.expected


def test_a_short_row_is_one_fault_and_does_not_hide_those_of_other_rows(package: Path) -> None:
    replace_in(package / "people.csv", "p1,Ana,40,a,,true", "p1")  # without its name, required
    replace_in(package / "people.csv", "30,b", "30,z")
    sealed_by_hand(package)
    assert [(p.row, p.column, p.value) for p in datapackage.validate(package)] == [
        (2, "", ""),
        (3, "kind", "z"),
    ]


# All faults at once ----------------------------------------------------------------------------


def test_every_fault_of_every_file_is_in_one_error(package: Path) -> None:
    replace_in(package / "people.csv", "p1,Ana,40,a", "p1,,cuarenta,z")
    replace_in(package / "towns.csv", "t2,p2", "t1,p9")
    expected = [
        Problem("people.csv", None, "", "", CHANGED),
        Problem("people.csv", 2, "age", "cuarenta", "debe ser un número entero"),
        Problem("people.csv", 2, "kind", "z", "se admite: a, b"),
        Problem("people.csv", 2, "name", "", "el valor es obligatorio"),
        Problem("towns.csv", None, "", "", CHANGED),
        Problem("towns.csv", 3, "id", "t1", "el valor ya está en otra fila y debe ser único"),
        Problem("towns.csv", 3, "mayor", "p9", "no existe en la tabla people (id)"),
    ]
    with pytest.raises(DataPackageError) as error:
        datapackage.load(package)
    assert error.value.problems == expected
    message = str(error.value)
    assert message.startswith("7 problemas en small/:")
    assert all(f"  - {problem}\n" in message for problem in expected)
    assert "cuadernos data seal" in message


def test_one_problem_is_counted_in_the_singular(package: Path) -> None:
    (package / "towns.csv").unlink()
    with pytest.raises(DataPackageError, match=r"^1 problema en small/:"):
        datapackage.load(package)


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (
            Problem("a.csv", 3, "age", "x", "debe ser un número entero"),
            "a.csv, fila 3, columna age: se encontró «x»; debe ser un número entero",
        ),
        (Problem("a.csv", 3, "", "", "la fila está vacía"), "a.csv, fila 3; la fila está vacía"),
        (Problem("a.csv", None, "", "", "falta el archivo"), "a.csv; falta el archivo"),
    ],
)
def test_a_problem_is_said_in_one_line(problem: Problem, line: str) -> None:
    assert str(problem) == line


# Typed tables ----------------------------------------------------------------------------------


def test_tables_are_typed_by_their_schema(package: Path) -> None:
    people = datapackage.load(package)["people"]
    kinds = {"id": "string", "age": "Int64", "active": "boolean", "boss": "string"}
    assert {name: str(people[name].dtype) for name in kinds} == kinds
    assert people["age"].tolist() == [40, 30]
    assert people["active"].tolist() == [True, False]
    assert people["boss"].isna().tolist() == [True, False]


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda text: text.strip() == text
)


@settings(max_examples=20)
@given(NAMES)
@example("NA")
@example("null")
@example('a, "b"')
def test_any_text_survives_sealing_and_loading(name: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder, cache = Path(temporary) / "small", Path(temporary) / "kept"
        folder.mkdir()
        write_package(folder)
        rows = list(csv.reader(io.StringIO(PEOPLE)))
        rows[1][1] = name
        with (folder / "people.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)
        if name != "Ana":
            with pytest.raises(DataPackageError, match="cambió desde que se selló"):
                datapackage.load(folder, cache)
        datapackage.seal(folder)
        for _ in range(2):  # from the file, then from the cache
            assert datapackage.load(folder, cache)["people"]["name"].tolist() == [name, "Luz"]


# Seal ------------------------------------------------------------------------------------------


def test_sealing_accepts_a_valid_change(package: Path) -> None:
    replace_in(package / "people.csv", "Ana", "Eva María")
    assert datapackage.seal(package) == ["people.csv"]
    assert datapackage.validate(package) == []
    assert datapackage.load(package)["people"]["name"].tolist() == ["Eva María", "Luz"]


def test_sealing_changes_only_the_seal_of_the_changed_table(package: Path) -> None:
    before = json.loads((package / DESCRIPTOR).read_text("utf-8"))
    replace_in(package / "people.csv", "Ana", "Eva María")
    datapackage.seal(package)
    after = json.loads((package / DESCRIPTOR).read_text("utf-8"))
    content = (package / "people.csv").read_bytes()
    before["resources"][0]["hash"] = "sha256:" + hashlib.sha256(content).hexdigest()
    before["resources"][0]["bytes"] = len(content)
    assert after == before


def test_sealing_what_has_not_changed_changes_nothing(package: Path) -> None:
    before = json.loads((package / DESCRIPTOR).read_text("utf-8"))
    assert datapackage.seal(package) == []
    assert json.loads((package / DESCRIPTOR).read_text("utf-8")) == before


def test_sealing_is_refused_when_a_file_is_missing(package: Path) -> None:
    (package / "towns.csv").unlink()
    before = (package / DESCRIPTOR).read_bytes()
    with pytest.raises(DataPackageError, match="falta el archivo"):
        datapackage.seal(package)
    assert (package / DESCRIPTOR).read_bytes() == before


# Cache -----------------------------------------------------------------------------------------


def refuse(*args: object, **kwargs: object) -> None:
    raise AssertionError("the tables were read or checked again")


def test_the_second_load_reads_parquet_and_equals_the_first(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "kept"
    first = datapackage.load(package, cache)
    kept = cache / datapackage.package_key(package)
    assert sorted(path.name for path in kept.iterdir()) == ["people.parquet", "towns.parquet"]
    monkeypatch.setattr(datapackage, "validate", refuse)
    monkeypatch.setattr(pd, "read_csv", refuse)
    second = datapackage.load(package, cache)
    assert list(second) == list(first) == ["people", "towns"]
    for name, frame in first.items():
        assert_frame_equal(second[name], frame)


def test_what_is_in_the_cache_is_what_is_loaded(package: Path, tmp_path: Path) -> None:
    cache = tmp_path / "kept"
    marked = datapackage.load(package, cache)["people"].assign(name="del caché")
    marked.to_parquet(cache / datapackage.package_key(package) / "people.parquet", index=False)
    assert datapackage.load(package, cache)["people"]["name"].tolist() == ["del caché"] * 2
    assert datapackage.load(package)["people"]["name"].tolist() == ["Ana", "Luz"]


def test_a_change_of_a_file_is_noticed_though_it_is_in_the_cache(
    package: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "kept"
    datapackage.load(package, cache)
    replace_in(package / "people.csv", "Ana", "Eva")
    with pytest.raises(DataPackageError, match="cambió desde que se selló"):
        datapackage.load(package, cache)


def test_a_missing_file_is_noticed_though_it_is_in_the_cache(package: Path, tmp_path: Path) -> None:
    cache = tmp_path / "kept"
    datapackage.load(package, cache)
    (package / "towns.csv").unlink()
    with pytest.raises(DataPackageError, match="falta el archivo"):
        datapackage.load(package, cache)


def test_a_sealed_change_replaces_what_the_cache_held(package: Path, tmp_path: Path) -> None:
    cache = tmp_path / "kept"
    datapackage.load(package, cache)
    replace_in(package / "people.csv", "Ana", "Eva")
    datapackage.seal(package)
    assert datapackage.load(package, cache)["people"]["name"].tolist() == ["Eva", "Luz"]


def test_a_change_of_the_schema_is_noticed_though_the_tables_are_in_the_cache(
    package: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "kept"
    datapackage.load(package, cache)
    replace_in(package / DESCRIPTOR, '"enum": ["a", "b"]', '"enum": ["a"]')
    with pytest.raises(DataPackageError, match="se encontró «b»; se admite: a"):
        datapackage.load(package, cache)


def test_a_cache_with_a_table_missing_is_not_used(package: Path, tmp_path: Path) -> None:
    cache = tmp_path / "kept"
    first = datapackage.load(package, cache)
    (cache / datapackage.package_key(package) / "towns.parquet").unlink()
    assert_frame_equal(datapackage.load(package, cache)["towns"], first["towns"])


def test_a_cache_that_cannot_be_written_does_not_stop_loading(
    package: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder", "utf-8")
    tables = datapackage.load(package, tmp_path / "file" / "kept")
    assert tables["people"]["name"].tolist() == ["Ana", "Luz"]


def test_packages_are_found_in_order(package: Path) -> None:
    raw = package.parent
    for name in ("zeta", "alfa"):
        shutil.copytree(package, raw / name)
    (raw / "sin_paquete").mkdir()
    assert [path.name for path in datapackage.packages(raw)] == ["alfa", "small", "zeta"]


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
