"""Build the cuadernos: execute with papermill, draw pages and PDF, index, provenance.

A notebook that fails stops nothing else and never replaces an earlier good report.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from analysis.paths import Project
from analysis.publishing import notebook as notebook_file
from analysis.publishing import warm
from analysis.publishing.execute import Result, Task, execute, said
from analysis.publishing.notebook import NotebookError

Progress = Callable[[str, Task, Result | None], None]
"""Called with ``"start"`` or ``"end"``, the task, and its result at the end."""


def default_jobs() -> int:
    """Return one more than the cores: a cuaderno waits for its kernel now and then."""
    return (os.cpu_count() or 1) + 1


def published(notebook: Path) -> bool:
    """Tell whether a notebook becomes a page: the one that guides through JupyterLab does not.

    One that cannot be read is to be published, and fails when its turn comes.
    """
    try:
        about = notebook_file.metadata(notebook_file.read(notebook)).get("cuadernos")
    except NotebookError:
        return True
    return not (isinstance(about, Mapping) and about.get("lab"))


def notebooks(project: Project) -> list[Path]:
    """List the notebooks to publish, in order."""
    found = sorted(path for path in project.notebooks.glob("*.ipynb") if path.is_file())
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


def build(
    project: Project,
    out: Path,
    tasks: Sequence[Task],
    *,
    jobs: int,
    pdf: bool,
    progress: Progress,
) -> tuple[list[Result], Path]:
    """Execute every task, several at a time, and draw everything that is in the reports.

    Parameters
    ----------
    project : Project
        The project.
    out : Path
        Folder of the reports.
    tasks : sequence of Task
        With parameters already checked.
    jobs : int
        How many at a time.
    pdf : bool
        Whether each cuaderno gets its PDF.
    progress : callable
        Told about every start and end.

    Returns
    -------
    (list of Result, Path)
        Results in the order of the tasks, and the index.
    """
    workers = max(1, jobs)
    with warm.one_thread_each(), warm.kernels() as address:
        pool = ProcessPoolExecutor(
            workers, mp_context=_context(), initializer=warm.use, initargs=(address,)
        )
        with pool:
            results = _execute(pool, tasks, workers, progress)
            return _draw(pool, project, out, results, pdf=pdf)


def _context() -> BaseContext:
    """Return how processes are started: from one that has imported what all of them need."""
    if not warm.possible():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(warm.WORKER_MODULES)
    return context


def _execute(
    pool: ProcessPoolExecutor, tasks: Sequence[Task], jobs: int, progress: Progress
) -> list[Result]:
    results: dict[int, Result] = {}
    waiting = list(enumerate(tasks))
    running: dict[Future[Result], tuple[int, float]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            number, task = waiting.pop(0)
            progress("start", task, None)
            running[pool.submit(execute, task)] = (number, time.monotonic())
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            number, begun = running.pop(future)
            task = tasks[number]
            error = future.exception()
            result = (
                future.result()
                if error is None
                else Result(task, time.monotonic() - begun, said(error))
            )
            results[number] = result
            progress("end", task, result)
    return [results[number] for number in range(len(tasks))]


def _draw(
    pool: ProcessPoolExecutor, project: Project, out: Path, results: list[Result], *, pdf: bool
) -> tuple[list[Result], Path]:
    """Draw every executed cuaderno; a page that cannot be drawn is a failure of its own."""
    from analysis.publishing import crate, site

    site.forget_removed(project, out)
    sheets = site.sheets(project, out, pdf=pdf)
    drawn = {(s.doc.lang, s.doc.name): pool.submit(site.draw, s) for s in sheets}
    pages: list[Path] = []
    errors: dict[tuple[str, str], str] = {}
    made: dict[tuple[str, str], tuple[Path, ...]] = {}
    for key, future in drawn.items():
        error: Any = future.exception()
        if error is None:
            made[key] = tuple(future.result())
            pages += made[key]
        else:
            errors[key] = said(error)
    pages += [site.write_numbers(out, sheet.doc) for sheet in sheets]
    index = site.write_indexes(project, out)
    pages += [index, *(path for path in sorted(out.glob("*/index.html")))]
    crate.write_crate(project, out, pages)
    finished = []
    for result in results:
        key = (result.task.lang, result.task.name)
        error = errors.get(key, "")
        finished.append(replace(result, error=result.error or error, pages=made.get(key, ())))
    return finished, index
