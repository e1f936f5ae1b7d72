"""The faults of a file of answers as a page to read and a table to correct."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from analysis import __version__, texts
from analysis.files import write_whole
from analysis.publishing.page import environment, policy, script, stylesheet
from analysis.validation import Report, to_csv

PAGE, TABLE = "problemas.html", "problemas.csv"


def write_report(report: Report, folder: Path, lang: str = texts.DEFAULT_LANGUAGE) -> list[Path]:
    """Write ``problemas.html`` and ``problemas.csv`` into a folder.

    Parameters
    ----------
    report : Report
        Every fault.
    folder : Path
        Made when it is not there.
    lang : str
        Language.

    Returns
    -------
    list of Path
        The page and the table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / PAGE, render(report, lang))
    write_whole(folder / TABLE, "\ufeff" + to_csv(report, lang))  # the mark is for Excel
    return [folder / PAGE, folder / TABLE]


def render(report: Report, lang: str) -> str:
    """Draw the page."""
    say = texts.label
    counts = {
        severity: say(f"wave_report.{severity}", lang, count=report.counts[severity])
        for severity in ("error", "warning")
    }
    sections = []
    ordered = sorted(report.ordered(), key=lambda f: (f.severity != "error", f.kind))
    for (severity, kind), faults in groupby(ordered, key=lambda f: (f.severity, f.kind)):
        found = list(faults)
        sections.append(
            {
                "severity": say(f"fault.severity.{severity}", lang),
                "tag": "impossible" if severity == "error" else "possible",
                "title": found[0].title(lang),
                "fix": found[0].fix(lang),
                "total": report.total(severity, kind),
                "rows": [
                    {
                        "who": " · ".join(filter(None, (f.respondent, f.city))),
                        "row": "" if f.row is None else texts.number(f.row, lang),
                        "column": f.column,
                        "question": f.question(report.instrument, lang) or f.item,
                        "value": f.value,
                        "allowed": f.allowed(report.instrument, lang),
                    }
                    for f in found
                ],
            }
        )
    return (
        environment()
        .get_template("wave_report.html.j2")
        .render(
            page={
                "lang": lang,
                "csp": policy(),
                "style": stylesheet(),
                "script": script(),
                "version": __version__,
            },
            say=lambda key, **values: say(key, lang, **values),
            file=report.file,
            respondents=say("base_unit.respondent", lang, count=report.respondents),
            instrument=report.instrument.title[lang],
            version=report.instrument.version,
            ok=report.ok,
            counts=counts,
            sections=sections,
        )
    )
