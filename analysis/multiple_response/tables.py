"""Tables of a question with several answers, on the base of cities and on that of mentions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.proportion import Estimate, estimate
from analysis.provenance import Base, EvidenceClass, Interval, Origin, Share
from analysis.rounding import RoundingRule

CLUSTER_BOOTSTRAP = "cluster_bootstrap"
RESAMPLES = 2_000
SEED = 2017
_NO_WIDTH = 1e-12


@dataclass(frozen=True)
class Row:
    """One choice, or one group of choices.

    Parameters
    ----------
    name : str
        Code of the choice or of the group.
    cities : int
        Cities that chose it, or any choice of the group.
    mentions : int
        Times that it was chosen: a city that chose two choices of a group mentions it twice.
    city_estimate, mention_estimate : Estimate
        Interval of the share of each base, or why there is none.
    """

    name: str
    cities: int
    mentions: int
    city_estimate: Estimate
    mention_estimate: Estimate


@dataclass(frozen=True)
class MultipleResponseTable:
    """Counts of every choice on both bases.

    Parameters
    ----------
    rows : tuple of Row
        In the order of the choices, or of the groups.
    cities : int
        Cities that answered the question: base of the first share.
    mentions : int
        Choices that they made in all: base of the second share.
    missing : int
        Cities that did not answer; they are in neither base.
    """

    rows: tuple[Row, ...]
    cities: int
    mentions: int
    missing: int

    def city_shares(
        self,
        *,
        evidence: EvidenceClass,
        origins: tuple[Origin, ...],
        rounding: RoundingRule = RoundingRule.HALF_UP,
        unit: str = "city",
    ) -> dict[str, Share]:
        """Return the share of cities that chose each; they need not add up to a whole.

        ``unit`` names what a respondent is, a key of ``base_unit`` in the labels.
        """
        return {
            row.name: Share(
                evidence=evidence,
                origins=origins,
                base=Base(unit, self.cities),
                rounding=rounding,
                method="share_of_cities",
                interval=row.city_estimate.interval,
                no_interval=row.city_estimate.no_interval,
                count=row.cities,
            )
            for row in self.rows
            if self.cities
        }

    def mention_shares(
        self,
        *,
        evidence: EvidenceClass,
        origins: tuple[Origin, ...],
        rounding: RoundingRule = RoundingRule.HALF_UP,
    ) -> dict[str, Share]:
        """Return the share of mentions of each; they add up to a whole. Empty without mentions."""
        return {
            row.name: Share(
                evidence=evidence,
                origins=origins,
                base=Base("mention", self.mentions),
                rounding=rounding,
                method="share_of_mentions",
                interval=row.mention_estimate.interval,
                no_interval=row.mention_estimate.no_interval,
                count=row.mentions,
            )
            for row in self.rows
            if self.mentions
        }


def tabulate(
    answers: pd.DataFrame,
    *,
    groups: Mapping[str, str] | None = None,
    method: str = "wilson",
    level: float = 0.95,
    frame_size: int | None = None,
    census: bool = False,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> MultipleResponseTable:
    """Count a question with several answers on both bases.

    Parameters
    ----------
    answers : DataFrame of nullable boolean, shape (cities, choices)
        Whether each city chose each choice. A city with any missing value did not answer.
    groups : mapping of str to str, optional
        Group of each choice, e.g. its intensity; choices without a group are left out of both
        bases. By default each choice is its own group.
    method, level, frame_size, census
        Interval of the share of cities, as in ``proportion.estimate``. When all of the frame
        answered it is a census, and mentions have no interval either.
    resamples : int
        Resamples of cities for the interval of the share of mentions; 0 when nobody asks for it.
    seed : int
        Seed of the resamples.

    Returns
    -------
    MultipleResponseTable

    Notes
    -----
    Mentions of one city depend on each other, so that their share has the percentile interval of a
    bootstrap of whole cities (Davison and Hinkley 1997, *Bootstrap Methods and their Application*,
    section 3.8). With ten cities it is somewhat too narrow.

    Raises
    ------
    ValueError
        When a group names a choice that is not there.
    """
    groups = {str(c): str(c) for c in answers.columns} if groups is None else dict(groups)
    unknown = sorted(set(groups) - set(map(str, answers.columns)))
    if unknown:
        raise ValueError(f"No hay opciones «{', '.join(unknown)}» en la pregunta.")
    complete = answers.astype("boolean").dropna()
    chosen = complete[[c for c in answers.columns if str(c) in groups]].astype(int)
    names = list(dict.fromkeys(groups[str(c)] for c in chosen.columns))
    by_city = np.zeros((len(chosen), len(names)), dtype=int)
    for column in chosen.columns:
        by_city[:, names.index(groups[str(column)])] += chosen[column].to_numpy()
    cities, mentions = len(chosen), by_city.sum(axis=0)
    census = census or frame_size == cities
    total = int(mentions.sum())
    bounds = _bootstrap(by_city, level, resamples, seed) if total and not census else None
    rows = []
    for k, name in enumerate(names):
        count = int((by_city[:, k] > 0).sum())
        rows.append(
            Row(
                name,
                count,
                int(mentions[k]),
                estimate(
                    count, cities, method=method, level=level, frame_size=frame_size, census=census
                )
                if cities
                else Estimate(None, "few_clusters"),
                _mention_estimate(int(mentions[k]), total, bounds, k, level, census),
            )
        )
    return MultipleResponseTable(tuple(rows), cities, total, len(answers) - cities)


def _bootstrap(by_city: np.ndarray, level: float, resamples: int, seed: int) -> np.ndarray | None:
    """Resample whole cities; a resample is a row of weights, so that it is one product."""
    cities = len(by_city)
    if cities < 2 or not resamples:
        return None
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(cities, np.full(cities, 1 / cities), size=resamples)
    counts = weights @ by_city
    totals = counts.sum(axis=1)
    shares = counts[totals > 0] / totals[totals > 0, None]
    tail = (1 - level) / 2
    return np.quantile(shares, [tail, 1 - tail], axis=0)


def _mention_estimate(
    count: int, total: int, bounds: np.ndarray | None, k: int, level: float, census: bool
) -> Estimate:
    if census:
        return Estimate(None, "census")
    if bounds is None or not total:
        return Estimate(None, "few_clusters")
    if bounds[1, k] - bounds[0, k] < _NO_WIDTH:  # every resample alike: not certainty, but silence
        return Estimate(None, "no_variation")
    share = count / total
    low, high = min(float(bounds[0, k]), share), max(float(bounds[1, k]), share)
    return Estimate(Interval(low, high, level, CLUSTER_BOOTSTRAP))
