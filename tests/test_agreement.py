"""Tests of concordant and discordant pairs, against ``scipy.stats.kendalltau``."""

from collections import Counter
from collections.abc import Sequence
from math import comb, isnan, sqrt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from analysis.agreement import PairCounts, kendall_tau_b, order_agreement, pair_counts

pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=40)
permutations = st.integers(2, 30).flatmap(lambda n: st.permutations(range(n)))


def tied_pairs(values: Sequence[object]) -> int:
    return sum(comb(size, 2) for size in Counter(values).values())


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([1, 2, 3, 4], [1, 2, 3, 4], PairCounts(6, 0, 0)),
        ([1, 2, 3, 4], [4, 3, 2, 1], PairCounts(0, 6, 0)),
        ([1, 2, 3, 4], [1, 2, 4, 3], PairCounts(5, 1, 0)),
        ([1, 2, 3], [1, 1, 2], PairCounts(2, 0, 1)),  # a tie in one order
        ([1, 1, 2], [1, 1, 2], PairCounts(2, 0, 1)),  # the same tie in both
        ([1, 1], [1, 2], PairCounts(0, 0, 1)),
        ([5, 5, 5], [1, 2, 3], PairCounts(0, 0, 3)),
        ([1], [1], PairCounts(0, 0, 0)),
        ([], [], PairCounts(0, 0, 0)),
    ],
)
def test_pairs_of_short_orders_are_counted_as_by_hand(
    first: list[int], second: list[int], expected: PairCounts
) -> None:
    assert pair_counts(first, second) == expected


@given(permutations)
def test_without_ties_the_counts_give_tau_a(second: list[int]) -> None:
    # Kendall (1938): tau = (concordant - discordant) / pairs
    found = pair_counts(range(len(second)), second)
    assert found.tied == 0
    tau = (found.concordant - found.discordant) / comb(len(second), 2)
    assert tau == pytest.approx(kendalltau(range(len(second)), second).statistic)


@given(pairs)
def test_with_ties_the_counts_give_tau_b(drawn: list[tuple[int, int]]) -> None:
    # Kendall (1945), Biometrika 33:239-251: tau-b divides by the untied pairs of each order
    first, second = zip(*drawn, strict=True)
    found = pair_counts(first, second)
    untied = [comb(len(drawn), 2) - tied_pairs(order) for order in (first, second)]
    tau = kendalltau(first, second).statistic
    if isnan(tau):
        assert 0 in untied
        assert found.concordant == found.discordant == 0
    else:
        expected = tau * sqrt(untied[0] * untied[1])
        assert found.concordant - found.discordant == pytest.approx(expected, abs=1e-6)


@given(pairs)
def test_a_pair_tied_in_either_order_is_tied_and_every_pair_is_counted(
    drawn: list[tuple[int, int]],
) -> None:
    first, second = zip(*drawn, strict=True)
    found = pair_counts(first, second)
    assert found.tied == tied_pairs(first) + tied_pairs(second) - tied_pairs(drawn)
    assert found.concordant + found.discordant + found.tied == comb(len(drawn), 2)


@given(pairs)
def test_turning_one_order_around_swaps_concordant_and_discordant(
    drawn: list[tuple[int, int]],
) -> None:
    first, second = zip(*drawn, strict=True)
    found = pair_counts(first, second)
    turned = pair_counts(first, [-rank for rank in second])
    assert turned == PairCounts(found.discordant, found.concordant, found.tied)


@given(pairs)
def test_it_does_not_matter_which_order_comes_first(drawn: list[tuple[int, int]]) -> None:
    first, second = zip(*drawn, strict=True)
    assert pair_counts(first, second) == pair_counts(second, first)


def test_orders_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="distinto tamaño: 2 y 3"):
        pair_counts([1, 2], [1, 2, 3])


@given(pairs)
def test_tau_b_is_what_the_counts_of_pairs_give(drawn: list[tuple[int, int]]) -> None:
    first, second = zip(*drawn, strict=True)
    found = pair_counts(first, second)
    untied = [comb(len(drawn), 2) - tied_pairs(order) for order in (first, second)]
    tau = kendall_tau_b(first, second)
    if 0 in untied:
        assert tau is None
    else:
        expected = (found.concordant - found.discordant) / sqrt(untied[0] * untied[1])
        assert tau == pytest.approx(expected)


def test_tau_b_is_that_of_r() -> None:
    # R: cor(c(1, 2, 2, 3, 4), c(1, 3, 2, 2, 4), method = "kendall")
    assert kendall_tau_b([1, 2, 2, 3, 4], [1, 3, 2, 2, 4]) == pytest.approx(2 / 3)
    assert kendall_tau_b([1], [1]) is None
    with pytest.raises(ValueError, match="distinto tamaño"):
        kendall_tau_b([1, 2], [1])


def test_orders_are_matched_by_item_and_what_one_lacks_is_named() -> None:
    chart = pd.Series({"dis_01": 1, "dis_02": 2, "dis_03": 3, "dis_04": 4})
    wave = pd.Series({"dis_03": 5, "dis_01": 2, "dis_02": 2, "otro": 1}, dtype="Float64")
    found = order_agreement(chart, wave)
    assert set(found.items) == {"dis_01", "dis_02", "dis_03"}
    assert set(found.left_out) == {"dis_04", "otro"}
    assert found.pairs == PairCounts(2, 0, 1)
    assert found.tau_b == pytest.approx(2 / sqrt(3 * 2))


def test_the_charts_agree_with_tabla_1_in_every_stage(study) -> None:
    # README of the source facts: 26, 39 and 33 concordant pairs, none discordant
    states = {"dificultad": 0, "en_proceso": 1, "avance": 2}
    found = {}
    for stage, rows in study.actions.groupby("stage", sort=False):
        actions = rows.set_index("id")
        result = order_agreement(
            actions["number"], actions["table1_state"].map(states).astype("Int64")
        )
        found[stage] = (result.pairs.concordant, result.pairs.discordant)
        assert result.tau_b > 0.8
    assert found == {"diseno": (26, 0), "implementacion": (39, 0), "evaluacion": (33, 0)}
