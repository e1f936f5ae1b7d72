"""Tables and figures of the cuaderno 04_medicion."""

from __future__ import annotations

from decimal import Decimal

from analysis import charts, texts
from analysis.audit import Audited
from analysis.charts import Chart
from analysis.cuaderno import Cuaderno
from analysis.measurement import MANAGEMENT_CLAIM, MeasurementDiagnosis, fits, nearest_counts
from analysis.provenance import Base, EvidenceClass, Quantity, Share
from analysis.published import Study
from analysis.tables import Column, Table, Tag, merged_origins

_PUBLISHED = frozenset({EvidenceClass.PUBLISHED})
_BOUNDED = frozenset({EvidenceClass.BOUNDED})


def values(cuaderno: Cuaderno, study: Study, result: MeasurementDiagnosis) -> dict[str, object]:
    """Return what the prose of the cuaderno names."""
    lang = cuaderno.lang
    smallest, respondents = result.smallest, int(result.respondents.value or 0)
    total = sum(share.percentage.decimal for share in result.published.values())
    each = -(-smallest // respondents) if smallest else 0
    alone = result.smallest_alone["intermitente"]
    hypothesis = next(iter(result.hypotheses), None)
    interval = next(iter(hypothesis.wilson.values())).interval if hypothesis else None
    about = result.management
    return {
        "discretionary": result.published["discrecional"],
        "intermittent": result.published["intermitente"],
        "constant": result.published["constante"],
        "management": _qualified(study, about, lang),
        "respondents": result.respondents,
        "smallest": result.bounded(smallest) if smallest else "",
        "smallest_intermittent": result.bounded(alone) if alone else "–",
        "mentions_each": result.bounded(each) if each else "",
        "mentions_min": "yes" if smallest else "",
        "n_bases": result.bounded(len(result.feasible)),
        "total": Quantity(
            value=None,
            shown=texts.percent(total, lang),
            evidence=EvidenceClass.BOUNDED,
            origins=result.origins[:-1],
            method="sum_of_printed",
        ),
        "overlap": "all" if result.all_overlap else "some",
        "rule_name": texts.label(f"rounding.{result.rule}", lang),
        "rule_short": texts.label(f"rounding_name.{result.rule}", lang),
        "max_base": texts.number(result.max_base, lang),
        "level": texts.Computed(texts.percent(Decimal(f"{100 * interval.level:g}"), lang))
        if interval
        else "",
        "study": study.citation,
        "data_year": study.claim("cif_012").value[:4],
    }


def _qualified(study: Study, share: Share, lang: str) -> Quantity:
    """Return the ~80 % with its «cerca de», which a bare percentage would lose."""
    claim = study.claim(MANAGEMENT_CLAIM)
    return Quantity(
        value=None,
        shown=texts.label(f"qualifier.{claim.qualifier}", lang, value=share.text(lang)),
        evidence=EvidenceClass.PUBLISHED,
        origins=share.origins,
        method="printed_no_base",
    )


def _name(study: Study, code: str, lang: str) -> str:
    return study.code_label("intensity", code, lang)


def published_table(
    cuaderno: Cuaderno, study: Study, result: MeasurementDiagnosis, audited: list[Audited]
) -> Table:
    """Show what the study printed, with the base that it states and the verdict of the audit."""
    lang, say = cuaderno.lang, cuaderno.write
    verdicts = {item.claim.id: item.verdict for item in audited}
    rows = []
    for share in [*result.published.values(), result.management]:
        claim = study.claim(share.origins[0].rows[0])
        verdict = verdicts[claim.id]
        rows.append(
            {
                "figure": claim.measure[lang],
                "value": _qualified(study, share, lang) if claim.qualifier != "exacto" else share,
                "base": claim.stated_base[lang] or texts.label("base_status.no_declarada", lang),
                "verdict": Tag(verdict.key, texts.label(f"verdict.{verdict.key}", lang)),
            }
        )
    return Table(
        caption=say("table_published"),
        columns=(
            Column("figure", say("column_figure")),
            Column("value", say("column_value"), numeric=True),
            Column("base", say("column_base")),
            Column("verdict", say("column_verdict")),
        ),
        rows=tuple(rows),
        evidence=_PUBLISHED,
        origins=merged_origins(*result.published.values(), result.management),
        own_calculation=False,
    )


def _of_respondents(result: MeasurementDiagnosis, count: int) -> Share:
    """Return a count of those that answered, as a share that nobody reported."""
    return Share(
        evidence=EvidenceClass.BOUNDED,
        origins=result.origins,
        base=Base("respondent", result.respondents.value),
        rounding=result.rule,
        method="hypothetical_base",
        interval=None,
        no_interval="hypothetical",
        count=count,
        with_count=True,
    )


def nearest_table(cuaderno: Cuaderno, study: Study, result: MeasurementDiagnosis) -> Table:
    """Show what each share would be among the entities that answered."""
    lang, say = cuaderno.lang, cuaderno.write
    base = int(result.respondents.value or 0)
    rows = []
    for code, share in result.published.items():
        counts = nearest_counts(share, base, result.rule)
        low, high = (_of_respondents(result, count) for count in (counts[0], counts[-1]))
        fit = fits(share, base, result.rule)
        rows.append(
            {
                "way": _name(study, code, lang),
                "value": share,
                "low": low,
                "high": say("same") if fit else high,
                "fits": Tag(
                    "possible" if fit else "impossible", say("fits_yes" if fit else "fits_no")
                ),
            }
        )
    return Table(
        caption=say("table_ten"),
        columns=(
            Column("way", say("column_way")),
            Column("value", say("column_value"), numeric=True),
            Column("low", say("column_low"), numeric=True),
            Column("high", say("column_high"), numeric=True),
            Column("fits", say("column_fits")),
        ),
        rows=tuple(rows),
        evidence=_PUBLISHED | _BOUNDED,
        origins=result.origins,
        own_calculation=True,
    )


def _bases_text(bases: tuple[int, ...], cuaderno: Cuaderno, most: int = 12) -> str:
    if not bases:
        return cuaderno.write("none")
    numbers = [texts.number(base, cuaderno.lang) for base in bases[:most]]
    return ", ".join(numbers) + (" …" if len(bases) > most else "")


def bases_figure(cuaderno: Cuaderno, result: MeasurementDiagnosis) -> Chart:
    """Draw the feasible bases under each rounding rule."""
    lang, say = cuaderno.lang, cuaderno.write
    names = {rule: texts.label(f"rounding_short.{rule}", lang) for rule in result.by_rule}
    table = Table(
        caption=say("table_bases"),
        columns=(
            Column("rule", say("column_rule")),
            Column("first", say("column_first"), numeric=True),
            Column("count", say("column_count"), numeric=True),
            Column("list", say("column_list")),
        ),
        rows=tuple(
            {
                "rule": names[rule],
                "first": result.bounded(bases[0]) if bases else say("none"),
                "count": result.bounded(len(bases)),
                "list": _bases_text(bases, cuaderno),
            }
            for rule, bases in result.by_rule.items()
        ),
        evidence=_BOUNDED,
        origins=result.origins,
        own_calculation=True,
    )
    return charts.feasible_bases(
        {names[rule]: bases for rule, bases in result.by_rule.items()},
        impossible=int(result.respondents.value or 0),
        limit=result.max_base,
        table=table,
        title=say("figure_bases"),
        caption=say("caption_bases"),
        lang=lang,
    )


def mentions_table(cuaderno: Cuaderno, result: MeasurementDiagnosis) -> Table:
    """Show the feasible bases of mentions by the most mentions of each respondent."""
    say, respondents = cuaderno.write, int(result.respondents.value or 0)
    return Table(
        caption=say("table_mentions"),
        columns=(
            Column("each", say("column_each")),
            Column("max", say("column_max"), numeric=True),
            Column("feasible", say("column_feasible")),
        ),
        rows=tuple(
            {
                "each": texts.number(most, cuaderno.lang),
                "max": result.bounded(most * respondents),
                "feasible": _bases_text(bases, cuaderno),
            }
            for most, bases in result.by_mentions.items()
        ),
        evidence=_BOUNDED,
        origins=result.origins,
        own_calculation=True,
    )


def intervals_table(
    cuaderno: Cuaderno, study: Study, result: MeasurementDiagnosis, *, first_only: bool = False
) -> Table:
    """Show both intervals of every share on every feasible base, or on the smallest only."""
    lang, say = cuaderno.lang, cuaderno.write
    hypotheses = result.hypotheses[:1] if first_only else result.hypotheses
    rows = tuple(
        {
            "base": result.bounded(hypothesis.base),
            "way": _name(study, code, lang),
            "count": result.bounded(share.count or 0),
            "share": share,
            "wilson": share.interval or "–",
            "exact": hypothesis.clopper_pearson[code].interval or "–",
            "together": hypothesis.together.get(code, "–"),
        }
        for hypothesis in hypotheses
        for code, share in hypothesis.wilson.items()
    )
    return Table(
        caption=say("table_intervals_figure" if first_only else "table_intervals"),
        columns=(
            Column("way", say("column_way")),
            Column("base", say("column_base_n"), numeric=True),
            Column("count", say("column_hypothetical"), numeric=True),
            Column("share", say("column_share"), numeric=True),
            Column("wilson", say("column_wilson"), numeric=True),
            Column("exact", say("column_exact"), numeric=True),
            Column("together", say("column_together"), numeric=True),
        ),
        rows=rows,
        evidence=_BOUNDED,
        origins=result.origins,
        own_calculation=True,
        note=say("note_intervals"),
    )


def intervals_figure(cuaderno: Cuaderno, study: Study, result: MeasurementDiagnosis) -> Chart:
    """Draw the interval of each share on the smallest feasible base."""
    lang, say = cuaderno.lang, cuaderno.write
    names = {code: _name(study, code, lang) for code in result.published}
    return charts.intervals(
        {names[code]: share for code, share in result.hypotheses[0].wilson.items()},
        {names[code]: share for code, share in result.published.items()},
        table=intervals_table(cuaderno, study, result, first_only=True),
        title=say("figure_intervals"),
        caption=say("caption_intervals"),
        lang=lang,
    )
