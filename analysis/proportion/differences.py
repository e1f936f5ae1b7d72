"""Differences between groups and between waves, exact where ten cities need it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, prod, sqrt

import numpy as np
import pandas as pd

from analysis.proportion.binomial import confidence_interval
from analysis.proportion.finite import check_count

_STATES = 200_000  # vectors of column totals up to which Cochran's Q is enumerated


@dataclass(frozen=True)
class Difference:
    """Difference of two shares, the first minus the second.

    Parameters
    ----------
    estimate : float
        Difference, from -1 to 1.
    lower, upper : float
        Interval of Newcombe.
    level : float
        Confidence level.
    p_value : float
        Exact, two-sided: Fisher for groups, McNemar for pairs.
    method : str
        ``independent`` or ``paired``; key of the labels (``difference_method``).
    nobs : tuple of int
        Sizes of the two groups; for pairs, complete pairs twice.
    dropped : int
        Pairs left out because one of the two is missing.
    """

    estimate: float
    lower: float
    upper: float
    level: float
    p_value: float
    method: str
    nobs: tuple[int, int]
    dropped: int = 0


def independent_difference(
    count1: int, nobs1: int, count2: int, nobs2: int, *, level: float = 0.95
) -> Difference:
    """Compare the shares of two separate groups.

    Parameters
    ----------
    count1, nobs1, count2, nobs2 : int
        Members with the property and members of each group; none may be missing.
    level : float
        Confidence level of the interval.

    Returns
    -------
    Difference
        With the score interval of Newcombe (1998, Statistics in Medicine 17:873-890, method 10)
        by statsmodels, and the exact test of Fisher (1935) by scipy.

    Notes
    -----
    The test and the interval come from different models and may disagree near the level.
    """
    from scipy.stats import fisher_exact
    from statsmodels.stats.proportion import confint_proportions_2indep

    check_count(count1, nobs1)
    check_count(count2, nobs2)
    lower, upper = confint_proportions_2indep(
        count1, nobs1, count2, nobs2, method="newcomb", compare="diff", alpha=1 - level
    )
    table = [[count1, nobs1 - count1], [count2, nobs2 - count2]]
    p_value = float(fisher_exact(table).pvalue)
    difference = count1 / nobs1 - count2 / nobs2
    return Difference(
        difference, float(lower), float(upper), level, p_value, "independent", (nobs1, nobs2)
    )


def paired_difference(first: pd.Series, second: pd.Series, *, level: float = 0.95) -> Difference:
    """Compare the shares of the same cities in two waves.

    Parameters
    ----------
    first, second : Series of nullable boolean, shape (cities,)
        Whether each city has the property, by city; they are matched by index. Cities missing in
        either are left out and counted in ``dropped``.
    level : float
        Confidence level of the interval.

    Returns
    -------
    Difference
        With the interval of Newcombe (1998, Statistics in Medicine 17:2635-2650, method 10), and
        McNemar's exact test (1947, Psychometrika 12:153-157) by statsmodels.

    Raises
    ------
    ValueError
        When no city is in both, or a city is there twice.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    for series in (first, second):
        if series.index.has_duplicates:
            twice = series.index[series.index.duplicated()][0]
            raise ValueError(f"«{twice}» está dos veces en una ola: no se puede emparejar.")
    pairs = pd.DataFrame({"first": first, "second": second}).astype("boolean")
    complete = pairs.dropna().astype(bool)
    if complete.empty:
        raise ValueError("Ninguna ciudad respondió en las dos olas: no hay nada que emparejar.")
    a, b = complete["first"], complete["second"]
    cells = (int((a & b).sum()), int((a & ~b).sum()), int((~a & b).sum()), int((~a & ~b).sum()))
    lower, upper = _newcombe_paired(*cells, level)
    both, only_first, only_second, neither = cells
    table = [[both, only_first], [only_second, neither]]
    n = len(complete)
    return Difference(
        estimate=(only_first - only_second) / n,
        lower=lower,
        upper=upper,
        level=level,
        p_value=min(1.0, float(mcnemar(table, exact=True).pvalue)),
        method="paired",
        nobs=(n, n),
        dropped=len(pairs) - n,
    )


def _newcombe_paired(
    both: int, only_first: int, only_second: int, neither: int, level: float
) -> tuple[float, float]:
    """Combine two Wilson intervals with a correlation that is moved towards zero."""
    n = both + only_first + only_second + neither
    count1, count2 = both + only_first, both + only_second
    p1, p2 = count1 / n, count2 / n
    one, two = (confidence_interval(count, n, "wilson", level) for count in (count1, count2))
    margins = count1 * (n - count1) * count2 * (n - count2)
    cross = both * neither - only_first * only_second
    if cross > 0:
        cross = max(cross - n / 2, 0)
    phi = cross / sqrt(margins) if margins else 0.0

    def side(near: float, far: float) -> float:
        return sqrt(max(near**2 - 2 * phi * near * far + far**2, 0.0))

    lower = p1 - p2 - side(p1 - one.lower, two.upper - p2)
    upper = p1 - p2 + side(one.upper - p1, p2 - two.lower)
    return max(-1.0, lower), min(1.0, upper)


@dataclass(frozen=True)
class ChangeTest:
    """Test that a share did not change over several waves.

    Parameters
    ----------
    statistic : float
        Cochran's Q; nan when no city changed.
    p_value : float
        Exact where the waves can be permuted in full, else by the chi-squared distribution.
    exact : bool
        Which of the two it is.
    nobs, dropped : int
        Cities in every wave, and cities left out.
    """

    statistic: float
    p_value: float
    exact: bool
    nobs: int
    dropped: int


def cochran_q(waves: pd.DataFrame) -> ChangeTest:
    """Test that the share of the same cities is the same in every wave.

    Parameters
    ----------
    waves : DataFrame of nullable boolean, shape (cities, waves)
        Cities missing in any wave are left out and counted.

    Returns
    -------
    ChangeTest
        Q of Cochran (1950, Biometrika 37:256-266). Its exact p-value permutes the waves within
        each city, all arrangements being equally likely (Patil 1975, JASA 70:186-189); with many
        cities or waves the chi-squared distribution takes its place, by statsmodels.

    Raises
    ------
    ValueError
        With fewer than two waves, or when no city is in all.
    """
    from statsmodels.stats.contingency_tables import cochrans_q

    complete = waves.astype("boolean").dropna().astype(int).to_numpy()
    n, k = complete.shape
    if k < 2 or n == 0:
        raise ValueError("Hacen falta dos olas o más y alguna ciudad que esté en todas.")
    dropped = len(waves) - n
    if (complete.sum(axis=1) % k == 0).all():  # nobody changed
        return ChangeTest(float("nan"), 1.0, True, n, dropped)
    q = cochrans_q(complete)
    if (n + 1) ** (k - 1) > _STATES:
        return ChangeTest(float(q.statistic), float(q.pvalue), False, n, dropped)
    return ChangeTest(float(q.statistic), _exact_q(complete), True, n, dropped)


def _exact_q(table: np.ndarray) -> float:
    """Enumerate the totals of the waves, city by city; Q grows with their sum of squares."""
    _, k = table.shape
    totals: Counter[tuple[int, ...]] = Counter({(0,) * k: 1})
    answers = [int(count) for count in table.sum(axis=1)]
    for count in answers:
        if count % k == 0:  # the same in every arrangement
            continue
        step: Counter[tuple[int, ...]] = Counter()
        for total, ways in totals.items():
            for chosen in combinations(range(k), count):
                moved = list(total)
                for wave in chosen:
                    moved[wave] += 1
                step[tuple(moved)] += ways
        totals = step
    constant = sum(count // k for count in answers if count % k == 0)
    observed = sum((int(total) - constant) ** 2 for total in table.sum(axis=0))
    extreme = sum(w for total, w in totals.items() if sum(x * x for x in total) >= observed)
    return extreme / prod(comb(k, count) for count in answers)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjust the p-values of several tests so that they hold together.

    Parameters
    ----------
    p_values : mapping of str to float
        By test; none may be missing.

    Returns
    -------
    dict of str to float
        Adjusted by Holm (1979, Scandinavian Journal of Statistics 6:65-70), in the same order.
    """
    from statsmodels.stats.multitest import multipletests

    if not p_values:
        return {}
    adjusted: Sequence[float] = multipletests(list(p_values.values()), method="holm")[1]
    return dict(zip(p_values, map(float, adjusted), strict=True))
