"""Tables of the cuaderno 05_codificacion that show words: quotations, contexts and frequencies."""

from __future__ import annotations

from analysis import texts
from analysis.coding.frequencies import Quotation
from analysis.coding.report import CodingReport
from analysis.cuaderno import Cuaderno
from analysis.tables import Column, Table
from analysis.views.coding_numbers import Numbers, own_words, short_title, table_of


def _where(cuaderno: Cuaderno, report: CodingReport, place: Quotation) -> str:
    key = "coding.place_page" if place.page else "coding.place"
    return texts.label(
        key,
        cuaderno.lang,
        title=short_title(report, place.document, cuaderno.lang),
        paragraph=texts.number(place.paragraph, cuaderno.lang),
        page=texts.number(place.page or 0, cuaderno.lang),
        start=texts.number(place.start, cuaderno.lang),
        end=texts.number(place.end, cuaderno.lang),
    )


def quotations_table(cuaderno: Cuaderno, report: CodingReport, limit: int = 12) -> Table:
    """Show passages of the most frequent code, each with document and position."""
    say, numbers = cuaderno.write, Numbers(report, cuaderno.lang)
    rows = [
        {
            "where": _where(cuaderno, report, q),
            "text": own_words(report, q.document, q.text),
        }
        for q in report.quotations[:limit]
    ]
    return table_of(
        numbers,
        say("table_quotations"),
        (Column("where", say("column_where")), Column("text", say("column_text"), wide=True)),
        rows,
        note=say("note_positions"),
    )


def context_table(cuaderno: Cuaderno, report: CodingReport, limit: int = 25) -> Table:
    """Show a word in its context."""
    say, numbers = cuaderno.write, Numbers(report, cuaderno.lang)
    rows = [
        {
            "where": _where(cuaderno, report, c.place),
            "left": own_words(report, c.place.document, c.left or "–"),
            "word": own_words(report, c.place.document, c.word),
            "right": own_words(report, c.place.document, c.right or "–"),
        }
        for c in report.contexts[:limit]
    ]
    return table_of(
        numbers,
        say("table_context"),
        (
            Column("where", say("column_where")),
            Column("left", say("column_left")),
            Column("word", say("column_word")),
            Column("right", say("column_right")),
        ),
        rows,
    )


def words_table(cuaderno: Cuaderno, report: CodingReport, limit: int = 30) -> Table:
    """Show the most frequent words, in the language of most documents."""
    languages = [document.language for document in report.corpus.documents.values()]
    spoken = max(languages, key=languages.count)
    say, numbers = cuaderno.write, Numbers(report, cuaderno.lang)
    rows = [
        {
            "word": texts.Foreign(row.word, spoken),
            "count": numbers.count(row.count_, method="counted_words"),
            "documents": numbers.count(row.documents, method="counted_words"),
        }
        for row in report.words.head(limit).rename(columns={"count": "count_"}).itertuples()
    ]
    return table_of(
        numbers,
        say("table_words"),
        (
            Column("word", say("column_word")),
            Column("count", say("column_times"), numeric=True),
            Column("documents", say("column_documents"), numeric=True),
        ),
        rows,
        note=say("note_words"),
    )
