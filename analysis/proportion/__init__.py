"""Shares of few cities: intervals, finite frames, non-response, several shares, differences.

Every function states its published source. Bounds are proportions in [0, 1] unless said otherwise;
counts are whole numbers and none may be missing.
"""

from analysis.proportion.binomial import METHODS, Estimate, confidence_interval, estimate
from analysis.proportion.differences import (
    ChangeTest,
    Difference,
    cochran_q,
    holm,
    independent_difference,
    paired_difference,
)
from analysis.proportion.finite import (
    FRAME_METHODS,
    FrameInterval,
    finite_interval,
)
from analysis.proportion.multinomial import (
    SIMULTANEOUS_METHODS,
    SimultaneousIntervals,
    simultaneous_intervals,
)
from analysis.proportion.nonresponse import NonResponseBounds, worst_case_bounds

__all__ = [
    "FRAME_METHODS",
    "METHODS",
    "SIMULTANEOUS_METHODS",
    "ChangeTest",
    "Difference",
    "Estimate",
    "FrameInterval",
    "NonResponseBounds",
    "SimultaneousIntervals",
    "cochran_q",
    "confidence_interval",
    "estimate",
    "finite_interval",
    "holm",
    "independent_difference",
    "paired_difference",
    "simultaneous_intervals",
    "worst_case_bounds",
]
