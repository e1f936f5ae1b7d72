"""``cuadernos wave list``, ``show`` and ``diff``: what there is, and what changed."""

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


@click.command("list", cls=SpanishCommand, short_help="Lista las olas del proyecto.")
@format_option
@root_option
def list_waves(form: str, root: str | None) -> None:
    """Lista las olas: cuestionario, clase de evidencia, entidades y fechas.

    \b
    Ejemplo:
      cuadernos wave list
    """
    from analysis.waves import load_wave, wave_ids

    here = project(root)
    rows = []
    for wave_id in wave_ids(here):
        found = load_wave(here, wave_id)
        rows.append(
            {
                "id": found.id,
                "label": found.meta.label[LANG],
                "instrument": found.meta.instrument,
                "evidence": str(found.evidence),
                "respondents": len(found.respondents),
                "starts": found.meta.starts.isoformat() if found.meta.starts else "",
                "ends": found.meta.ends.isoformat() if found.meta.ends else "",
            }
        )
    heads = ("ID", "Nombre", "Cuestionario", "Clase", "Entidades", "Desde", "Hasta")
    _print(form, rows, heads, "No hay olas. Importe una con: cuadernos wave new ID --from ARCHIVO")


def _print(form: str, rows: list[dict[str, Any]], heads: tuple[str, ...], empty: str) -> None:
    if form == "json":
        print_json(rows)
    elif form == "csv":
        print_csv(list(rows[0]) if rows else [], rows)
    elif not rows:
        click.echo(empty)
    else:
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for head in heads:
            table.add_column(head, overflow="fold")  # a code that is cut says nothing
        for row in rows:
            table.add_row(*(escape(str(value)) for value in row.values()))
        Console().print(table, highlight=False)


@click.command(
    cls=SpanishCommand, short_help="Muestra una ola: qué se sabe y quiénes respondieron."
)
@click.argument("wave_id", metavar="ID")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Tabla para leer, o JSON para otros programas.",
)
@root_option
def show(wave_id: str, form: str, root: str | None) -> None:
    """Muestra lo que se sabe de una ola, sus sellos y sus respondentes.

    \b
    Ejemplo:
      cuadernos wave show demo
    """
    from analysis.waves import load_wave

    found = load_wave(project(root), wave_id)
    meta = found.meta
    unknown = "no declarado"
    people = found.respondents
    about = {
        "id": meta.id,
        "label": meta.label[LANG],
        "evidence": texts.label(f"evidence.{meta.evidence}.name", LANG),
        "instrument": meta.instrument,
        "dates": f"{meta.starts or '?'} a {meta.ends or '?'}" if meta.starts else unknown,
        "frame": meta.frame.get(LANG, unknown),
        "frame_size": meta.frame_size or unknown,
        "mode": meta.mode.get(LANG, unknown),
        "consent": meta.consent.get(LANG, unknown),
        "contact": meta.contact or unknown,
        "corrections": len(found.corrections),
        "log": [f"{entry['date']}: {entry['what']}" for entry in found.log],
        "respondents": [
            {
                "respondent": str(name),
                "asked": int(row["_asked"]),
                "answered": int(row["_answered"]),
            }
            for name, row in people.iterrows()
        ],
    }
    if form == "json":
        print_json(about)
        return
    names = {
        "label": "Nombre",
        "evidence": "Clase de evidencia",
        "instrument": "Cuestionario",
        "dates": "Recolección",
        "frame": "Marco",
        "frame_size": "Entidades del marco",
        "mode": "Cómo se preguntó",
        "consent": "Consentimiento",
        "contact": "Contacto",
        "corrections": "Celdas corregidas",
    }
    for key, name in names.items():
        click.echo(f"{name}: {about[key]}")
    for entry in about["log"]:
        click.echo(f"Registro: {entry}")
    click.echo(f"Respondentes ({len(people)}), con lo respondido de lo preguntado:")
    for row in about["respondents"]:
        click.echo(f"  {row['respondent']}  {row['answered']} de {row['asked']}")


@click.command(cls=SpanishCommand, short_help="Compara los cuestionarios de dos olas.")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@format_option
@root_option
def diff(a: str, b: str, form: str, root: str | None) -> None:
    """Dice qué preguntas cambian entre dos olas y si se pueden comparar.

    El veredicto sale de data/raw/instrument/crosswalk.csv, que una investigadora revisa; un cambio
    que nadie revisó no es comparable.

    \b
    Ejemplos:
      cuadernos wave diff demo demo-b
      cuadernos wave diff demo demo-b --format csv
    """
    from analysis.waves import compare_waves, load_wave

    here = project(root)
    found = compare_waves(here, load_wave(here, a), load_wave(here, b))
    changed = found.table[found.table["change"] != "unchanged"]
    rows = [
        {
            "item_a": _cell(row["item_a"], row["choice_a"]),
            "item_b": _cell(row["item_b"], row["choice_b"]),
            "change": "+".join(
                texts.label(f"change.{part}", LANG) for part in str(row["change"]).split("+")
            ),
            "verdict": texts.label(f"comparability.{row['verdict']}", LANG),
            "reason": row["reason_es"],
        }
        for row in changed.to_dict("records")
    ]
    _print(form, rows, (a, b, "Cambio", "Veredicto", "Por qué"), "Ninguna pregunta cambia.")
    if form == "table":
        same = int((found.items["change"] == "unchanged").sum())
        click.echo(f"{same} preguntas sin cambios. {len(found.paired)} entidades en las dos olas.")


def _cell(item: object, choice: object) -> str:
    return "/".join(part for part in (item, choice) if isinstance(part, str)) or "–"
