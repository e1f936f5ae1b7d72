"""Tests of the comparison of two builds, and of what is taken to a web host or a repository."""

import hashlib
import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from analysis.cli import cuadernos
from analysis.files import write_whole
from analysis.paths import Project
from analysis.published import Study
from analysis.publishing.edition import read_edition
from analysis.publishing.publish import PublishError, publish
from analysis.publishing.verify import Difference, compare, files_of

REPORTS = {
    "index.html": "<h1>índice</h1>",
    "es/index.html": "<h1>índice</h1>",
    "es/10_uno.html": "una\ndos líneas\n",
    "es/10_uno.pdf": "%PDF",
    "provenance/es/10_uno.json": "{}",
    "provenance/ro-crate-metadata.json": "{}",
}
APART = {
    "executed/es/10_uno.ipynb": "{}",
    "executed/es/vista.html": "no se publica",
    "es/notas.txt": "no se publica",
}


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder of reports."""
    return make(tmp_path / "reports")


def make(folder: Path) -> Path:
    for name, text in {**REPORTS, **APART}.items():
        write_whole(folder / name, text)
    return folder


def content(target: Path) -> dict[str, bytes]:
    """Read a folder or a zip."""
    if target.suffix == ".zip":
        with zipfile.ZipFile(target) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}
    files = (path for path in target.rglob("*") if path.is_file())
    return {path.relative_to(target).as_posix(): path.read_bytes() for path in files}


# verify ----------------------------------------------------------------------------------------


def test_what_is_published_is_what_is_compared(reports: Path) -> None:
    assert set(files_of(reports)) == set(REPORTS)
    assert list(files_of(reports)) == sorted(REPORTS)


def test_equal_folders_have_no_differences(reports: Path, tmp_path: Path) -> None:
    again = make(tmp_path / "again")
    write_whole(again / "executed" / "es" / "10_uno.ipynb", '{"otra": "hora"}')
    write_whole(again / "failed" / "es" / "x.html", "falló")
    assert compare(reports, again) == []


def test_missing_left_over_and_different_files_are_found(reports: Path, tmp_path: Path) -> None:
    again = make(tmp_path / "again")
    (reports / "es" / "index.html").unlink()
    (again / "provenance" / "es" / "10_uno.json").unlink()
    write_whole(reports / "es" / "10_uno.html", "una\ndos lineas\n")
    assert compare(reports, again) == [
        Difference("es/index.html", "falta"),
        Difference("provenance/es/10_uno.json", "sobra"),
        Difference(
            "es/10_uno.html", "línea 2: decía «dos lineas» y al rehacerlo dice «dos líneas»"
        ),
    ]


@pytest.mark.parametrize(
    ("file", "before", "after", "what"),
    [
        ("es/10_uno.pdf", "%PDF", "%PDFx", "es distinto (4 bytes; al rehacerlo, 5)"),
        ("index.html", "una", "una\nmás", "tiene 3 bytes y al rehacerlo 8"),
        ("index.html", "una", "unas", "línea 1: decía «una» y al rehacerlo dice «unas»"),
        (
            "index.html",
            f"{'a' * 500}b{'c' * 500}",
            f"{'a' * 500}B{'c' * 500}",
            f"línea 1: decía «{'a' * 20}b{'c' * 39}» y al rehacerlo dice «{'a' * 20}B{'c' * 39}»",
        ),
    ],
)
def test_a_difference_is_said_with_its_place(
    reports: Path, tmp_path: Path, file: str, before: str, after: str, what: str
) -> None:
    again = make(tmp_path / "again")
    write_whole(reports / file, before)
    write_whole(again / file, after)
    assert compare(reports, again) == [Difference(file, what)]


def test_there_is_nothing_to_verify_without_reports(project: Project, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        cuadernos, ["verify", str(tmp_path), "--root", str(project.root)], prog_name="cuadernos"
    )
    assert done.exit_code == 1
    assert f"no hay informes en {tmp_path}" in " ".join(done.output.split())


# publish ---------------------------------------------------------------------------------------

ADDED = {"LICENSE", "CITATION.cff", ".zenodo.json", ".nojekyll", "SHA256SUMS"}


@pytest.mark.parametrize("target", ["sitio", "nueva carpeta/sitio", "sitio.zip", "nueva/sitio.zip"])
def test_the_reports_are_taken_whole_with_licence_and_citation(
    project: Project, reports: Path, tmp_path: Path, target: str
) -> None:
    written = publish(project, reports, tmp_path / target)
    found = content(tmp_path / target)
    assert set(found) == set(written) == set(REPORTS) | ADDED
    assert written == sorted(written)
    for name, text in REPORTS.items():
        assert found[name] == text.encode()
    for name in ("LICENSE", "CITATION.cff"):
        assert found[name] == (project.root / name).read_bytes()
    assert found[".nojekyll"] == b""
    assert list(tmp_path.rglob("*draft*")) == []


@pytest.mark.parametrize("target", ["sitio", "sitio.zip"])
def test_every_file_has_its_checksum(
    project: Project, reports: Path, tmp_path: Path, target: str
) -> None:
    publish(project, reports, tmp_path / target)
    found = content(tmp_path / target)
    sums = dict(
        reversed(line.split("  ", 1)) for line in found.pop("SHA256SUMS").decode().splitlines()
    )
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in found.items()}


def test_the_metadata_for_zenodo_are_those_of_the_citation(
    project: Project, study: Study, reports: Path, tmp_path: Path
) -> None:
    publish(project, reports, tmp_path / "sitio")
    zenodo = json.loads((tmp_path / "sitio" / ".zenodo.json").read_text("utf-8"))
    edition = read_edition(project.root)
    cff = yaml.safe_load((project.root / "CITATION.cff").read_text("utf-8"))
    assert [creator["name"] for creator in zenodo["creators"]] == list(edition.authors)
    assert zenodo["version"] == str(cff["version"])
    assert zenodo["publication_date"] == str(cff["date-released"])
    assert zenodo["license"] == "cc-by-4.0"
    assert study.citation in zenodo["title"] and study.title in zenodo["notes"]
    assert not re.search(r"[{}]", zenodo["title"] + zenodo["description"] + zenodo["notes"])


def test_the_zip_is_the_same_every_time(project: Project, reports: Path, tmp_path: Path) -> None:
    publish(project, reports, tmp_path / "uno.zip")
    other = make(tmp_path / "otra carpeta" / "reports")
    (other / "index.html").touch()
    publish(project, other, tmp_path / "dos.zip")
    assert (tmp_path / "uno.zip").read_bytes() == (tmp_path / "dos.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "uno.zip") as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_empty_folder_will_do(project: Project, reports: Path, tmp_path: Path) -> None:
    (tmp_path / "sitio").mkdir()
    publish(project, reports, tmp_path / "sitio")
    assert set(content(tmp_path / "sitio")) == set(REPORTS) | ADDED


@pytest.mark.parametrize("kind", ["folder", "file", "zip"])
def test_what_is_there_already_is_not_touched(
    project: Project, reports: Path, tmp_path: Path, kind: str
) -> None:
    target = tmp_path / ("sitio.zip" if kind == "zip" else "sitio")
    own = target / "mío.txt" if kind == "folder" else target
    write_whole(own, "mío")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(PublishError, match=r"ya existe"):
        publish(project, reports, target)
    assert own.read_text("utf-8") == "mío"
    assert sorted(tmp_path.iterdir()) == before


def test_reports_with_a_failure_are_not_published(
    project: Project, reports: Path, tmp_path: Path
) -> None:
    write_whole(reports / "failed" / "es" / "20_malo.ipynb", "{}")
    with pytest.raises(PublishError, match=r"fallaron \(20_malo\)"):
        publish(project, reports, tmp_path / "sitio")
    assert not (tmp_path / "sitio").exists()


@pytest.mark.parametrize("exists", [True, False])
def test_without_reports_there_is_nothing_to_publish(
    project: Project, reports: Path, tmp_path: Path, exists: bool
) -> None:
    if exists:
        (reports / "index.html").unlink()
    else:
        shutil.rmtree(reports)
    with pytest.raises(PublishError, match=r"No hay informes en .*cuadernos build"):
        publish(project, reports, tmp_path / "sitio")
    assert not (tmp_path / "sitio").exists()


def test_the_command_says_how_many_files_it_took(
    project: Project, reports: Path, tmp_path: Path
) -> None:
    target = tmp_path / "sitio"
    arguments = ["publish", str(target), "--reports", str(reports), "--root", str(project.root)]
    done = CliRunner().invoke(cuadernos, arguments, prog_name="cuadernos")
    assert (done.exit_code, done.output) == (
        0,
        f"{len(REPORTS) + len(ADDED)} archivos en {target}\n",
    )
    again = CliRunner().invoke(cuadernos, arguments, prog_name="cuadernos")
    assert again.exit_code != 0 and isinstance(again.exception, PublishError)
