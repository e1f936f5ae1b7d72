"""Extract the text of a document that somebody sent, in a process that may fail without harm.

TXT and Markdown are taken as they are; DOCX gives paragraphs and tables in order, PDF its pages,
HTML its visible text. The result is canonical (see `analysis.coding.text`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.coding.text import canonical
from analysis.readers.errors import ReadError
from analysis.readers.sandbox import Reading
from analysis.readers.table import ReadOptions

FORMATS = {
    ".txt": "txt",
    ".md": "md",
    ".markdown": "md",
    ".docx": "docx",
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
}
_MEMORY_MB = 1024
_MANY_BLANKS = 3  # line ends in a row that HTML may leave
_HIDDEN = ("script", "style", "noscript", "template", "head", "iframe", "object", "svg")
_BLOCKS = {"p", "div", "section", "article", "header", "footer", "main", "nav", "aside", "table"}
_BLOCKS |= {"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "tr", "br"}
_BLOCKS |= {"blockquote", "pre", "figure", "figcaption", "caption", "form", "hr", "body"}


@dataclass(frozen=True)
class Extracted:
    """The text of a document.

    Parameters
    ----------
    text : str
        Canonical text.
    format : str
        ``txt``, ``md``, ``docx``, ``pdf`` or ``html``.
    page_starts : tuple of int
        Where each page starts, in code points; empty without pages.
    notes : tuple of str
        What a person should know, in Spanish.
    """

    text: str
    format: str
    page_starts: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


class _Extraction(Reading):
    program = "import sys; sys.path.insert(0, sys.argv[1]); " + (
        "from analysis.coding.extract import main; main(sys.argv[2])"
    )


def extract(path: Path, encoding: str = "") -> Extracted:
    """Extract the text of a file.

    Parameters
    ----------
    path : Path
        TXT, MD, DOCX, PDF or HTML, by its extension.
    encoding : str
        Encoding of a TXT or MD that does not say it.

    Raises
    ------
    ReadError
        When the format is not known, the file is damaged or too large to read, or has no text.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise ReadError(
            path.name,
            "no es de un formato que se pueda codificar",
            "guárdelo como TXT, MD, DOCX, PDF con texto o HTML",
        )
    options = ReadOptions(encoding=encoding or None, memory_mb=_MEMORY_MB)
    with _Extraction(path, options, batch=1, wait=False) as reading:
        answer = reading.wait()
        try:
            text = str(answer["text"])
            starts = tuple(int(start) for start in answer["page_starts"])
            notes = tuple(map(str, answer["notes"]))
            if text != canonical(text) or not all(0 <= start <= len(text) for start in starts):
                raise ValueError("not canonical")
        except (KeyError, TypeError, ValueError) as problem:
            raise reading.garbage(str(problem)) from problem
    if not text.strip():
        advice = "si es una imagen escaneada, páselo antes por un programa de OCR"
        raise ReadError(path.name, "no tiene texto", advice)
    return Extracted(text, form, starts, notes)


def main(folder: str) -> None:
    """Do the work of the child process."""
    from analysis.readers.child import answer_under_limits

    home = Path(folder)
    answer_under_limits(home, json.loads((home / "task.json").read_text("utf-8")), _work)


def _work(home: Path, task: dict[str, Any]) -> dict[str, Any]:
    path = Path(task["path"])
    readers: dict[str, Callable[[Path, str], dict[str, Any]]] = {
        "txt": _plain,
        "md": _plain,
        "docx": _docx,
        "pdf": _pdf,
        "html": _html,
    }
    answer = readers[FORMATS[path.suffix.lower()]](path, task["options"]["encoding"] or "")
    text = answer["text"]
    if "\0" in text:
        raise ReadError(path.name, "contiene caracteres nulos y no es texto", "revise el archivo")
    return {"page_starts": [], "notes": [], **answer}


def _plain(path: Path, encoding: str) -> dict[str, Any]:
    from analysis.readers.encodings import detect

    chosen, evidence = (encoding, "") if encoding else detect(path)[:2]
    try:
        text = path.read_bytes().decode(chosen)
    except (UnicodeDecodeError, LookupError):
        raise ReadError(
            path.name, f"no se puede leer como {chosen}", "indique otra con --encoding"
        ) from None
    notes = (
        [] if not evidence or chosen.startswith("utf-8") else [f"leído como {chosen}: {evidence}"]
    )
    return {"text": canonical(text), "notes": notes}


def _docx(path: Path, _: str) -> dict[str, Any]:
    import docx
    from docx.table import Table

    document = docx.Document(str(path))
    lines: list[str] = []

    def add(container: Any) -> None:
        for block in container.iter_inner_content():
            if isinstance(block, Table):
                seen = set()
                for row in block.rows:
                    for cell in row.cells:
                        if cell._tc not in seen:  # a merged cell comes once
                            seen.add(cell._tc)
                            add(cell)
            else:
                lines.append(block.text)

    add(document)
    notes = []
    if document.inline_shapes:
        notes.append(f"{len(document.inline_shapes)} imágenes no tienen texto que codificar")
    return {"text": canonical("\n".join(lines) + "\n"), "notes": notes}


def _pdf(path: Path, _: str) -> dict[str, Any]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError(path.name, "está protegido con contraseña", "guárdelo sin ella")
        pages = [canonical(page.extract_text()).strip("\n") for page in reader.pages]
    except PyPdfError as error:
        raise ReadError(
            path.name, "está dañado o no es un PDF", "descárguelo de nuevo", str(error)
        ) from error
    text, starts = "", []
    for page in pages:
        starts.append(len(text))
        text += page + "\n" if page else ""
    empty = [str(number) for number, page in enumerate(pages, 1) if not page.strip()]
    notes = [f"páginas sin texto (quizá imágenes): {', '.join(empty)}"] if empty else []
    return {"text": canonical(text), "page_starts": starts, "notes": notes}


def _html(path: Path, encoding: str) -> dict[str, Any]:
    from lxml import html

    data = path.read_bytes()
    if not encoding:
        try:
            data.decode("utf-8")
            encoding = "utf-8"
        except UnicodeDecodeError:
            pass  # lxml reads the declaration of the page
    root = html.document_fromstring(data, parser=html.HTMLParser(encoding=encoding or None))
    lines = [""]
    for piece in _visible(root):
        if piece == "\n":
            if lines[-1] or len(lines) > 1:
                lines.append("")
            continue
        joined = lines[-1] + " ".join(f"x{piece}x".split())[1:-1]
        lines[-1] = joined.replace("  ", " ")
    plain = "\n".join(line.strip() for line in lines)
    while "\n" * _MANY_BLANKS in plain:
        plain = plain.replace("\n" * _MANY_BLANKS, "\n\n")
    return {"text": canonical(plain.strip("\n") + "\n")}


def _visible(root: Any) -> Iterator[str]:
    """Give the text that a reader sees, with a line end at the edges of blocks."""
    pending: list[Any] = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
            continue
        tag = item.tag if isinstance(item.tag, str) else ""
        if not tag or tag in _HIDDEN:
            continue
        edge = ["\n"] if tag in _BLOCKS else []
        todo: list[Any] = [*edge, item.text or ""]
        for child in item:
            todo += [child, child.tail or ""]
        pending += reversed([part for part in [*todo, *edge] if part is not None and part != ""])
