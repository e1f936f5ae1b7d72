"""What changed from wave to wave: among the same respondents, or between different ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from analysis.proportion import (
    ChangeTest,
    Difference,
    cochran_q,
    holm,
    independent_difference,
    paired_difference,
)
from analysis.responses import Wave
from analysis.waves import Comparison

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 2
"""Complete respondents without which there is nothing to compare, and respondents in both waves
without which they are compared as different groups."""


@dataclass(frozen=True)
class Change:
    """A choice in two waves, among the respondents of both or between those of each.

    Parameters
    ----------
    items : tuple of str
        Question in the earlier and in the later wave.
    choice : str
        Code that both waves can hold; the earlier one has a choice of that name.
    marks : tuple of Series of nullable boolean
        Whether each respondent chose it, in each wave: of both waves, or of each when they are
        independent.
    independent : bool
        Whether the waves have not the same respondents: too few are in both.
    test : Difference or None
        The later wave minus the earlier one; None with fewer than ``FEWEST`` complete pairs, or
        answers in a wave.
    adjusted : float
        p-value by Holm over everything that was tested; nan without a test.
    """

    items: tuple[str, str]
    choice: str
    marks: tuple[pd.Series, pd.Series]
    independent: bool
    test: Difference | None
    adjusted: float = float("nan")


@dataclass(frozen=True)
class Trend:
    """A choice over three waves or more.

    Parameters
    ----------
    item, choice : str
        Question and choice, as the first wave calls them.
    marks : tuple of Series of nullable boolean
        Whether each respondent of every wave chose it, by wave.
    test : ChangeTest or None
        Cochran's Q; None with fewer than ``FEWEST`` respondents that answered in every wave.
    adjusted : float
        p-value by Holm over everything that was tested; nan without a test.
    """

    item: str
    choice: str
    marks: tuple[pd.Series, ...]
    test: ChangeTest | None
    adjusted: float = float("nan")


@dataclass(frozen=True)
class Changes:
    """Everything that can be compared over some waves.

    Parameters
    ----------
    pairs : tuple of Comparison
        Each wave and the next one.
    steps : tuple of tuple of Change
        Choices of the questions with several answers that can be compared, by pair of waves.
    trends : tuple of Trend
        Choices that mean the same in every wave; empty with two waves, whose steps say it all.
    """

    pairs: tuple[Comparison, ...]
    steps: tuple[tuple[Change, ...], ...]
    trends: tuple[Trend, ...]

    @property
    def waves(self) -> tuple[Wave, ...]:
        """The waves, the earliest first."""
        return (self.pairs[0].a, *(pair.b for pair in self.pairs))

    @property
    def paired(self) -> pd.Index:
        """Respondents that are in every wave."""
        return _in_all(self.pairs)


def changes(pairs: Sequence[Comparison]) -> Changes:
    """Compare each wave with the next one, and, where there are more than two, all of them.

    Parameters
    ----------
    pairs : sequence of Comparison
        Each wave with the next one.

    Returns
    -------
    Changes
        The p-values of all steps and trends are adjusted together.

    Raises
    ------
    ValueError
        Without any pair.
    """
    if not pairs:
        raise ValueError("Hacen falta dos olas o más para comparar.")
    linked = [list(_linked(pair)) for pair in pairs]
    steps = [
        list(_steps(questions, independent(pair)))
        for pair, questions in zip(pairs, linked, strict=True)
    ]
    followed = len(pairs) > 1 and len(_in_all(pairs)) >= FEWEST
    trends = list(_trends(linked)) if followed else []
    tests = [*(step for found in steps for step in found), *trends]
    told = {str(at): row.test.p_value for at, row in enumerate(tests) if row.test}
    adjusted = holm(told)
    values = iter(adjusted.get(str(at), float("nan")) for at in range(len(tests)))
    return Changes(
        tuple(pairs),
        tuple(tuple(replace(change, adjusted=next(values)) for change in found) for found in steps),
        tuple(replace(trend, adjusted=next(values)) for trend in trends),
    )


class _Question(NamedTuple):
    """A question that two waves can compare: choices by common code, and marks of both waves."""

    items: tuple[str, str]
    choices: dict[str, tuple[list[str], list[str]]]
    before: pd.DataFrame
    after: pd.DataFrame


def _in_all(pairs: Sequence[Comparison]) -> pd.Index:
    found = pairs[0].paired
    for pair in pairs[1:]:
        found = found.intersection(pair.paired, sort=False)
    return found


def independent(pair: Comparison) -> bool:
    """Tell whether two waves are compared as different groups: too few respondents are in both."""
    return len(pair.paired) < FEWEST


def _linked(pair: Comparison) -> Iterator[_Question]:
    for items in pair.comparable("select_multiple"):
        item = pair.a.instrument.item(items[0])
        marks = pair.marks(*items)
        choices = {
            code: both
            for code, both in pair.common(*items).items()
            if code in marks[0] and not item.choice(code).exclusive
        }
        kept = marks if independent(pair) else (m.reindex(pair.paired) for m in marks)
        yield _Question(items, choices, *kept)


def _steps(questions: Sequence[_Question], separate: bool) -> Iterator[Change]:
    for question in questions:
        for code in question.choices:
            marks = question.before[code], question.after[code]
            test = _between(*marks) if separate else _within(*marks)
            yield Change(question.items, code, marks, separate, test)


def _within(before: pd.Series, after: pd.Series) -> Difference | None:
    complete = int((before.notna() & after.notna()).sum())
    return paired_difference(after, before) if complete >= FEWEST else None


def _between(before: pd.Series, after: pd.Series) -> Difference | None:
    before, after = before.dropna(), after.dropna()
    if min(len(before), len(after)) < FEWEST:
        return None
    return independent_difference(int(after.sum()), len(after), int(before.sum()), len(before))


def _trends(linked: Sequence[Sequence[_Question]]) -> Iterator[Trend]:
    import pandas as pd

    for question in linked[0]:
        for code, (_, codes) in question.choices.items():
            marks = [question.before[code], question.after[code]]
            item = question.items[1]
            for questions in linked[1:]:
                found = _follow(questions, item, codes)
                if found is None:
                    break
                after, item, codes = found
                marks.append(after)
            else:
                table = pd.concat(marks, axis=1, join="inner", keys=range(len(marks)))
                enough = len(table.dropna()) >= FEWEST
                yield Trend(
                    question.items[0],
                    code,
                    tuple(table[at] for at in table),
                    cochran_q(table) if enough else None,
                )


def _follow(
    questions: Sequence[_Question], item: str, codes: list[str]
) -> tuple[pd.Series, str, list[str]] | None:
    """Find the same choices in the next wave; None where they are joined otherwise there."""
    for question in questions:
        for code, (then, now) in question.choices.items():
            if question.items[0] == item and set(then) == set(codes):
                return question.after[code], question.items[1], now
    return None
