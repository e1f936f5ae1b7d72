"""Add documents to a corpus: files, or the open answers of a wave."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from analysis import datapackage
from analysis.coding.corpus import corpora_folder, corpus_ids, create_corpus, load_corpus
from analysis.coding.documents import SOURCES, Document, document_id, save_documents
from analysis.coding.extract import Extracted, extract
from analysis.coding.lock import locked
from analysis.coding.text import canonical
from analysis.paths import Project

if TYPE_CHECKING:
    from analysis.instrument import Item
    from analysis.waves import Wave


@dataclass
class AddReport:
    """What was added, and what a person should know of each."""

    added: list[Document] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def add_files(
    project: Project,
    corpus_id: str,
    files: Sequence[Path],
    *,
    origin: str,
    language: str = "es",
    city: str = "",
    consent: str = "analyse",
    encoding: str = "",
) -> AddReport:
    """Copy files into a corpus, seal them and extract their text, all or none.

    Parameters
    ----------
    project, corpus_id
        Corpus; made if it is not there.
    files : sequence of Path
        TXT, MD, DOCX, PDF with text or HTML.
    origin : str
        Where they come from; the name of each file when empty.
    language, city, consent : str
        As in ``Document``.
    encoding : str
        Encoding of plain texts that do not say it.

    Raises
    ------
    ReadError
        When a file cannot be read; no file is then added.
    ValueError
        When a file is in the corpus already.
    """
    extracted = [(path, extract(path, encoding), datapackage.sha256(path)) for path in files]
    with locked(corpora_folder(project) / corpus_id):
        return _add(project, corpus_id, extracted, origin, language, city, consent)


def _add(
    project: Project,
    corpus_id: str,
    extracted: Sequence[tuple[Path, Extracted, str]],
    origin: str,
    language: str,
    city: str,
    consent: str,
) -> AddReport:
    report = AddReport()
    _ensure(project, corpus_id, "documents")
    corpus = load_corpus(project, corpus_id)
    sealed = {document.sha256: document.id for document in corpus.documents.values()}
    taken = list(corpus.documents)
    for path, found, digest in extracted:
        if digest in sealed:
            raise ValueError(f"{path.name} ya está en el corpus, como {sealed[digest]}.")
        name = document_id(path.stem, taken)
        taken.append(name)
        sealed[digest] = name
        document = Document(
            id=name,
            title=canonical(path.stem),
            text=found.text,
            origin=origin or path.name,
            guid=str(uuid.uuid4()),
            language=language,
            city=city,
            consent=consent,
            file=f"{name}{path.suffix.lower()}",
            format=found.format,
            sha256=digest,
            page_starts=found.page_starts,
        )
        report.added.append(document)
        report.notes += [f"{path.name}: {note}" for note in found.notes]
    for (path, _, digest), document in zip(extracted, report.added, strict=True):
        _copy(path, corpus.folder / SOURCES / document.file, digest)
    save_documents(corpus.folder, [*corpus.documents.values(), *report.added])
    return report


def _copy(source: Path, target: Path, digest: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as draft:
        name = Path(draft.name)
    try:
        shutil.copyfile(source, name)
        if datapackage.sha256(name) != digest:
            raise ValueError(f"{source.name} cambió mientras se agregaba; repita la orden.")
        name.chmod(0o644)
        name.replace(target)
    finally:
        name.unlink(missing_ok=True)


def _ensure(project: Project, corpus_id: str, kind: str) -> None:
    if corpus_id in corpus_ids(project):
        return
    made = {
        "es": "Documentos agregados con cuadernos coding add.",
        "en": "Documents added with cuadernos coding add.",
    }
    label = {"es": corpus_id, "en": corpus_id}
    create_corpus(project, corpus_id, label=label, kind=kind, made=made)


def add_wave(
    project: Project,
    corpus_id: str,
    wave_id: str,
    items: Iterable[str] = (),
    *,
    language: str = "",
    consent: str = "analyse",
) -> AddReport:
    """Add the open answers of a wave, one document a respondent and item.

    Answers that are there already stay as they are; one whose text changed in the wave is said
    and not touched, because its codings quote the former text.

    Parameters
    ----------
    project, corpus_id
        Corpus; made if it is not there, as a demonstration when the wave is one.
    wave_id : str
        Wave.
    items : iterable of str
        Open items. When empty, all open questions, without the texts of «otro» and without what
        could identify somebody.
    language, consent : str
        As in ``Document``.

    Raises
    ------
    ValueError
        When an item is not an open question, or a corpus of real documents would get answers of
        fictitious respondents.
    """
    from analysis.waves import load_wave

    wave = load_wave(project, wave_id)
    open_items = {item.code: item for item in wave.instrument.items if item.type == "text"}
    every = {item.code for item in wave.instrument.items} - set(open_items)
    unknown = [item for item in items if item not in open_items]
    if unknown:
        known = ", ".join(open_items)
        raise ValueError(f"{', '.join(unknown)}: no es una pregunta abierta. Hay: {known}.")
    chosen = list(items) or [
        code
        for code, item in open_items.items()
        if item.sensitivity == "free_text" and code.removesuffix("_otro") not in every
    ]
    with locked(corpora_folder(project) / corpus_id):
        return _add_answers(project, corpus_id, wave, open_items, chosen, language, consent)


def _add_answers(
    project: Project,
    corpus_id: str,
    wave: Wave,
    open_items: Mapping[str, Item],
    chosen: Sequence[str],
    language: str,
    consent: str,
) -> AddReport:
    from analysis.provenance import EvidenceClass

    wave_id, demo = wave.id, wave.evidence is EvidenceClass.DEMO
    _ensure(project, corpus_id, "demo" if demo else "answers")
    corpus = load_corpus(project, corpus_id)
    if (corpus.kind == "demo") != demo:
        raise ValueError(
            f"La ola {wave_id} y el corpus {corpus_id} no son de la misma clase: las respuestas de "
            "demostración van en un corpus propio."
        )
    known = {(d.wave, d.respondent, d.item): d for d in corpus.documents.values()}
    taken = list(corpus.documents)
    report = AddReport()
    answers = wave.answers
    answers = answers[answers["item"].isin(chosen) & (answers["state"] == "answered")]
    for row in answers.to_dict("records"):
        key = (wave_id, str(row["respondent"]), str(row["item"]))
        text = canonical(str(row["value"])).strip()
        if not text:
            continue
        if key in known:
            if known[key].text != text + "\n":
                report.notes.append(f"{known[key].id}: la respuesta cambió en la ola; se dejó")
            continue
        name = document_id("-".join(key), taken)
        taken.append(name)
        report.added.append(
            Document(
                id=name,
                title=f"{key[1]} · {open_items[key[2]].label['es']}",
                text=text + "\n",
                origin=f"Ola {wave_id}",
                guid=str(uuid.uuid4()),
                language=language,
                consent=consent,
                wave=wave_id,
                item=key[2],
                respondent=key[1],
            )
        )
    save_documents(corpora_folder(project) / corpus_id, [*corpus.documents.values(), *report.added])
    return report
