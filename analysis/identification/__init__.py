"""What published claims and structure imply for counts that nobody published.

Partial identification in the sense of Manski (2003, *Partial Identification of Probability
Distributions*): an interval of possible counts under each named assumption, never a point.
"""

from analysis.identification.bounds import (
    ActionBounds,
    Assumption,
    Contradiction,
    Identification,
    Move,
    Sensitivity,
    StageBounds,
    identify,
    sensitivity,
)
from analysis.identification.orders import Constraint, InfeasibleError, OrderSystem, Reason
from analysis.identification.readings import Reading, readings, stage_constraints

__all__ = [
    "ActionBounds",
    "Assumption",
    "Constraint",
    "Contradiction",
    "Identification",
    "InfeasibleError",
    "Move",
    "OrderSystem",
    "Reading",
    "Reason",
    "Sensitivity",
    "StageBounds",
    "identify",
    "readings",
    "sensitivity",
    "stage_constraints",
]
