"""Agreement of two orders of the same items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isnan

import pandas as pd


@dataclass(frozen=True)
class PairCounts:
    """Pairs of items by how two orders arrange them.

    Parameters
    ----------
    concordant, discordant : int
        Pairs that both orders arrange alike, and contrarily.
    tied : int
        Pairs that at least one of the orders does not tell apart.
    """

    concordant: int
    discordant: int
    tied: int


def pair_counts(first: Sequence[float], second: Sequence[float]) -> PairCounts:
    """Count concordant, discordant and tied pairs (Kendall 1938, Biometrika 30:81-93).

    Parameters
    ----------
    first, second : sequence of numbers
        Two ranks of the same items, in the same order; no missing values.

    Raises
    ------
    ValueError
        When the lengths differ.
    """
    if len(first) != len(second):
        raise ValueError(f"Dos órdenes de distinto tamaño: {len(first)} y {len(second)}.")
    concordant = discordant = tied = 0
    for (a, b), (c, d) in combinations(zip(first, second, strict=True), 2):
        product = (a - c) * (b - d)
        concordant += product > 0
        discordant += product < 0
        tied += product == 0
    return PairCounts(concordant, discordant, tied)


def kendall_tau_b(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Correlate two orders that may have ties, by scipy.

    Parameters
    ----------
    first, second : sequence of numbers
        Two ranks or counts of the same items, in the same order; no missing values.

    Returns
    -------
    float or None
        Tau-b of Kendall (1945, Biometrika 33:239-251), from -1 to 1; None when an order does not
        tell any two items apart.

    Raises
    ------
    ValueError
        When the lengths differ.
    """
    from scipy.stats import kendalltau

    if len(first) != len(second):
        raise ValueError(f"Dos órdenes de distinto tamaño: {len(first)} y {len(second)}.")
    if len(first) < 2:
        return None
    tau = float(kendalltau(first, second, variant="b").statistic)
    return None if isnan(tau) else tau


@dataclass(frozen=True)
class OrderAgreement:
    """How alike two orders of the same items are.

    Parameters
    ----------
    items : tuple of str
        Items that both orders have.
    left_out : tuple of str
        Items that only one of them has.
    pairs : PairCounts
        Pairs of items that they arrange alike, contrarily or not at all.
    tau_b : float or None
        Kendall's tau-b; None when an order does not tell any two items apart.
    """

    items: tuple[str, ...]
    left_out: tuple[str, ...]
    pairs: PairCounts
    tau_b: float | None


def order_agreement(first: pd.Series, second: pd.Series) -> OrderAgreement:
    """Compare two orders, for instance the counts of a wave with the numbers of a chart of 2017.

    Parameters
    ----------
    first, second : Series of number, shape (items,)
        Ranks or counts by item, matched by index; a missing value leaves its item out.

    Returns
    -------
    OrderAgreement
    """
    both = pd.DataFrame({"first": first, "second": second})
    complete = both.dropna()
    one, two = complete["first"].tolist(), complete["second"].tolist()
    return OrderAgreement(
        items=tuple(map(str, complete.index)),
        left_out=tuple(map(str, both.index.difference(complete.index, sort=False))),
        pairs=pair_counts(one, two),
        tau_b=kendall_tau_b(one, two),
    )
