"""Tables that Taguette exports (CSV, XLSX): highlights without positions, and codebooks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
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

    Taguette exports neither positions nor line ends, but it writes the highlights of a document by
    where they start: each is placed where its words stand, if the order leaves one such place.

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
    marks: dict[str, list[_Mark]] = {}
    wrong: list[str] = []
    for number, row in enumerate(read_rows(path), 2):
        document = documents.get(fold(row["document"]))
        code = by_guid.get(tag_guid(row["tag"])) or codes.get(fold(row["tag"]))
        where = f"  - {path.name}, fila {number}: "
        if document is None:
            wrong.append(f"{where}el documento «{row['document']}» no está en el corpus")
        elif code is None:
            wrong.append(f"{where}la etiqueta «{row['tag']}» no es un código del libro")
        else:
            spans = _places(document.text, row["content"])
            if not spans:
                wrong.append(f"{where}«{row['content'][:50]}» no está en {document.id}")
            mark = _Mark(number, row["id"], code, row["content"], spans)
            marks.setdefault(document.id, []).append(mark)
    made: list[dict[str, Any]] = []
    for name, mine in marks.items():
        document = corpus.documents[name]
        _settle_by_order(mine)
        for mark in mine:
            if len(mark.spans) > 1:
                wrong.append(
                    f"  - {path.name}, fila {mark.row}: «{mark.content[:50]}» está "
                    f"{len(mark.spans)} veces en {name} y no se sabe cuál es"
                )
            elif mark.spans:
                selection = derived("taguette", document.guid, mark.id)
                made.append(
                    coding_files.new_coding(
                        document,
                        *mark.spans[0],
                        mark.code,
                        CODER,
                        corpus.codebook.version,
                        guid=derived(selection, mark.code),
                        selection=selection,
                    )
                )
    if wrong:
        more = [f"  … y {len(wrong) - 50} más"] if len(wrong) > 50 else []
        hint = "El proyecto .sqlite3 de Taguette dice las posiciones; impórtelo si lo tiene."
        raise ValueError("\n".join(["No se importó nada:", *wrong[:50], *more, hint]))
    return upsert(corpus, {CODER: made})


@dataclass
class _Mark:
    """One row of a table of highlights, with every span where its words stand."""

    row: int
    id: str
    code: str
    content: str
    spans: list[tuple[int, int]]


def _settle_by_order(marks: list[_Mark]) -> None:
    """Leave out the spans that contradict the order: Taguette writes marks by where they start."""
    earliest = 0
    for mark in marks:
        mark.spans = [span for span in mark.spans if span[0] >= earliest] or mark.spans
        earliest = max(earliest, mark.spans[0][0]) if mark.spans else earliest
    latest: float = float("inf")
    for mark in reversed(marks):
        mark.spans = [span for span in mark.spans if span[0] <= latest] or mark.spans
        latest = min(latest, mark.spans[-1][0]) if mark.spans else latest


def _places(text: str, content: str) -> list[tuple[int, int]]:
    """Find where the words of a text stand, whatever the blanks between them."""
    words = content.split()
    if not words:
        return []
    pattern = r"\s*".join(re.escape(word) for word in words)
    return [match.span() for match in re.finditer(pattern, text)]
