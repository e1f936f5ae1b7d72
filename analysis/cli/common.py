"""What the commands share: the project, Spanish help, output formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from gettext import gettext
from importlib import import_module
from typing import Any, TypeVar

import click

from analysis.paths import Project, find_project

Function = TypeVar("Function", bound=Callable[..., Any])


class SpanishCommand(click.Command):
    """A command whose usage line is in Spanish."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("options_metavar", "[OPCIONES]")
        super().__init__(*args, **kwargs)


class LazyCommands(MutableMapping[str, click.Command]):
    """Commands by name, each loaded when it is needed: most bring libraries that take seconds.

    Parameters
    ----------
    places : mapping of str to (str, str)
        Of each command, ``module:function`` and the line that the list of commands shows.
    """

    def __init__(self, places: Mapping[str, tuple[str, str]]) -> None:
        self._places = dict(places)
        self._loaded: dict[str, click.Command] = {}

    def short_help(self, name: str) -> str:
        """Return the line of a command in the list of commands."""
        return self._places[name][1]

    def __getitem__(self, name: str) -> click.Command:
        """Return a command, loading it."""
        if name not in self._loaded:
            module, _, function = self._places[name][0].partition(":")
            self._loaded[name] = getattr(import_module(module), function)
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        """Add a command that is loaded already."""
        self._places[name] = ("", command.get_short_help_str(limit=100))
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        """Forget a command."""
        del self._places[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        """List the names."""
        return iter(self._places)

    def __len__(self) -> int:
        """Count the commands."""
        return len(self._places)


class SpanishGroup(click.Group):
    """A group of commands whose usage line is in Spanish."""

    command_class = SpanishCommand

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("options_metavar", "[OPCIONES]")
        kwargs.setdefault("subcommand_metavar", "ORDEN [ARGUMENTOS]...")
        lazy = kwargs.pop("commands", None)
        super().__init__(*args, **kwargs)
        if lazy is not None:
            self.commands = lazy

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their whole first sentence, without loading those that wait."""
        rows = [
            (
                name,
                self.commands.short_help(name)
                if isinstance(self.commands, LazyCommands)
                else self.commands[name].get_short_help_str(limit=500),
            )
            for name in sorted(self.commands)
        ]
        with formatter.section(gettext("Commands")):
            formatter.write_dl(rows)


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
