"""Tables of the cuaderno 08_sintesis: the whole diagnosis on two pages."""

from __future__ import annotations

from collections.abc import Iterable

from analysis import texts
from analysis.audit import Audited, Verdict
from analysis.cuaderno import Cuaderno
from analysis.measurement import MeasurementDiagnosis
from analysis.provenance import EvidenceClass, Quantity
from analysis.published import Study
from analysis.tables import Column, Table

STAGES = ("diseno", "implementacion", "evaluacion")
STATES = ("avances", "en_proceso", "dificultades")
_PUBLISHED = frozenset({EvidenceClass.PUBLISHED})


def _counted(study: Study, table: str, rows: Iterable[str]) -> Quantity:
    """Return how many rows of a published table these are."""
    ids = list(rows)
    return Quantity(
        value=len(ids),
        evidence=EvidenceClass.BOUNDED,
        origins=(study.origin(table, ids),),
        method="counted_rows",
    )


def _cells(study: Study, stage: str, row: str) -> list[str]:
    """List the identifiers of Tabla 1 of a stage in one of its rows."""
    frame = study.table("table1")
    return frame[(frame["stage"] == stage) & (frame["row"] == row)]["id"].tolist()


def _stage(study: Study, stage: str, lang: str) -> str:
    return study.code_label("stage", stage, lang).capitalize()


def _labels(study: Study, ids: Iterable[str], lang: str) -> str:
    frame = study.table("table1").set_index("id")
    return "; ".join(frame.loc[item, f"label_{lang}"] for item in ids)


def values(
    cuaderno: Cuaderno, study: Study, audited: list[Audited], measured: MeasurementDiagnosis
) -> dict[str, object]:
    """Return what the prose of the cuaderno names."""
    lang = cuaderno.lang
    actions = study.actions.set_index("id")

    def audit_count(*verdicts: Verdict) -> Quantity:
        chosen = [i.claim.id for i in audited if not verdicts or i.verdict in verdicts]
        return Quantity(
            value=len(chosen),
            evidence=EvidenceClass.BOUNDED,
            origins=(study.origin("claims", chosen or [i.claim.id for i in audited]),),
            method="audit",
        )

    found: dict[str, object] = {
        "study": study.citation,
        "data_year": f"{study.claim('cif_012').value[:4]}–{study.year}",
        "respondents": study.quantity("cif_123"),
        "figures": audit_count(),
        "matches": audit_count(Verdict.MATCHES),
        "impossible": audit_count(Verdict.IMPOSSIBLE),
        "unverifiable": audit_count(Verdict.UNVERIFIABLE),
        "discretionary": measured.published["discrecional"],
        "intermittent": measured.published["intermitente"],
        "constant": measured.published["constante"],
        "smallest": measured.bounded(measured.smallest) if measured.smallest else "",
        "actions": _counted(study, "actions", actions.index),
    }
    for stage in STAGES:
        ids = actions.index[actions["stage"] == stage]
        hard = actions.index[
            (actions["stage"] == stage) & (actions["table1_state"] == "dificultad")
        ]
        good = actions.index[(actions["stage"] == stage) & (actions["table1_state"] == "avance")]
        found[f"{stage}_all"] = _counted(study, "actions", ids)
        found[f"{stage}_hard"] = _counted(study, "actions", hard)
        found[f"{stage}_good"] = _counted(study, "actions", good)
        found[f"{stage}_hard_names"] = [
            actions.loc[item, f"table1_label_{lang}"].rstrip(".") for item in hard
        ]
    return found


def progress_table(cuaderno: Cuaderno, study: Study) -> Table:
    """Show what advances, what is under way and what is hard, by stage (Tabla 1)."""
    lang, say = cuaderno.lang, cuaderno.write
    ids = {(stage, row): _cells(study, stage, row) for stage in STAGES for row in STATES}
    return Table(
        caption=say("table_progress"),
        columns=(
            Column("stage", say("column_stage")),
            Column("state", say("column_state")),
            Column("actions", say("column_actions"), wide=True),
        ),
        rows=tuple(
            {
                "stage": _stage(study, stage, lang),
                "state": say(f"state_{row}"),
                "actions": _labels(study, found, lang),
            }
            for (stage, row), found in ids.items()
            if found
        ),
        evidence=_PUBLISHED,
        origins=(study.origin("table1", [item for found in ids.values() for item in found]),),
        own_calculation=False,
    )


def next_table(cuaderno: Cuaderno, study: Study) -> Table:
    """Show the risks of each stage and what the study proposes (Tabla 1)."""
    lang, say = cuaderno.lang, cuaderno.write
    rows = ("riesgos", "posibilidades_mitigacion")
    ids = {(stage, row): _cells(study, stage, row) for stage in STAGES for row in rows}
    return Table(
        caption=say("table_next"),
        columns=(
            Column("stage", say("column_stage")),
            *(Column(row, say(f"column_{row}"), wide=True) for row in rows),
        ),
        rows=tuple(
            {
                "stage": _stage(study, stage, lang),
                **{row: _labels(study, ids[stage, row], lang) for row in rows},
            }
            for stage in STAGES
        ),
        evidence=_PUBLISHED,
        origins=(study.origin("table1", [item for found in ids.values() for item in found]),),
        own_calculation=False,
        note=say("note_inferred"),
    )


def scales_table(cuaderno: Cuaderno, study: Study) -> Table:
    """Show the ideas for sustaining international action by scale and stage, each said once."""
    lang, say = cuaderno.lang, cuaderno.write
    frame = study.table("scale_synthesis")
    rows = []
    for (scale, stage), group in frame.groupby(["scale", "stage"], sort=False, dropna=False):
        known = isinstance(stage, str)
        rows.append(
            {
                "scale": study.code_label("scale", str(scale), lang).capitalize(),
                "stage": study.code_label("stage", stage, lang).capitalize()
                if known
                else say("any_stage"),
                "ideas": "; ".join(dict.fromkeys(group[f"label_{lang}"])),
                "reading": say("reading_inferred" if known else "reading_stated"),
            }
        )
    return Table(
        caption=say("table_scales"),
        columns=(
            Column("scale", say("column_scale")),
            Column("stage", say("column_stage")),
            Column("ideas", say("column_ideas"), wide=True),
            Column("reading", say("column_reading")),
        ),
        rows=tuple(rows),
        evidence=_PUBLISHED,
        origins=(study.origin("scale_synthesis", frame["id"]),),
        own_calculation=False,
        note=texts.Computed(say("note_scales")),
    )
