"""Coefficients of agreement against published tables and independent packages."""

import math

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.coding.reliability import (
    LEVELS,
    agreement_weights,
    alpha_by_code,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    percent_agreement,
    reading,
    value_counts,
)

NAN = math.nan
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section D.
FOUR_OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]


@pytest.mark.parametrize(
    ("level", "published"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_alpha_is_that_of_krippendorff_2011(level, published):
    found = krippendorff_alpha(FOUR_OBSERVERS, level)
    assert round(found.value, 3) == published
    assert (found.coders, found.units, found.missing) == (4, 11, "pairable_units")
    assert found.low < found.value <= found.high
    assert found.reading == ("reliable" if published >= 0.8 else "tentative")
    assert found.cautious_reading == "insufficient"


@pytest.mark.parametrize("level", LEVELS)
def test_alpha_and_its_resamples_equal_the_package(level):
    rng = np.random.default_rng(3)
    truth = rng.integers(1, 6, 40)
    data = np.array([np.where(rng.random(40) < 0.7, truth, rng.integers(1, 6, 40)) for _ in "abc"])
    data = np.where(rng.random(data.shape) < 0.1, np.nan, data.astype(float))
    found = krippendorff_alpha(data, level, resamples=60, seed=5)
    assert found.value == pytest.approx(krippendorff.alpha(data, level_of_measurement=level))
    # the same samples, each as a table of its own: units that were drawn twice stand twice
    used = data[:, (~np.isnan(data)).sum(axis=0) >= 2]
    drawn = np.random.default_rng(5).integers(0, used.shape[1], size=(60, used.shape[1]))
    each = [krippendorff.alpha(used[:, sample], level_of_measurement=level) for sample in drawn]
    assert [found.low, found.high] == pytest.approx(np.quantile(each, [0.025, 0.975]))
    assert found.below_reliable == pytest.approx(np.mean(np.array(each) < 0.8))


# Computed with irrCAC 0.4.4, which needs pandas 2, in an environment of its own:
# CAC(pd.DataFrame(FOUR_OBSERVERS).T, weights=W, digits=5).gwet()["est"]
@pytest.mark.parametrize(
    ("weights", "value", "error", "low"),
    [
        ("identity", 0.77544, 0.14295, 0.46081),
        ("ordinal", 0.89894, 0.1069, 0.66365),
        ("quadratic", 0.914, 0.10396, 0.68518),
        ("linear", 0.85874, 0.11733, 0.6005),
    ],
)
def test_gwet_equals_irrcac(weights, value, error, low):
    found = gwet_ac(FOUR_OBSERVERS, weights)
    assert (found.value, found.standard_error, found.low) == pytest.approx(
        (value, error, low), abs=1e-5
    )
    assert found.high == 1


def test_gwet_counts_values_that_nobody_gave():
    # Chance is spread over every value that could have been given: Gwet (2008), equation 5.
    given_values = [["a", "a", "b"], ["a", "b", "b"]]
    assert gwet_ac(given_values, domain=["a", "b", "c"]).value > gwet_ac(given_values).value
    with pytest.raises(ValueError, match="«b»"):
        gwet_ac(given_values, domain=["a", "c"])


def test_fleiss_and_cohen_equal_irrcac():
    # irrCAC 0.4.4: CAC(d.dropna(), digits=5).fleiss() and CAC(d[[0, 1]].dropna()).conger(), which
    # for two coders is Cohen's kappa
    found = fleiss_kappa(FOUR_OBSERVERS)
    assert (round(found.value, 5), found.units, found.missing) == (0.64146, 8, "complete_units")
    found = cohen_kappa(FOUR_OBSERVERS[:2])
    assert (round(found.value, 5), found.units) == (0.84483, 9)
    assert found.low < found.value < found.high <= 1


def test_cohen_by_hand():
    # from the definition: 58 of 200 units agree, and chance is the product of the margins
    cells = np.array([[50, 26, 24], [24, 4, 32], [6, 30, 4]])
    pairs = [(row, column) for (row, column), n in np.ndenumerate(cells) for _ in range(n)]
    rows, columns = cells.sum(axis=1) / 200, cells.sum(axis=0) / 200
    expected = (rows * columns).sum()
    found = cohen_kappa(np.array(pairs).T)
    assert found.value == pytest.approx((0.29 - expected) / (1 - expected))
    assert found.low < found.value < found.high
    with pytest.raises(ValueError, match="dos codificadores"):
        cohen_kappa(FOUR_OBSERVERS)


def test_percent_agreement_by_hand():
    # units 1 to 3: 1 of 1 pair, 1 of 3 pairs, 0 of 1; the last has one value and is left out
    values = [["a", "a", "a", None], ["a", "b", "b", "c"], [None, "a", None, None]]
    found = percent_agreement(values)
    assert found.value == pytest.approx((1 + 1 / 3 + 0) / 3)
    assert found.units == 3


def test_what_has_no_coefficient_says_why():
    same = [["a", "a", "a"], ["a", "a", "a"]]
    alone = [["a", None], [None, "b"]]
    for compute in (krippendorff_alpha, cohen_kappa, fleiss_kappa, gwet_ac):
        assert (compute(same).value, compute(same).undefined) == (None, "no_variation")
        assert (compute(alone).value, compute(alone).undefined) == (None, "no_pairs")
        assert compute(same).reading == "undefined"
    with pytest.raises(ValueError, match="al menos dos"):
        krippendorff_alpha([["a", "b"]])
    with pytest.raises(ValueError, match="necesita números"):
        value_counts([["a", "b"], ["a", "b"]], "interval")
    with pytest.raises(ValueError, match="desconocido"):
        value_counts(same, "fuzzy")
    with pytest.raises(ValueError, match="desconocidos"):
        agreement_weights([1, 2, 3], "cubic")


def test_codes_share_units_and_what_was_not_read_is_missing():
    rng = np.random.default_rng(8)
    applied = rng.random((2, 60, 3)) < [0.5, 0.2, 0.05]
    applied[1, :40] = applied[0, :40]
    read = rng.random((2, 60)) < 0.9
    found = alpha_by_code(applied, read, resamples=200, groups=np.repeat(range(12), 5))
    for number, code in enumerate(found.by_code):
        data = np.where(read, applied[:, :, number], np.nan)
        assert code.value == pytest.approx(krippendorff.alpha(data, level_of_measurement="nominal"))
        assert code.units == int(read.all(axis=0).sum())
        assert code.interval == "bootstrap_groups"
    assert min(c.value for c in found.by_code) <= found.overall.value
    assert found.overall.value <= max(c.value for c in found.by_code)
    nobody = alpha_by_code(np.zeros((2, 5, 1)))
    assert nobody.by_code[0].undefined == "no_variation"


def test_whole_groups_are_drawn():
    # all units of a document agree or all disagree: documents vary more than their units suggest
    first = np.tile(["a", "b"], 60)
    second = np.where(np.repeat(np.arange(12) % 3 == 0, 10), first[::-1], first)
    units = krippendorff_alpha([first, second])
    groups = krippendorff_alpha([first, second], groups=np.repeat(range(12), 10))
    assert groups.value == units.value
    assert groups.high - groups.low > 1.5 * (units.high - units.low)


def test_the_published_thresholds():
    values = [None, 0.666, 0.667, 0.799, 0.8]
    assert [reading(v) for v in values] == [
        "undefined",
        "insufficient",
        "tentative",
        "tentative",
        "reliable",
    ]


values = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=30
)


@given(values)
def test_invariants(pairs):
    data = np.array(pairs, dtype=object).T
    found = krippendorff_alpha(data, resamples=0)
    renamed = krippendorff_alpha(
        np.vectorize({"a": "z", "b": "y", "c": "x"}.get)(data), resamples=0
    )
    swapped = krippendorff_alpha(data[::-1], resamples=0)
    assert found.value == pytest.approx(swapped.value) == pytest.approx(renamed.value)
    agreed = krippendorff_alpha([data[0], data[0]], resamples=0)
    assert agreed.value in (1.0, None)
    if found.value is not None:
        assert found.value <= 1
        if percent_agreement(data).value < 1:
            assert found.value < 1
