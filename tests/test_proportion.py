"""Tests of the intervals of a share, against published values, R and the tests they invert."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from analysis.proportion import METHODS, confidence_interval
from analysis.provenance import Interval

TINY = 1e-9  # of a proportion; far below anything shown
LEVELS = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


@st.composite
def counts(draw: st.DrawFn, most: int = 300) -> tuple[int, int]:
    """Draw a count and its base, none and all of it among them."""
    base = draw(st.integers(1, most))
    return draw(st.one_of(st.integers(0, base), st.sampled_from([0, base]))), base


def bounds(count: int, nobs: int, method: str, level: float = 0.95) -> tuple[float, float]:
    interval = confidence_interval(count, nobs, method, level)
    return interval.lower, interval.upper


@pytest.mark.parametrize(
    ("count", "nobs", "wilson", "exact"),
    [
        # Newcombe (1998), Statistics in Medicine 17:857-872, Table I, methods 3 and 5
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_intervals_are_those_that_newcombe_published(
    count: int, nobs: int, wilson: tuple[float, float], exact: tuple[float, float]
) -> None:
    assert bounds(count, nobs, "wilson") == pytest.approx(wilson, abs=5.1e-5)
    assert bounds(count, nobs, "clopper_pearson") == pytest.approx(exact, abs=5.1e-5)


@pytest.mark.parametrize(
    ("count", "nobs", "expected"),
    [
        # R: prop.test(x, n, correct = FALSE)$conf.int
        (520, 1000, (0.4890177, 0.5508292)),
        (56, 100, (0.4622810, 0.6532797)),
    ],
)
def test_wilson_intervals_are_those_of_prop_test(
    count: int, nobs: int, expected: tuple[float, float]
) -> None:
    assert bounds(count, nobs, "wilson") == pytest.approx(expected, abs=5.1e-8)


@pytest.mark.parametrize(
    ("count", "nobs", "level", "expected"),
    [
        # R: binom.test(x, n, conf.level = level)$conf.int
        (682, 925, 0.95, (0.7076683, 0.7654066)),  # the example of its help page
        (9, 24, 0.95, (0.1879929, 0.5940636)),
        (542, 3611, 0.90, (0.1403939, 0.1602214)),
        (1, 1497, 0.90, (3.426347e-05, 3.164954e-03)),
    ],
)
def test_exact_intervals_are_those_of_binom_test(
    count: int, nobs: int, level: float, expected: tuple[float, float]
) -> None:
    assert bounds(count, nobs, "clopper_pearson", level) == pytest.approx(expected, abs=5.1e-8)


@pytest.mark.parametrize("nobs", [1, 10, 20, 40])
def test_the_exact_interval_of_nothing_has_its_closed_form(nobs: int) -> None:
    # Clopper and Pearson (1934): with no successes, (1 - upper)^n is half of 1 - level
    assert bounds(0, nobs, "clopper_pearson") == pytest.approx((0, 1 - 0.025 ** (1 / nobs)))


@given(drawn=counts(), level=LEVELS)
def test_a_wilson_interval_holds_what_the_score_test_does_not_reject(
    drawn: tuple[int, int], level: float
) -> None:
    # Wilson (1927): at both bounds the score statistic equals the normal quantile
    count, nobs = drawn
    quantile = norm.ppf(0.5 + level / 2)
    for bound in bounds(count, nobs, "wilson", level):
        if TINY < bound < 1 - TINY:
            deviation = abs(count / nobs - bound) / sqrt(bound * (1 - bound) / nobs)
            assert deviation == pytest.approx(quantile, rel=1e-6)


@given(drawn=counts(), level=LEVELS)
def test_an_exact_interval_leaves_half_of_the_error_in_each_tail(
    drawn: tuple[int, int], level: float
) -> None:
    # Clopper and Pearson (1934): each bound makes a count as extreme as this one that likely
    count, nobs = drawn
    lower, upper = bounds(count, nobs, "clopper_pearson", level)
    tail = (1 - level) / 2
    if count == 0:
        assert lower == 0
    else:
        assert binom.sf(count - 1, nobs, lower) == pytest.approx(tail, rel=1e-6)
    if count == nobs:
        assert upper == 1
    else:
        assert binom.cdf(count, nobs, upper) == pytest.approx(tail, rel=1e-6)


@pytest.mark.parametrize("nobs", [5, 10, 40])
def test_exact_intervals_cover_the_truth_at_least_as_often_as_their_level(nobs: int) -> None:
    found = [bounds(count, nobs, "clopper_pearson") for count in range(nobs + 1)]
    for truth in (step / 400 for step in range(1, 400)):
        covering = [c for c, (lower, upper) in enumerate(found) if lower <= truth <= upper]
        assert sum(binom.pmf(covering, nobs, truth)) >= 0.95 - TINY


@pytest.mark.parametrize("method", METHODS)
@given(drawn=counts(), level=LEVELS)
def test_an_interval_contains_the_estimate(
    method: str, drawn: tuple[int, int], level: float
) -> None:
    count, nobs = drawn
    lower, upper = bounds(count, nobs, method, level)
    assert lower - TINY <= count / nobs <= upper + TINY
    assert lower < upper


@pytest.mark.parametrize("method", METHODS)
@given(drawn=counts(), level=LEVELS)
def test_the_interval_of_the_rest_is_the_mirror_image(
    method: str, drawn: tuple[int, int], level: float
) -> None:
    count, nobs = drawn
    lower, upper = bounds(count, nobs, method, level)
    mirrored = bounds(nobs - count, nobs, method, level)
    assert mirrored == pytest.approx((1 - upper, 1 - lower), abs=TINY)


@pytest.mark.parametrize("method", METHODS)
@given(drawn=counts())
def test_a_higher_level_never_gives_a_narrower_interval(
    method: str, drawn: tuple[int, int]
) -> None:
    (low_90, high_90), (low_99, high_99) = (bounds(*drawn, method, lv) for lv in (0.9, 0.99))
    assert low_99 <= low_90 + TINY
    assert high_99 >= high_90 - TINY


def test_an_interval_carries_its_level_and_method() -> None:
    interval = confidence_interval(8, 40, "clopper_pearson", 0.9)
    assert isinstance(interval, Interval)
    assert (interval.level, interval.method) == (0.9, "clopper_pearson")


def test_wilson_at_95_percent_is_the_ordinary_interval() -> None:
    assert confidence_interval(8, 40) == confidence_interval(8, 40, "wilson", 0.95)


@pytest.mark.parametrize(("count", "nobs"), [(-1, 10), (11, 10), (0, 0), (1, 0), (0, -1)])
def test_a_count_outside_its_base_is_refused(count: int, nobs: int) -> None:
    with pytest.raises(ValueError, match=f"{count} no cabe en la base {nobs}"):
        confidence_interval(count, nobs)


@pytest.mark.parametrize("method", ["wald", "beta", ""])
def test_an_unknown_method_is_refused_with_those_that_exist(method: str) -> None:
    with pytest.raises(ValueError, match="hay: wilson, clopper_pearson"):
        confidence_interval(8, 40, method)
