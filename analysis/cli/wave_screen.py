"""What the terminal shows of a file of answers: progress, what was found, and every fault."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis import texts

if TYPE_CHECKING:
    from rich.table import Table

    from analysis.validation import Fault, Report
    from analysis.waves import Examined

LANG = texts.DEFAULT_LANGUAGE
SHOWN = 40
"""Faults that a terminal shows; the others are in the report."""
_FACTS = {
    "format": "formato",
    "encoding": "codificación",
    "encoding_evidence": "porque",
    "delimiter": "",  # named beside
    "delimiter_name": "separador",
    "tool": "herramienta",
    "sheet": "hoja",
    "title": "título",
    "time_zone": "zona horaria",
    "rows": "filas",
    "bytes": "bytes",
    "first_row": "",
}
"""What the reader found out, in Spanish; an empty name is not shown."""


class Screen:
    """Progress of a long reading, only where someone watches."""

    _STEPS = {"reading": "Leyendo", "checking": "Comprobando"}  # noqa: RUF012

    def __enter__(self) -> Screen:
        """Show the bars."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        console = Console(stderr=True)
        self.live = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rows]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.live.start()
        self.tasks: dict[str, Any] = {}
        return self

    def __exit__(self, *_: object) -> None:
        """Take them away."""
        self.live.stop()

    def __call__(self, step: str, progress: Any) -> None:
        """Move the bar of a step."""
        if step not in self.tasks:
            self.tasks[step] = self.live.add_task(self._STEPS[step], total=1.0, rows="")
        done = progress.bytes_read / progress.bytes_total if progress.bytes_total else 0.0
        rows = f"{texts.number(progress.rows, LANG)} filas"
        self.live.update(self.tasks[step], completed=done, rows=rows)


def say_file(found: Examined) -> None:
    """Say what a file is and what its columns were taken for."""
    known = {_FACTS.get(name, name): value for name, value in found.scan.facts.items()}
    facts = ", ".join(f"{name}: {value}" for name, value in known.items() if name and value)
    click.echo(
        f"{found.report.file}: {texts.number(found.report.respondents, LANG)} respuestas, "
        f"{len(found.scan.columns)} columnas ({facts})"
    )
    for note in found.scan.notes:
        click.echo(f"  nota: {note}")
    methods: dict[str, int] = {}
    for rule in found.mapping.rules:
        if not rule.source_value:
            methods[rule.method] = methods.get(rule.method, 0) + 1
    names = {
        "exact": "iguales",
        "normalised": "iguales salvo la forma",
        "declared": "declaradas por el archivo",
        "tool": "de la herramienta",
        "manual": "revisadas",
        "fuzzy": "parecidas, por confirmar",
        "none": "sin correspondencia",
    }
    said = ", ".join(f"{count} {names[name]}" for name, count in methods.items() if name in names)
    click.echo(f"Columnas: {said}.")
    if found.corrections:
        click.echo(f"Celdas corregidas: {len(found.corrections)}.")


def say_report(report: Report, folder: str | None) -> None:
    """Show the report, and write it where it was asked for."""
    from itertools import groupby

    from rich.console import Console

    console = Console()
    ordered = sorted(report.ordered(), key=lambda f: (f.severity != "error", f.kind))
    room, more = SHOWN, 0
    for (severity, kind), faults in groupby(ordered, key=lambda f: (f.severity, f.kind)):
        found = list(faults)
        name = texts.label(f"fault.severity.{severity}", LANG)
        count = report.total(severity, kind)
        head = f"{name} · {found[0].title(LANG)} ({count}). {found[0].fix(LANG)}"
        console.print(
            f"\n{head}", style="bold red" if severity == "error" else "bold", markup=False
        )
        if any(fault.row or fault.value for fault in found):
            more += max(0, len(found) - room)
            if room:
                console.print(_table(found[:room], report), highlight=False)
            room = max(0, room - len(found))
        else:
            names = ", ".join(fault.item or fault.column for fault in found)
            console.print(f" {names}", markup=False, highlight=False)
    if more:
        click.echo(f"… y {texts.number(more, LANG)} más; --report CARPETA los escribe todos.")
    if folder:
        from analysis.publishing.wave_report import write_report

        for path in write_report(report, Path(folder)):
            click.echo(f"Informe: {path}")
    counts = (
        texts.label(f"wave_report.{severity}", LANG, count=report.counts[severity])
        for severity in ("error", "warning")
    )
    click.echo(", ".join(counts) + ".")


def _table(found: list[Fault], report: Report) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table("Fila", "Quién", "Pregunta", "Se encontró", "Se admite", box=None)
    for fault in found:
        table.add_row(
            "" if fault.row is None else str(fault.row),
            escape(" ".join(filter(None, (fault.respondent, fault.city)))),
            escape(fault.item or fault.column),
            escape(_short(fault.value)),
            escape(_short(fault.allowed(report.instrument, LANG))),
        )
    return table


def _short(text: str, most: int = 120) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def stopped(report: Report) -> str:
    """Say why nothing is imported."""
    errors = texts.label("wave_report.error", LANG, count=report.counts["error"])
    return f"el archivo tiene {errors} y no puede importarse."
