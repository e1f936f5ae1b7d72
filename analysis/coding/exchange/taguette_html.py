"""A document that Taguette exported as HTML, with its highlights and their tags.

The export says where a highlight ends (its tags follow in brackets) but not where one starts that
overlaps the one before it; such a highlight gets what is left of it, and the report says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.coding.exchange.model import ForeignCoding, ForeignProject, ForeignSource
from analysis.coding.exchange.refi import derived
from analysis.coding.exchange.taguette import BLOCKS, TaguetteError, add_tags, tag_guid
from analysis.coding.text import PositionMap, Units

_LARGEST = 64 << 20


def read_taguette_html(path: Path) -> ForeignProject:
    """Read one exported document.

    Raises
    ------
    TaguetteError
        When it has no highlights, which is how such an export is recognised.
    """
    from lxml import html

    if path.stat().st_size > _LARGEST:
        raise TaguetteError(f"{path.name}: ocupa más de {_LARGEST >> 20} MB.")
    data = path.read_bytes()
    try:
        root = html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8"))
    except (ValueError, AssertionError, html.etree.LxmlError) as error:
        raise TaguetteError(f"{path.name}: no es HTML legible ({error}).") from error
    body = root.find("body")
    if body is None or not body.xpath(".//span[@class='highlight']"):
        raise TaguetteError(
            f"{path.name}: no tiene marcas de Taguette. Si es un documento por codificar, "
            "agréguelo con: cuadernos coding add"
        )
    heading = body.find("h1")
    name = path.stem if heading is None else heading.text_content().strip() or path.stem
    if heading is not None:
        tail = heading.tail or ""
        body.remove(heading)
        body.text = (body.text or "") + tail
    project = ForeignProject(name=name, origin="Taguette")
    marks, text, overlapping = _read(body)
    guid = derived("taguette", "html", name)
    positions = PositionMap(text, Units())
    project.sources[guid] = ForeignSource(guid, name, positions.text, data, "html")
    add_tags(project, {tag: "" for _, _, tags in marks for tag in tags})
    for start, end, tags in marks:
        span = positions.span(start, end)
        if span is None:
            continue
        project.selections += 1
        selection = derived(guid, *span)
        project.codings += [
            ForeignCoding(derived(selection, tag), selection, guid, *span, tag_guid(tag))
            for tag in tags
        ]
    if overlapping:
        project.losses.append(
            f"{overlapping} marcas siguen a otra sin texto en medio: si se solapaban, su comienzo "
            "se perdió (use el proyecto .sqlite3, que sí lo dice)."
        )
    return project


def _read(body: Any) -> tuple[list[tuple[int, int, list[str]]], str, int]:
    """Go through the text; returns marks, text, and how many follow another at once."""
    pieces: list[str] = []
    marks: list[tuple[int, int, list[str]]] = []
    length = overlapping = 0
    start: int | None = None
    ended = -1
    last, pending = "\n", False
    for kind, piece in _events(body):
        if kind == "tags":
            if start is not None:
                tags = [tag.strip() for tag in piece.strip().strip("[]").split(", ")]
                marks.append((start, length, [tag for tag in tags if tag]))
                start, ended = None, length
            continue
        if kind == "break":
            pending = True
            continue
        if pending and last != "\n" and not piece.startswith("\n"):
            pieces.append("\n")
            length += 1
        pending = False
        if kind == "marked":
            if start is None:
                start = length
                overlapping += ended == length
        elif kind == "plain" and piece.strip():
            start = None  # text without mark: a mark without tags ended
        pieces.append(piece)
        length += len(piece)
        last = piece[-1:] or last
    return marks, "".join(pieces).rstrip("\n") + "\n", overlapping


def _events(body: Any) -> Iterator[tuple[str, str]]:
    def walk(item: Any, marked: bool) -> Iterator[tuple[str, str]]:
        tag = item.tag if isinstance(item.tag, str) else ""
        if tag in BLOCKS:
            yield "break", ""
        kind = item.get("class", "") if tag else ""
        if kind == "taglist":
            yield "tags", item.text_content()
            return
        inside = marked or kind == "highlight"
        name = "marked" if inside else "plain"
        if tag and item.text:
            yield name, item.text
        for child in item if tag else ():
            yield from walk(child, inside)
            if child.tail:
                yield name, child.tail
        if tag in BLOCKS:
            yield "break", ""

    yield from walk(body, False)
