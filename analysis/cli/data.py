"""``cuadernos data``: check and seal the raw tables."""

from __future__ import annotations

import click

from analysis import datapackage
from analysis.cli.common import SpanishCommand, SpanishGroup, project, root_option


@click.group(cls=SpanishGroup)
def data() -> None:
    """Comprueba o sella las tablas de data/raw."""


@data.command(cls=SpanishCommand)
@root_option
def check(root: str | None) -> None:
    """Comprueba todas las tablas: sello, columnas, tipos, valores admitidos y referencias.

    De cada ola se comprueban los sellos.

    \b
    Ejemplo:
      cuadernos data check
    """
    from analysis.waves import check_seals, wave_folder, wave_ids

    here = project(root)
    problems = 0
    for folder in datapackage.packages(here.raw):
        found = datapackage.validate(folder)
        problems += len(found)
        number = len(datapackage.read_descriptor(folder)["resources"])
        plural = "" if len(found) == 1 else "s"
        state = f"{len(found)} problema{plural}" if found else "sin problemas"
        click.echo(f"{here.relative(folder)}: {number} tablas, {state}")
        for problem in found:
            click.echo(f"  - {problem}")
    for wave_id in wave_ids(here):
        wrong = check_seals(here, wave_id)
        problems += len(wrong)
        state = (
            f"{len(wrong)} problema{'' if len(wrong) == 1 else 's'}" if wrong else "sin problemas"
        )
        click.echo(f"{here.relative(wave_folder(here, wave_id))}: ola, {state}")
        for problem in wrong:
            click.echo(f"  - {problem}")
    if problems:
        raise click.ClickException(
            "corrija los archivos; si un cambio es correcto, selle las tablas con: "
            "cuadernos data seal"
        )


@data.command(cls=SpanishCommand)
@root_option
def seal(root: str | None) -> None:
    """Sella las tablas tras un cambio revisado: anota su sha256 en datapackage.json.

    Solo se sellan tablas que cumplen su esquema.

    \b
    Ejemplo:
      cuadernos data seal
    """
    here = project(root)
    for folder in datapackage.packages(here.raw):
        changed = datapackage.seal(folder)
        what = "sellado " + ", ".join(changed) if changed else "nada que sellar"
        click.echo(f"{here.relative(folder)}: {what}")
