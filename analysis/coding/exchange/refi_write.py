"""Write a corpus as a REFI-QDA project (.qdpx) or its codebook (.qdc)."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import pandas as pd

from analysis.coding.codebook import Code
from analysis.coding.codings import cell
from analysis.coding.corpus import Corpus
from analysis.coding.documents import Document
from analysis.coding.exchange.bring_in import FIELDS, KEPT, KEPT_PROJECT, MEDIA, NOBODY
from analysis.coding.exchange.describe import describe
from analysis.coding.exchange.refi import (
    CODEBOOK_NAMESPACE,
    ORIGIN,
    PROJECT_NAMESPACE,
    derived,
    legal,
    put_in_order,
    set_text,
    walk_codes,
)
from analysis.coding.exchange.refi_read import read_qdpx
from analysis.coding.read_marks import marked_as_read
from analysis.files import write_whole

_MOMENT = (1980, 1, 1, 0, 0, 0)  # of members, so that equal corpora give equal files


def write_qdc(corpus: Corpus, path: Path) -> list[str]:
    """Write the codebook; returns what the format cannot hold, in Spanish."""
    root = Element("CodeBook", {"origin": ORIGIN})
    root.append(_codes(corpus, {}))
    write_whole(path, _xml(root, CODEBOOK_NAMESPACE))
    return _losses(corpus, codings=False)


def write_qdpx(corpus: Corpus, path: Path) -> list[str]:
    """Write the project: what the corpus holds, and what it kept of an imported one.

    Positions are Unicode code points of the texts written, end exclusive. The file is read again
    before it takes its name.

    Returns
    -------
    list of str
        What the format cannot hold, in Spanish.

    Raises
    ------
    ValueError
        When codings do not agree with their texts, or what was written does not read back.
    """
    problems = corpus.coding_problems()
    if problems:
        lines = "\n".join(f"  - {problem}" for problem in problems[:20])
        raise ValueError(
            f"No se exporta: hay codificaciones que no concuerdan con su texto.\n{lines}\n"
            f"Véalas todas con: cuadernos coding status --corpus {corpus.id}"
        )
    root = _project(corpus)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    try:
        _pack(corpus, root, Path(draft))
        again = read_qdpx(Path(draft))
        written = {coding.guid for coding in again.codings}
        if written != set(corpus.codings["guid"]) or again.losses:
            raise ValueError(
                "Lo que se escribió no se vuelve a leer igual; no se dejó ningún archivo. "
                + " ".join(again.losses[:3])
            )
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
    return _losses(corpus, codings=True)


def _losses(corpus: Corpus, *, codings: bool) -> list[str]:
    found = []
    if any(code.name_en and code.name_es for code in corpus.codebook):
        found.append("Los textos en inglés del libro de códigos (quedan en codebook/).")
    if len(corpus.codebooks) > 1:
        found.append("Las versiones anteriores del libro de códigos.")
    if codings and len(corpus.codings):
        found.append("La versión del libro con que se hizo cada codificación.")
        if corpus.codings["weight"].notna().any():
            found.append("El peso de las codificaciones.")
    if codings and marked_as_read(corpus.folder):
        found.append("Qué documentos se marcaron como leídos, sin códigos.")
    return found


def _pack(corpus: Corpus, root: Element, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "project.qde", _xml(root, PROJECT_NAMESPACE))
        for document in corpus.documents.values():
            _add(archive, f"sources/{document.guid}.txt", document.text.encode("utf-8"))
        media = corpus.folder / KEPT / MEDIA
        for file in sorted(media.glob("[!.]*")):
            archive.write(file, f"sources/{file.name}", zipfile.ZIP_STORED)


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _MOMENT)
    info.external_attr = 0o644 << 16
    compression = zipfile.ZIP_DEFLATED if len(data) < 1 << 20 else zipfile.ZIP_STORED
    archive.writestr(info, data, compression)


def _xml(root: Element, namespace: str) -> bytes:
    root.set("xmlns", namespace)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _project(corpus: Corpus) -> Element:
    kept = corpus.folder / KEPT / KEPT_PROJECT
    if kept.is_file():
        root = ElementTree.parse(kept).getroot()
    else:
        root = Element("Project", {"name": corpus.label["es"], "origin": ORIGIN})
        set_text(root, "Description", corpus.made["es"])
    _write_users(corpus, root)
    _write_codebook(corpus, root)
    variables = _Variables(root, corpus)
    sources = _collection(root, "Sources")
    by_guid = {element.get("guid"): element for element in root.iterfind("Sources/TextSource")}
    by_guid |= {e.get("guid"): e for e in root.iterfind("Sources/PDFSource/Representation")}
    notes = _Notes(root)
    groups = dict(iter(corpus.codings.groupby("document", sort=False)))
    for document in corpus.documents.values():
        source = by_guid.get(document.guid)
        if source is None:
            source = SubElement(sources, "TextSource", {"guid": document.guid})
            variables.write(source, document)
        if source.tag == "TextSource":
            source.set("name", legal(document.title))
        source.set("plainTextPath", f"internal://{document.guid}.txt")
        rows = groups.get(document.id)
        _write_selections(corpus, source, rows, notes)
    for name in ("Users", "Sources", "Notes", "Variables"):
        found = root.find(name)
        if found is not None and len(found) == 0:
            root.remove(found)
    put_in_order(root)
    return root


def _collection(root: Element, name: str) -> Element:
    found = root.find(name)
    return SubElement(root, name) if found is None else found


def _write_users(corpus: Corpus, root: Element) -> None:
    users = _collection(root, "Users")
    known = {user.get("guid"): user for user in users}
    for coder in corpus.coders.values():
        guid = _user(corpus, coder.id)
        if guid and guid not in known:
            attributes = {"guid": guid, "name": coder.name or coder.id, "id": coder.id}
            SubElement(users, "User", attributes)


def _user(corpus: Corpus, coder: str) -> str:
    if coder == NOBODY:
        return ""
    return corpus.coders[coder].guid or derived(corpus.id, "coder", coder)


def _write_codebook(corpus: Corpus, root: Element) -> None:
    book = _collection(root, "CodeBook")
    former = book.find("Codes")
    kept = {}
    if former is not None:
        kept = {code.get("guid", ""): code for code, _ in walk_codes(former)}
    book[:] = [_codes(corpus, kept)] if len(corpus.codebook) else []
    if len(book) == 0:
        root.remove(book)


def _codes(corpus: Corpus, kept: Mapping[str, Element]) -> Element:
    codes = Element("Codes")
    places = {"": codes}
    for code in _top_down(corpus):
        element = Element("Code", _code_attributes(code))
        former = kept.get(code.guid)
        if former is not None:
            element.extend(former.findall("NoteRef"))
        set_text(element, "Description", describe(code))
        parent = code.parent if code.parent in corpus.codebook else ""
        places[parent].append(element)
        places[code.code] = element
    return codes


def _top_down(corpus: Corpus) -> Iterable[Code]:
    for top in corpus.codebook.children():
        for code in (top, *corpus.codebook.descendants(top)):
            yield corpus.codebook[code]


def _code_attributes(code: Code) -> dict[str, str]:
    attributes = {
        "guid": code.guid,
        "name": legal(code.name("es")),
        "isCodable": "true" if code.codable else "false",
    }
    if code.color:
        attributes["color"] = code.color
    return attributes


class _Notes:
    """The notes of a project, where memos of codings are written."""

    def __init__(self, root: Element) -> None:
        self._notes = _collection(root, "Notes")
        self._by_guid = {note.get("guid", ""): note for note in self._notes}

    def write(self, coding: Element, memo: str, user: str) -> None:
        """Give a coding its memo, unless its notes say it already."""
        references = coding.findall("NoteRef")
        texts = [self._text(reference.get("targetGUID", "")) for reference in references]
        if "\n\n".join(filter(None, texts)) == memo:
            return
        for reference in references:
            coding.remove(reference)
        if not memo:
            return
        guid = derived(coding.get("guid", ""), "memo")
        note = self._by_guid.get(guid)
        if note is None:
            note = SubElement(self._notes, "Note", {"guid": guid, "name": "Memo"})
            self._by_guid[guid] = note
        if user:
            note.set("creatingUser", user)
        set_text(note, "PlainTextContent", memo)
        SubElement(coding, "NoteRef", {"targetGUID": guid})

    def _text(self, guid: str) -> str:
        note = self._by_guid.get(guid)
        return "" if note is None else note.findtext("PlainTextContent") or ""


def _write_selections(
    corpus: Corpus, source: Element, rows: pd.DataFrame | None, notes: _Notes
) -> None:
    """Rebuild the selections of a source from the codings, keeping what is known of each."""
    former = {s.get("guid", ""): s for s in source.findall("PlainTextSelection")}
    codings = {c.get("guid", ""): c for s in former.values() for c in s.findall("Coding")}
    groups: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
    for row in rows.to_dict("records") if rows is not None else []:
        start, end = int(row["start"]), int(row["end"])
        known = cell(row["selection"]) or derived(corpus.id, row["document"], start, end)
        groups.setdefault((known, start, end), []).append(row)
    made: list[Element] = []
    used: set[str] = set()
    for (guid, start, end), group in groups.items():
        old = former.get(guid)
        if guid in used:  # a coding of it was moved: it is a selection of its own now
            guid, old = derived(guid, start, end), None
        used.add(guid)
        element = Element("PlainTextSelection", dict(old.attrib) if old is not None else {})
        if old is not None:
            element.extend(child for child in old if child.tag != "Coding")
        else:
            element.set("name", _quote(str(group[0]["text"])))
        element.set("guid", guid)
        element.set("startPosition", str(start))
        element.set("endPosition", str(end))
        element.extend(_coding(corpus, row, codings.get(str(row["guid"])), notes) for row in group)
        put_in_order(element)
        made.append(element)
    bare = [s for guid, s in former.items() if guid not in used and s.find("Coding") is None]
    for selection in former.values():
        source.remove(selection)
    order = {guid: place for place, guid in enumerate(former)}
    made = sorted([*made, *bare], key=lambda s: order.get(s.get("guid", ""), len(order)))
    source.extend(made)
    put_in_order(source)


def _coding(corpus: Corpus, row: Mapping[str, Any], old: Element | None, notes: _Notes) -> Element:
    element = Element("Coding", dict(old.attrib) if old is not None else {})
    if old is not None:
        element.extend(old)
    element.set("guid", str(row["guid"]))
    user = _user(corpus, str(row["coder"]))
    if user and (old is None or old.get("creatingUser")):
        element.set("creatingUser", user)
    time = cell(row["time"])
    if old is None and _is_time(time):
        element.set("creationDateTime", time)
    reference = element.find("CodeRef")
    if reference is None:
        reference = SubElement(element, "CodeRef")
    reference.set("targetGUID", corpus.codebook[str(row["code"])].guid)
    notes.write(element, cell(row["memo"]), user)
    put_in_order(element)
    return element


def _is_time(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return "T" in text


def _quote(text: str, size: int = 60) -> str:
    plain = " ".join(legal(text).split())
    return plain if len(plain) <= size else plain[: size - 1] + "…"


class _Variables:
    """What a corpus knows of its own documents, as variables; imported ones keep what they had."""

    def __init__(self, root: Element, corpus: Corpus) -> None:
        self._variables = _collection(root, "Variables")
        self._names = {v.get("name", ""): v.get("guid", "") for v in self._variables}
        self._corpus = corpus

    def write(self, source: Element, document: Document) -> None:
        """Write the fields of a document that have a value."""
        values = (
            {"id": document.id}
            | {name: getattr(document, name) for name in FIELDS}
            | dict(document.variables)
        )
        for name, value in values.items():
            if not value:
                continue
            if name not in self._names:
                self._names[name] = derived(self._corpus.id, "variable", name)
                attributes = {"guid": self._names[name], "name": name, "typeOfVariable": "Text"}
                SubElement(self._variables, "Variable", attributes)
            element = SubElement(source, "VariableValue")
            SubElement(element, "VariableRef", {"targetGUID": self._names[name]})
            SubElement(element, "TextValue").text = legal(value)
        put_in_order(source)
