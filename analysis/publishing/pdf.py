"""From the blocks of an executed notebook to a PDF/UA, through Typst.

Everything that is said travels as JSON strings in a virtual file: Typst never reads data as markup,
and ``cuaderno.typ`` alone decides the look. No system font, package or network is used, and the
only date is that of the edition, so that two renderings are the same bytes anywhere.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files
from textwrap import wrap
from typing import Any

import typst
from nbformat import NotebookNode

from analysis import display, texts
from analysis.maths import MathsError
from analysis.provenance import EvidenceClass
from analysis.publishing.document import blocks_of, classes_of, head_of
from analysis.publishing.edition import Edition
from analysis.publishing.pdf_prose import PdfError, ProseWriter, checked_classes, loose, needed

__all__ = ["PdfError", "compile_pdf", "document", "render_pdf"]

BlockData = Mapping[str, Any]

UNPRINTABLE = re.compile(
    "[^\\t\\n -~\xa0-\u017f\u0391-\u03a1\u03a3-\u03c9\u0401\u0410-\u044f\u0451\u200b"
    "–—‘’‚“”„•…′″‹›⁄€™←↑→↓−≈≠≤≥√∞∑]"
)
"""What neither our fonts nor those that come with Typst can show; a test sets all the rest."""
_DRAWN = frozenset(
    (
        *("svg", "g", "defs", "style", "title", "desc", "use", "clipPath", "pattern", "marker"),
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"),
        *("linearGradient", "radialGradient", "stop"),
    )
)
"""Elements of a drawing: vectors and text, nothing that loads or embeds."""
_OUTSIDE = re.compile(
    r"""href\s*=\s*["']?(?!["']?#)|url\(\s*["']?(?!["']?#)|@import|<!(?!--)|<\?""", re.IGNORECASE
)
_WIDTH, _MEASURE = 453.5, 374.0  # points: the whole page and its prose, as in cuaderno.typ
_LETTER, _GAP = 4.6, 12.0  # points: a letter of a table, on average, and the space of a cell
_LINE, _TALL = 11.0, 20  # points of a line and letters of an upright heading, as in blocks.typ


def render_pdf(
    source: NotebookNode | Sequence[BlockData],
    *,
    edition: Edition,
    lang: str | None = None,
    brief: bool = False,
) -> bytes:
    """Turn an executed notebook, or its blocks, into a PDF/UA-1.

    Parameters
    ----------
    source : NotebookNode or sequence of mapping
        Blocks are the data under :data:`analysis.display.MIME`.
    edition : Edition
        Gives authors and date; the same edition gives the same bytes.
    lang : str, optional
        Language; by default that of the first block.
    brief : bool
        Whether it has no title page, no contents, and its notes at the end.

    Raises
    ------
    PdfError
        When something that an accessible PDF needs is missing: language, title, text alternative,
        column heading, text of a link, a level of headings; or a formula cannot be set.
    PageError
        When there is no head.
    """
    try:
        return compile_pdf(document(source, edition=edition, lang=lang, brief=brief))
    except MathsError as error:
        raise PdfError(str(error)) from error


def compile_pdf(data: Mapping[str, Any]) -> bytes:
    """Set a document in type; ``PdfError`` gives Typst's reason when it cannot be."""
    payload = json.dumps(_printable(data), ensure_ascii=False).encode("utf-8")
    with as_file(files("analysis").joinpath("fonts")) as folder:
        try:
            return typst.compile(
                {**_templates(), "data.json": payload},
                root=folder,  # otherwise the template could read the working folder
                font_paths=_fonts(str(folder)),
                ignore_system_fonts=True,
                pdf_standards="ua-1",
                timestamp=0,  # never now; the date of the document is that of the edition
            )
        except typst.TypstError as error:
            raise PdfError(f"Typst no pudo componer el PDF: {error.message}") from error


@cache
def _templates() -> dict[str, bytes]:
    folder = files("analysis").joinpath("templates")
    names = {"main.typ": "cuaderno.typ", "blocks.typ": "blocks.typ"}
    return {name: folder.joinpath(file).read_bytes() for name, file in names.items()}


@cache
def _fonts(folder: str) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])


def _printable(value: Any) -> Any:
    """Write what no font can show as its code point, e.g. ``[U+1F600]``."""
    if isinstance(value, str):
        composed = unicodedata.normalize("NFC", value)
        return UNPRINTABLE.sub(lambda mark: f"[U+{ord(mark[0]):04X}]", composed)
    if isinstance(value, Mapping):  # a formula is set in a font that has all that it needs
        return {k: v if k in ("tree", "words") else _printable(v) for k, v in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list) else value


# The document ----------------------------------------------------------------------------------


def document(
    source: NotebookNode | Sequence[BlockData],
    *,
    edition: Edition,
    lang: str | None = None,
    brief: bool = False,
) -> dict[str, Any]:
    """Prepare, as plain data, what the template prints; parameters as in :func:`render_pdf`."""
    notebook = source if isinstance(source, NotebookNode) else None
    given = list(blocks_of(notebook) if notebook is not None else map(dict, source))
    if lang is None:
        lang = next((block["lang"] for block in given if block.get("lang")), "")
    needed(lang, "ningún bloque dice en qué idioma está")
    blocks = given
    head = head_of(blocks)
    title = needed(head.get("title"), "el cuaderno no tiene título")
    study, classes = head["study"], classes_of(blocks)
    names = display.evidence_names(lang)

    def say(key: str, **values: object) -> str:
        return texts.label(key, lang, **values)

    prose = ProseWriter(blocks)
    lead = prose.nodes(head["lead"])
    body = list(_body(blocks, prose, lang))
    opening = body.pop(0) if body and body[0]["kind"] == "findings" else None
    notes = list(_taken_notes([lead, opening, body])) if brief else []
    topics = [say("page.series"), study["citation"], head["kicker"]]
    return {
        "lang": lang,
        "title": title,
        "description": head["finding"],
        "authors": list(edition.authors),
        "keywords": topics + [names[item] for item in classes],
        "date": list(edition.released.timetuple()[:3]) if edition.released else None,
        "series": f"{say('page.series')} · {study['citation']}",
        "kicker": head["kicker"],
        "lead": lead,
        "byline": texts.listing(edition.authors, lang),
        "facts": [say("page.data_date", date=head["date"]), edition.text(lang)],
        "cite": [say("page.cite"), edition.citation(title, study["citation"], lang)],
        "about": say(
            "page.about_source",
            title=study["title"],
            citation=study["citation"],
            publishers=texts.listing(study["publishers"], lang),
            year=study["year"],
        ),
        "licence": say("page.licence") + ".",
        "demo": EvidenceClass.DEMO in classes,
        "classes": classes,
        "names": names,
        "meanings": {str(item): say(f"evidence.{item}.meaning") for item in EvidenceClass},
        "labels": {
            **{key: say(f"page.{key}") for key in ("contents", "findings", "cautions", "classes")},
            "numbers": say("pdf.numbers_brief" if brief else "pdf.numbers"),
            "notes": say("pdf.notes"),
        },
        "brief": brief,
        "notes": notes,
        "opening": opening,
        "blocks": body,
    }


def _taken_notes(value: Any) -> Iterator[dict[str, Any]]:
    """Take the notes out of the numbers of a document, which are left with a number of note."""

    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            if "note" in value and value.get("t") == "number":
                yield value
            for item in list(value.values()):
                yield from walk(item)
        elif isinstance(value, list):
            for item in value:
                yield from walk(item)

    for number, node in enumerate(walk(value), start=1):
        node["mark"] = number
        yield {"evidence": node["evidence"], "note": node.pop("note")}


def _body(blocks: Sequence[BlockData], prose: ProseWriter, lang: str) -> Iterator[dict[str, Any]]:
    """Prepare every block but the head; the data of the figures go to the end."""
    figures, tables, behind = 0, 0, []
    for block in blocks:
        match block["kind"]:
            case "prose":
                yield {"kind": "prose", "nodes": prose.nodes(block)}
            case "findings":
                parts = {key: prose.nodes(block[key]) for key in ("findings", "cautions")}
                yield {"kind": "findings", **parts}
            case "figure":
                figures += 1
                n = texts.number(figures, lang)
                yield _figure(block, texts.label("page.figure", lang, n=n))
                behind.append(_table(block["table"], texts.label("pdf.data_of", lang, n=n), lang))
            case "table":
                tables += 1
                n = texts.number(tables, lang)
                yield _table(block, texts.label("page.table", lang, n=n), lang)
            case "closing":
                for part in block["parts"]:
                    yield {"kind": "heading", "text": needed(part["heading"], "un título vacío")}
                    yield {"kind": "prose", "nodes": prose.nodes(part)}
            case "output":
                yield {"kind": "output", "text": loose(block["text"], 80)}
    if behind:
        yield {"kind": "heading", "text": texts.label("pdf.figure_data", lang)}
        yield from behind


# Figures and tables ----------------------------------------------------------------------------


def _figure(block: BlockData, number: str) -> dict[str, Any]:
    name = f"la figura «{block['title'] or block['id']}»"
    return {
        **{key: block[key] for key in ("title", "caption", "source")},
        "kind": "figure",
        "number": number,
        "evidence": checked_classes(block["evidence"]),
        "alt": needed(block.get("alt"), f"{name} no tiene texto alternativo"),
        "svg": _drawing(block["svg"]["wide"], name),
    }


def _drawing(svg: str, name: str) -> str:
    """Prepare a drawing for Typst, which knows no CSS variable, and refuse what is not vectors."""
    foreign = set(re.findall(r"<([\w:.-]+)", svg)) - _DRAWN
    if foreign or _OUTSIDE.search(svg):
        what = ", ".join(sorted(foreign)) or "una referencia externa"
        raise PdfError(f"El dibujo de {name} tiene algo que no son trazos ni texto: {what}.")
    svg = re.sub(r"var\(--paper,[^()]+\)", "#ffffff", svg)  # the sheet is white
    svg = re.sub(r"var\(--[\w-]+,\s*([^()]+)\)", r"\1", svg)
    # the size is that of the viewBox; our SVG has a width in pixels without its height
    return re.sub(r'(<svg\b[^>]*?)\s(?:width|height)="[^"]*"', r"\1", svg, count=1)


def _table(block: BlockData, number: str, lang: str) -> dict[str, Any]:
    caption = needed(block.get("caption"), "una tabla no tiene título")
    rows = [[_cell(row[column["key"]]) for column in block["columns"]] for row in block["rows"]]
    classes = {cell["evidence"] for row in rows for cell in row if "evidence" in cell}
    columns = []
    for position, column in enumerate(block["columns"]):
        label = needed(
            column.get("label"), f"la tabla «{caption}» tiene una columna sin encabezado"
        )
        numeric = column["look"] == "numeric"
        cells = [row[position] for row in rows]
        if numeric:
            _align(cells, lang)
        columns.append({"label": label, "numeric": numeric, **_lengths(label, cells)})
    if sum(column["least"] for column in columns) > _WIDTH:
        for column in filter(lambda column: column["numeric"], columns):  # as narrow as its cells
            column["upright"] = True
            column["least"] = column["most"] = column["bare"]
    for column, width in zip(columns, _widths(columns), strict=True):
        column["width"] = width
    return {
        **{key: block[key] for key in ("caption", "source", "note")},
        "kind": "table",
        "number": number,
        "continued": texts.label("pdf.continued", lang, name=number),
        "evidence": checked_classes(block["evidence"]),
        "mixed": len(classes) > 1,  # else the class is said once, under the table
        "columns": columns,
        "rows": rows,
    }


def _cell(cell: BlockData) -> dict[str, Any]:
    match cell["kind"]:
        case "tag":
            return {"kind": "tag", "key": cell["key"], "text": cell["label"]}
        case "number":
            (evidence,) = checked_classes([cell["evidence"]])
            return {"kind": "number", "text": loose(cell["text"], 24), "evidence": evidence}
    return {"kind": "text", "text": loose(cell["text"], 24)}


def _align(cells: Sequence[dict[str, Any]], lang: str) -> None:
    """Give each number of a column the invisible decimals that it lacks."""
    decimal = texts.number(0.5, lang)[1]
    thousands = "." if decimal == "," else ","
    pattern = re.compile(rf"\D*\d[\d{thousands}]*(?:\{decimal}(\d+))?(\D*)")
    numbers = [cell for cell in cells if re.search(r"\d", cell["text"])]
    found = [pattern.fullmatch(cell["text"]) for cell in numbers]
    if not all(found) or len({match[2] for match in found if match}) > 1:
        return  # intervals, or units that differ: right-aligned as they are
    decimals = [match[1] or "" for match in found if match]
    longest = max(decimals, key=len, default="")
    for cell, own in zip(numbers, decimals, strict=True):
        missing = longest[len(own) :]
        cell["pad"] = f"{decimal}{missing}" if missing and not own else missing


def _lengths(label: str, cells: Sequence[BlockData]) -> dict[str, Any]:
    """Estimate how much room a column needs: at least, at most, and its weight among others."""
    lengths = [len(cell["text"]) + 2 * (cell["kind"] == "tag") for cell in cells] or [1]
    # a verdict or anything short stays on one line
    whole = [n for n, cell in zip(lengths, cells, strict=False) if cell["kind"] == "tag" or n < 13]
    words = [word for cell in cells for word in re.split("[ \u200b]", cell["text"])]
    heads = [f"{word}–" for word in label.split()]  # bold, and never hyphenated
    bare = _LETTER * min(max([*whole, *map(len, words)], default=1), 24) + _GAP
    least = max(bare, _LETTER * min(max(map(len, heads)), 24) + _GAP)
    mean = sum(lengths) / len(lengths)
    return {
        "upright": False,
        "bare": max(bare, _LINE * len(wrap(label, _TALL)) + _GAP),
        "least": least,
        "most": max(_LETTER * max(*lengths, len(label)) + _GAP, least),
        "weight": mean**0.5 * max(lengths) ** 0.2,
        "long": mean > 25,
    }


def _widths(columns: Sequence[BlockData]) -> list[float]:
    """Share the width in points: no column under its longest word nor over its longest text."""
    total = sum(column["most"] for column in columns)
    if total <= _WIDTH:  # as wide as it needs, but not narrower than the prose
        return [round(c["most"] * max(total, _MEASURE) / total, 1) for c in columns]
    total = sum(column["least"] for column in columns)
    if total >= _WIDTH:
        return [round(c["least"] * _WIDTH / total, 1) for c in columns]
    low, high, widths = 0.0, _WIDTH, []
    for _ in range(50):  # the total grows with the factor
        factor = (low + high) / 2
        widths = [min(max(factor * c["weight"], c["least"]), c["most"]) for c in columns]
        low, high = (factor, high) if sum(widths) < _WIDTH else (low, factor)
    return [round(width, 1) for width in widths]
