"""Choose how a file is read or written, by what it is."""

from __future__ import annotations

from pathlib import Path

from analysis.coding.corpus import Corpus, corpus_ids, load_corpus
from analysis.coding.exchange.bring_in import ImportReport, bring_in
from analysis.paths import Project

FORMATS = ("qdpx", "qdc", "csv", "taguette")
_SQLITE = b"SQLite format 3\0"


def import_file(project: Project, corpus_id: str, file: Path) -> ImportReport:
    """Bring a file of another program into a corpus, which is made if it can be.

    Raises
    ------
    ValueError
        When the file is of no known format, damaged or dangerous; nothing is then changed.
    """
    with file.open("rb") as stream:
        head = stream.read(16)
    suffix = file.suffix.lower()
    if head == _SQLITE:
        from analysis.coding.exchange.taguette import read_taguette

        return bring_in(project, corpus_id, read_taguette(file), file)
    if suffix == ".qdpx" or (head[:2] == b"PK" and suffix not in (".xlsx",)):
        from analysis.coding.exchange.refi_read import read_qdpx

        return bring_in(project, corpus_id, read_qdpx(file), file)
    if suffix == ".qdc":
        from analysis.coding.exchange.refi_read import read_qdc

        return bring_in(project, corpus_id, read_qdc(file), file)
    if suffix in (".html", ".htm"):
        from analysis.coding.exchange.taguette_html import read_taguette_html

        return bring_in(project, corpus_id, read_taguette_html(file), file)
    if suffix in (".csv", ".xlsx"):
        return _import_table(project, corpus_id, file)
    raise ValueError(
        f"{file.name}: no se reconoce; se admite .qdpx, .qdc, .sqlite3, .html, .csv y .xlsx."
    )


def _import_table(project: Project, corpus_id: str, file: Path) -> ImportReport:
    from analysis.coding.exchange.spreadsheet import read_csv, read_rows
    from analysis.coding.exchange.taguette_tables import (
        is_codebook,
        is_highlights,
        read_codebook,
        read_highlights,
    )

    header = set((read_rows(file) or [{}])[0])
    if is_codebook(header):
        return bring_in(project, corpus_id, read_codebook(file), file)
    if corpus_id not in corpus_ids(project):
        raise ValueError(
            f"{file.name} tiene codificaciones sin los textos: el corpus «{corpus_id}» debe "
            "existir con sus documentos (cuadernos coding add)."
        )
    corpus = load_corpus(project, corpus_id)
    reader = read_highlights if is_highlights(header) else read_csv
    counts = reader(corpus, file)
    report = ImportReport(corpus_id, created=False, found={"codings": counts.pop("found")})
    report.done = counts
    return report


def export_file(corpus: Corpus, form: str, file: Path) -> list[str]:
    """Write a corpus in a format; returns what the format cannot hold, in Spanish."""
    if form == "qdpx":
        from analysis.coding.exchange.refi_write import write_qdpx

        return write_qdpx(corpus, file)
    if form == "qdc":
        from analysis.coding.exchange.refi_write import write_qdc

        return write_qdc(corpus, file)
    if form == "taguette":
        from analysis.coding.exchange.taguette import write_taguette

        return write_taguette(corpus, file)
    from analysis.coding.exchange.spreadsheet import write_csv

    return write_csv(corpus, file)
