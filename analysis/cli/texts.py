"""``cuadernos texts``: how complete each language is."""

from __future__ import annotations

import click

from analysis import texts as catalogues
from analysis.cli.common import SpanishCommand

_SHOWN = 20


@click.command(cls=SpanishCommand)
@click.argument("languages", metavar="[IDIOMA]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Muestra todas las claves que faltan.")
def texts(languages: tuple[str, ...], every: bool) -> None:
    """Textos que tiene cada idioma y los que le faltan.

    También dice los que sobran y los que no usan los mismos valores que el español.

    Español e inglés deben estar completos: si les falta un texto, la orden termina con error.

    \b
    Ejemplos:
      cuadernos texts            todos los idiomas
      cuadernos texts pt --all   todo lo que falta en portugués
    """
    from analysis.texts.completeness import completeness

    wrong = False
    for lang in languages or (*catalogues.LOCALES, *catalogues.PREPARED):
        found = completeness(lang)
        wrong = wrong or (lang in catalogues.LOCALES and not found.whole)
        click.echo(f"{lang}: {found.present} de {found.expected} textos")
        for title, keys in (
            ("faltan", found.missing),
            ("sobran (ya no existen en español)", found.unknown),
            ("no usan los mismos valores que el español", found.differing),
        ):
            shown = keys if every else keys[:_SHOWN]
            if keys:
                click.echo(f"  {title}: {len(keys)}")
                for key in shown:
                    click.echo(f"    {key}")
            if len(shown) < len(keys):
                click.echo(f"    y {len(keys) - len(shown)} más; véalos con --all")
    if wrong:
        raise click.ClickException("Español e inglés deben estar completos.")
