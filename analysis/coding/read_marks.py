"""Documents that somebody read and found nothing in.

A document without codings of somebody is not read, unless they say so: ``codings/read/<id>.csv``
holds the documents that a coder marked. Without the mark their silence would count as missing and
not as a «no».
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from analysis.coding.codings import FOLDER as CODINGS
from analysis.coding.codings import check_coder, now
from analysis.coding.documents import read_table, table_text
from analysis.coding.lock import locked
from analysis.files import write_whole

FOLDER = "read"
COLUMNS = ("document", "time")


def _file(folder: Path, coder: str) -> Path:
    return folder / CODINGS / FOLDER / f"{coder}.csv"


def _marks(path: Path) -> dict[str, str]:
    rows = read_table(path)[1] if path.is_file() else []
    return {row["document"]: row["time"] for row in rows}


def marked_as_read(folder: Path) -> dict[str, set[str]]:
    """List the documents that each coder marked, by coder.

    Parameters
    ----------
    folder : Path
        Folder of the corpus.

    Returns
    -------
    dict of str to set of str
        Only coders who marked some.
    """
    files = sorted((folder / CODINGS / FOLDER).glob("*.csv"))
    found = {path.stem: set(_marks(path)) for path in files}
    return {coder: documents for coder, documents in found.items() if documents}


def mark_as_read(folder: Path, coder: str, document: str, read: bool) -> bool:
    """Mark a document as read, or take the mark away; tells whether anything changed."""
    check_coder(coder)
    with locked(folder):
        marks = _marks(_file(folder, coder))
        if (document in marks) == read:
            return False
        if read:
            marks[document] = now()
        else:
            del marks[document]
        _write(folder, coder, marks)
    return True


def join_marks(folder: Path, other: Path, documents: Mapping[str, object]) -> dict[str, int]:
    """Add the marks of another copy of a corpus.

    Parameters
    ----------
    folder, other : Path
        Folders of the corpus and of the other copy (or its ``codings`` folder).
    documents : mapping
        Documents of the corpus; marks of others are left out.

    Returns
    -------
    dict of str to int
        New marks by coder.
    """
    home = other if (other / CODINGS).is_dir() else other.parent
    added = {}
    for coder, marked in marked_as_read(home).items():
        check_coder(coder)
        theirs = _marks(_file(home, coder))
        with locked(folder):
            marks = _marks(_file(folder, coder))
            new = {d: theirs[d] for d in marked if d in documents and d not in marks}
            if new:
                _write(folder, coder, marks | new)
                added[coder] = len(new)
    return added


def _write(folder: Path, coder: str, marks: Mapping[str, str]) -> None:
    rows = [{"document": name, "time": marks[name]} for name in sorted(marks)]
    write_whole(_file(folder, coder), table_text(COLUMNS, rows))
