"""How sure the actions of a wave are: groups, stages, and those that did not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis import texts
from analysis.actions import ObservedActions, Related
from analysis.cuaderno import Cuaderno
from analysis.multiple_response.association import Association
from analysis.proportion import NonResponseBounds
from analysis.provenance import Base, Quantity, Share
from analysis.published import Study
from analysis.responses import Wave
from analysis.rounding import RoundingRule
from analysis.tables import Column, Table, merged_origins
from analysis.views.actions import action_name

_P_VALUES = ("bootstrap", "bonferroni", "first_order", "second_order")


def relations_table(
    cuaderno: Cuaderno, study: Study, wave: Wave, found: Sequence[Related], level: float
) -> Table:
    """Say of each group and each pair of stages whether the actions depend on it."""
    lang, say = cuaderno.lang, cuaderno.write

    def stage(name: str) -> str:
        return study.code_label("stage", name, lang)

    def other(first: str) -> str:
        if first in wave.instrument:
            return say("pair_answer", question=wave.instrument.item(first).label[lang])
        return say("pair_stage", stage=stage(first))

    rows = []
    for related in found:
        origins = (wave.origins(*related.items, lang=lang),)
        numbers = _p_values(related, lang)
        clear = related.test is not None and related.adjusted < 1 - level
        verdict = "clear" if clear else "unclear" if related.test else "unknown"
        rows.append(
            {
                "pair": say("pair", first=other(related.first), second=stage(related.second)),
                "said": say(f"relation_{verdict}"),
                "entities": "–"
                if related.test is None
                else Quantity(
                    value=related.test.cities,
                    evidence=wave.evidence,
                    origins=origins,
                    method="count_of_answers",
                ),
                **{
                    key: "–"
                    if text is None
                    else Quantity(
                        value=None,
                        shown=text,
                        evidence=wave.evidence,
                        origins=origins,
                        method=f"association_{key}",
                    )
                    for key, text in numbers.items()
                },
            }
        )
    tests = [related.test for related in found if related.test]
    return Table(
        caption=say("table_relations"),
        columns=(
            Column("pair", say("column_pair"), wide=True),
            Column("said", say("column_said"), wide=True),
            Column("entities", say("column_count"), numeric=True),
            *(Column(key, say(f"column_{key}"), numeric=True) for key in _P_VALUES),
        ),
        rows=tuple(rows),
        evidence=frozenset({wave.evidence}),
        origins=merged_origins(*((wave.origins(*r.items, lang=lang),) for r in found)),
        own_calculation=True,
        note=say("note_relations", constant=_constant(tests, lang)) if tests else "",
    )


def _constant(tests: Sequence[Association], lang: str) -> str:
    value = tests[0].constant
    return texts.number(value, lang, 0 if value == int(value) else 2 if value < 0.1 else 1)


def _p_values(related: Related, lang: str) -> dict[str, str | None]:
    test = related.test
    if test is None:
        return dict.fromkeys(_P_VALUES)
    values = (
        related.adjusted,
        test.bonferroni,
        test.first_order.p_value,
        test.second_order.p_value,
    )
    return {
        key: texts.number(round(value, 3), lang, 3)
        for key, value in zip(_P_VALUES, values, strict=True)
    }


def non_response_table(
    cuaderno: Cuaderno,
    study: Study,
    observed: ObservedActions,
    bounds: Mapping[str, NonResponseBounds],
) -> Table:
    """Show what each action could be whatever the silent would have said."""
    lang, say, wave = cuaderno.lang, cuaderno.write, observed.wave
    unit = "framed" if wave.meta.frame_size else "asked"

    def share(action: str, count: int, asked: int) -> Share:
        return Share(
            evidence=wave.evidence,
            origins=observed.shares[action].origins,
            base=Base(unit, asked),
            rounding=RoundingRule.HALF_UP,
            method="worst_case",
            interval=None,
            no_interval="hypothetical",
            count=count,
            with_count=True,
        )

    shown = [action for action in study.actions["id"] if action in observed.shares]
    with_envelope = any(bounds[action].envelope for action in shown)
    rows = tuple(
        {
            "action": action_name(study, action, lang),
            "share": observed.shares[action],
            "least": share(action, bounds[action].lower_count, bounds[action].asked),
            "most": share(action, bounds[action].upper_count, bounds[action].asked),
            "envelope": bounds[action].envelope or "–",
        }
        for action in shown
    )
    columns = (
        Column("action", say("column_action"), wide=True),
        Column("share", say("column_of_entities"), numeric=True),
        Column("least", say("column_least"), numeric=True),
        Column("most", say("column_most"), numeric=True),
    )
    if with_envelope:
        columns = (*columns, Column("envelope", say("column_envelope"), numeric=True))
    return Table(
        caption=say("table_silent"),
        columns=columns,
        rows=rows,
        evidence=frozenset({wave.evidence}),
        origins=merged_origins(*(observed.shares[action] for action in shown)),
        own_calculation=True,
        note=say("note_silent_frame" if wave.meta.frame_size else "note_silent_asked"),
    )


def rarity(cuaderno: Cuaderno, study: Study, observed: ObservedActions) -> dict[str, object]:
    """Count, by stage, the actions that fewer than a third of the respondents take.

    Returns
    -------
    dict
        ``rare``, ``rare_of`` and ``rare_stage`` of the stage where most are so, and the same of
        the stage where fewest are (``less_rare`` …); ``any_rare`` is empty when there are none,
        and ``one_rare`` and ``one_less_rare`` when they are not one, for the verb.
    """
    lang = cuaderno.lang
    counts: dict[str, tuple[int, int]] = {}
    for stage, rows in study.actions.groupby("stage", sort=False):
        asked = [observed.shares[a] for a in rows["id"] if a in observed.shares]
        if asked:
            rare = sum(share.proportion * 3 < 1 for share in asked)
            counts[str(stage)] = (rare, len(asked))
    ordered = sorted(counts, key=lambda stage: counts[stage][0] / counts[stage][1])
    found: dict[str, object] = {"any_rare": "yes" if any(r for r, _ in counts.values()) else ""}
    for name, stage in (("rare", ordered[-1]), ("less_rare", ordered[0])):
        for key, value in zip((name, f"{name}_of"), counts[stage], strict=True):
            found[key] = Quantity(
                value=value,
                evidence=observed.wave.evidence,
                origins=merged_origins(*observed.shares.values()),
                method="count_of_answers",
            )
        found[f"one_{name}"] = "yes" if counts[stage][0] == 1 else ""
        found[f"{name}_stage"] = study.code_label("stage", stage, lang)
    found["contrast"] = "yes" if counts[ordered[0]] != counts[ordered[-1]] else ""
    return found
