"""Values of coders counted by unit."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval", "ratio")


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
        range(len(found)), key=lambda n: found[n] if level != "nominal" else sort_key(found[n])
    )
    counts = np.zeros((table.shape[1], len(found)))
    np.add.at(counts, (np.nonzero(present)[1], np.argsort(order)[codes]), 1)
    return counts, [found[number] for number in order]


def sort_key(value: object) -> tuple[str, str]:
    """Give values of any type a place among others."""
    return type(value).__name__, str(value)


def pairable(counts: np.ndarray) -> np.ndarray:
    """Keep the units with two values or more."""
    return counts[counts.sum(axis=1) >= 2]
