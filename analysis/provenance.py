"""What a number is and where it comes from.

Nothing is shown that does not carry its class of evidence and its origin. A share cannot exist
without a count or a published value, a base with its unit, a rounding rule, a method, an interval
(or the reason why there is none), a class and an origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from analysis import texts
from analysis.rounding import ReportedPercentage, RoundingRule, count_range, round_ratio

UNSTATED: Final = "unstated"
"""Rounding rule of a published percentage whose source does not tell it."""


class EvidenceClass(StrEnum):
    """Class of evidence of a number; never mixed, always shown."""

    PUBLISHED = "published"
    BOUNDED = "bounded"
    OBSERVED = "observed"
    DEMO = "demo"


class ProvenanceError(ValueError):
    """A value lacks something that it needs in order to be shown."""


@dataclass(frozen=True)
class Origin:
    """Rows that a value comes from.

    Parameters
    ----------
    document : str
        Source document or wave, as it is cited.
    table : str
        Table of ``data/raw`` that holds the rows.
    rows : tuple of str
        Identifiers of the rows; at least one.
    section : str
        Section of the document, or item of the questionnaire.
    """

    document: str
    table: str
    rows: tuple[str, ...]
    section: str

    def __post_init__(self) -> None:
        """Refuse an origin that names nothing."""
        if not isinstance(self.rows, tuple):
            raise ProvenanceError("Las filas de un origen son una tupla de identificadores.")
        if not (self.document and self.table and self.rows and all(self.rows)):
            raise ProvenanceError("Un origen necesita documento, tabla y al menos una fila.")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def check_evidence(evidence: object) -> None:
    """Refuse anything that is not a class of evidence."""
    if not isinstance(evidence, EvidenceClass):
        raise ProvenanceError(f"«{evidence}» no es una clase de evidencia.")


def check_origins(origins: object) -> None:
    """Refuse an empty or ill-typed tuple of origins."""
    if not (isinstance(origins, tuple) and origins and all(isinstance(o, Origin) for o in origins)):
        raise ProvenanceError("Falta el origen: una tupla con al menos un Origin.")


@dataclass(frozen=True)
class Base:
    """What a share is a share of.

    Parameters
    ----------
    unit : str
        Key of the unit in ``labels.yml`` (``base_unit``): ``city``, ``mention``, ``reference`` ...
    n : int, optional
        Size; None when the source does not publish it.
    """

    unit: str
    n: int | None = None

    def __post_init__(self) -> None:
        """Refuse a base without unit or of no one."""
        if not self.unit:
            raise ProvenanceError("La base necesita su unidad (ciudad, mención, referencia …).")
        if self.n is not None and not _whole(self.n):
            raise ProvenanceError(f"La base es un número entero; se recibió {self.n}.")
        if self.n is not None and self.n < 1:
            raise ProvenanceError(f"La base debe ser de 1 o más; se recibió {self.n}.")

    def text(self, lang: str) -> str:
        """Write the base, e.g. «10 ciudades»."""
        if self.n is None:
            return texts.label("base.unpublished", lang, unit=self.units(lang))
        return texts.label(f"base_unit.{self.unit}", lang, count=self.n)

    def units(self, lang: str) -> str:
        """Name the unit in the plural, without a number."""
        return texts.label(f"base_unit_plural.{self.unit}", lang)


@dataclass(frozen=True)
class Interval:
    """Interval of a share, as proportions in [0, 1], with its level and method."""

    lower: float
    upper: float
    level: float
    method: str

    def __post_init__(self) -> None:
        """Refuse an interval that is not one."""
        if not 0 <= self.lower <= self.upper <= 1:
            raise ProvenanceError(f"Intervalo imposible: {self.lower} a {self.upper}.")
        if not 0 < self.level < 1:
            raise ProvenanceError(f"El nivel de un intervalo está entre 0 y 1: {self.level}.")


@dataclass(frozen=True, kw_only=True)
class Share:
    """A percentage with everything that it needs in order to be read.

    Parameters
    ----------
    evidence : EvidenceClass
        Published shares carry the printed value; bounded, observed and demo ones a count and a
        base of known size.
    origins : tuple of Origin
        Where it comes from.
    base : Base
        What it is a share of.
    rounding : RoundingRule or ``UNSTATED``
        Rule that turns the count into the percentage shown; ``UNSTATED`` only for a published
        share whose source does not tell it.
    method : str
        Key of the method in ``labels.yml`` (``method``).
    interval : Interval, optional
        Uncertainty of the share.
    no_interval : str
        Key of the reason in ``labels.yml`` (``no_interval``) when there is no interval.
    count : int, optional
        Members of the base that the share counts.
    published : ReportedPercentage, optional
        Printed percentage.
    decimals : int
        Decimals shown when the percentage is computed from the count.
    with_count : bool
        Whether it is written as «4 de 10 (40 %)».

    Raises
    ------
    ProvenanceError
        When something is missing or contradicts the rest.
    """

    evidence: EvidenceClass
    origins: tuple[Origin, ...]
    base: Base
    rounding: RoundingRule | str
    method: str
    interval: Interval | None
    no_interval: str = ""
    count: int | None = None
    published: ReportedPercentage | None = None
    decimals: int = 0
    with_count: bool = False

    def __post_init__(self) -> None:
        """Refuse a naked percentage."""
        check_evidence(self.evidence)
        check_origins(self.origins)
        if not isinstance(self.base, Base):
            raise ProvenanceError("Un porcentaje necesita su base.")
        if not self.method:
            raise ProvenanceError("Un porcentaje necesita su método.")
        if self.published is not None and not isinstance(self.published, ReportedPercentage):
            raise ProvenanceError("El valor impreso debe ser un ReportedPercentage.")
        if self.interval is not None and not isinstance(self.interval, Interval):
            raise ProvenanceError("El intervalo debe ser un Interval.")
        if not _whole(self.decimals) or self.decimals < 0:
            raise ProvenanceError(f"Los decimales son un entero desde 0, no {self.decimals}.")
        if self.count is not None and not _whole(self.count):
            raise ProvenanceError(f"El recuento es un entero; se recibió {self.count}.")
        if (self.interval is None) == (not self.no_interval):
            raise ProvenanceError("Un porcentaje lleva su intervalo o la razón de que no lo haya.")
        if self.evidence is EvidenceClass.PUBLISHED:
            if self.published is None:
                raise ProvenanceError("Un porcentaje publicado necesita el valor impreso.")
        elif self.count is None or self.base.n is None:
            raise ProvenanceError("Un porcentaje calculado necesita su recuento y su base.")
        if not isinstance(self.rounding, RoundingRule) and not (
            self.rounding == UNSTATED and self.evidence is EvidenceClass.PUBLISHED
        ):
            raise ProvenanceError("Un porcentaje necesita su regla de redondeo.")
        if self.count is not None and (self.base.n is None or not 0 <= self.count <= self.base.n):
            raise ProvenanceError(f"El recuento {self.count} no cabe en la base {self.base.n}.")
        self._check_coherence()

    def _check_coherence(self) -> None:
        """Refuse a printed value or an interval that contradicts the count."""
        if self.count is None or self.base.n is None:
            return
        if self.published is not None and isinstance(self.rounding, RoundingRule):
            counts = count_range(self.published, self.base.n, self.rounding)
            if self.count not in counts:
                raise ProvenanceError(
                    f"{self.count} de {self.base.n} no se redondea a {self.published} %."
                )
        near = 1e-9  # of the arithmetic of an interval
        if self.interval is not None and not (
            self.interval.lower - near <= self.count / self.base.n <= self.interval.upper + near
        ):
            raise ProvenanceError(
                f"El intervalo no contiene su proporción, {self.count} de {self.base.n}."
            )

    @property
    def proportion(self) -> Fraction:
        """Exact proportion: count over base, else the printed value."""
        if self.count is not None and self.base.n is not None:
            return Fraction(self.count, self.base.n)
        assert self.published is not None
        return Fraction(self.published.scaled, 100 * 10**self.published.decimals)

    @property
    def percentage(self) -> ReportedPercentage:
        """Percentage as shown: the printed one, else the count rounded by the rule."""
        if self.published is not None:
            return self.published
        scaled = round_ratio(
            self.count,
            self.base.n,
            self.decimals,
            self.rounding,  # type: ignore[arg-type]
        )
        return ReportedPercentage(scaled, self.decimals)

    @property
    def sort_key(self) -> Fraction:
        """What a table sorts by."""
        return self.proportion

    def text(self, lang: str) -> str:
        """Write the percentage, e.g. «48 %»."""
        text = texts.percent(self.percentage.decimal, lang)
        if self.with_count and self.count is not None and self.base.n is not None:
            count, base = (texts.number(number, lang) for number in (self.count, self.base.n))
            return texts.label("share.of_base", lang, count=count, base=base, percent=text)
        return text

    def details(self, lang: str) -> list[tuple[str, str]]:
        """List everything that stands behind the number, as pairs of label and text."""
        say = texts.label
        count = (
            say("share.count_of", lang, count=texts.number(self.count, lang))
            if self.count is not None
            else say("share.no_count", lang)
        )
        if self.interval is None:
            interval = say(f"no_interval.{self.no_interval}", lang)
        else:
            interval = interval_text(self.interval, lang)
        return [
            (say("share.evidence", lang), evidence_name(self.evidence, lang)),
            (say("share.count", lang), count),
            (say("share.base", lang), self.base.text(lang)),
            (say("share.rounding", lang), say(f"rounding.{self.rounding}", lang)),
            (say("share.method", lang), say(f"method.{self.method}", lang)),
            (say("share.interval", lang), interval),
            (say("share.origin", lang), origin_text(self.origins, lang)),
        ]


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """Any other number (or date) that is shown: a count, an amount, a base.

    Parameters
    ----------
    value : int
        The number itself, or the number behind ``shown``.
    evidence : EvidenceClass
        Class of evidence.
    origins : tuple of Origin
        Where it comes from.
    method : str
        Key of the method in ``labels.yml`` (``method``).
    shown : str
        Text to show instead of the formatted value, e.g. a date.
    """

    value: int | None
    evidence: EvidenceClass
    origins: tuple[Origin, ...]
    method: str
    shown: str = ""

    def __post_init__(self) -> None:
        """Refuse a number without class, origin or method."""
        check_evidence(self.evidence)
        check_origins(self.origins)
        if not self.method:
            raise ProvenanceError("Un número necesita su método.")
        if self.value is None and not self.shown:
            raise ProvenanceError("Un número necesita su valor.")

    @property
    def sort_key(self) -> int | None:
        """What a table sorts by; None when only the text can say."""
        return self.value

    def text(self, lang: str) -> str:
        """Write the number."""
        return self.shown or texts.number(self.value, lang)  # type: ignore[arg-type]

    def details(self, lang: str) -> list[tuple[str, str]]:
        """List what stands behind the number, as pairs of label and text."""
        say = texts.label
        return [
            (say("share.evidence", lang), evidence_name(self.evidence, lang)),
            (say("share.method", lang), say(f"method.{self.method}", lang)),
            (say("share.origin", lang), origin_text(self.origins, lang)),
        ]


Shown = Share | Quantity


def evidence_name(evidence: EvidenceClass, lang: str) -> str:
    """Name a class of evidence in the reader's language."""
    return texts.label(f"evidence.{evidence}.name", lang)


def interval_text(interval: Interval, lang: str) -> str:
    """Write an interval, e.g. «11 % a 35 % (Wilson, 95 %)»."""
    return texts.label(
        "share.interval_of",
        lang,
        lower=texts.percent(round(100 * interval.lower, 1), lang, 1),
        upper=texts.percent(round(100 * interval.upper, 1), lang, 1),
        method=texts.label(f"interval_method.{interval.method}", lang),
        level=texts.percent(Decimal(f"{100 * interval.level:g}"), lang),
    )


def interval_name(shares: Iterable[Share], lang: str) -> str:
    """Name the method of the intervals of some shares; empty when none has an interval."""
    methods = dict.fromkeys(s.interval.method for s in shares if s.interval)
    return texts.listing([texts.label(f"interval_method.{m}", lang) for m in methods], lang)


def origin_text(origins: Iterable[Origin], lang: str) -> str:
    """Write tables, rows and sections of one or several origins."""
    parts: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for origin in origins:
        rows, sections = parts.setdefault((origin.document, origin.table), ([], []))
        rows += [row for row in origin.rows if row not in rows]
        sections += [s for s in origin.section.split("; ") if s and s not in sections]
    return "; ".join(
        texts.label(
            "origin.rows",
            lang,
            document=document,
            table=table,
            rows=_abridged(rows, lang),
            section=sections_text(sections, lang),
        )
        for (document, table), (rows, sections) in parts.items()
    )


def source_line(origins: Iterable[Origin], lang: str, *, own_calculation: bool) -> str:
    """Write the source line of a figure or table.

    Parameters
    ----------
    origins : iterable of Origin
        Origins of everything that it shows.
    lang : str
        Language.
    own_calculation : bool
        Whether anything in it was computed here rather than printed in the source.
    """
    sections: dict[str, list[str]] = {}
    for origin in origins:
        known = sections.setdefault(origin.document, [])
        known += [s for s in origin.section.split("; ") if s and s not in known]
    cited = "; ".join(
        texts.label("origin.cited", lang, document=document, section=sections_text(found, lang))
        for document, found in sections.items()
    )
    key = "origin.source_computed" if own_calculation else "origin.source"
    return texts.label(key, lang, cited=cited)


def _abridged(rows: list[str], lang: str, limit: int = 6) -> str:
    """Write row identifiers; a long list as the first, the last and how many."""
    if len(rows) <= limit:
        return ", ".join(rows)
    return texts.label(
        "origin.many_rows", lang, first=rows[0], last=rows[-1], n=texts.number(len(rows), lang)
    )


def sections_text(sections: Sequence[str], lang: str, limit: int = 4) -> str:
    """Name sections, e.g. «secciones 2.1 y 2.2.a; Caso 7»; more than ``limit`` are counted."""
    if not sections:
        return texts.label("origin.whole_document", lang)
    if len(sections) > limit:
        return texts.label("origin.many_sections", lang, n=texts.number(len(sections), lang))
    plain = [texts.section_name(s, lang) for s in sections if s[:1].isdigit()]
    named = [texts.section_name(s, lang) for s in sections if not s[:1].isdigit()]
    parts = []
    if plain:
        key = "origin.section" if len(plain) == 1 else "origin.sections"
        parts.append(texts.label(key, lang, names=texts.listing(plain, lang)))
    return texts.listing([*parts, *named], lang)
