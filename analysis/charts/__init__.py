"""One function a chart. Each returns a :class:`Chart` that says what it found, in words too.

Titles state the finding, the text alternative is computed from the data, labels stand on the
marks, and the data are a table of the same page. Drawn with seaborn and matplotlib on the theme
of :mod:`analysis.theme`, once wide and once for a phone.
"""

from analysis.charts.core import Chart
from analysis.charts.curve import CurvePoint, curve
from analysis.charts.matrix import matrix
from analysis.charts.network import Link, network
from analysis.charts.parts import composition, coverage
from analysis.charts.published import feasible_bases, intervals, verdicts
from analysis.charts.rows import (
    CountRange,
    paired,
    possible_beside_observed,
    possible_counts,
    shares,
)

__all__ = [
    "Chart",
    "CountRange",
    "CurvePoint",
    "Link",
    "composition",
    "coverage",
    "curve",
    "feasible_bases",
    "intervals",
    "matrix",
    "network",
    "paired",
    "possible_beside_observed",
    "possible_counts",
    "shares",
    "verdicts",
]
