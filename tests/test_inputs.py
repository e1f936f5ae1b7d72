"""Where a page came from: the waves and the corpus that its parameters name, with their hashes."""

import json
from pathlib import Path

import pytest

from analysis import texts
from analysis.datapackage import sha256
from analysis.paths import Project
from analysis.publishing.crate import how_made, write_crate
from analysis.publishing.inputs import inputs_of


@pytest.fixture
def executed(tmp_path: Path):
    """Leave an executed notebook with the parameters that papermill would have given it."""

    def leave(name: str, **parameters: object) -> Path:
        path = tmp_path / "executed" / "es" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        metadata = {"papermill": {"parameters": parameters}}
        cells = {"nbformat": 4, "nbformat_minor": 5, "cells": [], "metadata": metadata}
        path.write_text(json.dumps(cells), "utf-8")
        return path

    return leave


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("02_cuestionario", {}, []),  # 2017 is published, and no wave
        ("02_cuestionario--demo", {"wave": "demo"}, ["waves/demo"]),
        ("comparacion_olas", {}, ["waves/demo", "waves/demo-b"]),  # as the notebook declares
        ("comparacion_olas", {"waves": "demo-b, demo"}, ["waves/demo-b", "waves/demo"]),
        ("05_codificacion", {"coder": "equipo"}, ["corpus/cuaderno8"]),
        ("99_ajeno", {"wave": "nada", "corpus": "nada"}, []),
    ],
)
def test_the_waves_and_corpora_of_a_page(project: Project, executed, name, given, expected):
    found = inputs_of(project, executed(name, **given))
    assert [one.folder.relative_to(project.raw).as_posix() for one in found] == expected
    for one in found:
        assert one.files and all(sha256(path) == digest for path, digest in one.files.items())
    if "05" in name:
        names = {path.relative_to(found[0].folder).as_posix() for path in found[0].files}
        assert {"codings/equipo.csv", "codebook/2.csv", "documents.csv", "corpus.toml"} <= names


@pytest.mark.parametrize("lang", list(texts.LOCALES))
def test_how_it_was_made_says_the_seals(project: Project, executed, lang: str):
    path = executed("02_cuestionario--demo", wave="demo")
    rows = dict(how_made(project, path, lang))
    seal = sha256(project.raw / "waves" / "demo" / "wave.toml")[:12]
    assert seal in rows[texts.label("made.wave", lang)]
    rows = dict(how_made(project, executed("05_codificacion"), lang))
    assert "data/raw/corpus/cuaderno8" in rows[texts.label("made.corpus", lang)]


def test_the_crate_gives_each_run_its_own_inputs(project: Project, executed, tmp_path: Path):
    executed("02_cuestionario--demo", wave="demo")
    executed("05_codificacion")
    path = write_crate(project, tmp_path, [])
    graph = {item["@id"]: item for item in json.loads(path.read_text("utf-8"))["@graph"]}
    used = {
        name: {item["@id"].removeprefix("#input/data/raw/") for item in graph[run]["object"]}
        for name, run in (
            ("wave", "#run/es/02_cuestionario--demo"),
            ("corpus", "#run/es/05_codificacion"),
        )
    }
    assert "waves/demo/responses.csv" in used["wave"] - used["corpus"]
    assert "corpus/cuaderno8/codings/equipo.csv" in used["corpus"] - used["wave"]
    listed = {item["@id"] for item in graph["./"]["hasPart"]}
    for run in graph["./"]["mentions"]:
        for item in graph[run["@id"]]["object"]:
            assert item["@id"] in listed
            assert graph[item["@id"]]["sha256"] == sha256(project.root / graph[item["@id"]]["name"])
