"""How intensely the cities of a wave measure, and what, beside the published shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.consistency import Exclusive, scan
from analysis.measurement.diagnosis import INTENSITY_CLAIMS, MANAGEMENT_CLAIM, fits
from analysis.multiple_response import MultipleResponseTable, tabulate
from analysis.provenance import EvidenceClass, Origin, Share
from analysis.published import Study
from analysis.rounding import RoundingRule


@dataclass(frozen=True)
class WaveIntensity:
    """How intensely the cities of a wave measure, on both bases, beside what 2017 published.

    Parameters
    ----------
    published : mapping of str to Share
        Shares that the Cuaderno prints, by intensity.
    cities : mapping of str to Share
        Cities that report a mechanism of each intensity, of those that answered; a city may report
        several, so that they need not add up to a whole.
    mentions : mapping of str to Share
        Mechanisms of each intensity, of all that were reported; they add up to a whole.
    table : MultipleResponseTable
        Counts and intervals behind both.
    allowed : mapping of str to tuple of bool
        Whether some count of the base of cities, and of the base of mentions, rounds to the
        published share.
    joint : tuple of bool
        Whether the three published shares can be exclusive parts of each of the two bases.
    """

    published: Mapping[str, Share]
    cities: Mapping[str, Share]
    mentions: Mapping[str, Share]
    table: MultipleResponseTable
    allowed: Mapping[str, tuple[bool, bool]]
    joint: tuple[bool, bool]


def measure_intensity(
    study: Study,
    answers: pd.DataFrame,
    intensity: Mapping[str, str | None],
    *,
    evidence: EvidenceClass,
    origins: tuple[Origin, ...],
    rule: RoundingRule = RoundingRule.HALF_UP,
    unit: str = "city",
    method: str = "wilson",
    level: float = 0.95,
    frame_size: int | None = None,
    census: bool = False,
) -> WaveIntensity:
    """Compute the three shares of a wave on both bases.

    Parameters
    ----------
    study : Study
        Published facts, for the shares beside.
    answers : DataFrame of nullable boolean, shape (cities, mechanisms)
        Mechanisms that each city reports; a city with any missing value did not answer.
    intensity : mapping of str to str or None
        Intensity of each choice, as the instrument says; choices without one (other, none) are in
        no share of mentions.
    evidence, origins
        Class and origin of the wave's answers.
    rule : RoundingRule
        Rounding of the shares.
    unit : str
        What a respondent is, a key of ``base_unit`` in the labels.
    method, level, frame_size, census
        Interval of the shares of cities, as in ``proportion.estimate``.

    Raises
    ------
    ValueError
        When an intensity is unknown, or a choice that has one is not in the answers.
    """
    groups = {choice: code for choice, code in intensity.items() if code}
    unknown = sorted(set(groups.values()) - set(INTENSITY_CLAIMS))
    if unknown:
        raise ValueError(
            f"Intensidad «{unknown[0]}» desconocida; hay: {', '.join(INTENSITY_CLAIMS)}."
        )
    table = tabulate(
        answers,
        groups=groups,
        method=method,
        level=level,
        frame_size=frame_size,
        census=census,
    )
    published = {code: study.share(claim) for code, claim in INTENSITY_CLAIMS.items()}
    about = {"evidence": evidence, "origins": origins, "rounding": rule}
    by_city = table.city_shares(unit=unit, **about)
    by_mention = table.mention_shares(**about)
    reported = [share.percentage for share in published.values()]
    bases = (table.cities, table.mentions)
    return WaveIntensity(
        published=published,
        cities={code: by_city[code] for code in INTENSITY_CLAIMS if code in by_city},
        mentions={code: by_mention[code] for code in INTENSITY_CLAIMS if code in by_mention},
        table=table,
        allowed={
            code: tuple(bool(base) and fits(share, base, rule) for base in bases)
            for code, share in published.items()
        },
        joint=tuple(
            bool(base) and any(scan(reported, base, min_base=base, rule=rule, design=Exclusive()))
            for base in bases
        ),
    )


@dataclass(frozen=True)
class WaveDimension:
    """What a wave measures, beside the published share about the office's own management.

    Parameters
    ----------
    published : Share
        Printed share of references.
    cities, mentions : mapping of str to Share
        Share of each dimension on both bases.
    table : MultipleResponseTable
        Counts and intervals behind both.
    """

    published: Share
    cities: Mapping[str, Share]
    mentions: Mapping[str, Share]
    table: MultipleResponseTable


def measure_dimension(
    study: Study,
    answers: pd.DataFrame,
    *,
    evidence: EvidenceClass,
    origins: tuple[Origin, ...],
    rule: RoundingRule = RoundingRule.HALF_UP,
    unit: str = "city",
    dimensions: Mapping[str, str] | None = None,
    method: str = "wilson",
    level: float = 0.95,
    frame_size: int | None = None,
    census: bool = False,
) -> WaveDimension:
    """Compute what dimension a wave measures, on both bases.

    Parameters
    ----------
    answers : DataFrame of nullable boolean, shape (cities, choices)
        Dimensions, or references, that each city names; a question with one answer is given as
        one column a choice.
    dimensions : mapping of str to str, optional
        Dimension of each choice; by default each choice is its own.
    study, evidence, origins, rule, unit, method, level, frame_size, census
        As in ``measure_intensity``.

    Notes
    -----
    The published share is of «referencias»; only the base of mentions can be compared with it.
    """
    table = tabulate(
        answers,
        groups=dimensions,
        method=method,
        level=level,
        frame_size=frame_size,
        census=census,
    )
    about = {"evidence": evidence, "origins": origins, "rounding": rule}
    return WaveDimension(
        published=study.share(MANAGEMENT_CLAIM),
        cities=table.city_shares(unit=unit, **about),
        mentions=table.mention_shares(**about),
        table=table,
    )
