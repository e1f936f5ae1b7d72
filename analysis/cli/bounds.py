"""``cuadernos bounds``: how many cities can have taken each action."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table

from analysis import texts
from analysis.cli.common import (
    SpanishCommand,
    format_option,
    print_csv,
    print_json,
    project,
    root_option,
)
from analysis.identification import (
    Assumption,
    Contradiction,
    Identification,
    Reason,
    Sensitivity,
    identify,
    sensitivity,
)
from analysis.identification.bounds import reason_text, reasons_text
from analysis.published import Study, load_study

LANG = texts.DEFAULT_LANGUAGE


@click.command(cls=SpanishCommand, short_help="Cuántas ciudades pueden hacer cada acción en 2017.")
@click.option(
    "--assume",
    type=click.Choice([assumption.value for assumption in Assumption], case_sensitive=False),
    default=Assumption.STRATA.value,
    show_default=True,
    help="Lo que se supone; cada nivel incluye los anteriores.",
)
@click.option(
    "--stage",
    "stages",
    type=click.Choice(["diseno", "implementacion", "evaluacion"], case_sensitive=False),
    multiple=True,
    help="Solo esta etapa; se puede repetir.",
)
@click.option(
    "--reading",
    "chosen",
    metavar="LECTURA",
    multiple=True,
    help="Otra lectura de las afirmaciones, de la tabla readings; se puede repetir.",
)
@click.option(
    "--sensitivity",
    "compare",
    is_flag=True,
    help="Qué cotas se mueven con cada otra lectura, una por una.",
)
@format_option
@root_option
def bounds(
    assume: str,
    stages: tuple[str, ...],
    chosen: tuple[str, ...],
    compare: bool,
    form: str,
    root: str | None,
) -> None:
    """Cuántas de las ciudades que respondieron pueden hacer cada acción de las tres gráficas.

    Los recuentos de 2017 no se publicaron. Se calculan el menor y el mayor que dejan posibles las
    afirmaciones del texto («la mayoría», «algunas») y lo que se suponga de la estructura, de forma
    exacta, y cuántas combinaciones de recuentos quedan.

    \b
    claims     las afirmaciones con cuantificador
    ascending  además, el número de cada acción en su gráfica va de menos a más ciudades
    strata     además, los estratos de la Tabla 1 separan recuentos distintos en cada etapa

    \b
    Ejemplos:
      cuadernos bounds --assume claims
      cuadernos bounds --assume ascending --stage evaluacion
      cuadernos bounds --assume strata --format json
      cuadernos bounds --reading mayoria_dos_tercios
      cuadernos bounds --sensitivity
    """
    study = load_study(project(root))
    if compare:
        if chosen:
            raise click.UsageError("--sensitivity ya prueba cada lectura; no lleva --reading.")
        ordinary = identify(study, assume, stages=stages or None)
        _print_sensitivity(ordinary, sensitivity(study, assume, stages=stages or None), form)
        return
    found = identify(study, assume, chosen=chosen, stages=stages or None)
    if form == "json":
        print_json(
            {
                "actions": [
                    {"id": a.id, "lower": a.lower, "upper": a.upper} for a in found.actions
                ],
                "vectors": {stage.stage: stage.vectors for stage in found.stages},
                "contradictions": [_contradiction(item) for item in found.contradictions],
            }
        )
    elif form == "csv":
        rows = [
            {
                "id": action.id,
                "stage": action.stage,
                "lower": action.lower,
                "upper": action.upper,
                "base": found.base,
                "lower_because": _because(action.lower_because),
                "upper_because": _because(action.upper_because),
            }
            for action in found.actions
        ]
        print_csv(list(rows[0]), rows)
        for item in found.contradictions:
            click.echo(f"Contradicción en {item.stage}: {_because(item.reasons)}.", err=True)
    else:
        _print_table(found, study)


def _because(reasons: Sequence[Reason]) -> str:
    return reasons_text(reasons, LANG)


def _contradiction(item: Contradiction) -> dict[str, object]:
    return {
        "stage": item.stage,
        "reasons": [
            {"kind": reason.kind, "rows": list(reason.rows), "text": reason_text(reason, LANG)}
            for reason in item.reasons
        ],
    }


def _print_table(found: Identification, study: Study) -> None:
    console = Console()
    console.print(
        f"Se suponen {texts.label(f'bounds.assumption.{found.assumption}', LANG)}. "
        f"Clase: {texts.label('evidence.bounded.name', LANG)}; de {found.base} entidades que "
        "respondieron.",
        highlight=False,
    )
    labels = study.actions.set_index("id")["label_es"]
    for stage in found.stages:
        name = study.code_label("stage", stage.stage, LANG)
        console.print(
            f"\n[bold]{name.capitalize()}[/]: {texts.number(stage.vectors, LANG)} combinaciones "
            "posibles",
            highlight=False,
        )
        table = Table("Acción", "Mín.", "Máx.", "Qué es y de dónde salen", box=None, pad_edge=False)
        for column in table.columns[1:3]:
            column.justify = "right"
        for action in stage.actions:
            why = [
                f"{end}: {_because(reasons)}"
                for end, reasons in (
                    ("mín.", action.lower_because),
                    ("máx.", action.upper_because),
                )
                if reasons
            ]
            about = f"{labels[action.id]}\n[dim]{'. '.join(why) or 'nada lo acota'}[/]"
            table.add_row(action.id, _bound(action.lower), _bound(action.upper), about)
        console.print(table, highlight=False)
        for item in stage.contradictions:
            console.print(
                "[bold red]Contradicción:[/] no pueden cumplirse a la vez "
                f"{_because(item.reasons)}. Basta con renunciar a una.",
                highlight=False,
            )


def _bound(value: int | None) -> str:
    return "–" if value is None else str(value)


def _print_sensitivity(ordinary: Identification, found: Sequence[Sensitivity], form: str) -> None:
    rows = [
        {
            "reading": item.reading.id,
            "action": move.action,
            "lower": move.before[0],
            "upper": move.before[1],
            "lower_after": move.after[0],
            "upper_after": move.after[1],
        }
        for item in found
        for move in item.moves
    ]
    if form == "csv":
        print_csv(["reading", "action", "lower", "upper", "lower_after", "upper_after"], rows)
    elif form == "json":
        print_json(
            [
                {
                    "reading": item.reading.id,
                    "label": item.reading.label[LANG],
                    "moves": [
                        {key: value for key, value in row.items() if key != "reading"}
                        for row in rows
                        if row["reading"] == item.reading.id
                    ],
                    "vectors": item.vectors,
                    "contradictions": [_contradiction(c) for c in item.contradictions],
                }
                for item in found
            ]
        )
    else:
        console = Console()
        table = Table("Lectura", "Cotas que se mueven", box=None, pad_edge=False)
        for item in found:
            table.add_row(f"{item.reading.id}\n[dim]{item.reading.label[LANG]}[/]", _moves(item))
        console.print(
            f"Se suponen {texts.label(f'bounds.assumption.{ordinary.assumption}', LANG)}; "
            f"{len(ordinary.actions)} acciones.",
            highlight=False,
        )
        console.print(table, highlight=False)


def _moves(item: Sensitivity) -> str:
    if item.contradictions:
        return "; ".join(f"contradicción: {_because(c.reasons)}" for c in item.contradictions)
    if not item.moves:
        return "ninguna"
    return "; ".join(
        f"{m.action} {m.before[0]} a {m.before[1]} → {m.after[0]} a {m.after[1]}"
        for m in item.moves
    )
