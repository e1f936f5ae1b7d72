"""From the columns and values of a file to the items and choices of the questionnaire."""

from analysis.mapping.apply import Reader, apply
from analysis.mapping.propose import Scan, propose
from analysis.mapping.table import (
    BLANK,
    END,
    IGNORE,
    LANGUAGE,
    METHODS,
    NOT_SELECTED,
    RESPONDENT,
    SELECTED,
    START,
    Mapping,
    MappingError,
    Rule,
    read_mapping,
    write_mapping,
)

__all__ = [
    "BLANK",
    "END",
    "IGNORE",
    "LANGUAGE",
    "METHODS",
    "NOT_SELECTED",
    "RESPONDENT",
    "SELECTED",
    "START",
    "Mapping",
    "MappingError",
    "Reader",
    "Rule",
    "Scan",
    "apply",
    "propose",
    "read_mapping",
    "write_mapping",
]
