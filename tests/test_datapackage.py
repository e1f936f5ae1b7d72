"""Tests of sealed tables: the mechanism, on a small package."""

import csv
import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from analysis import datapackage
from analysis.datapackage import DESCRIPTOR, DataPackageError, Problem

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
