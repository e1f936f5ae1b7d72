"""Bring a project of another program into a corpus: everything or nothing.

Identity is the GUID. What exists already is updated, what is new is added, and nothing is deleted:
a code or coding that the other program no longer has stays, and the report says so.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from slugify import slugify

from analysis.coding import codebook as codebooks
from analysis.coding import codings as coding_files
from analysis.coding.codebook import Code, code_id
from analysis.coding.corpus import (
    Coder,
    Corpus,
    corpora_folder,
    corpus_ids,
    create_corpus,
    load_coders,
    load_corpus,
    save_coders,
)
from analysis.coding.documents import SOURCES, Document, document_id, save_documents
from analysis.coding.exchange.archive import Archive
from analysis.coding.exchange.describe import describe, parse
from analysis.coding.exchange.model import ForeignCode, ForeignProject, ForeignSource
from analysis.coding.lock import locked
from analysis.files import write_whole
from analysis.paths import Project

KEPT = "exchange"
KEPT_PROJECT = "project.qde"
MEDIA = "media"
NOBODY = "sin_nombre"
_ID = re.compile(r"[a-z0-9-]{1,60}")
FIELDS = ("city", "language", "origin", "section", "consent", "wave", "item", "respondent")


@dataclass
class ImportReport:
    """What an import found and did.

    Parameters
    ----------
    corpus : str
        Corpus that it went into.
    created : bool
        Whether the corpus is new.
    found : dict of str to int
        Codes, names, users, sources, selections, codings and codes used in the file.
    done : Counter
        Documents, codes and codings that are new, changed or equal.
    units : str
        How positions were counted.
    kept : Counter
        What the corpus keeps without showing.
    losses : list of str
        What was lost.
    version : str
        Version of the codebook after the import.
    """

    corpus: str
    created: bool
    found: dict[str, int] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    units: str = ""
    kept: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)
    version: str = ""


def bring_in(project: Project, corpus_id: str, foreign: ForeignProject, file: Path) -> ImportReport:
    """Bring a foreign project into a corpus, which is made if it is not there.

    Parameters
    ----------
    project : Project
        Where the corpora are.
    corpus_id : str
        Corpus.
    foreign : ForeignProject
        What was read.
    file : Path
        Where it was read from; its media are copied out of it.

    Raises
    ------
    ValueError
        When a text differs from the one that the corpus has under the same GUID, or a coding has
        no valid identity. The corpus is then as it was.
    """
    home = corpora_folder(project)
    home.mkdir(parents=True, exist_ok=True)
    # everything happens in a copy, which takes the place of the corpus when it is whole; the lock
    # keeps what somebody codes meanwhile from being lost with the former folder
    with (
        locked(home / corpus_id),
        tempfile.TemporaryDirectory(prefix=".import-", dir=home) as draft_home,
    ):
        draft = Project(Path(draft_home))
        created = corpus_id not in corpus_ids(project)
        if created:
            title = foreign.name or corpus_id
            made = {
                "es": f"Importado de {file.name} ({foreign.origin or 'programa no declarado'}).",
                "en": f"Imported from {file.name} ({foreign.origin or 'program not stated'}).",
            }
            create_corpus(draft, corpus_id, label={"es": title, "en": title}, made=made)
        else:
            (draft.raw / "corpus").mkdir(parents=True)
            shutil.copytree(home / corpus_id, draft.raw / "corpus" / corpus_id)
        report = _fill(draft, corpus_id, foreign, file)
        report.created = created
        final, whole = home / corpus_id, draft.raw / "corpus" / corpus_id
        if created:
            whole.replace(final)
        else:
            old = Path(draft_home) / "old"
            final.replace(old)
            try:
                whole.replace(final)
            except OSError:
                old.replace(final)
                raise
    return report


def _fill(project: Project, corpus_id: str, foreign: ForeignProject, file: Path) -> ImportReport:
    corpus = load_corpus(project, corpus_id)
    report = ImportReport(
        corpus_id, created=False, units=foreign.units, kept=foreign.kept, losses=foreign.losses
    )
    report.found = {
        "codes": len(foreign.codes),
        "names": len({code.name for code in foreign.codes.values()}),
        "users": len(foreign.users),
        "sources": len(foreign.sources),
        "selections": foreign.selections,
        "codings": len(foreign.codings),
        "codes_used": len({coding.code for coding in foreign.codings}),
    }
    codes = _codes(corpus, foreign, file, report)
    documents = _documents(corpus, foreign, report)
    coders = _coders(corpus, foreign)
    _codings(corpus, foreign, codes, documents, coders, report)
    _keep(corpus.folder, foreign, file)
    problems = load_corpus(project, corpus_id).coding_problems()
    if problems:
        lines = "\n".join(f"  - {problem}" for problem in problems[:20])
        raise ValueError(f"{file.name}: hay codificaciones que no concuerdan:\n{lines}")
    return report


def _codes(
    corpus: Corpus, foreign: ForeignProject, file: Path, report: ImportReport
) -> dict[str, str]:
    """Bring the codes in; returns the id of each by GUID."""
    known = {code.guid: code for code in corpus.codebook}
    ids = {guid: code.code for guid, code in known.items()}
    taken = set(corpus.codebook.codes)
    texts = {guid: parse(code.description) for guid, code in foreign.codes.items()}
    for guid, code in foreign.codes.items():
        if guid not in ids:
            wanted = texts[guid].get("code", "")
            ids[guid] = wanted if wanted and wanted not in taken else code_id(code.name, taken)
            taken.add(ids[guid])
    merged: list[Code] = []
    for guid, code in foreign.codes.items():
        made = _code(code, texts[guid], ids)
        if guid in known:
            made = _merge_code(known[guid], made, code)
            report.done["codes equal" if made == known[guid] else "codes changed"] += 1
        else:
            report.done["codes new"] += 1
        merged.append(made)
    rest = [code for guid, code in known.items() if guid not in foreign.codes]
    report.done["codes only here"] = len(rest)
    if not foreign.codes:
        report.version = corpus.codebook.version
        return ids
    order = {code.code: place for place, code in enumerate(corpus.codebook)}
    if order:  # ours keep their order; new ones follow
        merged = sorted([*merged, *rest], key=lambda code: order.get(code.code, len(order)))
    report.version = codebooks.save_codebook(
        corpus.folder, merged, f"Importado de {file.name}.", f"Imported from {file.name}."
    )
    return ids


def _code(code: ForeignCode, texts: Mapping[str, str], ids: Mapping[str, str]) -> Code:
    values = {name: text for name, text in texts.items() if name != "code"}
    return Code(
        code=ids[code.guid],
        guid=code.guid,
        parent=ids.get(code.parent, ""),
        name_es=code.name or ids[code.guid],
        color=code.color,
        codable=code.codable,
        **values,
    )


def _merge_code(ours: Code, theirs: Code, foreign: ForeignCode) -> Code:
    """Take what the other program changed, and keep what it does not hold (English, section)."""
    changes: dict[str, Any] = {"parent": theirs.parent, "codable": theirs.codable}
    if theirs.color:
        changes["color"] = theirs.color
    if foreign.name != ours.name("es"):
        changes["name_es"] = theirs.name_es
    if foreign.description != describe(ours):
        for name in ("definition_es", "include_es", "exclude_es", "example_es"):
            changes[name] = getattr(theirs, name)
    if changes.get("color", "").lower() == ours.color.lower():
        changes.pop("color", None)
    return dataclasses.replace(ours, **changes)


def _documents(
    corpus: Corpus, foreign: ForeignProject, report: ImportReport
) -> dict[str, Document]:
    """Bring the texts in; returns the document of each by GUID."""
    by_guid = {document.guid: document for document in corpus.documents.values()}
    taken = list(corpus.documents)
    for guid, source in foreign.sources.items():
        if guid in by_guid:
            if by_guid[guid].text != source.text:
                raise ValueError(
                    f"El texto de «{source.name}» no es el que tiene el corpus en "
                    f"{by_guid[guid].id}: alguien lo cambió. Impórtelo en otro corpus, o recupere "
                    "el texto original en el otro programa."
                )
            report.done["documents equal"] += 1
            continue
        name = _document_id(source, taken)
        taken.append(name)
        by_guid[guid] = _document(name, source, foreign)
        report.done["documents new"] += 1
        write_whole(corpus.folder / SOURCES / f"{name}.{source.format}", source.original)
    save_documents(corpus.folder, by_guid.values())
    return by_guid


def _document_id(source: ForeignSource, taken: list[str]) -> str:
    """Name a document as its variable ``id`` does, if that can be, else after its title."""
    wanted = source.variables.get("id", "")
    if _ID.fullmatch(wanted) and document_id(wanted, taken) == wanted:
        return source.variables.pop("id")
    return document_id(Path(source.name).stem or source.name, taken)


def _document(name: str, source: ForeignSource, foreign: ForeignProject) -> Document:
    fields = {key: source.variables[key] for key in FIELDS if key in source.variables}
    if fields.get("consent") not in ("not_needed", "quote", "analyse"):
        fields["consent"] = "analyse"
    fields.setdefault("origin", f"Proyecto «{foreign.name}» ({foreign.origin or 'sin programa'})")
    return Document(
        id=name,
        title=source.name,
        text=source.text,
        guid=source.guid,
        file=f"{name}.{source.format}",
        format=source.format,
        sha256=sha256(source.original).hexdigest(),
        variables={
            _column(key): value for key, value in source.variables.items() if key not in FIELDS
        },
        **fields,
    )


def _column(name: str) -> str:
    return slugify(name, separator="_", max_length=60) or "variable"


def _coders(corpus: Corpus, foreign: ForeignProject) -> dict[str, str]:
    """Register the users; returns the id of each by GUID, and of nobody by the empty text."""
    coders = load_coders(corpus.folder)
    ids = {coder.guid: coder.id for coder in coders.values() if coder.guid}
    users = {coding.user for coding in foreign.codings}
    for guid in [*foreign.users, *sorted(users - set(foreign.users))]:
        if guid in ids:
            continue
        if not guid:
            coders.setdefault(NOBODY, Coder(NOBODY, ""))
            ids[""] = NOBODY
            continue
        name = foreign.users.get(guid, "")
        wanted = foreign.logins.get(guid) or name
        base = (slugify(wanted, separator="_", max_length=30) or "persona").strip("_")
        coder, number = base, 2
        while coder in coders:
            coder, number = f"{base}_{number}", number + 1
        coders[coder] = Coder(coder, name, "person", guid)
        ids[guid] = coder
    save_coders(corpus.folder, coders)
    return ids


def _codings(
    corpus: Corpus,
    foreign: ForeignProject,
    codes: Mapping[str, str],
    documents: Mapping[str, Document],
    coders: Mapping[str, str],
    report: ImportReport,
) -> None:
    ours = {str(row["guid"]): row for row in corpus.codings.to_dict("records")}
    changed: dict[str, list[dict[str, Any]]] = {}
    seen: set[str] = set()
    for coding in foreign.codings:
        if coding.guid in seen or not coding.guid:
            raise ValueError(f"Dos codificaciones tienen el GUID «{coding.guid}».")
        seen.add(coding.guid)
        row = coding_files.new_coding(
            documents[coding.source],
            coding.start,
            coding.end,
            codes[coding.code],
            coders[coding.user],
            report.version,
            memo=coding.memo,
            time=coding.time or coding_files.now(),
            guid=coding.guid,
            selection=coding.selection,
        )
        old = ours.get(coding.guid)
        if old is not None:
            row["weight"] = old["weight"]
            if not coding.time:
                row["time"] = old["time"]
            if old["code"] == row["code"]:
                row["codebook_version"] = old["codebook_version"]
            if str(old["coder"]) != row["coder"]:
                report.losses.append(
                    f"La codificación {coding.guid} es de {old['coder']} y el archivo dice "
                    f"{row['coder']}: se dejó como estaba."
                )
                continue
            same = coding_files.cells(old) == coding_files.cells(row)
            report.done["codings equal" if same else "codings changed"] += 1
        else:
            report.done["codings new"] += 1
        changed.setdefault(row["coder"], []).append(row)
    report.done["codings only here"] = len(set(ours) - seen)
    for coder, rows in changed.items():
        guids = {row["guid"] for row in rows}
        mine = coding_files.load_codings(corpus.folder, coder).to_dict("records")
        rest = [row for row in mine if row["guid"] not in guids]
        coding_files.save_codings(corpus.folder, coder, coding_files.frame([*rest, *rows]))


def _keep(folder: Path, foreign: ForeignProject, file: Path) -> None:
    """Keep the project as XML, with what was kept before, and the files that it needs."""
    if foreign.tree is None:
        return
    home = folder / KEPT
    tree = foreign.tree
    if (home / KEPT_PROJECT).is_file():
        before = ElementTree.parse(home / KEPT_PROJECT).getroot()
        tree = _union(before, tree)
    write_whole(home / KEPT_PROJECT, ElementTree.tostring(tree, encoding="utf-8"))
    if not foreign.media:
        return
    (home / MEDIA).mkdir(exist_ok=True)
    with Archive(file) as archive:
        for kept, member in foreign.media.items():
            draft = home / MEDIA / f".{kept}.draft"
            with draft.open("wb") as stream:
                for block in archive.blocks(member):
                    stream.write(block)
            draft.replace(home / MEDIA / kept)


def _union(before: Element, after: Element) -> Element:
    """Add to a project what an earlier one had and it lacks, by GUID."""
    for collection in before:
        if collection.tag in ("CodeBook", "Description", "NoteRef"):
            continue
        target = after.find(collection.tag)
        if target is None:
            after.append(collection)
            continue
        present = {child.get("guid") for child in target}
        target.extend(child for child in collection if child.get("guid") not in present)
    return after
