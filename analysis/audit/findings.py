"""What a check receives and what it finds, and the words that checks share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

from analysis import texts
from analysis.audit.values import Period, as_number, value_text
from analysis.provenance import Origin, sections_text
from analysis.published import Claim, Study


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
"""The function of a check."""


def equal(claim: Claim, found: int, key: str, **rest: object) -> Finding:
    """Compare a whole number with one that was counted."""
    same = as_number(claim) == found
    return Finding(
        Outcome.MATCH if same else Outcome.CONTRADICTION,
        key if same else f"{key}_differs",
        {"found": found, "value": claim, **rest.pop("values", {})},  # type: ignore[dict-item]
        **rest,  # type: ignore[arg-type]
    )


def feasible(
    holds: bool, key: str, values: Mapping[str, object], origins: Iterable[Origin]
) -> Finding:
    """Judge a condition that a value must meet without being fixed by it."""
    return Finding(
        Outcome.FEASIBLE if holds else Outcome.CONTRADICTION,
        key if holds else f"{key}_fails",
        values,
        tuple(origins),
    )


def filtered(study: Study, table: str, condition: str) -> pd.DataFrame:
    """Select the rows that meet ``field=value;field=value``."""
    frame = study.table(table)
    meets = np.ones(len(frame), dtype=bool)
    for pair in filter(None, condition.split(";")):
        name, wanted = pair.split("=")
        column = frame[name].astype("string").str.lower()
        meets &= (column == wanted.lower()).to_numpy(dtype=bool, na_value=False)
    return frame[meets]


def claims_of(study: Study, ids: Iterable[str]) -> list[Claim]:
    """Look several figures up."""
    return [study.claim(claim_id) for claim_id in ids]


def place(claim: Claim) -> dict[str, str]:
    """Name the section of a figure, by language."""
    return {lang: sections_text([claim.origin.section], lang) for lang in texts.LOCALES}


def named_sections(sections: Iterable[str]) -> dict[str, str]:
    """Name sections, each once, by language."""
    unique = list(dict.fromkeys(sections))
    return {lang: sections_text(unique, lang, limit=9) for lang in texts.LOCALES}


def dated(claim: Claim) -> dict[str, str]:
    """Say a date with the place that states it, by language."""
    return {
        lang: texts.label(
            "audit.dated", lang, value=value_text(claim, lang), place=place(claim)[lang]
        )
        for lang in texts.LOCALES
    }


def pair(claim: Claim, other: Claim) -> dict[str, object]:
    """Give the values of a sentence about two figures."""
    return {"value": claim, "other": other, "place": place(other)}
