"""``cuadernos wave``: check answers, bring them in, and take a respondent out."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from analysis import texts
from analysis.cli.common import (
    Folder,
    SpanishCommand,
    SpanishGroup,
    project,
    root_option,
)
from analysis.cli.wave_screen import Screen, say_file, say_report, stopped
from analysis.cli.wave_shares import shares
from analysis.cli.wave_views import diff, list_waves, show
from analysis.drafts import stop_cleanly

if TYPE_CHECKING:
    from analysis.paths import Project
    from analysis.waves import Source

LANG = texts.DEFAULT_LANGUAGE
F = TypeVar("F", bound=Callable[..., Any])


class File(click.Path):
    """A file; click would name it in English."""

    def __init__(self, *, exists: bool = True) -> None:
        super().__init__(exists=exists, dir_okay=False)
        self.name = "archivo"


def _reading(function: F) -> F:
    """Add the options that say how a file is read and mapped."""
    for option in reversed(
        (
            click.option(
                "--instrument",
                metavar="VERSIÓN",
                default="2017",
                show_default=True,
                help="Versión del cuestionario que responde el archivo.",
            ),
            click.option(
                "--mapping",
                metavar="CSV",
                type=File(),
                help="Tabla de correspondencias revisada; por omisión se propone una.",
            ),
            click.option(
                "--corrections",
                metavar="CSV",
                type=File(),
                help="Informe de problemas con new_value lleno: esas celdas se corrigen.",
            ),
            click.option("--encoding", metavar="NOMBRE", help="Codificación, p. ej. cp1252."),
            click.option("--delimiter", metavar="SIGNO", help="Separador: «,», «;» o tab."),
            click.option(
                "--decimal", type=click.Choice([",", "."]), help="Signo decimal de los números."
            ),
            click.option(
                "--dates",
                type=click.Choice(["dma", "mda", "amd"]),
                help="Orden de las fechas: día-mes-año, mes-día-año o año-mes-día.",
            ),
            click.option("--sheet", metavar="HOJA", help="Hoja del libro, por nombre o número."),
            click.option(
                "--structure",
                metavar="ARCHIVO",
                type=File(),
                help="El .lss de LimeSurvey, o el .sas7bcat de SAS.",
            ),
            click.option(
                "--short-rows", is_flag=True, help="Admite filas con menos celdas que columnas."
            ),
        )
    ):
        function = option(function)
    return function


@click.group(cls=SpanishGroup)
def wave() -> None:
    """Trae, comprueba, compara y corrige olas de respuestas.

    \b
    Ejemplos:
      cuadernos wave check respuestas.xlsx
      cuadernos wave new red-2026 --from respuestas.xlsx
      cuadernos wave diff demo demo-b
    """
    stop_cleanly()


@wave.command(cls=SpanishCommand, short_help="Comprueba un archivo de respuestas sin guardarlo.")
@click.argument("file", metavar="ARCHIVO", type=File())
@_reading
@click.option(
    "--mapping-out",
    metavar="CSV",
    type=File(exists=False),
    help="Escribe la tabla de correspondencias propuesta, para revisarla.",
)
@click.option(
    "--report",
    metavar="CARPETA",
    type=Folder(),
    help="Escribe el informe: problemas.html para leer y problemas.csv para corregir.",
)
@root_option
def check(
    file: str, mapping_out: str | None, report: str | None, root: str | None, **options: Any
) -> None:
    """Lee un archivo, propone qué es cada columna y dice todos los problemas a la vez.

    No escribe nada, salvo lo que se pida con --mapping-out o --report. Formatos: CSV, TSV, XLSX,
    ODS, SPSS, Stata, SAS y lo que exportan KoboToolbox, ODK, LimeSurvey y Qualtrics.

    \b
    Ejemplos:
      cuadernos wave check respuestas.xlsx
      cuadernos wave check respuestas.csv --mapping-out mapa.csv --report informe
      cuadernos wave check respuestas.csv --mapping mapa.csv --decimal ,
    """
    from analysis.waves import examine

    here = project(root)
    source = _source(here, file, options)
    with Screen() as screen:
        found = examine(source, tell=screen)
    say_file(found)
    if mapping_out:
        from analysis.files import write_whole
        from analysis.mapping import write_mapping

        write_whole(Path(mapping_out), write_mapping(found.mapping))
        click.echo(f"Correspondencias: {mapping_out}")
    say_report(found.report, report)
    if found.report.ok:
        click.echo(f"Puede importarse: cuadernos wave new ID --from {shlex.quote(file)}{_given()}")
    else:
        raise click.ClickException(stopped(found.report))


def _given() -> str:
    """Repeat the options of this call that say how the file is read and mapped."""
    context = click.get_current_context()
    shared = {option.name for option in new.params}
    parts = []
    for option in context.command.params:
        value = context.params.get(option.name)
        said = context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
        if said and option.name in shared - {"report"} and isinstance(option, click.Option):
            parts += [option.opts[0]] if option.is_flag else [option.opts[0], str(value)]
    return "".join(f" {shlex.quote(part)}" for part in parts)


@wave.command(cls=SpanishCommand, short_help="Importa un archivo como ola, sellada.")
@click.argument("wave_id", metavar="ID")
@click.option("--from", "file", metavar="ARCHIVO", type=File(), required=True, help="El archivo.")
@_reading
@click.option("--label", metavar="NOMBRE", help="Nombre de la ola; por omisión, su ID.")
@click.option("--label-en", metavar="NOMBRE", help="Su nombre en inglés.")
@click.option("--frame", metavar="TEXTO", default="", help="A quiénes se les preguntó.")
@click.option("--frame-en", metavar="TEXTO", default="", help="Lo mismo en inglés.")
@click.option(
    "--frame-size", metavar="N", type=click.IntRange(min=1), help="Cuántas entidades eran."
)
@click.option("--frame-item", metavar="PREGUNTA", default="", help="Pregunta que divide el marco.")
@click.option(
    "--stratum",
    "strata",
    metavar="VALOR N",
    nargs=2,
    multiple=True,
    help="Entidades del marco con cada valor de --frame-item; se repite.",
)
@click.option(
    "--dates-of", metavar="INICIO FIN", nargs=2, help="Días de la recolección (AAAA-MM-DD)."
)
@click.option("--mode", metavar="TEXTO", default="", help="Cómo se preguntó, p. ej. KoboToolbox.")
@click.option("--mode-en", metavar="TEXTO", default="", help="Lo mismo en inglés.")
@click.option("--consent", metavar="TEXTO", default="", help="Términos del consentimiento.")
@click.option("--consent-en", metavar="TEXTO", default="", help="Lo mismo en inglés.")
@click.option("--contact", metavar="TEXTO", default="", help="Quién responde por la ola.")
@click.option(
    "--evidence",
    type=click.Choice(["observed", "demo"]),
    default="observed",
    show_default=True,
    help="observed: respuestas reales; demo: respondentes ficticios.",
)
@click.option("--report", metavar="CARPETA", type=Folder(), help="Escribe el informe de problemas.")
@root_option
def new(
    wave_id: str,
    file: str,
    label: str | None,
    label_en: str | None,
    frame: str,
    frame_en: str,
    frame_size: int | None,
    frame_item: str,
    strata: tuple[tuple[str, str], ...],
    dates_of: tuple[str, str] | None,
    mode: str,
    mode_en: str,
    consent: str,
    consent_en: str,
    contact: str,
    evidence: str,
    report: str | None,
    root: str | None,
    **options: Any,
) -> None:
    """Copia el archivo a data/raw/waves/ID, lo sella y escribe sus tablas.

    Con errores no se importa nada y no queda nada; los avisos no detienen.

    \b
    Ejemplos:
      cuadernos wave new red-2026 --from respuestas.xlsx --label "Red, 2026" --frame-size 40
      cuadernos wave new red-2026 --from respuestas.csv --mapping mapa.csv \\
          --corrections informe/problemas.csv
    """
    from analysis.provenance import EvidenceClass
    from analysis.responses import WaveMeta
    from analysis.waves import check_id, new_wave

    here = project(root)
    check_id(here, wave_id)
    source = _source(here, file, options)
    if frame_item:
        source.instrument.item(frame_item)
    meta = WaveMeta(
        id=wave_id,
        label={"es": label or wave_id, "en": label_en or label or wave_id},
        instrument=source.instrument.version,
        evidence=EvidenceClass(evidence),
        starts=_day(dates_of[0]) if dates_of else None,
        ends=_day(dates_of[1]) if dates_of else None,
        frame={"es": frame, "en": frame_en or frame} if frame else {},
        frame_size=frame_size,
        frame_item=frame_item,
        strata={value: _number(n) for value, n in strata},
        mode={"es": mode, "en": mode_en or mode} if mode else {},
        consent={"es": consent, "en": consent_en or consent} if consent else {},
        contact=contact,
    )
    with Screen() as screen:
        found = new_wave(here, meta, source, screen)
    say_file(found)
    say_report(found.report, report)
    if not found.report.ok:
        raise click.ClickException(stopped(found.report) + " No se importó nada.")
    people = texts.label("base_unit.respondent", LANG, count=found.report.respondents)
    click.echo(f"Ola {wave_id}: {people}. Sellada en data/raw/waves/{wave_id}.")
    page = wave_id.replace("_", "-")
    click.echo(f"Véala con: cuadernos build 02_cuestionario -p wave {wave_id} --as {page}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"«{text}» no es una fecha; escríbala como 2026-03-15.") from None


def _number(text: str) -> int:
    if not text.isdecimal():
        raise click.UsageError(f"«{text}» no es un número entero de entidades.")
    return int(text)


def _source(here: Project, file: str, options: dict[str, Any]) -> Source:
    from analysis.instrument import load_instrument
    from analysis.mapping import read_mapping
    from analysis.readers import ReadOptions
    from analysis.waves import Source, read_corrections

    instrument = load_instrument(here, options["instrument"])
    mapping, corrections = options["mapping"], options["corrections"]
    structure = options["structure"]
    return Source(
        path=Path(file),
        instrument=instrument,
        options=ReadOptions(
            encoding=options["encoding"],
            delimiter=options["delimiter"],
            decimal=options["decimal"],
            dates=options["dates"],
            sheet=options["sheet"],
            short_rows=options["short_rows"],
            structure=Path(structure) if structure else None,
        ),
        mapping=read_mapping(Path(mapping), instrument) if mapping else None,
        corrections=read_corrections(Path(corrections)) if corrections else (),
    )


@wave.command(cls=SpanishCommand, short_help="Borra a un respondente que retira su consentimiento.")
@click.argument("wave_id", metavar="ID")
@click.argument("respondent", metavar="RESPONDENTE")
@click.option("--yes", is_flag=True, help="No pregunta antes de borrar.")
@root_option
def remove_respondent(wave_id: str, respondent: str, yes: bool, root: str | None) -> None:
    """Borra a un respondente de una ola sellada, también del archivo recibido.

    El archivo se reescribe como responses.csv, porque otros formatos conservan lo borrado. El
    registro dice que alguien se retiró, no quién. Las copias anteriores (git, respaldos, páginas
    publicadas) no se tocan: bórrelas también y rehaga los cuadernos.

    \b
    Ejemplo:
      cuadernos wave remove-respondent red-2026 C07
    """
    from analysis.waves import remove_respondent as remove

    here = project(root)
    if not yes:
        click.confirm(
            f"¿Borrar a «{respondent}» de la ola {wave_id}? No se puede deshacer", abort=True
        )
    name = remove(here, wave_id, respondent, datetime.now(UTC).date())
    click.echo(
        f"Borrado de la ola {wave_id}; sus respuestas están ahora en {name}, selladas otra vez."
    )
    click.echo(
        "Borre también las copias anteriores (historial de git, respaldos, páginas publicadas)."
    )


for command in (diff, list_waves, shares, show):
    wave.add_command(command)
