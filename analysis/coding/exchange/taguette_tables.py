"""Tables that Taguette exports (CSV, XLSX): highlights without positions, and codebooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from pathlib import Path
from typing import Any

from analysis.coding import codings as coding_files
from analysis.coding.corpus import Corpus
from analysis.coding.documents import fold
from analysis.coding.exchange.model import ForeignProject
from analysis.coding.exchange.refi import derived
from analysis.coding.exchange.spreadsheet import read_rows, upsert
from analysis.coding.exchange.taguette import add_tags, tag_guid, tag_paths

CODER = "taguette"


def is_highlights(header: Set[str]) -> bool:
    """Recognise a table of highlights."""
    return {"id", "document", "tag", "content"} <= set(header)


def is_codebook(header: Set[str]) -> bool:
    """Recognise a codebook."""
    return {"tag", "description"} <= set(header) and "content" not in header


def read_codebook(path: Path) -> ForeignProject:
    """Read the tags of a codebook, with their descriptions."""
    project = ForeignProject(name=path.stem, origin="Taguette")
    add_tags(project, {row["tag"]: row["description"] for row in read_rows(path) if row["tag"]})
    return project


def read_highlights(corpus: Corpus, path: Path) -> Counter[str]:
    """Bring highlights in as codings of the coder ``taguette``.

    Taguette exports neither positions nor line ends: each highlight is placed where its words
    stand in the document, if they stand there once.

    Raises
    ------
    ValueError
        With every highlight whose document, tag or place is not found; nothing is then changed.
    """
    documents = {fold(d.title): d for d in corpus.documents.values()}
    documents |= {fold(d.id): d for d in corpus.documents.values()}
    codes = {fold(path): code for code, path in tag_paths(corpus).items()}
    codes |= {fold(code): code for code in corpus.codebook.codes}
    by_guid = {code.guid: code.code for code in corpus.codebook}
    made: list[dict[str, Any]] = []
    wrong: list[str] = []
    for number, row in enumerate(read_rows(path), 2):
        document = documents.get(fold(row["document"]))
        code = by_guid.get(tag_guid(row["tag"])) or codes.get(fold(row["tag"]))
        where = f"  - {path.name}, fila {number}: "
        if document is None:
            wrong.append(f"{where}el documento «{row['document']}» no está en el corpus")
            continue
        if code is None:
            wrong.append(f"{where}la etiqueta «{row['tag']}» no es un código del libro")
            continue
        spans = _places(document.text, row["content"])
        if len(spans) != 1:
            times = f"está {len(spans)} veces" if spans else "no está"
            wrong.append(f"{where}«{row['content'][:50]}» {times} en {document.id}")
            continue
        selection = derived("taguette", document.guid, row["id"])
        guid = derived(selection, code)
        made.append(
            coding_files.new_coding(
                document, *spans[0], code, CODER, corpus.codebook.version,
                guid=guid, selection=selection,
            )
        )  # fmt: skip
    if wrong:
        more = [f"  … y {len(wrong) - 50} más"] if len(wrong) > 50 else []
        raise ValueError("\n".join(["No se importó nada:", *wrong[:50], *more]))
    return upsert(corpus, {CODER: made})


def _places(text: str, content: str) -> list[tuple[int, int]]:
    """Find where the words of a text stand, whatever the blanks between them."""
    import re

    words = content.split()
    if not words:
        return []
    pattern = r"\s*".join(re.escape(word) for word in words)
    return [match.span() for match in re.finditer(pattern, text)]
