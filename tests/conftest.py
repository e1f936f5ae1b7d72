"""Fixtures shared by all tests."""

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from analysis.paths import Project, find_project
from analysis.published import PACKAGE, Study, load_study
from analysis.publishing import warm

settings.register_profile("cuadernos", deadline=None)
settings.load_profile("cuadernos")

ROOT = Path(__file__).resolve().parent.parent

ChangeCell = Callable[[Project, str, str, str, str], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs every page built as slow."""
    for item in items:
        if "built" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def project() -> Project:
    """The project of this checkout; tests never write to its inputs."""
    return find_project(ROOT)


@pytest.fixture(scope="session")
def study(project: Project) -> Study:
    """The published facts."""
    return load_study(project)


@pytest.fixture(scope="session")
def warm_address() -> Iterator[str]:
    """The address of one warm process, which spares every kernel of the tests its imports."""
    with warm.one_thread_each(), warm.kernels() as address:
        yield address


@pytest.fixture
def warm_kernels(warm_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let kernels that this test starts with our manager be forks of the warm process."""
    monkeypatch.setattr(warm, "_address", warm_address)
    return warm_address


@pytest.fixture
def project_copy(project: Project, tmp_path: Path) -> Project:
    """A copy of the inputs (``data/raw`` and ``notebooks``) that a test may break."""
    unwanted = shutil.ignore_patterns(".*", "__pycache__")
    root = tmp_path / "project"
    shutil.copytree(project.raw, root / "data" / "raw", ignore=unwanted)
    shutil.copytree(project.notebooks, root / "notebooks", ignore=unwanted)
    return Project(root)


@pytest.fixture(scope="session")
def change_cell() -> ChangeCell:
    """Function that changes one cell of a table of a copied project.

    Called as ``change_cell(project_copy, "claims", "cif_097", "value", "21")``: table, key of the
    row (its first column), column and new text. It does not seal the table.
    """
    return _change_cell


def _change_cell(project: Project, table: str, row_id: str, column: str, value: str) -> None:
    path = project.raw / PACKAGE / f"{table}.csv"
    assert ROOT / "data" not in path.resolve().parents, "the tables of the checkout stay untouched"
    text = path.read_bytes().decode("utf-8")
    ending = "\r\n" if "\r\n" in text else "\n"
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    found = [row for row in rows if row[0] == row_id]
    assert len(found) == 1, f"{table} has {len(found)} rows {row_id!r}"
    found[0][header.index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator=ending).writerows([header, *rows])
