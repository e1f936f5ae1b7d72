"""The command ``cuadernos``."""

from __future__ import annotations

import gettext
import os
import sys
from importlib.resources import files

import click

from analysis import __version__
from analysis.cli.common import LazyCommands, SpanishGroup, root_option
from analysis.files import reason

COMMANDS = LazyCommands(
    {
        "audit": ("analysis.cli.audit:audit", "Veredicto de cada cifra publicada."),
        "bounds": (
            "analysis.cli.bounds:bounds",
            "Cuántas ciudades pueden hacer cada acción en 2017.",
        ),
        "build": ("analysis.cli.build:build", "Ejecuta los cuadernos y los publica."),
        "code": ("analysis.cli.code:code", "Abre JupyterLab para codificar un corpus."),
        "coding": ("analysis.cli.coding:coding", "Documentos, códigos y codificaciones."),
        "consistency": (
            "analysis.cli.consistency:consistency",
            "Bases que pueden haber dado unos porcentajes.",
        ),
        "data": ("analysis.cli.data:data", "Comprueba o sella las tablas de data/raw."),
        "instrument": (
            "analysis.cli.instrument:instrument",
            "Comprueba, muestra o exporta el cuestionario a las ciudades.",
        ),
        "new": ("analysis.cli.publish:new", "Crea un cuaderno que se publica de inmediato."),
        "params": ("analysis.cli.build:params", "Muestra los parámetros de un cuaderno."),
        "publish": (
            "analysis.cli.publish:publish",
            "Prepara los informes para la web o un repositorio.",
        ),
        "texts": ("analysis.cli.texts:texts", "Textos que tiene cada idioma y los que le faltan."),
        "verify": ("analysis.cli.publish:verify", "Rehace los informes y dice qué cambia."),
        "wave": (
            "analysis.cli.wave:wave",
            "Trae, comprueba, compara y corrige olas de respuestas.",
        ),
    }
)


@click.group(cls=SpanishGroup, commands=COMMANDS)
@root_option
@click.version_option(
    __version__,
    prog_name="cuadernos",
    message="%(prog)s, versión %(version)s",
    help="Muestra la versión y termina.",
)
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
    except OSError as error:
        _fail(reason(error))
    except ValueError as error:
        _fail(str(error))
    except KeyError as error:
        from analysis.texts import MissingTextError  # loaded already when it was raised

        if not isinstance(error, MissingTextError):
            raise
        _fail(str(error))


def _fail(message: str) -> None:
    click.echo(f"Error: {message}", err=True)
    sys.exit(1)
