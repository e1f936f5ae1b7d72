"""Load a version of the questionnaire, checked."""

from __future__ import annotations

from pathlib import Path

from analysis import datapackage
from analysis.datapackage import Problem
from analysis.instrument.check import version_problems
from analysis.instrument.model import Instrument
from analysis.instrument.tables import (
    DEFAULT_VERSION,
    FOLDER,
    build,
    folder_of,
    read_tables,
    source_labels,
)
from analysis.paths import Project, find_project
from analysis.published import load_study


class InstrumentError(ValueError):
    """The questionnaire has faults; carries every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        lines = "\n".join(f"  - {problem}" for problem in problems)
        number = f"{len(problems)} problema" + ("s" if len(problems) != 1 else "")
        super().__init__(
            f"{number} en el cuestionario:\n{lines}\n"
            "Corrija las tablas y compruébelas con: cuadernos instrument check"
        )


def load_instrument(
    project: Project | Path | str | None = None, version: str = DEFAULT_VERSION
) -> Instrument:
    """Load and check a version of the questionnaire.

    Parameters
    ----------
    project : Project or path, optional
        Project folder, or a directory inside it; by default the one of the current directory.
    version : str
        Name of the version.

    Returns
    -------
    Instrument

    Raises
    ------
    DataPackageError
        When a table was changed since it was sealed or breaks its schema.
    InstrumentError
        With every fault of the questionnaire (``analysis.instrument.check``).
    ValueError
        When there is no such version.
    """
    found = project if isinstance(project, Project) else find_project(project)
    folder = folder_of(found, version)
    datapackage.load(folder, cache=found.processed / FOLDER / version)
    study = load_study(found)
    tables = read_tables(folder)
    problems = version_problems(version, tables, source_labels(study), set(study.actions["id"]))
    if problems:
        raise InstrumentError(problems)
    return build(version, tables, source_labels(study))
