"""``cuadernos coding agreement``, ``dictionary`` and ``matrix``: what codings say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from analysis.coding.agreement import Agreement
    from analysis.coding.reliability import Coefficient
    from analysis.coding.unitizing import UnitizingAlpha

LANG = texts.DEFAULT_LANGUAGE
corpus_option = click.option(
    "--corpus", "corpus_id", metavar="ID", required=True, help="Corpus de data/raw/corpus."
)


@click.command(cls=SpanishCommand, short_help="Acuerdo entre codificadores, por código y total.")
@corpus_option
@click.option(
    "--coders",
    metavar="UNO,OTRO",
    help="A quiénes se compara; por omisión, a todos menos el consenso.",
)
@click.option(
    "--unit",
    type=click.Choice(["paragraph", "sentence", "document"]),
    default="paragraph",
    show_default=True,
    help="Unidad que lleva o no un código: párrafo, oración o documento.",
)
@click.option(
    "--resamples",
    metavar="N",
    type=click.IntRange(0, 100_000),
    default=1000,
    show_default=True,
    help="Remuestreos del intervalo; 0 para ninguno.",
)
@click.option(
    "--disputed",
    metavar="N",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Muestra también los N pasajes más discutidos.",
)
@format_option
@root_option
def agreement(
    corpus_id: str,
    coders: str | None,
    unit: str,
    resamples: int,
    disputed: int,
    form: str,
    root: str | None,
) -> None:
    """Dice qué tan de acuerdo están los codificadores: alfa de Krippendorff y otros, por código.

    Una unidad lleva un código cuando un fragmento con ese código la toca. Un documento sin
    codificaciones de alguien cuenta como no leído por esa persona, salvo que lo haya marcado
    «leído, sin códigos» al codificar; un diccionario los lee todos. La lectura es la de
    Krippendorff (2004): desde 0,800 confiable, desde 0,667 tentativa, por debajo insuficiente.

    \b
    Ejemplos:
      cuadernos coding agreement --corpus cuaderno8
      cuadernos coding agreement --corpus entrevistas --coders ana,luis --disputed 10
      cuadernos coding agreement --corpus entrevistas --unit sentence --format json
    """
    from analysis.coding.adjudication import CONSENSUS
    from analysis.coding.agreement import agreement as compare
    from analysis.coding.corpus import load_corpus
    from analysis.coding.passages import most_disputed, passages

    corpus = load_corpus(project(root), corpus_id)
    chosen = [name.strip() for name in (coders or "").split(",") if name.strip()]
    if not chosen:
        used = set(corpus.codings["coder"].dropna())
        chosen = [c for c in corpus.coders if c in used and c != CONSENSUS]
    codes = [code.code for code in corpus.codebook if code.codable]
    found = compare(
        corpus.documents,
        corpus.codings,
        chosen,
        codes,
        marked=corpus.read,
        unit=unit,
        resamples=resamples,
    )
    rows = [_row(code.code, found, code) for code in found.codes]
    worst = most_disputed(passages(corpus.documents, corpus.codings, chosen, corpus.read), disputed)
    shown = [
        {
            "document": p.document,
            "start": p.start,
            "end": p.end,
            "paragraph": corpus.documents[p.document].place(p.start).paragraph,
            "text": p.text if corpus.documents[p.document].quotable else "",
            "codes": {coder: list(given) for coder, given in p.codes.items()},
        }
        for p in worst
    ]
    kinds = {name: corpus.coders[name].kind for name in chosen if name in corpus.coders}
    if form == "json":
        print_json(
            {
                "corpus": corpus.id,
                "codebook_version": corpus.codebook.version,
                "coders": kinds,
                "unit": found.unit,
                "documents": list(found.documents),
                "units": found.units,
                "characters": found.characters,
                "overall": {
                    **_coefficient(found.overall),
                    "percent_agreement": found.percent,
                    "others": [_coefficient(one) for one in (found.kappa, found.ac1)],
                    "weights": [_coefficient(one) for one in found.weights],
                    "unitizing_2004": _unitizing(found.unitizing),
                    "relevance_2016": _unitizing(found.relevance),
                },
                "codes": rows,
                "disputed": shown,
            }
        )
    elif form == "csv":
        print_csv(list(rows[0]) if rows else ["code"], rows)
    else:
        _print(corpus.codebook, found, kinds, rows, shown)


def _coefficient(found: Coefficient) -> dict[str, object]:
    return {
        "method": found.name,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "confidence": found.confidence if found.low is not None else None,
        "interval": found.interval,
        "units": found.units,
        "coders": found.coders,
        "missing": found.missing,
        "undefined": found.undefined,
        "reading": found.reading,
        "below_0.667": found.below_tentative,
        "below_0.800": found.below_reliable,
    }


def _unitizing(found: UnitizingAlpha) -> dict[str, float | None]:
    return {"value": found.value, "observed": found.observed, "expected": found.expected}


def _row(code: str, found: Agreement, one) -> dict[str, object]:
    return {
        "code": code,
        **{f"units_{coder}": one.units[coder] for coder in found.coders},
        **{f"segments_{coder}": one.segments[coder] for coder in found.coders},
        "units": one.alpha.units,
        "alpha_nominal": one.alpha.value,
        "low": one.alpha.low,
        "high": one.alpha.high,
        "interval": one.alpha.interval,
        "reading": one.alpha.reading,
        "missing": one.alpha.missing,
        "percent_agreement": one.percent.value,
        one.kappa.name: one.kappa.value,
        "gwet_ac1": one.ac1.value,
        "alpha_unitizing_2004": one.unitizing.value,
        "alpha_relevance_2016": one.relevance.value,
    }


def _print(codebook, found: Agreement, kinds, rows, shown) -> None:
    from rich.console import Console
    from rich.table import Table

    def decimal(value: object) -> str:
        return "–" if value is None else texts.number(round(float(value), 2), LANG, 2)  # type: ignore[arg-type]

    console = Console()
    who = [f"{c} (diccionario)" if kinds.get(c) == "dictionary" else c for c in found.coders]
    units = texts.label(f"base_unit.{found.unit}", LANG, count=found.units)
    console.print(
        f"{texts.listing(who, LANG)} · {units} de {len(found.documents)} documentos",
        highlight=False,
    )
    if "dictionary" in kinds.values():
        console.print(
            "Un diccionario no es una persona: este acuerdo no mide la fiabilidad entre personas."
        )
    overall = found.overall
    console.print(
        f"Alfa de Krippendorff, todos los códigos: [bold]{decimal(overall.value)}[/] "
        f"({decimal(overall.low)} a {decimal(overall.high)}, confianza del "
        f"{texts.percent(round(100 * overall.confidence), LANG)}), "
        f"{texts.label(f'coding.reading.{overall.reading}', LANG)}; "
        f"{texts.label(f'coding.missing.{overall.missing}', LANG)}.",
        highlight=False,
    )
    console.print(
        f"Fragmentos: alfa de unidades (2004) {decimal(found.unitizing.value)}; "
        f"alfa de lo marcado (2016) {decimal(found.relevance.value)}.",
        highlight=False,
    )
    for one in (found.kappa, found.ac1, *found.weights):
        console.print(
            f"{texts.label(f'coding.coefficient.{one.name}', LANG)}: {decimal(one.value)}"
            f"{f' ({decimal(one.low)} a {decimal(one.high)})' if one.low is not None else ''}, "
            f"{texts.number(one.units, LANG)} parejas de unidad y código.",
            highlight=False,
        )
    if not found.weights:
        console.print("Nadie dio peso a sus códigos: no hay alfas ordinal, de intervalo o razón.")
    table = Table("Código", *found.coders, box=None, pad_edge=False)
    for name in ("Alfa", "Intervalo", "Lectura", "AC1"):
        table.add_column(name)
    for number, column in enumerate(table.columns):
        column.justify = "left" if number in (0, len(found.coders) + 3) else "right"
        column.no_wrap = number > 0  # only the code gives way
        column.overflow = "fold"
    for row in sorted(rows, key=lambda r: -9 if r["alpha_nominal"] is None else r["alpha_nominal"]):
        span = "–" if row["low"] is None else f"{decimal(row['low'])} a {decimal(row['high'])}"
        table.add_row(
            str(row["code"]),
            *(str(row[f"units_{coder}"]) for coder in found.coders),
            decimal(row["alpha_nominal"]),
            span,
            texts.label(f"coding.reading.{row['reading']}", LANG),
            decimal(row["gwet_ac1"]),
        )
    console.print(table, highlight=False)
    console.print(
        "Bajo cada nombre, en cuántas unidades dio el código; con una o dos, la lectura dice poco. "
        "Con --format csv salen también kappa, coincidencia simple y los alfas de fragmentos.",
        highlight=False,
    )
    for one in shown:
        console.print(
            f"\n[bold]{one['document']}, párrafo {one['paragraph']}[/] "
            f"({one['start']}–{one['end']})",
            highlight=False,
        )
        console.print(one["text"] or "(no se puede citar)", highlight=False, markup=False)
        for coder, given in one["codes"].items():
            names = [codebook[c].name(LANG) if c in codebook else c for c in given]
            said = texts.listing(names, LANG) or "–"
            console.print(f"  {coder}: {said}", highlight=False, markup=False)


@click.command(cls=SpanishCommand, short_help="Codifica con las reglas de una tabla.")
@corpus_option
@click.option(
    "--coder",
    default="diccionario",
    show_default=True,
    metavar="ID",
    help="Con qué nombre; nunca el de una persona.",
)
@click.option("--against", metavar="ID", help="Compara con lo que codificó esta persona.")
@click.option("--dry-run", is_flag=True, help="No guarda; solo dice qué marcaría.")
@format_option
@root_option
def dictionary(
    corpus_id: str, coder: str, against: str | None, dry_run: bool, form: str, root: str | None
) -> None:
    """Codifica un corpus con las reglas de su dictionary.csv, para una primera lectura.

    Guarda en su propio archivo, que rehace cada vez; el de una persona no lo toca. La nota de cada
    fragmento dice qué regla se cumplió y con qué palabras.

    \b
    Ejemplos:
      cuadernos coding dictionary --corpus cuaderno8 --against equipo
      cuadernos coding dictionary --corpus cuaderno8 --dry-run --format csv
    """
    import pandas as pd

    from analysis.coding.codings import frame, new_coding
    from analysis.coding.corpus import load_corpus
    from analysis.coding.dictionary import (
        check_dictionary,
        load_rules,
        suggest,
        write_suggestions,
    )
    from analysis.coding.performance import performance

    corpus = load_corpus(project(root), corpus_id)
    check_dictionary(corpus, coder)
    rules = load_rules(corpus.folder, corpus.codebook)
    found = suggest(corpus.documents.values(), rules)
    if not dry_run:
        write_suggestions(corpus, found, coder)
    rows: list[dict[str, object]] = [
        {
            "document": s.document,
            "start": s.start,
            "end": s.end,
            "code": s.code,
            "rules": "; ".join(s.rules),
            "words": "; ".join(s.words),
        }
        for s in found
    ]
    scores = []
    if against:
        documents, version = corpus.documents, corpus.codebook.version
        made = [
            new_coding(documents[s.document], s.start, s.end, s.code, coder, version) for s in found
        ]
        both = pd.concat([corpus.codings_of(against), frame(made)], ignore_index=True)
        codes = [code.code for code in corpus.codebook if code.codable]
        overall, by_code = performance(
            documents,
            both,
            against,
            codes,
            dictionary=coder,
            marked=corpus.read.get(against, ()),
        )
        scores = [
            {
                "code": p.code,
                "both": p.both,
                "only_dictionary": p.only_dictionary,
                "only_person": p.only_person,
                "precision": p.precision,
                "recall": p.recall,
                "f1": p.f1,
            }
            for p in (overall, *by_code)
        ]
    if form == "json":
        print_json({"corpus": corpus_id, "rules": len(rules), "codings": rows, "against": scores})
    elif form == "csv":
        shown = scores or rows
        print_csv(list(shown[0]) if shown else ["code"], shown)
    else:
        done = "marcaría" if dry_run else "marcó"
        click.echo(
            f"{len(rules)} reglas; {coder} {done} {len(found)} veces, "
            f"{len({(s.document, s.start, s.end) for s in found})} oraciones distintas."
        )
        for score in scores:
            values = [
                "–" if score[k] is None else texts.number(round(score[k], 2), LANG, 2)  # type: ignore[arg-type, call-overload]
                for k in ("precision", "recall", "f1")
            ]
            click.echo(
                f"  {score['code'] or 'todos los códigos':<28} precisión {values[0]:>5}   "
                f"exhaustividad {values[1]:>5}   F1 {values[2]:>5}"
            )


@click.command(cls=SpanishCommand, short_help="Matriz de casos por códigos, uno o cero, en CSV.")
@corpus_option
@click.option("--coder", metavar="ID", required=True, help="De quién son las codificaciones.")
@click.option(
    "--case",
    default="id",
    show_default=True,
    metavar="COLUMNA",
    help="Qué es un caso: id (documento), city o una columna de documents.csv.",
)
@click.option("--below", is_flag=True, help="Un código cuenta también con los que tiene debajo.")
@root_option
def matrix(corpus_id: str, coder: str, case: str, below: bool, root: str | None) -> None:
    """Escribe la matriz de casos por códigos (1 si el caso lleva el código) para otros programas.

    \b
    Ejemplos:
      cuadernos coding matrix --corpus cuaderno8 --coder equipo > casos.csv
      cuadernos coding matrix --corpus cuaderno8 --coder equipo --case city --below
    """
    from analysis.coding.corpus import load_corpus
    from analysis.coding.frequencies import case_matrix

    corpus = load_corpus(project(root), corpus_id)
    codings = corpus.codings_of(coder)
    if codings.empty:
        known = ", ".join(corpus.coders) or "nadie"
        raise click.ClickException(f"«{coder}» no ha codificado nada; han codificado: {known}.")
    codes = [c.code for c in corpus.codebook if below or c.codable]
    found = case_matrix(
        codings, corpus.documents, codes, case=case, codebook=corpus.codebook if below else None
    )
    if found.empty:
        raise click.ClickException(
            f"ningún documento tiene un valor en «{case}»; pruebe con id, city o una columna de "
            "documents.csv."
        )
    rows = found.reset_index().to_dict("records")
    print_csv(list(rows[0]), rows)
