"""Audit of the published figures: one verdict each, with its reason, computed from the tables.

Which check applies to which figure is a reviewed table (``audit_rules``); this package holds the
checks. See :func:`audit`.
"""

from analysis.audit.oddities import Oddity, oddities
from analysis.audit.verdicts import Audited, Verdict, audit

__all__ = ["Audited", "Oddity", "Verdict", "audit", "oddities"]
