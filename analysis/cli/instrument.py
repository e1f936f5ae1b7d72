"""``cuadernos instrument``: the questionnaire by version."""

from __future__ import annotations

from pathlib import Path

import click

from analysis.cli.common import (
    SpanishCommand,
    SpanishGroup,
    format_option,
    print_csv,
    print_json,
    project,
    root_option,
)
from analysis.exports import FORMATS
from analysis.texts import DEFAULT_LANGUAGE, LOCALES


@click.group(cls=SpanishGroup)
def instrument() -> None:
    """Comprueba, muestra o exporta el cuestionario a las ciudades."""


@instrument.command(cls=SpanishCommand)
@click.option(
    "--version",
    metavar="VERSIÓN",
    help="Comprueba solo esta versión; por omisión, todas y su correspondencia.",
)
@root_option
def check(version: str | None, root: str | None) -> None:
    """Comprueba las tablas del cuestionario antes de usarlas: todos los problemas a la vez.

    Busca códigos repetidos, textos que faltan en un idioma, condiciones que nombran una pregunta o
    una opción que no existe o que dan la vuelta, «otro» sin su texto, y códigos que cambian de
    sentido de una versión a otra.

    \b
    Ejemplos:
      cuadernos instrument check
      cuadernos instrument check --version 2017
    """
    from analysis.instrument.check import check_instruments
    from analysis.instrument.tables import FOLDER, versions

    here = project(root)
    problems = check_instruments(here, version)
    for name in [version] if version else versions(here):
        mine = [problem for problem in problems if problem.file.startswith(f"{name}/")]
        click.echo(f"{here.relative(here.raw / FOLDER / name)}: {_state(len(mine))}")
        for problem in mine:
            click.echo(f"  - {problem}")
    if version is None:
        rest = [problem for problem in problems if "/" not in problem.file]
        click.echo(f"{here.relative(here.raw / FOLDER / 'crosswalk.csv')}: {_state(len(rest))}")
        for problem in rest:
            click.echo(f"  - {problem}")
    if problems:
        raise click.ClickException(
            "corrija las tablas; si un cambio es correcto, séllelas con: cuadernos data seal"
        )


def _state(number: int) -> str:
    return f"{number} problema{'' if number == 1 else 's'}" if number else "sin problemas"


@instrument.command(cls=SpanishCommand)
@click.argument("out", metavar="SALIDA", type=click.Path(path_type=Path, readable=False))
@click.option(
    "--to",
    "form",
    type=click.Choice(list(FORMATS)),
    required=True,
    help="Formato de la salida.",
)
@click.option(
    "--version",
    metavar="VERSIÓN",
    help="Versión del cuestionario; por omisión, 2017, o la de la ola.",
)
@click.option("--wave", "wave_id", metavar="OLA", help="Ola cuyas respuestas o recuentos se ponen.")
@click.option(
    "--lang",
    type=click.Choice(list(LOCALES)),
    default=DEFAULT_LANGUAGE,
    show_default=True,
    help="Idioma de los textos; xlsform, ddi y jsonld llevan todos.",
)
@click.option("--force", is_flag=True, help="Escribe sobre un archivo que ya existe.")
@root_option
def export(
    out: Path,
    form: str,
    version: str | None,
    wave_id: str | None,
    lang: str,
    force: bool,
    root: str | None,
) -> None:
    """Escribe el cuestionario en el formato de otra herramienta.

    \b
    xlsform   formulario para KoboToolbox u ODK (.xlsx), comprobado con pyxform
    sav, dta  SPSS o Stata, con etiquetas y razones de no respuesta, y un .json con lo que no cabe
    ddi       DDI-Codebook 2.5 para un archivo de datos (.xml)
    jsonld    conjunto de datos de schema.org (.jsonld)
    codebook  libro de códigos para leer (.html); con --wave, con recuentos
    print     cuestionario para llenar a mano (.html o .pdf)
    template  hoja de cálculo para responder, con listas y guía (.xlsx)

    \b
    Ejemplos:
      cuadernos instrument export --version 2017 --to xlsform cuestionario.xlsx
      cuadernos instrument export --version 2017 --to print cuestionario.pdf
      cuadernos instrument export --version 2017 --to codebook --lang en codebook.html
      cuadernos instrument export --wave demo --to sav demo.sav
    """
    from analysis.exports import export as write
    from analysis.instrument import DEFAULT_VERSION, load_instrument

    here = project(root)
    wave = None
    if wave_id is not None:
        from analysis.waves import load_wave

        wave = load_wave(here, wave_id)
        if version not in (None, wave.instrument.version):
            raise click.ClickException(
                f"la ola {wave_id} respondió la versión {wave.instrument.version}, no {version}; "
                "quite --version"
            )
    questionnaire = wave.instrument if wave else load_instrument(here, version or DEFAULT_VERSION)
    files, losses = write(questionnaire, form, out, lang=lang, wave=wave, force=force)
    for path in files:
        click.echo(f"Escrito {path}")
    for loss in losses:
        click.echo(f"  no cabe en .{form}: {loss}; está en {files[-1].name}")


@instrument.command(cls=SpanishCommand)
@click.argument("version", metavar="VERSIÓN")
@click.option(
    "--from",
    "source",
    metavar="VERSIÓN",
    default="2017",
    show_default=True,
    help="Versión de la que parte.",
)
@click.option("--title", metavar="TEXTO", help="Título en español; por omisión, el mismo.")
@click.option("--title-en", metavar="TEXTO", help="Título en inglés; por omisión, el mismo.")
@root_option
def new(
    version: str, source: str, title: str | None, title_en: str | None, root: str | None
) -> None:
    """Empieza una versión del cuestionario como copia de otra, ya descrita y sellada.

    Después se cambian sus tablas (items.csv y choices.csv), se comprueban y se sellan. Un código
    conserva siempre su sentido: una pregunta que pregunta otra cosa lleva otro código.

    \b
    Ejemplos:
      cuadernos instrument new 2027 --from 2017
      cuadernos instrument new red-2027 --title "Cuestionario a la red" --title-en "Network survey"
    """
    from analysis.instrument.create import new_version

    here = project(root)
    given = {"es": title, "en": title_en}
    named = {lang: text for lang, text in given.items() if text}
    folder = here.relative(new_version(here, version, source, named))
    click.echo(f"Versión {version} en {folder}: cambie items.csv y choices.csv, y luego:")
    click.echo(f"  cuadernos instrument check --version {version}")
    click.echo("  cuadernos data seal")
    click.echo(
        "Lo que cambia de redacción o de opciones y aún se puede comparar se anota en "
        "data/raw/instrument/crosswalk.csv."
    )


@instrument.command("list", cls=SpanishCommand)
@click.option(
    "--version",
    metavar="VERSIÓN",
    help="Muestra las preguntas de esta versión; por omisión, las versiones que hay.",
)
@format_option
@root_option
def show(version: str | None, form: str, root: str | None) -> None:
    """Muestra las versiones del cuestionario, o las preguntas de una.

    \b
    Ejemplos:
      cuadernos instrument list
      cuadernos instrument list --version 2017
      cuadernos instrument list --version 2017 --format csv
    """
    from analysis.instrument import load_instrument, versions

    here = project(root)
    if version is None:
        columns = {
            "version": "versión",
            "status": "estado",
            "questions": "preguntas",
            "title": "título",
        }
        found = [load_instrument(here, name) for name in versions(here)]
        rows = [
            {
                "version": one.version,
                "status": one.settings["status"]["es"],
                "questions": len(one.questions),
                "title": one.title["es"],
            }
            for one in found
        ]
    else:
        columns = {
            "code": "código",
            "type": "tipo",
            "choices": "opciones",
            "label": "pregunta",
        }
        rows = [
            {
                "code": item.code,
                "type": item.type,
                "choices": len(item.choices),
                "label": item.label["es"],
            }
            for item in load_instrument(here, version).questions
        ]
    if form == "json":
        print_json(rows)
    elif form == "csv":
        print_csv(list(columns), rows)
    else:
        _print_table(columns, rows)


def _print_table(columns: dict[str, str], rows: list[dict[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for key, title in columns.items():
        number = bool(rows) and isinstance(rows[0][key], int)
        wrap = key in ("label", "title")
        table.add_column(
            title, justify="right" if number else "left", no_wrap=not wrap, overflow="fold"
        )
    for row in rows:
        table.add_row(*(str(row[key]) for key in columns))
    Console().print(table)
