"""Tables and figures of the cuaderno 01_auditoria."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analysis import charts, texts
from analysis.audit import Audited, Oddity, Verdict
from analysis.audit.magnitudes import MAX_BASE, rate_range, total_range
from analysis.audit.values import value_text
from analysis.charts import Chart
from analysis.cuaderno import Cuaderno
from analysis.provenance import EvidenceClass, Origin, Quantity, Share
from analysis.published import Study
from analysis.tables import Column, Table, Tag, merged_origins

STUDY_SCOPES = ("estudio", "documento")
_CLASSES = frozenset({EvidenceClass.PUBLISHED, EvidenceClass.BOUNDED})


def _audit_origin(study: Study, audited: Iterable[Audited]) -> Origin:
    return study.origin("claims", [item.claim.id for item in audited])


def _count(study: Study, audited: list[Audited], number: int) -> Quantity:
    return Quantity(
        value=number,
        evidence=EvidenceClass.BOUNDED,
        origins=(_audit_origin(study, audited),),
        method="audit",
    )


def values(
    cuaderno: Cuaderno, study: Study, audited: list[Audited], found: list[Oddity]
) -> dict[str, object]:
    """Return what the prose of the cuaderno names."""
    lang = cuaderno.lang
    by_verdict = {v: sum(item.verdict is v for item in audited) for v in Verdict}
    pesos, dollars, share = (study.claim(i) for i in ("cif_023", "cif_024", "cif_025"))
    money = (pesos.origin, dollars.origin, share.origin)

    def deduced(text: str) -> Quantity:
        return Quantity(
            value=None, shown=text, evidence=EvidenceClass.BOUNDED, origins=money, method="inverse"
        )

    def printed(claim_id: str) -> Quantity | Share:
        claim = study.claim(claim_id)
        if claim.kind == "porcentaje":
            return study.share(claim_id)
        return Quantity(
            value=None,
            shown=value_text(claim, lang),
            evidence=EvidenceClass.PUBLISHED,
            origins=(claim.origin,),
            method="printed",
        )

    rates = [texts.number(rate, lang, 2) for rate in rate_range(pesos, dollars)]
    totals = [texts.number(round(t / 10**6, 1), lang, 1) for t in total_range(pesos, share)]
    return {
        "total": _count(study, audited, len(audited)),
        "checked": _count(study, audited, sum(item.checked for item in audited)),
        "matches": _count(study, audited, by_verdict[Verdict.MATCHES]),
        "possible": _count(study, audited, by_verdict[Verdict.POSSIBLE]),
        "impossible": _count(study, audited, by_verdict[Verdict.IMPOSSIBLE]),
        "unverifiable": _count(study, audited, by_verdict[Verdict.UNVERIFIABLE]),
        "lists_match": "yes" if _lists_match(audited) else "",
        "odd": [oddity.id for oddity in found if oddity.holds],
        "derived": _count(study, audited, sum(not item.claim.stated for item in audited)),
        "respondents": study.quantity("cif_123"),
        "intermittent": study.share("cif_098"),
        "constant": study.share("cif_099"),
        "pesos": printed("cif_023"),
        "dollars": printed("cif_024"),
        "share": printed("cif_025"),
        "rate_low": deduced(rates[0]),
        "rate_high": deduced(rates[1]),
        "total_low": deduced(totals[0]),
        "total_high": deduced(totals[1]),
        "study": study.citation,
        "max_base": texts.number(MAX_BASE, lang),
        "data_year": f"{study.claim('cif_012').value[:4]}–{study.year}",
    }


def _lists_match(audited: list[Audited]) -> bool:
    """Tell whether every count of the study that can be checked matches."""
    counts = [i for i in of_scopes(audited, STUDY_SCOPES) if i.claim.kind == "conteo"]
    return all(i.verdict is not Verdict.IMPOSSIBLE for i in counts)


def section_names(section: str, lang: str) -> str:
    """Name the parts of the source that a cell of the tables joins with semicolons."""
    return "; ".join(texts.section_name(part, lang) for part in section.split("; "))


def _tag(verdict: Verdict, lang: str) -> Tag:
    return Tag(verdict.key, texts.label(f"verdict.{verdict.key}", lang))


def claims_table(
    cuaderno: Cuaderno, study: Study, audited: Iterable[Audited], caption: str
) -> Table:
    """Show figures with their verdict and its reason."""
    lang, say = cuaderno.lang, cuaderno.write
    chosen = list(audited)
    rows = []
    for item in chosen:
        claim = item.claim
        plain = claim.kind == "porcentaje" and claim.qualifier == "exacto"
        value: Quantity | Share = (
            study.share(claim.id)
            if plain
            else Quantity(
                value=None,
                shown=value_text(claim, lang),
                evidence=claim.evidence,
                origins=(claim.origin,),
                method="printed" if claim.stated else "counted_list",
            )
        )
        rows.append(
            {
                "figure": claim.measure[lang],
                "value": value,
                "verdict": _tag(item.verdict, lang),
                "reason": item.reason(lang),
                "section": section_names(claim.origin.section, lang),
            }
        )
    return Table(
        caption=caption,
        columns=(
            Column("figure", say("column_figure")),
            Column("value", say("column_value")),
            Column("verdict", say("column_verdict")),
            Column("reason", say("column_reason"), wide=True),
            Column("section", say("column_section")),
        ),
        rows=tuple(rows),
        evidence=_CLASSES,
        origins=(_audit_origin(study, chosen),),
        own_calculation=True,
    )


def of_scopes(audited: Iterable[Audited], scopes: Iterable[str]) -> list[Audited]:
    """Keep the figures about some subjects."""
    wanted = set(scopes)
    return [item for item in audited if item.claim.scope in wanted]


def other_tables(cuaderno: Cuaderno, study: Study, audited: list[Audited]) -> list[Table]:
    """Return a table for each of the other subjects, in order."""
    scopes = dict.fromkeys(i.claim.scope for i in audited if i.claim.scope not in STUDY_SCOPES)
    return [
        claims_table(
            cuaderno,
            study,
            of_scopes(audited, [scope]),
            cuaderno.write("table_group", group=study.code_label("scope", scope, cuaderno.lang)),
        )
        for scope in scopes
    ]


def verdicts_figure(cuaderno: Cuaderno, study: Study, audited: list[Audited]) -> Chart:
    """Draw how many figures of each subject got each verdict."""
    lang, say = cuaderno.lang, cuaderno.write
    frame = pd.DataFrame(
        {
            "scope": [study.code_label("scope", item.claim.scope, lang) for item in audited],
            "verdict": [item.verdict for item in audited],
        }
    )
    counts = pd.crosstab(frame["scope"], frame["verdict"])
    counts = counts.reindex(index=frame["scope"].unique(), columns=list(Verdict), fill_value=0)
    table = Table(
        caption=say("table_verdicts"),
        columns=(
            Column("group", say("column_group")),
            *(Column(v.key, texts.label(f"verdict.{v.key}", lang), numeric=True) for v in Verdict),
        ),
        rows=tuple(
            {"group": str(group), **{v.key: _count(study, audited, int(row[v])) for v in Verdict}}
            for group, row in counts.iterrows()
        ),
        evidence=_CLASSES,
        origins=(_audit_origin(study, audited),),
        own_calculation=True,
    )
    missing = counts[Verdict.UNVERIFIABLE]
    cases = study.code_label("scope", "caso", lang)
    mostly_cases = 2 * int(missing.get(cases, 0)) > int(missing.sum())
    return charts.verdicts(
        counts.rename(columns={v: texts.label(f"verdict.{v.key}", lang) for v in Verdict}),
        table=table,
        title=say("figure_verdicts" if mostly_cases else "figure_verdicts_even"),
        caption=say("caption_verdicts"),
        lang=lang,
    )


def oddities_table(cuaderno: Cuaderno, found: list[Oddity]) -> Table:
    """Show what is odd in the source; an oddity that the tables no longer show is left out."""
    lang, say = cuaderno.lang, cuaderno.write
    shown = [oddity for oddity in found if oddity.holds is not False]
    return Table(
        caption=say("table_oddities"),
        columns=(
            Column("oddity", say("column_oddity")),
            Column("detail", say("column_detail"), wide=True),
            Column("section", say("column_section")),
        ),
        rows=tuple(
            {
                "oddity": o.title(lang),
                "detail": o.text(lang),
                "section": section_names(o.section, lang),
            }
            for o in shown
        ),
        evidence=_CLASSES,
        origins=merged_origins(*(oddity.origins for oddity in shown)),
        own_calculation=True,
    )
