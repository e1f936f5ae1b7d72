"""Questions with several answers: tables on two bases that are never mixed, and association."""

from analysis.multiple_response.association import Adjusted, Association, association
from analysis.multiple_response.tables import MultipleResponseTable, Row, tabulate

__all__ = ["Adjusted", "Association", "MultipleResponseTable", "Row", "association", "tabulate"]
