"""Tables and figures of the cuaderno 03_acciones for a wave of answers, beside 2017."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from analysis import charts, texts
from analysis.actions import GROUPS, UNIT, ObservedActions, by_group
from analysis.agreement import OrderAgreement
from analysis.charts import Chart, CountRange
from analysis.cuaderno import Cuaderno
from analysis.identification import Identification
from analysis.multiple_response import tabulate
from analysis.provenance import Base, EvidenceClass, Quantity, Share, interval_name
from analysis.published import Study
from analysis.responses import Wave
from analysis.table1 import Change, Stratum, Table1
from analysis.tables import Column, Table, merged_origins
from analysis.views.actions import (
    TONES,
    action_name,
    range_quantity,
    stage_name,
    state_name,
)
from analysis.views.actions_checks import rarity
from analysis.views.measurement_wave import dates


def values(
    cuaderno: Cuaderno,
    study: Study,
    observed: ObservedActions,
    rebuilt: Table1,
    orders: Mapping[str, OrderAgreement],
) -> dict[str, object]:
    """Return what the prose names about a wave."""
    lang, wave = cuaderno.lang, observed.wave
    ranked = sorted(observed.shares, key=lambda a: observed.shares[a].proportion)
    strata = [row.stratum for row in rebuilt.rows if row.stratum]
    changes = [row.change for row in rebuilt.rows if row.change]

    def counted(number: int, method: str = "counted_rows") -> Quantity:
        return Quantity(
            value=number,
            evidence=wave.evidence,
            origins=merged_origins(*observed.shares.values()),
            method=method,
        )

    return {
        **rarity(cuaderno, study, observed),
        "wave": wave.meta.label[lang],
        "answered": counted(len(wave.respondents)),
        "asked_actions": counted(len(observed.shares)),
        "wave_dates": dates(wave),
        "interval_name": interval_name(observed.shares.values(), lang),
        "census": "yes" if all(s.no_interval == "census" for s in observed.shares.values()) else "",
        "most": replace(observed.shares[ranked[-1]], with_count=True),
        "most_name": action_name(study, ranked[-1], lang),
        "least": replace(observed.shares[ranked[0]], with_count=True),
        "least_name": action_name(study, ranked[0], lang),
        "some_untold": "yes" if Stratum.NOT_TOLD_APART in strata else "",
        "untold": counted(strata.count(Stratum.NOT_TOLD_APART), "table1_rule"),
        "same": counted(changes.count(Change.SAME), "table1_rule"),
        "up": counted(changes.count(Change.UP), "table1_rule"),
        "down": counted(changes.count(Change.DOWN), "table1_rule"),
        "concordant": counted(sum(o.pairs.concordant for o in orders.values()), "counted_pairs"),
        "against": counted(sum(o.pairs.discordant for o in orders.values()), "counted_pairs"),
        "tau": Quantity(
            value=None,
            shown=texts.listing((_tau(study, *pair, lang) for pair in orders.items()), lang),
            evidence=wave.evidence,
            origins=merged_origins(*observed.shares.values()),
            method="kendall_tau_b",
        ),
        "difficulty_threshold": _percent(float(rebuilt.rule.difficulty), lang),  # type: ignore[union-attr]
        "progress_threshold": _percent(float(rebuilt.rule.progress), lang),  # type: ignore[union-attr]
    }


def _tau(study: Study, stage: str, order: OrderAgreement, lang: str) -> str:
    value = "–" if order.tau_b is None else texts.number(round(order.tau_b, 2), lang, 2)
    value = value.replace("-", "−")  # a minus sign, which is wider than a hyphen
    return f"{study.code_label('stage', stage, lang)} {value}"


def _percent(share: float, lang: str) -> str:
    return texts.Computed(texts.percent(round(100 * share), lang))


def _shares(observed: ObservedActions, stage: str, study: Study) -> dict[str, Share]:
    """Return the shares of a stage in the order of its chart."""
    actions = study.actions[study.actions["stage"] == stage].sort_values("number")["id"]
    return {action: observed.shares[action] for action in actions if action in observed.shares}


def stage_figure(
    cuaderno: Cuaderno,
    study: Study,
    result: Identification,
    observed: ObservedActions,
    stage: str,
) -> Chart:
    """Draw what the wave shows in a stage beside what 2017 allows, in the order of the chart."""
    lang, say = cuaderno.lang, cuaderno.write
    shares = _shares(observed, stage, study)
    top = max(shares, key=lambda action: shares[action].proportion)
    bounds = result.stage(stage).actions
    labels = {a.id: f"{a.number}. {action_name(study, a.id, lang)}" for a in bounds}
    return charts.possible_beside_observed(
        [
            CountRange(
                label=labels[action.id],
                low=int(action.lower or 0),
                high=int(result.base if action.upper is None else action.upper),
                stratum=state_name(study, action.id, lang),
                tone=TONES[study.row("actions", action.id)["table1_state"]],
            )
            for action in bounds
        ],
        {labels[action]: share for action, share in shares.items() if action in labels},
        base=Base(UNIT, result.base),
        names=(study.citation, observed.wave.meta.label[lang]),
        id=f"ola-{stage}",
        table=stage_table(cuaderno, study, result, observed, stage),
        title=say(
            "wave_figure",
            stage=stage_name(study, stage, lang),
            action=action_name(study, top, lang),
            share=replace(shares[top], with_count=True),
        ),
        caption=say("wave_caption"),
        lang=lang,
    )


def stage_table(
    cuaderno: Cuaderno,
    study: Study,
    result: Identification,
    observed: ObservedActions,
    stage: str,
) -> Table:
    """Show the counts of a stage on both bases, beside what 2017 allows."""
    lang, say = cuaderno.lang, cuaderno.write
    shares = _shares(observed, stage, study)
    allowed = {a.id: range_quantity(study, a, lang) for a in result.stage(stage).actions}
    rows = tuple(
        {
            "action": action_name(study, action, lang),
            "allowed": allowed.get(action, "–"),
            "count": Quantity(
                value=share.count,
                evidence=share.evidence,
                origins=share.origins,
                method="count_of_answers",
            ),
            "share": share,
            "interval": share.interval or "–",
            "mentions": observed.mentions.get(action, "–"),
        }
        for action, share in shares.items()
    )
    return Table(
        caption=say("wave_table", stage=stage_name(study, stage, lang)),
        columns=(
            Column("action", say("column_action"), wide=True),
            Column("allowed", say("column_allowed"), numeric=True),
            Column("count", say("column_count"), numeric=True),
            Column("share", say("column_of_entities"), numeric=True),
            Column("interval", say("column_interval"), numeric=True),
            Column("mentions", say("column_of_mentions"), numeric=True),
        ),
        rows=rows,
        evidence=frozenset({EvidenceClass.BOUNDED, observed.wave.evidence}),
        origins=merged_origins(*shares.values(), result.origins),
        own_calculation=True,
        note=say("wave_note"),
    )


def table1(cuaderno: Cuaderno, study: Study, rebuilt: Table1, evidence: EvidenceClass) -> Table:
    """Show Tabla 1 built again from the wave, and what changed."""
    lang, say = cuaderno.lang, cuaderno.write
    rows = [row for row in rebuilt.rows if row.stratum and row.share and row.change]
    return Table(
        caption=say("wave_table1"),
        columns=(
            Column("action", say("column_action"), wide=True),
            Column("stage", say("column_stage")),
            Column("share", say("column_of_entities"), numeric=True),
            Column("now", say("column_now")),
            Column("before", say("column_before")),
            Column("change", say("column_change")),
        ),
        rows=tuple(
            {
                "action": row.label[lang],
                "stage": stage_name(study, row.stage, lang),
                "share": row.share,
                "now": texts.label(f"table1.stratum.{row.stratum}", lang),
                "before": texts.label(f"table1.stratum.{row.published}", lang),
                "change": texts.label(f"table1.change.{row.change}", lang),
            }
            for row in rows
        ),
        evidence=frozenset({EvidenceClass.PUBLISHED, evidence}),
        origins=merged_origins(*(row.share for row in rows), (row.origin for row in rows)),
        own_calculation=True,
    )


def group_tables(
    cuaderno: Cuaderno, study: Study, wave: Wave, method: str, level: float
) -> list[Table]:
    """Show the actions by country, region, kind of entity and network, where the wave has them."""
    lang, say = cuaderno.lang, cuaderno.write
    found = []
    for code in GROUPS:
        by = by_group(wave, code, lang=lang, method=method, level=level)
        if len(by) < 2:
            continue
        actions = [a for a in study.actions["id"] if any(a in shares for shares in by.values())]
        rows = tuple(
            {
                "action": action_name(study, action, lang),
                "group": name,
                "share": shares[action],
                "interval": shares[action].interval or "–",
            }
            for action in actions
            for name, shares in by.items()
            if action in shares
        )
        found.append(
            Table(
                caption=say("wave_table_group", group=wave.instrument.item(code).label[lang]),
                columns=(
                    Column("action", say("column_action"), wide=True),
                    Column("group", say("column_group")),
                    Column("share", say("column_of_entities"), numeric=True),
                    Column("interval", say("column_interval"), numeric=True),
                ),
                rows=rows,
                evidence=frozenset({wave.evidence}),
                origins=merged_origins(*(s for shares in by.values() for s in shares.values())),
                own_calculation=True,
                note=say("wave_note_group"),
            )
        )
    return found


def risk_tables(
    cuaderno: Cuaderno, study: Study, wave: Wave, method: str, level: float
) -> list[Table]:
    """Show how many respondents name each risk, by category."""
    lang, say = cuaderno.lang, cuaderno.write
    categories: Iterable[str] = study.table("risk_categories")["id"]
    known = {item.code: item for item in wave.instrument.items}
    found = []
    for category in categories:
        item = known.get(f"riesgos_{category}")
        if item is None or item.type != "select_multiple":
            continue
        answers = wave.multiple(item.code)
        kept = [c for c in item.choices if c.code in answers and not c.exclusive]
        table = tabulate(
            answers[[choice.code for choice in kept]],
            method=method,
            level=level,
            frame_size=wave.meta.frame_size,
        )
        shares = table.city_shares(
            unit=UNIT, evidence=wave.evidence, origins=(wave.origin(item.code, lang),)
        )
        if not shares:
            continue
        found.append(
            Table(
                caption=study.row("risk_categories", category)[f"label_{lang}"],
                columns=(
                    Column("risk", say("column_risk"), wide=True),
                    Column("share", say("column_of_entities"), numeric=True),
                    Column("interval", say("column_interval"), numeric=True),
                ),
                rows=tuple(
                    {
                        "risk": choice.label[lang],
                        "share": shares[choice.code],
                        "interval": shares[choice.code].interval or "–",
                    }
                    for choice in kept
                ),
                evidence=frozenset({wave.evidence}),
                origins=merged_origins(*shares.values()),
                own_calculation=True,
            )
        )
    return found
