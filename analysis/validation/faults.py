"""What is wrong with an answer, for a person: where, what was found, what is allowed, the fix."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from analysis import texts
from analysis.instrument import Instrument, Item

ERROR, WARNING = "error", "warning"
KEPT = 500
"""Faults of one kind in one question that are listed; all are counted."""

COLUMNS = (
    *("severity", "kind", "respondent", "city", "row", "column", "item", "question"),
    *("value", "allowed", "fix", "new_value", "reason"),
)
_SHOWN_CHOICES = 8


@dataclass(frozen=True)
class Fault:
    """One fault.

    Parameters
    ----------
    severity : str
        ``error`` stops the wave, ``warning`` does not.
    kind : str
        Key of its texts in ``labels/waves.yml`` (``fault``).
    value : str
        What was found.
    respondent, city : str
        Who; empty when the whole file is meant.
    row : int, optional
        Row of the file, the header being row 1.
    column : str
        Column of the file.
    item : str
        Code of the question.
    detail : tuple of (str, str)
        Values that the texts name.
    """

    severity: str
    kind: str
    value: str = ""
    respondent: str = ""
    city: str = ""
    row: int | None = None
    column: str = ""
    item: str = ""
    detail: tuple[tuple[str, str], ...] = ()

    def question(self, instrument: Instrument, lang: str) -> str:
        """Word the question."""
        return instrument.item(self.item).label[lang] if self.item in instrument else ""

    def allowed(self, instrument: Instrument, lang: str) -> str:
        """Say what is allowed."""
        values = {"allowed": "", **dict(self.detail)}
        if self.item in instrument:
            values["allowed"] = allowed(instrument.item(self.item), lang).rstrip(".")
        return texts.label(f"fault.{self.kind}.allowed", lang, **values)

    def fix(self, lang: str) -> str:
        """Say how to mend it."""
        return texts.label(f"fault.{self.kind}.fix", lang, **dict(self.detail))

    def title(self, lang: str) -> str:
        """Name the kind of fault."""
        return texts.label(f"fault.{self.kind}.title", lang)


def allowed(item: Item, lang: str) -> str:
    """Say what an item admits."""
    if item.choices:
        names = [f"{c.code} ({c.label[lang]})" for c in item.choices[:_SHOWN_CHOICES]]
        rest = len(item.choices) - len(names)
        more = texts.label("fault.more_choices", lang, count=rest) if rest else ""
        return "; ".join(names) + more
    if item.constraint_message.get(lang):
        return item.constraint_message[lang]
    return texts.label(f"fault.type.{item.type}", lang)


@dataclass
class Report:
    """Every fault of a wave.

    Parameters
    ----------
    instrument : Instrument
        The questionnaire.
    file : str
        Name of the file.
    respondents : int
        Respondents read.
    faults : list of Fault
        At most ``KEPT`` of a kind in a question.
    counts : Counter
        All faults, by severity.
    """

    instrument: Instrument
    file: str = ""
    respondents: int = 0
    faults: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _kept: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, faults: Iterable[Fault]) -> None:
        """Take in faults."""
        for fault in faults:
            self.counts[fault.severity] += 1
            key = (fault.severity, fault.kind, fault.item)
            self._kept[key] += 1
            if self._kept[key] <= KEPT:
                self.faults.append(fault)

    def total(self, severity: str, kind: str) -> int:
        """Count the faults of a kind, those that are not listed too."""
        return sum(count for key, count in self._kept.items() if key[:2] == (severity, kind))

    @property
    def errors(self) -> list[Fault]:
        """Faults that stop the wave."""
        return [fault for fault in self.faults if fault.severity == ERROR]

    @property
    def warnings(self) -> list[Fault]:
        """Faults that do not stop it."""
        return [fault for fault in self.faults if fault.severity == WARNING]

    @property
    def ok(self) -> bool:
        """Whether nothing stops the wave."""
        return not self.counts[ERROR]

    def ordered(self) -> list[Fault]:
        """Errors first, then by row and in the order of the questionnaire."""
        place = {item.code: at for at, item in enumerate(self.instrument.items)}
        return sorted(
            self.faults,
            key=lambda f: (f.severity != ERROR, f.row or 0, place.get(f.item, -1), f.kind),
        )


def to_csv(report: Report, lang: str = "es") -> str:
    """Write the report as a table for correcting.

    A researcher fills ``new_value`` (``@blank`` empties the cell) and ``reason``; the same file is
    then given to ``cuadernos wave new --corrections``.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for f in report.ordered():
        writer.writerow(
            (
                *(texts.label(f"fault.severity.{f.severity}", lang), f.kind, f.respondent, f.city),
                *(f.row or "", f.column, f.item, f.question(report.instrument, lang), f.value),
                *(f.allowed(report.instrument, lang), f.fix(lang), "", ""),
            )
        )
    return stream.getvalue()
