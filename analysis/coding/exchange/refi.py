"""Names and shapes of REFI-QDA (QDA-XML 1.0), shared by reading and writing.

Elements are held without namespace; attributes that are GUIDs in lower case without braces.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as SafeElementTree

PROJECT_NAMESPACE = "urn:QDA-XML:project:1.0"
CODEBOOK_NAMESPACE = "urn:QDA-XML:codebook:1.0"
ORIGIN = "Cuadernos"
MEDIA = ("PictureSource", "PDFSource", "AudioSource", "VideoSource")
_DEEPEST = 200  # levels of elements; a codebook has fewer than ten
_GUID_ATTRIBUTES = {"guid", "creatingUser", "modifyingUser", "creatingUserGUID"}
_GUID_ATTRIBUTES |= {"modifyingUserGUID", "targetGUID", "representedGUID", "originGUID"}
_GUID_ATTRIBUTES |= {"sourceVertex", "targetVertex", "fromSyncPoint", "toSyncPoint"}
_GUID = re.compile(
    r"\{?([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\}?"
)
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# order of the children that the schema demands
ORDER = {
    "Project": "Users CodeBook Variables Cases Sources Notes Links Sets Graphs Description NoteRef",
    "Code": "Description NoteRef Code",
    "TextSource": "Description PlainTextContent PlainTextSelection Coding NoteRef VariableValue",
    "PlainTextSelection": "Description Coding NoteRef",
    "Coding": "CodeRef NoteRef",
    "Case": "Description CodeRef VariableValue SourceRef SelectionRef",
}
ORDER |= dict.fromkeys(("Note", "Representation"), ORDER["TextSource"])


class RefiError(ValueError):
    """A file is not a REFI-QDA project or codebook that can be read."""


def parse_xml(data: bytes, name: str) -> Element:
    """Parse XML that somebody else wrote: no DTD, no entities, no deep nesting.

    Returns
    -------
    Element
        With local names and normalised GUIDs.
    """
    try:
        root = SafeElementTree.fromstring(
            data, forbid_dtd=True, forbid_entities=True, forbid_external=True
        )
    except DefusedXmlException as error:
        raise RefiError(
            f"{name}: declara un DTD o entidades, que un proyecto no necesita y pueden ser un "
            "ataque. No se importó nada."
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise RefiError(f"{name}: no es XML bien formado ({error}). No se importó nada.") from error
    pending: list[tuple[Element, int]] = [(root, 1)]
    while pending:
        element, depth = pending.pop()
        if depth > _DEEPEST:
            raise RefiError(f"{name}: anida más de {_DEEPEST} niveles. No se importó nada.")
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
        for key in list(element.attrib):
            if key in _GUID_ATTRIBUTES:
                element.attrib[key] = normal_guid(element.attrib[key])
            elif key.startswith("{"):  # xsi:schemaLocation and the like
                del element.attrib[key]
        pending += ((child, depth + 1) for child in element)
    return root


def normal_guid(text: str) -> str:
    """Write a GUID in lower case without braces; what is not one stays as it is."""
    match = _GUID.fullmatch(text.strip())
    return match.group(1).lower() if match else text


def is_guid(text: str) -> bool:
    """Say whether a text is a GUID."""
    return bool(_GUID.fullmatch(text))


def derived(*parts: object) -> str:
    """Make a GUID that is always the same for the same parts."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "cuadernos:" + "\x1f".join(map(str, parts))))


def text_of(element: Element | None, child: str) -> str:
    """Return the text of a child, empty without one."""
    return (element.findtext(child) or "") if element is not None else ""


def legal(text: str) -> str:
    """Take out the characters that XML cannot carry."""
    return _ILLEGAL.sub("", text)


def put_in_order(element: Element) -> None:
    """Sort the children of an element as the schema demands."""
    order = {name: rank for rank, name in enumerate(ORDER[element.tag].split())}
    element[:] = sorted(element, key=lambda child: order.get(child.tag, len(order)))


def set_text(element: Element, child: str, text: str) -> None:
    """Give a child its text; an empty one takes it away."""
    found = element.find(child)
    if not text:
        if found is not None:
            element.remove(found)
        return
    if found is None:
        found = Element(child)
        element.append(found)
        put_in_order(element)
    found.text = legal(text)


def walk_codes(codes: Element) -> Iterator[tuple[Element, str]]:
    """Go through nested codes in order, each with the GUID of the one above."""
    pending = [(child, "") for child in reversed(codes.findall("Code"))]
    while pending:
        code, parent = pending.pop()
        yield code, parent
        pending += [(c, code.get("guid", "")) for c in reversed(code.findall("Code"))]
