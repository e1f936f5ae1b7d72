"""Interval of one share, by statsmodels; and the choice between sample, finite frame and census."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.proportion.finite import check_count, finite_interval
from analysis.provenance import Interval

METHODS = {
    "wilson": "wilson",
    "clopper_pearson": "beta",
    "jeffreys": "jeffreys",
    "agresti_coull": "agresti_coull",
}
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
    method : {"wilson", "clopper_pearson", "jeffreys", "agresti_coull"}
        Wilson (1927, JASA 22:209-212), close to its nominal level on average; Clopper and Pearson
        (1934, Biometrika 26:404-413), exact, never below its level and therefore wider; Jeffreys,
        the equal-tailed interval of the Beta(1/2, 1/2) prior, whose end is 0 or 1 when the count
        is none or all (Brown, Cai and DasGupta 2001, Statistical Science 16:101-133); Agresti and
        Coull (1998, The American Statistician 52:119-126), Wilson's centre with Wald's form.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        Bounds as proportions.

    Notes
    -----
    All assume independent members drawn from a population without end. Mentions by the same city
    are not independent, so that an interval on a base of mentions is too narrow.

    Raises
    ------
    ValueError
        When the method is unknown or the count does not fit in the base.
    """
    from statsmodels.stats.proportion import proportion_confint  # takes a second to import

    if method not in METHODS:
        raise ValueError(f"Método «{method}» desconocido; hay: {', '.join(METHODS)}.")
    check_count(count, nobs)
    lower, upper = proportion_confint(count, nobs, alpha=1 - level, method=METHODS[method])
    if method == "jeffreys":  # Brown, Cai and DasGupta (2001), section 4.1.2
        lower = 0.0 if count == 0 else lower
        upper = 1.0 if count == nobs else upper
    share = count / nobs  # rounding must not leave it outside at the ends
    low, high = max(0.0, min(float(lower), share)), min(1.0, max(float(upper), share))
    return Interval(low, high, level, method)


@dataclass(frozen=True)
class Estimate:
    """An interval, or the reason why there is none; the two fields that a ``Share`` takes.

    Parameters
    ----------
    interval : Interval or None
        Interval of the share.
    no_interval : str
        Key of the reason in the labels (``no_interval``), empty when there is an interval.
    """

    interval: Interval | None
    no_interval: str = ""


def estimate(
    count: int,
    nobs: int,
    *,
    method: str = "wilson",
    level: float = 0.95,
    frame_size: int | None = None,
    census: bool = False,
) -> Estimate:
    """Return the interval that the way of asking supports.

    Parameters
    ----------
    count, nobs : int
        Members with the property and members that answered; none may be missing.
    method : str
        A method of ``confidence_interval``. With a frame ``wilson`` means the finite Wilson and
        ``clopper_pearson`` the exact hypergeometric one; the others have no form for it.
    level : float
        Confidence level, between 0 and 1.
    frame_size : int, optional
        Members of the declared frame, those that answered included; without it the base is taken
        as a sample of a population without end.
    census : bool
        Whether everyone of the frame answered and only the frame is spoken of.

    Returns
    -------
    Estimate
        Without interval for a census (``census``): nothing was sampled, so that the share is the
        share of the frame and has no sampling error.

    Raises
    ------
    ValueError
        When a census has non-respondents, the frame is smaller than the base, or the method has
        no form for a frame.
    """
    check_count(count, nobs)
    if census:
        if frame_size is not None and frame_size != nobs:
            raise ValueError(
                f"No es un censo: respondieron {nobs} de {frame_size}. Declare una muestra, o use "
                "las cotas por no respuesta (worst_case_bounds)."
            )
        return Estimate(None, "census")
    if frame_size is None:
        return Estimate(confidence_interval(count, nobs, method, level))
    if frame_size == nobs:
        return Estimate(None, "census")
    inside = {"wilson": "finite_wilson", "clopper_pearson": "hypergeometric"}.get(method)
    if inside is None:
        raise ValueError(
            f"El intervalo «{method}» no existe para un marco finito (el declarado es de "
            f"{frame_size}); use wilson o clopper_pearson."
        )
    return Estimate(finite_interval(count, nobs, frame_size, inside, level).interval)
