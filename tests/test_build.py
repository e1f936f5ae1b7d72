"""Tests of the build: a notebook that fails stops nothing and destroys nothing."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner
from samples import Reader, code, keep, notebook, shown, small

from analysis import texts
from analysis.cli import cuadernos as group
from analysis.cuaderno import Cuaderno
from analysis.display import MIME, Block
from analysis.files import write_whole
from analysis.paths import ROOT_VARIABLE, Project
from analysis.provenance import EvidenceClass, Origin, Quantity
from analysis.published import Study
from analysis.publishing import build as publishing
from analysis.publishing import warm
from analysis.publishing.build import find_notebook
from analysis.publishing.execute import Result, Task
from analysis.publishing.page import script
from analysis.publishing.site import write_indexes
from analysis.publishing.verify import compare, files_of

CUADERNOS = Path(sys.executable).with_name("cuadernos")
PARAMETERS = "times: int = 1  # Cuántas veces [1..9]\n"
PASSAGES = {
    "kicker": "Prueba",
    "title": "Título de {{ name }}",
    "finding": "Un hallazgo.",
    "date": "{{ year }}",
    "lead": "Un comienzo con {{ base }}.",
    "findings": "- Un hallazgo.",
    "cautions": "- Una cautela.",
    "method": "Un método.",
    "sources": "Unas fuentes.",
}

Write = Callable[..., Path]


@pytest.fixture
def small_project(project: Project, study: Study, project_copy: Project) -> Project:
    """A copy of the project without its notebooks, which take long; its tables are checked."""
    for path in project_copy.notebooks.glob("*.ipynb"):
        path.unlink()
    shutil.copytree(project.processed, project_copy.processed)
    return project_copy


@pytest.fixture
def write_notebook(small_project: Project, study: Study, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Function that writes a notebook with head, findings and end, and some cells between them."""
    monkeypatch.setattr(texts, "passages", lambda name, lang: PASSAGES)

    def show(block: object) -> str:
        bundle = json.dumps({MIME: block.data}, ensure_ascii=False)  # type: ignore[attr-defined]
        return f"import json\ndisplay(json.loads({bundle!r}), raw=True)"

    def write(name: str, *cells: str, parameters: str = PARAMETERS) -> Path:
        cuaderno = Cuaderno(name)
        origins = (Origin("Estudio", "claims", ("cif_001",), "2"),)
        base = Quantity(value=40, evidence=EvidenceClass.BOUNDED, origins=origins, method="audit")
        cuaderno.let(base=base, year="2017", name=name)
        tagged = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
        sources = [
            show(cuaderno.head(study)),
            show(cuaderno.findings()),
            *cells,
            show(cuaderno.closing()),
        ]
        notebook = nbformat.v4.new_notebook(
            cells=[tagged, *map(nbformat.v4.new_code_cell, sources)],
            metadata={
                "kernelspec": {"display_name": "P", "language": "python", "name": "python3"},
                "language_info": {"name": "python"},
            },
        )
        for number, cell in enumerate(notebook.cells):
            cell.id = f"celda-{number}"
        path = small_project.notebooks / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    return write


_SHOW_HEAD = "import json\ndisplay(json.loads(HEAD.replace('LANG', lang)), raw=True)"


def _head(study: Study) -> str:
    """Write a head whose language is not known yet."""
    head = Cuaderno("10_bueno").head(study, year="2017", base="n", name="x").data
    return json.dumps({MIME: {**head, "lang": "LANG"}}, ensure_ascii=False)


def task(project: Project, name: str, **parameters: object) -> Task:
    path = project.notebooks / f"{name}.ipynb"
    return Task(project, path, project.reports, "es", parameters)


class _Here(Executor):
    """Does at once, in this process, what the build gives to others."""

    def __init__(
        self,
        *_: object,
        initializer: Callable[..., None],
        initargs: tuple[object, ...],
        **__: object,
    ) -> None:
        initializer(*initargs)

    def submit(self, function: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **more))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture
def build_one(
    small_project: Project, monkeypatch: pytest.MonkeyPatch, warm_kernels: str
) -> Callable[..., Result]:
    """Function that builds one notebook of the copy in this process."""
    monkeypatch.setenv(ROOT_VARIABLE, "restored afterwards")
    monkeypatch.setattr(warm, "kernels", lambda: nullcontext(warm_kernels))
    monkeypatch.setattr(publishing, "ProcessPoolExecutor", _Here)

    def build(name: str, **parameters: object) -> Result:
        tasks = [task(small_project, name, **parameters)]
        told = []
        (result,), index = publishing.build(
            small_project,
            small_project.reports,
            tasks,
            jobs=1,
            pdf=False,
            progress=lambda event, about, _: told.append((event, about.label)),
        )
        assert told == [("start", f"{name} (es)"), ("end", f"{name} (es)")]
        assert index == small_project.reports / "index.html"
        return result

    return build


def cuadernos(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command inside a project."""
    environment = {k: v for k, v in os.environ.items() if k not in (ROOT_VARIABLE, "FORCE_COLOR")}
    return subprocess.run(
        [CUADERNOS, *arguments],
        cwd=project.root,
        env={**environment, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def tree(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def cards(index: Path) -> list[str]:
    """List the pages to which the cards of an index lead."""
    return re.findall(r'<h3><a href="([^"]+)">', index.read_text("utf-8"))


# A whole build ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_failing_notebook_stops_no_other_and_touches_no_earlier_page(
    small_project: Project, write_notebook: Write, study: Study
) -> None:
    write_notebook("10_bueno")
    write_notebook("20_malo", "uno = 1", "dos = 2\nuno / (dos - 2)  # aquí")
    write_notebook("30_otro")
    reports = small_project.reports
    said = "lo que dijo la página anterior"
    printed = nbformat.v4.new_output("stream", name="stdout", text=said)
    earlier = keep(small("20_malo", "es", study, code("p", printed)), reports, "20_malo")
    before = earlier.read_bytes()

    done = cuadernos(small_project, "build", "--jobs", "2", "--lang", "es", "--no-pdf")

    assert done.returncode == 1
    assert earlier.read_bytes() == before
    assert said in (reports / "es" / "20_malo.html").read_text("utf-8")
    for name in ("10_bueno", "30_otro"):
        good = rf"^✓ {name} \(es\)  \d+,\d s  reports/es/{name}\.html$"
        assert re.search(good, done.stdout, re.MULTILINE)
        page = (reports / "es" / f"{name}.html").read_text("utf-8")
        assert "<h1>Título de" in page

    lines = [line.strip() for line in done.stdout.splitlines()]
    start = next(n for n, line in enumerate(lines) if line.startswith("✗ 20_malo (es)"))
    assert lines[start + 1 : start + 4] == [
        "celda 5: uno / (dos - 2)  # aquí",
        "ZeroDivisionError: division by zero",
        "Cuaderno ejecutado, para inspeccionarlo: reports/failed/es/20_malo.ipynb",
    ]
    assert "Traceback" not in done.stdout + done.stderr
    assert re.match(r"2 de 3 en \d+,\d s\. Abra reports/index\.html$", lines[-1])
    for name, word in (("10_bueno", "listo"), ("20_malo", "FALLÓ"), ("30_otro", "listo")):
        assert f"{name} (es): empieza" in lines
        ended = rf"^\[[123]/3\] {name} \(es\): {word} en \d+,\d s$"
        assert re.search(ended, done.stdout, re.MULTILINE)

    kept = nbformat.read(reports / "failed/es/20_malo.ipynb", as_version=4)
    errors = [o for c in kept.cells for o in c.get("outputs", []) if o.output_type == "error"]
    assert [error.ename for error in errors] == ["ZeroDivisionError"]

    names = ["10_bueno", "20_malo", "30_otro"]  # the second is the earlier one
    assert cards(reports / "index.html") == [f"es/{name}.html" for name in names]
    assert cards(reports / "es" / "index.html") == [f"{name}.html" for name in names]
    for name in names:
        assert (reports / "provenance" / "es" / f"{name}.json").is_file()


@pytest.mark.slow
def test_two_builds_give_the_same_bytes_whatever_their_folder_and_their_process(
    small_project: Project, write_notebook: Write, build_one: Callable[..., Result]
) -> None:
    write_notebook("10_bueno", "print(sorted({'a', 'b'}), times)")
    out = "otra carpeta/dos"
    done = cuadernos(small_project, "build", "--out", out, "--lang", "es", "--no-pdf")
    assert done.returncode == 0, done.stdout
    assert "Abra otra carpeta/dos/index.html" in done.stdout
    assert not small_project.reports.exists()
    assert build_one("10_bueno").ok

    one, two = small_project.root / "otra carpeta" / "dos", small_project.reports
    assert compare(one, two) == []
    assert list(files_of(one)) == [
        "es/10_bueno.html",
        "es/index.html",
        "index.html",
        "provenance/es/10_bueno.json",
        "provenance/ro-crate-metadata.json",
    ]
    assert set(tree(one)) == set(tree(two)) == {*files_of(one), "executed/es/10_bueno.ipynb"}
    page = (one / "es" / "10_bueno.html").read_text("utf-8")
    assert "[&#39;a&#39;, &#39;b&#39;] 1" in page


def test_a_build_makes_every_language_unless_told(
    small_project: Project,
    write_notebook: Write,
    build_one: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
    study: Study,
) -> None:
    lang = 'lang: str = "es"  # Idioma {es, en}\n'
    path = write_notebook("10_bueno", parameters=PARAMETERS + lang)
    made = nbformat.read(path, as_version=4)
    made.cells[1].source = _SHOW_HEAD.replace("HEAD", repr(_head(study)))
    nbformat.write(made, path)

    arguments = ["build", "--no-pdf", "-j", "1", "--root", str(small_project.root)]
    done = CliRunner().invoke(group, arguments, prog_name="cuadernos")
    assert done.exit_code == 0, done.output
    assert "2 de 2 en" in done.output
    for lang, other in (("es", "en"), ("en", "es")):
        page = (small_project.reports / lang / "10_bueno.html").read_text("utf-8")
        assert f'<html lang="{lang}">' in page
        assert f'<a href="../{other}/10_bueno.html" lang="{other}"' in page
    assert list(small_project.reports.rglob("*.pdf")) == []


DAMAGED = {
    "11_sin_celda": "debe tener una celda con la etiqueta «parameters»; tiene 0.",
    "12_roto": "12_roto.ipynb, línea 1: no es JSON válido",
    "13_latin": "13_latin.ipynb: no está en UTF-8",
    "14_vacio": "14_vacio.ipynb: el archivo está vacío",
    "16_otro_nucleo": "16_otro_nucleo.ipynb: pide el núcleo «julia-9», que no está instalado",
    "17_otra_version": "17_otra_version.ipynb: no es un cuaderno de Jupyter de formato 4",
}


@pytest.mark.slow
def test_each_notebook_that_is_damaged_fails_alone_and_says_why(
    small_project: Project, write_notebook: Write
) -> None:
    folder = small_project.notebooks
    write_notebook("10 año {nuevo}")
    bare = json.loads(write_notebook("15_sin_metadatos").read_text("utf-8"))
    for item in (bare, *bare["cells"][1:]):
        item["metadata"] = {}
    (folder / "15_sin_metadatos.ipynb").write_text(json.dumps(bare), "utf-8")
    other = json.loads((folder / "10 año {nuevo}.ipynb").read_text("utf-8"))
    lost = {**other, "cells": other["cells"][1:]}
    (folder / "11_sin_celda.ipynb").write_text(json.dumps(lost), "utf-8")
    (folder / "12_roto.ipynb").write_text('{"cells": [', "utf-8")
    (folder / "13_latin.ipynb").write_bytes("{'año': 1}".encode("latin-1"))
    (folder / "14_vacio.ipynb").touch()
    other["metadata"]["kernelspec"]["name"] = "julia-9"
    (folder / "16_otro_nucleo.ipynb").write_text(json.dumps(other), "utf-8")
    (folder / "17_otra_version.ipynb").write_text('{"nbformat": 3}', "utf-8")

    done = cuadernos(small_project, "build", "--jobs", "2", "--lang", "es", "--no-pdf")

    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    lines = [line.strip() for line in done.stdout.splitlines()]
    for name, said in DAMAGED.items():
        start = next(n for n, line in enumerate(lines) if line.startswith(f"✗ {name} (es)"))
        assert said in lines[start + 1]
    good = ["10 año {nuevo}", "15_sin_metadatos"]
    assert lines[-1].startswith(f"2 de {len(DAMAGED) + 2} en ")
    assert cards(small_project.reports / "index.html") == [f"es/{name}.html" for name in good]
    for name in good:
        assert (small_project.reports / "es" / f"{name}.html").is_file()


def test_the_failing_cell_is_counted_as_in_the_notebook_before_and_after_the_parameters(
    small_project: Project, write_notebook: Write, build_one: Callable[..., Result]
) -> None:
    path = write_notebook("20_malo", "uno = 1", "dos = uno / 0")
    assert build_one("20_malo").error.startswith("celda 5: dos = uno / 0\n")
    assert build_one("20_malo", times=2).error.startswith("celda 5: dos = uno / 0\n")
    made = nbformat.read(path, as_version=4)
    made.cells.insert(0, nbformat.v4.new_markdown_cell("Un comienzo", metadata={"tags": ["lab"]}))
    made.cells.insert(1, nbformat.v4.new_code_cell("import no_existe", id="falta"))
    nbformat.write(made, path)
    assert build_one("20_malo", times=2).error.startswith("celda 2: import no_existe\n")


def test_a_percentage_typed_in_a_markdown_cell_is_found_where_its_author_sees_it(
    write_notebook: Write, build_one: Callable[..., Result]
) -> None:
    path = write_notebook("20_malo")
    made = nbformat.read(path, as_version=4)
    made.cells.insert(2, nbformat.v4.new_markdown_cell("El 48 % mide.", id="escrito"))
    nbformat.write(made, path)
    assert "en la celda 3: «El 48 % mide.»" in build_one("20_malo", times=2).error


@pytest.mark.slow
def test_reports_are_verified_by_building_them_again_to_the_last_byte(
    small_project: Project, write_notebook: Write
) -> None:
    write_notebook("10_bueno", "print(times)")
    arguments = ("10_bueno", "-p", "times", "3", "--lang", "es")
    assert cuadernos(small_project, "build", *arguments).returncode == 0
    same = cuadernos(small_project, "verify")
    assert (same.returncode, same.stderr) == (0, "")
    assert same.stdout.splitlines()[-1] == "✓ Los 6 archivos son iguales, byte por byte."

    page = small_project.reports / "es" / "10_bueno.html"
    page.write_bytes(page.read_bytes().replace(b"Un hallazgo.", b"Un hallazgo!", 1))
    changed = cuadernos(small_project, "verify")
    assert changed.returncode == 1
    assert changed.stderr == "Error: Archivos que no son iguales: 1 de 6.\n"
    (line,) = [line for line in changed.stdout.splitlines() if line.startswith("✗")]
    assert line.startswith("✗ es/10_bueno.html: línea ")
    assert "Un hallazgo!" in line and "Un hallazgo." in line


# One notebook ----------------------------------------------------------------------------------


def test_a_mended_notebook_replaces_its_page_and_its_failed_copy_disappears(
    small_project: Project, write_notebook: Write, build_one: Callable[..., Result]
) -> None:
    failed = small_project.reports / "failed" / "es" / "20_malo.ipynb"
    write_notebook("20_malo", "print('primera')")
    first = build_one("20_malo")
    page = small_project.reports / "es" / "20_malo.html"
    assert first.ok and first.error == "" and first.kept is None
    assert first.pages == (page,)
    assert b"primera" in page.read_bytes()
    made = page.read_bytes().partition(b'id="hecho"')[0]

    write_notebook("20_malo", "raise RuntimeError('se rompió')")
    second = build_one("20_malo")
    assert not second.ok
    assert second.error.splitlines() == [
        "celda 4: raise RuntimeError('se rompió')",
        "RuntimeError: se rompió",
    ]
    assert second.kept == failed and failed.is_file()
    assert page.read_bytes().partition(b'id="hecho"')[0] == made

    write_notebook("20_malo", "print('segunda')")
    third = build_one("20_malo")
    assert third.ok
    assert not failed.exists()
    assert b"segunda" in page.read_bytes()


def test_a_number_typed_by_hand_in_the_prose_fails_with_its_place(
    write_notebook: Write, build_one: Callable[..., Result]
) -> None:
    write_notebook(
        "20_malo",
        "from analysis import prose, texts\n"
        "texts.passages = lambda name, lang: {'lead': 'El 48 de las ciudades.'}\n"
        "prose.write('20_malo', 'lead', 'es')",
    )
    result = build_one("20_malo")
    assert not result.ok
    place, message = result.error.splitlines()
    assert place == "celda 4: prose.write('20_malo', 'lead', 'es')"
    assert message == (
        "ProseError: analysis/texts/es/20_malo.md, [lead]: hay una cifra escrita a mano en "
        "«El 48 de las ciudades.». Escríbala como {{ nombre }} y páselo desde el cuaderno con su "
        "origen."
    )


def test_a_notebook_that_cannot_be_a_page_fails_and_is_kept(
    small_project: Project, write_notebook: Write, build_one: Callable[..., Result]
) -> None:
    path = write_notebook("20_malo")
    notebook = nbformat.read(path, as_version=4)
    del notebook.cells[1]  # the head
    nbformat.write(notebook, path)
    result = build_one("20_malo")
    assert result.error.startswith("El cuaderno no muestra su encabezado")
    assert result.kept == small_project.reports / "failed" / "es" / "20_malo.ipynb"
    assert not (small_project.reports / "es" / "20_malo.html").exists()
    assert not (small_project.reports / "executed").exists()
    assert cards(small_project.reports / "index.html") == []


def test_a_notebook_with_the_texts_of_another_fails(
    small_project: Project, write_notebook: Write, build_one: Callable[..., Result]
) -> None:
    write_notebook("20_malo").rename(small_project.notebooks / "21_copia.ipynb")
    result = build_one("21_copia")
    assert result.error.startswith("El cuaderno 21_copia muestra los textos de otro")
    assert not (small_project.reports / "es" / "21_copia.html").exists()


def test_a_page_that_cannot_be_drawn_is_a_failure_of_its_own(
    small_project: Project,
    write_notebook: Write,
    build_one: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from analysis.publishing import site

    def draw(_: object) -> None:
        raise RuntimeError("no se dibuja")

    write_notebook("20_malo")
    monkeypatch.setattr(site, "draw", draw)
    result = build_one("20_malo")
    assert result.error == "RuntimeError: no se dibuja"
    assert result.pages == ()


def test_a_kernel_that_dies_is_a_failure_like_any_other(
    small_project: Project, write_notebook: Write, build_one: Callable[..., Result]
) -> None:
    write_notebook("20_malo", "import os\nos._exit(3)")
    result = build_one("20_malo")
    assert not result.ok
    assert result.error.startswith("DeadKernelError: ")
    assert not (small_project.reports / "es" / "20_malo.html").exists()


def test_a_notebook_gets_its_parameters_and_its_own_project(
    small_project: Project, write_notebook: Write, build_one: Callable[..., Result]
) -> None:
    write_notebook(
        "10_bueno",
        "from pathlib import Path\nfrom analysis.paths import find_project\n"
        "print(lang, times * 'sí ', find_project().root == Path.cwd().parent)",
        parameters=PARAMETERS + 'lang: str = "xx"  # Idioma {es, xx}\n',
    )
    result = build_one("10_bueno", times=3)
    assert result.ok, result.error
    page = (small_project.reports / "es" / "10_bueno.html").read_text("utf-8")
    assert "es sí sí sí  True" in page


def test_what_the_cells_print_does_not_change_the_notebook_of_the_project(
    small_project: Project, write_notebook: Write, build_one: Callable[..., Result]
) -> None:
    path = write_notebook("10_bueno", "print('hola')")
    before = tree(small_project.root / "notebooks")
    raw = tree(small_project.raw)
    assert build_one("10_bueno").ok
    assert tree(small_project.root / "notebooks") == before
    assert tree(small_project.raw) == raw
    executed = nbformat.read(small_project.reports / "executed/es" / path.name, as_version=4)
    assert any(output.get("text") == "hola\n" for output in executed.cells[3].outputs)


# Which notebooks -------------------------------------------------------------------------------


def test_notebooks_for_jupyterlab_are_not_published(
    small_project: Project, write_notebook: Write
) -> None:
    write_notebook("30_otro")
    write_notebook("10_bueno")
    lab = write_notebook("00_lab")
    notebook = nbformat.read(lab, as_version=4)
    notebook.metadata["cuadernos"] = {"lab": True}
    nbformat.write(notebook, lab)
    found = [path.stem for path in publishing.notebooks(small_project)]
    assert found == ["10_bueno", "30_otro"]


@pytest.mark.parametrize("name", ["10_bueno", "10_bueno.ipynb", "notebooks/10_bueno.ipynb"])
def test_a_notebook_is_found_with_or_without_its_folder_and_ending(
    small_project: Project, write_notebook: Write, name: str
) -> None:
    path = write_notebook("10_bueno")
    assert find_notebook(small_project, name) == path


def test_a_notebook_that_is_not_there_names_those_that_are(
    small_project: Project, write_notebook: Write
) -> None:
    write_notebook("30_otro")
    write_notebook("10_bueno")
    with pytest.raises(FileNotFoundError) as caught:
        find_notebook(small_project, "11_bueno")
    assert str(caught.value) == (
        "No hay un cuaderno «11_bueno» en notebooks/. Hay: 10_bueno, 30_otro."
    )


def test_a_wrong_parameter_is_said_before_anything_runs(
    small_project: Project, write_notebook: Write
) -> None:
    write_notebook("10_bueno")
    done = cuadernos(small_project, "build", "10_bueno", "-p", "tims", "2", "-p", "times", "99")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "Error: 10_bueno: tims: no es un parámetro. ¿Quiso decir «times»? Los que hay: times.",
        "times: «99» no vale; debe ser un número entero entre 1 y 9.",
    ]
    assert not small_project.reports.exists()


def test_a_notebook_that_declares_no_parameters_cannot_be_built_directly(
    small_project: Project, write_notebook: Write, build_one: Callable[..., Result]
) -> None:
    path = write_notebook("10_bueno")
    notebook = nbformat.read(path, as_version=4)
    del notebook.cells[0]
    nbformat.write(notebook, path)
    result = build_one("10_bueno")
    assert result.error.startswith("10_bueno.ipynb: debe tener una celda")
    assert result.error.endswith("tiene 0.")
    assert not (small_project.reports / "es" / "10_bueno.html").exists()


@pytest.mark.parametrize("place", ["archivo/dentro", "sin_permiso", "solo_lectura"])
def test_a_folder_that_cannot_be_written_is_said_before_anything_runs(
    small_project: Project,
    write_notebook: Write,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    place: str,
) -> None:
    write_notebook("10_bueno")
    (tmp_path / "archivo").touch()
    numbers = {"sin_permiso": errno.EACCES, "solo_lectura": errno.EROFS}
    reasons = {
        "archivo/dentro": "hay un archivo donde debería haber una carpeta",
        "sin_permiso": "no hay permiso",
        "solo_lectura": "el disco es de solo lectura",
    }
    make = Path.mkdir

    def mkdir(self: Path, *args: Any, **more: Any) -> None:
        if self.name in numbers:  # root may write anywhere, so the system is made to refuse
            raise OSError(numbers[self.name], os.strerror(numbers[self.name]), str(self))
        make(self, *args, **more)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    monkeypatch.setattr(publishing, "build", lambda *_, **__: pytest.fail("it ran"))
    out = tmp_path / place
    arguments = ["build", "--out", str(out), "--root", str(small_project.root)]
    done = CliRunner().invoke(group, arguments, prog_name="cuadernos")
    assert isinstance(done.exception, OSError)
    assert str(done.exception) == (
        f"No se puede escribir en la carpeta {out}: {reasons[place]}. Elija otra con --out CARPETA."
    )


def test_a_disk_that_fills_up_is_a_failure_and_leaves_the_former_page(
    small_project: Project,
    write_notebook: Write,
    build_one: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_notebook("10_bueno", "print('primera')")
    assert build_one("10_bueno").ok
    before = tree(small_project.reports)
    write_notebook("10_bueno", "print('segunda')")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    from analysis import files as written

    monkeypatch.setattr(written.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):  # said in Spanish by the command
        build_one("10_bueno")
    assert tree(small_project.reports) == before


# The index -------------------------------------------------------------------------------------


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch, study: Study, tmp_path: Path) -> Callable[..., Path]:
    """Function that leaves in a folder the executed notebook of a build."""
    demo = {"kind": "output", "text": "", "evidence": ["published", "demo"]}

    def write(name: str, **more: str) -> Path:
        monkeypatch.setattr(texts, "passages", lambda name, lang: {**PASSAGES, **more})
        return keep(small(name, "es", study, shown(Block(demo, "es"))), tmp_path, name)

    return write


def test_the_index_lists_every_cuaderno_that_is_there_also_from_earlier_builds(
    project: Project, tmp_path: Path, card: Callable[..., Path]
) -> None:
    card("20_dos")
    card("10_uno")
    card("30_tres").unlink()
    index = write_indexes(project, tmp_path)
    assert index == tmp_path / "index.html"
    html = index.read_text("utf-8")
    assert re.findall(r'<h3><a href="([^"]+)">([^<]+)<', html) == [
        ("es/10_uno.html", "Título de 10_uno"),
        ("es/20_dos.html", "Título de 20_dos"),
    ]
    found = re.search(r'<ul class="cards[^"]*">(.*?)</ul>', html, re.DOTALL)
    assert found is not None
    shown_classes = re.findall(r'class="badge (\w+)"', found[1])
    assert shown_classes == ["published", "bounded", "demo"] * 2


def test_an_executed_notebook_that_cannot_be_read_stays_out_of_the_index(
    project: Project, tmp_path: Path, card: Callable[..., Path]
) -> None:
    card("10_uno")
    keep(notebook(), tmp_path, "20_sin_encabezado")
    write_indexes(project, tmp_path)
    assert cards(tmp_path / "index.html") == ["es/10_uno.html"]


def test_an_index_of_nothing_says_so(project: Project, tmp_path: Path) -> None:
    html = write_indexes(project, tmp_path).read_text("utf-8")
    assert "Todavía no hay cuadernos publicados." in html
    assert '<ul class="cards">' not in html


def test_the_index_escapes_what_its_cards_say(
    project: Project, tmp_path: Path, card: Callable[..., Path]
) -> None:
    card("10_uno", title="<script>alert()</script>", finding="a & <b>")
    html = write_indexes(project, tmp_path).read_text("utf-8")
    assert "&lt;script&gt;alert()&lt;/script&gt;" in html
    assert "a &amp; &lt;b&gt;" in html
    assert "<script>alert" not in html
    assert html.count("<script") == 2  # the data of the search, and ours


def test_the_index_loads_nothing_and_forbids_scripts_that_are_not_ours(
    project: Project, tmp_path: Path
) -> None:
    html = write_indexes(project, tmp_path).read_text("utf-8")
    assert re.search(
        r'content="default-src &#39;none&#39;; script-src &#39;sha256-[\w+/]{43}=&#39;; ', html
    )
    assert html.endswith(f"<script>{script()}</script>\n</body>\n</html>")
    page = Reader(html)
    assert page.problems == []
    inside = r"#\w+|index\.html|provenance/ro-crate-metadata\.json|(es|en)/.*"
    links = [a["href"] for _, a in page.elements if "href" in a]
    assert [link for link in links if not re.fullmatch(inside, link)] == []
    assert [a for _, a in page.elements if "src" in a] == []
    assert html.count("<h1>") == 1
    assert 'lang="es"' in html


# Whole files -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        ("fsync", OSError(errno.ENOSPC, "No space left on device")),
        ("fsync", KeyboardInterrupt()),
        ("fdopen", OSError(errno.EIO, "Input/output error")),
    ],
)
def test_a_write_that_fails_leaves_the_former_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, error: BaseException
) -> None:
    path = tmp_path / "es" / "página.html"
    write_whole(path, "la primera, con ñ")

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, fail)
        with pytest.raises(type(error)):
            write_whole(path, "la segunda")
    assert [entry.name for entry in path.parent.iterdir()] == ["página.html"]
    assert path.read_text("utf-8") == "la primera, con ñ"


def test_a_write_whose_last_step_fails_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "página.html"
    path.mkdir()  # a file cannot take the place of a folder
    (path / "algo").touch()
    with pytest.raises(OSError):
        write_whole(path, "texto")
    assert [entry.name for entry in tmp_path.iterdir()] == ["página.html"]
    assert (path / "algo").exists()


def test_a_file_is_written_whole_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "página.html"
    write_whole(path, "uno\ndos ñ")
    assert path.read_bytes() == "uno\ndos ñ".encode()
    write_whole(path, b"\x00\x01")
    assert path.read_bytes() == b"\x00\x01"
    assert list(tree(tmp_path)) == ["a/b/página.html"]
    shutil.rmtree(tmp_path / "a")
