"""What any other program's project holds, in one form, and what was found while reading it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element


@dataclass
class ForeignCode:
    """A code; its identity is the GUID, names need not be unique."""

    guid: str
    name: str
    parent: str = ""
    color: str = ""
    description: str = ""
    codable: bool = True


@dataclass
class ForeignSource:
    """A text source in canonical form, with the bytes that it came in."""

    guid: str
    name: str
    text: str
    original: bytes
    format: str = "txt"
    variables: dict[str, str] = field(default_factory=dict)


@dataclass
class ForeignCoding:
    """One code on one span (code points of the canonical text, end exclusive) by one user."""

    guid: str
    selection: str
    source: str
    start: int
    end: int
    code: str
    user: str = ""
    time: str = ""
    memo: str = ""


@dataclass
class ForeignProject:
    """A project of another program.

    Parameters
    ----------
    name, origin : str
        Title and program.
    codes, users, sources, codings
        What a corpus holds; ``users`` maps GUID to name and
        ``logins`` to the short name, where there is one. Users, sources and codes by GUID.
    selections : int
        Spans marked in text sources, coded or not.
    units : str
        How its positions were counted and how that was found, in Spanish.
    kept : Counter
        What a corpus cannot hold but keeps and gives back on export, by name of the element.
    losses : list of str
        What is lost, in Spanish, one sentence each.
    tree : Element or None
        The project as XML, in canonical positions.
    media : dict of str to str
        Members of the archive to keep, by the name under which they are kept.
    """

    name: str
    origin: str
    codes: dict[str, ForeignCode] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    sources: dict[str, ForeignSource] = field(default_factory=dict)
    codings: list[ForeignCoding] = field(default_factory=list)
    selections: int = 0
    units: str = ""
    kept: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)
    tree: Element | None = None
    media: dict[str, str] = field(default_factory=dict)
