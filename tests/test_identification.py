"""Tests of the bounds of unseen counts, against brute force and against the published facts."""

from fractions import Fraction
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import texts
from analysis.identification import (
    Assumption,
    Constraint,
    InfeasibleError,
    OrderSystem,
    Reason,
    identify,
    readings,
    sensitivity,
)
from analysis.identification.bounds import reason_text, reasons_text
from analysis.identification.orders import at_least, at_most
from analysis.identification.readings import BASE, claim_constraints, strata_constraints
from analysis.published import Study

NAMES = ("a", "b", "c", "d")


@st.composite
def systems(draw: st.DrawFn) -> OrderSystem:
    """Draw a small system; reasons may bring several constraints and contradict each other."""
    n = draw(st.integers(0, 4))
    names = NAMES[: draw(st.integers(1, 4))]
    place = st.sampled_from([*names, None])
    constraint = st.builds(
        Constraint,
        place,
        place,
        st.integers(-n, n),
        st.sampled_from([Reason("claim", (letter,)) for letter in "ABCDE"]),
    )
    return OrderSystem(names, n, tuple(draw(st.lists(constraint, max_size=6))))


def brute(system: OrderSystem) -> list[tuple[int, ...]]:
    """List every vector that fulfils every constraint, trying them all."""
    found = []
    for vector in product(range(system.n + 1), repeat=len(system.names)):
        values = {None: 0, **dict(zip(system.names, vector, strict=True))}
        if all(values[c.greater] - values[c.lesser] >= c.gap for c in system.constraints):
            found.append(vector)
    return found


@settings(max_examples=50)
@given(systems())
def test_counting_and_listing_vectors_agree_with_trying_them_all(system: OrderSystem) -> None:
    vectors = brute(system)
    assert system.feasible == bool(vectors)
    assert system.count_vectors() == len(vectors)
    if vectors:
        assert [tuple(v.values()) for v in system.vectors()] == vectors
        assert all(map(system.fulfilled, system.vectors()))


@settings(max_examples=50)
@given(systems())
def test_bounds_of_everything_are_those_of_the_possible_vectors(system: OrderSystem) -> None:
    vectors = brute(system)
    if not vectors:
        with pytest.raises(InfeasibleError):
            system.bounds(system.names[0])
        return
    for i, name in enumerate(system.names):
        column = [vector[i] for vector in vectors]
        assert system.bounds(name) == (min(column), max(column))
        ranks = [1 + sum(other > vector[i] for other in vector) for vector in vectors]
        assert system.rank(name) == (min(ranks), max(ranks))
        for j, other in enumerate(system.names):
            gaps = [vector[i] - vector[j] for vector in vectors]
            assert system.difference(name, other) == (min(gaps), max(gaps))
    means = [Fraction(sum(vector), len(vector)) for vector in vectors]
    assert system.mean() == (min(means), max(means))


@settings(max_examples=30)
@given(systems(), st.tuples(*[st.integers(-3, 3)] * 4))
def test_weighted_sums_are_bounded_exactly(system: OrderSystem, drawn: tuple[int, ...]) -> None:
    vectors = brute(system)
    if vectors:
        weights = dict(zip(system.names, drawn, strict=False))
        sums = [sum(w * x for w, x in zip(drawn, v, strict=False)) for v in vectors]
        assert system.linear(weights) == (min(sums), max(sums))


@settings(max_examples=50)
@given(systems())
def test_a_contradiction_cannot_lose_a_reason_and_stay_one(system: OrderSystem) -> None:
    reasons = system.contradiction()
    assert bool(reasons) != system.feasible
    if reasons:
        assert brute(system.only(reasons)) == []
        for reason in reasons:
            assert brute(system.only([r for r in reasons if r != reason]))


@settings(max_examples=50)
@given(systems())
def test_the_reasons_of_a_bound_give_that_bound_by_themselves(system: OrderSystem) -> None:
    if not system.feasible:
        return
    for name in system.names:
        lower, upper = system.bounds(name)
        below, above = system.because(name)
        assert system.only(below).bounds(name)[0] == lower
        assert system.only(above).bounds(name)[1] == upper
        if lower == 0:
            assert below == ()
        if upper == system.n:
            assert above == ()


@settings(max_examples=50)
@given(systems())
def test_another_constraint_never_widens_a_bound(system: OrderSystem) -> None:
    fewer = OrderSystem(system.names, system.n, system.constraints[:-1])
    if system.feasible:
        for name in system.names:
            (low, high), (wide_low, wide_high) = system.bounds(name), fewer.bounds(name)
            assert 0 <= wide_low <= low <= high <= wide_high <= system.n
    assert system.count_vectors() <= fewer.count_vectors()


def test_an_unknown_count_is_refused() -> None:
    with pytest.raises(ValueError, match="«z» no está"):
        OrderSystem(("a",), 3, (Constraint("z", "a", 0, Reason("claim", ("A",))),))


def test_a_contradiction_of_two_claims_leaves_the_third_out() -> None:
    few, most = Reason("claim", ("few",)), Reason("claim", ("most",))
    order = Reason("ascending", ("b", "a"))
    system = OrderSystem(
        ("a", "b"),
        10,
        (at_most("a", 3, few), at_least("b", 6, most), Constraint("a", "b", 0, order)),
    )
    assert set(system.contradiction()) == {few, most, order}
    assert system.without([order]).feasible
    with pytest.raises(InfeasibleError, match="claim few"):
        system.bounds("a")


# The 36 counts of 2017 --------------------------------------------------------------------------


def test_under_the_claims_alone_each_action_has_the_range_noted_beside_its_claims(
    study: Study,
) -> None:
    claims = study.table("qualitative_claims")
    found = identify(study, "claims")
    for action in found.actions:
        mine = claims[claims["action_id"] == action.id]
        lower = max([0, *mine["min_of_10"].dropna().astype(int)])
        upper = min([10, *mine["max_of_10"].dropna().astype(int)])
        assert (action.lower, action.upper) == (lower, upper), action.id
    for stage in found.stages:  # nothing compares two actions, so the ranges multiply
        ways = 1
        for action in stage.actions:
            ways *= action.upper - action.lower + 1
        assert stage.vectors == ways


@pytest.mark.parametrize(
    ("assumption", "expected"),
    [
        ("claims", {"imp_17": (10, 10), "imp_15": (6, 10), "dis_05": (2, 9), "imp_12": (0, 10)}),
        # imp_10 has most of the cities and a lower number than imp_12; eva_06 misses one city
        ("ascending", {"imp_12": (6, 10), "imp_11": (6, 10), "eva_01": (0, 9), "eva_10": (2, 10)}),
        # imp_15 (progress) exceeds imp_09 (in progress, most), which exceeds imp_07 (difficulty)
        ("strata", {"imp_15": (7, 10), "imp_09": (6, 9), "imp_07": (0, 8), "imp_08": (0, 9)}),
    ],
)
def test_bounds_follow_from_the_claims_as_by_hand(
    study: Study, assumption: str, expected: dict[str, tuple[int, int]]
) -> None:
    found = identify(study, assumption)
    assert found.contradictions == ()
    assert len(found.actions) == 36
    for name, (lower, upper) in expected.items():
        action = found.action(name)
        assert (action.lower, action.upper) == (lower, upper), name


def test_each_assumption_narrows_the_one_before(study: Study) -> None:
    levels = [identify(study, assumption) for assumption in Assumption]
    for wide, narrow in pairwise(levels):
        for before, after in zip(wide.actions, narrow.actions, strict=True):
            assert 0 <= before.lower <= after.lower <= after.upper <= before.upper <= 10
        for before, after in zip(wide.stages, narrow.stages, strict=True):
            assert 0 < after.vectors < before.vectors


@pytest.mark.parametrize("stage", ["diseno", "evaluacion"])
def test_the_vectors_of_a_stage_are_those_that_a_chain_allows(study: Study, stage: str) -> None:
    # an independent count: non-decreasing vectors, position by position
    found = identify(study, "ascending", stages=[stage]).stage(stage)
    claims = identify(study, "claims", stages=[stage]).stage(stage)
    ways = {0: 1}
    for action in claims.actions:
        ways = {
            value: sum(count for last, count in ways.items() if last <= value)
            for value in range(action.lower, action.upper + 1)
        }
    assert found.vectors == sum(ways.values())


def test_every_possible_vector_of_design_keeps_to_the_strata(study: Study) -> None:
    few = ["algunas_hasta_la_mitad"]  # fewer vectors to list
    stage = identify(study, "strata", chosen=few, stages=["diseno"]).stage("diseno")
    states = study.actions.set_index("id")["table1_state"]
    seen = 0
    lowest, highest = dict.fromkeys(stage.system.names, 10), dict.fromkeys(stage.system.names, 0)
    for vector in stage.system.vectors():
        seen += 1
        counts = {
            state: [x for name, x in vector.items() if states[name] == state]
            for state in ("dificultad", "en_proceso", "avance")
        }
        assert max(counts["dificultad"]) < min(counts["en_proceso"])
        assert max(counts["en_proceso"]) < min(counts["avance"])
        for name, value in vector.items():
            lowest[name], highest[name] = min(lowest[name], value), max(highest[name], value)
    assert seen == stage.vectors
    assert [(lowest[a.id], highest[a.id]) for a in stage.actions] == [
        (a.lower, a.upper) for a in stage.actions
    ]


def test_strata_with_ties_add_nothing_to_the_numbering(study: Study) -> None:
    # Tabla 1 has no inversion, so that only the absence of ties can add something
    weak = identify(study, "strata", chosen=["estratos_con_empates"])
    assert [(a.lower, a.upper) for a in weak.actions] == [
        (a.lower, a.upper) for a in identify(study, "ascending").actions
    ]


def test_actions_outside_tabla_1_are_in_no_stratum(study: Study) -> None:
    compared = {
        name
        for constraint in strata_constraints(study, "implementacion", 1)
        for name in (constraint.greater, constraint.lesser)
    }
    assert not compared & {"imp_01", "imp_04", "imp_08", "imp_12", "imp_13", "imp_14"}


def test_a_strict_reading_of_the_emphasis_contradicts_the_numbering(study: Study) -> None:
    found = identify(study, "ascending", chosen=["orden_estricto_del_texto"])
    assert [set(c.reasons) for c in found.contradictions] == [
        {Reason("claim", ("afi_009",)), Reason("ascending", ("dis_01", "dis_02"))},
        {Reason("claim", ("afi_031",)), Reason("ascending", ("eva_09", "eva_10"))},
    ]
    assert found.stage("diseno").vectors == 0
    assert found.action("dis_02").lower is None
    assert found.action("imp_17").lower == 10  # another stage stays as it is


def test_groups_told_apart_add_up(study: Study) -> None:
    found = identify(study, "claims", chosen=["grupos_distintos"]).action("imp_11")
    assert (found.lower, found.upper) == (4, 10)
    assert found.lower_because == (Reason("claim", ("afi_022", "afi_023")),)


def test_every_alternative_reading_is_tried_and_some_move_bounds(study: Study) -> None:
    found = sensitivity(study, "claims")
    assert [item.reading.id for item in found] == [r.id for r in readings(study) if r.id != BASE]
    moved = {item.reading.id: {move.action for move in item.moves} for item in found}
    assert moved["mayoria_dos_tercios"] == {"imp_09", "imp_10", "imp_15"}
    assert moved["pocas_menos_de_la_mitad"] == {"eva_01", "eva_02", "eva_03", "eva_04"}
    assert moved["estratos_con_empates"] == set()  # the claims alone know no strata
    for item in found:
        for move in item.moves:
            assert move.before != move.after


# The tables of readings -------------------------------------------------------------------------


def test_every_claim_is_read(study: Study) -> None:
    ordinary = study.table("claim_constraints").query("reading_id == 'base'")
    assert set(ordinary["claim_id"]) == set(study.table("qualitative_claims")["id"])
    assert not ordinary["claim_id"].duplicated().any()


def test_every_quantifier_has_an_ordinary_range_and_a_name(study: Study) -> None:
    used = set(study.table("qualitative_claims")["quantifier"])
    table = study.table("quantifier_readings").query("reading_id == 'base'")
    assert set(table["quantifier"]) == used
    for quantifier in used:
        for lang in texts.LOCALES:
            assert study.code_label("quantifier", quantifier, lang)


def test_every_alternative_reading_changes_something(study: Study) -> None:
    ordinary = claim_constraints(study)
    for reading in readings(study):
        if reading.id not in (BASE, "estratos_con_empates"):
            assert claim_constraints(study, [reading.id]) != ordinary, reading.id


@pytest.mark.parametrize(
    ("chosen", "stages", "message"),
    [(["otra"], None, "No hay lectura «otra»"), ([], ["otra"], "No hay etapa «otra»")],
)
def test_what_does_not_exist_is_refused(
    study: Study, chosen: list[str], stages: list[str] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        identify(study, "claims", chosen=chosen, stages=stages)


@pytest.mark.parametrize("lang", texts.LOCALES)
def test_reasons_are_said_with_stretches_of_a_chart_as_one(lang: str, study: Study) -> None:
    found = identify(study, "ascending", stages=["diseno"]).action("dis_09")
    text = reasons_text(found.lower_because, lang)
    assert text.startswith("afi_004; ")
    assert "dis_05" in text
    assert "dis_09" in text
    assert "dis_07" not in text
    assert "dis_01" in reason_text(Reason("strata", ("dis_01", "dis_03")), lang)


def test_a_bound_is_shown_as_bounded_with_its_claims(study: Study) -> None:
    found = identify(study, "claims", stages=["evaluacion"])
    shown = found.quantity(9)
    assert shown.evidence.value == "bounded"
    assert "afi_035" in shown.origins[0].rows
    for lang in texts.LOCALES:
        assert len(shown.details(lang)) == 3
