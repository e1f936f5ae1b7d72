"""What the published shares of measurement intensity can mean.

The Cuaderno prints 20 % (discretionary), 48 % (intermittent) and 33 % (constant), section 2.1,
without their base. This module derives what bases allow them, exactly, and how sure they would be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from analysis.consistency import (
    Exclusive,
    FeasibleBase,
    Independent,
    PercentOfMentions,
    scan,
    smallest_base,
)
from analysis.proportion import confidence_interval, simultaneous_intervals
from analysis.provenance import Base, EvidenceClass, Interval, Origin, Quantity, Share
from analysis.published import Study
from analysis.rounding import RoundingRule, count_range

#: Published figure of each intensity; the codes are those of the vocabulary ``intensity``.
INTENSITY_CLAIMS = {
    "discrecional": "cif_097",
    "intermitente": "cif_098",
    "constante": "cif_099",
}
MANAGEMENT_CLAIM = "cif_095"
RESPONDENTS_CLAIM = "cif_123"

#: Bases whose intervals are computed, the smallest first; more would add nothing to read.
_INTERVAL_BASES = 20

#: Rules compared; truncation equals floor for percentages.
RULES = tuple(rule for rule in RoundingRule if rule is not RoundingRule.TRUNCATION)


@dataclass(frozen=True)
class Hypothesis:
    """One way in which the counts may have been: a base and a count for each intensity.

    Parameters
    ----------
    base : int
        Answers in all.
    wilson, clopper_pearson : mapping of str to Share
        Bounded shares by intensity, with the interval of each method.
    together : mapping of str to Interval
        Goodman's intervals, which hold for the three at once; empty where a count is too small
        for them.
    """

    base: int
    wilson: Mapping[str, Share]
    clopper_pearson: Mapping[str, Share]
    together: Mapping[str, Interval]


@dataclass(frozen=True)
class MeasurementDiagnosis:
    """What the published shares allow.

    Parameters
    ----------
    published : mapping of str to Share
        Published share by intensity.
    management : Share
        Published share of references about the office's own management.
    respondents : Quantity
        Entities that answered the questionnaire.
    rule : RoundingRule
        Rounding taken as the ordinary one.
    max_base : int
        Largest base examined.
    feasible : tuple of FeasibleBase
        Bases on which the three shares hold as exclusive parts, under ``rule``.
    by_rule : mapping of RoundingRule to tuple of int
        The same bases under each rule.
    smallest_alone : mapping of str to int or None
        Smallest base on which each share holds by itself.
    by_mentions : mapping of int to tuple of int
        Feasible bases of mentions by the most mentions that each respondent gives.
    hypotheses : tuple of Hypothesis
        Counts on the smallest bases, with intervals.
    origins : tuple of Origin
        Rows of everything above.
    """

    published: Mapping[str, Share]
    management: Share
    respondents: Quantity
    rule: RoundingRule
    max_base: int
    feasible: tuple[FeasibleBase, ...]
    by_rule: Mapping[RoundingRule, tuple[int, ...]]
    smallest_alone: Mapping[str, int | None]
    by_mentions: Mapping[int, tuple[int, ...]]
    hypotheses: tuple[Hypothesis, ...]
    origins: tuple[Origin, ...]

    @property
    def smallest(self) -> int | None:
        """Smallest feasible base, if there is one."""
        return self.feasible[0].base if self.feasible else None

    @property
    def all_overlap(self) -> bool:
        """Whether, on the smallest base, the Wilson intervals of every two shares overlap."""
        if not self.hypotheses:
            return False
        intervals = [share.interval for share in self.hypotheses[0].wilson.values()]
        return all(
            a is not None and b is not None and max(a.lower, b.lower) <= min(a.upper, b.upper)
            for a, b in combinations(intervals, 2)
        )

    def bounded(self, value: int) -> Quantity:
        """Wrap a number that follows from the published shares."""
        return Quantity(
            value=value,
            evidence=EvidenceClass.BOUNDED,
            origins=self.origins,
            method="exhaustive_search",
        )


def diagnose(
    study: Study, *, max_base: int, rule: RoundingRule, level: float = 0.95, max_mentions: int = 6
) -> MeasurementDiagnosis:
    """Derive what the published shares of measurement intensity allow.

    Parameters
    ----------
    study : Study
        Published facts.
    max_base : int
        Largest base to examine.
    rule : RoundingRule
        Rounding taken as the ordinary one; the source does not state its own.
    level : float
        Confidence level of the intervals.
    max_mentions : int
        Most mentions by respondent to examine.
    """
    published = {code: study.share(claim) for code, claim in INTENSITY_CLAIMS.items()}
    reported = [share.percentage for share in published.values()]
    respondents = study.quantity(RESPONDENTS_CLAIM)
    feasible = tuple(scan(reported, max_base, rule=rule, design=Exclusive()))
    return MeasurementDiagnosis(
        published=published,
        management=study.share(MANAGEMENT_CLAIM),
        respondents=respondents,
        rule=rule,
        max_base=max_base,
        feasible=feasible,
        by_rule={
            r: tuple(f.base for f in scan(reported, max_base, rule=r, design=Exclusive()))
            for r in (rule, *(r for r in RULES if r is not rule))
        },
        smallest_alone={
            code: smallest_base([share.percentage], max_base, rule=rule, design=Independent())
            for code, share in published.items()
        },
        by_mentions=_by_mentions(
            reported, int(respondents.value or 0), max_mentions, rule, max_base
        ),
        hypotheses=_hypotheses(published, feasible, rule, level),
        origins=tuple(origin for share in published.values() for origin in share.origins)
        + respondents.origins,
    )


def _by_mentions(
    reported: Sequence,
    respondents: int,
    max_mentions: int,
    rule: RoundingRule,
    max_base: int,
) -> dict[int, tuple[int, ...]]:
    """Find the feasible bases of mentions; one may name several mechanisms of an intensity."""
    found = {}
    for most in range(1, max_mentions + 1):
        design = PercentOfMentions(respondents=respondents, max_mentions=most, repeatable=True)
        bases = scan(reported, min(most * respondents, max_base), rule=rule, design=design)
        found[most] = tuple(feasible.base for feasible in bases)
    return found


def _hypotheses(
    published: Mapping[str, Share],
    feasible: Sequence[FeasibleBase],
    rule: RoundingRule,
    level: float,
) -> tuple[Hypothesis, ...]:
    vectors = ((f.base, vector) for f in feasible[:_INTERVAL_BASES] for vector in f.vectors())
    found = []
    for base, vector in islice(vectors, 2 * _INTERVAL_BASES):
        shares = {
            method: {
                code: Share(
                    evidence=EvidenceClass.BOUNDED,
                    origins=share.origins,
                    base=Base("answer", base),
                    rounding=rule,
                    method="hypothetical_base",
                    interval=confidence_interval(count, base, method, level),
                    count=count,
                )
                for (code, share), count in zip(published.items(), vector, strict=True)
            }
            for method in ("wilson", "clopper_pearson")
        }
        joint = simultaneous_intervals(vector, "goodman", level)
        together = zip(published, joint.intervals, strict=True) if joint.valid else ()
        found.append(Hypothesis(base, **shares, together=dict(together)))
    return tuple(found)


def nearest_counts(share: Share, base: int, rule: RoundingRule) -> tuple[int, ...]:
    """Return the counts of a base that give a share: those that fit, else the two around it.

    Returns
    -------
    tuple of int
        Every count that rounds to the share; when none does, the last below and the first above.
    """
    fitting = tuple(count_range(share.percentage, base, rule))
    if fitting:
        return fitting
    below = int(share.proportion * base)
    return (below, below + 1)


def fits(share: Share, base: int, rule: RoundingRule) -> bool:
    """Tell whether some count of a base rounds to a share."""
    return len(count_range(share.percentage, base, rule)) > 0
