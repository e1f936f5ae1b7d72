"""Passages that coders marked, and those on which they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.coding.agreement import Marked, coded_rows, read_by
from analysis.coding.documents import Document


@dataclass(frozen=True)
class Passage:
    """A stretch of text that somebody coded, with what each coder gave it.

    Parameters
    ----------
    document : str
        Document.
    start, end : int
        From the first to the last character of segments that overlap one another.
    text : str
        The passage.
    codes : mapping of str to tuple of str
        Codes by coder; empty for one who read the document and gave none.
    """

    document: str
    start: int
    end: int
    text: str
    codes: Mapping[str, tuple[str, ...]]

    @property
    def agreed(self) -> tuple[str, ...]:
        """Codes that every coder gave."""
        sets = [set(codes) for codes in self.codes.values()]
        return tuple(sorted(set.intersection(*sets))) if sets else ()

    @property
    def disputed(self) -> tuple[str, ...]:
        """Codes that some gave and others did not."""
        every = {code for codes in self.codes.values() for code in codes}
        return tuple(sorted(every - set(self.agreed)))


def passages(
    documents: Mapping[str, Document],
    codings: pd.DataFrame,
    coders: Sequence[str],
    marked: Marked | None = None,
) -> list[Passage]:
    """List what coders marked, passage by passage, in the order of the text.

    Only documents that at least two of the coders read (``marked``: see ``read_by``); segments that
    overlap, of whatever coder, make one passage. Segments that no longer fit in their document are
    left out.
    """
    read = read_by(codings, coders, marked)
    found = []
    for name, document in documents.items():
        there = [coder for coder in coders if name in read[coder]]
        if len(there) < 2:
            continue
        rows = codings[(codings["document"] == name) & codings["coder"].isin(there)]
        spans = sorted(
            (int(start), int(end), code, coder)
            for _, start, end, code, coder in coded_rows(rows)
            if 0 <= start < end <= len(document.text)
        )
        group: list[tuple[int, int, str, str]] = []
        limit = -1
        for span in spans:
            if group and span[0] >= limit:
                found.append(_passage(document, group, there))
                group = []
            group.append(span)
            limit = max(limit, span[1]) if len(group) > 1 else span[1]
        if group:
            found.append(_passage(document, group, there))
    return found


def _passage(
    document: Document, spans: Sequence[tuple[int, int, str, str]], coders: Sequence[str]
) -> Passage:
    start, end = min(s[0] for s in spans), max(s[1] for s in spans)
    given = {c: tuple(sorted({s[2] for s in spans if s[3] == c})) for c in coders}
    return Passage(document.id, start, end, document.text[start:end], given)


def most_disputed(found: Iterable[Passage], limit: int | None = None) -> list[Passage]:
    """Order disputed passages: most codes apart first, then fewest in common, then by place."""
    disputed = [passage for passage in found if passage.disputed]
    ordered = sorted(disputed, key=lambda p: (-len(p.disputed), len(p.agreed)))
    return ordered[:limit]
