"""Which bases and counts can have produced a set of printed percentages.

The GRIM test [1]_ asks whether a rounded statistic of integer data is arithmetically possible for
a given sample size. The R package scrutiny [2]_ applies it to one percentage at a time. Here it is
generalised to all the shares of one table at once: besides rounding back to its own printed
percentage, every count has to fit with the others as the way of answering (the *design*) demands.

Every design reduces to the same integer problem: one interval per count and one interval for
their total. Hence exact bounds, pruned enumeration and counting need no case distinction.

Shapes and units
----------------
`reported` is a sequence of m >= 1 percentages; ranges and count vectors are tuples of length m in
the same order. Bases, counts and totals are numbers of cases.

Missing values
--------------
None allowed: every share has to be reported, otherwise ``ValueError`` is raised.

References
----------
.. [1] Brown, N. J. L., & Heathers, J. A. J. (2017). The GRIM Test: A Simple Technique Detects
   Numerous Anomalies in the Reporting of Results in Psychology. Social Psychological and
   Personality Science, 8(4), 363-369. https://doi.org/10.1177/1948550616673876
.. [2] Jung, L. scrutiny: Error Detection in Science. R package.
   https://doi.org/10.32614/CRAN.package.scrutiny
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from typing import NamedTuple, Protocol

from analysis.rounding import ReportedPercentage, RoundingRule, check_integer, count_range

__all__ = [
    "Design",
    "Exclusive",
    "FeasibleBase",
    "Independent",
    "Limits",
    "PercentOfMentions",
    "PercentOfRespondents",
    "count_solutions",
    "feasible_counts",
    "grim_consistent",
    "scan",
    "smallest_base",
]

Interval = tuple[int, int]


class Limits(NamedTuple):
    """What a design allows on one base, in cases.

    Attributes
    ----------
    max_count : int
        Largest count of one share.
    min_total, max_total : int
        Smallest and largest sum of all counts; no sum is allowed if they cross.
    """

    max_count: int
    min_total: int
    max_total: int


class Design(Protocol):
    """How the counts of a table relate to its base and to each other."""

    def limits(self, base: int, shares: int) -> Limits:
        """Return the limits for a base and a number of shares."""
        ...


@dataclass(frozen=True, slots=True)
class Independent:
    """Unrelated percentages of the same base: each count is at most the base."""

    def limits(self, base: int, shares: int) -> Limits:
        """Return the limits for a base and a number of shares."""
        return Limits(max_count=base, min_total=0, max_total=shares * base)


@dataclass(frozen=True, slots=True)
class Exclusive:
    """One answer per case and all answers reported: the counts sum to the base."""

    def limits(self, base: int, shares: int) -> Limits:
        """Return the limits for a base and a number of shares."""
        return Limits(max_count=base, min_total=base, max_total=base)


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentOfRespondents:
    """Multiple response, base = respondents.

    Each of the `base` respondents mentions up to `max_mentions` different options, possibly none.
    So each count is at most N and all mentions together are at most k * N; that is also
    sufficient, because dealing the mentions out in turn never gives anyone more than k.

    Attributes
    ----------
    max_mentions : int
        Mentions allowed per respondent (k), at least 1.

    Raises
    ------
    ValueError
        If `max_mentions` is missing or below 1.
    """

    max_mentions: int

    def __post_init__(self) -> None:
        """Check the fields."""
        check_integer("max_mentions", self.max_mentions, 1)

    def limits(self, base: int, shares: int) -> Limits:
        """Return the limits for a base and a number of shares."""
        return Limits(max_count=base, min_total=0, max_total=self.max_mentions * base)


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentOfMentions:
    """Multiple response, base = mentions.

    The counts sum to the base, which is at most k * n. Respondents may have given no mention.

    Attributes
    ----------
    respondents : int
        Number of respondents (n), at least 1.
    max_mentions : int
        Mentions allowed per respondent (k), at least 1.
    repeatable : bool
        Whether a respondent may mention an option more than once. If not, each count is at most
        n; if so, at most k * n.

    Raises
    ------
    ValueError
        If `respondents` or `max_mentions` is missing or below 1.
    """

    respondents: int
    max_mentions: int
    repeatable: bool = False

    def __post_init__(self) -> None:
        """Check the fields."""
        check_integer("respondents", self.respondents, 1)
        check_integer("max_mentions", self.max_mentions, 1)

    def limits(self, base: int, shares: int) -> Limits:
        """Return the limits for a base and a number of shares."""
        most = self.max_mentions * self.respondents
        max_count = most if self.repeatable else self.respondents
        return Limits(max_count=max_count, min_total=base, max_total=min(base, most))


@dataclass(frozen=True, slots=True)
class FeasibleBase:
    """A base that can have produced the reported percentages.

    Attributes
    ----------
    base : int
        Number of cases the percentages refer to.
    ranges : tuple of (int, int)
        Smallest and largest possible count of each share; each end is attained by some vector.
    total : (int, int)
        Smallest and largest possible sum of the counts, both attained.
    solutions : int
        Number of count vectors.
    """

    base: int
    ranges: tuple[Interval, ...]
    total: Interval
    solutions: int

    def vectors(self) -> Iterator[tuple[int, ...]]:
        """Enumerate the count vectors lazily, in lexicographic order.

        Returns
        -------
        Iterator of tuple of int
        """
        return _vectors(self.ranges, self.total)


def feasible_counts(
    reported: Sequence[ReportedPercentage], base: int, rule: RoundingRule, design: Design
) -> Iterator[tuple[int, ...]]:
    """Enumerate the count vectors that give the reported percentages on one base.

    Branches that cannot be completed are never entered, so the cost is proportional to the
    number of vectors consumed.

    Parameters
    ----------
    reported : sequence of ReportedPercentage
        Percentages as printed, shape (m,).
    base : int
        Number of cases the percentages refer to, at least 1.
    rule : RoundingRule
        Rounding rule.
    design : Design
        How the counts relate to the base.

    Returns
    -------
    Iterator of tuple of int
        Vectors of m counts, in lexicographic order.

    Raises
    ------
    ValueError
        If `reported` is empty or has missing values, or `base` is below 1.
    """
    _check_reported(reported)
    check_integer("base", base, 1)
    box = _box(reported, base, rule, design)
    return iter(()) if box is None else _vectors(*box)


def count_solutions(
    reported: Sequence[ReportedPercentage], base: int, rule: RoundingRule, design: Design
) -> int:
    """Count the vectors of :func:`feasible_counts` without enumerating them.

    Parameters
    ----------
    reported : sequence of ReportedPercentage
        Percentages as printed, shape (m,).
    base : int
        Number of cases the percentages refer to, at least 1.
    rule : RoundingRule
        Rounding rule.
    design : Design
        How the counts relate to the base.

    Returns
    -------
    int
        Number of count vectors, 0 if the base is not feasible.

    Raises
    ------
    ValueError
        If `reported` is empty or has missing values, or `base` is below 1.
    """
    _check_reported(reported)
    check_integer("base", base, 1)
    box = _box(reported, base, rule, design)
    return 0 if box is None else _count_vectors(*box)


def scan(
    reported: Sequence[ReportedPercentage],
    max_base: int,
    *,
    min_base: int = 1,
    rule: RoundingRule,
    design: Design,
) -> Iterator[FeasibleBase]:
    """Find every base that can have produced the reported percentages.

    Parameters
    ----------
    reported : sequence of ReportedPercentage
        Percentages as printed, shape (m,).
    max_base, min_base : int
        Last and first base to try, both included; 1 <= `min_base` <= `max_base`.
    rule : RoundingRule
        Rounding rule.
    design : Design
        How the counts relate to the base.

    Returns
    -------
    Iterator of FeasibleBase
        Feasible bases in increasing order, computed lazily. Arguments are checked at the call.

    Raises
    ------
    ValueError
        If `reported` is empty or has missing values, or the bases are out of order or below 1.
    """
    _check_reported(reported)
    check_integer("min_base", min_base, 1)
    check_integer("max_base", max_base, 1)
    if min_base > max_base:
        raise ValueError(f"Ninguna base que probar: min_base ({min_base}) > max_base ({max_base}).")
    boxes = ((base, _box(reported, base, rule, design)) for base in range(min_base, max_base + 1))
    return (FeasibleBase(base, *box, _count_vectors(*box)) for base, box in boxes if box)


def smallest_base(
    reported: Sequence[ReportedPercentage],
    max_base: int,
    *,
    min_base: int = 1,
    rule: RoundingRule,
    design: Design,
) -> int | None:
    """Find the smallest base that can have produced the reported percentages.

    Parameters
    ----------
    reported : sequence of ReportedPercentage
        Percentages as printed, shape (m,).
    max_base, min_base : int
        Last and first base to try, both included; 1 <= `min_base` <= `max_base`.
    rule : RoundingRule
        Rounding rule.
    design : Design
        How the counts relate to the base.

    Returns
    -------
    int or None
        ``None`` if no base in the interval is feasible.

    Raises
    ------
    ValueError
        As :func:`scan`.
    """
    bases = scan(reported, max_base, min_base=min_base, rule=rule, design=design)
    return next((feasible.base for feasible in bases), None)


def grim_consistent(
    percentage: ReportedPercentage, n: int, rule: RoundingRule = RoundingRule.HALF_UP
) -> bool:
    """Apply the classical GRIM test to one percentage.

    Parameters
    ----------
    percentage : ReportedPercentage
        Percentage as printed.
    n : int
        Sample size, at least 1.
    rule : RoundingRule, optional
        Rounding rule. The default of scrutiny, by contrast, accepts both half-up and half-down.

    Returns
    -------
    bool
        Whether some integer count out of `n` rounds to `percentage`.

    Raises
    ------
    ValueError
        If `percentage` is missing or `n` is below 1.
    """
    _check_reported([percentage])
    check_integer("n", n, 1)
    return len(count_range(percentage, n, rule)) > 0


def _check_reported(reported: Sequence[ReportedPercentage]) -> None:
    """Require at least one percentage and no missing values."""
    if not reported:
        raise ValueError("No hay porcentajes: se espera al menos uno.")
    for position, share in enumerate(reported, start=1):
        if not isinstance(share, ReportedPercentage):
            raise ValueError(
                f"Porcentaje ausente o no válido en la posición {position}: {share!r}. "
                "Se espera un ReportedPercentage (véase ReportedPercentage.parse)."
            )


def _box(
    reported: Sequence[ReportedPercentage], base: int, rule: RoundingRule, design: Design
) -> tuple[tuple[Interval, ...], Interval] | None:
    """Return the tightest interval of each count and of their total, or None if infeasible."""
    limits = design.limits(base, len(reported))
    ranges = []
    for share in reported:
        counts = count_range(share, base, rule)
        low, high = counts.start, min(counts.stop - 1, limits.max_count)
        if low > high:
            return None
        ranges.append((low, high))
    lows = sum(low for low, _ in ranges)
    highs = sum(high for _, high in ranges)
    min_total, max_total = max(lows, limits.min_total), min(highs, limits.max_total)
    if min_total > max_total:
        return None
    tight = tuple(
        (max(low, min_total - (highs - high)), min(high, max_total - (lows - low)))
        for low, high in ranges
    )
    return tight, (min_total, max_total)


def _vectors(ranges: Sequence[Interval], total: Interval) -> Iterator[tuple[int, ...]]:
    """Enumerate the vectors within `ranges` whose sum is within `total`, in lexicographic order."""
    (low, high), rest = ranges[0], ranges[1:]
    rest_low = sum(low for low, _ in rest)
    rest_high = sum(high for _, high in rest)
    min_total, max_total = total
    for count in range(max(low, min_total - rest_high), min(high, max_total - rest_low) + 1):
        if rest:
            for tail in _vectors(rest, (min_total - count, max_total - count)):
                yield (count, *tail)
        else:
            yield (count,)


def _count_vectors(ranges: Sequence[Interval], total: Interval) -> int:
    """Count the vectors of :func:`_vectors`, adding up one share at a time."""
    lows = sum(low for low, _ in ranges)
    widths = [high - low for low, high in ranges]
    least, most = total[0] - lows, total[1] - lows
    if least == 0 and most >= sum(widths):
        return prod(width + 1 for width in widths)
    ways = [1]  # ways[s]: vectors of the shares added so far that exceed their lows by s
    for width in widths:
        reached = len(ways)
        cumulative = [0, *accumulate(ways)]
        ways = [
            cumulative[min(excess + 1, reached)] - cumulative[max(excess - width, 0)]
            for excess in range(min(reached + width, most + 1))
        ]
    return sum(ways[least:])
