"""Check the answers of a wave against its questionnaire: every fault in one report."""

from analysis.validation.faults import COLUMNS, ERROR, WARNING, Fault, Report, to_csv
from analysis.validation.schema import check_frame, schema
from analysis.validation.validate import Validator

__all__ = [
    "COLUMNS",
    "ERROR",
    "WARNING",
    "Fault",
    "Report",
    "Validator",
    "check_frame",
    "schema",
    "to_csv",
]
