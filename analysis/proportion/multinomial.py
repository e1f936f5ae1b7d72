"""Simultaneous intervals of the shares of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.provenance import Interval

SIMULTANEOUS_METHODS = ("goodman", "sison_glaz", "dirichlet")
_SMALLEST_COUNT = 5  # rule of thumb of Goodman (1965) and of statsmodels for Sison-Glaz
_SISON_GLAZ_PARTS = 7


@dataclass(frozen=True)
class SimultaneousIntervals:
    """Intervals that hold together with one level.

    Parameters
    ----------
    intervals : tuple of Interval
        One for each part, in order.
    valid : bool
        Whether the condition under which the method keeps its level holds.
    condition : str
        Key of the condition in the labels (``simultaneous``) when it does not hold, else empty.
    """

    intervals: tuple[Interval, ...]
    valid: bool
    condition: str = ""


def simultaneous_intervals(
    counts: Sequence[int], method: str = "goodman", level: float = 0.95, *, prior: float = 0.5
) -> SimultaneousIntervals:
    """Return intervals of all the shares of a whole, which hold together.

    Parameters
    ----------
    counts : sequence of int
        Count of each part, two or more of them; none may be missing.
    method : {"goodman", "sison_glaz", "dirichlet"}
        Goodman (1965, Technometrics 7:247-254), valid when no count is below 5. Sison and Glaz
        (1995, JASA 90:366-369), narrower, meant for seven parts or more with counts of 5 or more;
        on sparse counts its approximation fails and it returns almost any share. Both by
        statsmodels. ``dirichlet``: equal-tailed credible intervals of the Dirichlet posterior,
        each at the level that Bonferroni gives, valid for any counts under its prior.
    level : float
        Joint level, between 0 and 1.
    prior : float
        Weight of the Dirichlet prior in each part; 1/2 is Jeffreys's. Other methods ignore it.

    Raises
    ------
    ValueError
        When the method is unknown, a count is negative, or there is no one to count.
    """
    if method not in SIMULTANEOUS_METHODS:
        raise ValueError(f"Método «{method}» desconocido; hay: {', '.join(SIMULTANEOUS_METHODS)}.")
    if len(counts) < 2 or min(counts) < 0 or sum(counts) < 1:
        raise ValueError(f"Hacen falta dos partes o más, sin negativos y no todas en 0: {counts}.")
    if method == "dirichlet":
        bounds = _dirichlet(counts, level, prior)
    else:
        from statsmodels.stats.proportion import multinomial_proportions_confint

        name = method.replace("_", "-")
        bounds = multinomial_proportions_confint(list(counts), alpha=1 - level, method=name)
    total = sum(counts)
    intervals = tuple(
        Interval(
            max(0.0, min(float(lower), count / total)),
            min(1.0, max(float(upper), count / total)),
            level,
            method,
        )
        for count, (lower, upper) in zip(counts, bounds, strict=True)
    )
    condition = _failed_condition(counts, method)
    return SimultaneousIntervals(intervals, not condition, condition)


def _failed_condition(counts: Sequence[int], method: str) -> str:
    if method == "dirichlet":
        return ""
    if min(counts) < _SMALLEST_COUNT:
        return "small_counts"
    if method == "sison_glaz" and len(counts) < _SISON_GLAZ_PARTS:
        return "few_parts"
    return ""


def _dirichlet(counts: Sequence[int], level: float, prior: float) -> list[tuple[float, float]]:
    """Take each margin of the posterior, a Beta, at the level that Bonferroni gives."""
    from scipy.stats import beta

    if prior <= 0:
        raise ValueError(f"El peso de la distribución previa es mayor que 0, no {prior}.")
    tail = (1 - level) / len(counts) / 2
    weight = sum(counts) + prior * len(counts)
    margins = [beta(count + prior, weight - count - prior) for count in counts]
    return [(margin.ppf(tail), margin.isf(tail)) for margin in margins]
