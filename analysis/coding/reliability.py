"""Reliability of coding: coefficients on plain arrays, with their intervals.

Values stand in an array of coders × units; a missing value is ``None``, ``NaN`` or ``NA``. No
function guesses what a missing value means: each says which units it uses, and counts them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval", "ratio")

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


_CHUNK = 250  # samples at a time, which bounds the memory


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


# Counting ----------------------------------------------------------------------------------------


def value_counts(values: object, level: Level = "nominal") -> tuple[np.ndarray, list[object]]:
    """Count how many coders gave each value to each unit.

    Parameters
    ----------
    values : array of coders × units
        Any hashable values for ``nominal``, numbers for the other levels; missing ones allowed.
    level : str
        Level of measurement.

    Returns
    -------
    counts : array of float, units × values
    domain : list
        The values in order.

    Raises
    ------
    ValueError
        When there are fewer than two coders, or a value is not a number where one is needed.
    """
    if level not in LEVELS:
        raise ValueError(f"Nivel de medición «{level}» desconocido; hay: {', '.join(LEVELS)}.")
    table = np.asarray(values, dtype=object)
    if table.ndim != 2 or len(table) < 2:
        raise ValueError("El acuerdo necesita al menos dos codificadores y una fila para cada uno.")
    present = ~pd.isna(table)
    given = pd.Series(table[present], dtype=object)
    if level != "nominal":
        try:
            given = pd.to_numeric(given)
        except (ValueError, TypeError) as error:
            raise ValueError(f"El nivel «{level}» necesita números: {error}.") from error
    codes, found = pd.factorize(given)
    order = sorted(
        range(len(found)), key=lambda n: found[n] if level != "nominal" else _order(found[n])
    )
    counts = np.zeros((table.shape[1], len(found)))
    np.add.at(counts, (np.nonzero(present)[1], np.argsort(order)[codes]), 1)
    return counts, [found[number] for number in order]


def _order(value: object) -> tuple[str, str]:
    return type(value).__name__, str(value)


def _pairable(counts: np.ndarray) -> np.ndarray:
    return counts[counts.sum(axis=1) >= 2]


def resample_weights(
    rows: np.ndarray, resamples: int, seed: int, groups: Sequence[object] | None = None
) -> np.ndarray:
    """Draw bootstrap samples of units as a matrix of how often each row of a table was drawn.

    Parameters
    ----------
    rows : array of int
        Row of the table that each unit stands in; equal units can share one.
    resamples : int
        Samples to draw.
    seed : int
        Seed; the same one draws the same samples.
    groups : sequence, optional
        Group of each unit (its document, for instance); whole groups are then drawn, because units
        of one group are not independent.

    Returns
    -------
    array of float, resamples × rows
    """
    rng = np.random.default_rng(seed)
    width = int(rows.max()) + 1
    if groups is None:
        drawn = rows[rng.integers(0, len(rows), size=(resamples, len(rows)))]
        drawn += np.arange(resamples)[:, None] * width
        counted = np.bincount(drawn.ravel(), minlength=resamples * width)
        return counted.reshape(resamples, width).astype(float)
    member = pd.factorize(np.asarray(groups, dtype=object), use_na_sentinel=False)[0]
    size = int(member.max()) + 1
    table = np.zeros((size, width))
    np.add.at(table, (member, rows), 1)
    return resample_weights(np.arange(size), resamples, seed) @ table


# Krippendorff's alpha ----------------------------------------------------------------------------


def _disagreements(
    counts: np.ndarray, domain: Sequence[object], level: Level, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return observed and expected disagreement of every sample of ``weights``."""
    size = counts.sum(axis=1)
    totals = weights @ counts
    n = totals.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        if level == "nominal":
            own = (size**2 - (counts**2).sum(axis=1)) / (size - 1)
            return weights @ own, (n**2 - (totals**2).sum(axis=1)) / (n - 1)
        if level == "ratio":
            numbers = np.asarray(domain, dtype=float)
            sums = numbers[:, None] + numbers[None, :]
            delta = np.divide(
                numbers[:, None] - numbers[None, :], sums, out=np.zeros_like(sums), where=sums != 0
            )
            own = ((counts @ delta**2) * counts).sum(axis=1) / (size - 1)
            return weights @ own, ((totals @ delta**2) * totals).sum(axis=1) / (n - 1)
        # Ordinal distances are interval distances between mid-ranks, which change with each sample.
        if level == "ordinal":
            scale = totals.cumsum(axis=1) - totals / 2
        else:
            scale = np.broadcast_to(np.asarray(domain, dtype=float), totals.shape)
            scale = scale - scale.mean(axis=1, keepdims=True)  # keeps the differences exact
        squares = ((weights * (size / (size - 1))) @ counts * scale**2).sum(axis=1)
        means = (weights * (scale @ counts.T) ** 2 / (size - 1)).sum(axis=1)
        spread = n * (totals * scale**2).sum(axis=1) - (totals * scale).sum(axis=1) ** 2
        return 2 * (squares - means), 2 * spread / (n - 1)


def _ratio_to_alpha(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    scale = np.maximum(np.abs(observed), 1e-300)
    possible = np.isfinite(expected) & (expected > 1e-12 * scale) & (expected > 0)
    return 1 - np.divide(
        observed, expected, out=np.full_like(observed, np.nan, dtype=float), where=possible
    )


def krippendorff_alpha(
    values: object,
    level: Level = "nominal",
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    groups: Sequence[object] | None = None,
) -> Coefficient:
    """Compute Krippendorff's alpha with a percentile bootstrap interval.

    Parameters
    ----------
    values : array of coders × units
        What each coder gave to each unit; missing values allowed.
    level : {"nominal", "ordinal", "interval", "ratio"}
        Level of measurement.
    resamples : int
        Bootstrap samples of units; 0 for no interval.
    confidence : float
        Level of the interval.
    seed : int
        Seed of the samples.
    groups : sequence, optional
        Group of each unit; whole groups are drawn instead of units.

    Returns
    -------
    Coefficient
        Units with fewer than two values are left out. The value is None when no unit has two
        values, or when all values are the same, because agreement by chance is then certain.

    Notes
    -----
    Krippendorff (2011), *Computing Krippendorff's Alpha-Reliability*. The samples are a matrix of
    counts, so that one matrix product gives every resampled table at once. Units are resampled;
    Hayes and Krippendorff (2007) resample pairs of values, which takes pairs of one unit as
    independent.

    Examples
    --------
    Krippendorff (2011), section D: 4 observers, 12 units.

    >>> nan = float("nan")
    >>> data = [[1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
    ...         [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
    ...         [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
    ...         [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan]]
    >>> [round(krippendorff_alpha(data, level).value, 3) for level in LEVELS]
    [0.743, 0.815, 0.849, 0.797]
    """
    counts, domain = value_counts(values, level)
    coders = len(np.asarray(values, dtype=object))
    used = counts.sum(axis=1) >= 2
    counts, units = counts[used], int(used.sum())
    name = f"alpha_{level}"
    if not units:
        return Coefficient(
            name=name, value=None, coders=coders, units=0, missing=PAIRABLE, undefined="no_pairs"
        )
    counts, rows, times = np.unique(counts, axis=0, return_inverse=True, return_counts=True)
    weights = times[None, :].astype(float)
    value = float(_ratio_to_alpha(*_disagreements(counts, domain, level, weights))[0])
    base = {"name": name, "coders": coders, "units": units, "missing": PAIRABLE}
    if math.isnan(value):
        return Coefficient(value=None, undefined="no_variation", **base)
    if not resamples:
        return Coefficient(value=value, **base)
    kept = None if groups is None else np.asarray(groups, dtype=object)[used]
    drawn = []
    for first in range(0, resamples, _CHUNK):
        size = min(_CHUNK, resamples - first)
        weights = resample_weights(rows.ravel(), size, seed + first, kept)
        drawn.append(_ratio_to_alpha(*_disagreements(counts, domain, level, weights)))
    return Coefficient(value=value, **base, **_percentiles(np.concatenate(drawn), confidence, kept))


def _percentiles(
    drawn: np.ndarray, confidence: float, groups: object | None
) -> dict[str, float | str | int | None]:
    drawn = drawn[~np.isnan(drawn)]
    if not len(drawn):
        return {}
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return {
        "low": float(low),
        "high": float(high),
        "confidence": confidence,
        "interval": "bootstrap_units" if groups is None else "bootstrap_groups",
        "below_tentative": float((drawn < TENTATIVE).mean()),
        "below_reliable": float((drawn < RELIABLE).mean()),
        "resamples": len(drawn),
    }


@dataclass(frozen=True)
class CodeAlphas:
    """Alpha of each code and of all codes together.

    Parameters
    ----------
    by_code : tuple of Coefficient
        In the order of the codes.
    overall : Coefficient
        One minus the observed over the expected disagreement, each summed over codes, as
        Krippendorff (2004, p. 255) sums categories.
    """

    by_code: tuple[Coefficient, ...]
    overall: Coefficient


def alpha_by_code(
    applied: object,
    read: object | None = None,
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    groups: Sequence[object] | None = None,
) -> CodeAlphas:
    """Compute nominal alpha of codes of which a unit can bear several.

    Parameters
    ----------
    applied : boolean array of coders × units × codes
        Whether the coder gave the code to the unit.
    read : boolean array of coders × units, optional
        Whether the coder read the unit; by default all. What was not read is missing and is not
        a «no».
    resamples, confidence, seed, groups
        As in :func:`krippendorff_alpha`; all codes share the samples.

    Returns
    -------
    CodeAlphas
    """
    given = np.asarray(applied, dtype=bool)
    coders, units, codes = given.shape
    if coders < 2:
        raise ValueError("El acuerdo necesita al menos dos codificadores.")
    seen = np.ones((coders, units), bool) if read is None else np.asarray(read, dtype=bool)
    used = seen.sum(axis=0) >= 2
    size = seen.sum(axis=0)[used].astype(float)
    yes = (given & seen[:, :, None]).sum(axis=0)[used].astype(float)
    own = 2 * yes * (size[:, None] - yes) / (size[:, None] - 1)

    def disagreements(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        n, ones = weights @ size, weights @ yes
        return weights @ own, 2 * ones * (n[:, None] - ones) / np.maximum(n[:, None] - 1, 1)

    def alphas(weights: np.ndarray) -> np.ndarray:
        observed, expected = disagreements(weights)
        each = _ratio_to_alpha(observed, expected)
        total = _ratio_to_alpha(observed.sum(axis=1), expected.sum(axis=1))
        return np.column_stack([each, total])

    values = alphas(np.ones((1, len(size))))[0]
    kept = None if groups is None else np.asarray(groups, dtype=object)[used]
    drawn, rows = np.full((0, codes + 1), np.nan), np.arange(len(size))
    if resamples and len(size):
        drawn = np.concatenate(
            [
                alphas(resample_weights(rows, min(_CHUNK, resamples - first), seed + first, kept))
                for first in range(0, resamples, _CHUNK)
            ]
        )
    found = []
    for column, value in enumerate(values):
        nothing = bool(np.isnan(value))
        found.append(
            Coefficient(
                name="alpha_nominal" if column < codes else "alpha_codes",
                value=None if nothing else float(value),
                coders=coders,
                units=len(size),
                missing=PAIRABLE,
                undefined=("no_variation" if len(size) else "no_pairs") if nothing else "",
                **({} if nothing else _percentiles(drawn[:, column], confidence, kept)),
            )
        )
    return CodeAlphas(tuple(found[:-1]), found[-1])


# Other coefficients ------------------------------------------------------------------------------


def agreement_weights(domain: Sequence[object], kind: str = "identity") -> np.ndarray:
    """Return how much agreement each pair of values counts for, 1 on the diagonal.

    Parameters
    ----------
    domain : sequence
        Values in order.
    kind : {"identity", "linear", "quadratic", "ordinal"}
        ``linear`` and ``quadratic`` use the distance of numbers; ``ordinal`` the number of values
        between them (Gwet 2014, *Handbook of Inter-Rater Reliability*, 4th ed., section 3.5).
    """
    q = len(domain)
    if kind == "identity" or q < 2:
        return np.eye(q)
    if kind == "ordinal":
        steps = np.abs(np.subtract.outer(np.arange(q), np.arange(q))) + 1
        apart = steps * (steps - 1) / 2
        return 1 - apart / apart.max()
    if kind not in ("linear", "quadratic"):
        raise ValueError(
            f"Pesos «{kind}» desconocidos; hay: identity, linear, quadratic y ordinal."
        )
    numbers = np.asarray(domain, dtype=float)
    apart = np.abs(np.subtract.outer(numbers, numbers)) / (numbers.max() - numbers.min())
    return 1 - (apart if kind == "linear" else apart**2)


def percent_agreement(values: object) -> Coefficient:
    """Compute the part of pairs of coders that agree, averaged over units with two values or more.

    Not corrected for chance: a rare code has it near 1 whatever the coders do.
    """
    counts, _ = value_counts(values)
    coders = len(np.asarray(values, dtype=object))
    used = _pairable(counts)
    base = {"name": "percent_agreement", "coders": coders, "missing": PAIRABLE, "units": len(used)}
    if not len(used):
        return Coefficient(value=None, undefined="no_pairs", **base)
    size = used.sum(axis=1)
    return Coefficient(
        value=float(((used * (used - 1)).sum(axis=1) / (size * (size - 1))).mean()), **base
    )


def cohen_kappa(values: object, confidence: float = 0.95) -> Coefficient:
    """Compute Cohen's kappa of two coders, by statsmodels.

    Parameters
    ----------
    values : array of 2 × units
        Units that miss a value are left out.
    confidence : float
        Level of the interval.

    Notes
    -----
    Cohen (1960), *Educational and Psychological Measurement* 20:37-46; standard error of Fleiss,
    Cohen and Everitt (1969), *Psychological Bulletin* 72:323-327.

    Raises
    ------
    ValueError
        When there are not exactly two coders.
    """
    from scipy.stats import norm
    from statsmodels.stats.inter_rater import cohens_kappa

    both = np.asarray(values, dtype=object)
    if len(both) != 2:
        raise ValueError(f"El kappa de Cohen compara dos codificadores; se dieron {len(both)}.")
    complete = both[:, ~pd.isna(both).any(axis=0)]
    base = {"name": "cohen_kappa", "coders": 2, "units": complete.shape[1], "missing": COMPLETE}
    if not complete.shape[1]:
        return Coefficient(value=None, undefined="no_pairs", **base)
    domain = sorted(set(complete.ravel()), key=_order)
    if len(domain) < 2:
        return Coefficient(value=None, undefined="no_variation", **base)
    code = {value: number for number, value in enumerate(domain)}
    table = np.zeros((len(domain), len(domain)))
    np.add.at(table, tuple([[code[v] for v in row] for row in complete]), 1)
    with np.errstate(invalid="ignore", divide="ignore"):  # of tests that are not used here
        result = cohens_kappa(table)
    error = float(result.std_kappa)
    half = float(norm.ppf((1 + confidence) / 2)) * error
    value = float(result.kappa)
    return Coefficient(
        value=value,
        standard_error=error,
        low=max(-1.0, value - half),
        high=min(1.0, value + half),
        confidence=confidence,
        interval="normal",
        **base,
    )


def fleiss_kappa(values: object) -> Coefficient:
    """Compute Fleiss' kappa of two coders or more, by statsmodels.

    Only units with a value of every coder count, because the coefficient is defined for equal
    numbers of values (Fleiss 1971, *Psychological Bulletin* 76:378-382).
    """
    from statsmodels.stats.inter_rater import fleiss_kappa as fleiss

    counts, _ = value_counts(values)
    coders = len(np.asarray(values, dtype=object))
    complete = counts[counts.sum(axis=1) == coders]
    base = {"name": "fleiss_kappa", "coders": coders, "units": len(complete), "missing": COMPLETE}
    if not len(complete):
        return Coefficient(value=None, undefined="no_pairs", **base)
    if (complete.sum(axis=0) > 0).sum() < 2:
        return Coefficient(value=None, undefined="no_variation", **base)
    return Coefficient(value=float(fleiss(complete, method="fleiss")), **base)


def gwet_ac(
    values: object,
    weights: str = "identity",
    *,
    domain: Sequence[object] | None = None,
    confidence: float = 0.95,
) -> Coefficient:
    """Compute Gwet's AC1 (``identity`` weights) or AC2 (any other weights).

    Parameters
    ----------
    values : array of coders × units
        Missing values allowed: agreement is taken from units with two values or more, prevalence
        from every value.
    weights : {"identity", "linear", "quadratic", "ordinal"}
        As in :func:`agreement_weights`.
    domain : sequence, optional
        All values that could have been given; by default those that were. It matters: chance
        agreement depends on how many there are.
    confidence : float
        Level of the interval, from the t distribution.

    Notes
    -----
    Gwet (2008), *British Journal of Mathematical and Statistical Psychology* 61:29-48; standard
    error with missing values as in Gwet (2014), chapter 5.
    """
    from scipy.stats import t

    level: Level = "nominal" if weights == "identity" else "interval"
    counts, found = value_counts(values, level)
    coders = len(np.asarray(values, dtype=object))
    if domain is not None:
        if missing := [value for value in found if value not in domain]:
            raise ValueError(f"El valor «{missing[0]}» no está entre los que se podían dar.")
        full = np.zeros((len(counts), len(domain)))
        full[:, [list(domain).index(value) for value in found]] = counts
        counts, found = full, list(domain)
    counts = counts[counts.sum(axis=1) > 0]
    size = counts.sum(axis=1)
    several = size >= 2
    n, q = len(counts), len(found)
    name = "gwet_ac1" if weights == "identity" else "gwet_ac2"
    base = {"name": name, "coders": coders, "units": int(several.sum()), "missing": AVAILABLE}
    if not several.any():
        return Coefficient(value=None, undefined="no_pairs", **base)
    if q < 2:
        return Coefficient(value=None, undefined="no_variation", **base)
    w = agreement_weights(found, weights)
    pairs = np.where(several, size * (size - 1), 1)
    own = np.where(several, (counts * (counts @ w - 1)).sum(axis=1) / pairs, 0)
    observed = own[several].mean()
    prevalence = (counts / size[:, None]).mean(axis=0)
    factor = w.sum() / (q * (q - 1))
    chance = factor * (prevalence * (1 - prevalence)).sum()
    value = float((observed - chance) / (1 - chance))
    base["value"] = value
    if n < 2:
        return Coefficient(**base)
    unit = (n / several.sum()) * (own - chance * several) / (1 - chance)
    unit_chance = factor * (counts @ (1 - prevalence)) / size
    unit = unit - 2 * (1 - value) * (unit_chance - chance) / (1 - chance)
    error = float(np.sqrt(((unit - value) ** 2).sum() / (n * (n - 1))))
    half = float(t.ppf((1 + confidence) / 2, n - 1)) * error
    return Coefficient(
        standard_error=error,
        low=max(-1.0, value - half),
        high=min(1.0, value + half),
        confidence=confidence,
        interval="t",
        **base,
    )
