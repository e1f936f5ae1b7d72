"""The checks of the audit: each compares a published figure with other published facts.

A check receives the study, the figure and its rule, and returns a :class:`Finding`. What a rule's
``target``, ``filter`` and ``field`` mean is said in the docstring of its check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

from analysis import texts
from analysis.audit.values import (
    Period,
    as_number,
    as_years,
    is_date,
    parse_period,
    value_text,
)
from analysis.consistency import Exclusive, Independent, scan, smallest_base
from analysis.provenance import Origin, sections_text
from analysis.published import Claim, Study
from analysis.rounding import RoundingRule, count_range

MAX_BASE = 200
"""Largest base that the audit examines."""

RULE = RoundingRule.HALF_UP
"""Rounding assumed for printed percentages, the ordinary one; the source does not state its own."""


class Outcome(IntEnum):
    """What a check found, the weightiest first."""

    CONTRADICTION = 0
    MATCH = 1
    FEASIBLE = 2
    NOTHING = 3


@dataclass(frozen=True)
class Rule:
    """One row of ``audit_rules``."""

    claim_id: str
    check: str
    target: str
    filter: str
    field: str
    reason_key: str

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Rule:
        """Read a row, an empty cell being an empty text."""
        return cls(**{k: "" if pd.isna(row[k]) else row[k] for k in cls.__dataclass_fields__})

    @property
    def targets(self) -> list[str]:
        """The items of ``target``."""
        return self.target.split(";")


@dataclass(frozen=True)
class Finding:
    """What one check found, in words of any language.

    Parameters
    ----------
    outcome : Outcome
        Contradiction, match, feasible or nothing.
    key : str
        Key of the sentence in ``labels.yml`` (``audit.reason``).
    values : mapping
        Values for the sentence: numbers, periods, figures, lists of them.
    origins : tuple of Origin
        What the figure was compared with.
    bases : tuple of int
        Feasible bases, for a share.
    """

    outcome: Outcome
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()
    bases: tuple[int, ...] = ()

    def text(self, lang: str) -> str:
        """Write the sentence."""
        values = {name: say(value, lang) for name, value in self.values.items()}
        return texts.label(f"audit.reason.{self.key}", lang, **values)


def say(value: object, lang: str) -> str:
    """Write a value of a finding in a language."""
    match value:
        case Claim():
            return value_text(value, lang)
        case Period():
            return value.text(lang)
        case str():
            return value
        case Mapping():
            return str(value[lang])
        case list() | tuple():
            return texts.listing([say(item, lang) for item in value], lang)
        case _:
            return texts.number(value, lang)  # type: ignore[arg-type]


Check = Callable[[Study, Claim, Rule], Finding]
CHECKS: dict[str, Check] = {}


def _check(function: Check) -> Check:
    CHECKS[function.__name__] = function
    return function


def _equal(claim: Claim, found: int, key: str, **rest: object) -> Finding:
    """Compare a whole number with one that was counted."""
    same = as_number(claim) == found
    return Finding(
        Outcome.MATCH if same else Outcome.CONTRADICTION,
        key if same else f"{key}_differs",
        {"found": found, "value": claim, **rest.pop("values", {})},  # type: ignore[dict-item]
        **rest,  # type: ignore[arg-type]
    )


def _holds(
    holds: bool, key: str, values: Mapping[str, object], origins: Iterable[Origin]
) -> Finding:
    """Judge a condition that a value must meet without being fixed by it."""
    return Finding(
        Outcome.FEASIBLE if holds else Outcome.CONTRADICTION,
        key if holds else f"{key}_fails",
        values,
        tuple(origins),
    )


def _filtered(study: Study, table: str, condition: str) -> pd.DataFrame:
    """Select the rows that meet ``field=value;field=value``."""
    frame = study.table(table)
    meets = np.ones(len(frame), dtype=bool)
    for pair in filter(None, condition.split(";")):
        name, wanted = pair.split("=")
        column = frame[name].astype("string").str.lower()
        meets &= (column == wanted.lower()).to_numpy(dtype=bool, na_value=False)
    return frame[meets]


def _labels(frame: pd.DataFrame) -> dict[str, list[str]]:
    for stem in ("label", "name"):
        if f"{stem}_es" in frame:
            return {lang: frame[f"{stem}_{lang}"].tolist() for lang in ("es", "en")}
    return {"es": frame["id"].tolist(), "en": frame["id"].tolist()}


def _claims(study: Study, ids: Iterable[str]) -> list[Claim]:
    return [study.claim(claim_id) for claim_id in ids]


# Counts ----------------------------------------------------------------------------------------


@_check
def count_rows(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Count the rows of the table ``target`` that meet ``filter``."""
    frame = _filtered(study, rule.target, rule.filter)
    labels = _labels(frame)
    short = 0 < len(frame) <= 10 and sum(map(len, labels["es"])) <= 220
    items = {
        lang: texts.listing(names, lang) for lang, names in labels.items() if lang in texts.LOCALES
    }
    return _equal(
        claim,
        len(frame),
        "list_named" if short else "list",
        values={"items": {lang: _ended(text) for lang, text in items.items()}} if short else {},
        origins=(study.origin(rule.target, frame[frame.columns[0]].astype("string")),)
        if len(frame)
        else (),
    )


def _ended(text: str) -> str:
    """End a sentence, unless it already ends."""
    return text if text.endswith(("?", "!", ".")) else f"{text}."


@_check
def count_distinct(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Count the different values of ``field`` in the table ``target`` under ``filter``."""
    frame = _filtered(study, rule.target, rule.filter)
    used = frame[frame[rule.field].notna()]
    return _equal(
        claim,
        used[rule.field].nunique(),
        "groups",
        origins=(study.origin(rule.target, used["id"]),),
    )


@_check
def count_items(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Count the items, separated by semicolons, of ``field`` in the row ``target``."""
    table, row_id = rule.target.split(":")
    items = study.row(table, row_id)[rule.field].split(";")
    return _equal(claim, len(items), "list", origins=(study.origin(table, row_id),))


@_check
def count_sections(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Count the numbered sections (``numbered``) or annexes (``annex``) that the facts cite."""
    sections = study.claims["section"].str.split("; ").explode()
    pattern = r"^(\d+)(?:\.|$)" if rule.field == "numbered" else r"^Anexo (\d+)"
    numbers = sections.str.extract(pattern)[0].dropna()
    return _equal(claim, numbers.nunique(), "sections")


# Other statements of the same thing ------------------------------------------------------------


@_check
def restated(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Compare with every repetition of the figure in the text, at the precision of each."""
    rows = study.table("restatements")
    rows = rows[rows["claim_id"] == claim.id]
    differing = [row for _, row in rows.iterrows() if not _agrees(claim, row["value"])]
    origin = study.origin("restatements", rows["id"])
    if differing:
        sections = _named_sections(row["section"] for row in differing)
        values = {"value": claim, "other": _said(claim, differing[0]), "sections": sections}
        return Finding(Outcome.CONTRADICTION, "restated_differs", values, (origin,))
    sections = _named_sections(rows["section"])
    key = "restated" if all(rows["value"] == claim.value) else "restated_partly"
    values = {"sections": sections, "other": _said(claim, rows.iloc[0])}
    return Finding(Outcome.MATCH, key, values, (origin,))


def _said(claim: Claim, row: pd.Series) -> object:
    """Return what a repetition says: a date in any language, else the words of the source."""
    return parse_period(row["value"]) if is_date(claim) else row["value_text"]


def _agrees(claim: Claim, other: str) -> bool:
    if is_date(claim):
        return parse_period(claim.value).within(parse_period(other))
    return as_number(claim) == Decimal(other)


@_check
def same_as(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Compare with the figures ``target``, which state the same thing elsewhere."""
    others = _claims(study, rule.targets)
    same = all(other.value == claim.value for other in others)
    return Finding(
        Outcome.MATCH if same else Outcome.CONTRADICTION,
        "same" if same else "same_differs",
        {
            "others": others,
            "places": _named_sections(o.origin.section for o in others),
            "value": claim,
        },
        tuple(other.origin for other in others),
    )


@_check
def same_event(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Compare with the dates ``target`` that the text gives to the same event elsewhere."""
    others = _claims(study, rule.targets)
    agreeing = [other for other in others if other.value == claim.value]
    values = {
        "value": claim,
        "others": [_dated(other) for other in others if other not in agreeing],
    }
    origins = tuple(other.origin for other in others)
    if not agreeing:
        return Finding(Outcome.CONTRADICTION, "event_differs", values, origins)
    if len(agreeing) < len(others):
        return Finding(Outcome.FEASIBLE, "event_contested", values, origins)
    return Finding(Outcome.MATCH, "event", values, origins)


def _place(claim: Claim) -> dict[str, str]:
    return {lang: sections_text([claim.origin.section], lang) for lang in texts.LOCALES}


def _named_sections(sections: Iterable[str]) -> dict[str, str]:
    unique = list(dict.fromkeys(sections))
    return {lang: sections_text(unique, lang, limit=9) for lang in texts.LOCALES}


def _dated(claim: Claim) -> dict[str, str]:
    return {
        lang: texts.label(
            "audit.dated", lang, value=value_text(claim, lang), place=_place(claim)[lang]
        )
        for lang in texts.LOCALES
    }


@_check
def in_label(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Find the figure in the label of the row ``target`` of another table."""
    table, row_id = rule.target.split(":")
    written = texts.number(as_number(claim), "es")
    label = study.row(table, row_id)["label_es"]
    found = re.search(rf"(?<![\d.,]){re.escape(written)}(?![\d]|[.,]\d)", label) is not None
    return Finding(
        Outcome.MATCH if found else Outcome.CONTRADICTION,
        "in_label" if found else "in_label_differs",
        {"value": claim, "row": row_id},
        (study.origin(table, row_id),),
    )


@_check
def period_length(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Compare a duration with the years of a period, ``field`` of the row ``target``."""
    table, row_id = rule.target.split(":")
    period = parse_period(study.row(table, row_id)[rule.field])
    years = period.last.year - period.first.year
    return _equal(
        claim, years, "length", values={"period": period}, origins=(study.origin(table, row_id),)
    )


# Order in time and size ------------------------------------------------------------------------


@_check
def within(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require the date to fall inside the period of the figure ``target``."""
    other = study.claim(rule.target)
    inside = parse_period(claim.value).within(parse_period(other.value))
    return _holds(inside, "within", _pair(claim, other), [other.origin])


@_check
def covers(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require the period to hold the dates of the figures ``target``."""
    others = _claims(study, rule.targets)
    period = parse_period(claim.value)
    holds = all(parse_period(other.value).within(period) for other in others)
    places = _named_sections(other.origin.section for other in others)
    return _holds(holds, "covers", {"value": claim, "places": places}, [o.origin for o in others])


@_check
def not_before(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require the date not to precede the figure ``target``."""
    other = study.claim(rule.target)
    holds = parse_period(claim.value).last >= parse_period(other.value).first
    return _holds(holds, "not_before", _pair(claim, other), [other.origin])


@_check
def not_after(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require the date not to follow the figure ``target``."""
    other = study.claim(rule.target)
    holds = parse_period(claim.value).first <= parse_period(other.value).last
    return _holds(holds, "not_after", _pair(claim, other), [other.origin])


@_check
def elapsed(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Compare a duration with the years from the figure ``target`` to the publication."""
    start = study.claim(rule.targets[0])
    years = study.year - parse_period(start.value).first.year
    stated = as_years(claim)
    holds = years > stated if claim.qualifier == "mas_de" else years == stated
    values = {**_pair(claim, start), "years": years, "stated": stated, "end": str(study.year)}
    return _holds(holds, "elapsed", values, [start.origin])


@_check
def elapsed_start(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Compare a starting year with the duration to the publication in the figure ``target``."""
    duration = study.claim(rule.targets[-1])
    latest = study.year - as_years(duration) - (duration.qualifier == "mas_de")
    holds = parse_period(claim.value).first.year <= latest
    values = {
        **_pair(claim, duration),
        "latest": str(latest),
        "end": str(study.year),
    }
    return _holds(holds, "start", values, [duration.origin])


@_check
def at_least(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require at least the figure ``target``, which counts a part."""
    other = study.claim(rule.target)
    holds = as_number(claim) >= as_number(other)
    return _holds(holds, "at_least", {**_pair(claim, other), "what": other.measure}, [other.origin])


@_check
def at_most(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require at most the figure ``target``, which counts the whole."""
    other = study.claim(rule.target)
    holds = as_number(claim) <= as_number(other)
    return _holds(holds, "at_most", {**_pair(claim, other), "what": other.measure}, [other.origin])


@_check
def at_most_rows(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Require at most the rows of the table ``target`` that meet ``filter``."""
    frame = _filtered(study, rule.target, rule.filter)
    holds = as_number(claim) <= len(frame)
    values = {"value": claim, "found": len(frame)}
    return _holds(holds, "at_most_rows", values, [study.origin(rule.target, frame["id"])])


def _pair(claim: Claim, other: Claim) -> dict[str, object]:
    return {"value": claim, "other": other, "place": _place(other)}


# Money -----------------------------------------------------------------------------------------


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


@_check
def implied_rate(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Derive the exchange rate from the figures ``target`` (pesos; dollars; percentage)."""
    pesos, dollars, _ = _claims(study, rule.targets)
    low, high = rate_range(pesos, dollars)
    return Finding(
        Outcome.FEASIBLE, "rate", {"low": low, "high": high}, (pesos.origin, dollars.origin)
    )


@_check
def implied_total(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Derive the total budget from the figures ``target`` (pesos; dollars; percentage)."""
    pesos, _, percentage = _claims(study, rule.targets)
    billion = Decimal(10**6)  # millions of millions, the Spanish «billón»
    low, high = (round(total / billion, 1) for total in total_range(pesos, percentage))
    return Finding(Outcome.FEASIBLE, "total", {"low": low, "high": high}, (pesos.origin,))


# Percentages -----------------------------------------------------------------------------------


@_check
def granularity(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Look for a count of the base ``field`` (a figure) that rounds to the percentage.

    ``target`` names the figures that make up one composition; ``bases`` of the finding are those
    on which all of them hold together, their parts being exclusive.
    """
    base_claim = study.claim(rule.field)
    base = int(base_claim.value)
    group = _claims(study, rule.targets)
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
    bases = tuple(feasible.base for feasible in joint)
    if not counts:
        key = f"granularity_fails{suffix}"
        return Finding(Outcome.CONTRADICTION, key, values, origins, bases)
    values["count"] = counts[0]
    return Finding(Outcome.FEASIBLE, f"granularity{suffix}", values, origins, bases)


# Nothing to check with -------------------------------------------------------------------------


@_check
def unverifiable(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Say why nothing published can check the figure (``reason_key``)."""
    return Finding(Outcome.NOTHING, f"none.{rule.reason_key}")
