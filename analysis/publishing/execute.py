"""Execute a notebook with papermill and keep what it shows; a failure is kept apart."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.files import write_whole
from analysis.paths import ROOT_VARIABLE, Project
from analysis.publishing import parameters
from analysis.publishing.document import read_document
from analysis.publishing.variants import page_name

_STARTS = 3  # tries to start a kernel; no cell has run when it cannot start
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Task:
    """One notebook to execute in one language, with its checked parameters.

    ``variant`` names a page beside the ordinary one (see :mod:`analysis.publishing.variants`).
    """

    project: Project
    notebook: Path
    out: Path
    lang: str
    parameters: Mapping[str, Any]
    variant: str = ""

    @property
    def name(self) -> str:
        """Name of the page: that of the notebook, with its variant."""
        return page_name(self.notebook.stem, self.variant)

    @property
    def label(self) -> str:
        """Name and language, for messages."""
        return f"{self.name} ({self.lang})"

    @property
    def executed(self) -> Path:
        """Where the executed notebook is kept."""
        return self.out / "executed" / self.lang / f"{self.name}.ipynb"

    @property
    def failed(self) -> Path:
        """Where the executed notebook of a failure is kept, for inspection."""
        return self.out / "failed" / self.lang / f"{self.name}.ipynb"


@dataclass(frozen=True)
class Result:
    """What became of a task.

    Parameters
    ----------
    task : Task
        The task.
    seconds : float
        Time taken.
    error : str
        What failed and where, in a few lines; empty when nothing did.
    kept : Path or None
        The executed notebook of a failure.
    pages : tuple of Path
        The page and the PDF, once they are made.
    """

    task: Task
    seconds: float
    error: str = ""
    kept: Path | None = None
    pages: tuple[Path, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.error


def execute(task: Task) -> Result:
    """Execute one notebook; the former executed notebook is replaced only by a good one."""
    from papermill.exceptions import PapermillExecutionError

    begun = time.monotonic()
    os.environ[ROOT_VARIABLE] = str(task.project.root)
    with tempfile.TemporaryDirectory(prefix="cuadernos-") as folder:
        draft = Path(folder) / f"{task.name}.ipynb"
        try:
            known = parameters.declared(task.notebook)
            given = {"lang": task.lang} if "lang" in known else {}
            injected = int(bool({**given, **task.parameters}))  # papermill adds a cell for them
            _run(task, draft, {**given, **task.parameters})
        except PapermillExecutionError as error:
            problem = _cell_error(error, injected)
            return Result(task, time.monotonic() - begun, problem, _keep(task, draft))
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
            return Result(task, time.monotonic() - begun, problem, _keep(task, draft))
        try:
            read_document(draft)  # what cannot be published must not replace what could
        except ValueError as error:
            return Result(task, time.monotonic() - begun, str(error), _keep(task, draft))
        write_whole(task.executed, draft.read_bytes())
    task.failed.unlink(missing_ok=True)
    return Result(task, time.monotonic() - begun)


def _run(task: Task, draft: Path, values: Mapping[str, Any]) -> None:
    """Run papermill; again when the kernel could not start, e.g. because its port was taken."""
    import papermill

    from analysis.publishing.kernels import WarmKernelManager

    for attempt in range(_STARTS):
        try:
            papermill.execute_notebook(
                task.notebook,
                draft,
                parameters=dict(values),
                cwd=task.notebook.parent,
                progress_bar=False,
                log_output=False,
                kernel_manager_class=WarmKernelManager,
                extra_arguments=["--IPKernelApp.log_level=40"],  # errors only: no TCP notice
            )
        except RuntimeError as error:
            if "before replying to kernel_info" not in str(error) or attempt == _STARTS - 1:
                raise
        else:
            return


def _keep(task: Task, draft: Path) -> Path | None:
    if not draft.is_file():
        return None
    task.failed.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(draft, task.failed)
    return task.failed


def _cell_error(error: Any, injected: int = 0) -> str:
    """Say which cell failed, on which line, with what."""
    source = [line for line in error.source.strip().splitlines() if line.strip()]
    trace = _ANSI.sub("", "\n".join(error.traceback)).splitlines()
    arrow = next((line for line in trace if line.lstrip().startswith("---->")), "")
    line = re.sub(r"^-+>\s*\d+\s*", "", arrow.strip()) or (source[0] if source else "")
    number = error.cell_index + 1 - injected  # as the notebook counts them
    return f"celda {number}: {line}\n{error.ename}: {error.evalue}"
