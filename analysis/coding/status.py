"""What a corpus holds and everything that is wrong or stale in it, in one table of facts."""

from __future__ import annotations

from typing import Any

from analysis.coding.codings import cell
from analysis.coding.corpus import read_corpus
from analysis.coding.read_marks import marked_as_read
from analysis.paths import Project


def corpus_status(project: Project, corpus_id: str) -> dict[str, Any]:
    """Describe a corpus.

    Returns
    -------
    dict
        Counts of documents, characters, codes and, by coder, codings and documents marked as read
        without any; ``problems`` of tables and
        seals; ``coding_problems`` with document, span, expected and found text and the relocation
        offered; ``stale`` by coder, code, version and what changed.
    """
    corpus, problems = read_corpus(project, corpus_id)
    codings = corpus.codings
    wrong = corpus.coding_problems()
    marked = marked_as_read(corpus.folder)
    coders = []
    for coder in corpus.coders.values():
        mine = codings[codings["coder"] == coder.id]
        coders.append(
            {
                "id": coder.id,
                "name": coder.name,
                "kind": coder.kind,
                "codings": len(mine),
                "segments": len(mine[["document", "start", "end"]].drop_duplicates()),
                "documents": mine["document"].nunique(),
                "codes": mine["code"].nunique(),
                "read": len(marked.get(coder.id, set()) - set(mine["document"])),
            }
        )
    stale = corpus.stale()
    keys = ["coder", "code", "codebook_version", "changed"]
    groups = stale.groupby(keys, sort=True).size() if len(stale) else {}
    return {
        "corpus": corpus_id,
        "kind": corpus.kind,
        "documents": len(corpus.documents),
        "characters": sum(len(document.text) for document in corpus.documents.values()),
        "codebook_version": corpus.codebook.version,
        "codes": len(corpus.codebook),
        "coders": coders,
        "problems": [str(problem) for problem in problems],
        "coding_problems": [
            {
                "kind": problem.kind,
                "coder": problem.coder,
                "guid": problem.guid,
                "document": problem.document,
                "code": problem.code,
                "start": problem.start,
                "end": problem.end,
                "expected": problem.expected,
                "found": problem.found,
                "relocation": problem.relocation,
                "message": str(problem),
            }
            for problem in wrong
        ],
        "relocatable": sum(problem.relocation is not None for problem in wrong),
        "stale": [
            {
                "coder": cell(coder),
                "code": cell(code),
                "version": cell(version),
                "changed": cell(changed),
                "codings": int(count),
            }
            for (coder, code, version, changed), count in dict(groups).items()
        ],
    }
