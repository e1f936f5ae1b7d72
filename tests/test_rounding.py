"""Tests of the exact rounding of percentages and of its inverse.

The independent implementation is ``decimal.Decimal.quantize``.
"""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Decimal,
)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.rounding import ReportedPercentage, RoundingRule, count_range, round_ratio

DECIMAL_MODES = {
    RoundingRule.HALF_UP: ROUND_HALF_UP,
    RoundingRule.HALF_EVEN: ROUND_HALF_EVEN,
    RoundingRule.HALF_DOWN: ROUND_HALF_DOWN,
    RoundingRule.CEILING: ROUND_CEILING,
    RoundingRule.FLOOR: ROUND_FLOOR,
    RoundingRule.TRUNCATION: ROUND_DOWN,
}
NEAREST = [RoundingRule.HALF_UP, RoundingRule.HALF_EVEN, RoundingRule.HALF_DOWN]

rules = st.sampled_from(RoundingRule)


def quantized(count: int, base: int, decimals: int, rule: RoundingRule) -> Decimal:
    """Round a percentage with the decimal module (28 digits, exact ties stay exact)."""
    percentage = Decimal(100 * count) / Decimal(base)
    return percentage.quantize(Decimal(1).scaleb(-decimals), rounding=DECIMAL_MODES[rule])


@st.composite
def ratios(draw: st.DrawFn) -> tuple[int, int]:
    """Draw a count and a base, with divisors of powers of ten (ties) drawn often."""
    base = draw(st.one_of(st.integers(1, 3000), st.sampled_from([8, 16, 40, 80, 200, 400, 2000])))
    return draw(st.integers(0, base)), base


@pytest.mark.parametrize(
    ("text", "scaled", "decimals", "plain"),
    [
        ("20", 20, 0, "20"),
        ("20.0", 200, 1, "20.0"),
        ("0.33", 33, 2, "0.33"),
        ("0,33", 33, 2, "0.33"),
        ("48 %", 48, 0, "48"),
        ("48\u00a0%", 48, 0, "48"),
        ("48\u202f%", 48, 0, "48"),
        (" 33,3% ", 333, 1, "33.3"),
        ("0", 0, 0, "0"),
        ("0.05", 5, 2, "0.05"),
        ("100.00", 10000, 2, "100.00"),
        (Decimal("20.0"), 200, 1, "20.0"),
        (Decimal("2E+1"), 20, 0, "20"),
    ],
)
def test_parse_keeps_printed_decimals(
    text: str | Decimal, scaled: int, decimals: int, plain: str
) -> None:
    """Text and Decimal keep trailing zeros; the plain value has no sign and a point."""
    reported = ReportedPercentage.parse(text)
    assert reported == ReportedPercentage(scaled, decimals)
    assert str(reported) == plain


@pytest.mark.parametrize(
    "text",
    [
        *["", "   ", "n. d.", "-5", "100.1", "101", "1000", "20..0", ".5", "5.", "1 2", "20 %%"],
        *["1e1", "٤٨", "48 ‰", None, 20, 20.0, True, Decimal("NaN"), Decimal("-1")],
    ],
)
def test_parse_rejects_with_helpful_message(text: object) -> None:
    """The message says what was found and what is expected, in Spanish."""
    with pytest.raises(ValueError, match=r"(?s)Porcentaje .*Se espera .* 0 a 100") as error:
        ReportedPercentage.parse(text)  # type: ignore[arg-type]
    found = str(text) if text in ("100.1", "101") else repr(text)
    assert found in str(error.value)


@pytest.mark.parametrize(
    ("scaled", "decimals", "message"),
    [
        (101, 0, "fuera de rango"),
        (1001, 1, r"fuera de rango: 100\.1\."),
        (-1, 0, "scaled"),
        (20.0, 0, "scaled"),
        (None, 0, "scaled"),
        (20, -1, "decimals"),
        (20, True, "decimals"),
    ],
)
def test_reported_percentage_checks_fields(scaled: int, decimals: int, message: str) -> None:
    """Direct construction is checked too."""
    with pytest.raises(ValueError, match=message):
        ReportedPercentage(scaled, decimals)


@given(st.integers(0, 6).flatmap(lambda d: st.tuples(st.integers(0, 100 * 10**d), st.just(d))))
def test_parse_inverts_str(fields: tuple[int, int]) -> None:
    """Printing and parsing is the identity, and str agrees with Decimal."""
    reported = ReportedPercentage(*fields)
    assert ReportedPercentage.parse(str(reported)) == reported
    assert str(reported) == str(Decimal(reported.scaled).scaleb(-reported.decimals).__format__("f"))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (RoundingRule.HALF_UP, [48, 33, 3]),
        (RoundingRule.HALF_EVEN, [48, 32, 2]),
        (RoundingRule.HALF_DOWN, [47, 32, 2]),
        (RoundingRule.CEILING, [48, 33, 3]),
        (RoundingRule.FLOOR, [47, 32, 2]),
        (RoundingRule.TRUNCATION, [47, 32, 2]),
    ],
)
def test_round_ratio_of_ties(rule: RoundingRule, expected: list[int]) -> None:
    """Check 47.5, 32.5 and 2.5 %, the cases in which the rules differ."""
    assert [round_ratio(count, 40, 0, rule) for count in (19, 13, 1)] == expected


@given(ratios(), st.integers(0, 3), rules)
def test_round_ratio_equals_decimal(ratio: tuple[int, int], decimals: int, rule: RoundingRule):
    """Integer rounding equals Decimal.quantize for every rule."""
    rounded = Decimal(round_ratio(*ratio, decimals, rule)).scaleb(-decimals)
    assert rounded == quantized(*ratio, decimals, rule)


@pytest.mark.parametrize("rule", list(RoundingRule))
def test_round_ratio_of_all_small_bases(rule: RoundingRule) -> None:
    """Every ratio on bases up to 60 is rounded as Decimal rounds it."""
    ratios_up_to_60 = [(count, base) for base in range(1, 61) for count in range(base + 1)]
    found = [round_ratio(*ratio, 0, rule) for ratio in ratios_up_to_60]
    assert found == [int(quantized(*ratio, 0, rule)) for ratio in ratios_up_to_60]


@pytest.mark.parametrize("decimals", [0, 1])
def test_nearest_rules_differ_exactly_in_ties(decimals: int) -> None:
    """Half-up and half-down agree away from ties and differ by one unit in ties."""
    ties = 0
    for base in range(1, 121):
        for count in range(base + 1):
            up, even, down = (round_ratio(count, base, decimals, rule) for rule in NEAREST)
            doubled = Decimal(2 * 100 * 10**decimals * count) / base
            is_tie = doubled == doubled.to_integral_value() and doubled % 2 == 1
            ties += is_tie
            assert up - down == is_tie
            assert even == (down if is_tie and down % 2 == 0 else up)
    assert ties > 0


@given(ratios(), st.integers(0, 2), rules, st.data())
def test_count_range_equals_brute_force(
    ratio: tuple[int, int], decimals: int, rule: RoundingRule, data: st.DataObject
) -> None:
    """The closed form equals a filter of all counts, for attainable and arbitrary percentages."""
    count, base = ratio
    attainable = int(quantized(count, base, decimals, rule).scaleb(decimals))
    scaled = data.draw(st.one_of(st.just(attainable), st.integers(0, 100 * 10**decimals)))
    value = Decimal(scaled).scaleb(-decimals)
    brute = [c for c in range(base + 1) if quantized(c, base, decimals, rule) == value]
    assert list(count_range(ReportedPercentage(scaled, decimals), base, rule)) == brute
    if scaled == attainable:
        assert count in brute


@pytest.mark.parametrize("rule", list(RoundingRule))
@pytest.mark.parametrize("base", [1, 7, 40, 200, 1000])
def test_count_ranges_partition_all_counts(base: int, rule: RoundingRule) -> None:
    """Each count belongs to exactly one printed percentage, in order."""
    ranges = [count_range(ReportedPercentage(p), base, rule) for p in range(101)]
    assert [count for counts in ranges for count in counts] == list(range(base + 1))


def test_count_range_is_closed_form() -> None:
    """A base of 10**30 is answered exactly, which a loop or a float could not do."""
    counts = count_range(ReportedPercentage(48), 10**30, RoundingRule.HALF_UP)
    assert (counts.start, counts.stop) == (475 * 10**27, 485 * 10**27)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 0, 0), "base: 0"),
        ((1, None, 0), "base: None"),
        ((-1, 5, 0), "count: -1"),
        ((1.0, 5, 0), r"count: 1\.0"),
        ((6, 5, 0), "6 > 5"),
        ((1, 5, -1), "decimals: -1"),
    ],
)
def test_round_ratio_checks_arguments(arguments: tuple[int, int, int], message: str) -> None:
    """Arguments out of range raise ValueError in Spanish."""
    with pytest.raises(ValueError, match=message):
        round_ratio(*arguments, RoundingRule.HALF_UP)


def test_count_range_checks_base() -> None:
    """A base below 1 has no percentages."""
    with pytest.raises(ValueError, match=r"base: 0\. Se espera un entero a partir de 1"):
        count_range(ReportedPercentage(48), 0, RoundingRule.HALF_UP)


def test_unknown_rule_lists_the_known_ones() -> None:
    """An unknown rule name raises ValueError in Spanish; a known one is found by value."""
    assert RoundingRule("half-even") is RoundingRule.HALF_EVEN
    with pytest.raises(ValueError, match=r"desconocida: 'bankers'.*half-up.*truncation"):
        RoundingRule("bankers")
