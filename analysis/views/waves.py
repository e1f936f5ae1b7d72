"""Tables and figures of the cuaderno comparacion_olas: change only where it can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis import charts, texts
from analysis.charts import Chart
from analysis.cuaderno import Cuaderno
from analysis.proportion import Difference, confidence_interval, holm, paired_difference
from analysis.provenance import Base, EvidenceClass, Origin, Quantity, Share
from analysis.published import Study
from analysis.rounding import RoundingRule
from analysis.tables import Column, Table, Tag
from analysis.waves import Comparison

if TYPE_CHECKING:
    import pandas as pd

ACTIONS = ("acc_diseno", "acc_implementacion", "acc_evaluacion")
_TAGS = {
    "comparable": "matches",
    "comparable_with_recode": "possible",
    "not_comparable": "impossible",
}
_FEWEST = 2  # pairs without which there is nothing to compare


def wave_ids(text: str) -> tuple[str, str]:
    """Read the parameter ``waves``: two identifiers, the earlier first.

    Raises
    ------
    ValueError
        When there are not two.
    """
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if len(found) != 2:
        raise ValueError(
            f"waves: «{text}» debe nombrar dos olas distintas separadas por una coma, la más "
            "antigua primero."
        )
    return found  # type: ignore[return-value]


def _origins(found: Comparison, lang: str, *items: str) -> tuple[Origin, ...]:
    pairs = items or ("",)
    return tuple(
        wave.origins(*(i for i in pairs if i and i in wave.instrument), lang=lang)
        for wave in (found.a, found.b)
    )


def _evidence(found: Comparison) -> frozenset[EvidenceClass]:
    return frozenset({found.a.evidence, found.b.evidence})


def _strictest(found: Comparison) -> EvidenceClass:
    """Return the class of a number that comes from both waves: one demo makes it demo."""
    demo = EvidenceClass.DEMO
    return demo if demo in _evidence(found) else EvidenceClass.OBSERVED


def _quantity(found: Comparison, value: int, lang: str, shown: str = "") -> Quantity:
    return Quantity(
        value=value,
        shown=shown,
        evidence=_strictest(found),
        origins=_origins(found, lang),
        method="counted_answers",
    )


def values(cuaderno: Cuaderno, study: Study, found: Comparison) -> dict[str, object]:
    """Return what the prose of the cuaderno names."""
    lang = cuaderno.lang
    verdicts = found.items["verdict"].value_counts()
    changes = paired_changes(found)
    clear = [row for row in changes if row[3] is not None and row[4] < 0.05]
    years = [w.meta.starts.year for w in (found.a, found.b) if w.meta.starts]
    return {
        "study": study.citation,
        "a": found.a.meta.label[lang],
        "b": found.b.meta.label[lang],
        "demo": "yes" if EvidenceClass.DEMO in _evidence(found) else "",
        "data_year": texts.listing(dict.fromkeys(map(str, years)), lang),
        "paired": _quantity(found, len(found.paired), lang),
        "only_a": _quantity(found, len(found.a.respondents) - len(found.paired), lang),
        "only_b": _quantity(found, len(found.b.respondents) - len(found.paired), lang),
        "comparable": _quantity(found, int(verdicts.get("comparable", 0)), lang),
        "recode": _quantity(found, int(verdicts.get("comparable_with_recode", 0)), lang),
        "blocked": _quantity(found, int(verdicts.get("not_comparable", 0)), lang),
        "n_changes": _quantity(found, len(changes), lang),
        "clear": _quantity(found, len(clear), lang),
        "any_clear": "yes" if clear else "",
    }


def paired_changes(
    found: Comparison,
) -> list[tuple[str, str, tuple[pd.Series, pd.Series], Difference | None, float]]:
    """Compare every action that can be compared, among the respondents of both waves.

    Returns
    -------
    list of (item, choice, marks of both waves, Difference or None, p-value)
        The difference is the later wave minus the earlier one; None with fewer than two complete
        pairs. The p-values are adjusted together by Holm.
    """
    rows = []
    for item_a, item_b in found.comparable("select_multiple"):
        if item_a not in ACTIONS:
            continue
        before, after = (frame.reindex(found.paired) for frame in found.marks(item_a, item_b))
        item = found.a.instrument.item(item_a)
        for code in before:
            if item.choice(code).exclusive:
                continue
            pairs = (before[code].notna() & after[code].notna()).sum()
            change = paired_difference(after[code], before[code]) if pairs >= _FEWEST else None
            rows.append((item_a, code, (before[code], after[code]), change))
    told = {f"{row[0]}/{row[1]}": row[3].p_value for row in rows if row[3] is not None}
    adjusted = holm(told) if told else {}
    return [(*row, adjusted.get(f"{row[0]}/{row[1]}", 1.0)) for row in rows]


def _share(
    found: Comparison, mark: pd.Series, other: pd.Series, at: int, item: str, lang: str
) -> Share | None:
    """Return the share of a wave among the complete pairs."""
    whole = mark[mark.notna() & other.notna()]
    if not len(whole):
        return None
    wave = (found.a, found.b)[at]
    count = int(whole.sum())
    return Share(
        evidence=wave.evidence,
        origins=(wave.origin(item, lang),),
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
    return Table(
        caption=say("table_verdicts"),
        columns=(
            Column("question", say("column_question"), wide=True),
            Column("change", say("column_change")),
            Column("verdict", say("column_verdict")),
            Column("reason", say("column_reason"), wide=True),
        ),
        rows=tuple(rows),
        evidence=_evidence(found),
        origins=_origins(found, lang),
        own_calculation=False,
    )


def changes_table(cuaderno: Cuaderno, found: Comparison, item: str | None = None) -> Table:
    """Show the shares of both waves among the pairs, the change and how sure it is."""
    lang, say = cuaderno.lang, cuaderno.write
    rows = []
    for code, choice, (before, after), change, p in paired_changes(found):
        if item not in (None, code):
            continue
        shares = (
            _share(found, before, after, 0, code, lang),
            _share(found, after, before, 1, code, lang),
        )
        rows.append(
            {
                "action": found.a.instrument.item(code).choice(choice).label[lang],
                "before": shares[0] or say("no_pairs"),
                "after": shares[1] or say("no_pairs"),
                "change": _change(found, change, code, lang) if change else say("no_pairs"),
                "p": texts.number(round(p, 3), lang, 3) if change else "–",
            }
        )
    return Table(
        caption=say("table_changes"),
        columns=(
            Column("action", say("column_action"), wide=True),
            Column("before", found.a.meta.label[lang], numeric=True),
            Column("after", found.b.meta.label[lang], numeric=True),
            Column("change", say("column_difference"), numeric=True),
            Column("p", say("column_p"), numeric=True),
        ),
        rows=tuple(rows),
        evidence=_evidence(found) | {_strictest(found)},
        origins=_origins(found, lang, item or ""),
        own_calculation=True,
    )


def _change(found: Comparison, change: Difference, item: str, lang: str) -> Quantity:
    points = [round(100 * v) for v in (change.estimate, change.lower, change.upper)]
    signed = [
        f"{'+' if p > 0 else '−' if p < 0 else ''}{texts.number(abs(p), lang)}" for p in points
    ]
    return Quantity(
        value=points[0],
        shown=texts.label("compared.change", lang, value=signed[0], low=signed[1], high=signed[2]),
        evidence=_strictest(found),
        origins=_origins(found, lang, item),
        method="paired_newcombe",
    )


def changes_figure(cuaderno: Cuaderno, found: Comparison, item: str) -> Chart | None:
    """Draw both waves side by side for the actions of a stage; None when it has none."""
    lang, say = cuaderno.lang, cuaderno.write
    before, after = {}, {}
    for code, choice, marks, _, _ in paired_changes(found):
        if code == item:
            name = found.a.instrument.item(code).choice(choice).label[lang]
            before[name] = _share(found, marks[0], marks[1], 0, code, lang)
            after[name] = _share(found, marks[1], marks[0], 1, code, lang)
    if not after:
        return None
    return charts.paired(
        before,
        after,
        names=(found.a.meta.label[lang], found.b.meta.label[lang]),
        id=f"change-{item.replace('_', '-')}",
        table=changes_table(cuaderno, found, item),
        title=say(f"figure_{item}"),
        caption=say("caption_changes"),
        lang=lang,
    )
