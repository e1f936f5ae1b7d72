"""Tables and figures of the cuaderno 05_codificacion: how often codes are given, and with which."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis import charts, texts
from analysis.charts import Chart, CurvePoint, Link
from analysis.coding.report import CodingReport
from analysis.cuaderno import Cuaderno
from analysis.provenance import EvidenceClass
from analysis.published import Study
from analysis.tables import Column, Table, merged_origins
from analysis.views.coding_numbers import Numbers, code_names, own_words, table_of

SHOWN = 15  # codes in a figure
NODES = 16  # of the network
LINKS = 20


def values(cuaderno: Cuaderno, report: CodingReport) -> dict[str, object]:
    """Return what the prose of the cuaderno names."""
    lang, numbers = cuaderno.lang, Numbers(report, cuaderno.lang)
    names = code_names(report, lang)
    first = report.ranked[0]
    most = report.own.table.loc[first, "documents"]
    tied = [c for c in report.ranked if report.own.table.loc[c, "documents"] == most]
    pair = top_pairs(report)[:1]
    enough = report.saturation.known_before(0.9)
    late = enough is not None and enough > 0.75 * report.own.documents
    return {
        "corpus": report.corpus.label[lang],
        "made": report.corpus.made[lang],
        "rules_made": report.corpus.rules[lang] if report.is_dictionary else "",
        "crossed": "yes" if len(report.crossed.columns) else "",
        "own_summaries": "yes" if report.corpus.kind == "own_summaries" else "",
        "demo": "yes" if numbers.evidence is EvidenceClass.DEMO else "",
        "coder": report.coder,
        "second": report.second,
        "dictionary": "yes" if report.is_dictionary else "",
        "documents": numbers.count(report.own.documents, method="coded_documents"),
        "segments": numbers.count(report.own.segments),
        "codes_used": numbers.count(len(report.ranked), method="coded_codes"),
        "codes_all": numbers.count(len(report.codes), method="coded_codes"),
        "version": report.corpus.codebook.version,
        "coder_name": report.corpus.coders[report.coder].name,
        "first_name": names[first],
        "first_names": texts.listing([names[c] for c in tied[:3]], lang),
        "first_quoted": texts.listing([f"«{names[c]}»" for c in tied[:3]], lang)
        if lang == "es"
        else texts.listing([f"“{names[c]}”" for c in tied[:3]], lang),
        "tied": "yes" if len(tied) > 1 else "",
        "many_tied": "yes" if len(tied) > 3 else "",
        "first_count": numbers.count(most, numbers.of(first), "coded_documents"),
        "first_share": numbers.in_documents(first),
        "pair_first": names[pair[0][0]] if pair else "",
        "pair_second": names[pair[0][1]] if pair else "",
        "pair_count": numbers.count(pair[0][2], method="pairs_of_segments") if pair else "",
        "enough": numbers.count(enough, method="coded_documents") if enough else "",
        "late": "yes" if late else "",
        "last_new": numbers.count(report.saturation.new[-1], method="coded_codes"),
        "withheld": numbers.count(report.withheld) if report.withheld else "",
    }


def top_pairs(report: CodingReport, method: str = "overlap") -> list[tuple[str, str, int]]:
    """List pairs of codes that occur together, most often first."""
    counts = report.together[method]
    found = [
        (first, second, int(counts.at[first, second]))
        for row, first in enumerate(counts.index)
        for second in counts.columns[row + 1 :]
        if counts.at[first, second]
    ]
    return sorted(found, key=lambda pair: -pair[2])


def frequencies_figure(cuaderno: Cuaderno, report: CodingReport) -> Chart:
    """Draw in how many documents the most frequent codes stand."""
    say, numbers = cuaderno.write, Numbers(report, cuaderno.lang)
    names = code_names(report, cuaderno.lang)
    ranked = report.ranked[:SHOWN]
    return charts.shares(
        {names[code]: numbers.in_documents(code) for code in ranked},  # type: ignore[misc]
        id="frequencies",
        table=frequencies_table(cuaderno, report, ranked, say("table_frequencies_figure")),
        title=say("figure_frequencies"),
        caption=say("caption_frequencies"),
        lang=cuaderno.lang,
    )


def frequencies_table(
    cuaderno: Cuaderno,
    report: CodingReport,
    codes: Sequence[str] | None = None,
    caption: str = "",
) -> Table:
    """Show documents and segments by code, each with its share on its own base."""
    say, numbers = cuaderno.write, Numbers(report, cuaderno.lang)
    names, book, lang = code_names(report, cuaderno.lang), report.corpus.codebook, cuaderno.lang
    rows = []
    for code in codes if codes is not None else report.codes:
        row = report.own.table.loc[code]
        rows.append(
            {
                "code": names[code],
                "family": book[book.family(code)].name(lang),
                "documents": numbers.count(row["documents"], numbers.of(code), "coded_documents"),
                "documents_share": numbers.in_documents(code),
                "segments": numbers.count(row["segments"], numbers.of(code)),
                "segments_share": numbers.in_segments(code),
            }
        )
    return table_of(
        numbers,
        caption or say("table_frequencies"),
        (
            Column("code", say("column_code")),
            Column("family", say("column_family")),
            Column("documents", say("column_documents"), numeric=True),
            Column("documents_share", say("column_documents_share"), numeric=True),
            Column("segments", say("column_segments"), numeric=True),
            Column("segments_share", say("column_segments_share"), numeric=True),
        ),
        rows,
        note=say("note_frequencies"),
    )


def _matrix(
    cuaderno: Cuaderno,
    report: CodingReport,
    counts: pd.DataFrame,
    key: str,
    heads: Sequence[str],
    method: str,
) -> Chart:
    say, numbers = cuaderno.write, Numbers(report, cuaderno.lang)
    names = code_names(report, cuaderno.lang)
    shown = counts.set_axis([names[c] for c in counts.index], axis=0).set_axis(heads, axis=1)
    rows = [
        {
            "code": name,
            **{
                f"c{n}": numbers.count(shown.iat[row, n], numbers.of(counts.index[row]), method)
                for n in range(len(heads))
            },
        }
        for row, name in enumerate(shown.index)
    ]
    columns = [Column("code", say("column_code"))]
    columns += [Column(f"c{n}", head, numeric=True) for n, head in enumerate(heads)]
    return charts.matrix(
        shown,
        evidence=numbers.evidence,
        unit=say(f"unit_{key}"),
        id=key,
        table=table_of(numbers, say(f"table_{key}"), columns, rows),
        title=say(f"figure_{key}"),
        caption=say(f"caption_{key}"),
        lang=cuaderno.lang,
    )


def documents_figure(cuaderno: Cuaderno, report: CodingReport) -> Chart:
    """Draw the segments of the most frequent codes in each document."""
    counts = report.by_document.loc[report.ranked[:SHOWN]]
    heads = [report.corpus.documents[d].section or d for d in counts.columns]
    if len(set(heads)) < len(heads):
        heads = list(counts.columns)
    return _matrix(cuaderno, report, counts, "by_document", heads, "coded_segments")


def crossed_figure(cuaderno: Cuaderno, report: CodingReport) -> Chart | None:
    """Draw codes by stage, dimension and scale; None when the codebook has no such headings."""
    if report.crossed.empty or not len(report.crossed.columns):
        return None
    columns = set(report.crossed.columns)
    book = report.corpus.codebook
    inside = {b for c in columns for b in (c, *book.descendants(c))}
    codes = [c for c in report.ranked if c not in inside][:SHOWN]
    names = code_names(report, cuaderno.lang)
    counts = report.crossed.loc[codes]
    heads = [names[c] for c in counts.columns]
    return _matrix(cuaderno, report, counts, "crossed", heads, "units_with_both")


def cities_table(cuaderno: Cuaderno, report: CodingReport, study: Study) -> Table | None:
    """Show the segments of each code by city; None when no coded document is of one city."""
    say, numbers = cuaderno.write, Numbers(report, cuaderno.lang)
    names, counts = code_names(report, cuaderno.lang), report.by_city
    if counts.empty or not len(counts.columns):
        return None
    known = study.cities.set_index("id")[f"name_{cuaderno.lang}"]
    columns = [Column("code", say("column_code"))]
    columns += [
        Column(f"c{n}", str(known.get(city, city)).split(" (")[0], numeric=True)
        for n, city in enumerate(counts.columns)
    ]
    rows = [
        {
            "code": names[code],
            **{
                f"c{n}": numbers.count(counts.at[code, city], numbers.of(code))
                if counts.at[code, city]
                else "0"
                for n, city in enumerate(counts.columns)
            },
        }
        for code in report.ranked
        if counts.loc[code].any()
    ]
    return table_of(numbers, say("table_cities"), columns, rows, note=say("note_cities"))


def cases_table(cuaderno: Cuaderno, report: CodingReport) -> Table:
    """Show the matrix of cases by codes: 1 where the case bears the code."""
    say, numbers = cuaderno.write, Numbers(report, cuaderno.lang)
    names = code_names(report, cuaderno.lang)
    cases = report.cases
    columns = [Column("code", say("column_code"))]
    titles = {
        name: texts.section_name(document.section, cuaderno.lang)
        for name, document in report.corpus.documents.items()
    }
    heads = [titles.get(case) or str(case) for case in cases.index]
    if len(set(heads)) < len(heads):
        heads = [str(case) for case in cases.index]
    columns += [Column(f"c{n}", head, numeric=True) for n, head in enumerate(heads)]
    rows = [
        {
            "code": names[code],
            **{
                f"c{n}": str(int(cases.iat[n, column]))  # a mark and no count
                for n in range(len(cases))
            },
        }
        for column, code in enumerate(cases.columns)
    ]
    return table_of(numbers, say("table_cases"), columns, rows, note=say("note_cases"))


def network_figure(cuaderno: Cuaderno, report: CodingReport) -> Chart | None:
    """Draw which codes occur together most; None when no segments overlap."""
    say, numbers = cuaderno.write, Numbers(report, cuaderno.lang)
    names = code_names(report, cuaderno.lang)
    links: list[tuple[str, str, int]] = []
    nodes: dict[str, None] = {}
    for first, second, count in top_pairs(report):
        if len({*nodes, first, second}) <= NODES and len(links) < LINKS:
            nodes |= {first: None, second: None}
            links.append((first, second, count))
    if not links:
        return None
    order = [c for c in report.corpus.codebook.codes if c in nodes]
    return charts.network(
        {names[c]: int(report.own.table.loc[c, "segments"]) for c in order},
        [Link(names[a], names[b], n) for a, b, n in links],
        evidence=numbers.evidence,
        id="network",
        table=pairs_table(cuaderno, report, links),
        title=say("figure_network"),
        caption=say("caption_network"),
        lang=cuaderno.lang,
    )


def pairs_table(
    cuaderno: Cuaderno,
    report: CodingReport,
    pairs: Sequence[tuple[str, str, int]] | None = None,
) -> Table:
    """Show pairs of codes, counted in the three ways."""
    say, numbers = cuaderno.write, Numbers(report, cuaderno.lang)
    names = code_names(report, cuaderno.lang)
    rows = [
        {
            "first": names[first],
            "second": names[second],
            **{
                method: numbers.count(
                    report.together[method].at[first, second],
                    merged_origins(numbers.of(first), numbers.of(second)),
                    "pairs_of_segments",
                )
                for method in report.together
            },
        }
        for first, second, _ in pairs or top_pairs(report)[:LINKS]
    ]
    return table_of(
        numbers,
        say("table_pairs"),
        (
            Column("first", say("column_first")),
            Column("second", say("column_second")),
            *(Column(m, say(f"column_{m}"), numeric=True) for m in report.together),
        ),
        rows,
    )


def saturation_figure(cuaderno: Cuaderno, report: CodingReport) -> Chart:
    """Draw how many codes are known after each document."""
    say, numbers, found = cuaderno.write, Numbers(report, cuaderno.lang), report.saturation
    order = [CurvePoint(n, k) for n, k in enumerate(found.known, 1)]
    band = zip(found.mean, found.low, found.high, strict=True)
    mean = [CurvePoint(n, y, low, high) for n, (y, low, high) in enumerate(band, 1)]
    rows = [
        {
            "number": texts.number(n, cuaderno.lang),
            "document": own_words(report, name, report.corpus.documents[name].title),
            "new": numbers.count(new, method="coded_codes"),
            "known": numbers.count(known, method="coded_codes"),
        }
        for n, (name, new, known) in enumerate(
            zip(found.documents, found.new, found.known, strict=True), 1
        )
    ]
    return charts.curve(
        {say("series_order"): order, say("series_mean"): mean},
        evidence=numbers.evidence,
        x_axis=say("axis_documents"),
        y_axis=say("axis_codes"),
        id="saturation",
        table=table_of(
            numbers,
            say("table_saturation"),
            (
                Column("number", say("column_number"), numeric=True),
                Column("document", say("column_document")),
                Column("new", say("column_new"), numeric=True),
                Column("known", say("column_known"), numeric=True),
            ),
            rows,
        ),
        title=say("figure_saturation"),
        caption=say("caption_saturation"),
        lang=cuaderno.lang,
    )
