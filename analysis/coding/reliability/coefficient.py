"""A coefficient of agreement with all that it needs in order to be read."""

from __future__ import annotations

from dataclasses import dataclass

TENTATIVE = 0.667
"""Least alpha for tentative conclusions (Krippendorff 2004, Content Analysis, 2nd ed., p. 241)."""

RELIABLE = 0.8
"""Least alpha that Krippendorff asks of data to be relied on (same page)."""

PAIRABLE = "pairable_units"
"""Missing-value rule: units with fewer than two values are left out."""

COMPLETE = "complete_units"
"""Missing-value rule: only units with a value of every coder count."""

AVAILABLE = "available_values"
"""Missing-value rule: agreement from units with two values or more, prevalence from every value."""


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """A coefficient of agreement with all that it needs in order to be read.

    Parameters
    ----------
    name : str
        Key of the method in the labels (``coding.coefficient``).
    value : float, optional
        The coefficient, at most 1; None when it is not defined on these data.
    coders, units : int
        Coders, and units that it was computed from.
    missing : str
        Rule for missing values: :data:`PAIRABLE`, :data:`COMPLETE` or :data:`AVAILABLE`.
    low, high : float, optional
        Interval at ``confidence``; None when there is none.
    confidence : float
        Level of the interval.
    interval : str
        How the interval was made: ``bootstrap_units``, ``bootstrap_groups``, ``t`` or ``normal``;
        empty when there is none.
    standard_error : float, optional
        Of the coefficient, where a formula gives it.
    below_tentative, below_reliable : float, optional
        Part of the resamples below :data:`TENTATIVE` and :data:`RELIABLE`.
    resamples : int
        Resamples on which the coefficient was defined.
    undefined : str
        Key of the reason when there is no value: ``no_pairs`` or ``no_variation``.
    """

    name: str
    value: float | None
    coders: int
    units: int
    missing: str
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    interval: str = ""
    standard_error: float | None = None
    below_tentative: float | None = None
    below_reliable: float | None = None
    resamples: int = 0
    undefined: str = ""

    @property
    def reading(self) -> str:
        """Read the value by the published thresholds; see :func:`reading`."""
        return reading(self.value)

    @property
    def cautious_reading(self) -> str:
        """Read the lower end of the interval, or the value when there is no interval."""
        return reading(self.value if self.low is None else self.low)


def reading(value: float | None) -> str:
    """Read a coefficient by the thresholds of Krippendorff (2004).

    Returns
    -------
    str
        ``reliable`` from 0.800, ``tentative`` from 0.667, ``insufficient`` below, ``undefined``
        without value.

    Examples
    --------
    >>> [reading(value) for value in (0.82, 0.743, 0.2, None)]
    ['reliable', 'tentative', 'insufficient', 'undefined']
    """
    if value is None:
        return "undefined"
    if value >= RELIABLE:
        return "reliable"
    return "tentative" if value >= TENTATIVE else "insufficient"
