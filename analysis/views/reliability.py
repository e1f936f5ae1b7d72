"""Tables of the cuaderno 05_codificacion: how far two coders agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from analysis import texts
from analysis.coding.reliability import RELIABLE, TENTATIVE, Coefficient
from analysis.coding.report import CodingReport
from analysis.cuaderno import Cuaderno
from analysis.provenance import Base, Quantity, Share
from analysis.tables import Column, Table, Tag
from analysis.views.coding_numbers import Numbers, code_names, own_words, short_title

READINGS = ("reliable", "tentative", "insufficient", "undefined")
_LOOK = {"reliable": "matches", "tentative": "possible", "insufficient": "impossible"}


def values(cuaderno: Cuaderno, report: CodingReport) -> dict[str, object]:
    """Return what the prose on reliability names."""
    lang, numbers, found = cuaderno.lang, Numbers(report, cuaderno.lang), report.agreement
    by_reading = Counter(code.alpha.reading for code in found.codes)
    overall = found.overall
    return {
        "alpha": numbers.decimal(overall.value, "alpha_codes"),
        "alpha_low": numbers.decimal(overall.low, "alpha_codes"),
        "alpha_high": numbers.decimal(overall.high, "alpha_codes"),
        "reading": texts.label(f"coding.reading.{overall.reading}", lang),
        "tentative": texts.number(TENTATIVE, lang),
        "reliable": texts.number(RELIABLE, lang, 3),
        "f1_name": "F1",  # names with a figure in them, which prose may not type
        "ac1_name": "AC1",
        "ac2_name": "AC2",
        "weighted": "yes" if found.weights else "",
        "unitizing": numbers.decimal(found.unitizing.value, "alpha_unitizing_2004"),
        "relevance": numbers.decimal(found.relevance.value, "alpha_relevance_2016"),
        "units": numbers.count(found.units, numbers.both, "counted_units"),
        "unit_name": texts.label(f"base_unit_plural.{found.unit}", lang),
        "codes_compared": numbers.count(len(found.codes), numbers.both, "coded_codes"),
        **{
            f"n_{reading}": numbers.count(by_reading[reading], numbers.both, "coded_codes")
            if by_reading[reading] or reading != "undefined"
            else ""
            for reading in READINGS
        },
        "passages": numbers.count(len(report.passages), numbers.both, "coded_passages"),
        "disputed": numbers.count(len(report.disputed), numbers.both, "coded_passages"),
        "disputed_share": numbers.share(
            len(report.disputed), Base("passage", len(report.passages)), numbers.both
        ),
        "precision": _ratio(numbers, report.overall.both, report.overall.only_dictionary),
        "recall": _ratio(numbers, report.overall.both, report.overall.only_person),
        "f1": numbers.decimal(report.overall.f1, "f1"),
    }


def _ratio(numbers: Numbers, both: int, alone: int) -> Share | str:
    return numbers.share(both, Base("unit_and_code", both + alone), numbers.both, with_count=True)


def _tag(cuaderno: Cuaderno, reading: str) -> Tag:
    return Tag(
        _LOOK.get(reading, "unverifiable"), texts.label(f"coding.reading.{reading}", cuaderno.lang)
    )


def _span(cuaderno: Cuaderno, found: Coefficient) -> str:
    if found.low is None or found.high is None:
        return "–"
    ends = [texts.number(round(end, 2), cuaderno.lang, 2) for end in (found.low, found.high)]
    return texts.label("coding.span", cuaderno.lang, low=ends[0], high=ends[1])


def _counted(numbers: Numbers, count: int, unit: str, method: str) -> Quantity:
    lang = numbers.lang
    plural = texts.label(f"base_unit_plural.{unit}", lang)
    return replace(
        numbers.count(count, numbers.both, method), shown=f"{texts.number(count, lang)} {plural}"
    )


def overall_table(cuaderno: Cuaderno, report: CodingReport) -> Table:
    """Show every coefficient of all codes together, with what it counts."""
    say, numbers, found = cuaderno.write, Numbers(report, cuaderno.lang), report.agreement
    lang = cuaderno.lang
    units = _counted(numbers, found.units, found.unit, "counted_units")
    characters = _counted(numbers, found.characters, "character", "counted_characters")
    pairs = found.units * len(found.codes)
    agreed = round((found.percent or 0) * pairs)
    rows: list[dict[str, object]] = [
        {
            "method": texts.label("coding.coefficient.alpha_codes", lang),
            "value": numbers.decimal(found.overall.value, "alpha_codes"),
            "interval": _span(cuaderno, found.overall),
            "on": units,
            "reading": _tag(cuaderno, found.overall.reading),
        },
        {
            "method": texts.label("coding.coefficient.percent_agreement", lang),
            "value": numbers.share(agreed, Base("unit_and_code", pairs), numbers.both),
            "interval": "–",
            "on": units,
            "reading": "–",
        },
    ]
    for one in (found.kappa, found.ac1):
        rows.append(
            {
                "method": texts.label(f"coding.coefficient.{one.name}", lang),
                "value": numbers.decimal(one.value, one.name),
                "interval": "–",
                "on": _counted(numbers, one.units, "unit_and_code", "counted_units"),
                "reading": "–",
            }
        )
    for one in found.weights:
        alpha_of_weights = one.name.startswith("alpha")
        rows.append(
            {
                "method": texts.label(f"coding.coefficient.{one.name}", lang),
                "value": numbers.decimal(one.value, one.name),
                "interval": _span(cuaderno, one),
                "on": _counted(numbers, one.units, "unit_and_code", "counted_units"),
                "reading": _tag(cuaderno, one.reading) if alpha_of_weights else "–",
            }
        )
    for key, alpha in (
        ("alpha_unitizing_2004", found.unitizing),
        ("alpha_relevance_2016", found.relevance),
    ):
        reading = Coefficient(name=key, value=alpha.value, coders=2, units=0, missing="").reading
        rows.append(
            {
                "method": texts.label(f"coding.coefficient.{key}", lang),
                "value": numbers.decimal(alpha.value, key),
                "interval": "–",
                "on": characters,
                "reading": _tag(cuaderno, reading),
            }
        )
    return Table(
        caption=say("table_overall"),
        columns=(
            Column("method", say("column_method")),
            Column("value", say("column_value"), numeric=True),
            Column("interval", say("column_interval"), numeric=True),
            Column("on", say("column_on"), numeric=True),
            Column("reading", say("column_reading")),
        ),
        rows=tuple(rows),  # type: ignore[arg-type]
        evidence=frozenset({numbers.evidence}),
        origins=numbers.both,
        own_calculation=True,
        note=say("note_overall"),
    )


def codes_table(cuaderno: Cuaderno, report: CodingReport) -> Table:
    """Show agreement by code, the best first."""
    say, numbers = cuaderno.write, Numbers(report, cuaderno.lang)
    names = code_names(report, cuaderno.lang)
    scores = {p.code: p for p in report.by_code}

    def percent(code: Coefficient) -> Share | str:
        count = round((code.value or 0) * code.units)
        return numbers.share(count, Base(report.agreement.unit, code.units), numbers.both)

    def order(code) -> float:
        return -2.0 if code.alpha.value is None else code.alpha.value

    rows = []
    for code in sorted(report.agreement.codes, key=order, reverse=True):
        score = scores.get(code.code)
        rows.append(
            {
                "code": names[code.code],
                "first": numbers.count(code.units[report.coder], numbers.both, "counted_units"),
                "second": numbers.count(code.units[report.second], numbers.both, "counted_units"),
                "alpha": numbers.decimal(code.alpha.value, "alpha_nominal"),
                "interval": _span(cuaderno, code.alpha),
                "reading": _tag(cuaderno, code.alpha.reading),
                "percent": percent(code.percent),
                "kappa": numbers.decimal(code.kappa.value, "cohen_kappa"),
                "ac1": numbers.decimal(code.ac1.value, "gwet_ac1"),
                "unitizing": numbers.decimal(code.unitizing.value, "alpha_unitizing_2004"),
                "f1": numbers.decimal(score.f1 if score else None, "f1"),
            }
        )
    return Table(
        caption=say("table_codes"),
        columns=(
            Column("code", say("column_code")),
            Column("first", report.coder, numeric=True),
            Column("second", report.second, numeric=True),
            Column("alpha", say("column_alpha"), numeric=True),
            Column("interval", say("column_interval"), numeric=True),
            Column("reading", say("column_reading")),
            Column("percent", say("column_percent"), numeric=True),
            Column("kappa", say("column_kappa"), numeric=True),
            Column("ac1", say("column_ac1"), numeric=True),
            Column("unitizing", say("column_unitizing"), numeric=True),
            Column("f1", say("column_f1"), numeric=True),
        ),
        rows=tuple(rows),
        evidence=frozenset({numbers.evidence}),
        origins=numbers.both,
        own_calculation=True,
        note=say("note_codes"),
    )


def disputed_table(cuaderno: Cuaderno, report: CodingReport, limit: int = 15) -> Table:
    """Show the most disputed passages, what each coder gave side by side."""
    say, numbers = cuaderno.write, Numbers(report, cuaderno.lang)
    names, lang = code_names(report, cuaderno.lang), cuaderno.lang
    rows = []
    for passage in report.disputed:
        document = report.corpus.documents[passage.document]
        if not document.quotable:
            continue
        place = document.place(passage.start)
        where = texts.label(
            "coding.place",
            lang,
            title=short_title(report, passage.document, lang),
            paragraph=texts.number(place.paragraph, lang),
            start=texts.number(passage.start, lang),
            end=texts.number(passage.end, lang),
        )
        given = {
            coder: texts.listing([names[c] for c in passage.codes.get(coder, ())], lang) or "–"
            for coder in (report.coder, report.second)
        }
        rows.append(
            {
                "where": where,
                "text": own_words(report, passage.document, passage.text),
                "first": given[report.coder],
                "second": given[report.second],
            }
        )
        if len(rows) == limit:
            break
    return Table(
        caption=say("table_disputed"),
        columns=(
            Column("where", say("column_where")),
            Column("text", say("column_text"), wide=True),
            Column("first", report.coder),
            Column("second", report.second),
        ),
        rows=tuple(rows),
        evidence=frozenset({numbers.evidence}),
        origins=numbers.both,
        own_calculation=True,
        note=say("note_positions"),
    )
