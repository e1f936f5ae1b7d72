"""``cuadernos new``, ``cuadernos verify`` and ``cuadernos publish``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from analysis.cli.common import Folder, SpanishCommand, project, root_option
from analysis.publishing import build as publishing
from analysis.publishing import publish as publication
from analysis.publishing import scaffold
from analysis.publishing import verify as verification
from analysis.publishing.execute import Result, Task
from analysis.publishing.inputs import parameters_of
from analysis.publishing.variants import notebook_name, variant_name


@click.command(cls=SpanishCommand, short_help="Crea un cuaderno que se publica de inmediato.")
@click.argument("name", metavar="NOMBRE")
@root_option
def new(name: str, root: str | None) -> None:
    """Crea un cuaderno corto con sus textos en cada idioma, que se publica de inmediato.

    \b
    Ejemplo:
      cuadernos new 20_mi_tema
      cuadernos build 20_mi_tema
    """
    here = project(root)
    for path in scaffold.create(here, name):
        click.echo(f"creado {here.relative(path)}")
    click.echo(f"Publíquelo con: cuadernos build {name}")


@click.command(cls=SpanishCommand, short_help="Rehace los informes y dice qué cambia.")
@click.argument("reports", metavar="[INFORMES]", required=False, type=Folder(exists=True))
@click.option("-j", "--jobs", metavar="N", type=click.IntRange(min=1), help="Cuadernos a la vez.")
@root_option
def verify(reports: str | None, jobs: int | None, root: str | None) -> None:
    """Rehace los informes con los mismos parámetros y los compara byte por byte.

    \b
    Ejemplos:
      cuadernos verify
      cuadernos verify copia_de_los_informes
    """
    here = project(root)
    old = Path(reports).resolve() if reports else here.reports
    executed = sorted((old / "executed").glob("*/*.ipynb"))
    if not executed:
        raise click.ClickException(f"no hay informes en {old}; constrúyalos con: cuadernos build")
    with tempfile.TemporaryDirectory(prefix="cuadernos-") as folder:
        out = Path(folder)
        tasks = [
            Task(
                here,
                publishing.find_notebook(here, notebook_name(path.stem)),
                out,
                path.parent.name,
                {k: v for k, v in parameters_of(path).items() if k != "lang"},
                variant_name(path.stem),
            )
            for path in executed
        ]
        results, _ = publishing.build(
            here,
            out,
            tasks,
            jobs=jobs or publishing.default_jobs(),
            pdf=any(old.glob("*/*.pdf")),
            progress=_say,
        )
        failed = [result for result in results if not result.ok]
        if failed:
            raise click.ClickException("\n".join(f"{r.task.label}: {r.error}" for r in failed))
        differences = verification.compare(old, out)
        number = len(verification.files_of(out))
    for difference in differences:
        click.echo(f"✗ {difference.file}: {difference.what}")
    if differences:
        raise click.ClickException(f"Archivos que no son iguales: {len(differences)} de {number}.")
    click.echo(f"✓ Los {number} archivos son iguales, byte por byte.")


def _say(event: str, task: Task, result: Result | None) -> None:
    if event == "end":
        click.echo(f"rehecho {task.label}")


@click.command(cls=SpanishCommand, short_help="Prepara los informes para la web o un repositorio.")
@click.argument("target", metavar="DESTINO", type=click.Path())
@click.option(
    "--reports",
    metavar="CARPETA",
    type=Folder(exists=True),
    help="Informes que se publican; por omisión, reports/ del proyecto.",
)
@root_option
def publish(target: str, reports: str | None, root: str | None) -> None:
    """Copia los informes con licencia, cita, metadatos y sumas de comprobación.

    El destino es una carpeta nueva, o un archivo que termina en .zip, listos para cualquier
    servidor de páginas estáticas o para Zenodo.

    \b
    Ejemplos:
      cuadernos publish sitio
      cuadernos publish cuadernos.zip
    """
    here = project(root)
    source = Path(reports).resolve() if reports else here.reports
    written = publication.publish(here, source, Path(target).resolve())
    click.echo(f"{len(written)} archivos en {target}")
