"""Read REFI-QDA projects (.qdpx) and codebooks (.qdc)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import Element

from analysis.coding.exchange.archive import Archive, Limits, safe_name
from analysis.coding.exchange.model import (
    ForeignCode,
    ForeignCoding,
    ForeignProject,
    ForeignSource,
)
from analysis.coding.exchange.positions import Marked, find_units
from analysis.coding.exchange.refi import (
    MEDIA,
    RefiError,
    is_guid,
    parse_xml,
    text_of,
    walk_codes,
)
from analysis.coding.text import PositionMap, Units, canonical

_VALUES = ["TextValue", "BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue"]
_KEPT = ("Variables", "Cases", "Links", "Sets", "Graphs")
_LARGEST_CODEBOOK = 64 << 20


def read_qdc(path: Path) -> ForeignProject:
    """Read a codebook.

    Raises
    ------
    RefiError
        When it is not one.
    """
    if path.stat().st_size > _LARGEST_CODEBOOK:
        raise RefiError(f"{path.name}: ocupa más de {_LARGEST_CODEBOOK >> 20} MB.")
    root = parse_xml(path.read_bytes(), path.name)
    if root.tag != "CodeBook":
        raise RefiError(f"{path.name}: no es un libro de códigos REFI-QDA (empieza por {root.tag})")
    project = ForeignProject(name=path.stem, origin=root.get("origin", ""))
    _read_codes(project, root.find("Codes"), path.name)
    sets = root.findall("Sets/Set")
    if sets:
        project.losses.append(f"{len(sets)} conjuntos de códigos: un corpus no los tiene.")
    return project


def read_qdpx(path: Path, limits: Limits | None = None) -> ForeignProject:
    """Read a project.

    Parameters
    ----------
    path : Path
        The .qdpx archive.
    limits : Limits, optional
        What it may hold.

    Returns
    -------
    ForeignProject
        Positions are code points of the canonical text of each source, whatever they were.

    Raises
    ------
    ArchiveError, RefiError
        When the archive is damaged or dangerous, or its project cannot be read.
    """
    with Archive(path, limits) as archive:
        names = [n for n in archive.members if "/" not in n and n.lower().endswith(".qde")]
        if len(names) != 1:
            raise RefiError(f"{path.name}: no tiene un proyecto (project.qde). No se importó nada.")
        root = parse_xml(archive.read(names[0]), names[0])
        if root.tag != "Project":
            raise RefiError(f"{path.name}: no es un proyecto REFI-QDA (empieza por {root.tag})")
        project = ForeignProject(
            name=root.get("name") or path.stem, origin=root.get("origin", ""), tree=root
        )
        for user in root.iterfind("Users/User"):
            guid = user.get("guid", "")
            project.users[guid] = user.get("name") or user.get("id") or ""
            project.logins[guid] = user.get("id", "")
        _read_codes(project, root.find("CodeBook/Codes"), path.name)
        sources = _text_sources(root)
        raw: dict[str, str] = {}
        for source, title in sources:
            _read_source(project, archive, source, title, raw)
        notes = _read_notes(project, archive, root)
        _read_media(project, archive, root)
    units = _translate(project, [source for source, _ in sources], raw)
    for source, _ in sources:
        _read_codings(project, source, notes)
    _read_variables(project, root, [source for source, _ in sources])
    _say_kept(project, root)
    if units.breaks == 2 or units.utf16 or units.inclusive or units.mark:
        project.losses.append(
            "La manera de contar posiciones: al exportar se cuentan puntos de código, con fin "
            "exclusivo y saltos de línea de un carácter, como dice el estándar."
        )
    return project


def _read_codes(project: ForeignProject, codes: Element | None, file: str) -> None:
    if codes is None:
        return
    for code, parent in walk_codes(codes):
        guid = code.get("guid", "")
        if not is_guid(guid):
            raise RefiError(f"{file}: el código «{code.get('name', '')}» no tiene un GUID válido.")
        if guid in project.codes:
            raise RefiError(f"{file}: dos códigos tienen el GUID {guid}.")
        project.codes[guid] = ForeignCode(
            guid=guid,
            name=code.get("name", ""),
            parent=parent,
            color=_color(code.get("color", "")),
            description=canonical(text_of(code, "Description")),
            codable=code.get("isCodable", "true") in ("true", "1"),
        )


def _color(text: str) -> str:
    if len(text) == 4:
        text = "#" + "".join(2 * digit for digit in text[1:])
    return text if len(text) == 7 else ""


def _text_sources(root: Element) -> list[tuple[Element, str]]:
    """List what has text: text sources, and the text that accompanies a PDF."""
    found = []
    for source in root.findall("Sources/*"):
        if source.tag == "TextSource":
            found.append((source, source.get("name") or ""))
        elif source.tag == "PDFSource":
            text = source.find("Representation")
            if text is not None and (
                text.get("plainTextPath") or text.find("PlainTextContent") is not None
            ):
                found.append((text, source.get("name") or text.get("name") or ""))
    return found


def _member(archive: Archive, reference: str) -> str | None:
    """Name of the member that a path means; None when it means a file outside the archive.

    ``internal://`` is the folder ``sources``; some programs write the bare name.
    """
    name = reference.removeprefix("internal://")
    if not safe_name(name):
        return None
    candidates = (f"sources/{name}", f"Sources/{name}", name)
    return next((c for c in candidates if c in archive.members), f"sources/{name}")


def _read_source(
    project: ForeignProject, archive: Archive, source: Element, title: str, raw: dict[str, str]
) -> None:
    guid = source.get("guid", "")
    if not is_guid(guid):
        raise RefiError(f"{archive.path.name}: una fuente no tiene un GUID válido ({title}).")
    if guid in raw:
        raise RefiError(f"{archive.path.name}: dos fuentes tienen el GUID {guid}.")
    data = _text_bytes(archive, source)
    raw[guid] = _decode(data, f"{archive.path.name}, fuente {title or guid}")
    reference = source.get("plainTextPath", "")
    project.sources[guid] = ForeignSource(
        guid=guid,
        name=title or reference.rpartition("/")[2] or guid,
        text=canonical(raw[guid]),
        original=data,
    )
    content = source.find("PlainTextContent")
    if content is not None:
        source.remove(content)
    source.attrib.pop("plainTextPath", None)


def _text_bytes(archive: Archive, source: Element) -> bytes:
    content = source.find("PlainTextContent")
    if content is not None:
        return (content.text or "").encode("utf-8")
    reference = source.get("plainTextPath", "")
    name = _member(archive, reference) if reference else None
    if name is None:
        what = f"remite a «{reference[:80]}», fuera del archivo" if reference else "no trae texto"
        raise RefiError(
            f"{archive.path.name}: la fuente «{source.get('name', '')}» {what}. No se importó nada."
        )
    return archive.read(name)


def _decode(data: bytes, where: str) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise RefiError(f"{where}: el texto no está en UTF-8. No se importó nada.") from None
    return "\ufeff" + text if encoding == "utf-16" else text


def _read_notes(project: ForeignProject, archive: Archive, root: Element) -> dict[str, str]:
    notes = {}
    for note in root.iterfind("Notes/Note"):
        content = note.find("PlainTextContent")
        reference = note.get("plainTextPath", "")
        if content is not None:
            notes[note.get("guid", "")] = canonical(content.text or "")
        elif reference:
            name = _member(archive, reference)
            if name is None or name not in archive.members:
                project.losses.append(f"Una nota remite a «{reference[:80]}», que no está.")
                continue
            text = canonical(_decode(archive.read(name), name))
            notes[note.get("guid", "")] = text
            note.attrib.pop("plainTextPath")
            made = Element("PlainTextContent")
            made.text = text
            description = note.find("Description")
            note.insert(0 if description is None else 1, made)
    return notes


def _read_media(project: ForeignProject, archive: Archive, root: Element) -> None:
    """Find the files to keep: pictures, PDF, audio, video and formatted texts."""
    for element in root.iter():
        for attribute in ("path", "currentPath", "richTextPath", "plainTextPath"):
            reference = element.get(attribute)
            if not reference or element.tag == "Project":
                continue
            name = _member(archive, reference)
            title = element.get("name") or element.get("guid", "")
            if name is None or name not in archive.members:
                if attribute != "currentPath":
                    project.losses.append(
                        f"{element.tag} «{title}»: el archivo «{reference[:80]}» no viene dentro "
                        "del proyecto; se conserva la referencia."
                    )
                continue
            kept = name.removeprefix("sources/").removeprefix("Sources/").replace("/", "_")
            project.media[kept] = name
            element.set(attribute, f"internal://{kept}")


def _translate(project: ForeignProject, sources: Iterable[Element], raw: dict[str, str]) -> Units:
    """Turn every position into code points of the canonical text, in the tree itself."""
    sources = list(sources)
    marked = []
    for source in sources:
        for selection in source.findall("PlainTextSelection"):
            quotes = (selection.get("name", ""), text_of(selection, "Description"))
            start, end = _number(selection, "startPosition"), _number(selection, "endPosition")
            marked.append(Marked(source.get("guid", ""), start, end, quotes))
    found = find_units(raw, marked)
    project.units = found.evidence
    for source in sources:
        guid = source.get("guid", "")
        positions = PositionMap(raw[guid], found.units)
        for selection in source.findall("PlainTextSelection"):
            project.selections += 1
            start, end = _number(selection, "startPosition"), _number(selection, "endPosition")
            span = positions.span(start, end)
            if span is None:
                source.remove(selection)
                codes = len(selection.findall("Coding"))
                project.losses.append(
                    f"Fragmento {start}-{end} de «{project.sources[guid].name}» "
                    f"({codes} codificaciones): no cabe en el texto."
                )
                continue
            selection.set("startPosition", str(span[0]))
            selection.set("endPosition", str(span[1]))
    return found.units


def _number(element: Element, attribute: str) -> int:
    try:
        return int(element.get(attribute, ""))
    except ValueError:
        return -1


def _read_codings(project: ForeignProject, source: Element, notes: dict[str, str]) -> None:
    guid = source.get("guid", "")
    for selection in source.findall("PlainTextSelection"):
        for coding in selection.findall("Coding"):
            reference = coding.find("CodeRef")
            code = reference.get("targetGUID", "") if reference is not None else ""
            if code not in project.codes:
                selection.remove(coding)
                project.losses.append(
                    f"Una codificación de «{project.sources[guid].name}» remite a un código que "
                    f"no está ({code or 'sin GUID'})."
                )
                continue
            memos = [notes.get(n.get("targetGUID", ""), "") for n in coding.findall("NoteRef")]
            project.codings.append(
                ForeignCoding(
                    guid=coding.get("guid", ""),
                    selection=selection.get("guid", ""),
                    source=guid,
                    start=_number(selection, "startPosition"),
                    end=_number(selection, "endPosition"),
                    code=code,
                    user=coding.get("creatingUser") or selection.get("creatingUser") or "",
                    time=coding.get("creationDateTime") or selection.get("creationDateTime") or "",
                    memo="\n\n".join(filter(None, memos)),
                )
            )


def _read_variables(project: ForeignProject, root: Element, sources: Iterable[Element]) -> None:
    """Give each source its variables and those of the one case that it belongs to."""
    names = {
        variable.get("guid", ""): variable.get("name", "")
        for variable in root.iterfind("Variables/Variable")
    }

    def values(element: Element) -> dict[str, str]:
        found = {}
        for value in element.findall("VariableValue"):
            reference = value.find("VariableRef")
            name = names.get(reference.get("targetGUID", "") if reference is not None else "")
            text = next((value.findtext(kind) for kind in _VALUES if value.findtext(kind)), "")
            if name and text:
                found[name] = canonical(text)
        return found

    cases: dict[str, list[Element]] = {}
    for case in root.iterfind("Cases/Case"):
        for reference in case.findall("SourceRef"):
            cases.setdefault(reference.get("targetGUID", ""), []).append(case)
    for source in sources:
        guid = source.get("guid", "")
        mine = cases.get(guid, [])
        if len(mine) == 1:
            project.sources[guid].variables |= {"case": mine[0].get("name", ""), **values(mine[0])}
        project.sources[guid].variables |= values(source)


def _say_kept(project: ForeignProject, root: Element) -> None:
    """Count what a corpus cannot show but keeps for the next export."""
    kept: Counter[str] = Counter()
    for name in _KEPT:
        kept[name] = len(root.findall(f"{name}/*"))
    for name in MEDIA:
        kept[name] = len(root.findall(f"Sources/{name}"))
    for selection in ("PictureSelection", "PDFSelection", "AudioSelection", "VideoSelection",
                      "TranscriptSelection"):  # fmt: skip
        kept[selection] = len(root.findall(f".//{selection}"))
    kept["Note"] = len(root.findall("Notes/Note"))
    kept["document coding"] = len(root.findall("Sources/*/Coding"))
    project.kept = Counter({name: count for name, count in kept.items() if count})
