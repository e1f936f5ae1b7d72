"""Join the codings that people made on different machines; the file of each stays theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.coding import codings as coding_files
from analysis.coding.codings import CodingProblem, cell, cells
from analysis.coding.corpus import Corpus


@dataclass
class MergeReport:
    """What a merge did, by coder, and the codings where the later of two was taken."""

    done: dict[str, Counter[str]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)


class MergeError(ValueError):
    """What comes in does not fit the corpus; carries every problem."""

    def __init__(self, problems: list[CodingProblem]) -> None:
        self.problems = problems
        lines = "\n".join(f"  - {problem}" for problem in problems[:50])
        more = f"\n  … y {len(problems) - 50} más" if len(problems) > 50 else ""
        super().__init__(
            f"{len(problems)} codificaciones no concuerdan con los textos o los códigos de este "
            f"corpus; no se cambió nada.\n{lines}{more}"
        )


def read_other(path: Path) -> pd.DataFrame:
    """Read codings of another copy: a corpus folder, its ``codings`` folder or one file."""
    if path.is_dir():
        folder = path if (path / coding_files.FOLDER).is_dir() else path.parent
        found = coding_files.load_codings(folder)
        if found.empty:
            raise ValueError(f"{path} no tiene codificaciones (codings/*.csv).")
        return found
    return coding_files.frame(coding_files.read_coder(path))


def merge(corpus: Corpus, other: pd.DataFrame) -> MergeReport:
    """Add the codings of another copy to a corpus.

    A coding is the same when its GUID is. Of two that differ the later one stays, by ``time``;
    with equal times, ours. A coding that is in one copy only is kept, so what somebody deleted in
    one copy comes back.

    Parameters
    ----------
    corpus : Corpus
        Where they go.
    other : DataFrame
        Codings of the other copy, of any coders.

    Raises
    ------
    MergeError
        When a coding does not quote its text here, or its code does not exist here.
    """
    problems = coding_files.check_codings(other, corpus.documents, corpus.codebooks)
    if problems:
        raise MergeError(problems)
    report = MergeReport()
    for coder, theirs in other.groupby("coder", sort=True):
        counts: Counter[str] = Counter()

        def join(ours: pd.DataFrame, theirs=theirs, counts=counts) -> pd.DataFrame:
            return _join(ours, theirs.to_dict("records"), counts, report.changed)

        coding_files.edit_codings(corpus.folder, str(coder), join)
        report.done[str(coder)] = counts
    return report


def _join(
    ours: pd.DataFrame,
    theirs: Iterable[Mapping[str, Any]],
    counts: Counter[str],
    changed: list[str],
) -> pd.DataFrame:
    rows = {cell(row["guid"]): row for row in ours.to_dict("records")}
    for row in theirs:
        guid = cell(row["guid"])
        known = rows.get(guid)
        if known is None:
            counts["new"] += 1
            rows[guid] = dict(row)
        elif cells(known) == cells(row):
            counts["equal"] += 1
        elif cell(row["time"]) > cell(known["time"]):
            counts["changed"] += 1
            changed.append(guid)
            rows[guid] = dict(row)
        else:
            counts["older"] += 1
    return coding_files.frame(rows.values())
