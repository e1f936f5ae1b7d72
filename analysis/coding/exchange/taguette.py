"""Taguette projects: one SQLite database with HTML documents, tags and highlights.

Taguette counts positions in bytes of UTF-8 over the text of a document without its marks. It has
no GUIDs: codes get the one that Taguette itself derives from their path, documents and highlights
one derived from their place in the project, so that importing twice gives the same.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import os
import sqlite3
import tempfile
import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from analysis.coding.codings import cell
from analysis.coding.corpus import Corpus
from analysis.coding.exchange.describe import describe
from analysis.coding.exchange.model import (
    ForeignCode,
    ForeignCoding,
    ForeignProject,
    ForeignSource,
)
from analysis.coding.exchange.refi import derived
from analysis.coding.text import PositionMap, Units, canonical

NAMESPACE = uuid.UUID("51b2b2b7-27eb-4ecb-9d56-e75b0a0496c2")  # Taguette's own, for its .qdc
_VERSION = "db5e31a0233d"  # of the tables of Taguette 1.5
_LONGEST_NAME = 50  # characters of a project or document
_LARGEST = 64 << 20  # characters of one document
BLOCKS = {"p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "dl", "dt", "dd"}
BLOCKS |= {"blockquote", "pre", "table", "tr", "caption", "div"}
_TABLES = """
CREATE TABLE users (login VARCHAR(30) NOT NULL PRIMARY KEY, created DATETIME NOT NULL,
  hashed_password VARCHAR(192), disabled BOOLEAN NOT NULL, password_set_date DATETIME,
  language VARCHAR(10), email VARCHAR(256), email_sent DATETIME);
CREATE UNIQUE INDEX ix_users_email ON users (email);
CREATE TABLE projects (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
  description TEXT NOT NULL, created DATETIME NOT NULL);
CREATE TABLE project_members (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  user_login VARCHAR(30) NOT NULL REFERENCES users (login) ON DELETE CASCADE ON UPDATE CASCADE,
  privileges VARCHAR(11) NOT NULL, PRIMARY KEY (project_id, user_login));
CREATE INDEX ix_project_members_project_id ON project_members (project_id);
CREATE INDEX ix_project_members_user_login ON project_members (user_login);
CREATE TABLE documents (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
  description TEXT NOT NULL, filename VARCHAR(200) NOT NULL, created DATETIME NOT NULL,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  text_direction VARCHAR(13) NOT NULL, contents TEXT NOT NULL);
CREATE INDEX ix_documents_project_id ON documents (project_id);
CREATE TABLE commands (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, date DATETIME NOT NULL,
  user_login VARCHAR(30) NOT NULL REFERENCES users (login) ON UPDATE CASCADE,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  document_id INTEGER, payload TEXT NOT NULL);
CREATE INDEX ix_commands_document_id ON commands (document_id);
CREATE INDEX ix_commands_user_login ON commands (user_login);
CREATE INDEX idx_project_document ON commands (project_id, document_id);
CREATE INDEX ix_commands_date ON commands (date);
CREATE INDEX idx_project_id ON commands (project_id, id);
CREATE INDEX ix_commands_project_id ON commands (project_id);
CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  path VARCHAR(200) NOT NULL, description TEXT NOT NULL, UNIQUE (project_id, path));
CREATE INDEX ix_tags_path ON tags (path);
CREATE INDEX ix_tags_project_id ON tags (project_id);
CREATE TABLE highlights (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
  start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, snippet TEXT NOT NULL);
CREATE INDEX ix_highlights_document_id ON highlights (document_id);
CREATE TABLE highlight_tags (
  highlight_id INTEGER NOT NULL REFERENCES highlights (id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  PRIMARY KEY (highlight_id, tag_id));
CREATE INDEX ix_highlight_tags_highlight_id ON highlight_tags (highlight_id);
CREATE INDEX ix_highlight_tags_tag_id ON highlight_tags (tag_id);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
"""


class TaguetteError(ValueError):
    """A file is not a Taguette project that can be read."""


class HtmlText:
    """The text of an HTML document as a reader sees it, and Taguette's positions in it.

    Parameters
    ----------
    contents : str
        HTML of the document. Ends of blocks become line ends, which Taguette does not count.
    """

    def __init__(self, contents: str) -> None:
        characters: list[str] = []
        self._bytes: list[int] = []
        offset = 0
        for piece, counted in _pieces(contents):
            for character in piece:
                characters.append(character)
                self._bytes.append(offset)
                offset += len(character.encode("utf-8", "replace")) if counted else 0
        self._bytes.append(offset)
        self._end = offset
        self._positions = PositionMap("".join(characters), Units())
        self.text = self._positions.text

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Translate a span of bytes into code points of the canonical text."""
        if not 0 <= start < end <= self._end:
            return None
        first = bisect_right(self._bytes, start) - 1
        return self._positions.span(first, bisect_left(self._bytes, end))


def _pieces(contents: str) -> Iterator[tuple[str, bool]]:
    """Give the text nodes of a document, and the line ends that its blocks mean."""
    from lxml import html as parser

    if not contents.strip():
        return
    root = parser.fragment_fromstring(contents, create_parent="div")
    last, pending = "\n", False
    for event, node in _walk(root):
        if event == "block":
            pending = True
            continue
        if pending and last != "\n" and not node.startswith("\n"):
            yield "\n", False
        pending = False
        yield node, True
        last = node[-1:] or last


def _walk(root: Any) -> Iterator[tuple[str, str]]:
    pending: list[tuple[str, Any]] = [("element", root)]
    while pending:
        kind, item = pending.pop()
        if kind != "element":
            yield kind, item
            continue
        todo: list[tuple[str, Any]] = []
        tag = item.tag if isinstance(item.tag, str) else ""
        if tag in BLOCKS:
            todo.append(("block", ""))
        if tag and item.text:
            todo.append(("text", item.text))
        for child in item if tag else ():
            todo.append(("element", child))
            if child.tail:
                todo.append(("text", child.tail))
        if tag in BLOCKS:
            todo.append(("block", ""))
        pending += reversed(todo)


def read_taguette(path: Path) -> ForeignProject:
    """Read a project; the database is opened for reading only.

    Raises
    ------
    TaguetteError
        When it is not one, or holds several projects.
    """
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            base.row_factory = sqlite3.Row
            base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST)
            return _read(base, path)
    except sqlite3.Error as error:
        raise TaguetteError(
            f"{path.name}: no es un proyecto de Taguette legible ({error}). No se importó nada."
        ) from error


def _read(base: sqlite3.Connection, path: Path) -> ForeignProject:
    projects = base.execute("SELECT id, name FROM projects ORDER BY id").fetchall()
    if len(projects) != 1:
        names = ", ".join(str(row["name"]) for row in projects[:10])
        raise TaguetteError(
            f"{path.name}: tiene {len(projects)} proyectos ({names}); exporte uno solo desde "
            "Taguette (Project info, Export project)."
        )
    number, name = projects[0]["id"], str(projects[0]["name"])
    project = ForeignProject(name=name, origin="Taguette")
    tags = base.execute(
        "SELECT id, path, description FROM tags WHERE project_id = ? ORDER BY path", (number,)
    ).fetchall()
    add_tags(project, {str(t["path"]): str(t["description"]) for t in tags})
    paths = {row["id"]: str(row["path"]) for row in tags}
    texts = {}
    for row in base.execute(
        "SELECT id, name, filename, contents FROM documents WHERE project_id = ? ORDER BY id",
        (number,),
    ):
        guid = derived("taguette", name, "document", row["id"], row["name"])
        texts[row["id"]] = guid, HtmlText(str(row["contents"]))
        original = str(row["contents"]).encode("utf-8")
        text = texts[row["id"]][1].text
        project.sources[guid] = ForeignSource(guid, str(row["name"]), text, original, "html")
    authors = _authors(base, number)
    _read_highlights(base, project, texts, paths, authors)
    project.units = "posiciones en bytes UTF-8, como Taguette"
    return project


def add_tags(project: ForeignProject, tags: Mapping[str, str]) -> None:
    """Add tags as codes: a tag below another (``a.b``) is below it in the hierarchy."""
    for path in sorted(tags):
        parent = path.rpartition(".")[0]
        while parent and parent not in tags:
            parent = parent.rpartition(".")[0]
        project.codes[tag_guid(path)] = ForeignCode(
            guid=tag_guid(path),
            name=path[len(parent) + 1 :] if parent else path,
            parent=tag_guid(parent) if parent else "",
            description=canonical(tags[path]),
        )


def tag_guid(path: str) -> str:
    """Return the GUID that Taguette gives a tag in its own codebooks."""
    return str(uuid.uuid5(NAMESPACE, path))


def _authors(base: sqlite3.Connection, number: int) -> dict[int, tuple[str, str]]:
    """Say who made each highlight and when, as the project's history tells."""
    found: dict[int, tuple[str, str]] = {}
    for row in base.execute(
        "SELECT date, user_login, payload FROM commands WHERE project_id = ? ORDER BY id", (number,)
    ):
        try:
            payload = json.loads(row["payload"])
        except (ValueError, TypeError):
            continue
        if isinstance(payload, dict) and payload.get("type") == "highlight_add":
            moment = str(row["date"])[:19].replace(" ", "T") + "Z"
            found.setdefault(payload.get("highlight_id"), (str(row["user_login"]), moment))
    return found


def _read_highlights(
    base: sqlite3.Connection,
    project: ForeignProject,
    texts: Mapping[int, tuple[str, HtmlText]],
    paths: Mapping[int, str],
    authors: Mapping[int, tuple[str, str]],
) -> None:
    tags: dict[int, list[int]] = {}
    for row in base.execute("SELECT highlight_id, tag_id FROM highlight_tags ORDER BY 1, 2"):
        tags.setdefault(row["highlight_id"], []).append(row["tag_id"])
    for row in base.execute(
        "SELECT id, document_id, start_offset, end_offset FROM highlights ORDER BY id"
    ):
        if row["document_id"] not in texts:
            continue
        source, text = texts[row["document_id"]]
        span = text.span(row["start_offset"], row["end_offset"])
        title = project.sources[source].name
        if span is None:
            project.losses.append(f"La marca {row['id']} de «{title}» no cabe en el texto.")
            continue
        project.selections += 1
        login, moment = authors.get(row["id"], ("", ""))
        user = derived("taguette", "user", login) if login else ""
        if login:
            project.users[user], project.logins[user] = login, login
        mine = tags.get(row["id"], [])
        if not mine:
            project.losses.append(f"La marca {row['id']} de «{title}» no tiene etiquetas.")
        selection = derived(source, "highlight", row["id"])
        for tag in mine:
            project.codings.append(
                ForeignCoding(
                    guid=derived(selection, paths[tag]),
                    selection=selection,
                    source=source,
                    start=span[0],
                    end=span[1],
                    code=tag_guid(paths[tag]),
                    user=user,
                    time=moment,
                )
            )


def write_taguette(corpus: Corpus, path: Path) -> list[str]:
    """Write a corpus as a Taguette project; returns what it does not hold, in Spanish."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    try:
        with closing(sqlite3.connect(draft)) as base, base:
            base.executescript(_TABLES)
            _write(base, corpus)
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
    losses = ["Los GUID: Taguette no los tiene.", "Los colores de los códigos."]
    titles = [corpus.label["es"], *(d.title for d in corpus.documents.values())]
    cut = sum(title != _short(title) for title in titles)
    if cut:
        losses.append(f"El final de {cut} títulos de más de {_LONGEST_NAME} caracteres.")
    if corpus.codings["memo"].notna().any():
        losses.append("Las notas de las codificaciones.")
    if corpus.codings["weight"].notna().any():
        losses.append("El peso de las codificaciones.")
    return losses


def _write(base: sqlite3.Connection, corpus: Corpus) -> None:
    moment = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.000000")
    base.execute("INSERT INTO alembic_version VALUES (?)", (_VERSION,))
    base.execute(
        "INSERT INTO projects VALUES (1, ?, ?, ?)",
        (_short(corpus.label["es"]), corpus.made["es"], moment),
    )
    logins = _logins(corpus)
    for login in sorted({"admin", *logins.values()}):
        base.execute(
            "INSERT INTO users (login, created, disabled) VALUES (?, ?, 0)", (login, moment)
        )
        base.execute("INSERT INTO project_members VALUES (1, ?, 'ADMIN')", (login,))
    tags = {}
    for number, (code, tag) in enumerate(tag_paths(corpus).items(), 1):
        tags[code] = number
        text = describe(corpus.codebook[code])
        base.execute("INSERT INTO tags VALUES (?, 1, ?, ?)", (number, tag, text))
    documents = {}
    for number, document in enumerate(corpus.documents.values(), 1):
        documents[document.id] = number
        row = (number, _short(document.title), document.origin, f"{document.id}.txt", moment)
        base.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, 1, 'LEFT_TO_RIGHT', ?)",
            (*row, to_html(document.text)),
        )
    marks: dict[tuple[str, int, int, str], list[dict[str, Any]]] = {}
    for row in corpus.codings.to_dict("records"):
        key = (cell(row["document"]), int(row["start"]), int(row["end"]), cell(row["coder"]))
        marks.setdefault(key, []).append(row)
    for number, ((name, start, end, coder), rows) in enumerate(marks.items(), 1):
        text = corpus.documents[name].text
        span = len(text[:start].encode("utf-8")), len(text[:end].encode("utf-8"))
        mine = sorted({tags[cell(row["code"])] for row in rows})
        base.execute(
            "INSERT INTO highlights VALUES (?, ?, ?, ?, ?)",
            (number, documents[name], *span, to_html(text[start:end])),
        )
        base.executemany(
            "INSERT INTO highlight_tags VALUES (?, ?)", [(number, tag) for tag in mine]
        )
        payload = {"type": "highlight_add", "highlight_id": number, "tags": mine}
        payload |= {"start_offset": span[0], "end_offset": span[1]}
        when = cell(rows[0]["time"])[:19].replace("T", " ") + ".000000"
        base.execute(
            "INSERT INTO commands (date, user_login, project_id, document_id, payload) "
            "VALUES (?, ?, 1, ?, ?)",
            (when, logins[coder], documents[name], json.dumps(payload)),
        )


def _short(name: str) -> str:
    """Cut a name to what Taguette allows."""
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _logins(corpus: Corpus) -> dict[str, str]:
    """Name each coder within the 25 characters that Taguette allows."""
    logins: dict[str, str] = {}
    for coder in corpus.coders:
        login, number = coder[:25], 2
        while login in logins.values():
            login, number = f"{coder[:22]}_{number}", number + 1
        logins[coder] = login
    return logins


def tag_paths(corpus: Corpus) -> dict[str, str]:
    """Name each code as a tag: the names from the top, joined by points, all different."""
    paths: dict[str, str] = {}
    used: set[str] = set()
    for top in corpus.codebook.children():
        for code in (top, *corpus.codebook.descendants(top)):
            own = corpus.codebook[code].name("es").replace(".", "·").strip()
            parent = paths.get(corpus.codebook[code].parent, "")
            base = (f"{parent}.{own}" if parent else own)[:190]
            path, number = base, 2
            while path in used:
                path, number = f"{base} {number}", number + 1
            used.add(path)
            paths[code] = path
    return paths


def to_html(text: str) -> str:
    """Write a text as paragraphs whose text is exactly the text."""
    lines = text.split("\n")
    return "\n".join(
        f"<p>{html.escape(line, quote=False)}</p>" if line or number == 0 else ""
        for number, line in enumerate(lines)
    )
