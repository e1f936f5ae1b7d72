"""Build the cuadernos: execute with papermill, export through nbconvert, index.

A notebook that fails stops nothing else and never replaces an earlier good report.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from analysis import texts
from analysis.paths import ROOT_VARIABLE, Project
from analysis.publishing import parameters
from analysis.publishing.files import write_whole

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Task:
    """One notebook to build in one language, with its checked parameters."""

    project: Project
    notebook: Path
    out: Path
    lang: str
    parameters: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the notebook."""
        return self.notebook.stem


@dataclass(frozen=True)
class Result:
    """What became of a task.

    Parameters
    ----------
    name, lang : str
        Notebook and language.
    seconds : float
        Time taken.
    page : Path or None
        The page, when all went well.
    error : str
        What failed and where, in a few lines.
    kept : Path or None
        The executed notebook of a failure, for inspection.
    """

    name: str
    lang: str
    seconds: float
    page: Path | None = None
    error: str = ""
    kept: Path | None = None

    @property
    def ok(self) -> bool:
        """Whether the page was made."""
        return self.page is not None


Progress = Callable[[str, Task, Result | None], None]
"""Called with ``"start"`` or ``"end"``, the task, and its result at the end."""


def published(notebook: Path) -> bool:
    """Tell whether a notebook becomes a page: the one that guides through JupyterLab does not."""
    return not json.loads(notebook.read_text("utf-8"))["metadata"].get("cuadernos", {}).get("lab")


def notebooks(project: Project) -> list[Path]:
    """List the notebooks to publish, in order."""
    found = sorted(project.notebooks.glob("*.ipynb"))
    return [path for path in found if published(path)]


def find_notebook(project: Project, name: str) -> Path:
    """Find a notebook by its name, with or without folder and ending.

    Raises
    ------
    FileNotFoundError
        Naming the notebooks that exist.
    """
    stem = Path(name).name.removesuffix(".ipynb")
    path = project.notebooks / f"{stem}.ipynb"
    if not path.is_file():
        names = ", ".join(p.stem for p in sorted(project.notebooks.glob("*.ipynb")))
        raise FileNotFoundError(f"No hay un cuaderno «{stem}» en notebooks/. Hay: {names}.")
    return path


def build(tasks: Sequence[Task], *, jobs: int, progress: Progress) -> list[Result]:
    """Build every task, several at a time, and write the index.

    Parameters
    ----------
    tasks : sequence of Task
        With parameters already checked.
    jobs : int
        How many at a time.
    progress : callable
        Told about every start and end.

    Returns
    -------
    list of Result
        In the order of the tasks.
    """
    results: dict[int, Result] = {}
    with ProcessPoolExecutor(max_workers=max(1, jobs), mp_context=get_context("spawn")) as pool:
        waiting = list(enumerate(tasks))
        running: dict[Future[Result], tuple[int, float]] = {}
        while waiting or running:
            while waiting and len(running) < max(1, jobs):
                number, task = waiting.pop(0)
                progress("start", task, None)
                running[pool.submit(run, task)] = (number, time.monotonic())
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                number, begun = running.pop(future)
                task = tasks[number]
                error = future.exception()
                result = (
                    future.result()
                    if error is None
                    else Result(task.name, task.lang, time.monotonic() - begun, error=str(error))
                )
                results[number] = result
                progress("end", task, result)
    return [results[number] for number in range(len(tasks))]


def run(task: Task) -> Result:
    """Execute one notebook and write its page."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    begun = time.monotonic()
    os.environ[ROOT_VARIABLE] = str(task.project.root)
    failed = task.out / "failed" / task.lang / f"{task.name}.ipynb"
    with tempfile.TemporaryDirectory(prefix="cuadernos-") as folder:
        executed = Path(folder) / f"{task.name}.ipynb"
        known = parameters.declared(task.notebook)
        given = {"lang": task.lang} if "lang" in known else {}
        try:
            papermill.execute_notebook(
                task.notebook,
                executed,
                parameters={**given, **task.parameters},
                cwd=task.notebook.parent,
                progress_bar=False,
                log_output=False,
                extra_arguments=["--IPKernelApp.log_level=40"],  # errors only: no TCP notice
            )
            page = _publish(task, executed)
        except PapermillExecutionError as error:
            problem = _cell_error(error)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        else:
            failed.unlink(missing_ok=True)
            return Result(task.name, task.lang, time.monotonic() - begun, page)
        kept = None
        if executed.is_file():
            failed.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(executed, failed)
            kept = failed
        return Result(task.name, task.lang, time.monotonic() - begun, None, problem, kept)


def _cell_error(error: Any) -> str:
    """Say which cell failed, on which line, with what."""
    source = [line for line in error.source.strip().splitlines() if line.strip()]
    trace = _ANSI.sub("", "\n".join(error.traceback)).splitlines()
    arrow = next((line for line in trace if line.lstrip().startswith("---->")), "")
    line = re.sub(r"^-+>\s*\d+\s*", "", arrow.strip()) or (source[0] if source else "")
    return f"celda {error.cell_index + 1}: {line}\n{error.ename}: {error.evalue}"


def _publish(task: Task, executed: Path) -> Path:
    import nbformat

    from analysis.publishing.edition import read_edition
    from analysis.publishing.page import export

    notebook = nbformat.read(executed, as_version=4)
    edition = read_edition(task.project.root)
    html, summary = export(notebook, edition=edition, home="../index.html")
    page = task.out / task.lang / f"{task.name}.html"
    write_whole(page, html)
    write_whole(task.out / "executed" / task.lang / f"{task.name}.ipynb", executed.read_bytes())
    summary["href"] = f"{task.lang}/{task.name}.html"
    text = json.dumps(summary, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    write_whole(task.out / "provenance" / task.lang / f"{task.name}.json", text)
    return page


def write_index(project: Project, out: Path, lang: str = texts.DEFAULT_LANGUAGE) -> Path:
    """Write ``index.html`` for every page that is in ``out``, also from earlier builds."""
    from analysis.publishing.index import render_index

    cards = []
    for file in sorted((out / "provenance" / lang).glob("*.json")):
        card = json.loads(file.read_text("utf-8"))
        if (out / card["href"]).is_file():
            cards.append(card)
    path = out / "index.html"
    write_whole(path, render_index(project, cards, lang))
    return path
