"""Checks of order in time and size, of amounts of money and of percentages.

What a rule's ``target``, ``filter`` and ``field`` mean is said in the docstring of its check.
"""

from __future__ import annotations

from decimal import Decimal

from analysis.audit.findings import (
    Finding,
    Outcome,
    Rule,
    claims_of,
    feasible,
    filtered,
    named_sections,
    pair,
)
from analysis.audit.values import as_number, as_years, parse_period
from analysis.consistency import Exclusive, Independent, scan, smallest_base
from analysis.published import Claim, Study
from analysis.rounding import RoundingRule, count_range

MAX_BASE = 200
"""Largest base that the audit examines."""

RULE = RoundingRule.HALF_UP
"""Rounding assumed for printed percentages, the ordinary one; the source does not state its own."""


def within(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require the date to fall inside the period of the figure ``target``."""
    other = study.claim(rule.target)
    inside = parse_period(claim.value).within(parse_period(other.value))
    return feasible(inside, "within", pair(claim, other), [other.origin])


def covers(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require the period to hold the dates of the figures ``target``."""
    others = claims_of(study, rule.targets)
    period = parse_period(claim.value)
    holds = all(parse_period(other.value).within(period) for other in others)
    places = named_sections(other.origin.section for other in others)
    return feasible(holds, "covers", {"value": claim, "places": places}, [o.origin for o in others])


def not_before(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require the date not to precede the figure ``target``."""
    other = study.claim(rule.target)
    holds = parse_period(claim.value).last >= parse_period(other.value).first
    return feasible(holds, "not_before", pair(claim, other), [other.origin])


def not_after(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require the date not to follow the figure ``target``."""
    other = study.claim(rule.target)
    holds = parse_period(claim.value).first <= parse_period(other.value).last
    return feasible(holds, "not_after", pair(claim, other), [other.origin])


def elapsed(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Compare a duration with the years from the figure ``target`` to the publication."""
    start = study.claim(rule.targets[0])
    years = study.year - parse_period(start.value).first.year
    stated = as_years(claim)
    holds = years > stated if claim.qualifier == "mas_de" else years == stated
    values = {**pair(claim, start), "years": years, "stated": stated, "end": str(study.year)}
    return feasible(holds, "elapsed", values, [start.origin])


def elapsed_start(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Compare a starting year with the duration to the publication in the figure ``target``."""
    duration = study.claim(rule.targets[-1])
    latest = study.year - as_years(duration) - (duration.qualifier == "mas_de")
    holds = parse_period(claim.value).first.year <= latest
    values = {
        **pair(claim, duration),
        "latest": str(latest),
        "end": str(study.year),
    }
    return feasible(holds, "start", values, [duration.origin])


def at_least(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require at least the figure ``target``, which counts a part."""
    other = study.claim(rule.target)
    holds = as_number(claim) >= as_number(other)
    return feasible(
        holds, "at_least", {**pair(claim, other), "what": other.measure}, [other.origin]
    )


def at_most(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require at most the figure ``target``, which counts the whole."""
    other = study.claim(rule.target)
    holds = as_number(claim) <= as_number(other)
    return feasible(holds, "at_most", {**pair(claim, other), "what": other.measure}, [other.origin])


def at_most_rows(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require at most the rows of the table ``target`` that meet ``filter``."""
    frame = filtered(study, rule.target, rule.filter)
    holds = as_number(claim) <= len(frame)
    values = {"value": claim, "found": len(frame)}
    return feasible(holds, "at_most_rows", values, [study.origin(rule.target, frame["id"])])


def rate_range(pesos: Claim, dollars: Claim) -> tuple[Decimal, Decimal]:
    """Return the pesos per dollar that an amount in millions, rounded, and its dollars imply."""
    half = Decimal("0.5")
    low, high = ((as_number(pesos) + step) * 10**6 / as_number(dollars) for step in (-half, half))
    return low.quantize(Decimal("0.01")), high.quantize(Decimal("0.01"))


def total_range(part: Claim, percentage: Claim) -> tuple[Decimal, Decimal]:
    """Return the totals, in the unit of the part, that a rounded percentage of them implies."""
    share = percentage.percentage
    half = Decimal(1) / (2 * 10**share.decimals)
    low, high = (100 * as_number(part) / (as_number(percentage) + s * half) for s in (1, -1))
    return low, high


def implied_rate(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Derive the exchange rate from the figures ``target`` (pesos; dollars; percentage)."""
    pesos, dollars, _ = claims_of(study, rule.targets)
    low, high = rate_range(pesos, dollars)
    return Finding(
        Outcome.FEASIBLE, "rate", {"low": low, "high": high}, (pesos.origin, dollars.origin)
    )


def implied_total(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Derive the total budget from the figures ``target`` (pesos; dollars; percentage)."""
    pesos, _, percentage = claims_of(study, rule.targets)
    billion = Decimal(10**6)  # millions of millions, the Spanish «billón»
    low, high = (round(total / billion, 1) for total in total_range(pesos, percentage))
    return Finding(Outcome.FEASIBLE, "total", {"low": low, "high": high}, (pesos.origin,))


def granularity(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Look for a count of the base ``field`` (a figure) that rounds to the percentage.

    ``target`` names the figures that make up one composition; ``bases`` of the finding are those
    on which all of them hold together, their parts being exclusive.
    """
    base_claim = study.claim(rule.field)
    base = int(base_claim.value)
    group = claims_of(study, rule.targets)
    own = claim.percentage
    reported = [member.percentage for member in group]
    joint = list(scan(reported, MAX_BASE, rule=RULE, design=Exclusive()))
    values: dict[str, object] = {
        "value": claim,
        "base": base,
        "smallest": smallest_base([own], MAX_BASE, rule=RULE, design=Independent()) or MAX_BASE,
        "others": [member for member in group if member.id != claim.id],
        "limit": MAX_BASE,
    }
    counts = [c for r in RoundingRule for c in count_range(own, base, r)]
    if joint:
        vector = next(joint[0].vectors())
        values |= {"joint": joint[0].base, "counts": " + ".join(map(str, vector))}
    suffix = "" if joint else "_alone"
    origins = (*(m.origin for m in group if m.id != claim.id), base_claim.origin)
    bases = tuple(found.base for found in joint)
    if not counts:
        key = f"granularity_fails{suffix}"
        return Finding(Outcome.CONTRADICTION, key, values, origins, bases)
    values["count"] = counts[0]
    return Finding(Outcome.FEASIBLE, f"granularity{suffix}", values, origins, bases)


def unverifiable(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Say why nothing published can check the figure (``reason_key``)."""
    return Finding(Outcome.NOTHING, f"none.{rule.reason_key}")
