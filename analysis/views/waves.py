"""Tables and figures of the cuaderno comparacion_olas: change only where it can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis import charts, texts
from analysis.changes import Change, Changes, independent
from analysis.charts import Chart
from analysis.cuaderno import Cuaderno
from analysis.proportion import Difference, confidence_interval
from analysis.provenance import Base, EvidenceClass, Origin, Quantity, Share
from analysis.published import Study
from analysis.responses import Wave
from analysis.rounding import RoundingRule
from analysis.tables import Column, Table, Tag
from analysis.waves import Comparison

if TYPE_CHECKING:
    import pandas as pd

DRAWN = ("acc_diseno", "acc_implementacion", "acc_evaluacion", "mecanismos")
"""Questions with a figure: the actions by stage, and the mechanisms that measure."""
CLEAR = 0.05
"""A change is clear when its adjusted p-value is below this."""
_TAGS = {
    "comparable": "matches",
    "comparable_with_recode": "possible",
    "not_comparable": "impossible",
}


def wave_ids(text: str) -> tuple[str, ...]:
    """Read the parameter ``waves``: two identifiers or more, the earliest first.

    Raises
    ------
    ValueError
        When there is only one, or none.
    """
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if len(found) < 2:
        raise ValueError(
            f"waves: «{text}» debe nombrar dos olas distintas o más separadas por comas, la más "
            "antigua primero."
        )
    return found


def _origins(waves: tuple[Wave, ...], lang: str, *items: str) -> tuple[Origin, ...]:
    """Return the origins of some questions in the waves that have them."""
    return tuple(
        wave.origins(*dict.fromkeys(i for i in items if i and i in wave.instrument), lang=lang)
        for wave in waves
    )


def _evidence(waves: tuple[Wave, ...]) -> frozenset[EvidenceClass]:
    return frozenset(wave.evidence for wave in waves)


def _strictest(waves: tuple[Wave, ...]) -> EvidenceClass:
    """Return the class of a number that comes from several waves: one demo makes it demo."""
    demo = EvidenceClass.DEMO
    return demo if demo in _evidence(waves) else EvidenceClass.OBSERVED


def _quantity(found: Changes, value: int, lang: str) -> Quantity:
    return Quantity(
        value=value,
        evidence=_strictest(found.waves),
        origins=_origins(found.waves, lang),
        method="counted_answers",
    )


def _p_value(
    value: float, method: str, origins: tuple[Origin, ...], waves: tuple[Wave, ...], lang: str
) -> Quantity:
    return Quantity(
        value=None,
        shown=texts.number(round(value, 3), lang, 3),
        evidence=_strictest(waves),
        origins=origins,
        method=method,
    )


def values(cuaderno: Cuaderno, study: Study, found: Changes) -> dict[str, object]:
    """Return what the prose of the cuaderno names."""
    lang, waves = cuaderno.lang, found.waves
    verdicts: dict[str, set[str]] = {}
    for pair in found.pairs:
        for row in pair.items.to_dict("records"):
            key = row["item_a"] if isinstance(row["item_a"], str) else row["item_b"]
            verdicts.setdefault(str(key), set()).add(str(row["verdict"]))
    blocked = sum("not_comparable" in said for said in verdicts.values())
    alike = sum(said == {"comparable"} for said in verdicts.values())
    steps = [step for pair in found.steps for step in pair]
    clear = [step for step in steps if step.test and step.adjusted < CLEAR]
    moved = [trend for trend in found.trends if trend.test and trend.adjusted < CLEAR]
    years = [wave.meta.starts.year for wave in waves if wave.meta.starts]
    paired = found.paired
    separate = [independent(pair) for pair in found.pairs]
    return {
        "all_separate": "yes" if all(separate) else "",
        "some_separate": "yes" if any(separate) else "",
        "answered_a": _quantity(found, len(waves[0].respondents), lang),
        "answered_b": _quantity(found, len(waves[-1].respondents), lang),
        "study": study.citation,
        "names": texts.listing([wave.meta.label[lang] for wave in waves], lang),
        "demo": "yes" if EvidenceClass.DEMO in _evidence(waves) else "",
        "several": "yes" if len(waves) > 2 else "",
        "data_year": texts.listing(dict.fromkeys(map(str, years)), lang),
        "n_waves": _quantity(found, len(waves), lang),
        "paired": _quantity(found, len(paired), lang),
        "only_a": _quantity(found, len(waves[0].respondents) - len(paired), lang),
        "only_b": _quantity(found, len(waves[-1].respondents) - len(paired), lang),
        "comparable": _quantity(found, alike, lang),
        "recode": _quantity(found, len(verdicts) - alike - blocked, lang),
        "blocked": _quantity(found, blocked, lang),
        "n_changes": _quantity(found, len(steps), lang),
        "clear": _quantity(found, len(clear), lang),
        "any_clear": "yes" if clear else "",
        "n_trends": _quantity(found, len(found.trends), lang),
        "moved": _quantity(found, len(moved), lang),
    }


def share(
    wave: Wave, mark: pd.Series, others: tuple[pd.Series, ...], item: str, lang: str
) -> Share | None:
    """Return the share of a wave among those that answered in it and in the other waves."""
    whole = mark[mark.notna()]
    for other in others:
        whole = whole[other.reindex(whole.index).notna()]
    if not len(whole):
        return None
    count = int(whole.sum())
    return Share(
        evidence=wave.evidence,
        origins=(wave.origins(*([item] if item in wave.instrument else []), lang=lang),),
        base=Base("respondent", len(whole)),
        rounding=RoundingRule.HALF_UP,
        method="count_over_base",
        interval=confidence_interval(count, len(whole)),
        count=count,
        with_count=True,
    )


def verdicts_table(cuaderno: Cuaderno, found: Comparison) -> Table:
    """Show every question that changed, its verdict and why; the choices that are joined too."""
    lang, say = cuaderno.lang, cuaderno.write
    rows = []
    for row in found.table[found.table["change"] != "unchanged"].to_dict("records"):
        label = row[f"label_a_{lang}"]
        label = label if isinstance(label, str) else row[f"label_b_{lang}"]
        change = [texts.label(f"change.{part}", lang) for part in str(row["change"]).split("+")]
        verdict = str(row["verdict"])
        rows.append(
            {
                "question": ("– " if row["level"] == "choice" else "") + str(label),
                "change": texts.listing(change, lang),
                "verdict": Tag(_TAGS[verdict], texts.label(f"comparability.{verdict}", lang)),
                "reason": str(row[f"reason_{lang}"]),
            }
        )
    waves = (found.a, found.b)
    return Table(
        caption=say("table_verdicts", a=found.a.meta.label[lang], b=found.b.meta.label[lang]),
        columns=(
            Column("question", say("column_question"), wide=True),
            Column("change", say("column_change")),
            Column("verdict", say("column_verdict")),
            Column("reason", say("column_reason"), wide=True),
        ),
        rows=tuple(rows),
        evidence=_evidence(waves),
        origins=_origins(waves, lang),
        own_calculation=False,
    )


def _label(pair: Comparison, step: Change, lang: str) -> str:
    return pair.a.instrument.item(step.items[0]).choice(step.choice).label[lang]


def questions(found: Changes, at: int) -> list[str]:
    """List the questions that a wave and the next one can compare, those with a figure first."""
    items = dict.fromkeys(step.items[0] for step in found.steps[at])
    return sorted(items, key=lambda item: item not in DRAWN)


def _shares(pair: Comparison, step: Change, lang: str) -> tuple[Share | None, Share | None]:
    """Return the share of each wave, among the pairs unless the waves have other respondents."""
    before, after = step.marks
    return (
        share(pair.a, before, () if step.independent else (after,), step.items[0], lang),
        share(pair.b, after, () if step.independent else (before,), step.items[1], lang),
    )


def changes_table(cuaderno: Cuaderno, found: Changes, at: int, item: str) -> Table:
    """Show the shares of a wave and of the next one among the pairs, and how sure the change is."""
    lang, say = cuaderno.lang, cuaderno.write
    pair = found.pairs[at]
    waves = (pair.a, pair.b)
    rows = []
    kept = [step for step in found.steps[at] if step.items[0] == item]
    for step in kept:
        before, after = _shares(pair, step, lang)
        origins = _origins(waves, lang, *step.items)
        method = "fisher_holm" if step.independent else "mcnemar_holm"
        none = say("no_answers" if step.independent else "no_pairs")
        rows.append(
            {
                "action": _label(pair, step, lang),
                "before": before or none,
                "after": after or none,
                "change": _change(waves, step.test, origins, lang) if step.test else none,
                "p": _p_value(step.adjusted, method, origins, waves, lang) if step.test else "–",
            }
        )
    caption = "table_differences" if independent(pair) else "table_changes"
    return Table(
        caption=say(caption, question=pair.a.instrument.item(item).label[lang]),
        columns=(
            Column("action", say("column_action"), wide=True),
            Column("before", pair.a.meta.label[lang], numeric=True),
            Column("after", pair.b.meta.label[lang], numeric=True),
            Column("change", say("column_difference"), numeric=True),
            Column("p", say("column_p"), numeric=True),
        ),
        rows=tuple(rows),
        evidence=_evidence(waves) | {_strictest(waves)},
        origins=_origins(waves, lang, *(code for step in kept for code in step.items)),
        own_calculation=True,
    )


def _change(
    waves: tuple[Wave, ...], change: Difference, origins: tuple[Origin, ...], lang: str
) -> Quantity:
    points = [round(100 * v) for v in (change.estimate, change.lower, change.upper)]
    signed = [
        f"{'+' if p > 0 else '−' if p < 0 else ''}{texts.number(abs(p), lang)}" for p in points
    ]
    return Quantity(
        value=points[0],
        shown=texts.label("compared.change", lang, value=signed[0], low=signed[1], high=signed[2]),
        evidence=_strictest(waves),
        origins=origins,
        method=f"{change.method}_newcombe",
    )


def changes_figure(cuaderno: Cuaderno, found: Changes, at: int, item: str) -> Chart | None:
    """Draw a wave and the next one for the choices of a question; None when it has none."""
    lang, say = cuaderno.lang, cuaderno.write
    pair = found.pairs[at]
    before, after = {}, {}
    for step in found.steps[at]:
        if step.items[0] == item:
            name = _label(pair, step, lang)
            before[name], after[name] = _shares(pair, step, lang)
    if not after:
        return None
    names = (pair.a.meta.label[lang], pair.b.meta.label[lang])
    return charts.paired(
        before,
        after,
        names=names,
        id=f"change-{at}-{item.replace('_', '-')}" if at else f"change-{item.replace('_', '-')}",
        table=changes_table(cuaderno, found, at, item),
        title=say(f"figure_{item}", separate="yes" if independent(pair) else ""),
        caption=say("caption_differences" if independent(pair) else "caption_changes"),
        lang=lang,
    )


def trends_tables(cuaderno: Cuaderno, found: Changes) -> Iterator[Table]:
    """Show, by question, the shares of three waves or more among those that answered them all."""
    lang, say = cuaderno.lang, cuaderno.write
    waves = found.waves
    keys = [f"wave_{at}" for at in range(len(waves))]
    for item in sorted(dict.fromkeys(t.item for t in found.trends), key=lambda i: i not in DRAWN):
        question = waves[0].instrument.item(item)
        origins = _origins(waves, lang, item)
        rows = []
        for trend in (t for t in found.trends if t.item == item):
            shares = [
                share(wave, mark, trend.marks, item, lang)
                for wave, mark in zip(waves, trend.marks, strict=True)
            ]
            rows.append(
                {
                    "action": question.choice(trend.choice).label[lang],
                    **{k: s or say("no_pairs") for k, s in zip(keys, shares, strict=True)},
                    "p": _p_value(trend.adjusted, "cochran_holm", origins, waves, lang)
                    if trend.test
                    else "–",
                    "said": say(_said(trend.test is not None, trend.adjusted)),
                }
            )
        yield Table(
            caption=say("table_trends", question=question.label[lang]),
            columns=(
                Column("action", say("column_action"), wide=True),
                *(
                    Column(key, wave.meta.label[lang], numeric=True)
                    for key, wave in zip(keys, waves, strict=True)
                ),
                Column("p", say("column_p"), numeric=True),
                Column("said", say("column_said")),
            ),
            rows=tuple(rows),
            evidence=_evidence(waves) | {_strictest(waves)},
            origins=origins,
            own_calculation=True,
        )


def _said(tested: bool, adjusted: float) -> str:
    if not tested:
        return "no_pairs"
    return "said_changes" if adjusted < CLEAR else "said_unclear"
