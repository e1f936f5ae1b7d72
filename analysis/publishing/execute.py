"""Execute a notebook with papermill and keep what it shows; a failure is kept apart."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.files import reason, write_whole
from analysis.paths import ROOT_VARIABLE, Project
from analysis.publishing import notebook as notebook_file
from analysis.publishing import parameters
from analysis.publishing.variants import page_name

_STARTS = 3  # tries to start a kernel; no cell has run when it cannot start
_ADDED = {"injected-parameters", "papermill-error-cell-tag"}  # tags of the cells of papermill
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

    from analysis.publishing.document import read_document

    begun = time.monotonic()
    os.environ[ROOT_VARIABLE] = str(task.project.root)
    with tempfile.TemporaryDirectory(prefix="cuadernos-") as folder:
        draft = Path(folder) / "executed.ipynb"
        try:
            known = parameters.declared(task.notebook)
            given = {"lang": task.lang} if "lang" in known else {}
            _run(task, draft, {**given, **task.parameters})
            read_document(draft, task.name)  # what cannot be published replaces nothing
            write_whole(task.executed, draft.read_bytes())
        except PapermillExecutionError as error:
            problem = _cell_error(error, draft)
        except Exception as error:
            problem = said(error)
        else:
            task.failed.unlink(missing_ok=True)
            return Result(task, time.monotonic() - begun)
        return Result(task, time.monotonic() - begun, problem, _keep(task, draft))


def said(error: BaseException) -> str:
    """Say an error for who wrote the notebook: our own in their words, others with their name."""
    if isinstance(error, OSError):
        return reason(error)
    ours = type(error).__module__.partition(".")[0] == "analysis"
    return str(error) if ours else f"{type(error).__name__}: {error}"


def _run(task: Task, draft: Path, values: Mapping[str, Any]) -> None:
    """Run papermill; again when the kernel could not start, e.g. because its port was taken."""
    import papermill
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    from analysis.publishing.kernels import WarmKernelManager

    notebook = notebook_file.read(task.notebook)
    # papermill takes braces in a path for the name of a parameter
    source = draft.with_name("source.ipynb")
    shutil.copyfile(task.notebook, source)
    for attempt in range(_STARTS):
        try:
            papermill.execute_notebook(
                source,
                draft,
                parameters=dict(values),
                kernel_name=notebook_file.kernel(notebook),
                language=notebook_file.language(notebook),
                cwd=task.notebook.parent,
                request_save_on_cell_execute=False,  # once at the end, failed or not
                progress_bar=False,
                log_output=False,
                kernel_manager_class=WarmKernelManager,
                # no notice of TCP, nor of the interruption that ends an idle kernel
                extra_arguments=["--IPKernelApp.log_level=50"],
            )
        except NoSuchKernel as error:
            there = ", ".join(sorted(KernelSpecManager().find_kernel_specs()))
            raise notebook_file.NotebookError(
                f"{task.notebook.name}: pide el núcleo «{error.name}», que no está instalado; "
                f"hay: {there}. Elíjalo en JupyterLab (Kernel → Change Kernel) y guárdelo."
            ) from error
        except RuntimeError as error:
            if "before replying to kernel_info" not in str(error) or attempt == _STARTS - 1:
                raise
        else:
            return


def _keep(task: Task, draft: Path) -> Path | None:
    try:
        write_whole(task.failed, draft.read_bytes())
    except OSError:  # it did not run at all, or the disk is full
        return None
    return task.failed


def _cell_error(error: Any, draft: Path) -> str:
    """Say which cell failed, on which line, with what."""
    source = [line for line in error.source.strip().splitlines() if line.strip()]
    trace = _ANSI.sub("", "\n".join(error.traceback)).splitlines()
    arrow = next((line for line in trace if line.lstrip().startswith("---->")), "")
    line = re.sub(r"^-+>\s*\d+\s*", "", arrow.strip()) or (source[0] if source else "")
    return f"celda {_failed_cell(draft)}: {line}\n{error.ename}: {error.evalue}"


def _failed_cell(draft: Path) -> int:
    """Count to the cell that failed as its author does, without the cells that papermill adds."""
    number = 0
    for cell in json.loads(draft.read_text("utf-8"))["cells"]:
        if not _ADDED.intersection(notebook_file.tags(cell)):
            number += 1
            if any(output["output_type"] == "error" for output in cell.get("outputs", [])):
                break
    return number
