"""Every check by its name: each compares a published figure with other published facts."""

from analysis.audit import magnitudes, statements
from analysis.audit.findings import Check

CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        statements.count_rows,
        statements.count_distinct,
        statements.count_items,
        statements.count_sections,
        statements.restated,
        statements.same_as,
        statements.same_event,
        statements.in_label,
        statements.period_length,
        magnitudes.within,
        magnitudes.covers,
        magnitudes.not_before,
        magnitudes.not_after,
        magnitudes.elapsed,
        magnitudes.elapsed_start,
        magnitudes.at_least,
        magnitudes.at_most,
        magnitudes.at_most_rows,
        magnitudes.implied_rate,
        magnitudes.implied_total,
        magnitudes.granularity,
        magnitudes.unverifiable,
    )
}
