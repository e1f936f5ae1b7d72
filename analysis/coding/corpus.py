"""A corpus: its documents, codebook and codings in one folder of ``data/raw/corpus``."""

from __future__ import annotations

import json
import re
import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import pandas as pd

from analysis.coding import codebook as codebooks
from analysis.coding import codings as coding_files
from analysis.coding.codebook import Codebook
from analysis.coding.codings import CodingProblem
from analysis.coding.documents import Document, load_documents, read_table, table_text
from analysis.coding.lock import locked
from analysis.coding.read_marks import marked_as_read
from analysis.coding.seal import check_seals, seal
from analysis.datapackage import Problem
from analysis.files import write_whole
from analysis.paths import Project
from analysis.provenance import EvidenceClass

FOLDER = "corpus"
FILE = "corpus.toml"
CODERS = "coders.csv"
CODER_COLUMNS = ("id", "name", "kind", "guid")
KINDS = ("own_summaries", "documents", "answers", "demo")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


class CorpusError(ValueError):
    """A corpus is not what its tables say; carries every problem found."""

    def __init__(self, folder: Path, problems: list[Problem]) -> None:
        self.folder, self.problems = folder, problems
        lines = "\n".join(f"  - {problem}" for problem in problems)
        number = f"{len(problems)} problema" + ("s" if len(problems) != 1 else "")
        super().__init__(f"{number} en el corpus {folder.name}:\n{lines}")


@dataclass(frozen=True)
class Coder:
    """Who codes.

    Parameters
    ----------
    id : str
        Name of the file of codings.
    name : str
        Name shown; may be empty.
    kind : str
        ``person``, ``dictionary`` or ``consensus``.
    guid : str
        Identity in exchanges; empty when the file that they came from named nobody.
    """

    id: str
    name: str
    kind: str = "person"
    guid: str = ""


@dataclass(frozen=True)
class Corpus:
    """A corpus as read.

    Parameters
    ----------
    id : str
        Name of its folder.
    folder : Path
        Where it is.
    label : mapping of str to str
        Title by language.
    kind : str
        ``own_summaries``, ``documents``, ``answers`` or ``demo``.
    made : mapping of str to str
        How it was made, by language.
    rules : mapping of str to str
        How the rules of its dictionary were written, by language; empty when nobody said so.
    documents : mapping of str to Document
        By id, in order.
    codebook : Codebook
        The present version.
    coders : mapping of str to Coder
        By id.
    """

    id: str
    folder: Path
    label: Mapping[str, str]
    kind: str
    made: Mapping[str, str]
    rules: Mapping[str, str]
    documents: Mapping[str, Document]
    codebook: Codebook
    coders: Mapping[str, Coder]

    @property
    def evidence(self) -> EvidenceClass:
        """Class of what is counted in it."""
        return EvidenceClass.DEMO if self.kind == "demo" else EvidenceClass.OBSERVED

    @cached_property
    def codings(self) -> pd.DataFrame:
        """Codings of every coder (columns: ``codings.COLUMNS``), as they are in the files."""
        return coding_files.load_codings(self.folder)

    def codings_of(self, coder: str) -> pd.DataFrame:
        """Codings of one coder, read again from the file."""
        return coding_files.load_codings(self.folder, coder)

    @cached_property
    def codebooks(self) -> Mapping[str, Codebook]:
        """Every version of the codebook."""
        return {
            row["version"]: codebooks.load_codebook(self.folder, row["version"])[0]
            for row in codebooks.versions(self.folder)
        }

    @property
    def read(self) -> dict[str, set[str]]:
        """Documents that each coder read whatever they found: those marked; a dictionary, all."""
        found = marked_as_read(self.folder)
        for coder in self.coders.values():
            if coder.kind == "dictionary":
                found[coder.id] = set(self.documents)
        return found

    def coding_problems(self) -> list[CodingProblem]:
        """Check every coding against its quoted text and its codebook."""
        return coding_files.check_codings(self.codings, self.documents, self.codebooks)

    def stale(self) -> pd.DataFrame:
        """Find the codings made with a codebook in which their code meant something else."""
        return coding_files.stale(self.codings, self.codebooks, self.codebook)


def corpora_folder(project: Project) -> Path:
    """Return the folder that holds the corpora."""
    return project.raw / FOLDER


def corpus_ids(project: Project) -> list[str]:
    """List the corpora of a project."""
    return sorted(path.parent.name for path in corpora_folder(project).glob(f"*/{FILE}"))


def load_corpus(project: Project, corpus_id: str) -> Corpus:
    """Read a corpus and check documents, seals and codebook.

    Codings are read when asked for, and checked by ``Corpus.coding_problems``, so that a moved
    passage stops nobody from reading the rest.

    Raises
    ------
    FileNotFoundError
        When there is no such corpus.
    CorpusError
        With everything that is wrong.
    """
    corpus, problems = read_corpus(project, corpus_id)
    if problems:
        raise CorpusError(corpus.folder, problems)
    return corpus


def read_corpus(project: Project, corpus_id: str) -> tuple[Corpus, list[Problem]]:
    """Read what can be read of a corpus, with everything that is wrong in it."""
    folder = corpora_folder(project) / corpus_id
    if not _ID.fullmatch(corpus_id) or not (folder / FILE).is_file():
        known = corpus_ids(project)
        near = get_close_matches(corpus_id, known, 1)
        hint = f" ¿Quiso decir «{near[0]}»?" if near else ""
        listed = f" Hay: {', '.join(known)}." if known else " Todavía no hay ninguno."
        raise FileNotFoundError(f"No hay un corpus «{corpus_id}».{hint}{listed}")
    problems: list[Problem] = []
    meta: dict[str, object] = {}
    try:
        meta = tomllib.loads((folder / FILE).read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(FILE, None, "", "", f"no es TOML válido ({error})"))
    kind = str(meta.get("kind", "documents"))
    if kind not in KINDS:
        problems.append(Problem(FILE, None, "kind", kind, f"se admite: {', '.join(KINDS)}"))
    documents, wrong = load_documents(folder)
    codebook, more = codebooks.load_codebook(folder)
    corpus = Corpus(
        id=corpus_id,
        folder=folder,
        label=_by_language(meta.get("label"), corpus_id),
        kind=kind,
        made=_by_language(meta.get("made"), ""),
        rules=_by_language(meta.get("rules"), ""),
        documents=documents,
        codebook=codebook,
        coders=load_coders(folder),
    )
    return corpus, [*problems, *check_seals(folder), *wrong, *more]


def _by_language(value: object, default: str) -> dict[str, str]:
    given = value if isinstance(value, dict) else {}
    return {lang: str(given.get(lang, default)) for lang in ("es", "en")}


def create_corpus(
    project: Project,
    corpus_id: str,
    *,
    label: Mapping[str, str],
    kind: str = "documents",
    made: Mapping[str, str],
) -> Path:
    """Make the folder of a new, empty corpus.

    Raises
    ------
    FileExistsError
        When it exists already.
    ValueError
        When the id cannot name a folder or the kind is unknown.
    """
    if not _ID.fullmatch(corpus_id):
        raise ValueError(
            f"«{corpus_id}» no sirve como nombre de corpus: use minúsculas sin tilde, cifras, "
            "«_» o «-»."
        )
    if kind not in KINDS:
        raise ValueError(f"«{kind}» no es una clase de corpus; se admite: {', '.join(KINDS)}.")
    folder = corpora_folder(project) / corpus_id
    if (folder / FILE).exists():
        raise FileExistsError(f"Ya hay un corpus «{corpus_id}».")
    write_whole(folder / "documents.csv", table_text(_document_columns(), []))
    lines = [
        f"kind = {json.dumps(kind)}",
        'positions = "Unicode code points of the canonical text; end exclusive"',
        'normalisation = "Unicode NFC; lines end with LF; no byte order mark"',
        "",
        "[label]",
        *(f"{lang} = {json.dumps(label[lang], ensure_ascii=False)}" for lang in ("es", "en")),
        "",
        "[made]",
        *(f"{lang} = {json.dumps(made[lang], ensure_ascii=False)}" for lang in ("es", "en")),
    ]
    write_whole(folder / FILE, "\n".join(lines) + "\n")
    seal(folder)
    return folder


def _document_columns() -> tuple[str, ...]:
    from analysis.coding.documents import COLUMNS

    return COLUMNS


def load_coders(folder: Path) -> dict[str, Coder]:
    """Read who codes in a corpus; a file of codings without a row is a person of that id."""
    path = folder / CODERS
    rows = read_table(path)[1] if path.is_file() else []
    known = {
        row["id"]: Coder(row["id"], row["name"], row["kind"] or "person", row["guid"])
        for row in rows
    }
    for coder in coding_files.coders(folder):
        known.setdefault(coder, Coder(coder, coder))
    return known


def save_coders(folder: Path, coders: Mapping[str, Coder]) -> None:
    """Write who codes in a corpus."""
    rows = [
        {"id": coder.id, "name": coder.name, "kind": coder.kind, "guid": coder.guid}
        for coder in coders.values()
    ]
    write_whole(folder / CODERS, table_text(CODER_COLUMNS, rows))


def add_coder(folder: Path, coder_id: str, name: str = "", kind: str = "person") -> Coder:
    """Register a coder, once; who exists stays as it is."""
    coding_files.check_coder(coder_id)
    path = folder / CODERS
    with locked(folder):
        registered = {row["id"] for row in read_table(path)[1]} if path.is_file() else set()
        known = load_coders(folder)
        if coder_id not in registered:
            known[coder_id] = Coder(coder_id, name or coder_id, kind, str(uuid.uuid4()))
            save_coders(folder, known)
    return known[coder_id]
