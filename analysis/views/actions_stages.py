"""What can be said of each stage as a whole, and claims that do not fit together."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from analysis import texts
from analysis.cuaderno import Cuaderno
from analysis.identification import Identification, Sensitivity, StageBounds
from analysis.identification.bounds import METHOD
from analysis.provenance import EvidenceClass, Quantity
from analysis.published import Study
from analysis.tables import Column, Table
from analysis.views.actions import action_name, stage_name

_BOUNDED = frozenset({EvidenceClass.BOUNDED})


def _between(low: Fraction | int, high: Fraction | int, lang: str) -> str:
    places = 0 if isinstance(low, int) else 1
    ends = [texts.number(round(float(end), places), lang, places) for end in (low, high)]
    return ends[0] if low == high else texts.label("chart.span", lang, low=ends[0], high=ends[1])


def _best_placed(stage: StageBounds) -> tuple[str, tuple[int, int]]:
    """Return the action whose place is known best: the narrowest, then the highest."""
    places = {name: stage.system.rank(name) for name in stage.system.names}
    return min(places.items(), key=lambda pair: (pair[1][1] - pair[1][0], pair[1]))


def stages_table(cuaderno: Cuaderno, study: Study, result: Identification) -> Table:
    """Bound the mean of each stage and the place of its first, last and best placed action."""
    lang, say = cuaderno.lang, cuaderno.write
    rows = []
    for stage in result.stages:
        if stage.contradictions:
            continue
        origins = (study.origin("actions", stage.system.names), *result.origins)

        def bounded(value: int | None, shown: str, origins: tuple = origins) -> Quantity:
            return Quantity(
                value=value,
                shown=shown,
                evidence=EvidenceClass.BOUNDED,
                origins=tuple(dict.fromkeys(origins)),
                method=METHOD,
            )

        names = stage.system.names
        best = _best_placed(stage)[0]
        for name in dict.fromkeys((names[-1], best, names[0])):
            place = stage.system.rank(name)
            rows.append(
                {
                    "stage": stage_name(study, stage.stage, lang),
                    "mean": bounded(None, _between(*stage.system.mean(), lang)),
                    "action": action_name(study, name, lang),
                    "place": bounded(place[0], _between(*place, lang)),
                    "of": bounded(len(names), ""),
                }
            )
    return Table(
        caption=say("table_stages"),
        columns=(
            Column("stage", say("column_stage")),
            Column("mean", say("column_mean"), numeric=True),
            Column("action", say("column_action"), wide=True),
            Column("place", say("column_place"), numeric=True),
            Column("of", say("column_of"), numeric=True),
        ),
        rows=tuple(rows),
        evidence=_BOUNDED,
        origins=result.origins,
        own_calculation=True,
        note=say("note_stages"),
    )


def contradictions_table(
    cuaderno: Cuaderno, study: Study, result: Identification, tried: Sequence[Sensitivity]
) -> Table | None:
    """List the smallest sets of claims that cannot hold together, in words; None without any.

    Parameters
    ----------
    result : Identification
        What was assumed.
    tried : sequence of Sensitivity
        Other readings, each on top of it.
    """
    lang, say = cuaderno.lang, cuaderno.write
    rows, claims = [], []
    cases = [(say("case_chosen"), result.contradictions)]
    cases += [(item.reading.label[lang], item.contradictions) for item in tried]
    for name, contradictions in cases:
        for contradiction in contradictions:
            parts = []
            for reason in contradiction.reasons:
                if reason.kind == "claim":
                    claims += list(reason.rows)
                parts += _words(study, reason.kind, reason.rows, cuaderno)
            rows.append(
                {
                    "case": name,
                    "stage": stage_name(study, contradiction.stage, lang),
                    "claims": "; ".join(dict.fromkeys(parts)),
                }
            )
    if not rows:
        return None
    origins = [study.origin("qualitative_claims", dict.fromkeys(claims))] if claims else []
    return Table(
        caption=say("table_contradictions"),
        columns=(
            Column("case", say("column_case"), wide=True),
            Column("stage", say("column_stage")),
            Column("claims", say("column_claims"), wide=True),
        ),
        rows=tuple(rows),
        evidence=_BOUNDED,
        origins=(*origins, study.origin("actions", study.actions["id"])),
        own_calculation=True,
        note=say("note_contradictions"),
    )


def _words(study: Study, kind: str, rows: tuple[str, ...], cuaderno: Cuaderno) -> list[str]:
    lang, say = cuaderno.lang, cuaderno.write
    if kind == "claim":
        table = "qualitative_claims"
        return [say("claim", claim=study.row(table, r)[f"summary_{lang}"], row=r) for r in rows]
    names = [action_name(study, row, lang) for row in (rows[0], rows[-1])]
    return [say(f"reason_{kind}", first=names[0], last=names[1])]
