"""Agreement of two orders of the same items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations


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
