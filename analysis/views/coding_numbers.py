"""Numbers, names and places that the tables and figures of coding share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analysis import texts
from analysis.coding.frequencies import segments_of
from analysis.coding.report import CodingReport
from analysis.provenance import Base, Origin, Quantity, Share
from analysis.rounding import RoundingRule
from analysis.tables import Column, Table


def code_names(report: CodingReport, lang: str) -> dict[str, str]:
    """Name codes; two codes of the same name get that of the code above too."""
    book = report.corpus.codebook
    names = [code.name(lang) for code in book]
    return {
        c.code: c.name(lang) if names.count(c.name(lang)) == 1 else book.path(c.code, lang)
        for c in book
    }


def origin(report: CodingReport, lang: str, code: str) -> Origin:
    """Say which segments what is counted of a code comes from; without any, which documents."""
    used = report.codings[report.codings["code"] == code]
    if used.empty:
        return whole_origin(report, lang, report.coder)
    documents = [report.corpus.documents[d] for d in dict.fromkeys(used["document"])]
    return Origin(
        report.corpus.label[lang],
        f"corpus/{report.corpus.id}/codings/{report.coder}.csv",
        tuple(dict.fromkeys(segments_of(used))),
        "; ".join(dict.fromkeys(d.section for d in documents if d.section)),
    )


def whole_origin(report: CodingReport, lang: str, coder: str) -> Origin:
    """Say that a number comes from all that a coder coded, by document."""
    used = report.corpus.codings[report.corpus.codings["coder"] == coder]
    return Origin(
        report.corpus.label[lang],
        f"corpus/{report.corpus.id}/codings/{coder}.csv",
        tuple(d for d in report.corpus.documents if d in set(used["document"])),
        "",
    )


class Numbers:
    """Numbers of a report with their origin and class."""

    def __init__(self, report: CodingReport, lang: str) -> None:
        self.report, self.lang = report, lang
        self.evidence = report.corpus.evidence
        self.everything = (whole_origin(report, lang, report.coder),)
        self.both = tuple(whole_origin(report, lang, c) for c in (report.coder, report.second))
        self._origins: dict[str, tuple[Origin, ...]] = {}

    def of(self, code: str) -> tuple[Origin, ...]:
        """Return the origin of what is counted of a code."""
        if code not in self._origins:
            self._origins[code] = (origin(self.report, self.lang, code),)
        return self._origins[code]

    def count(
        self, value: int, origins: tuple[Origin, ...] | None = None, method: str = "coded_segments"
    ) -> Quantity:
        """Wrap a count."""
        return Quantity(
            value=int(value),
            evidence=self.evidence,
            origins=origins or self.everything,
            method=method,
        )

    def decimal(self, value: float | None, method: str, decimals: int = 2) -> Quantity | str:
        """Wrap a coefficient; a dash without value."""
        if value is None:
            return "–"
        return Quantity(
            value=None,
            shown=texts.number(round(value, decimals), self.lang, decimals),
            evidence=self.evidence,
            origins=self.both,
            method=method,
        )

    def share(
        self,
        count: int,
        base: Base,
        origins: tuple[Origin, ...] | None = None,
        method: str = "count_over_base",
        *,
        with_count: bool = False,
    ) -> Share | str:
        """Wrap a share of all documents, segments or units; a dash of none."""
        if not base.n:
            return "–"
        return Share(
            evidence=self.evidence,
            origins=origins or self.everything,
            base=base,
            rounding=RoundingRule.HALF_UP,
            method=method,
            interval=None,
            no_interval="complete_list",
            count=int(count),
            with_count=with_count,
        )

    def in_documents(self, code: str, *, with_count: bool = False) -> Share | str:
        """Return the share of documents that bear a code."""
        own = self.report.own
        return self.share(
            own.table.loc[code, "documents"],
            Base("document", own.documents),
            self.of(code),
            with_count=with_count,
        )

    def in_segments(self, code: str) -> Share | str:
        """Return the share of segments that bear a code."""
        own = self.report.own
        return self.share(
            own.table.loc[code, "segments"], Base("segment", own.segments), self.of(code)
        )


def table_of(
    numbers: Numbers,
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[dict[str, object]],
    *,
    origins: tuple[Origin, ...] | None = None,
    note: str = "",
) -> Table:
    """Make a table of what is counted in a report."""
    return Table(
        caption=caption,
        columns=tuple(columns),
        rows=tuple(rows),  # type: ignore[arg-type]
        evidence=frozenset({numbers.evidence}),
        origins=origins or numbers.everything,
        own_calculation=True,
        note=note,
    )


def own_words(report: CodingReport, document: str, text: str) -> texts.Foreign:
    """Say the language of words that are a document's own: its title, a passage of it."""
    return texts.Foreign(text, report.corpus.documents[document].language)


def short_title(report: CodingReport, document: str, lang: str) -> str:
    """Name a document by its section of the source where no other has it, else by its title."""
    sections = [d.section for d in report.corpus.documents.values()]
    own = report.corpus.documents[document]
    if not own.section or sections.count(own.section) > 1:
        return own.title
    if not own.section[0].isdigit():
        return texts.section_name(own.section, lang)
    numbered = texts.label("coding.numbered_section", lang, section=own.section)
    return own.title if own.language == lang else numbered
