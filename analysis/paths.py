"""Where things are: the project folder and the rooms inside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT_VARIABLE = "CUADERNOS_ROOT"
_MARKS = ("notebooks", "data/raw/cuaderno8/datapackage.json")


class ProjectNotFoundError(FileNotFoundError):
    """No project folder holds the given directory."""


@dataclass(frozen=True)
class Project:
    """The folders of one project.

    Parameters
    ----------
    root : Path
        The folder that holds ``notebooks/`` and ``data/raw/cuaderno8/datapackage.json``.
    """

    root: Path

    @property
    def notebooks(self) -> Path:
        """Notebooks, committed without outputs."""
        return self.root / "notebooks"

    @property
    def raw(self) -> Path:
        """Sealed inputs; code never writes here."""
        return self.root / "data" / "raw"

    @property
    def processed(self) -> Path:
        """Generated tables; safe to delete."""
        return self.root / "data" / "processed"

    @property
    def reports(self) -> Path:
        """Generated cuadernos; safe to delete."""
        return self.root / "reports"

    def relative(self, path: Path) -> str:
        """Return ``path`` as seen from the root, with forward slashes, for messages."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return str(path)


def find_project(start: Path | str | None = None) -> Project:
    """Find the project that holds a directory.

    Parameters
    ----------
    start : path, optional
        Directory to start from; by default the folder named by the variable ``CUADERNOS_ROOT``
        (set while notebooks are executed), else the current directory.

    Raises
    ------
    ProjectNotFoundError
        When neither the directory nor any folder above it is a project.
    """
    begin = Path(start or os.environ.get(ROOT_VARIABLE) or Path.cwd()).resolve()
    for folder in (begin, *begin.parents):
        if all((folder / mark).exists() for mark in _MARKS):
            return Project(folder)
    raise ProjectNotFoundError(
        f"No hay un proyecto Cuadernos en {begin} ni en las carpetas que la contienen.\n"
        "Entre en la carpeta del proyecto (la que tiene notebooks/ y data/raw/) "
        "o indíquela con --root CARPETA; si ejecuta papermill, con --cwd CARPETA."
    )
