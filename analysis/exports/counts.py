"""How often each answer was given, for codebooks: counts with their base, never percentages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.exports.columns import state_of
from analysis.instrument.model import NUMBER_TYPES, SELECT_MULTIPLE, SELECT_ONE, Item

if TYPE_CHECKING:
    from analysis.responses import Wave

NO_ANSWER = ("blank", "dont_know", "refused", "unasked")


@dataclass(frozen=True)
class Counts:
    """Answers to one item.

    Parameters
    ----------
    base : int
        Respondents who answered, those who chose «ninguna» among them.
    states : mapping of str to int
        Respondents without an answer by reason; those with none are left out.
    choices : mapping of str to int
        Respondents by choice of a ``select_one`` or ``select_multiple``.
    least, greatest : float or None
        Extremes of a number.
    """

    base: int
    states: Mapping[str, int]
    choices: Mapping[str, int]
    least: float | None = None
    greatest: float | None = None


def count(wave: Wave, item: Item) -> Counts:
    """Count the answers of a wave to an item."""
    states = state_of(wave, item)
    base = int(states.isin(["answered", "none"]).sum())
    why = {reason: int((states == reason).sum()) for reason in NO_ANSWER}
    why = {reason: number for reason, number in why.items() if number}
    kept = [choice.code for choice in item.choices if not choice.missing]
    if item.type == SELECT_MULTIPLE:
        chosen = wave.multiple(item.code)
        return Counts(base, why, {code: int(chosen[code].fillna(False).sum()) for code in kept})
    if item.type == SELECT_ONE:
        given = wave.single(item.code)
        return Counts(base, why, {code: int((given == code).fillna(False).sum()) for code in kept})
    if item.type in NUMBER_TYPES and base:
        numbers = wave.number(item.code).dropna()
        if len(numbers):
            return Counts(base, why, {}, float(numbers.min()), float(numbers.max()))
    return Counts(base, why, {})
