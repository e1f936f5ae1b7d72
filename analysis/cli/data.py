"""``cuadernos data``: check and seal the raw tables."""

from __future__ import annotations

from collections.abc import Sequence

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

    De cada ola se comprueban los sellos; de cada corpus, también los textos citados. Que el
    cuestionario sea coherente lo dice cuadernos instrument check.

    \b
    Ejemplo:
      cuadernos data check
    """
    from analysis.coding.corpus import corpora_folder, corpus_ids, read_corpus
    from analysis.waves import check_seals, wave_folder, wave_ids

    here = project(root)
    problems = 0
    for folder in datapackage.packages(here.raw):
        number = len(datapackage.read_descriptor(folder)["resources"])
        tables = f"{number} tabla" + ("s" if number != 1 else "")
        problems += _say(f"{here.relative(folder)}: {tables}", datapackage.validate(folder))
    for wave_id in wave_ids(here):
        found = check_seals(here, wave_id)
        problems += _say(f"{here.relative(wave_folder(here, wave_id))}: ola", found)
    for corpus_id in corpus_ids(here):
        corpus, wrong = read_corpus(here, corpus_id)
        found = [*map(str, wrong), *map(str, corpus.coding_problems())]
        problems += _say(f"{here.relative(corpora_folder(here) / corpus_id)}: corpus", found)
    if problems:
        raise click.ClickException(
            "corrija los archivos; si un cambio es correcto, selle las tablas con: "
            "cuadernos data seal"
        )


def _say(what: str, problems: Sequence[object]) -> int:
    number = len(problems)
    plural = "" if number == 1 else "s"
    click.echo(f"{what}, {f'{number} problema{plural}' if number else 'sin problemas'}")
    for problem in problems:
        click.echo(f"  - {problem}")
    return number


@data.command(cls=SpanishCommand)
@root_option
def seal(root: str | None) -> None:
    """Sella las tablas tras un cambio revisado: anota su sha256 en datapackage.json.

    Solo se sellan tablas que cumplen su esquema. De un corpus se anota en SHA256SUMS.

    \b
    Ejemplo:
      cuadernos data seal
    """
    from analysis.coding.corpus import CorpusError, corpora_folder, corpus_ids, read_corpus
    from analysis.coding.lock import locked
    from analysis.coding.seal import check_seals
    from analysis.coding.seal import seal as seal_corpus

    here = project(root)
    for folder in datapackage.packages(here.raw):
        changed = datapackage.seal(folder)
        what = "sellado " + ", ".join(changed) if changed else "nada que sellar"
        click.echo(f"{here.relative(folder)}: {what}")
    for corpus_id in corpus_ids(here):
        folder = corpora_folder(here) / corpus_id
        with locked(folder):
            _, faults = read_corpus(here, corpus_id)
            open_seals = set(map(str, check_seals(folder)))
            wrong = [problem for problem in faults if str(problem) not in open_seals]
            if wrong:
                raise CorpusError(folder, wrong)
            changed = seal_corpus(folder)
        what = "sellado " + ", ".join(changed) if changed else "nada que sellar"
        click.echo(f"{here.relative(folder)}: {what}")
