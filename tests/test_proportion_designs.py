"""Tests of finite frames, non-response, several shares and differences.

Against published values, R, statsmodels and the enumeration of every outcome.
"""

from itertools import permutations, product
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from analysis import texts
from analysis.proportion import (
    METHODS,
    SIMULTANEOUS_METHODS,
    cochran_q,
    confidence_interval,
    estimate,
    finite_interval,
    holm,
    independent_difference,
    paired_difference,
    simultaneous_intervals,
    worst_case_bounds,
)
from analysis.provenance import Base, EvidenceClass, Origin, Share
from analysis.rounding import RoundingRule


def pairs(both: int, first: int, second: int, neither: int) -> tuple[pd.Series, pd.Series]:
    cells = [(True, True)] * both + [(True, False)] * first
    cells += [(False, True)] * second + [(False, False)] * neither
    one, two = zip(*cells, strict=True)
    return pd.Series(one, dtype="boolean"), pd.Series(two, dtype="boolean")


# One share --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "nobs", "expected"),
    [
        # R: qbeta(c(.025, .975), count + .5, nobs - count + .5)
        (3, 10, (0.09269459394, 0.60581831815)),
        (7, 24, (0.1410245899, 0.4892364343)),
    ],
)
def test_jeffreys_intervals_are_quantiles_of_the_posterior(
    count: int, nobs: int, expected: tuple[float, float]
) -> None:
    found = confidence_interval(count, nobs, "jeffreys")
    assert (found.lower, found.upper) == pytest.approx(expected, abs=5e-9)


@pytest.mark.parametrize("nobs", [5, 10, 24])
def test_jeffreys_intervals_reach_the_end_when_none_or_all_have_it(nobs: int) -> None:
    assert confidence_interval(0, nobs, "jeffreys").lower == 0
    assert confidence_interval(nobs, nobs, "jeffreys").upper == 1


def test_agresti_coull_is_walds_interval_around_wilsons_centre() -> None:
    # Agresti and Coull (1998), section 2: the centre is (x + z^2/2) / (n + z^2)
    wilson, wide = confidence_interval(3, 10), confidence_interval(3, 10, "agresti_coull")
    assert wide.lower + wide.upper == pytest.approx(wilson.lower + wilson.upper)
    assert wide.upper - wide.lower > wilson.upper - wilson.lower


@pytest.mark.parametrize("nobs", range(1, 13))
def test_the_exact_interval_agrees_with_the_enumeration_of_every_outcome(nobs: int) -> None:
    # a truth is inside exactly when neither tail of the enumerated outcomes is below 2.5 %
    chances = {}
    for truth in np.linspace(0.0051, 0.9943, 97):
        chances[truth] = [0.0] * (nobs + 1)
        for heads in range(nobs + 1):
            chances[truth][heads] = comb(nobs, heads) * truth**heads * (1 - truth) ** (nobs - heads)
    for count in range(nobs + 1):
        interval = confidence_interval(count, nobs, "clopper_pearson")
        for truth, chance in chances.items():
            kept = sum(chance[count:]) > 0.025 and sum(chance[: count + 1]) > 0.025
            assert kept == (interval.lower < truth < interval.upper)


# A finite frame ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "nobs", "frame", "expected"),
    [
        # R: M <- x:(N - n + x); range(M[phyper(x - 1, M, N - M, n, lower.tail = FALSE) > .025 &
        #                               phyper(x, M, N - M, n) > .025])
        (3, 10, 24, (3, 13)),
        (0, 10, 24, (0, 5)),
        (24, 40, 200, (90, 147)),
        (9, 10, 11, (9, 10)),
    ],
)
def test_exact_frame_intervals_are_those_of_phyper(
    count: int, nobs: int, frame: int, expected: tuple[int, int]
) -> None:
    found = finite_interval(count, nobs, frame)
    assert (found.lower_count, found.upper_count) == expected


@pytest.mark.parametrize(("frame", "nobs"), [(5, 3), (8, 4), (9, 6), (12, 5)])
def test_exact_frame_intervals_agree_with_the_enumeration_of_every_sample(
    frame: int, nobs: int
) -> None:
    found = [finite_interval(count, nobs, frame) for count in range(nobs + 1)]
    for members in range(frame + 1):
        seen = [0] * (nobs + 1)  # samples by how many members they hold
        for held in range(nobs + 1):
            seen[held] = comb(members, held) * comb(frame - members, nobs - held)
        covering = 0
        for count in range(nobs + 1):
            tails = (sum(seen[count:]), sum(seen[: count + 1]))
            kept = min(tails) > 0.025 * comb(frame, nobs)
            interval = found[count]
            inside = interval.lower_count <= members <= interval.upper_count
            possible = count <= members <= frame - nobs + count
            assert inside == (kept and possible)
            covering += seen[count] * inside
        assert covering >= 0.95 * comb(frame, nobs)


@settings(max_examples=60)
@given(st.data())
def test_frame_intervals_hold_the_share_and_narrow_as_the_frame_is_exhausted(
    data: st.DataObject,
) -> None:
    frame = data.draw(st.integers(2, 60))
    nobs = data.draw(st.integers(1, frame))
    count = data.draw(st.integers(0, nobs))
    for method in ("hypergeometric", "finite_wilson"):
        found = finite_interval(count, nobs, frame, method)
        assert count <= found.lower_count <= found.upper_count <= frame - nobs + count
        assert found.interval.lower <= count / nobs <= found.interval.upper
    wilson = confidence_interval(count, nobs)
    inside = finite_interval(count, nobs, frame, "finite_wilson").interval
    assert wilson.lower <= inside.lower + 1e-9
    assert wilson.upper >= inside.upper - 1e-9


def test_the_finite_wilson_interval_solves_its_quadratic() -> None:
    # |p - x/n| = z sqrt(p (1 - p) / n (N - n) / (N - 1)) at both ends (Cochran 1977, 3.2)
    interval = finite_interval(12, 40, 200, "finite_wilson").interval
    for end in (interval.lower, interval.upper):
        variance = end * (1 - end) / 40 * (200 - 40) / (200 - 1)
        assert abs(end - 0.3) == pytest.approx(1.959963985 * variance**0.5)


def test_a_census_has_no_interval_and_says_why() -> None:
    found = estimate(4, 10, census=True)
    assert (found.interval, found.no_interval) == (None, "census")
    assert estimate(4, 10, frame_size=10) == found
    origin = (Origin("Ola", "answers", ("C01",), "p1"),)
    share = Share(
        evidence=EvidenceClass.DEMO,
        origins=origin,
        base=Base("city", 10),
        rounding=RoundingRule.HALF_UP,
        method="share_of_cities",
        interval=found.interval,
        no_interval=found.no_interval,
        count=4,
    )
    for lang in texts.LOCALES:
        assert texts.label("no_interval.census", lang) in dict(share.details(lang)).values()


def test_a_census_with_missing_answers_is_refused() -> None:
    with pytest.raises(ValueError, match="No es un censo: respondieron 9 de 10"):
        estimate(4, 9, frame_size=10, census=True)


def test_the_way_of_asking_chooses_the_interval() -> None:
    assert estimate(4, 10).interval == confidence_interval(4, 10)
    assert estimate(4, 10, frame_size=24).interval.method == "finite_wilson"
    exact = estimate(4, 10, frame_size=24, method="clopper_pearson").interval
    assert exact == finite_interval(4, 10, 24).interval


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: finite_interval(3, 10, 9), "El marco tiene 9"),
        (lambda: finite_interval(3, 10, 20, "wald"), "hay: hypergeometric, finite_wilson"),
        (lambda: worst_case_bounds(3, 10, 9), "El marco tiene 9"),
        (lambda: simultaneous_intervals([3]), "dos partes"),
        (lambda: simultaneous_intervals([0, 0]), "dos partes"),
        (lambda: simultaneous_intervals([1, 2], "wald"), "hay: goodman"),
        (lambda: simultaneous_intervals([1, 2], "dirichlet", prior=0), "mayor que 0"),
    ],
)
def test_what_cannot_be_computed_is_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


# Non-response -----------------------------------------------------------------------------------


def test_worst_case_bounds_are_those_of_every_way_of_answering() -> None:
    # 3 of 5 said yes and 2 of 7 did not answer: try their answers
    shares = [(3 + sum(missing)) / 7 for missing in product([0, 1], repeat=2)]
    found = worst_case_bounds(3, 5, 7)
    assert (found.lower, found.upper) == (min(shares), max(shares))
    assert found.envelope.lower == confidence_interval(3, 7).lower
    assert found.envelope.upper == confidence_interval(5, 7).upper


def test_without_missing_answers_the_bounds_are_the_share() -> None:
    found = worst_case_bounds(3, 5, 5, level=None)
    assert found.lower == found.upper == 0.6
    assert found.envelope is None


# Several shares ---------------------------------------------------------------------------------

COIN = [44, 55, 43, 32, 67, 78]  # the example of the R packages CoinMinD and scimple


@pytest.mark.parametrize(
    ("method", "lower"),
    [
        ("goodman", (0.0947, 0.1238, 0.0921, 0.0641, 0.1564, 0.1869)),
        ("sison_glaz", (0.0846, 0.1191, 0.0815, 0.0470, 0.1567, 0.1912)),
    ],
)
def test_simultaneous_intervals_are_those_of_coinmind(
    method: str, lower: tuple[float, ...]
) -> None:
    found = simultaneous_intervals(COIN, method)
    assert [interval.lower for interval in found.intervals] == pytest.approx(lower, abs=5.1e-5)


def test_goodman_is_the_default_and_is_valid_where_sison_glaz_is_not() -> None:
    assert simultaneous_intervals(COIN) == simultaneous_intervals(COIN, "goodman")
    assert simultaneous_intervals(COIN).valid
    assert simultaneous_intervals(COIN, "sison_glaz").condition == "few_parts"


def test_on_sparse_counts_the_condition_fails_and_is_said() -> None:
    sparse = [6, 1, 1, 1, 1, 0, 0]
    for method in ("goodman", "sison_glaz"):
        found = simultaneous_intervals(sparse, method)
        assert (found.valid, found.condition) == (False, "small_counts")
        for lang in texts.LOCALES:
            assert texts.label(f"simultaneous.{found.condition}", lang)
    assert simultaneous_intervals(sparse, "dirichlet").valid
    assert simultaneous_intervals([9, 7, 6, 5, 8, 5, 5], "sison_glaz").valid


def test_dirichlet_intervals_hold_together_at_least_at_their_level() -> None:
    counts, prior = np.array([6, 3, 1, 0]), 0.5
    found = simultaneous_intervals(counts.tolist(), "dirichlet", prior=prior)
    draws = np.random.default_rng(8).dirichlet(counts + prior, size=40_000)
    lower = np.array([interval.lower for interval in found.intervals])
    upper = np.array([interval.upper for interval in found.intervals])
    assert ((draws >= lower) & (draws <= upper)).all(axis=1).mean() > 0.945


@settings(max_examples=20)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=6).filter(any))
def test_simultaneous_intervals_hold_each_share_and_are_wider_than_single_ones(
    counts: list[int],
) -> None:
    for method in SIMULTANEOUS_METHODS:
        for count, interval in zip(
            counts, simultaneous_intervals(counts, method).intervals, strict=True
        ):
            assert 0 <= interval.lower <= count / sum(counts) <= interval.upper <= 1
    for count, interval in zip(counts, simultaneous_intervals(counts).intervals, strict=True):
        single = confidence_interval(count, sum(counts))
        assert interval.upper - interval.lower >= single.upper - single.lower - 1e-9


# Differences ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # Newcombe (1998), Statistics in Medicine 17:873-890, Table II, method 10
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
    ],
)
def test_independent_differences_are_those_that_newcombe_published(
    cells: tuple[int, int, int, int], expected: tuple[float, float]
) -> None:
    found = independent_difference(*cells)
    assert (found.lower, found.upper) == pytest.approx(expected, abs=5.1e-5)


def test_the_exact_test_of_groups_is_that_of_fisher() -> None:
    # R: fisher.test(matrix(c(9, 1, 3, 7), 2, byrow = TRUE))$p.value
    assert independent_difference(9, 10, 3, 10).p_value == pytest.approx(0.01976661, abs=5e-9)
    # R: fisher.test(matrix(c(2, 8, 7, 7), 2, byrow = TRUE))$p.value
    assert independent_difference(2, 10, 7, 14).p_value == pytest.approx(0.2099205815, abs=5e-9)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # Newcombe (1998), Statistics in Medicine 17:2635-2650, Table II, method 10
        ((36, 12, 2, 0), (0.0569, 0.3404)),
        # Fagerland, Lydersen and Laake (2014), Statistics in Medicine 33:2850-2875, the data of
        # Bentur et al. (2009)
        ((1, 1, 7, 12), (-0.507, -0.026)),
    ],
)
def test_paired_differences_are_the_published_ones(
    cells: tuple[int, int, int, int], expected: tuple[float, float]
) -> None:
    found = paired_difference(*pairs(*cells))
    places = len(str(expected[0]).split(".")[1])
    assert (found.lower, found.upper) == pytest.approx(expected, abs=0.51 * 10**-places)


def test_the_exact_test_of_pairs_is_a_binomial_test_of_those_that_changed() -> None:
    # R: binom.test(7, 8)$p.value
    assert paired_difference(*pairs(1, 1, 7, 12)).p_value == pytest.approx(0.0703125)
    assert paired_difference(*pairs(3, 0, 0, 4)).p_value == 1


def test_cities_missing_in_a_wave_are_left_out_and_counted() -> None:
    first = pd.Series([True, True, False, None], index=["C01", "C02", "C03", "C04"])
    second = pd.Series([False, True, True], index=["C02", "C01", "C05"])
    found = paired_difference(first.astype("boolean"), second.astype("boolean"))
    assert (found.nobs, found.dropped, found.estimate) == ((2, 2), 3, 0.5)
    with pytest.raises(ValueError, match="nada que emparejar"):
        paired_difference(first.iloc[:1].astype("boolean"), second.iloc[2:].astype("boolean"))
    with pytest.raises(ValueError, match="«C01» está dos veces"):
        paired_difference(first.iloc[[0, 0]], second)


@given(st.tuples(*[st.integers(0, 8)] * 4).filter(any))
@settings(max_examples=40)
def test_turning_the_waves_around_turns_the_difference(cells: tuple[int, ...]) -> None:
    first, second = pairs(*cells)
    one, other = paired_difference(first, second), paired_difference(second, first)
    assert (one.lower, one.upper) == pytest.approx((-other.upper, -other.lower))
    assert one.lower - 1e-9 <= one.estimate <= one.upper + 1e-9


def test_the_exact_q_agrees_with_every_permutation_within_cities() -> None:
    rows = [[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]
    found = cochran_q(pd.DataFrame(rows, dtype="boolean"))
    ways = [list(permutations(row)) for row in rows]
    squares = [
        sum(sum(column) ** 2 for column in zip(*table, strict=True)) for table in product(*ways)
    ]
    observed = sum(sum(column) ** 2 for column in zip(*rows, strict=True))
    expected = sum(value >= observed for value in squares) / len(squares)
    assert found.exact
    assert found.p_value == pytest.approx(expected)


def test_q_with_two_waves_is_mcnemars_test() -> None:
    first, second = pairs(2, 6, 1, 3)
    found = cochran_q(pd.DataFrame({"a": first, "b": second}))
    assert found.p_value == pytest.approx(paired_difference(first, second).p_value)
    assert found.statistic == pytest.approx((6 - 1) ** 2 / (6 + 1))


def test_q_of_cities_that_never_change_is_no_evidence() -> None:
    found = cochran_q(pd.DataFrame([[1, 1], [0, 0], [1, None]], dtype="boolean"))
    assert (found.p_value, found.nobs, found.dropped) == (1, 2, 1)


def test_q_of_many_cities_takes_the_chi_squared_distribution() -> None:
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.random((900, 3)) < 0.4, dtype="boolean")
    found = cochran_q(table)
    assert not found.exact
    assert 0 < found.p_value < 1


def test_holm_is_that_of_p_adjust() -> None:
    # R: p.adjust(c(.01, .04, .03, .005), "holm")
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert list(found.values()) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm({}) == {}


@pytest.mark.parametrize("method", METHODS)
def test_no_method_of_one_share_is_far_below_its_level_on_average(method: str) -> None:
    nobs = 10
    found = [confidence_interval(count, nobs, method) for count in range(nobs + 1)]
    truths = (np.arange(400) + 0.5) / 400
    covered = [
        sum(binom.pmf(c, nobs, p) for c, i in enumerate(found) if i.lower <= p <= i.upper)
        for p in truths
    ]
    assert np.mean(covered) > 0.94


def test_hypergeometric_tails_are_those_of_scipy() -> None:
    found = finite_interval(24, 40, 200)
    assert hypergeom.sf(23, 200, found.lower_count - 1, 40) <= 0.025
    assert hypergeom.sf(23, 200, found.lower_count, 40) > 0.025


@pytest.mark.parametrize("method", ["jeffreys", "agresti_coull"])
def test_an_interval_without_a_form_for_a_frame_says_which_have_one(method: str) -> None:
    assert estimate(4, 10, method=method).interval is not None
    with pytest.raises(ValueError, match="use wilson o clopper_pearson"):
        estimate(4, 10, method=method, frame_size=24)
