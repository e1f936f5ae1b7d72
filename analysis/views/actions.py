"""Tables and figures of the cuaderno 03_acciones for the published study."""

from __future__ import annotations

from collections.abc import Mapping

from analysis import charts, texts
from analysis.audit.oddities import chart_order
from analysis.charts import Chart, CountRange
from analysis.cuaderno import Cuaderno
from analysis.identification import ActionBounds, Assumption, Identification, Sensitivity
from analysis.identification.bounds import METHOD, reason_text
from analysis.provenance import Base, EvidenceClass, Quantity, Share
from analysis.published import Study
from analysis.rounding import RoundingRule
from analysis.tables import Column, Table, merged_origins

STAGES = ("diseno", "implementacion", "evaluacion")
TONES = {"avance": "teal", "en_proceso": "ochre", "dificultad": "rust", "no_aparece": "soft"}
"""Colour of each state of Tabla 1; its word is always written too."""
_PUBLISHED = frozenset({EvidenceClass.PUBLISHED})
_BOUNDED = frozenset({EvidenceClass.BOUNDED})


def stage_name(study: Study, stage: str, lang: str) -> str:
    """Name a stage, with a capital."""
    return study.code_label("stage", stage, lang).capitalize()


def state_name(study: Study, action_id: str, lang: str) -> str:
    """Name the state of an action in Tabla 1."""
    return study.code_label("table1_state", study.row("actions", action_id)["table1_state"], lang)


def action_name(study: Study, action_id: str, lang: str) -> str:
    """Name an action as its chart does."""
    return study.row("actions", action_id)[f"label_{lang}"]


def _span(bounds: ActionBounds, lang: str) -> str:
    if bounds.lower is None or bounds.upper is None:
        return "–"
    low, high = (texts.number(end, lang) for end in (bounds.lower, bounds.upper))
    return low if low == high else texts.label("chart.span", lang, low=low, high=high)


def range_quantity(study: Study, bounds: ActionBounds, lang: str) -> Quantity:
    """Write the possible counts of an action as one number with its reasons, e.g. «2 a 9»."""
    reasons = (*bounds.lower_because, *bounds.upper_because)
    claims = dict.fromkeys(row for r in reasons if r.kind == "claim" for row in r.rows)
    origins = [study.origin("actions", bounds.id)]
    if claims:
        origins.append(study.origin("qualitative_claims", claims))
    return Quantity(
        value=bounds.lower,
        shown=_span(bounds, lang),
        evidence=EvidenceClass.BOUNDED,
        origins=tuple(origins),
        method=METHOD,
    )


def published_values(cuaderno: Cuaderno, study: Study, result: Identification) -> dict[str, object]:
    """Return what the prose names about the published study."""
    lang = cuaderno.lang
    exact = [a for a in result.actions if a.lower is not None and a.lower == a.upper]
    free = [a for a in result.actions if (a.lower, a.upper) == (0, result.base)]
    order = chart_order(study)
    risks = study.table("risks")
    largest = risks["category_id"].value_counts().index[0]
    found: dict[str, object] = {
        "study": study.citation,
        "data_year": study.claim("cif_012").value[:4],
        "respondents": study.quantity("cif_123"),
        "actions": _rows(study, "actions"),
        "exact": result.quantity(len(exact)),
        "free": result.quantity(len(free)),
        "exact_names": [action_name(study, a.id, lang) for a in exact],
        "agree": "yes" if not any(pairs.discordant for pairs in order.values()) else "",
        "discordant": _pairs(study, sum(pairs.discordant for pairs in order.values())),
        "assumption": texts.label(f"bounds.assumption.{result.assumption}", lang),
        "contradicted": "yes" if result.contradictions else "",
        "risks": _rows(study, "risks"),
        "categories": _rows(study, "risk_categories"),
        "largest": risk_shares(study)[largest],
        "largest_name": study.row("risk_categories", largest)[f"label_{lang}"],
    }
    for stage in result.stages:
        found[f"{stage.stage}_vectors"] = result.quantity(stage.vectors)
        found[f"{stage.stage}_pairs"] = _pairs(study, order[stage.stage].concordant)
    hard = [
        action
        for action in result.actions
        if action.stage == "evaluacion"
        and study.row("actions", action.id)["table1_state"] == "dificultad"
        and action.upper is not None
    ]
    found["hard"] = result.quantity(len(hard))
    found["hard_most"] = result.quantity(max((a.upper or 0 for a in hard), default=0))
    return found


def _rows(study: Study, table: str) -> Quantity:
    ids = study.table(table).iloc[:, 0]
    return Quantity(
        value=len(ids),
        evidence=EvidenceClass.BOUNDED,
        origins=(study.origin(table, ids),),
        method="counted_rows",
    )


def _pairs(study: Study, number: int) -> Quantity:
    return Quantity(
        value=number,
        evidence=EvidenceClass.BOUNDED,
        origins=(
            study.origin("actions", study.actions["id"]),
            study.origin("table1", study.table("table1")["id"]),
        ),
        method="counted_pairs",
    )


def bounds_figure(cuaderno: Cuaderno, study: Study, result: Identification, stage: str) -> Chart:
    """Draw the possible counts of the actions of a stage, in the order of its chart."""
    lang, say = cuaderno.lang, cuaderno.write
    actions = result.stage(stage).actions
    drawn = [a for a in actions if a.lower is not None and a.upper is not None]
    most = max(drawn, key=lambda a: (a.lower or 0, a.number))
    return charts.possible_counts(
        [
            CountRange(
                label=f"{action.number}. {action_name(study, action.id, lang)}",
                low=int(action.lower or 0),
                high=int(action.upper or 0),
                stratum=state_name(study, action.id, lang),
                tone=TONES[study.row("actions", action.id)["table1_state"]],
            )
            for action in drawn
        ],
        base=Base("respondent", result.base),
        id=f"acotado-{stage}",
        table=bounds_table(cuaderno, study, result, stage),
        title=say(
            "figure_bounds",
            stage=stage_name(study, stage, lang),
            action=action_name(study, most.id, lang),
            span=range_quantity(study, most, lang),
        ),
        caption=say("caption_bounds"),
        lang=lang,
    )


def bounds_table(cuaderno: Cuaderno, study: Study, result: Identification, stage: str) -> Table:
    """Show the possible counts of the actions of a stage and why they are bounded."""
    lang, say = cuaderno.lang, cuaderno.write
    rows = []
    for action in result.stage(stage).actions:
        reasons = dict.fromkeys((*action.lower_because, *action.upper_because))
        rows.append(
            {
                "number": texts.number(action.number, lang),
                "action": action_name(study, action.id, lang),
                "state": state_name(study, action.id, lang),
                "range": range_quantity(study, action, lang),
                "because": "; ".join(reason_text(reason, lang) for reason in reasons)
                or say("no_reason"),
            }
        )
    quantities = [range_quantity(study, a, lang) for a in result.stage(stage).actions]
    return Table(
        caption=say("table_bounds", stage=stage_name(study, stage, lang)),
        columns=(
            Column("number", say("column_number"), numeric=True),
            Column("action", say("column_action"), wide=True),
            Column("state", say("column_state")),
            Column("range", say("column_range"), numeric=True),
            Column("because", say("column_because"), wide=True),
        ),
        rows=tuple(rows),
        evidence=_BOUNDED,
        origins=merged_origins(*quantities),
        own_calculation=True,
    )


def assumptions_table(
    cuaderno: Cuaderno, study: Study, results: Mapping[Assumption, Identification]
) -> Table:
    """Show how the bounds narrow as more is assumed."""
    lang, say = cuaderno.lang, cuaderno.write
    first = next(iter(results.values()))
    rows = tuple(
        {
            "action": action_name(study, action.id, lang),
            "stage": stage_name(study, action.stage, lang),
            **{
                str(name): range_quantity(study, result.action(action.id), lang)
                for name, result in results.items()
            },
        }
        for action in first.actions
    )
    return Table(
        caption=say("table_assumptions"),
        columns=(
            Column("action", say("column_action"), wide=True),
            Column("stage", say("column_stage")),
            *(Column(str(name), say(f"column_{name}"), numeric=True) for name in results),
        ),
        rows=rows,
        evidence=_BOUNDED,
        origins=merged_origins(*(result.origins for result in results.values())),
        own_calculation=True,
    )


def _places(study: Study, action_ids: list[str], lang: str) -> str:
    """Name actions by stage and number of the chart, e.g. «diseño 1, 2; evaluación 4»."""
    found: dict[str, list[str]] = {}
    for action_id in action_ids:
        row = study.row("actions", action_id)
        stage = study.code_label("stage", row["stage"], lang)
        found.setdefault(stage, []).append(texts.number(int(row["number"]), lang))
    return "; ".join(f"{stage} {', '.join(numbers)}" for stage, numbers in found.items())


def sensitivity_table(
    cuaderno: Cuaderno, study: Study, result: Identification, tried: tuple[Sensitivity, ...]
) -> Table:
    """Show which bounds move when a quantifier is read otherwise."""
    lang, say = cuaderno.lang, cuaderno.write
    rows = []
    for item in tried:
        if item.contradictions:
            effect = say("effect_contradiction")
        elif item.moves:
            effect = _places(study, [move.action for move in item.moves], lang)
        else:
            effect = say("effect_none")
        rows.append(
            {
                "reading": item.reading.label[lang],
                "why": item.reading.reason[lang],
                "moved": result.quantity(len(item.moves)),
                "effect": effect,
            }
        )
    return Table(
        caption=say("table_sensitivity"),
        columns=(
            Column("reading", say("column_reading"), wide=True),
            Column("why", say("column_why"), wide=True),
            Column("moved", say("column_moved"), numeric=True),
            Column("effect", say("column_effect"), wide=True),
        ),
        rows=tuple(rows),
        evidence=_BOUNDED,
        origins=result.origins,
        own_calculation=True,
    )


def table1(cuaderno: Cuaderno, study: Study) -> Table:
    """Show Tabla 1 as published: the state of each action."""
    lang, say = cuaderno.lang, cuaderno.write
    frame = study.table("table1")
    listed = frame[frame["action_id"].notna()]
    return Table(
        caption=say("table_table1"),
        columns=(
            Column("action", say("column_action"), wide=True),
            Column("stage", say("column_stage")),
            Column("state", say("column_state")),
        ),
        rows=tuple(
            {
                "action": row[f"label_{lang}"],
                "stage": stage_name(study, row["stage"], lang),
                "state": state_name(study, row["action_id"], lang),
            }
            for _, row in listed.iterrows()
        ),
        evidence=_PUBLISHED,
        origins=(study.origin("table1", listed["id"]),),
        own_calculation=False,
    )


def risk_shares(study: Study) -> dict[str, Share]:
    """Return the share of the listed risks that each category has: all are listed, none sampled."""
    frame = study.table("risks")
    origin = study.origin("risks", frame["id"])
    return {
        str(category): Share(
            evidence=EvidenceClass.BOUNDED,
            origins=(origin,),
            base=Base("risk", len(frame)),
            rounding=RoundingRule.HALF_UP,
            method="counted_rows",
            interval=None,
            no_interval="whole_list",
            count=len(rows),
            with_count=True,
        )
        for category, rows in frame.groupby("category_id", sort=False)
    }


def risks_table(cuaderno: Cuaderno, study: Study) -> Table:
    """Show the risks of each category, its share of the list, and which list is repeated."""
    lang, say = cuaderno.lang, cuaderno.write
    frame, shares = study.table("risks"), risk_shares(study)
    lists = {key: tuple(rows["label_es"]) for key, rows in frame.groupby("category_id")}
    rows = []
    for category, group in frame.groupby("category_id", sort=False):
        twins = [key for key, items in lists.items() if items == lists[category]]
        rows.append(
            {
                "category": study.row("risk_categories", str(category))[f"label_{lang}"],
                "stage": stage_name(study, group.iloc[0]["stage"], lang),
                "share": shares[str(category)],
                "risks": "; ".join(group[f"label_{lang}"]),
                "remark": say("repeated") if len(twins) > 1 else "–",
            }
        )
    return Table(
        caption=say("table_risks"),
        columns=(
            Column("category", say("column_category"), wide=True),
            Column("stage", say("column_stage")),
            Column("share", say("column_share"), numeric=True),
            Column("risks", say("column_risks"), wide=True),
            Column("remark", say("column_remark")),
        ),
        rows=tuple(rows),
        evidence=_PUBLISHED | _BOUNDED,
        origins=(study.origin("risks", frame["id"]),),
        own_calculation=True,
    )


def mitigation_table(cuaderno: Cuaderno, study: Study) -> Table:
    """Show what the study proposes against the risks of each stage."""
    lang, say = cuaderno.lang, cuaderno.write
    frame = study.table("table1")
    listed = frame[frame["row"] == "posibilidades_mitigacion"]
    return Table(
        caption=say("table_mitigation"),
        columns=(
            Column("stage", say("column_stage")),
            Column("proposal", say("column_proposal"), wide=True),
        ),
        rows=tuple(
            {"stage": stage_name(study, row["stage"], lang), "proposal": row[f"label_{lang}"]}
            for _, row in listed.iterrows()
        ),
        evidence=_PUBLISHED,
        origins=(study.origin("table1", listed["id"]),),
        own_calculation=False,
    )
