"""What a share can be when some of those that were asked did not answer."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.proportion.binomial import confidence_interval
from analysis.proportion.finite import check_count, check_frame
from analysis.provenance import Interval


@dataclass(frozen=True)
class NonResponseBounds:
    """Shares that are possible whatever those that did not answer would have said.

    Parameters
    ----------
    lower_count, upper_count : int
        Members with the property when no missing member has it, and when all have it.
    asked : int
        Members that were asked: the base of both.
    envelope : Interval or None
        From the lower bound of the interval of the first to the upper bound of that of the second;
        None when everyone of the frame was asked, as then nothing is left to chance.
    """

    lower_count: int
    upper_count: int
    asked: int
    envelope: Interval | None

    @property
    def lower(self) -> float:
        """Least possible share."""
        return self.lower_count / self.asked

    @property
    def upper(self) -> float:
        """Greatest possible share."""
        return self.upper_count / self.asked


def worst_case_bounds(
    count: int,
    nobs: int,
    asked: int,
    *,
    method: str = "wilson",
    level: float | None = 0.95,
) -> NonResponseBounds:
    """Bound the share of all that were asked, assuming nothing of those that did not answer.

    Parameters
    ----------
    count, nobs : int
        Answers with the property, and answers.
    asked : int
        Members that were asked, whether or not they answered.
    method : str
        Method of ``confidence_interval`` for the envelope.
    level : float or None
        Level of the envelope, which covers the whole set of possible shares (Horowitz and Manski
        2000, JASA 95:77-84); None when everyone of the frame was asked.

    References
    ----------
    Manski (1989), *The Journal of Human Resources* 24:343-360.

    Raises
    ------
    ValueError
        When the count does not fit or fewer were asked than answered.
    """
    check_count(count, nobs)
    check_frame(nobs, asked)
    most = count + asked - nobs
    envelope = None
    if level is not None:
        envelope = Interval(
            confidence_interval(count, asked, method, level).lower,
            confidence_interval(most, asked, method, level).upper,
            level,
            "worst_case",
        )
    return NonResponseBounds(count, most, asked, envelope)
