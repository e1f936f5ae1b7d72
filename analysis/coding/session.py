"""One coder at work on a corpus: what the widget shows and does, without the widget.

Every change is in the coder's file before it is shown. Undo and redo write too, so that the file
is always what is on the screen.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.coding.adjudication import CONSENSUS, adjudicate, decided, load_decisions
from analysis.coding.codings import edit_codings, frame, load_codings, new_coding, now
from analysis.coding.corpus import Corpus, add_coder, load_corpus
from analysis.coding.passages import Passage, passages
from analysis.coding.read_marks import mark_as_read, marked_as_read
from analysis.files import write_whole
from analysis.paths import Project, find_project

_DEPTH = 200  # steps of undo


class SessionError(ValueError):
    """Something that was asked for cannot be done; said in Spanish to who codes."""


class CodingSession:
    """One coder at work.

    Parameters
    ----------
    corpus_id, coder : str
        Corpus and who codes. Files of dictionaries and of the consensus are refused.
    project : Project, optional
        By default the one of the current folder.
    compare : sequence of str
        Two coders whose disagreements are shown side by side; empty to code.

    Raises
    ------
    SessionError
        When the coder is not a person, the corpus has no document or no codebook.
    """

    def __init__(
        self,
        corpus_id: str,
        coder: str,
        project: Project | None = None,
        *,
        compare: Sequence[str] = (),
    ) -> None:
        self.project = project or find_project()
        self.corpus: Corpus = load_corpus(self.project, corpus_id)
        if not self.corpus.documents:
            raise SessionError(
                f"El corpus «{corpus_id}» no tiene documentos; agréguelos con: "
                f"cuadernos coding add ARCHIVO... --corpus {corpus_id}"
            )
        if not len(self.corpus.codebook):
            raise SessionError(f"El corpus «{corpus_id}» todavía no tiene libro de códigos.")
        check_person(self.corpus, coder)
        for other in compare:
            if other not in self.corpus.coders:
                known = ", ".join(self.corpus.coders)
                raise SessionError(f"No hay codificaciones de «{other}»; hay de: {known}.")
        self.coder = add_coder(self.corpus.folder, coder).id
        self.compare = tuple(compare)
        self._undo: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = []
        self._redo: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = []
        self.document = self._remembered()

    # Where one was --------------------------------------------------------------------------------

    @property
    def _place(self):
        folder = self.project.processed / "coding"
        return folder / f"{self.corpus.id}-{self.coder}.json"

    def _remembered(self) -> str:
        first = next(iter(self.corpus.documents))
        try:
            name = json.loads(self._place.read_text("utf-8"))["document"]
        except (OSError, ValueError, KeyError, TypeError):
            return first
        return name if name in self.corpus.documents else first

    def open(self, document: str) -> None:
        """Go to a document, which is remembered for the next time."""
        self._document(document)
        self.document = document
        write_whole(self._place, json.dumps({"document": document}))

    def _document(self, name: str):
        try:
            return self.corpus.documents[name]
        except KeyError:
            raise SessionError(f"El documento «{name}» no está en el corpus.") from None

    # Changes --------------------------------------------------------------------------------------

    def code(
        self, document: str, start: int, end: int, codes: Sequence[str], memo: str = ""
    ) -> int:
        """Give codes to a segment; those that it has already stay once.

        Parameters
        ----------
        document : str
            Id of the document.
        start, end : int
            Code points, end exclusive.
        codes : sequence of str
            Codes of the codebook that may be given.
        memo : str
            Note to each of them.

        Returns
        -------
        int
            Codings added.
        """
        codebook = self.corpus.codebook
        for code in codes:
            if code not in codebook:
                raise SessionError(f"«{code}» no es un código del libro.")
            if not codebook[code].codable:
                raise SessionError(
                    f"«{codebook[code].name_es}» es un título del libro: elija un código debajo."
                )
        selection = str(uuid.uuid4())
        try:
            rows = [
                new_coding(
                    self._document(document),
                    start,
                    end,
                    code,
                    self.coder,
                    codebook.version,
                    memo=memo,
                    selection=selection,
                )
                for code in dict.fromkeys(codes)
            ]
        except (TypeError, ValueError) as error:
            raise SessionError(str(error)) from error
        have = {
            (row["document"], row["start"], row["end"], row["code"])
            for row in self._own().to_dict("records")
        }
        rows = [r for r in rows if (r["document"], r["start"], r["end"], r["code"]) not in have]
        return self._change([], rows)

    def remove(self, guids: Sequence[str]) -> int:
        """Take codings away; returns how many."""
        rows = [row for row in self._own().to_dict("records") if row["guid"] in set(guids)]
        return self._change(rows, [])

    def note(self, guids: Sequence[str], memo: str) -> int:
        """Write the memo of codings; returns how many changed."""
        old = [row for row in self._own().to_dict("records") if row["guid"] in set(guids)]
        old = [row for row in old if (row["memo"] if row["memo"] is not pd.NA else "") != memo]
        return self._change(old, [{**row, "memo": memo, "time": now()} for row in old])

    def read(self, document: str, read: bool) -> bool:
        """Mark a document as read with nothing to code, or take the mark away."""
        return mark_as_read(self.corpus.folder, self.coder, self._document(document).id, read)

    def undo(self) -> bool:
        """Take back the last change of this session; False when there is none."""
        if not self._undo:
            return False
        removed, added = self._undo.pop()
        self._write(added, removed)
        self._redo.append((removed, added))
        return True

    def redo(self) -> bool:
        """Do again what was taken back; False when there is nothing."""
        if not self._redo:
            return False
        removed, added = self._redo.pop()
        self._write(removed, added)
        self._undo.append((removed, added))
        return True

    def _change(self, removed: list[dict[str, Any]], added: list[dict[str, Any]]) -> int:
        if not removed and not added:
            return 0
        self._write(removed, added)
        self._undo = [*self._undo[-_DEPTH + 1 :], (removed, added)]
        self._redo.clear()
        return len(added) or len(removed)

    def _write(self, removed: list[dict[str, Any]], added: list[dict[str, Any]]) -> None:
        gone = {row["guid"] for row in removed} | {row["guid"] for row in added}

        def change(codings: pd.DataFrame) -> pd.DataFrame:
            return pd.concat(
                [codings[~codings["guid"].isin(gone)], frame(added)], ignore_index=True
            )

        edit_codings(self.corpus.folder, self.coder, change)

    def _own(self) -> pd.DataFrame:
        return load_codings(self.corpus.folder, self.coder)

    # Comparison -----------------------------------------------------------------------------------

    def _passages(self) -> list[Passage]:
        codings = pd.concat([load_codings(self.corpus.folder, c) for c in self.compare])
        return passages(self.corpus.documents, codings, self.compare, self.corpus.read)

    def decide(self, document: str, start: int, end: int, accepted: Sequence[str], memo: str):
        """Adjudicate a passage of the comparison."""
        for passage in self._passages():
            if (passage.document, passage.start, passage.end) == (document, start, end):
                try:
                    return adjudicate(self.corpus, passage, accepted, self.coder, memo)
                except ValueError as error:
                    raise SessionError(str(error)) from error
        raise SessionError("Ese fragmento cambió mientras tanto; vuelva a cargar la comparación.")

    def accept_agreed(self) -> int:
        """Adjudicate every passage on which the coders agree and nobody decided; says how many."""
        decisions = load_decisions(self.corpus.folder)
        done = 0
        for passage in self._passages():
            if not passage.disputed and decided(decisions, passage) is None:
                adjudicate(self.corpus, passage, passage.agreed, self.coder)
                done += 1
        return done

    # What is shown --------------------------------------------------------------------------------

    def documents(self) -> list[dict[str, Any]]:
        """List the documents with how many codings the coder has in each, and the mark «read»."""
        counts = self._own()["document"].value_counts()
        marked = marked_as_read(self.corpus.folder).get(self.coder, set())
        return [
            {
                "id": document.id,
                "title": document.title,
                "section": document.section,
                "codings": int(counts.get(document.id, 0)),
                "read": document.id in marked,
            }
            for document in self.corpus.documents.values()
        ]

    def codebook(self, lang: str) -> list[dict[str, Any]]:
        """List the codes in the order of the hierarchy, with their depth."""
        book = self.corpus.codebook
        found: list[dict[str, Any]] = []

        def walk(code: str, depth: int) -> None:
            entry = book[code]
            texts = {
                key: getattr(entry, f"{key}_{lang}") or getattr(entry, f"{key}_es")
                for key in ("definition", "include", "exclude")
            }
            found.append(
                {
                    "code": code,
                    "name": entry.name(lang),
                    "path": book.path(code, lang),
                    "depth": depth,
                    "color": book.color(code),
                    "codable": entry.codable,
                    **texts,
                }
            )
            for below in book.children(code):
                walk(below, depth + 1)

        for code in book.children():
            walk(code, 0)
        return found

    def text(self) -> dict[str, Any]:
        """Return the open document."""
        document = self._document(self.document)
        return {"id": document.id, "title": document.title, "text": document.text}

    def marks(self, *, blind: bool = True) -> list[dict[str, Any]]:
        """List the codings of the open document, those of others only when not blind."""
        codings = load_codings(self.corpus.folder, self.coder if blind else None)
        rows = codings[codings["document"] == self.document].sort_values(["start", "end", "code"])
        size = len(self._document(self.document).text)
        return [
            {
                "guid": row["guid"],
                "start": int(row["start"]),
                "end": int(row["end"]),
                "code": row["code"],
                "coder": row["coder"],
                "own": row["coder"] == self.coder,
                "memo": "" if row["memo"] is pd.NA else row["memo"],
            }
            for row in rows.to_dict("records")
            if row["start"] is not pd.NA and 0 <= row["start"] < row["end"] <= size
        ]

    def comparison(self) -> list[dict[str, Any]]:
        """List the passages of the comparison, with what was decided."""
        if not self.compare:
            return []
        decisions = load_decisions(self.corpus.folder)
        found = []
        for passage in self._passages():
            decision = decided(decisions, passage)
            document = self.corpus.documents[passage.document]
            found.append(
                {
                    "document": passage.document,
                    "title": document.title,
                    "paragraph": document.place(passage.start).paragraph,
                    "start": passage.start,
                    "end": passage.end,
                    "text": passage.text,
                    "codes": {c: list(codes) for c, codes in passage.codes.items()},
                    "agreed": list(passage.agreed),
                    "disputed": list(passage.disputed),
                    "decided": decision is not None,
                    "accepted": list(decision.accepted) if decision else list(passage.agreed),
                    "memo": decision.memo if decision else "",
                }
            )
        return found

    @property
    def can(self) -> Mapping[str, bool]:
        """Say whether there is anything to undo or redo."""
        return {"undo": bool(self._undo), "redo": bool(self._redo)}


def check_person(corpus: Corpus, coder: str) -> None:
    """Refuse to code by hand in the file of a dictionary or of the consensus."""
    known = corpus.coders.get(coder)
    if known is not None and known.kind == "dictionary":
        raise SessionError(
            f"«{coder}» es un diccionario: sus codificaciones las hacen sus reglas. "
            "Codifique con su propio identificador, por ejemplo --coder ana."
        )
    if coder == CONSENSUS or (known is not None and known.kind == "consensus"):
        raise SessionError(
            f"«{coder}» guarda lo acordado y se llena al decidir en la comparación. "
            "Codifique con su propio identificador, por ejemplo --coder ana."
        )
