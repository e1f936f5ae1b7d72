"""What the commands share: the project, Spanish help, output formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from analysis.paths import Project, find_project

Function = TypeVar("Function", bound=Callable[..., Any])


class SpanishCommand(click.Command):
    """A command whose usage line is in Spanish."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("options_metavar", "[OPCIONES]")
        super().__init__(*args, **kwargs)


class SpanishGroup(click.Group):
    """A group of commands whose usage line is in Spanish."""

    command_class = SpanishCommand

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("options_metavar", "[OPCIONES]")
        kwargs.setdefault("subcommand_metavar", "ORDEN [ARGUMENTOS]...")
        super().__init__(*args, **kwargs)


class Folder(click.Path):
    """A folder; click would name it in English, as it names types before any language is set."""

    def __init__(self, *, exists: bool = False) -> None:
        super().__init__(exists=exists, file_okay=False)
        self.name = "carpeta"


def root_option(function: Function) -> Function:
    """Add ``--root``, which every command understands."""
    return click.option(
        "--root",
        metavar="CARPETA",
        type=Folder(exists=True),
        help="Proyecto sobre el que se trabaja; por omisión, el de la carpeta actual.",
    )(function)


def project(root: str | None) -> Project:
    """Find the project of a command, given to it or to ``cuadernos``."""
    return find_project(root or click.get_current_context().obj)


format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="Forma de la salida: tabla para leer, JSON o CSV para otros programas.",
)


def print_json(value: object) -> None:
    """Print JSON with its accents."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_csv(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    """Print CSV."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    click.echo(stream.getvalue(), nl=False)
