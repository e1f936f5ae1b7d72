"""Reliability of coding: coefficients on plain arrays, with their intervals.

Values stand in an array of coders × units; a missing value is ``None``, ``NaN`` or ``NA``. No
function guesses what a missing value means: each says which units it uses, and counts them.
"""

from analysis.coding.reliability.alpha import (
    CodeAlphas,
    alpha_by_code,
    krippendorff_alpha,
)
from analysis.coding.reliability.coefficient import (
    AVAILABLE,
    COMPLETE,
    PAIRABLE,
    RELIABLE,
    TENTATIVE,
    Coefficient,
    reading,
)
from analysis.coding.reliability.kappa import (
    agreement_weights,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    percent_agreement,
)
from analysis.coding.reliability.values import LEVELS, Level, value_counts

__all__ = [
    "AVAILABLE",
    "COMPLETE",
    "LEVELS",
    "PAIRABLE",
    "RELIABLE",
    "TENTATIVE",
    "CodeAlphas",
    "Coefficient",
    "Level",
    "agreement_weights",
    "alpha_by_code",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac",
    "krippendorff_alpha",
    "percent_agreement",
    "reading",
    "value_counts",
]
