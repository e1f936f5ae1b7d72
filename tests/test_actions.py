"""The diagnosis of actions: what a wave reports, recomputed by another path, beside 2017."""

from dataclasses import replace
from math import sqrt
from pathlib import Path
from statistics import NormalDist

import duckdb
import pandas as pd
import pytest
from scipy.stats import binomtest

from analysis import texts
from analysis.actions import (
    GROUPS,
    MOST_GROUPS,
    PARTITIONS,
    by_group,
    groups,
    non_response,
    observe,
    order_by_stage,
    relations,
)
from analysis.agreement import pair_counts
from analysis.cuaderno import Cuaderno
from analysis.identification import Assumption, identify, sensitivity
from analysis.paths import find_project
from analysis.proportion import holm
from analysis.provenance import EvidenceClass, Share
from analysis.published import load_study
from analysis.responses import Wave
from analysis.rounding import RoundingRule
from analysis.table1 import StrataRule, Stratum, regenerate_table1
from analysis.views import actions as view
from analysis.views import actions_checks as checks
from analysis.views import actions_stages as stages
from analysis.views import actions_wave as wave_view
from analysis.views import measurement_wave
from analysis.waves import load_wave

PROJECT = find_project(Path(__file__).parents[1])
WAVES = ["demo", "demo-b"]


@pytest.fixture(scope="module")
def study():
    return load_study(PROJECT)


@pytest.fixture(scope="module", params=WAVES)
def wave(request):
    return load_wave(PROJECT, request.param)


@pytest.fixture(scope="module")
def observed(wave):
    return observe(wave, lang="es")


def sql_counts(wave):
    """Count by SQL over the tidy table: who chose, and who answered, each action."""
    codes = {
        (item.code, choice.code): choice.action
        for item in wave.instrument.items
        for choice in item.choices
        if choice.action
    }
    rows = duckdb.sql(
        f"""
        select item, choice, count(*) filter (selected), count(*)
        from '{wave.folder / "answers.parquet"}'
        where state in ('answered', 'none') group by item, choice
        """
    ).fetchall()
    return {
        codes[item, choice]: (chosen, base)
        for item, choice, chosen, base in rows
        if (item, choice) in codes
    }


def test_counts_of_a_wave_are_those_of_another_path(wave, observed):
    expected = sql_counts(wave)
    assert {a: (s.count, s.base.n) for a, s in observed.shares.items()} == expected
    assert len(expected) >= 35


def test_mentions_of_a_stage_add_up_to_their_base(observed):
    for table in observed.tables.values():
        assert sum(row.mentions for row in table.rows) == table.mentions
        assert all(row.cities <= table.cities for row in table.rows)


def test_every_share_of_a_demonstration_is_marked_as_one(observed):
    assert {s.evidence for s in observed.shares.values()} == {EvidenceClass.DEMO}
    assert all(s.base.unit == "respondent" for s in observed.shares.values())
    assert all(s.base.unit == "mention" for s in observed.mentions.values())


def test_groups_of_one_answer_part_the_respondents(wave):
    found = groups(wave, "region", "es")
    members = [row for rows in found.values() for row in rows]
    assert len(found) == 4
    assert len(members) == len(set(members)) <= len(wave.respondents)


def test_a_question_that_is_not_there_or_has_too_many_answers_makes_no_groups(wave):
    assert groups(wave, "no_existe", "es") == {}
    assert len(wave.respondents) > MOST_GROUPS
    assert groups(wave, "ciudad", "es") == {}


def test_the_groups_of_a_breakdown_add_up_to_those_that_said_their_group(wave, observed):
    by = by_group(wave, "region", lang="es")
    told = [row for rows in groups(wave, "region", "es").values() for row in rows]
    for item in wave.instrument.items:
        for choice in item.choices:
            if not choice.action:
                continue
            column = wave.multiple(item.code).loc[told, choice.code].dropna()
            parts = [shares[choice.action] for shares in by.values() if choice.action in shares]
            assert sum(part.count for part in parts) == int(column.sum())
            assert sum(part.base.n for part in parts) == len(column)


def test_orders_are_compared_within_their_stage(study, observed):
    orders = order_by_stage(study, observed.shares)
    for stage, order in orders.items():
        numbers = study.actions.set_index("id")["number"]
        pairs = pair_counts(
            [int(numbers[a]) for a in order.items],
            [observed.shares[a].proportion for a in order.items],
        )
        assert order.pairs == pairs
        assert all(study.row("actions", a)["stage"] == stage for a in order.items)


@pytest.mark.parametrize("lang", list(texts.LOCALES))
def test_the_pages_of_a_wave_show_every_action_with_its_class(study, wave, observed, lang):
    cuaderno = Cuaderno("03_acciones", lang)
    result = identify(study, Assumption.STRATA)
    rule = StrataRule()
    rebuilt = regenerate_table1(study, observed.shares, rule)
    cuaderno.let(**view.published_values(cuaderno, study, result), wave="")
    orders = order_by_stage(study, observed.shares)
    cuaderno.let(**wave_view.values(cuaderno, study, observed, rebuilt, orders))
    assert wave.meta.label[lang] in cuaderno.write("title")
    for stage in view.STAGES:
        chart = wave_view.stage_figure(cuaderno, study, result, observed, stage)
        assert chart.evidence == {EvidenceClass.BOUNDED, EvidenceClass.DEMO}
        shown = [row["share"] for row in chart.table.rows]
        assert all(isinstance(share, Share) for share in shown)
        assert len(shown) == sum(observed.shares.keys() >= {a} for a in actions_of(study, stage))
    again = wave_view.table1(cuaderno, study, rebuilt, wave.evidence)
    assert len(again.rows) == len(observed.shares)
    captions = [t.caption for t in wave_view.group_tables(cuaderno, study, wave, "wilson", 0.95)]
    assert len(captions) == sum(len(groups(wave, code, lang)) >= 2 for code in GROUPS)


def actions_of(study, stage):
    return study.actions[study.actions["stage"] == stage]["id"]


@pytest.mark.parametrize("lang", list(texts.LOCALES))
def test_the_page_of_2017_shows_ranges_and_never_a_point_that_nobody_knows(study, lang):
    cuaderno = Cuaderno("03_acciones", lang)
    results = {name: identify(study, name) for name in Assumption}
    result = results[Assumption.STRATA]
    cuaderno.let(**view.published_values(cuaderno, study, result), wave="")
    for stage in view.STAGES:
        chart = view.bounds_figure(cuaderno, study, result, stage)
        assert chart.evidence == {EvidenceClass.BOUNDED}
        assert len(chart.table.rows) == len(actions_of(study, stage))
    whole = view.assumptions_table(cuaderno, study, results)
    assert len(whole.rows) == 36
    tried = sensitivity(study, Assumption.STRATA)
    moved = view.sensitivity_table(cuaderno, study, result, tried)
    assert [row["moved"].value for row in moved.rows] == [len(item.moves) for item in tried]


def test_the_repeated_list_of_risks_is_pointed_out_and_the_parts_make_the_list(study):
    cuaderno = Cuaderno("03_acciones", "es")
    cuaderno.let(wave="")
    table = view.risks_table(cuaderno, study)
    repeated = [row for row in table.rows if row["remark"] != "–"]
    assert len(repeated) == 2 and repeated[0]["risks"] == repeated[1]["risks"]
    assert sum(row["share"].count for row in table.rows) == len(study.table("risks")) == 26


def test_a_share_at_the_threshold_of_the_rule_is_in_its_stratum(study, observed):
    share = next(iter(observed.shares.values()))
    alone = replace(share, count=share.base.n, interval=None, no_interval="census")
    action = next(iter(observed.shares))
    rebuilt = regenerate_table1(study, {action: alone}, StrataRule())
    row = next(row for row in rebuilt.rows if row.action == action)
    assert row.stratum is Stratum.PROGRESS


@pytest.mark.parametrize("lang", list(texts.LOCALES))
def test_measurement_of_a_wave_stands_beside_what_was_published(study, wave, lang):
    found = measurement_wave.measure(
        study, wave, rule=RoundingRule.HALF_UP, method="wilson", level=0.95, lang=lang
    )
    cuaderno = Cuaderno("04_medicion", lang)
    shares = found.intensity.mentions
    assert sum(share.count for share in shares.values()) == found.intensity.table.mentions
    names = [c.code for c in wave.instrument.item("mecanismos").choices if c.intensity]
    chosen = wave.multiple("mecanismos")[names].fillna(False)
    assert found.intensity.table.mentions == int(chosen.to_numpy().sum())
    cuaderno.let(**measurement_wave.values(cuaderno, study, found))
    chart = measurement_wave.intensity_figure(cuaderno, study, found)
    assert chart.evidence >= {EvidenceClass.PUBLISHED, EvidenceClass.DEMO}
    table = measurement_wave.dimension_table(cuaderno, study, found)
    assert table.evidence == {EvidenceClass.DEMO}


def test_intervals_are_those_of_the_formula_written_out(wave, observed):
    """Wilson (1927), for a finite frame with n replaced by n(N - 1)/(N - n) (Cochran 1977, 2.8).

    The frame of the demonstration waves is declared, so that theirs is the finite one; the groups
    have none, and theirs is checked against scipy.
    """
    size = wave.meta.frame_size
    z = NormalDist().inv_cdf(0.975)
    for action, (count, base) in sql_counts(wave).items():
        interval = observed.shares[action].interval
        n = base * (size - 1) / (size - base)
        p = count / base
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        reach = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        low = max(middle - reach, count / size)  # those seen to have it do
        high = min(middle + reach, (size - base + count) / size)
        assert interval.method == "finite_wilson"
        assert (interval.lower, interval.upper) == pytest.approx((low, high))
    for shares in by_group(wave, "region", lang="es").values():
        for share in shares.values():
            expected = binomtest(share.count, share.base.n).proportion_ci(0.95, "wilson")
            assert (share.interval.lower, share.interval.upper) == pytest.approx(tuple(expected))


def test_tabla_1_of_a_wave_is_that_of_the_rule_written_in_sql(study, wave, observed):
    rebuilt = regenerate_table1(study, observed.shares, StrataRule())
    rows = [
        (r.action, r.share.count, r.share.base.n, r.share.interval.lower, r.share.interval.upper)
        for r in rebuilt.rows
        if r.share
    ]
    frame = pd.DataFrame(rows, columns=["action", "count", "base", "low", "high"])
    expected = duckdb.sql(
        """
        select action, case
            when low <= 1 / 3 and high >= 2 / 3 then 'no_distinguible'
            when 3 * count >= 2 * base then 'avance'
            when 3 * count <= base then 'dificultad'
            else 'en_proceso' end
        from frame
        """
    ).fetchall()
    assert len(frame) == len(observed.shares)
    assert {r.action: str(r.stratum) for r in rebuilt.rows if r.share} == dict(expected)


class Answered(Wave):
    """A wave in which everyone answered: what is missing was not chosen."""

    def multiple(self, item):
        return super().multiple(item).fillna(False)


@pytest.fixture(scope="module")
def everyone(wave):
    """The same wave, with a frame of those that answered."""
    meta = replace(wave.meta, frame_size=len(wave.respondents), strata={})
    return Answered(meta, wave.instrument, wave.folder, wave.corrections)


def test_when_everyone_answered_nothing_has_an_interval_and_the_page_says_why(study, everyone):
    found = observe(everyone, lang="es")
    for share in (*found.shares.values(), *found.mentions.values()):
        assert (share.interval, share.no_interval) == (None, "census")
    cuaderno = Cuaderno("03_acciones", "es")
    rebuilt = regenerate_table1(study, found.shares, StrataRule())
    orders = order_by_stage(study, found.shares)
    result = identify(study, Assumption.STRATA)
    cuaderno.let(**view.published_values(cuaderno, study, result), wave="")
    cuaderno.let(**wave_view.values(cuaderno, study, found, rebuilt, orders))
    assert "Respondieron todas las entidades del marco" in cuaderno.write("cautions")
    bounds = non_response(everyone)
    for action, share in found.shares.items():
        assert bounds[action].lower_count == bounds[action].upper_count == share.count


def test_the_silent_are_counted_both_ways(wave, observed):
    bounds = non_response(wave)
    for action, share in observed.shares.items():
        silent = wave.meta.frame_size - share.base.n
        assert bounds[action].lower_count == share.count
        assert bounds[action].upper_count == share.count + silent
        assert bounds[action].envelope is None
    unframed = replace(wave, meta=replace(wave.meta, frame_size=None))
    for action, bound in non_response(unframed).items():
        assert bound.asked == len(wave.respondents)
        assert bound.envelope.lower <= bound.lower and bound.upper <= bound.envelope.upper
        assert bound.lower_count == bounds[action].lower_count


@pytest.mark.parametrize("lang", list(texts.LOCALES))
def test_relations_are_told_only_where_they_can_be_computed(study, wave, observed, lang):
    found = relations(wave, lang=lang, resamples=199)
    assert {r.second for r in found} == set(view.STAGES)
    kinds = {r.first for r in found}
    asked = {code for code in PARTITIONS if len(groups(wave, code, lang)) > 1}
    assert kinds == {*asked, "redes", "diseno", "implementacion"} and len(asked) >= 2
    networks = next(r for r in found if r.first == "redes" and r.second == "diseno")
    marks = wave.multiple("redes")
    real = [c.code for c in wave.instrument.item("redes").choices if not c.exclusive]
    assert networks.test.cells.shape[0] == sum(bool(marks[c].any()) for c in real if c in marks)
    told = {str(at): r.test.bootstrap for at, r in enumerate(found) if r.test}
    assert told and {at: found[int(at)].adjusted for at in told} == holm(told)
    assert all(r.test.discarded <= 199 / 2 and r.test.constant == 0.5 for r in found if r.test)
    cuaderno = Cuaderno("03_acciones", lang)
    table = checks.relations_table(cuaderno, study, wave, found, 0.95)
    for row, related in zip(table.rows, found, strict=True):
        key = "unknown" if related.test is None else "unclear"
        if related.test is None or related.adjusted >= 0.05:
            assert row["said"] == cuaderno.write(f"relation_{key}")
        assert isinstance(row["bootstrap"], str) == (related.test is None)
    assert texts.number(0.5, lang, 1) in table.note
    silent = checks.non_response_table(cuaderno, study, observed, non_response(wave))
    assert len(silent.rows) == len(observed.shares)
    assert {row["least"].base.n for row in silent.rows} == {wave.meta.frame_size}


def test_rare_actions_are_those_below_a_third(study, wave, observed):
    found = checks.rarity(Cuaderno("03_acciones", "es"), study, observed)
    by_stage = {}
    for action, (count, base) in sql_counts(wave).items():
        by_stage.setdefault(study.row("actions", action)["stage"], []).append(3 * count < base)
    shares = {stage: sum(rare) / len(rare) for stage, rare in by_stage.items()}
    assert found["rare"].value / found["rare_of"].value == max(shares.values())
    assert found["less_rare"].value / found["less_rare_of"].value == min(shares.values())


@pytest.mark.parametrize("lang", list(texts.LOCALES))
def test_stages_are_bounded_and_contradictions_are_told_in_words(study, lang):
    cuaderno = Cuaderno("03_acciones", lang)
    result = identify(study, Assumption.STRATA)
    table = stages.stages_table(cuaderno, study, result)
    means = {stage.stage: stage.system.mean() for stage in result.stages}
    sums = {s.stage: sum(a.lower for a in s.actions) / len(s.actions) for s in result.stages}
    assert {name: float(low) for name, (low, _) in means.items()} == pytest.approx(sums)
    assert {row["stage"] for row in table.rows} == {
        view.stage_name(study, stage, lang) for stage in view.STAGES
    }
    assert stages.contradictions_table(cuaderno, study, result, ()) is None
    strict = identify(study, Assumption.STRATA, chosen=["orden_estricto_del_texto"])
    assert strict.contradictions
    said = stages.contradictions_table(cuaderno, study, strict, ())
    assert len(said.rows) == len(strict.contradictions)
    for row, contradiction in zip(said.rows, strict.contradictions, strict=True):
        for reason in contradiction.reasons:
            for claim in reason.rows if reason.kind == "claim" else ():
                assert study.row("qualitative_claims", claim)[f"summary_{lang}"] in row["claims"]
    told = {row["stage"] for row in stages.stages_table(cuaderno, study, strict).rows}
    clash = {view.stage_name(study, c.stage, lang) for c in strict.contradictions}
    assert not told & clash
