"""Coefficients beside alpha: percent agreement, Cohen, Fleiss and Gwet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.coding.reliability.coefficient import AVAILABLE, COMPLETE, PAIRABLE, Coefficient
from analysis.coding.reliability.values import Level, pairable, sort_key, value_counts


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
    used = pairable(counts)
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
    domain = sorted(set(complete.ravel()), key=sort_key)
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
