"""Decisions on disputed passages: what was accepted goes to a coder, what was refused is kept too.

Accepted codes are codings of ``consenso``. ``adjudication.csv`` beside them holds one row a
decision, because a refused code leaves no coding behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.coding.codings import edit_codings, frame, new_coding, now
from analysis.coding.corpus import Corpus, add_coder
from analysis.coding.documents import read_table, table_text
from analysis.coding.lock import locked
from analysis.coding.passages import Passage
from analysis.files import write_whole

CONSENSUS = "consenso"
FILE = "adjudication.csv"
COLUMNS = (
    "document",
    "start",
    "end",
    "coders",
    "accepted",
    "refused",
    "by",
    "memo",
    "codebook_version",
    "time",
)


@dataclass(frozen=True)
class Decision:
    """What was decided on one passage.

    Parameters
    ----------
    document, start, end
        The passage, in code points.
    coders : tuple of str
        Coders that were compared.
    accepted, refused : tuple of str
        Codes.
    by, memo, codebook_version, time : str
        Who decided, why, with which codebook, and when.
    """

    document: str
    start: int
    end: int
    coders: tuple[str, ...]
    accepted: tuple[str, ...]
    refused: tuple[str, ...]
    by: str
    memo: str
    codebook_version: str
    time: str


def load_decisions(folder: Path) -> list[Decision]:
    """Read the decisions of a corpus, oldest first."""
    path = folder / FILE
    if not path.is_file():
        return []
    header, rows = read_table(path)
    if missing := [column for column in COLUMNS if column not in header]:
        raise ValueError(f"{FILE}: faltan las columnas {', '.join(missing)}.")
    found = []
    for number, row in enumerate(rows, 2):
        try:
            start, end = int(row["start"]), int(row["end"])
        except ValueError:
            raise ValueError(f"{FILE}, fila {number}: «start» y «end» son números.") from None
        lists = [tuple(row[c].split()) for c in ("coders", "accepted", "refused")]
        rest = (row[c] for c in ("by", "memo", "codebook_version", "time"))
        found.append(Decision(row["document"], start, end, *lists, *rest))
    return found


def decided(decisions: Sequence[Decision], passage: Passage) -> Decision | None:
    """Find the last decision on a passage that still has the same codes; a new code reopens it."""
    wanted = {code for codes in passage.codes.values() for code in codes}
    for decision in reversed(decisions):
        same = (decision.document, decision.start, decision.end) == (
            passage.document,
            passage.start,
            passage.end,
        )
        if same and wanted <= {*decision.accepted, *decision.refused}:
            return decision
    return None


def adjudicate(
    corpus: Corpus, passage: Passage, accepted: Sequence[str], by: str, memo: str = ""
) -> Decision:
    """Decide on a passage: codings of ``consenso`` there become the accepted codes.

    Parameters
    ----------
    corpus : Corpus
        The corpus; its codings are read again.
    passage : Passage
        As :func:`~analysis.coding.agreement.passages` returns it.
    accepted : sequence of str
        Codes to keep, of those that somebody gave; the others count as refused. Each keeps the
        segment of the first coder that gave it.
    by : str
        Who decides.
    memo : str
        Why.

    Raises
    ------
    ValueError
        When a code is none of the passage's.
    """
    every = {code for codes in passage.codes.values() for code in codes}
    if strange := [code for code in accepted if code not in every]:
        raise ValueError(f"«{strange[0]}» no es un código que alguien haya dado a ese fragmento.")
    document, version = corpus.documents[passage.document], corpus.codebook.version
    add_coder(corpus.folder, CONSENSUS, CONSENSUS, "consensus")
    spans = _spans(corpus, passage, accepted)
    rows = [
        new_coding(document, *span, code, CONSENSUS, version, memo=memo)
        for code, span in spans.items()
    ]

    def change(codings: pd.DataFrame) -> pd.DataFrame:
        inside = (
            (codings["document"] == passage.document)
            & (codings["start"] >= passage.start)
            & (codings["end"] <= passage.end)
        )
        return pd.concat([codings[~inside], frame(rows)], ignore_index=True)

    decision = Decision(
        passage.document,
        passage.start,
        passage.end,
        tuple(passage.codes),
        tuple(sorted(spans)),
        tuple(sorted(every - set(spans))),
        by,
        memo,
        version,
        now(),
    )
    with locked(corpus.folder):
        edit_codings(corpus.folder, CONSENSUS, change)
        _append(corpus.folder, decision)
    return decision


def _spans(
    corpus: Corpus, passage: Passage, accepted: Sequence[str]
) -> Mapping[str, tuple[int, int]]:
    found = {}
    for coder in passage.codes:
        for row in corpus.codings_of(coder).to_dict("records"):
            inside = (
                row["document"] == passage.document
                and row["start"] >= passage.start
                and row["end"] <= passage.end
            )
            if inside and row["code"] in accepted:
                found.setdefault(row["code"], (int(row["start"]), int(row["end"])))
    return found


def _append(folder: Path, decision: Decision) -> None:
    rows = [_cells(d) for d in [*load_decisions(folder), decision]]
    write_whole(folder / FILE, table_text(COLUMNS, rows))


def _cells(decision: Decision) -> dict[str, object]:
    cells = {column: getattr(decision, column) for column in COLUMNS}
    return {c: " ".join(v) if isinstance(v, tuple) else v for c, v in cells.items()}
