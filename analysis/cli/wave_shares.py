"""``cuadernos wave shares``: what each group of a wave answered."""

from __future__ import annotations

from typing import Any

import click

from analysis import texts
from analysis.cli.common import (
    SpanishCommand,
    format_option,
    print_csv,
    print_json,
    project,
    root_option,
)

LANG = texts.DEFAULT_LANGUAGE
LEVEL = 0.95
COLUMNS = (
    *("group", "group_label", "item", "choice", "choice_label", "count", "base", "unit", "share"),
    *("lower", "upper", "level", "rounding", "method", "evidence", "origin"),
)


@click.command(cls=SpanishCommand, short_help="Porcentajes de una ola por grupo, con su base.")
@click.argument("wave_id", metavar="ID")
@click.option(
    "--by",
    metavar="PREGUNTA",
    default="pais",
    show_default=True,
    help="Pregunta de respuesta única que forma los grupos.",
)
@click.option(
    "--item",
    "items",
    metavar="PREGUNTA",
    multiple=True,
    help="Solo esta pregunta; se repite. Por omisión, todas las de opciones.",
)
@format_option
@root_option
def shares(wave_id: str, by: str, items: tuple[str, ...], form: str, root: str | None) -> None:
    """Dice cuántas entidades de cada grupo marcaron cada opción.

    Cada porcentaje lleva recuento, base (las entidades del grupo que respondieron la pregunta),
    intervalo de Wilson al 95 % y clase de evidencia. Cuenta sin cargar la ola, también en olas de
    cientos de miles.

    \b
    Ejemplos:
      cuadernos wave shares demo --by tipo_entidad --item acc_evaluacion
      cuadernos wave shares red-2026 --by pais --format csv
    """
    from analysis.waves import load_wave

    wave = load_wave(project(root), wave_id)
    rows = _rows(wave, by, items)
    if form == "json":
        print_json(rows)
    elif form == "csv":
        print_csv(COLUMNS, rows)
    else:
        _print(rows, wave, by)


def _rows(wave: Any, by: str, items: tuple[str, ...]) -> list[dict[str, Any]]:
    """Make a row for each group, question and choice, written as the pages write it."""
    from analysis.descriptives import group_shares
    from analysis.provenance import Base, Interval, Share, origin_text
    from analysis.rounding import RoundingRule

    instrument = wave.instrument
    if instrument.item(by).type != "select_one":
        raise click.UsageError(f"«{by}» no es de respuesta única; elija otra para --by.")
    for name in items:
        if not instrument.item(name).choices:
            raise click.UsageError(f"«{name}» no tiene opciones que contar.")
    many = [item.code for item in instrument.questions if item.type == "select_multiple"]
    found = []
    for one in group_shares(wave.folder / "answers.parquet", by, multiple=many, level=LEVEL):
        item = instrument.item(one.item)
        choice = item.choice(one.choice)
        if choice.missing or (items and one.item not in items):
            continue
        share = Share(
            evidence=wave.evidence,
            origins=(wave.origins(one.item, by, lang=LANG),),
            base=Base("respondent", one.base),
            rounding=RoundingRule.HALF_UP,
            method="count_over_base",
            interval=Interval(one.lower, one.upper, LEVEL, "wilson"),
            count=one.count,
        )
        found.append(
            {
                "group": one.group,
                "group_label": instrument.item(by).choice(one.group).label[LANG],
                "item": one.item,
                "choice": one.choice,
                "choice_label": choice.label[LANG],
                "count": one.count,
                "base": one.base,
                "unit": share.base.unit,
                "share": share.text(LANG),
                "lower": round(one.lower, 4),
                "upper": round(one.upper, 4),
                "level": LEVEL,
                "rounding": str(share.rounding),
                "method": share.interval.method,
                "evidence": str(share.evidence),
                "origin": origin_text(share.origins, LANG),
            }
        )
    return found


def _print(rows: list[dict[str, Any]], wave: Any, by: str) -> None:
    from itertools import groupby

    from rich.console import Console
    from rich.table import Table

    console = Console()
    name = texts.label(f"evidence.{wave.evidence}.name", LANG)
    console.print(f"{wave.meta.label[LANG]} · {name}", style="bold", markup=False)
    for (group, item), held in groupby(rows, key=lambda row: (row["group_label"], row["item"])):
        table = Table("Opción", "Recuento", "Base", "Porcentaje", "Intervalo 95\u00a0%", box=None)
        for row in held:
            ends = (texts.percent(100 * row[end], LANG, 0) for end in ("lower", "upper"))
            table.add_row(
                row["choice_label"],
                str(row["count"]),
                str(row["base"]),
                row["share"],
                " a ".join(ends),
            )
        console.print(f"\n{by}: {group} · {item}", markup=False)
        console.print(table, highlight=False)
    console.print("\nIntervalos de Wilson. Base: entidades del grupo que respondieron la pregunta.")
