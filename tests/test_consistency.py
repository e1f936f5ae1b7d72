"""Tests of the consistency of printed percentages with integer counts.

The independent implementations are ``decimal.Decimal.quantize`` over all counts, and, for multiple
response, the simulation of every possible set of answers.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Decimal,
)
from functools import cache
from itertools import combinations, combinations_with_replacement, islice, product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.consistency import (
    Design,
    Exclusive,
    Independent,
    Limits,
    PercentOfMentions,
    PercentOfRespondents,
    count_solutions,
    feasible_counts,
    grim_consistent,
    scan,
    smallest_base,
)
from analysis.rounding import ReportedPercentage, RoundingRule

DECIMAL_MODES = {
    RoundingRule.HALF_UP: ROUND_HALF_UP,
    RoundingRule.HALF_EVEN: ROUND_HALF_EVEN,
    RoundingRule.HALF_DOWN: ROUND_HALF_DOWN,
    RoundingRule.CEILING: ROUND_CEILING,
    RoundingRule.FLOOR: ROUND_FLOOR,
    RoundingRule.TRUNCATION: ROUND_DOWN,
}
HALF_UP = RoundingRule.HALF_UP
PUBLISHED = [ReportedPercentage.parse(text) for text in ("20", "48", "33")]
Vector = tuple[int, ...]

rules = st.sampled_from(RoundingRule)


@cache
def quantized(count: int, base: int, decimals: int, rule: RoundingRule) -> Decimal:
    """Round a percentage with the decimal module (28 digits, exact ties stay exact)."""
    percentage = Decimal(100 * count) / Decimal(base)
    return percentage.quantize(Decimal(1).scaleb(-decimals), rounding=DECIMAL_MODES[rule])


def reported_of(vector: Vector, base: int, decimals: int, rule: RoundingRule):
    """Print the percentages of a count vector, rounded with the decimal module."""
    rounded = (quantized(count, base, decimals, rule) for count in vector)
    return tuple(ReportedPercentage.parse(value) for value in rounded)


@dataclass(frozen=True)
class OneMentionOrMore:
    """A design of the user's own: percent of respondents who give 1 to k mentions."""

    k: int

    def limits(self, base: int, shares: int) -> Limits:
        """Return the limits for a base."""
        return Limits(max_count=base, min_total=base, max_total=self.k * base)


@st.composite
def problems(draw: st.DrawFn):
    """Draw percentages, a base, a rule and a design, feasible or not.

    The bases are large enough for wide ranges of counts and close to the totals, so that the
    limits of the designs cut through the box of ranges instead of missing it.
    """
    counts = tuple(draw(st.lists(st.integers(0, 250), min_size=1, max_size=3)))
    k = draw(st.integers(1, 3))
    near = st.integers(-2, 2)
    base = max(1, *counts, sum(counts) // draw(st.sampled_from([1, k])) + draw(near))
    rule = draw(rules)
    shares = list(reported_of(counts, base, 0, rule))
    if draw(st.integers(0, 4)) == 0:
        shares[-1] = ReportedPercentage(draw(st.integers(0, 100)))
    n = max(1, draw(st.sampled_from([base // k, *counts])) + draw(near))
    design = draw(
        st.sampled_from(
            [
                Independent(),
                Exclusive(),
                OneMentionOrMore(k),
                PercentOfRespondents(max_mentions=k),
                PercentOfMentions(respondents=n, max_mentions=k),
                PercentOfMentions(respondents=n, max_mentions=k, repeatable=True),
            ]
        )
    )
    return shares, base, rule, design


@st.composite
def compositions(draw: st.DrawFn) -> Vector:
    """Draw the counts of a genuine closed composition with at least one case."""
    counts = draw(st.lists(st.integers(0, 40), min_size=1, max_size=5))
    return tuple(counts) if any(counts) else (1, *counts)


# --- Published examples -------------------------------------------------------------------------


def test_percentages_of_fifty_cases() -> None:
    """Of 6, 7, ..., 16 % at n = 50 only the even ones pass.

    Published as a test of the R package scrutiny (Jung, tests/testthat/test-grim.R, ``vec5``).
    """
    passed = [p for p in range(6, 17) if grim_consistent(ReportedPercentage(p), 50)]
    assert passed == [6, 8, 10, 12, 14, 16]


@pytest.mark.parametrize(
    ("text", "n", "consistent"),
    [("32.5", 438, False), ("35.6", 455, True), ("21.7", 501, False), ("39.3", 516, True)],
)
def test_scrutiny_vignette(text: str, n: int, consistent: bool) -> None:
    """Reproduce the output printed in scrutiny's vignette "GRIM", "Percentage conversion".

    https://lhdjung.github.io/scrutiny/articles/grim.html; it accepts half-up and half-down.
    """
    reported = ReportedPercentage.parse(text)
    assert grim_consistent(reported, n) is consistent
    assert grim_consistent(reported, n, RoundingRule.HALF_DOWN) is consistent


def test_bases_of_the_published_shares_one_by_one() -> None:
    """48 % needs a base of at least 21 (10/21 = 47.6 %); 20 and 33 % exist on bases up to ten."""
    bases = [[n for n in range(1, 22) if grim_consistent(share, n)][:3] for share in PUBLISHED]
    assert bases == [[5, 10, 15], [21], [3, 6, 9]]


def test_smallest_base_of_the_published_shares() -> None:
    """20, 48 and 33 % of exclusive answers need 40 cases under half-up: (8, 19, 13)."""
    first = next(scan(PUBLISHED, 120, rule=HALF_UP, design=Exclusive()))
    assert (first.base, first.ranges, first.total, first.solutions) == (
        40,
        ((8, 8), (19, 19), (13, 13)),
        (40, 40),
        1,
    )
    assert list(first.vectors()) == [(8, 19, 13)]
    assert smallest_base(PUBLISHED, 120, rule=HALF_UP, design=Exclusive()) == 40
    assert smallest_base(PUBLISHED, 39, rule=HALF_UP, design=Exclusive()) is None
    assert smallest_base(PUBLISHED, 120, min_base=41, rule=HALF_UP, design=Exclusive()) == 46


# --- Brute force --------------------------------------------------------------------------------


def brute_force(base: int, rule: RoundingRule, *, exclusive: bool) -> list[Vector]:
    """List the vectors of the published shares by rounding all counts with Decimal."""
    per_share = [
        [c for c in range(base + 1) if quantized(c, base, 0, rule) == Decimal(str(share))]
        for share in PUBLISHED
    ]
    return [v for v in product(*per_share) if sum(v) == base or not exclusive]


@pytest.mark.parametrize("rule", list(RoundingRule))
@pytest.mark.parametrize("exclusive", [True, False])
def test_all_bases_up_to_120(rule: RoundingRule, exclusive: bool) -> None:
    """Bases, vectors, numbers of vectors and ranges of 20/48/33 % equal brute force."""
    design = Exclusive() if exclusive else Independent()
    expected = {}
    for base in range(1, 121):
        if vectors := brute_force(base, rule, exclusive=exclusive):
            expected[base] = vectors
    found = list(scan(PUBLISHED, 120, rule=rule, design=design))
    assert {f.base: list(f.vectors()) for f in found} == expected
    assert [f.solutions for f in found] == [len(v) for v in expected.values()]
    assert [f.ranges for f in found] == [
        tuple((min(counts), max(counts)) for counts in zip(*vectors, strict=True))
        for vectors in expected.values()
    ]


@pytest.mark.parametrize(
    ("design", "least", "most"),
    [
        (Independent(), 0, 3000),
        (Exclusive(), 1000, 1000),
        (PercentOfRespondents(max_mentions=1), 0, 1000),
        (OneMentionOrMore(1), 1000, 1000),
        (OneMentionOrMore(2), 1000, 2000),
        (PercentOfMentions(respondents=500, max_mentions=2), 1000, 1000),
        (PercentOfMentions(respondents=479, max_mentions=3), 1000, 1000),
        (PercentOfMentions(respondents=333, max_mentions=3), 1, 0),
    ],
)
def test_wide_ranges(design: Design, least: int, most: int) -> None:
    """On a base of 1,000, ten counts per share are cut by the limits as a filter cuts them."""
    cap = getattr(design, "respondents", 1000)
    expected = [
        vector
        for vector in brute_force(1000, HALF_UP, exclusive=False)
        if max(vector) <= cap and least <= sum(vector) <= most
    ]
    assert list(feasible_counts(PUBLISHED, 1000, HALF_UP, design)) == expected
    assert count_solutions(PUBLISHED, 1000, HALF_UP, design) == len(expected)


def test_rules_matter_for_the_published_shares() -> None:
    """Printed shares sum to 101: floor and truncation never give that, the others do."""
    smallest = {
        rule: smallest_base(PUBLISHED, 1000, rule=rule, design=Exclusive()) for rule in RoundingRule
    }
    assert smallest[RoundingRule.FLOOR] is None
    assert smallest[RoundingRule.TRUNCATION] is None
    assert smallest[RoundingRule.HALF_UP] == 40
    assert smallest[RoundingRule.HALF_EVEN] == smallest[RoundingRule.HALF_DOWN] == 46


def answer_sheets(options: int, k: int, *, repeatable: bool) -> list[Vector]:
    """List what one respondent can answer, as mentions of each option."""
    choose = combinations_with_replacement if repeatable else combinations
    return [
        tuple(chosen.count(option) for option in range(options))
        for size in range(k + 1)
        for chosen in choose(range(options), size)
    ]


def simulated(n: int, k: int, *, repeatable: bool = False) -> set[Vector]:
    """Return the counts of three options over every possible set of n answers."""
    sheets = answer_sheets(3, k, repeatable=repeatable)
    return {
        tuple(map(sum, zip(*answers, strict=True)))
        for answers in combinations_with_replacement(sheets, n)
    }


def grouped_by_print(vectors: set[Vector], base: int, rule: RoundingRule):
    """Group vectors by their printed percentages, adding printed triples that never occur."""
    groups = defaultdict(set)
    for vector in vectors:
        groups[reported_of(vector, base, 0, rule)].add(vector)
    values = {share for reported in groups for share in reported}
    for reported in product(values, repeat=3):
        groups[reported].update()
    return groups


@pytest.mark.parametrize("rule", [HALF_UP, RoundingRule.HALF_EVEN, RoundingRule.CEILING])
@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("n", [1, 2, 4, 5])
def test_percent_of_respondents_equals_simulation(n: int, k: int, rule: RoundingRule) -> None:
    """The limits on counts and mentions are exactly what real respondents can answer."""
    design = PercentOfRespondents(max_mentions=k)
    for reported, vectors in grouped_by_print(simulated(n, k), n, rule).items():
        assert list(feasible_counts(reported, n, rule, design)) == sorted(vectors)
        assert count_solutions(reported, n, rule, design) == len(vectors)


@pytest.mark.parametrize("rule", [HALF_UP, RoundingRule.HALF_EVEN, RoundingRule.CEILING])
@pytest.mark.parametrize("repeatable", [False, True])
@pytest.mark.parametrize(("n", "k"), [(1, 1), (1, 3), (2, 2), (3, 2), (4, 3)])
def test_percent_of_mentions_equals_simulation(
    n: int, k: int, repeatable: bool, rule: RoundingRule
) -> None:
    """Bases above k * n are impossible; below, every vector comes from real answers."""
    design = PercentOfMentions(respondents=n, max_mentions=k, repeatable=repeatable)
    possible = simulated(n, k, repeatable=repeatable)
    for base in range(1, k * n + 3):
        with_base = {vector for vector in possible if sum(vector) == base}
        assert bool(with_base) == (base <= k * n)
        closed = {v for v in product(range(base + 1), repeat=3) if sum(v) == base}
        for reported, vectors in grouped_by_print(closed, base, rule).items():
            expected = sorted(vectors & with_base)
            assert list(feasible_counts(reported, base, rule, design)) == expected
            assert count_solutions(reported, base, rule, design) == len(expected)


def test_published_shares_as_percent_of_mentions() -> None:
    """Twenty respondents with two mentions each reach 40 mentions, nineteen do not."""
    for n, expected in ((20, 40), (19, None)):
        design = PercentOfMentions(respondents=n, max_mentions=2)
        assert smallest_base(PUBLISHED, 45, rule=HALF_UP, design=design) == expected


def test_repeated_mentions_lift_the_cap_of_one_per_respondent() -> None:
    """Forty mentions by 18 respondents: 19 mentions of one option need a repetition."""
    for repeatable, expected in ((False, []), (True, [(8, 19, 13)])):
        design = PercentOfMentions(respondents=18, max_mentions=3, repeatable=repeatable)
        assert list(feasible_counts(PUBLISHED, 40, HALF_UP, design)) == expected


# --- Properties ---------------------------------------------------------------------------------


@given(problems())
def test_vectors_round_back(problem) -> None:
    """Every vector gives the reported percentages and comes once, in lexicographic order."""
    shares, base, rule, design = problem
    vectors = list(feasible_counts(shares, base, rule, design))
    for vector in vectors:
        for count, share in zip(vector, shares, strict=True):
            assert 0 <= count <= base
            assert quantized(count, base, share.decimals, rule) == Decimal(str(share))
    assert vectors == sorted(set(vectors))


@given(problems())
def test_count_solutions_equals_enumeration(problem) -> None:
    """The number of vectors is the length of the enumeration."""
    assert count_solutions(*problem) == len(list(feasible_counts(*problem)))


@given(problems())
def test_scan_agrees_with_enumeration(problem) -> None:
    """Ranges and totals are those of the vectors, so that every end is attained."""
    shares, base, rule, design = problem
    vectors = list(feasible_counts(shares, base, rule, design))
    found = list(scan(shares, base, min_base=base, rule=rule, design=design))
    assert len(found) == bool(vectors)
    for feasible in found:
        columns = list(zip(*vectors, strict=True))
        assert feasible.base == base
        assert feasible.ranges == tuple((min(column), max(column)) for column in columns)
        assert feasible.total == (min(map(sum, vectors)), max(map(sum, vectors)))
        assert feasible.solutions == len(vectors)
        assert list(feasible.vectors()) == vectors


@given(compositions(), st.integers(0, 2), rules)
def test_genuine_composition_is_found(counts: Vector, decimals: int, rule: RoundingRule) -> None:
    """Percentages computed from real counts lead back to these counts."""
    base = sum(counts)
    reported = reported_of(counts, base, decimals, rule)
    (feasible,) = scan(reported, base, min_base=base, rule=rule, design=Exclusive())
    assert counts in set(feasible.vectors())
    assert all(
        low <= count <= high for count, (low, high) in zip(counts, feasible.ranges, strict=True)
    )


@given(st.lists(st.sets(st.integers(0, 3), max_size=3), min_size=1, max_size=30), rules)
def test_genuine_multiple_response_is_found(answers: list[set[int]], rule: RoundingRule) -> None:
    """Real answers of up to three of four options are found under both readings."""
    counts = tuple(sum(option in answer for answer in answers) for option in range(4))
    n, mentions = len(answers), sum(counts)
    readings: list[tuple[int, Design]] = [(n, PercentOfRespondents(max_mentions=3))]
    if mentions:
        readings.append((mentions, PercentOfMentions(respondents=n, max_mentions=3)))
    for base, design in readings:
        reported = reported_of(counts, base, 0, rule)
        assert counts in set(feasible_counts(reported, base, rule, design))


@given(problems())
def test_exclusive_is_the_closed_part_of_independent(problem) -> None:
    """Exclusive vectors are the independent ones that sum to the base."""
    shares, base, rule, _ = problem
    independent = set(feasible_counts(shares, base, rule, Independent()))
    exclusive = set(feasible_counts(shares, base, rule, Exclusive()))
    assert exclusive == {vector for vector in independent if sum(vector) == base}


@given(problems(), st.integers(1, 30), st.booleans())
def test_monotone_in_mentions(problem, n: int, repeatable: bool) -> None:
    """Allowing more mentions never loses a vector; enough mentions bring no limit at all."""
    shares, base, rule, _ = problem
    m = len(shares)

    def by_k(k: int) -> Iterator[set[Vector]]:
        for design in (
            PercentOfRespondents(max_mentions=k),
            PercentOfMentions(respondents=n, max_mentions=k, repeatable=repeatable),
        ):
            yield set(feasible_counts(shares, base, rule, design))

    for k in range(1, m + 1):
        assert all(fewer <= more for fewer, more in zip(by_k(k), by_k(k + 1), strict=True))
    unlimited, _ = by_k(m)
    assert unlimited == set(feasible_counts(shares, base, rule, Independent()))


def test_k_is_binding_for_respondents() -> None:
    """Shares of 20, 48 and 33 % sum to more than 100, which one mention each cannot exceed."""
    at_100 = [
        list(feasible_counts(PUBLISHED, 100, HALF_UP, PercentOfRespondents(max_mentions=k)))
        for k in (1, 2)
    ]
    assert at_100 == [[], [(20, 48, 33)]]


# --- Size ---------------------------------------------------------------------------------------


def test_unique_solution_among_a_trillion_is_reached_at_once() -> None:
    """Twelve shares of ten counts each with one vector in all: only pruning gets there."""
    printed = (8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9)
    shares = [ReportedPercentage(p) for p in printed]
    only = tuple(10 * p for p in printed)
    assert count_solutions(shares, 1000, RoundingRule.CEILING, Independent()) == 10**12
    assert count_solutions(shares, 1000, RoundingRule.CEILING, Exclusive()) == 1
    assert list(feasible_counts(shares, 1000, RoundingRule.CEILING, Exclusive())) == [only]


def test_enumeration_is_lazy() -> None:
    """The first vectors come without the rest, and the number of vectors is exact."""
    shares = [ReportedPercentage(8)] * 8 + [ReportedPercentage(9)] * 4
    first, second = islice(feasible_counts(shares, 10_000, HALF_UP, Exclusive()), 2)
    assert first == (750, 750, 750, 750, 750, 756, 849, 849, 949, 949, 949, 949)
    assert second == (750, 750, 750, 750, 750, 757, 848, 849, 949, 949, 949, 949)
    # Stars and bars with inclusion-exclusion over the shares above their 100 possible counts.
    assert count_solutions(shares, 10_000, HALF_UP, Exclusive()) == _bounded_compositions(12, 99)


def _bounded_compositions(parts: int, largest: int) -> int:
    """Count the vectors of `parts` integers 0..largest that sum to 10,000 less the lows."""
    slack = 10_000 - 8 * 750 - 4 * 850
    return sum(
        (-1) ** j * comb(parts, j) * comb(slack - j * (largest + 1) + parts - 1, parts - 1)
        for j in range(slack // (largest + 1) + 1)
    )


# --- Arguments ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "max_base", "min_base", "message"),
    [
        (PUBLISHED, 0, 1, r"max_base: 0\. Se espera un entero a partir de 1"),
        (PUBLISHED, None, 1, "max_base: None"),
        (PUBLISHED, 10.0, 1, r"max_base: 10\.0"),
        (PUBLISHED, 10, 0, "min_base: 0"),
        (PUBLISHED, 10, 11, r"min_base \(11\) > max_base \(10\)"),
        ([], 10, 1, "al menos uno"),
        ([PUBLISHED[0], None], 10, 1, "posición 2: None"),
        (["20"], 10, 1, "posición 1: '20'"),
    ],
)
def test_scan_checks_arguments_at_the_call(shares, max_base, min_base, message: str) -> None:
    """Bad arguments raise ValueError in Spanish before any base is tried."""
    with pytest.raises(ValueError, match=message):
        scan(shares, max_base, min_base=min_base, rule=HALF_UP, design=Exclusive())
    with pytest.raises(ValueError, match=message):
        smallest_base(shares, max_base, min_base=min_base, rule=HALF_UP, design=Exclusive())


@pytest.mark.parametrize("function", [feasible_counts, count_solutions])
@pytest.mark.parametrize(
    ("shares", "base", "message"),
    [
        (PUBLISHED, 0, "base: 0"),
        (PUBLISHED, None, "base: None"),
        ([], 10, "al menos uno"),
        ([None], 10, "posición 1: None"),
    ],
)
def test_single_base_functions_check_arguments(function, shares, base, message: str) -> None:
    """The functions of one base check at the call, not at the first vector."""
    with pytest.raises(ValueError, match=message):
        function(shares, base, HALF_UP, PercentOfMentions(respondents=20, max_mentions=2))


@pytest.mark.parametrize(
    ("design", "arguments", "message"),
    [
        (PercentOfRespondents, {"max_mentions": 0}, "max_mentions: 0"),
        (PercentOfRespondents, {"max_mentions": None}, "max_mentions: None"),
        (PercentOfMentions, {"respondents": None, "max_mentions": 2}, "respondents: None"),
        (PercentOfMentions, {"respondents": 0, "max_mentions": 2}, "respondents: 0"),
        (PercentOfMentions, {"respondents": 5, "max_mentions": 0}, "max_mentions: 0"),
    ],
)
def test_designs_check_fields(design, arguments: dict[str, int | None], message: str) -> None:
    """Missing or non-positive numbers of respondents or mentions raise ValueError in Spanish."""
    with pytest.raises(ValueError, match=message):
        design(**arguments)


@pytest.mark.parametrize(
    ("percentage", "n", "message"), [(PUBLISHED[0], 0, " n: 0"), (None, 10, "posición 1: None")]
)
def test_grim_checks_arguments(percentage, n: int, message: str) -> None:
    """The sample size has to be positive and the percentage present."""
    with pytest.raises(ValueError, match=message):
        grim_consistent(percentage, n)
