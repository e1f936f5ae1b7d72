"""Association of a question with several answers with another, or with a group of cities.

Bilder, Loughin and Nettleton (2000, Communications in Statistics: Simulation and Computation
29:1285-1316) for a group, and Bilder and Loughin (2004, Biometrics 60:241-248) for two questions:
the chi-squared statistics of every pair of items are added, and since a city answers them all,
their sum is corrected in four ways.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

ADDED = 0.5
"""Added to empty cells by default."""
_CHUNK = 2_000_000  # cells of resamples held at a time


@dataclass(frozen=True)
class Adjusted:
    """A statistic with its degrees of freedom and p-value."""

    statistic: float
    df: float
    p_value: float


@dataclass(frozen=True)
class Association:
    """Test that every item of a question is independent of every item (or of the group).

    Parameters
    ----------
    statistic : float
        Sum of the chi-squared statistics of all pairs of items.
    cells : DataFrame of float, shape (items or 1, items)
        Statistic of each pair.
    first_order, second_order : Adjusted
        Corrections of Rao and Scott (1981, JASA 76:221-230) of the mean, and of the mean and the
        variance, of the eigenvalues.
    bootstrap : float
        p-value of resamples in which the two answers of a city are drawn apart; never zero.
    bonferroni : float
        Smallest p-value of a pair times the number of pairs, at most 1.
    cell_p_values : DataFrame of float
        p-value of each pair, corrected by Bonferroni.
    cities, missing : int
        Cities that answered both, and cities left out.
    left_out : tuple of str
        Items that all or none of the cities chose, which say nothing.
    constant : float
        What was put in empty cells.
    discarded : int
        Resamples thrown away because an item was chosen by all or none.
    """

    statistic: float
    cells: pd.DataFrame
    first_order: Adjusted
    second_order: Adjusted
    bootstrap: float
    bonferroni: float
    cell_p_values: pd.DataFrame
    cities: int
    missing: int
    left_out: tuple[str, ...]
    constant: float
    discarded: int


def association(
    first: pd.DataFrame | pd.Series,
    second: pd.DataFrame,
    *,
    constant: float = ADDED,
    resamples: int = 1_999,
    seed: int = 2017,
) -> Association:
    """Test the association of a question with several answers.

    Parameters
    ----------
    first : DataFrame of nullable boolean, shape (cities, items), or Series, shape (cities,)
        Another question with several answers, or the group of each city (country, type …).
    second : DataFrame of nullable boolean, shape (cities, items)
        The question. Both are matched by index; a city with any missing value is left out.
    constant : float
        Put in the empty cells of each table before its statistic, as the R package MRCV does
        (its ``add.constant``, 0.5 too); 0 leaves them as they are.
    resamples : int
        Resamples of the bootstrap.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    Association

    Notes
    -----
    With ten cities only the bootstrap and Bonferroni are to be trusted, and neither sees much.
    The bootstrap's p-value counts the sample itself, (1 + extreme)/(1 + resamples), where MRCV
    leaves it out.

    Raises
    ------
    ValueError
        When no item, or no group, tells the cities apart.
    """
    if constant < 0:
        raise ValueError(f"La constante de las celdas vacías no puede ser negativa: {constant}.")
    grouped = isinstance(first, pd.Series)
    left = pd.get_dummies(first).astype("boolean") if grouped else first.astype("boolean")
    if grouped:
        left[first.isna()] = pd.NA
    right = second.astype("boolean")
    both = pd.concat([left, right], axis=1, keys=["first", "second"])
    complete = both.dropna().astype(int)
    w, y = complete["first"], complete["second"]
    w, y = w.loc[:, _varies(w)], y.loc[:, _varies(y)]
    left_out = tuple(str(c) for c in (*left, *right) if c not in w and c not in y)
    if w.shape[1] < (2 if grouped else 1) or y.shape[1] < 1:
        raise ValueError("Ninguna opción distingue a unas ciudades de otras: no hay qué comparar.")
    data, items = w.to_numpy(float), y.to_numpy(float)
    cells = _statistics(data[None], items[None], constant, grouped)[0]
    df = w.shape[1] - 1 if grouped else 1
    statistic, n_tests = float(cells.sum()), cells.size
    p_cells = np.minimum(1.0, _tail(cells, df) * n_tests)
    first_order, second_order = _rao_scott(data, items, statistic, df * n_tests, grouped)
    extreme, used, discarded = _bootstrap(
        data, items, statistic, constant, grouped, resamples, seed
    )
    index = ["group"] if grouped else list(w.columns)
    return Association(
        statistic=statistic,
        cells=pd.DataFrame(cells, index=index, columns=y.columns),
        first_order=first_order,
        second_order=second_order,
        bootstrap=(1 + extreme) / (1 + used),
        bonferroni=float(p_cells.min()),
        cell_p_values=pd.DataFrame(p_cells, index=index, columns=y.columns),
        cities=len(complete),
        missing=len(both) - len(complete),
        left_out=left_out,
        constant=constant,
        discarded=discarded,
    )


def _varies(frame: pd.DataFrame) -> pd.Series:
    return frame.nunique() > 1


def _tail(statistic: np.ndarray | float, df: float) -> np.ndarray:
    from scipy.stats import chi2

    return chi2.sf(statistic, df)


def _statistics(w: np.ndarray, y: np.ndarray, constant: float, grouped: bool) -> np.ndarray:
    """Return Pearson's statistic of every pair, for a stack of samples.

    Parameters
    ----------
    w, y : ndarray, shapes (samples, cities, rows) and (samples, cities, items)
        Answers as 0 and 1; of a group, one row a level.

    Returns
    -------
    ndarray, shape (samples, rows, items), or (samples, 1, items) for a group
    """
    yes = w.transpose(0, 2, 1) @ y
    chose = w.sum(axis=1)[:, :, None]
    total = y.sum(axis=1)[:, None, :]
    n = w.shape[1]
    if grouped:  # a table of levels by yes and no, for each item
        tables = np.stack([yes, chose - yes], axis=-1).transpose(0, 2, 1, 3)[:, None]
    else:
        table = [[yes, chose - yes], [total - yes, n - chose - total + yes]]
        tables = np.array(table).transpose(2, 3, 4, 0, 1)
    tables = np.where(tables == 0, constant, tables).astype(float)
    rows, columns = tables.sum(axis=-1, keepdims=True), tables.sum(axis=-2, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = rows * columns / tables.sum(axis=(-1, -2), keepdims=True)
        return np.nansum((tables - expected) ** 2 / expected, axis=(-1, -2))


def _rao_scott(
    w: np.ndarray, y: np.ndarray, statistic: float, df: int, grouped: bool
) -> tuple[Adjusted, Adjusted]:
    """Weigh the statistic by the eigenvalues of its quadratic form.

    Under independence the sum is distributed as a sum of chi-squared variables weighted by the
    eigenvalues of D^-1 Sigma: Sigma is the covariance of the products of deviations of a city and
    D the variances that independence gives them. Their sum is ``df`` under independence, which
    the second-order correction takes as Bilder and Loughin (2004, appendix A) do.
    """
    p, q = w.mean(axis=0), y.mean(axis=0)
    products = np.einsum("ni,nj->nij", w - p, y - q).reshape(len(w), -1)
    sigma = np.cov(products, rowvar=False, bias=True).reshape(products.shape[1], -1)
    spread = p if grouped else p * (1 - p)
    d = np.kron(spread, q * (1 - q))
    scaled = sigma / np.sqrt(np.outer(d, d))  # symmetric, with the same eigenvalues
    eigenvalues = np.linalg.eigvalsh(scaled)
    mean, squares = float(eigenvalues.sum()) / df, float((eigenvalues**2).sum())
    first = statistic / mean
    second, second_df = df * statistic / squares, df**2 / squares
    return (
        Adjusted(first, float(df), float(_tail(first, df))),
        Adjusted(second, second_df, float(_tail(second, second_df))),
    )


def _bootstrap(
    w: np.ndarray,
    y: np.ndarray,
    statistic: float,
    constant: float,
    grouped: bool,
    resamples: int,
    seed: int,
) -> tuple[int, int, int]:
    """Draw the two answers of each city apart; return extreme, used and discarded resamples."""
    rng, n = np.random.default_rng(seed), len(w)
    chunk = max(1, _CHUNK // (n * (w.shape[1] + y.shape[1])))
    extreme = used = 0
    for start in range(0, resamples, chunk):
        size = min(chunk, resamples - start)
        one = w[rng.integers(0, n, size=(size, n))]
        two = y[rng.integers(0, n, size=(size, n))]
        alive = _alive(one) & _alive(two)
        sums = _statistics(one[alive], two[alive], constant, grouped).sum(axis=(1, 2))
        extreme += int((sums >= statistic - 1e-9).sum())
        used += int(alive.sum())
    return extreme, used, resamples - used


def _alive(samples: np.ndarray) -> np.ndarray:
    """Tell the resamples in which every item was chosen by some and not by all."""
    chose = samples.sum(axis=1)
    return ((chose > 0) & (chose < samples.shape[1])).all(axis=1)
