"""The command ``cuadernos``."""

from __future__ import annotations

import gettext
import os
import sys
from importlib.resources import files

import click

from analysis import __version__
from analysis.cli.common import SpanishGroup, root_option
from analysis.datapackage import DataPackageError
from analysis.paths import ProjectNotFoundError
from analysis.texts import MissingTextError

_KNOWN = (DataPackageError, ProjectNotFoundError, FileNotFoundError, MissingTextError, ValueError)


@click.group(cls=SpanishGroup)
@root_option
@click.version_option(__version__, prog_name="cuadernos", help="Muestra la versión y termina.")
@click.pass_context
def cuadernos(context: click.Context, root: str | None) -> None:
    """Banco de trabajo del Cuaderno AL-LAs N.º 8: reproduce, amplía y publica su diagnóstico.

    Todas las órdenes trabajan sobre el proyecto de la carpeta actual, o sobre el que se indique
    con --root.

    \b
    Ejemplos:
      cuadernos build                      ejecuta y publica todos los cuadernos
      cuadernos build 04_medicion          solo uno
      cuadernos audit                      el veredicto de cada cifra publicada
      cuadernos consistency 20 48 33 --exclusive
    """
    context.obj = root


def main() -> None:
    """Run the command; what a researcher can mend is said in a sentence, without a traceback."""
    os.environ["LANGUAGE"] = "es"
    gettext.bindtextdomain("messages", str(files("analysis").joinpath("texts", "locale")))
    try:
        cuadernos(prog_name="cuadernos")
    except _KNOWN as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


from analysis.cli import (  # noqa: E402
    audit,
    bounds,
    build,
    code,
    coding,
    consistency,
    data,
    instrument,
    publish,
    wave,
)

for command in (
    build.build,
    build.params,
    audit.audit,
    bounds.bounds,
    consistency.consistency,
    code.code,
    data.data,
    instrument.instrument,
    publish.new,
    publish.verify,
    publish.publish,
    coding.coding,
    wave.wave,
):
    cuadernos.add_command(command)
