"""How each published claim is read: tables that a researcher reviews and changes.

``readings`` names the ways of reading, ``quantifier_readings`` says how many of ten cities each
quantifier admits, and ``claim_constraints`` says what each of the 62 claims bounds, if anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import pandas as pd

from analysis.identification.orders import Constraint, Reason, at_least, at_most
from analysis.published import Study

BASE = "base"
BASE_SIZE = 10
"""Cities that the ranges of ``quantifier_readings`` are out of."""

STRATA = ("dificultad", "en_proceso", "avance")
"""States of Tabla 1 from the fewest cities to the most; ``no_aparece`` is in none."""


@dataclass(frozen=True)
class Reading:
    """A way of reading the claims.

    Parameters
    ----------
    id : str
        ``base`` or the name of an alternative.
    label, reason : mapping of str to str
        What it is called and why, by language.
    strata_gap : int or None
        Least difference between actions of different strata; None where it changes nothing.
    """

    id: str
    label: Mapping[str, str]
    reason: Mapping[str, str]
    strata_gap: int | None


def readings(study: Study) -> tuple[Reading, ...]:
    """Return every way of reading, the ordinary one first."""
    return tuple(
        Reading(
            id=row["id"],
            label={lang: row[f"label_{lang}"] for lang in ("es", "en")},
            reason={lang: row[f"reason_{lang}"] for lang in ("es", "en")},
            strata_gap=None if pd.isna(row["strata_gap"]) else int(row["strata_gap"]),
        )
        for row in study.table("readings").to_dict("records")
    )


def check_readings(study: Study, chosen: Sequence[str]) -> None:
    """Refuse a reading that is not in the table."""
    known = [reading.id for reading in readings(study)]
    for name in chosen:
        if name not in known:
            raise ValueError(f"No hay lectura «{name}»; hay: {', '.join(known)}.")


def quantifier_ranges(study: Study, chosen: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the least and the most of ten cities by quantifier; the last reading wins."""
    table = study.table("quantifier_readings")
    ranges: dict[str, tuple[int, int]] = {}
    for name in (BASE, *chosen):
        for row in table[table["reading_id"] == name].to_dict("records"):
            low, high = int(row["min_of_10"]), int(row["max_of_10"])
            if low > high:
                raise ValueError(
                    f"quantifier_readings.csv, fila {row['id']}: el mínimo {low} es mayor que el "
                    f"máximo {high}."
                )
            ranges[row["quantifier"]] = (low, high)
    return ranges


def claim_constraints(study: Study, chosen: Sequence[str] = ()) -> list[Constraint]:
    """Turn the claims into constraints on the counts.

    Parameters
    ----------
    study : Study
        Published facts and the tables of readings.
    chosen : sequence of str
        Alternative readings on top of the ordinary one.

    Raises
    ------
    ValueError
        When a reading is unknown or a row of ``claim_constraints`` lacks what its kind needs.
    """
    check_readings(study, chosen)
    ranges = quantifier_ranges(study, chosen)
    table = study.table("claim_constraints")
    known = set(study.actions["id"])
    found: list[Constraint] = []
    for row in table[table["reading_id"].isin([BASE, *chosen])].to_dict("records"):
        if row["kind"] == "none":
            continue
        if pd.isna(row["action_id"]):
            raise ValueError(f"claim_constraints.csv, fila {row['id']}: falta action_id.")
        if row["kind"] in ("lowest", "highest"):
            found += _orders(row, known)
        else:
            found += _range(row, ranges)
    return found


def _orders(row: Mapping[str, Any], known: set[str]) -> Iterator[Constraint]:
    if pd.isna(row["other_action_ids"]) or pd.isna(row["gap"]):
        raise ValueError(
            f"claim_constraints.csv, fila {row['id']}: {row['kind']} necesita "
            "other_action_ids y gap."
        )
    reason, gap, action = Reason("claim", (row["claim_id"],)), int(row["gap"]), row["action_id"]
    for other in row["other_action_ids"].split():
        if other not in known:
            raise ValueError(
                f"claim_constraints.csv, fila {row['id']}, columna other_action_ids: no hay acción "
                f"«{other}»."
            )
        pair = (other, action) if row["kind"] == "lowest" else (action, other)
        yield Constraint(*pair, gap, reason)


def _range(row: Mapping[str, Any], ranges: Mapping[str, tuple[int, int]]) -> Iterator[Constraint]:
    if pd.isna(row["quantifier"]) or row["quantifier"] not in ranges:
        raise ValueError(
            f"claim_constraints.csv, fila {row['id']}: {row['kind']} necesita un cuantificador que "
            "esté en quantifier_readings.csv."
        )
    low, high = ranges[row["quantifier"]]
    claims: tuple[str, ...] = (row["claim_id"],)
    if row["kind"] == "apart":
        if pd.isna(row["other_claim_id"]):
            raise ValueError(f"claim_constraints.csv, fila {row['id']}: falta other_claim_id.")
        claims, low = (row["other_claim_id"], *claims), 2 * low
    reason = Reason("claim", claims)
    if low > 0:
        yield at_least(row["action_id"], low, reason)
    if row["kind"] == "range" and high < BASE_SIZE:
        yield at_most(row["action_id"], high, reason)


def numbering_constraints(study: Study, stage: str) -> list[Constraint]:
    """Read the numbers of a chart as ascending counts, ties allowed."""
    actions = study.actions[study.actions["stage"] == stage].sort_values("number")
    return [
        Constraint(higher, lower, 0, Reason("ascending", (lower, higher)))
        for lower, higher in pairwise(actions["id"])
    ]


def strata_constraints(study: Study, stage: str, gap: int) -> list[Constraint]:
    """Read the states of Tabla 1 as classes of the count within a stage.

    Equal counts get equal states, so that an action of a higher stratum has at least ``gap``
    (ordinarily 1) more cities than one of a lower stratum. Actions that Tabla 1 does not list are
    in no stratum.
    """
    actions = study.actions[study.actions["stage"] == stage]
    members = [actions[actions["table1_state"] == state]["id"].tolist() for state in STRATA]
    found = []
    for low in range(len(STRATA)):
        for high in range(low + 1, len(STRATA)):
            # through a stratum between them the gaps add up; skip it where it has members
            if any(members[between] for between in range(low + 1, high)):
                continue
            found += [
                Constraint(higher, lower, gap, Reason("strata", (lower, higher)))
                for lower, higher in product(members[low], members[high])
            ]
    return found


def strata_gap(study: Study, chosen: Sequence[str]) -> int:
    """Return the least difference between strata; the last reading that sets it wins."""
    by_id = {reading.id: reading for reading in readings(study)}
    gaps = [by_id[name].strata_gap for name in (BASE, *chosen)]
    return next(gap for gap in reversed(gaps) if gap is not None)


def stage_constraints(
    study: Study, stage: str, level: int, chosen: Sequence[str] = ()
) -> list[Constraint]:
    """Collect the constraints of a stage.

    Parameters
    ----------
    study : Study
        Published facts.
    stage : str
        Stage of the policy.
    level : int
        0 for the claims, 1 adds the numbering of the chart, 2 adds the strata of Tabla 1.
    chosen : sequence of str
        Alternative readings on top of the ordinary one.
    """
    actions = set(study.actions[study.actions["stage"] == stage]["id"])
    found = [
        constraint
        for constraint in claim_constraints(study, chosen)
        if actions & {constraint.greater, constraint.lesser}
    ]
    if level >= 1:
        found += numbering_constraints(study, stage)
    if level >= 2:
        found += strata_constraints(study, stage, strata_gap(study, chosen))
    return found
