"""Unitizing alphas against a published example and against counting characters one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.coding.unitizing import merged, unitizing_alpha_2004, unitizing_alphas_2016

# Krippendorff (2004), Content Analysis, 2nd ed., p. 254: a continuum of 300 that begins at 150.
FIRST = [(75, 145, "c"), (220, 250, "c"), (30, 90, "k"), (150, 200, "k")]
SECOND = [(70, 150, "c"), (205, 225, "c"), (250, 270, "c"), (30, 90, "k"), (150, 200, "k")]


def test_the_example_of_2004():
    overall, by_value = unitizing_alpha_2004([FIRST, SECOND], 300)
    assert by_value["c"].observed == pytest.approx(0.0144, abs=1e-4)
    assert by_value["c"].expected == pytest.approx(0.0532, abs=1e-4)
    assert by_value["c"].value == pytest.approx(0.7286, abs=1e-4)
    assert by_value["k"].observed == 0
    assert by_value["k"].expected == pytest.approx(0.0490, abs=1e-4)
    assert by_value["k"].value == 1
    assert overall.value == pytest.approx(0.8591, abs=5e-4)


def by_character(coders, length):
    """u-alpha and cu-alpha of two coders, character by character, from the definition of 2016.

    Two characters of one segment are no independent pair, so that they leave the chance agreement;
    gaps have no segments.
    """
    lines = []
    for segments in coders:
        line = [("", n) for n in range(length)]  # every character of a gap stands alone
        for number, (start, end, value) in enumerate(segments):
            line[start:end] = [(value, -1 - number)] * (end - start)
        lines.append(line)

    def alpha(kept):
        observed = sum(lines[0][n][0] != lines[1][n][0] for n in kept) / len(kept)
        pool = [(c, *lines[c][n]) for c in (0, 1) for n in kept]
        pairs = [(a, b) for a in pool for b in pool if not (a[0] == b[0] and a[2] == b[2])]
        expected = sum(a[1] != b[1] for a, b in pairs) / len(pairs)
        return 1 - observed / expected if expected else None

    everything = alpha(range(length))
    both = [n for n in range(length) if lines[0][n][0] and lines[1][n][0]]
    return everything, alpha(both) if both else None


SEGMENTS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["", "", "a", "b"])), min_size=1, max_size=7
)


def laid(pieces, length=30):
    found, at = [], 0
    for size, value in pieces:
        end = min(at + size, length)
        if value and end > at:
            found.append((at, end, value))
        at = end
    return found


@given(SEGMENTS, SEGMENTS)
def test_2016_counts_as_one_would_by_hand(first, second):
    coders = [laid(first), laid(second)]
    found = unitizing_alphas_2016(coders, 30)
    everything, both = by_character(coders, 30)
    for ours, by_hand in ((found.unitizing.value, everything), (found.coding.value, both)):
        assert (ours is None) == (by_hand is None)
        if ours is not None:
            assert ours == pytest.approx(by_hand)


@given(SEGMENTS, st.integers(2, 4))
def test_perfect_agreement_is_one(pieces, coders):
    segments = laid(pieces)
    found = unitizing_alphas_2016([segments] * coders, 30)
    assert found.unitizing.value in (None, pytest.approx(1))
    assert found.relevance.value in (None, pytest.approx(1))
    overall, _ = unitizing_alpha_2004([segments] * coders, 30)
    assert overall.value in (None, pytest.approx(1))


def test_what_each_alpha_of_the_family_says():
    # the same stretches with other codes: sure of what matters, not of what it says
    found = unitizing_alphas_2016(
        [[(10, 20, "a"), (30, 40, "b")], [(10, 20, "b"), (30, 40, "a")]], 100
    )
    assert found.relevance.value == pytest.approx(1)
    assert found.coding.value < 0 < found.unitizing.value < 1
    assert found.coding.coverage == pytest.approx(20 / 100)
    assert set(found.by_value) == {"a", "b"}
    assert found.by_value["a"].coverage == 1


def test_overlaps_and_ill_fitting_segments():
    assert merged([(3, 8, "a"), (0, 5, "a"), (4, 6, "b")]) == [(0, 8, "a"), (4, 6, "b")]
    with pytest.raises(ValueError, match="se superponen"):
        unitizing_alphas_2016([[(0, 5, "a"), (3, 8, "b")], []], 10)
    with pytest.raises(ValueError, match="no cabe"):
        unitizing_alphas_2016([[(0, 11, "a")], []], 10)
    with pytest.raises(ValueError, match="al menos dos"):
        unitizing_alpha_2004([[(0, 5, "a")]], 10)
    overall, by_value = unitizing_alpha_2004([[(0, 5, "a"), (3, 8, "b")], [(0, 5, "a")]], 10)
    assert by_value["a"].value == 1
    assert by_value["b"].value < overall.value < 1


def test_a_gap_ends_with_its_document():
    # the second coder skipped the segment: with two documents the gap that holds it is shorter
    coders = [[(2, 5, "a")], [(12, 15, "a")]]
    one, _ = unitizing_alpha_2004(coders, 20)
    two, _ = unitizing_alpha_2004(coders, 20, cuts=[10])
    assert one.observed == two.observed
    assert one.expected > two.expected
