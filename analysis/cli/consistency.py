"""``cuadernos consistency``: which bases can have given some percentages."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table

from analysis import texts
from analysis.cli.common import SpanishCommand, format_option, print_csv, print_json, root_option
from analysis.consistency import (
    Design,
    Exclusive,
    FeasibleBase,
    Independent,
    PercentOfMentions,
    PercentOfRespondents,
    scan,
)
from analysis.rounding import ReportedPercentage, RoundingRule

LANG = texts.DEFAULT_LANGUAGE
_ROWS = 40  # of a table on the screen


@click.command(cls=SpanishCommand, short_help="Bases que pueden haber dado unos porcentajes.")
@click.argument("percentages", metavar="PORCENTAJE...", nargs=-1, required=True)
@click.option("--exclusive", is_flag=True, help="Partes de un mismo total: los recuentos lo suman.")
@click.option(
    "--multiple",
    metavar="K",
    type=click.IntRange(min=1),
    help="Respuesta múltiple: cada quien menciona como mucho K opciones.",
)
@click.option(
    "--respondents",
    metavar="N",
    type=click.IntRange(min=1),
    help="Con --multiple: la base son las menciones de N que respondieron (sin esta opción, "
    "la base son los que respondieron).",
)
@click.option(
    "--repeatable",
    is_flag=True,
    help="Con --respondents: alguien puede mencionar una misma opción más de una vez.",
)
@click.option(
    "--rounding",
    type=click.Choice([rule.value for rule in RoundingRule], case_sensitive=False),
    default=RoundingRule.HALF_UP.value,
    show_default=True,
    help="Regla con que se redondearon.",
)
@click.option(
    "--min-base",
    metavar="N",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Base más pequeña que se prueba.",
)
@click.option(
    "--max-base",
    metavar="N",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Base más grande que se prueba.",
)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=100_000,
    show_default=True,
    help="Combinaciones que se escriben como mucho en JSON o CSV.",
)
@format_option
@root_option
def consistency(
    percentages: tuple[str, ...],
    exclusive: bool,
    multiple: int | None,
    respondents: int | None,
    repeatable: bool,
    rounding: str,
    min_base: int,
    max_base: int,
    limit: int,
    form: str,
    root: str | None,
) -> None:
    """Bases y recuentos que pueden haber dado unos porcentajes redondeados.

    Prueba todas las bases y todos los recuentos enteros, con aritmética exacta. Los decimales que
    se escriben cuentan: 20 y 20,0 no son lo mismo. No necesita un proyecto.

    \b
    Ejemplos:
      cuadernos consistency 20 48 33 --exclusive
      cuadernos consistency 20 48 33 --exclusive --rounding half-even --max-base 120
      cuadernos consistency 48 --max-base 10
      cuadernos consistency 80 60 40 --multiple 2
      cuadernos consistency 20 48 33 --multiple 5 --respondents 10 --repeatable
    """
    if min_base > max_base:
        raise click.UsageError("--min-base no puede ser mayor que --max-base.")
    reported = [ReportedPercentage.parse(text) for text in percentages]
    design = _design(exclusive, multiple, respondents, repeatable)
    rule = RoundingRule(rounding)
    found = list(scan(reported, max_base, min_base=min_base, rule=rule, design=design))
    if form == "table":
        _print_table(found, reported, rule, design, (min_base, max_base))
        return
    total = sum(feasible.solutions for feasible in found)
    if total > limit:
        raise click.ClickException(
            f"hay {texts.number(total, LANG)} combinaciones y el límite es "
            f"{texts.number(limit, LANG)}. Baje --max-base, suba --limit o use --format table."
        )
    if form == "json":
        print_json([{"base": f.base, "counts": list(v)} for f in found for v in f.vectors()])
    else:
        names = [f"count_{number}" for number in range(1, len(reported) + 1)]
        rows = [
            {"base": f.base, **dict(zip(names, v, strict=True))} for f in found for v in f.vectors()
        ]
        print_csv(["base", *names], rows)


def _design(
    exclusive: bool, multiple: int | None, respondents: int | None, repeatable: bool
) -> Design:
    if exclusive and multiple:
        raise click.UsageError("use --exclusive o --multiple, no las dos.")
    if (respondents or repeatable) and not multiple:
        raise click.UsageError("--respondents y --repeatable necesitan --multiple K.")
    if repeatable and not respondents:
        raise click.UsageError("--repeatable necesita --respondents N.")
    if exclusive:
        return Exclusive()
    if multiple and respondents:
        return PercentOfMentions(
            respondents=respondents, max_mentions=multiple, repeatable=repeatable
        )
    if multiple:
        return PercentOfRespondents(max_mentions=multiple)
    return Independent()


def _print_table(
    found: Sequence[FeasibleBase],
    reported: Sequence[ReportedPercentage],
    rule: RoundingRule,
    design: Design,
    limits: tuple[int, int],
) -> None:
    shares = [texts.percent(percentage.decimal, LANG) for percentage in reported]
    console = Console()
    console.print(
        f"{texts.listing(shares, LANG)} · {texts.label(f'design.{type(design).__name__}', LANG)} · "
        f"redondeo: {texts.label(f'rounding.{rule}', LANG)}",
        highlight=False,
    )
    if not found:
        console.print(f"Imposible con cualquier base de {limits[0]} a {limits[1]}.")
        return
    vector = " + ".join(map(str, next(found[0].vectors())))
    console.print(
        f"Base más pequeña: [bold]{found[0].base}[/] ({vector}). "
        f"Bases posibles de {limits[0]} a {limits[1]}: {len(found)}.",
        highlight=False,
    )
    table = Table("Base", *shares, "Combinaciones", box=None, pad_edge=False)
    for column in table.columns:
        column.justify = "right"
    for feasible in found[:_ROWS]:
        ranges = [str(a) if a == b else f"{a} a {b}" for a, b in feasible.ranges]
        table.add_row(str(feasible.base), *ranges, texts.number(feasible.solutions, LANG))
    console.print(table, highlight=False)
    if len(found) > _ROWS:
        rest = texts.number(len(found) - _ROWS, LANG)
        console.print(f"… y {rest} bases más; con --format csv salen todas.", highlight=False)
