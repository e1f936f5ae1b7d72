"""How well a dictionary does against a person: precision, recall and F1."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.coding.agreement import UNITS, applied_codes, units_of
from analysis.coding.dictionary import CODER
from analysis.coding.documents import Document


@dataclass(frozen=True)
class Performance:
    """How a dictionary does against a person, on one code or on all.

    Parameters
    ----------
    code : str
        Code; empty for all together (every unit and code counts once).
    both, only_dictionary, only_person : int
        Units that both give the code, and that only one of them does.
    """

    code: str
    both: int
    only_dictionary: int
    only_person: int

    @property
    def precision(self) -> float | None:
        """Part of what the dictionary gives that the person gives too; None when it gives none."""
        given = self.both + self.only_dictionary
        return self.both / given if given else None

    @property
    def recall(self) -> float | None:
        """Part of what the person gives that the dictionary finds; None when there is none."""
        given = self.both + self.only_person
        return self.both / given if given else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None when neither gives the code."""
        total = 2 * self.both + self.only_dictionary + self.only_person
        return 2 * self.both / total if total else None


def performance(
    documents: Mapping[str, Document],
    codings: pd.DataFrame,
    person: str,
    codes: Sequence[str],
    *,
    dictionary: str = CODER,
    marked: Collection[str] = (),
    unit: str = "paragraph",
) -> tuple[Performance, tuple[Performance, ...]]:
    """Compare a dictionary with a person, over the documents that the person coded or ``marked``.

    The dictionary reads every document, so that one where it finds nothing counts as read.

    Returns
    -------
    overall : Performance
    by_code : tuple of Performance
        Codes that one of them gave, in the given order.

    Raises
    ------
    ValueError
        When the person coded nothing, or the unit is unknown.
    """
    if unit not in UNITS:
        raise ValueError(f"Unidad «{unit}» desconocida; hay: {', '.join(UNITS)}.")
    read = set(codings.loc[codings["coder"] == person, "document"])
    if read:
        read |= set(marked)
    else:
        raise ValueError(f"«{person}» no ha codificado nada con que comparar el diccionario.")
    used = codings[
        codings["document"].isin(read)
        & codings["coder"].isin([person, dictionary])
        & codings["code"].isin(codes)
    ]
    units = units_of([d for d in documents.values() if d.id in read], unit)
    everything = {person: read, dictionary: read}
    applied, _ = applied_codes(used, units, [person, dictionary], codes, everything)
    by_code = []
    for number, code in enumerate(codes):
        one, other = applied[0, :, number], applied[1, :, number]
        counts = int((one & other).sum()), int((other & ~one).sum()), int((one & ~other).sum())
        if any(counts):
            by_code.append(Performance(code, *counts))
    overall = Performance(
        "",
        sum(p.both for p in by_code),
        sum(p.only_dictionary for p in by_code),
        sum(p.only_person for p in by_code),
    )
    return overall, tuple(by_code)
