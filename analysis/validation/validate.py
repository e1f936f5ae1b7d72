"""Run the schema over the pieces of a wave and word what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.instrument import Instrument
from analysis.mapping import Mapping, Scan
from analysis.responses import Responses
from analysis.validation.faults import ERROR, WARNING, Fault, Report
from analysis.validation.oddities import Oddities
from analysis.validation.schema import check_frame, schema
from analysis.validation.who import text_of, who

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa


class Validator:
    """Check a wave piece by piece; nothing but identifiers is kept between pieces.

    Parameters
    ----------
    instrument : Instrument
        The questionnaire.
    file : str
        Name of the file, for the report.
    """

    def __init__(self, instrument: Instrument, file: str = "") -> None:
        self.instrument = instrument
        self._waiting: set[tuple[str, str]] = set()
        self.report = Report(instrument, file)
        self._seen: set[str] = set()
        self._schema: tuple[frozenset[str], pa.DataFrameSchema] | None = None
        self._oddities = Oddities(instrument)

    def add_mapping(self, mapping: Mapping, scan: Scan) -> None:
        """Check how the file is mapped, before any piece.

        A value whose proposal waits for the researcher is one fault here, not one a respondent.
        """
        self.report.add(_mapping_faults(self.instrument, mapping, scan))
        self._waiting = {(r.item, r.source_value) for r in mapping.pending if r.source_value}

    def add(self, responses: Responses) -> None:
        """Check a piece."""
        from pandera.errors import SchemaErrors

        frame = check_frame(responses, self._seen)
        self.report.respondents += len(responses)
        try:
            self._of(frame).validate(frame, lazy=True)
        except SchemaErrors as error:
            self.report.add(self._faults(responses, frame, error.failure_cases))
        self.report.add(self._oddities.add(responses))
        self._seen.update(responses.ids.tolist())

    def finish(self) -> Report:
        """Check what only the whole wave can show, and return the report."""
        self.report.add(self._oddities.finish())
        return self.report

    def _of(self, frame: pd.DataFrame) -> pa.DataFrameSchema:
        present = frozenset(q.code for q in self.instrument.questions if q.code in frame)
        if self._schema is None or self._schema[0] != present:
            self._schema = (present, schema(self.instrument, present))
        return self._schema[1]

    def _faults(
        self, responses: Responses, frame: pd.DataFrame, cases: pd.DataFrame
    ) -> Iterator[Fault]:
        done: set[tuple[str, str, int]] = set()
        for case in cases.to_dict("records"):
            item, _, kind = str(case["column"]).partition("|")
            kind = kind or str(case["check"])
            if kind in ("field_uniqueness", "duplicate_respondent"):
                item, kind = "", "duplicate_respondent"
            if case["index"] is None or (item, kind, case["index"]) in done:
                continue
            done.add((item, kind, case["index"]))
            if kind in ("out_of_range", "required_missing") and self._said(done, item, case):
                continue
            fault = self._fault(responses, frame, item, kind, case["index"])
            if kind != "unknown_choice" or (item, fault.value) not in self._waiting:
                yield fault

    @staticmethod
    def _said(done: set[tuple[str, str, int]], item: str, case: dict[str, object]) -> bool:
        """Tell whether a more telling fault of the same answer was said already."""
        return any((item, kind, case["index"]) in done for kind in ("wrong_type", "skip_broken"))

    def _fault(
        self, responses: Responses, frame: pd.DataFrame, item: str, kind: str, at: int
    ) -> Fault:
        value = str(responses.ids.loc[at]) if not item else text_of(frame.loc[at, item])
        detail: tuple[tuple[str, str], ...] = ()
        if kind == "contradiction":
            detail = (("choices", text_of(responses.conflicts[item].loc[at])),)
        return Fault(
            ERROR,
            kind,
            value.replace("\x1f", " "),
            **who(responses, at),
            column=responses.columns.get(item, ""),
            item=item,
            detail=detail,
        )


def _mapping_faults(instrument: Instrument, mapping: Mapping, scan: Scan) -> Iterator[Fault]:
    """Say what of a file is mapped to nothing yet, and what of the questionnaire is not there."""
    for rule in mapping.pending:
        yield Fault(
            ERROR,
            "mapping_pending",
            rule.source_value,
            column=rule.source_column,
            item="" if rule.item.startswith("@") else rule.item,
            detail=(
                ("target", f"{rule.item} {rule.choice}".strip()),
                ("score", f"{rule.score:.0f}"),
            ),
        )
    here = {column.name for column in scan.columns}
    mapped = {rule.item for name, rule in mapping.columns.items() if name in here}
    waiting = {rule.item for rule in mapping.pending}
    for item in instrument.questions:
        if item.code in mapped | waiting:
            continue
        always = item.required and not instrument.conditions(item.code)
        yield Fault(ERROR if always else WARNING, "no_column", item=item.code)
    known = {rule.source_column for rule in mapping.rules if not rule.source_value}
    unused = [*mapping.unmatched, *sorted(here - known)]
    for name in unused:
        if name in here and scan.values.get(name):
            yield Fault(WARNING, "unused_column", column=name)
    for name in sorted(set(mapping.columns) - here):
        yield Fault(ERROR, "absent_column", column=name)
