"""Agreement of the coders of a corpus: by code and overall.

Coders choose their segments freely, so that agreement is told in two ways. Predefined units
(paragraphs or sentences) bear a code or not, and every coefficient of
:mod:`analysis.coding.reliability` applies; the segments themselves are compared by the unitizing
alphas of :mod:`analysis.coding.unitizing`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.coding.documents import Document
from analysis.coding.reliability import (
    CodeAlphas,
    Coefficient,
    Level,
    alpha_by_code,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    percent_agreement,
)
from analysis.coding.unitizing import (
    Segment,
    UnitizingAlpha,
    merged,
    unitizing_alpha_2004,
    unitizing_alphas_2016,
)

Marked = Mapping[str, Collection[str]]
UNITS = ("paragraph", "sentence", "document")
_PARAGRAPH = re.compile(r"[^\n]*\S[^\n]*")
_SENTENCE = re.compile(r"[^\s.!?…][^.!?…\n]*(?:[.!?…](?!\s|$)[^.!?…\n]*)*[.!?…]*")


@dataclass(frozen=True)
class Unit:
    """A stretch of a document, in code points, end exclusive."""

    document: str
    start: int
    end: int


def units_of(documents: Iterable[Document], kind: str = "paragraph") -> list[Unit]:
    """Cut documents into units.

    Parameters
    ----------
    documents : iterable of Document
        In order.
    kind : {"paragraph", "sentence", "document"}
        A paragraph is a line that is not blank; a sentence ends with a stop that a space or the
        end of its line follows.

    Returns
    -------
    list of Unit
    """
    if kind not in UNITS:
        raise ValueError(f"Unidad «{kind}» desconocida; hay: {', '.join(UNITS)}.")
    found = []
    for document in documents:
        if kind == "document":
            found.append(Unit(document.id, 0, len(document.text)))
            continue
        pattern = _PARAGRAPH if kind == "paragraph" else _SENTENCE
        found += [Unit(document.id, *match.span()) for match in pattern.finditer(document.text)]
    return [unit for unit in found if unit.start < unit.end]


@dataclass(frozen=True)
class CodeAgreement:
    """How far the coders agree on one code.

    Parameters
    ----------
    code : str
        The code.
    segments : mapping of str to int
        Segments by coder, in the documents that two coders read.
    units : mapping of str to int
        Units that bear the code, by coder.
    alpha, percent, ac1 : Coefficient
        On units. Gwet's AC1 is less moved by how rare a code is.
    kappa : Coefficient
        Cohen's kappa for two coders, else Fleiss'.
    unitizing : UnitizingAlpha
        Krippendorff (2004), on segments.
    relevance : UnitizingAlpha
        |u-alpha of Krippendorff et al. (2016), on segments of this code.
    """

    code: str
    segments: Mapping[str, int]
    units: Mapping[str, int]
    alpha: Coefficient
    percent: Coefficient
    kappa: Coefficient
    ac1: Coefficient
    unitizing: UnitizingAlpha
    relevance: UnitizingAlpha


@dataclass(frozen=True)
class Agreement:
    """How far the coders of a corpus agree.

    Parameters
    ----------
    coders : tuple of str
        Coders compared.
    unit : str
        Kind of unit.
    documents : tuple of str
        Documents that at least two of them read.
    units, characters : int
        Units and characters of those documents.
    codes : tuple of CodeAgreement
        In the order of the codebook; only codes that somebody gave there.
    overall : Coefficient
        Alpha of all codes together.
    percent : float, optional
        Percent agreement over all units and codes.
    kappa, ac1 : Coefficient
        Cohen's kappa (Fleiss' for more than two coders) and Gwet's AC1, with a unit and a code as
        one thing to decide.
    weights : tuple of Coefficient
        Of the weights that coders gave; see :func:`weights_agreement`. Empty without weights.
    unitizing : UnitizingAlpha
        Krippendorff (2004), all codes.
    relevance : UnitizingAlpha
        |u-alpha (2016): what was coded at all against what was left.
    """

    coders: tuple[str, ...]
    unit: str
    documents: tuple[str, ...]
    units: int
    characters: int
    codes: tuple[CodeAgreement, ...]
    overall: Coefficient
    percent: float | None
    kappa: Coefficient
    ac1: Coefficient
    weights: tuple[Coefficient, ...]
    unitizing: UnitizingAlpha
    relevance: UnitizingAlpha


def read_by(
    codings: pd.DataFrame, coders: Sequence[str], marked: Marked | None = None
) -> dict[str, set[str]]:
    """List the documents that each coder read.

    Those with a coding of theirs, and those that they marked as read (``Corpus.read``): without
    either, nothing tells «read and found nothing» from «not reached yet».
    """
    marked = marked or {}
    return {
        coder: {
            *codings.loc[codings["coder"] == coder, "document"].dropna(),
            *marked.get(coder, ()),
        }
        for coder in coders
    }


def agreement(
    documents: Mapping[str, Document],
    codings: pd.DataFrame,
    coders: Sequence[str],
    codes: Sequence[str],
    *,
    marked: Marked | None = None,
    unit: str = "paragraph",
    resamples: int = 1000,
    seed: int = 0,
    by_document: bool = True,
) -> Agreement:
    """Compare coders.

    Parameters
    ----------
    documents : mapping of str to Document
        Documents by id.
    codings : DataFrame
        As ``codings.load_codings`` returns it.
    coders : sequence of str
        Two coders or more.
    codes : sequence of str
        Codes in order; codings of others are left out.
    marked : mapping of str to collection of str, optional
        Documents that each coder read and may have found nothing in; see ``Corpus.read``.
    unit : str
        Kind of unit; see :func:`units_of`. A unit bears a code when a segment of the code overlaps
        it by at least one character.
    resamples, seed : int
        Bootstrap samples and their seed.
    by_document : bool
        Whether whole documents are resampled, because units of one document are not independent.

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        When there are fewer than two coders, or none of their documents is the same.
    """
    coders = list(dict.fromkeys(coders))
    if len(coders) < 2:
        raise ValueError(
            "El acuerdo compara al menos dos codificadores; nómbrelos con --coders uno,otro."
        )
    read = read_by(codings, coders, marked)
    for coder in coders:
        if not read[coder]:
            known = ", ".join(sorted(codings["coder"].dropna().unique())) or "nadie"
            raise ValueError(f"«{coder}» no ha codificado nada; han codificado: {known}.")
    shared = [d for d in documents if sum(d in read[coder] for coder in coders) >= 2]
    if not shared:
        raise ValueError(
            f"No hay un documento que hayan codificado dos de: {', '.join(coders)}. "
            "Codifique los mismos documentos y vuelva a intentarlo."
        )
    used = codings[codings["document"].isin(shared) & codings["coder"].isin(coders)]
    given = set(used["code"])
    codes = [code for code in codes if code in given]
    used = used[used["code"].isin(codes)]
    units = units_of([documents[d] for d in shared], unit)
    applied, seen = applied_codes(used, units, coders, codes, read)
    groups = [u.document for u in units] if by_document and len(shared) > 2 else None
    alphas = alpha_by_code(applied, seen, resamples=resamples, seed=seed, groups=groups)
    spans, length, cuts = _continuum(used, [documents[d] for d in shared], coders)
    overall, by_code = unitizing_alpha_2004(list(spans.values()), length, cuts)
    asked = np.where(seen[:, :, None], applied, None).reshape(len(coders), -1)
    one = [[(s, e, "x") for s, e in _union(segments)] for segments in spans.values()]
    return Agreement(
        coders=tuple(coders),
        unit=unit,
        documents=tuple(shared),
        units=len(units),
        characters=length,
        codes=_by_code(applied, seen, coders, codes, alphas, spans, length, by_code),
        overall=alphas.overall,
        percent=_percent(applied, seen),
        kappa=_alone(_kappa(asked)),
        ac1=_alone(gwet_ac(asked, domain=[False, True])),
        weights=weights_agreement(used, units, coders, codes, resamples=resamples, seed=seed),
        unitizing=overall,
        relevance=unitizing_alphas_2016(one, length).relevance,
    )


def applied_codes(
    codings: pd.DataFrame,
    units: Sequence[Unit],
    coders: Sequence[str],
    codes: Sequence[str],
    read: Mapping[str, set[str]],
) -> tuple[np.ndarray, np.ndarray]:
    """Say which units bear which codes, by coder.

    Parameters
    ----------
    codings : DataFrame
        Codings of the coders and codes named.
    units : sequence of Unit
        In the order of the text.
    coders, codes : sequence of str
        Order of the result.
    read : mapping of str to set of str
        Documents that each coder read.

    Returns
    -------
    applied : boolean array of coders × units × codes
        A segment that overlaps a unit by one character gives it its code.
    seen : boolean array of coders × units
        Whether the coder read the document of the unit.
    """
    applied = np.zeros((len(coders), len(units), len(codes)), dtype=bool)
    seen = np.array([[u.document in read[coder] for u in units] for coder in coders])
    by_document: dict[str, list[int]] = {}
    for number, unit in enumerate(units):
        by_document.setdefault(unit.document, []).append(number)
    starts = {d: np.array([units[n].start for n in ns]) for d, ns in by_document.items()}
    ends = {d: np.array([units[n].end for n in ns]) for d, ns in by_document.items()}
    row_of, column_of = _index(coders), _index(codes)
    for document, start, end, code, coder in coded_rows(codings):
        if document not in by_document:
            continue
        first = int(np.searchsorted(ends[document], start, side="right"))
        last = int(np.searchsorted(starts[document], end, side="left"))
        numbers = by_document[document][first:last]
        applied[row_of[coder], numbers, column_of[code]] = True
    return applied, seen


def weights_agreement(
    codings: pd.DataFrame,
    units: Sequence[Unit],
    coders: Sequence[str],
    codes: Sequence[str],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[Coefficient, ...]:
    """Compare the weights that coders gave where they gave the same code to the same unit.

    Parameters
    ----------
    codings : DataFrame
        Codings of the coders and codes named, with their ``weight``.
    units : sequence of Unit
        In the order of the text.
    coders, codes : sequence of str
        Who and what is compared.
    resamples, seed
        Of the intervals of alpha.

    Returns
    -------
    tuple of Coefficient
        Krippendorff's ordinal, interval and, of weights that are not negative, ratio alpha, and
        Gwet's AC2 with quadratic weights. A unit and a code are one thing to weigh; a coder who
        gave several weights counts with the greatest. One who gave the code without a weight, or
        not at all, is missing. Empty when nobody gave a weight.
    """
    kept = codings[codings["weight"].notna()]
    if kept.empty:
        return ()
    read = {coder: {unit.document for unit in units} for coder in coders}
    values = np.full((len(coders), len(units), len(codes)), np.nan)
    for weight, rows in kept.groupby("weight"):  # from the least to the greatest
        borne, _ = applied_codes(rows, units, coders, codes, read)
        values[borne] = float(weight)
    flat = values.reshape(len(coders), -1)
    levels: list[Level] = ["ordinal", "interval"]
    if not (kept["weight"] < 0).any():
        levels.append("ratio")
    return (
        *(krippendorff_alpha(flat, level, resamples=resamples, seed=seed) for level in levels),
        gwet_ac(flat, "quadratic"),
    )


def _alone(found: Coefficient) -> Coefficient:
    """Leave the interval out: it would take the units of one document as independent."""
    return replace(found, low=None, high=None, interval="", standard_error=None)


def _kappa(values: np.ndarray) -> Coefficient:
    return cohen_kappa(values) if len(values) == 2 else fleiss_kappa(values)


def _index(names: Sequence[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


def coded_rows(codings: pd.DataFrame) -> Iterable[tuple[str, int, int, str, str]]:
    """Give document, start, end, code and coder of each coding."""
    columns = ("document", "start", "end", "code", "coder")
    return zip(*(codings[column].tolist() for column in columns), strict=True)


def _continuum(
    codings: pd.DataFrame, documents: Sequence[Document], coders: Sequence[str]
) -> tuple[dict[str, list[Segment]], int, list[int]]:
    """Lay documents end to end; a segment keeps to its document."""
    offset, length, cuts = {}, 0, []
    for document in documents:
        offset[document.id] = length
        length += len(document.text)
        cuts.append(length)
    spans: dict[str, list[Segment]] = {coder: [] for coder in coders}
    for document, start, end, code, coder in coded_rows(codings):
        base = offset[document]
        spans[coder].append((base + int(start), base + int(end), code))
    return {coder: merged(segments) for coder, segments in spans.items()}, length, cuts


def _union(segments: Iterable[Segment]) -> list[tuple[int, int]]:
    return [(s, e) for s, e, _ in merged([(s, e, "x") for s, e, _ in segments])]


def _percent(applied: np.ndarray, seen: np.ndarray) -> float | None:
    size = seen.sum(axis=0)
    used = size >= 2
    if not used.any() or not applied.shape[2]:
        return None
    yes = (applied & seen[:, :, None]).sum(axis=0)[used]
    n = size[used][:, None]
    return float((1 - 2 * yes * (n - yes) / (n * (n - 1))).mean())


def _by_code(
    applied: np.ndarray,
    seen: np.ndarray,
    coders: Sequence[str],
    codes: Sequence[str],
    alphas: CodeAlphas,
    spans: Mapping[str, Sequence[Segment]],
    length: int,
    unitizing: Mapping[str, UnitizingAlpha],
) -> tuple[CodeAgreement, ...]:
    found = []
    for number, code in enumerate(codes):
        values = np.where(seen, applied[:, :, number], None)
        own = [[s for s in spans[coder] if s[2] == code] for coder in coders]
        found.append(
            CodeAgreement(
                code=code,
                segments={c: len(s) for c, s in zip(coders, own, strict=True)},
                units={c: int(applied[r, :, number].sum()) for r, c in enumerate(coders)},
                alpha=alphas.by_code[number],
                percent=percent_agreement(values),
                kappa=_kappa(values),
                ac1=gwet_ac(values, domain=[False, True]),
                unitizing=unitizing[code],
                relevance=unitizing_alphas_2016(own, length).relevance,
            )
        )
    return tuple(found)
