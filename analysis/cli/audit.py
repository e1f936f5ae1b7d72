"""``cuadernos audit``: the verdict of every published figure."""

from __future__ import annotations

from collections import Counter

import click
from rich.console import Console
from rich.table import Table

from analysis import texts
from analysis.audit import Audited, Verdict
from analysis.audit import audit as run_audit
from analysis.audit.values import value_text
from analysis.cli.common import (
    SpanishCommand,
    format_option,
    print_csv,
    print_json,
    project,
    root_option,
)
from analysis.published import load_study

LANG = texts.DEFAULT_LANGUAGE
_STYLES = {
    Verdict.MATCHES: "green",
    Verdict.POSSIBLE: "yellow",
    Verdict.IMPOSSIBLE: "bold red",
    Verdict.UNVERIFIABLE: "dim",
}


@click.command(cls=SpanishCommand, short_help="Veredicto de cada cifra publicada.")
@click.option(
    "--verdict",
    type=click.Choice([verdict.value for verdict in Verdict], case_sensitive=False),
    help="Solo las cifras con este veredicto.",
)
@format_option
@root_option
def audit(verdict: str | None, form: str, root: str | None) -> None:
    """Veredicto de cada cifra publicada, con su razón, calculado con las tablas.

    \b
    coincide        se recalcula con las tablas o con otras cifras del texto
    posible         es aritméticamente posible
    imposible       no cabe en su base o contradice otra cifra del texto
    no verificable  el texto no da con qué comprobarla

    \b
    Ejemplos:
      cuadernos audit
      cuadernos audit --verdict imposible
      cuadernos audit --format json > auditoria.json
    """
    audited = run_audit(load_study(project(root)))
    chosen = [item for item in audited if verdict in (None, item.verdict.value)]
    if form == "json":
        print_json([_row(item) for item in chosen])
    elif form == "csv":
        rows = [{**_row(item), "bases": " ".join(map(str, item.bases))} for item in chosen]
        print_csv(list(rows[0]) if rows else ["id"], rows)
    else:
        _print_table(chosen, audited)


def _row(item: Audited) -> dict[str, object]:
    return {
        "id": item.claim.id,
        "value": item.claim.value,
        "verdict": item.verdict.value,
        "reason": item.reason(LANG),
        "bases": list(item.bases),
        "shown": value_text(item.claim, LANG),
        "qualifier": item.claim.qualifier,
        "measure": item.claim.measure[LANG],
        "unit": item.claim.unit[LANG],
        "section": item.claim.origin.section,
        "evidence": item.claim.evidence.value,
    }


def _print_table(chosen: list[Audited], audited: list[Audited]) -> None:
    console = Console()
    table = Table("Cifra", "Valor", "Veredicto", "Qué mide y por qué", box=None, pad_edge=False)
    for item in chosen:
        look = _STYLES[item.verdict]
        table.add_row(
            item.claim.id,
            value_text(item.claim, LANG),
            f"[{look}]{item.verdict.value}[/]",
            f"{item.claim.measure[LANG]}.\n[dim]{item.reason(LANG)}[/]",
        )
    console.print(table, highlight=False)
    counts = Counter(item.verdict for item in audited)
    summary = "; ".join(f"{verdict.value}: {counts[verdict]}" for verdict in Verdict)
    console.print(f"{len(audited)} cifras. {summary}.", highlight=False)
