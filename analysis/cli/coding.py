"""``cuadernos coding``: corpora of documents, their codebooks and codings, and their exchange."""

from __future__ import annotations

from pathlib import Path

import click

from analysis.cli import coding_analysis
from analysis.cli.common import SpanishCommand, SpanishGroup, print_json, project, root_option
from analysis.drafts import stop_cleanly

_KEPT = {
    "Variables": "variables",
    "Cases": "casos",
    "Links": "enlaces",
    "Sets": "conjuntos",
    "Graphs": "gráficos de redes",
    "PictureSource": "imágenes",
    "PDFSource": "archivos PDF",
    "AudioSource": "audios",
    "VideoSource": "videos",
    "PictureSelection": "fragmentos de imagen",
    "PDFSelection": "fragmentos de PDF",
    "AudioSelection": "fragmentos de audio",
    "VideoSelection": "fragmentos de video",
    "TranscriptSelection": "fragmentos de transcripción",
    "Note": "notas",
    "document coding": "codificaciones de un documento entero",
}
_DONE = {
    "documents new": "documentos nuevos",
    "documents equal": "documentos que ya estaban",
    "codes new": "códigos nuevos",
    "codes changed": "códigos cambiados",
    "codes equal": "códigos iguales",
    "codes only here": "códigos que solo tiene este corpus (se dejan)",
    "codings new": "codificaciones nuevas",
    "codings changed": "codificaciones cambiadas",
    "codings equal": "codificaciones iguales",
    "codings only here": "codificaciones que solo tiene este corpus (se dejan)",
    "new": "nuevas",
    "changed": "cambiadas por una versión posterior",
    "equal": "iguales",
    "older": "anteriores a la que ya había (se dejó la de aquí)",
}
_FILE = click.Path(exists=True, dir_okay=True, path_type=Path)


def corpus_option(function):
    """Add ``--corpus``, which most of these commands need."""
    return click.option(
        "--corpus", "corpus_id", metavar="ID", required=True, help="Corpus de data/raw/corpus."
    )(function)


format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Forma de la salida: texto para leer o JSON para otros programas.",
)


@click.group(cls=SpanishGroup, short_help="Documentos, códigos y codificaciones.")
def coding() -> None:
    """Documentos, libro de códigos y codificaciones, y su intercambio con otros programas.

    Las posiciones cuentan puntos de código Unicode del texto canónico (NFC, líneas LF), desde 0
    y con fin exclusivo.

    \b
    Ejemplos:
      cuadernos coding status --corpus cuaderno8
      cuadernos coding import proyecto.qdpx --corpus entrevistas
      cuadernos coding export --corpus cuaderno8 --to qdpx cuaderno8.qdpx
    """
    stop_cleanly()


@coding.command("import", cls=SpanishCommand)
@click.argument("file", metavar="ARCHIVO", type=_FILE)
@corpus_option
@format_option
@root_option
def import_(file: Path, corpus_id: str, form: str, root: str | None) -> None:
    """Trae un proyecto, un libro de códigos o codificaciones de otro programa.

    \b
    .qdpx              proyecto REFI-QDA (NVivo, ATLAS.ti, MAXQDA, QualCoder…)
    .qdc               libro de códigos REFI-QDA
    .sqlite3 .db       proyecto de Taguette
    .html              documento de Taguette con sus marcas
    .csv .xlsx         codificaciones de una hoja de cálculo o de Taguette

    Crea el corpus si no existe, salvo con CSV y XLSX, que necesitan sus textos. Lo que ya está se
    reconoce por su GUID y nada se borra. Si algo falla, el corpus queda como estaba.

    Una hoja de codificaciones lleva document (id del documento), text (el pasaje citado) y code;
    puede llevar coder, weight, memo, y start y end, en puntos de código, cuando el pasaje está
    varias veces. Escriba una con: cuadernos coding export codificaciones.csv --to csv --corpus ID

    \b
    Ejemplos:
      cuadernos coding import proyecto.qdpx --corpus entrevistas
      cuadernos coding import codificaciones.csv --corpus entrevistas
    """
    from analysis.coding.exchange.files import import_file

    report = import_file(project(root), corpus_id, file)
    if form == "json":
        print_json(
            {
                "corpus": report.corpus,
                "created": report.created,
                **report.found,
                "done": dict(report.done),
                "positions": report.units,
                "kept": dict(report.kept),
                "losses": report.losses,
                "codebook_version": report.version,
            }
        )
        return
    found = report.found
    verb = "Se creó el corpus" if report.created else "Se actualizó el corpus"
    click.echo(f"{verb} {report.corpus} con {file.name}.")
    if "codes" in found:
        click.echo(
            f"  códigos      {found['codes']} ({found['names']} nombres distintos, "
            f"{found['codes_used']} usados)\n"
            f"  usuarios     {found['users']}\n"
            f"  fuentes      {found['sources']}\n"
            f"  fragmentos   {found['selections']}"
        )
    click.echo(f"  codificaciones {found['codings']}")
    for name, count in report.done.items():
        if count:
            click.echo(f"  {_DONE.get(name, name)}: {count}")
    if report.units:
        click.echo(f"  {report.units}.")
    if report.version:
        click.echo(f"  libro de códigos: versión {report.version}")
    if report.kept:
        parts = ", ".join(f"{count} {_KEPT.get(name, name)}" for name, count in report.kept.items())
        click.echo(f"Se guarda sin mostrarlo y se devuelve al exportar a qdpx: {parts}.")
    _say_losses("No se pudo traer", report.losses)


def _say_losses(title: str, losses: list[str]) -> None:
    if losses:
        click.echo(f"{title}:")
        for loss in losses[:40]:
            click.echo(f"  - {loss}")
        if len(losses) > 40:
            click.echo(f"  … y {len(losses) - 40} más (véalas con --format json)")


@coding.command("export", cls=SpanishCommand)
@click.argument("file", metavar="ARCHIVO", type=click.Path(dir_okay=False, path_type=Path))
@corpus_option
@click.option(
    "--to",
    "form",
    type=click.Choice(["qdpx", "qdc", "csv", "taguette"]),
    required=True,
    help="qdpx: proyecto REFI-QDA; qdc: libro de códigos; csv: hoja de cálculo; "
    "taguette: proyecto de Taguette (SQLite).",
)
@click.option("--force", is_flag=True, help="Reemplaza el archivo si existe.")
@root_option
def export(file: Path, corpus_id: str, form: str, force: bool, root: str | None) -> None:
    """Lleva un corpus a otro programa y dice qué no cabe en ese formato.

    \b
    Ejemplos:
      cuadernos coding export --corpus cuaderno8 --to qdpx cuaderno8.qdpx
      cuadernos coding export --corpus cuaderno8 --to csv codificaciones.csv
    """
    from analysis.coding.corpus import load_corpus
    from analysis.coding.exchange.files import export_file

    if file.exists() and not force:
        raise click.ClickException(f"{file} ya existe; use --force para reemplazarlo.")
    corpus = load_corpus(project(root), corpus_id)
    losses = export_file(corpus, form, file)
    click.echo(
        f"{file}: {len(corpus.documents)} documentos, {len(corpus.codebook)} códigos, "
        f"{len(corpus.codings)} codificaciones."
        if form != "qdc"
        else f"{file}: {len(corpus.codebook)} códigos."
    )
    _say_losses("No cabe en este formato", losses)


@coding.command(cls=SpanishCommand)
@click.argument("other", metavar="CARPETA_O_ARCHIVO", type=_FILE)
@corpus_option
@root_option
def merge(other: Path, corpus_id: str, root: str | None) -> None:
    """Junta las codificaciones de otra copia del corpus: una carpeta, o el archivo de alguien.

    La misma codificación se reconoce por su GUID; si las dos copias difieren, queda la de hora
    posterior. Nadie pierde filas: lo que está en una sola copia se conserva.

    \b
    Ejemplos:
      cuadernos coding merge /media/usb/entrevistas --corpus entrevistas
      cuadernos coding merge ana.csv --corpus entrevistas
    """
    from analysis.coding.corpus import load_corpus
    from analysis.coding.merge import merge as join
    from analysis.coding.merge import read_other
    from analysis.coding.read_marks import join_marks

    corpus = load_corpus(project(root), corpus_id)
    report = join(corpus, read_other(other))
    for coder, counts in report.done.items():
        parts = ", ".join(f"{count} {_DONE[name]}" for name, count in counts.items() if count)
        click.echo(f"{coder}: {parts}")
    if other.is_dir():
        for coder, count in join_marks(corpus.folder, other, corpus.documents).items():
            click.echo(f"{coder}: {count} documentos marcados como leídos, sin códigos")


@coding.command(cls=SpanishCommand)
@click.option("--corpus", "corpus_id", metavar="ID", help="Solo este corpus; si no, todos.")
@format_option
@root_option
def status(corpus_id: str | None, form: str, root: str | None) -> None:
    """Dice qué hay en cada corpus y todo lo que está mal o quedó atrasado.

    Comprueba sellos, textos, libro de códigos, cada codificación contra el texto que cita, y qué
    codificaciones se hicieron cuando su código significaba otra cosa.

    \b
    Ejemplos:
      cuadernos coding status
      cuadernos coding status --corpus cuaderno8 --format json
    """
    from analysis.coding.corpus import corpus_ids
    from analysis.coding.status import corpus_status

    here = project(root)
    found = [corpus_status(here, name) for name in ([corpus_id] if corpus_id else corpus_ids(here))]
    if form == "json":
        print_json(found)
    else:
        for one in found:
            _print_status(one)
    if any(one["problems"] or one["coding_problems"] for one in found):
        raise click.ClickException("hay problemas que corregir.")


def _print_status(one: dict) -> None:
    click.echo(
        f"{one['corpus']}: {one['documents']} documentos, {one['characters']} caracteres; libro de "
        f"códigos versión {one['codebook_version'] or '—'}, {one['codes']} códigos"
    )
    for coder in one["coders"]:
        click.echo(
            f"  {coder['id']}: {coder['codings']} codificaciones en {coder['segments']} "
            f"fragmentos de {coder['documents']} documentos, {coder['codes']} códigos"
            + (f"; {coder['read']} leídos sin códigos" if coder["read"] else "")
        )
    for problem in one["problems"]:
        click.echo(f"  - {problem}")
    for problem in one["coding_problems"]:
        click.echo(f"  - {problem['message']}")
    if one["relocatable"]:
        click.echo(
            f"  {one['relocatable']} se pueden reubicar donde está su texto, con: "
            f"cuadernos coding relocate --corpus {one['corpus']}"
        )
    for row in one["stale"]:
        click.echo(
            f"  atrasadas: {row['codings']} codificaciones de {row['coder']} con «{row['code']}» "
            f"(versión {row['version']}): cambió {row['changed']}"
        )


@coding.command(cls=SpanishCommand)
@corpus_option
@click.option("--yes", is_flag=True, help="No pregunta.")
@root_option
def relocate(corpus_id: str, yes: bool, root: str | None) -> None:
    """Mueve las codificaciones cuyo texto citado está una sola vez en otro lugar del documento.

    Muestra cada una y pregunta antes de guardar.

    \b
    Ejemplo:
      cuadernos coding relocate --corpus entrevistas
    """
    from analysis.coding.codings import edit_codings
    from analysis.coding.codings import relocate as move
    from analysis.coding.corpus import load_corpus

    corpus = load_corpus(project(root), corpus_id)
    offers = [problem for problem in corpus.coding_problems() if problem.relocation]
    if not offers:
        click.echo("Nada que reubicar.")
        return
    for problem in offers:
        click.echo(f"  - {problem}")
    if not yes:
        click.confirm(f"¿Reubicar {len(offers)}?", abort=True)
    for coder in sorted({problem.coder for problem in offers}):
        edit_codings(corpus.folder, coder, lambda now: move(now, offers))
    click.echo(f"Reubicadas: {len(offers)}.")


@coding.command(cls=SpanishCommand)
@click.argument("file", metavar="ARCHIVO", type=click.Path(exists=True, path_type=Path))
@corpus_option
@click.option("--note", default="", help="Qué cambió, en español.")
@click.option("--note-en", default="", help="Qué cambió, en inglés.")
@root_option
def codebook(file: Path, corpus_id: str, note: str, note_en: str, root: str | None) -> None:
    """Registra una tabla de códigos como versión nueva del libro y lista lo que queda atrasado.

    Parta de una copia de la última versión (codebook/N.csv). Un código nuevo puede dejar vacía la
    columna guid. Todos los errores de la tabla se dicen de una vez.

    \b
    Ejemplo:
      cuadernos coding codebook codigos.csv --corpus entrevistas --note "Se precisa riesgo"
    """
    from analysis.coding.codebook import read_new, save_codebook
    from analysis.coding.corpus import load_corpus
    from analysis.coding.status import corpus_status

    here = project(root)
    corpus = load_corpus(here, corpus_id)
    version = save_codebook(corpus.folder, read_new(file), note, note_en or note)
    click.echo(f"Libro de códigos de {corpus_id}: versión {version}.")
    one = corpus_status(here, corpus_id)
    _print_status(one)


@coding.command(cls=SpanishCommand)
@click.argument("files", metavar="[ARCHIVO]...", nargs=-1, type=_FILE)
@corpus_option
@click.option("--wave", metavar="ID", help="Agrega las respuestas abiertas de esta ola.")
@click.option("--item", "items", metavar="CÓDIGO", multiple=True, help="Solo esta pregunta.")
@click.option("--origin", default="", help="De dónde vienen los documentos.")
@click.option(
    "--language", help="Idioma de los textos; por omisión es, y ninguno para las respuestas."
)
@click.option("--city", default="", help="Ciudad, por su identificador.")
@click.option(
    "--consent",
    type=click.Choice(["not_needed", "quote", "analyse"]),
    default="analyse",
    show_default=True,
    help="not_needed: texto propio o publicado; quote: se puede citar; analyse: se puede "
    "codificar y contar, nunca citar.",
)
@click.option("--encoding", default="", help="Codificación de un TXT que no está en UTF-8.")
@root_option
def add(
    files: tuple[Path, ...],
    corpus_id: str,
    wave: str | None,
    items: tuple[str, ...],
    origin: str,
    language: str | None,
    city: str,
    consent: str,
    encoding: str,
    root: str | None,
) -> None:
    """Agrega documentos (TXT, MD, DOCX, PDF con texto, HTML) o respuestas abiertas de una ola.

    El original se copia y se sella; su texto se extrae una sola vez, en un proceso aparte con
    límites. Crea el corpus si no existe.

    \b
    Ejemplos:
      cuadernos coding add acta.docx plan.pdf --corpus entrevistas --origin "Taller de 2025"
      cuadernos coding add --wave 2025 --corpus abiertas
    """
    from analysis.coding.add import add_files, add_wave

    if bool(files) == bool(wave):
        raise click.UsageError("indique archivos o --wave ID, una de las dos cosas.")
    here = project(root)
    if wave:
        report = add_wave(here, corpus_id, wave, items, language=language or "", consent=consent)
    else:
        report = add_files(
            here,
            corpus_id,
            files,
            origin=origin,
            language=language or "es",
            city=city,
            consent=consent,
            encoding=encoding,
        )
    for document in report.added:
        pages = f", {len(document.page_starts)} páginas" if document.page_starts else ""
        click.echo(f"  {document.id}: {len(document.text)} caracteres{pages}")
    for note in report.notes:
        click.echo(f"  - {note}")
    click.echo(f"Corpus {corpus_id}: {len(report.added)} documentos agregados.")


for command in (coding_analysis.agreement, coding_analysis.dictionary, coding_analysis.matrix):
    coding.add_command(command)
