"""Tests of questions with several answers: two bases, and association against MRCV and by hand."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency

from analysis.multiple_response import association, tabulate
from analysis.proportion import confidence_interval
from analysis.provenance import EvidenceClass, Origin

ORIGIN = (Origin("Ola de prueba", "answers", ("C01",), "acc_diseno"),)


def answers(*rows: str) -> pd.DataFrame:
    """Write a question as one word a city: 1, 0 or - for each choice."""
    values = {"1": True, "0": False, "-": pd.NA}
    frame = pd.DataFrame([[values[mark] for mark in row] for row in rows], dtype="boolean")
    frame.columns = list("abcdefg"[: frame.shape[1]])
    frame.index = [f"C{number:02d}" for number in range(1, len(rows) + 1)]
    return frame


# Tables -----------------------------------------------------------------------------------------


def test_both_bases_are_counted_and_never_mixed() -> None:
    found = tabulate(answers("110", "100", "000", "011", "---"))
    assert (found.cities, found.mentions, found.missing) == (4, 5, 1)
    assert [(row.name, row.cities, row.mentions) for row in found.rows] == [
        ("a", 2, 2),
        ("b", 2, 2),
        ("c", 1, 1),
    ]
    cities = found.city_shares(evidence=EvidenceClass.DEMO, origins=ORIGIN)
    mentions = found.mention_shares(evidence=EvidenceClass.DEMO, origins=ORIGIN)
    assert {(s.base.unit, s.base.n) for s in cities.values()} == {("city", 4)}
    assert {(s.base.unit, s.base.n) for s in mentions.values()} == {("mention", 5)}
    assert (cities["a"].text("en"), mentions["a"].text("en")) == ("50%", "40%")
    assert cities["a"].interval == confidence_interval(2, 4)
    assert mentions["a"].interval.method == "cluster_bootstrap"


def test_a_group_counts_a_city_once_and_every_mention() -> None:
    found = tabulate(answers("111", "110", "001"), groups={"a": "x", "b": "x", "c": "y"})
    assert [(row.name, row.cities, row.mentions) for row in found.rows] == [
        ("x", 2, 4),
        ("y", 2, 2),
    ]
    partial = tabulate(answers("111", "110", "001"), groups={"a": "x"})
    assert (partial.mentions, partial.cities) == (2, 3)
    with pytest.raises(ValueError, match="opciones «z»"):
        tabulate(answers("11"), groups={"z": "x"})


@settings(max_examples=30)
@given(st.lists(st.text("01", min_size=3, max_size=3), min_size=2, max_size=12))
def test_shares_of_mentions_are_parts_of_a_whole_and_intervals_hold_them(rows: list[str]) -> None:
    found = tabulate(answers(*rows), resamples=200)
    shares = found.mention_shares(evidence=EvidenceClass.DEMO, origins=ORIGIN)
    assert sum(share.proportion for share in shares.values()) == (1 if found.mentions else 0)
    for share in shares.values():
        if share.interval is not None:
            assert share.interval.lower <= float(share.proportion) <= share.interval.upper


def test_cities_and_not_mentions_are_resampled() -> None:
    # every city mentions all three or nothing, so that no resample of cities changes the share
    found = tabulate(answers(*["111"] * 6, *["000"] * 4))
    assert found.rows[0].mention_estimate.no_interval == "no_variation"
    assert tabulate(answers("10", "01")) == tabulate(answers("10", "01"))  # the seed is fixed


def test_the_bootstrap_agrees_with_the_enumeration_of_every_resample() -> None:
    rows = ["110", "100", "011", "001"]
    table = np.array([[int(mark) for mark in row] for row in rows])
    shares = []
    for chosen in product(range(4), repeat=4):
        counts = table[list(chosen)].sum(axis=0)
        shares.append(counts[0] / counts.sum())
    interval = tabulate(answers(*rows), resamples=60_000).rows[0].mention_estimate.interval
    expected = np.quantile(shares, [0.025, 0.975])
    assert (interval.lower, interval.upper) == pytest.approx(tuple(expected), abs=0.02)


def test_what_no_city_mentions_has_no_interval_rather_than_one_without_width() -> None:
    found = tabulate(answers("100", "010", "110"))
    assert found.rows[2].mention_estimate.no_interval == "no_variation"
    assert found.rows[2].city_estimate.interval.upper > 0.5


def test_one_city_and_a_census_have_no_interval_and_say_why() -> None:
    (row, _) = tabulate(answers("10")).rows
    assert row.mention_estimate.no_interval == "few_clusters"
    (row, _) = tabulate(answers("10", "11"), census=True).rows
    assert row.mention_estimate.no_interval == row.city_estimate.no_interval == "census"
    assert tabulate(answers("--")).cities == 0


# Association ------------------------------------------------------------------------------------

#: Koziol and Bilder (2014), The R Journal 6(1):144-150: item response table of ``farmer2`` (279
#: farmers) as counts of (0, 0), (0, 1), (1, 0), (1, 1), and X^2_S.ij and p.ij.adj of
#: MI.test(farmer2, I = 3, J = 4, add.constant = 0.5)
FARMERS = [
    ((123, 116, 13, 27), 4.93, 0.3163),
    ((175, 64, 24, 16), 2.93, 1),
    ((156, 83, 38, 2), 14.29, 0.0019),
    ((228, 11, 38, 2), 0.01, 1),
    ((128, 121, 8, 22), 6.56, 0.1253),
    ((181, 68, 18, 12), 2.11, 1),
    ((165, 84, 29, 1), 11.68, 0.0076),
    ((237, 12, 29, 1), 0.13, 1),
    ((134, 124, 2, 19), 13.98, 0.0022),
    ((184, 74, 15, 6), 0.00, 1),
    ((174, 84, 20, 1), 7.08, 0.0934),
    ((245, 13, 21, 0), 0.32, 1),  # an empty cell, which gets the constant
]


def pair(cells: tuple[int, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = [
        code
        for code, times in zip(("00", "01", "10", "11"), cells, strict=True)
        for _ in range(times)
    ]
    frame = answers(*rows)
    return frame[["a"]], frame[["b"]]


@pytest.mark.parametrize(("cells", "statistic", "p_value"), FARMERS)
def test_the_statistic_of_each_pair_is_that_of_mrcv(
    cells: tuple[int, ...], statistic: float, p_value: float
) -> None:
    found = association(*pair(cells), resamples=1)
    assert found.statistic == pytest.approx(statistic, abs=0.0051)
    assert min(1.0, float(chi2.sf(found.statistic, 1)) * 12) == pytest.approx(p_value, abs=5.1e-5)


def test_the_sum_of_the_pairs_is_that_of_mrcv() -> None:
    total = sum(association(*pair(cells), resamples=1).statistic for cells, _, _ in FARMERS)
    assert total == pytest.approx(64.03, abs=0.0051)


def appendix(w: np.ndarray, y: np.ndarray, statistic: float) -> tuple[float, float]:
    """Second-order correction as Bilder and Loughin (2004) write it, over all answer patterns."""
    n, i, j = len(w), w.shape[1], y.shape[1]
    g = np.array(list(product([0, 1], repeat=i))).T
    h = np.array(list(product([0, 1], repeat=j))).T
    tau = np.zeros(2 ** (i + j))
    for one, two in zip(w, y, strict=True):
        code = int("".join(map(str, [*one, *two])), 2)
        tau[code] += 1 / n
    p, q = w.mean(axis=0)[:, None], y.mean(axis=0)[:, None]
    g_all, h_all = np.kron(g, np.ones((1, 2**j))), np.kron(np.ones((1, 2**i)), h)
    f = np.kron(g, h) - np.kron(p, h_all) - np.kron(g_all, q)
    sigma = f @ (np.diag(tau) - np.outer(tau, tau)) @ f.T
    d = np.diag((np.kron(p, q) * np.kron(1 - p, 1 - q)).ravel())
    squares = (np.linalg.eigvals(np.linalg.inv(d) @ sigma).real ** 2).sum()
    return i * j * statistic / squares, i**2 * j**2 / squares


def drawn(seed: int, n: int = 40) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    first = pd.DataFrame(rng.random((n, 3)) < 0.45, dtype="boolean")
    second = pd.DataFrame(rng.random((n, 2)) < 0.5, dtype="boolean")
    first.columns, second.columns = list("abc"), list("pq")
    second["p"] = first["a"] ^ pd.Series(rng.random(n) < 0.3, dtype="boolean")
    return first, second


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_second_order_correction_is_that_of_bilder_and_loughin(seed: int) -> None:
    first, second = drawn(seed)
    found = association(first, second, resamples=1)
    w, y = first.astype(int).to_numpy(), second.astype(int).to_numpy()
    expected = appendix(w, y, found.statistic)
    assert (found.second_order.statistic, found.second_order.df) == pytest.approx(expected)


@pytest.mark.parametrize("seed", [1, 2])
def test_cells_are_pearsons_statistics(seed: int) -> None:
    first, second = drawn(seed)
    found = association(first, second, resamples=1, constant=0)
    for a, p in product(first, second):
        table = pd.crosstab(first[a], second[p])
        expected = chi2_contingency(table, correction=False).statistic
        assert found.cells.loc[a, p] == pytest.approx(expected)
    group = pd.Series(np.random.default_rng(seed).choice(["CO", "MX", "AR"], 40))
    grouped = association(group, second, resamples=1, constant=0)
    for p in second:
        expected = chi2_contingency(pd.crosstab(group, second[p]), correction=False).statistic
        assert grouped.cells.loc["group", p] == pytest.approx(expected)


def test_of_single_items_every_correction_is_the_chi_squared_test() -> None:
    # with one pair of items under near independence the eigenvalue is near 1
    first, second = drawn(5, n=4_000)
    found = association(first[["b"]], second[["q"]], resamples=400)
    plain = float(chi2.sf(found.statistic, 1))
    assert found.bonferroni == pytest.approx(plain)
    assert found.first_order.p_value == pytest.approx(plain, abs=0.02)
    assert found.second_order.p_value == pytest.approx(plain, abs=0.02)
    assert found.bootstrap == pytest.approx(plain, abs=0.08)


def test_a_group_told_by_two_levels_is_an_item() -> None:
    first, second = drawn(4)
    group = first["b"].map({True: "sí", False: "no"}).astype(str)
    one = association(group, second, resamples=1)
    other = association(first[["b"]], second, resamples=1)
    assert one.statistic == pytest.approx(other.statistic)
    assert one.second_order.statistic == pytest.approx(other.second_order.statistic)
    assert one.second_order.df == pytest.approx(other.second_order.df)


def test_a_strong_association_is_seen_by_every_correction_and_none_is_zero() -> None:
    first, _ = drawn(6)
    second = first.rename(columns={"a": "p", "b": "q", "c": "r"})
    found = association(first, second, resamples=499)
    tails = (found.first_order.p_value, found.second_order.p_value, found.bonferroni)
    assert max(tails) < 0.001
    assert found.bootstrap == 1 / 500


def test_items_that_do_not_vary_and_cities_that_did_not_answer_are_named() -> None:
    first, second = answers("10", "11", "01", "00", "--"), answers("11", "10", "11", "10", "11")
    second.columns = ["p", "q"]
    found = association(first, second, resamples=99)
    assert (found.left_out, found.cities, found.missing) == (("p",), 4, 1)
    assert found.discarded > 0
    with pytest.raises(ValueError, match="Ninguna opción distingue"):
        association(first, second[["p"]])
    with pytest.raises(ValueError, match="no puede ser negativa"):
        association(first, second, constant=-1)


def test_the_constant_changes_only_tables_with_empty_cells() -> None:
    cells = FARMERS[-1][0]
    with_constant, without = (
        association(*pair(cells), resamples=1, constant=c).statistic for c in (0.5, 0)
    )
    assert with_constant != pytest.approx(without)
    full = FARMERS[0][0]
    same = [association(*pair(full), resamples=1, constant=c).statistic for c in (0.5, 0)]
    assert same[0] == same[1]
