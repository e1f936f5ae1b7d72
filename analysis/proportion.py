"""Intervals of a share, by statsmodels."""

from __future__ import annotations

from statsmodels.stats.proportion import proportion_confint

from analysis.provenance import Interval

METHODS = {"wilson": "wilson", "clopper_pearson": "beta"}
"""Interval methods by our name, with the name that statsmodels gives them."""


def confidence_interval(
    count: int, nobs: int, method: str = "wilson", level: float = 0.95
) -> Interval:
    """Return the confidence interval of a binomial proportion.

    Parameters
    ----------
    count : int
        Members of the base that have the property; none may be missing.
    nobs : int
        Size of the base.
    method : {"wilson", "clopper_pearson"}
        Wilson (1927, JASA 22:209-212), close to its nominal level on average; Clopper and Pearson
        (1934, Biometrika 26:404-413), exact, never below its level and therefore wider.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        Bounds as proportions.

    Notes
    -----
    Both assume independent members. Mentions by the same city are not, so that an interval on a
    base of mentions is too narrow.

    Raises
    ------
    ValueError
        When the method is unknown or the count does not fit in the base.
    """
    if method not in METHODS:
        raise ValueError(f"Método «{method}» desconocido; hay: {', '.join(METHODS)}.")
    if nobs < 1 or not 0 <= count <= nobs:
        raise ValueError(f"El recuento {count} no cabe en la base {nobs}.")
    lower, upper = proportion_confint(count, nobs, alpha=1 - level, method=METHODS[method])
    estimate = count / nobs  # rounding must not leave it outside at the ends
    low, high = max(0.0, min(float(lower), estimate)), min(1.0, max(float(upper), estimate))
    return Interval(low, high, level, method)
