"""Checks against what the text lists or states elsewhere.

What a rule's ``target``, ``filter`` and ``field`` mean is said in the docstring of its check.
"""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd

from analysis import texts
from analysis.audit.findings import (
    Finding,
    Outcome,
    Rule,
    claims_of,
    dated,
    equal,
    filtered,
    named_sections,
)
from analysis.audit.values import as_number, is_date, parse_period
from analysis.published import Claim, Study


def _labels(frame: pd.DataFrame) -> dict[str, list[str]]:
    for stem in ("label", "name"):
        if f"{stem}_es" in frame:
            return {lang: frame[f"{stem}_{lang}"].tolist() for lang in ("es", "en")}
    return {"es": frame["id"].tolist(), "en": frame["id"].tolist()}


def count_rows(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Count the rows of the table ``target`` that meet ``filter``."""
    frame = filtered(study, rule.target, rule.filter)
    labels = _labels(frame)
    short = 0 < len(frame) <= 10 and sum(map(len, labels["es"])) <= 220
    items = {
        lang: texts.listing(names, lang) for lang, names in labels.items() if lang in texts.LOCALES
    }
    return equal(
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


def count_distinct(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Count the different values of ``field`` in the table ``target`` under ``filter``."""
    frame = filtered(study, rule.target, rule.filter)
    used = frame[frame[rule.field].notna()]
    return equal(
        claim,
        used[rule.field].nunique(),
        "groups",
        origins=(study.origin(rule.target, used["id"]),),
    )


def count_items(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Count the items, separated by semicolons, of ``field`` in the row ``target``."""
    table, row_id = rule.target.split(":")
    items = study.row(table, row_id)[rule.field].split(";")
    return equal(claim, len(items), "list", origins=(study.origin(table, row_id),))


def count_sections(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Count the numbered sections (``numbered``) or annexes (``annex``) that the facts cite."""
    sections = study.claims["section"].str.split("; ").explode()
    pattern = r"^(\d+)(?:\.|$)" if rule.field == "numbered" else r"^Anexo (\d+)"
    numbers = sections.str.extract(pattern)[0].dropna()
    return equal(claim, numbers.nunique(), "sections")


def restated(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Compare with every repetition of the figure in the text, at the precision of each."""
    rows = study.table("restatements")
    rows = rows[rows["claim_id"] == claim.id]
    differing = [row for _, row in rows.iterrows() if not _agrees(claim, row["value"])]
    origin = study.origin("restatements", rows["id"])
    if differing:
        sections = named_sections(row["section"] for row in differing)
        values = {"value": claim, "other": _said(claim, differing[0]), "sections": sections}
        return Finding(Outcome.CONTRADICTION, "restated_differs", values, (origin,))
    sections = named_sections(rows["section"])
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


def same_as(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Compare with the figures ``target``, which state the same thing elsewhere."""
    others = claims_of(study, rule.targets)
    same = all(other.value == claim.value for other in others)
    return Finding(
        Outcome.MATCH if same else Outcome.CONTRADICTION,
        "same" if same else "same_differs",
        {
            "others": others,
            "places": named_sections(o.origin.section for o in others),
            "value": claim,
        },
        tuple(other.origin for other in others),
    )


def same_event(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Compare with the dates ``target`` that the text gives to the same event elsewhere."""
    others = claims_of(study, rule.targets)
    agreeing = [other for other in others if other.value == claim.value]
    values = {
        "value": claim,
        "others": [dated(other) for other in others if other not in agreeing],
    }
    origins = tuple(other.origin for other in others)
    if not agreeing:
        return Finding(Outcome.CONTRADICTION, "event_differs", values, origins)
    if len(agreeing) < len(others):
        return Finding(Outcome.FEASIBLE, "event_contested", values, origins)
    return Finding(Outcome.MATCH, "event", values, origins)


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


def period_length(study: Study, claim: Claim, rule: Rule) -> Finding:
    """Compare a duration with the years of a period, ``field`` of the row ``target``."""
    table, row_id = rule.target.split(":")
    period = parse_period(study.row(table, row_id)[rule.field])
    years = period.last.year - period.first.year
    return equal(
        claim, years, "length", values={"period": period}, origins=(study.origin(table, row_id),)
    )
