"""``cuadernos build`` and ``cuadernos params``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from analysis import texts
from analysis.cli.common import (
    Folder,
    SpanishCommand,
    format_option,
    print_csv,
    print_json,
    project,
)
from analysis.cli.common import root_option as _root
from analysis.files import ready_folder
from analysis.paths import Project
from analysis.publishing import build as publishing
from analysis.publishing import parameters, variants
from analysis.publishing.execute import Result, Task
from analysis.publishing.notebook import NotebookError

LANG = texts.DEFAULT_LANGUAGE


@click.command(cls=SpanishCommand, short_help="Ejecuta los cuadernos y los publica.")
@click.argument("notebooks", metavar="[CUADERNO]...", nargs=-1)
@click.option(
    "--out",
    metavar="CARPETA",
    type=Folder(),
    help="Dónde se publica; por omisión, reports/ del proyecto.",
)
@click.option(
    "-p",
    "--parameter",
    "given",
    metavar="NOMBRE VALOR",
    nargs=2,
    multiple=True,
    help="Parámetro para los cuadernos nombrados (véase cuadernos params).",
)
@click.option(
    "--as",
    "variant",
    metavar="NOMBRE",
    default="",
    help="Publica con otros parámetros al lado de la página ordinaria, como CUADERNO--NOMBRE.",
)
@click.option(
    "--lang",
    metavar="IDIOMAS",
    default=",".join(texts.LOCALES),
    show_default=True,
    help="Idiomas, separados por comas.",
)
@click.option("--pdf/--no-pdf", default=True, show_default=True, help="Si se hace también el PDF.")
@click.option(
    "-j",
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Cuadernos a la vez; por omisión, uno más que los núcleos de la máquina.",
)
@_root
def build(
    notebooks: tuple[str, ...],
    out: str | None,
    given: tuple[tuple[str, str], ...],
    variant: str,
    lang: str,
    pdf: bool,
    jobs: int | None,
    root: str | None,
) -> None:
    """Ejecuta cuadernos y los publica como páginas, con su índice.

    Un cuaderno que falla no detiene a los demás ni reemplaza una página anterior.

    \b
    Ejemplos:
      cuadernos build
      cuadernos build 04_medicion -p max_base 200
      cuadernos build 01_auditoria 04_medicion --out borrador
      cuadernos build 02_cuestionario -p wave mi-ola --as mi-ola
    """
    from analysis.published import load_study

    here = project(root)
    target = Path(out).resolve() if out else here.reports
    tasks = _tasks(here, notebooks, dict(given), target, lang, variant)
    load_study(here)  # checked once, before anything runs
    ready_folder(target)
    console = Console()
    begun = time.monotonic()
    with _Screen(console, len(tasks)) as screen:
        results, index = publishing.build(
            here, target, tasks, jobs=jobs or publishing.default_jobs(), pdf=pdf, progress=screen
        )
    _summary(console, here, results, index, time.monotonic() - begun)
    if not all(result.ok for result in results):
        sys.exit(1)


def _languages(text: str) -> list[str]:
    wanted = [lang.strip() for lang in text.split(",") if lang.strip()]
    for lang in wanted:
        texts.locale(lang)  # says which ones there are
    return list(dict.fromkeys(wanted))


def _tasks(
    here: Project,
    names: tuple[str, ...],
    given: dict[str, str],
    out: Path,
    lang: str,
    variant: str,
) -> list[Task]:
    if variant and not given:
        raise click.UsageError("--as necesita los parámetros de esa página: -p NOMBRE VALOR.")
    if given and not names:
        raise click.UsageError("los parámetros necesitan que se nombre el cuaderno al que van.")
    chosen = [publishing.find_notebook(here, name) for name in names]
    for path in chosen:
        if not publishing.published(path):
            raise click.ClickException(
                f"{path.stem} es para JupyterLab y no se publica; ábralo con make lab."
            )
    chosen = chosen or publishing.notebooks(here)
    if not chosen:
        raise click.ClickException("no hay cuadernos que publicar en notebooks/.")
    pages = [page for path in chosen for page in _checked(path, given, variant)]
    return [
        Task(here, path, out, language, values, name)
        for language in _languages(lang)
        for path, values, name in pages
    ]


def _checked(
    path: Path, given: dict[str, str], variant: str
) -> list[tuple[Path, Mapping[str, object], str]]:
    """Check the parameters of the pages of a notebook; one that is itself wrong fails later."""
    try:
        pages = list(_pages(path, given, variant))
        return [(path, parameters.check(path, values), name) for name, values in pages]
    except (NotebookError, parameters.DeclarationError):
        return [(path, {}, "")]  # its execution says what is wrong and stops no other


def _pages(
    path: Path, given: dict[str, str], variant: str
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the pages to make of a notebook; without parameters, its variants too."""
    yield (variants.check_name(variant) if variant else "", given)
    if not given:
        yield from variants.variants(path).items()


class _Screen:
    """Progress by notebook with its elapsed time: live in a terminal, in lines elsewhere."""

    def __init__(self, console: Console, total: int) -> None:
        self.console, self.total, self.done = console, total, 0
        self.live = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.rows: dict[str, TaskID] = {}

    def __enter__(self) -> _Screen:
        self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.live.stop()

    def __call__(self, event: str, task: Task, result: Result | None) -> None:
        if event == "start":
            self.rows[task.label] = self.live.add_task(f"{task.label} …", total=1)
            if not self.console.is_terminal:
                self._line(f"{task.label}: empieza")
            return
        assert result is not None
        self.done += 1
        self.live.update(self.rows[task.label], completed=1, visible=False)
        word = "listo" if result.ok else "FALLÓ"
        seconds = texts.number(round(result.seconds, 1), LANG, 1)
        self._line(f"[{self.done}/{self.total}] {task.label}: {word} en {seconds} s")

    def _line(self, text: str) -> None:
        self.console.print(text, highlight=False, markup=False)


def _summary(
    console: Console, here: Project, results: list[Result], index: Path, seconds: float
) -> None:
    console.print()
    for result in results:
        took = f"{texts.number(round(result.seconds, 1), LANG, 1)} s"
        if result.ok:
            pages = ", ".join(here.relative(page) for page in result.pages)
            console.print(
                f"✓ {result.task.label}  {took}  {pages}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
            continue
        console.print(
            f"✗ {result.task.label}  {took}", style="bold red", highlight=False, markup=False
        )
        for line in result.error.splitlines():
            console.print(f"    {line}", highlight=False, markup=False, soft_wrap=True)
        if result.kept:
            console.print(
                f"    Cuaderno ejecutado, para inspeccionarlo: {here.relative(result.kept)}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
    good = sum(result.ok for result in results)
    console.print(
        f"{good} de {len(results)} en {texts.number(round(seconds, 1), LANG, 1)} s. "
        f"Abra {here.relative(index)}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


@click.command(cls=SpanishCommand, short_help="Muestra los parámetros de un cuaderno.")
@click.argument("notebook", metavar="CUADERNO")
@format_option
@_root
def params(notebook: str, form: str, root: str | None) -> None:
    """Muestra los parámetros de un cuaderno: tipo, valor por omisión, valores admitidos y ayuda.

    \b
    Ejemplo:
      cuadernos params 04_medicion
    """
    path = publishing.find_notebook(project(root), notebook)
    rows = [
        {
            "name": p.name,
            "type": p.kind.__name__,
            "default": p.default,
            "allowed": p.allowed,
            "help": p.help,
        }
        for p in parameters.declared(path).values()
    ]
    if form == "json":
        print_json(rows)
    elif form == "csv":
        print_csv(["name", "type", "default", "allowed", "help"], rows)
    else:
        table = Table(
            "Parámetro", "Tipo", "Por omisión", "Admite", "Para qué", box=None, pad_edge=False
        )
        for row in rows:
            table.add_row(*(str(value) for value in row.values()))
        Console().print(table, highlight=False)
