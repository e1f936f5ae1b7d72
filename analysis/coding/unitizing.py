"""Unitizing alphas: agreement of coders who choose the segments themselves.

A continuum has a length; each coder marks segments on it, half-open ``(start, end, value)`` with
offsets in code points, and leaves gaps. Two definitions are in use and give different numbers:

* :func:`unitizing_alpha_2004` compares lengths of segments and of gaps squared, one value at a
  time, so that a coder may overlap segments of different values;
* :func:`unitizing_alphas_2016` compares intersections; it is the one for more than two coders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Segment = tuple[int, int, str]
"""Start, end (exclusive) and value."""

_GAP = ""  # the value of what a coder left unmarked


@dataclass(frozen=True)
class UnitizingAlpha:
    """An alpha with the disagreements that it is made of.

    Parameters
    ----------
    value : float, optional
        One minus observed over expected; None when nothing was expected to disagree.
    observed, expected : float
        Disagreements, in the unit of their definition.
    coverage : float, optional
        Part of the length that the coefficient is about, where it is not all of it.
    """

    value: float | None
    observed: float
    expected: float
    coverage: float | None = None


def _alpha(observed: float, expected: float, coverage: float | None = None) -> UnitizingAlpha:
    value = float(1 - observed / expected) if expected > 1e-12 else None
    return UnitizingAlpha(value, float(observed), float(expected), coverage)


def _checked(coders: Sequence[Sequence[Segment]], length: int) -> None:
    if len(coders) < 2:
        raise ValueError("El acuerdo necesita al menos dos codificadores.")
    for number, segments in enumerate(coders, 1):
        for start, end, value in segments:
            if not 0 <= start < end <= length:
                raise ValueError(
                    f"Codificador {number}: el segmento {start}–{end} de «{value}» no cabe en un "
                    f"texto de {length} caracteres."
                )
            if value == _GAP:
                raise ValueError(
                    f"Codificador {number}: el segmento {start}–{end} no tiene código."
                )


def merged(segments: Sequence[Segment]) -> list[Segment]:
    """Join segments of the same value that overlap; those that only touch stay apart.

    Examples
    --------
    >>> merged([(0, 5, "a"), (3, 8, "a"), (8, 9, "a"), (4, 6, "b")])
    [(0, 8, 'a'), (4, 6, 'b'), (8, 9, 'a')]
    """
    joined: list[Segment] = []
    last: dict[str, int] = {}
    for start, end, value in sorted(segments):
        at = last.get(value)
        if at is not None and start < joined[at][1]:
            joined[at] = (joined[at][0], max(joined[at][1], end), value)
        else:
            last[value] = len(joined)
            joined.append((start, end, value))
    return joined


def _partition(segments: Sequence[Segment], length: int, cuts: Sequence[int] = ()) -> list[Segment]:
    """Add the gaps between segments; gaps end at every cut (the end of a document)."""
    parts: list[Segment] = []
    edges = sorted({0, length, *cuts})
    marked = sorted(segments)
    borders = [(0, 0), *((start, end) for start, end, _ in marked), (length, length)]
    for (_, before), (after, _) in pairwise(borders):
        if after < before:
            raise ValueError(
                f"Dos segmentos de un mismo codificador se superponen antes del carácter {before}; "
                "este coeficiente necesita segmentos que se excluyan."
            )
        inside = [before, *(edge for edge in edges if before < edge < after), after]
        parts += [(low, high, _GAP) for low, high in pairwise(inside) if low < high]
    return sorted([*parts, *marked])


# Krippendorff 2004 -------------------------------------------------------------------------------


def unitizing_alpha_2004(
    coders: Sequence[Sequence[Segment]], length: int, cuts: Sequence[int] = ()
) -> tuple[UnitizingAlpha, Mapping[str, UnitizingAlpha]]:
    """Compute Krippendorff's alpha for unitizing, overall and by value.

    Parameters
    ----------
    coders : sequence of sequence of (start, end, value)
        Segments of each coder. Segments of different values may overlap; those of one value that
        overlap are joined.
    length : int
        Length of the continuum.
    cuts : sequence of int
        Where one document ends and the next begins; no gap spans a cut.

    Returns
    -------
    overall : UnitizingAlpha
        From the disagreements summed over values.
    by_value : mapping
        In the order of the values.

    Notes
    -----
    Krippendorff (1995), *Sociological Methodology* 25:47-76, and (2004), *Content Analysis*, 2nd
    ed., section 11.6. Krippendorff et al. (2016) advise against it for more than two coders.

    Examples
    --------
    The example of Krippendorff (2004, p. 254), a continuum of 300 that begins at 150.

    >>> first = [(75, 145, "c"), (220, 250, "c"), (30, 90, "k"), (150, 200, "k")]
    >>> second = [(70, 150, "c"), (205, 225, "c"), (250, 270, "c"), (30, 90, "k"), (150, 200, "k")]
    >>> overall, by_value = unitizing_alpha_2004([first, second], 300)
    >>> round(overall.value, 3), round(by_value["c"].value, 4), by_value["k"].value
    (0.859, 0.7286, 1.0)
    """
    _checked(coders, length)
    joined = [merged(segments) for segments in coders]
    values = sorted({value for segments in joined for _, _, value in segments})
    found = {}
    for value in values:
        parts = [
            _partition([s for s in segments if s[2] == value], length, cuts) for segments in joined
        ]
        found[value] = _alpha(_observed_2004(parts, length), _expected_2004(parts, length))
    observed = sum(alpha.observed for alpha in found.values())
    expected = sum(alpha.expected for alpha in found.values())
    return _alpha(observed, expected), found


def _observed_2004(parts: Sequence[Sequence[Segment]], length: int) -> float:
    total = 0.0
    for i, own in enumerate(parts):
        for j, other in enumerate(parts):
            if i == j:
                continue
            starts = np.array([s for s, _, _ in other])
            ends = np.array([e for _, e, _ in other])
            marked = np.array([bool(v) for _, _, v in other])
            for start, end, value in own:
                meets = (starts < end) & (start < ends)
                if value:
                    both = meets & marked
                    total += float(
                        ((starts[both] - start) ** 2).sum() + ((ends[both] - end) ** 2).sum()
                    )
                    if bool((meets & ~marked & (starts <= start) & (ends >= end)).any()):
                        total += (end - start) ** 2
                else:
                    inside = meets & marked & (starts >= start) & (ends <= end)
                    total += float(((ends[inside] - starts[inside]) ** 2).sum())
    return total / (len(parts) * (len(parts) - 1) * length**2)


def _expected_2004(parts: Sequence[Sequence[Segment]], length: int) -> float:
    marked = np.array([e - s for own in parts for s, e, v in own if v], dtype=float)
    gaps = np.array([e - s for own in parts for s, e, v in own if not v], dtype=float)
    all_length = len(parts) * length
    total = 0.0
    for size in marked:
        total += (len(marked) - 1) / 3 * (2 * size**3 - 3 * size**2 + size)
        total += size**2 * (gaps[gaps >= size] - size + 1).sum()
    pairs = all_length * (all_length - 1) - (marked * (marked - 1)).sum()
    return 2 / length * total / pairs if pairs > 0 else 0.0


# Krippendorff, Mathet, Bouvry and Widlöcher 2016 -------------------------------------------------


@dataclass(frozen=True)
class UnitizingAlphas:
    """The family of 2016.

    Parameters
    ----------
    unitizing : UnitizingAlpha
        u-alpha: segments and their values.
    relevance : UnitizingAlpha
        |u-alpha: what was marked against what was left, whatever the value.
    coding : UnitizingAlpha
        cu-alpha: the values where segments meet; its coverage is the part of the continuum.
    by_value : mapping of str to UnitizingAlpha
        (k)u-alpha: one value where segments meet; its coverage is the part of what bears the value.
    """

    unitizing: UnitizingAlpha
    relevance: UnitizingAlpha
    coding: UnitizingAlpha
    by_value: Mapping[str, UnitizingAlpha]


def unitizing_alphas_2016(coders: Sequence[Sequence[Segment]], length: int) -> UnitizingAlphas:
    """Compute the alphas for unitizing of Krippendorff, Mathet, Bouvry and Widlöcher (2016).

    Parameters
    ----------
    coders : sequence of sequence of (start, end, value)
        Segments of each coder, which may not overlap within a coder.
    length : int
        Length of the continuum.

    Returns
    -------
    UnitizingAlphas

    Notes
    -----
    *Quality & Quantity* 50:2347-2364, with the nominal metric. Gaps have no units of their own:
    in the chance agreement each of their characters counts once, and each segment its square.

    Raises
    ------
    ValueError
        When segments of one coder overlap or do not fit.
    """
    _checked(coders, length)
    parts = [_partition(segments, length) for segments in coders]
    m = len(parts)
    values = [_GAP, *sorted({v for own in parts for _, _, v in own if v})]
    place = {value: number for number, value in enumerate(values)}
    observed = np.zeros((len(values), len(values)))
    squares = np.zeros(len(values))
    pairable = np.zeros(len(values))  # squares of what of each segment meets another's segments
    for i, own in enumerate(parts):
        for start, end, value in own:
            size = end - start
            squares[place[value]] += size**2 if value else size
        for j, other in enumerate(parts):
            if i != j:
                for value, meets in _meetings(own, other):
                    for met, size in meets.items():
                        observed[place[value], place[met]] += size / (m - 1)
                    if value:
                        relevant = sum(size for met, size in meets.items() if met)
                        pairable[place[value]] += relevant**2 / (m - 1)
    expected = _chance(observed.sum(axis=1), squares)
    inner = observed[1:, 1:]
    chance = _chance(inner.sum(axis=1), pairable[1:])
    return UnitizingAlphas(
        _alpha(observed.sum() - np.trace(observed), expected.sum() - np.trace(expected)),
        _alpha(2 * observed[0, 1:].sum(), 2 * expected[0, 1:].sum()),
        _alpha(
            inner.sum() - np.trace(inner),
            chance.sum() - np.trace(chance),
            float(inner.sum() / observed.sum()),
        ),
        {
            value: _value_alpha(inner, chance, number, float(observed[number + 1].sum()))
            for number, value in enumerate(values[1:])
        },
    )


def _meetings(own: Sequence[Segment], other: Sequence[Segment]) -> list[tuple[str, dict[str, int]]]:
    """Measure how much of each segment meets each value of another coder; both are sorted."""
    found = []
    at = 0
    for start, end, value in own:
        while other[at][1] <= start:
            at += 1
        meets: dict[str, int] = {}
        for low, high, met in other[at:]:
            if low >= end:
                break
            meets[met] = meets.get(met, 0) + min(end, high) - max(start, low)
        found.append((value, meets))
    return found


def _chance(margins: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the coincidences expected by chance, without those of a segment with itself."""
    total = margins.sum()
    if not total:
        return np.zeros((len(margins), len(margins)))
    pairs = np.outer(margins, margins) - np.diag(own)
    left = total - own.sum() / total
    return pairs / left if left > 1e-12 else np.zeros_like(pairs)


def _value_alpha(
    inner: np.ndarray, chance: np.ndarray, number: int, marked: float
) -> UnitizingAlpha:
    bears, by_chance = inner[number].sum(), chance[number].sum()
    if not bears or not by_chance:
        return UnitizingAlpha(None, 0.0, 0.0, 0.0)
    return _alpha(
        (bears - inner[number, number]) / bears,
        (by_chance - chance[number, number]) / by_chance,
        float(bears / marked) if marked else 0.0,
    )
