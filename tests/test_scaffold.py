"""Tests of the new cuaderno: three files that build at once, in every language."""

import ast
import re
import shutil
from pathlib import Path

import nbformat
import papermill
import pytest

from analysis import texts
from analysis.paths import ROOT_VARIABLE, Project
from analysis.publishing import scaffold
from analysis.publishing.build import published
from analysis.publishing.document import read_document
from analysis.publishing.kernels import WarmKernelManager
from analysis.publishing.page import Surroundings, render_page
from analysis.publishing.parameters import declared
from analysis.publishing.scaffold import ScaffoldError, create

NAME = "20_mi_tema"
PACKAGE = Path(texts.__file__).parent
HEAD = {"kicker", "title", "lead", "finding", "date"}
KEYS = {"head": HEAD, "findings": {"findings", "cautions"}, "closing": {"method", "sources"}}


@pytest.fixture
def mine(project_copy: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of the project with a folder of texts of its own."""
    folder = project_copy.root / "analysis" / "texts"
    for lang in texts.LOCALES:
        (folder / lang).mkdir(parents=True)
        shutil.copyfile(PACKAGE / lang / "_new.md", folder / lang / "_new.md")
    monkeypatch.setattr(scaffold, "texts_folder", lambda: folder)
    return project_copy


def passages(path: Path, lang: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Read a file of texts as a notebook does."""
    monkeypatch.setattr(texts, "files", lambda _: path.parents[1])
    return texts.passages(path.stem, lang)


def everything(project: Project) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in project.root.rglob("*") if path.is_file()}


def test_a_new_cuaderno_is_a_notebook_and_its_texts(mine: Project) -> None:
    before = set(everything(mine))
    made = create(mine, NAME)
    assert [mine.relative(path) for path in made] == [
        f"notebooks/{NAME}.ipynb",
        f"analysis/texts/es/{NAME}.md",
        f"analysis/texts/en/{NAME}.md",
    ]
    assert set(everything(mine)) - before == {str(path) for path in made}


def test_the_notebook_is_valid_as_the_others_are(mine: Project) -> None:
    path, *_ = create(mine, NAME)
    made = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(made)
    assert path.read_text("utf-8").endswith("}\n")
    assert published(path)
    assert declared(path)["lang"].choices == tuple(texts.LOCALES)
    assert all(cell.metadata.get("tags") == ["lab"] for cell in made.cells[::1] if _words(cell))
    for cell in made.cells:
        if cell.cell_type == "code":
            ast.parse(cell.source)
            assert cell.outputs == [] and cell.execution_count is None
    ids = [cell.id for cell in made.cells]
    assert len(ids) == len(set(ids))
    assert made.metadata.kernelspec.name == "python3"


def _words(cell: nbformat.NotebookNode) -> bool:
    return cell.cell_type == "markdown"


def test_the_same_name_gives_the_same_bytes(mine: Project) -> None:
    first = {path: path.read_bytes() for path in create(mine, NAME)}
    for path in first:
        path.unlink()
    assert {path: path.read_bytes() for path in create(mine, NAME)} == first


def test_the_texts_have_the_same_passages_in_every_language_and_no_number(
    mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, *files = create(mine, NAME)
    found = {
        lang: passages(path, lang, monkeypatch)
        for lang, path in zip(texts.LOCALES, files, strict=True)
    }
    assert list(found["es"]) == list(found["en"])
    for path, written in zip(files, found.values(), strict=True):
        assert NAME in path.read_text("utf-8") and "NAME" not in path.read_text("utf-8")
        assert all(written.values())
        assert not re.search(r"\d", re.sub(r"\{\{.*?\}\}", "", "".join(written.values())))
    values = {
        lang: [re.findall(r"\{\{\s*(\w+)", text) for text in written.values()]
        for lang, written in found.items()
    }
    assert values["es"] == values["en"]


def test_the_notebook_uses_the_passages_that_there_are(
    mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, spanish, _ = create(mine, NAME)
    tree = ast.parse("\n".join(c.source for c in nbformat.read(path, 4).cells if not _words(c)))
    used: set[str] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "cuaderno"
        ):
            if node.func.attr in ("text", "write"):
                (key,) = node.args
                assert isinstance(key, ast.Constant)
                used.add(key.value)
            used |= KEYS.get(node.func.attr, set())
    assert used >= {*HEAD, "findings", "method", "example", "table_example"}
    assert used == set(passages(spanish, "es", monkeypatch))


@pytest.mark.parametrize("lang", texts.LOCALES)
def test_a_new_cuaderno_can_be_published_as_it_is(
    mine: Project,
    lang: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    project: Project,
    warm_kernels: str,
) -> None:
    path, *_ = create(mine, NAME)
    shutil.copytree(project.processed, mine.processed)
    made = nbformat.read(path, as_version=4)
    redirect = (
        "from pathlib import Path\nfrom analysis import texts\n"
        f"texts.files = lambda _: Path({str(mine.root / 'analysis' / 'texts')!r})"
    )
    # the labels are those of the package
    for language in texts.LOCALES:
        target = mine.root / "analysis" / "texts" / language
        shutil.copyfile(PACKAGE / language / "labels.yml", target / "labels.yml")
        if (PACKAGE / language / "labels").is_dir():
            shutil.copytree(PACKAGE / language / "labels", target / "labels")
    made.cells.insert(0, nbformat.v4.new_code_cell(redirect, id="redirect"))
    nbformat.write(made, path)
    monkeypatch.setenv(ROOT_VARIABLE, str(mine.root))
    executed = tmp_path / f"{NAME}.ipynb"
    papermill.execute_notebook(
        path,
        executed,
        {"lang": lang},
        cwd=mine.notebooks,
        progress_bar=False,
        log_output=False,
        kernel_manager_class=WarmKernelManager,
    )
    document = read_document(executed)
    assert (document.name, document.lang) == (NAME, lang)
    kinds = [block["kind"] for block in document.blocks]
    assert kinds == ["findings", "prose", "table", "closing"]
    html = render_page(nbformat.read(executed, 4), NAME, Surroundings())
    assert f'<html lang="{lang}">' in html
    assert html.count("<table") == 1


@pytest.mark.parametrize(
    "name",
    ["", "Mi_tema", "mi tema", "mi-tema", "año", "_new", "a__b", "a_", "../a", "a/b", "a.b", "a\n"],
)
def test_a_name_that_will_not_do_is_refused_and_nothing_is_made(mine: Project, name: str) -> None:
    before = everything(mine)
    with pytest.raises(ScaffoldError, match="no vale como nombre"):
        create(mine, name)
    assert everything(mine) == before


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_name_that_is_taken_is_refused_and_nothing_is_made(mine: Project, number: int) -> None:
    made = create(mine, NAME)
    for path in made:
        if path != made[number]:
            path.unlink()
    before = everything(mine)
    with pytest.raises(ScaffoldError) as caught:
        create(mine, NAME)
    assert str(caught.value) == f"Ya existe {mine.relative(made[number])}; elija otro nombre."
    assert everything(mine) == before


def test_texts_of_a_package_that_is_elsewhere_are_not_touched(project_copy: Project) -> None:
    before = everything(project_copy)
    with pytest.raises(ScaffoldError, match="no en este proyecto"):
        create(project_copy, NAME)
    assert everything(project_copy) == before
    assert list(PACKAGE.rglob(f"{NAME}*")) == []
