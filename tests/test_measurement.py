"""Tests of what the published shares of measurement intensity (section 2.1) can mean.

The independent implementation rounds every count of every base with ``decimal``.
"""

from collections.abc import Sequence
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Decimal,
)
from fractions import Fraction
from functools import cache
from math import sqrt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chi2, norm

from analysis.measurement import (
    RULES,
    MeasurementDiagnosis,
    diagnose,
    fits,
    measure_dimension,
    measure_intensity,
    nearest_counts,
)
from analysis.provenance import UNSTATED, Base, EvidenceClass, Origin, Share
from analysis.published import Study
from analysis.rounding import ReportedPercentage, RoundingRule

MODES = {
    RoundingRule.HALF_UP: ROUND_HALF_UP,
    RoundingRule.HALF_EVEN: ROUND_HALF_EVEN,
    RoundingRule.HALF_DOWN: ROUND_HALF_DOWN,
    RoundingRule.CEILING: ROUND_CEILING,
    RoundingRule.FLOOR: ROUND_FLOOR,
}
PUBLISHED = (20, 48, 33)  # section 2.1: discretionary, intermittent and constant
MAX_BASE = 120


@cache
def shown(count: int, base: int, rule: RoundingRule) -> int:
    """Round a percentage with the decimal module (28 digits, exact ties stay exact)."""
    return int((Decimal(100 * count) / Decimal(base)).quantize(Decimal(1), rounding=MODES[rule]))


def counts_by_hand(percentage: int, base: int, rule: RoundingRule) -> list[int]:
    return [count for count in range(base + 1) if shown(count, base, rule) == percentage]


def vectors_by_hand(base: int, rule: RoundingRule) -> list[tuple[int, ...]]:
    """Every way to share out a base so that its parts round to the published percentages."""
    first, second, third = (counts_by_hand(share, base, rule) for share in PUBLISHED)
    return [(a, b, base - a - b) for a in first for b in second if base - a - b in third]


@pytest.fixture(scope="module")
def diagnosis(study: Study) -> MeasurementDiagnosis:
    """The diagnosis under the ordinary rounding."""
    return diagnose(study, max_base=MAX_BASE, rule=RoundingRule.HALF_UP)


def under(study: Study, rule: RoundingRule, max_base: int = MAX_BASE) -> MeasurementDiagnosis:
    return diagnose(study, max_base=max_base, rule=rule)


# Bases -----------------------------------------------------------------------------------------


def test_half_up_the_smallest_base_is_40_with_counts_8_19_and_13(
    diagnosis: MeasurementDiagnosis,
) -> None:
    # 8/40 = 20 %; 19/40 = 47.5 %, a tie that goes up to 48; 13/40 = 32.5 %, a tie up to 33
    assert diagnosis.smallest == 40
    assert list(diagnosis.feasible[0].vectors()) == [(8, 19, 13)]
    assert diagnosis.feasible[0].solutions == 1


@pytest.mark.parametrize("rule", [RoundingRule.HALF_EVEN, RoundingRule.HALF_DOWN])
def test_when_ties_do_not_go_up_the_smallest_base_is_46(study: Study, rule: RoundingRule) -> None:
    # 32.5 % is shown as 32 under both rules; 9/46, 22/46 and 15/46 are 19.57, 47.83 and 32.61 %
    result = under(study, rule)
    assert result.smallest == 46
    assert list(result.feasible[0].vectors()) == [(9, 22, 15)]


def test_rounded_down_the_shares_of_no_base_add_up_to_101(study: Study) -> None:
    # parts rounded down add up to 100 at most; 20 + 48 + 33 is 101
    result = under(study, RoundingRule.FLOOR)
    assert result.feasible == ()
    assert result.smallest is None
    assert result.hypotheses == ()
    assert result.all_overlap is False
    assert set(result.by_mentions.values()) == {()}
    assert result.by_rule[RoundingRule.FLOOR] == ()
    assert result.by_rule[RoundingRule.HALF_UP][0] == 40


@pytest.mark.parametrize("rule", MODES)
def test_the_feasible_bases_are_those_found_by_trying_every_count(
    study: Study, rule: RoundingRule
) -> None:
    by_hand = {base: vectors_by_hand(base, rule) for base in range(1, MAX_BASE + 1)}
    feasible = under(study, rule).feasible
    assert {f.base: sorted(f.vectors()) for f in feasible} == {
        base: sorted(vectors) for base, vectors in by_hand.items() if vectors
    }


def test_every_rule_is_compared_and_the_chosen_one_comes_first(study: Study) -> None:
    result = under(study, RoundingRule.HALF_EVEN)
    assert next(iter(result.by_rule)) is RoundingRule.HALF_EVEN
    assert set(result.by_rule) == set(MODES)  # truncation is the same as floor here
    assert set(RULES) == set(MODES)
    assert result.by_rule[RoundingRule.HALF_EVEN] == tuple(f.base for f in result.feasible)
    assert {rule: bases[:1] for rule, bases in result.by_rule.items()} == {
        RoundingRule.HALF_UP: (40,),
        RoundingRule.HALF_EVEN: (46,),
        RoundingRule.HALF_DOWN: (46,),
        RoundingRule.CEILING: (40,),
        RoundingRule.FLOOR: (),
    }


def test_no_base_is_feasible_below_40(study: Study) -> None:
    result = under(study, RoundingRule.HALF_UP, max_base=39)
    assert result.smallest is None
    assert result.hypotheses == ()
    assert under(study, RoundingRule.HALF_UP, max_base=40).smallest == 40


def test_ten_is_not_a_base_under_any_rule(study: Study) -> None:
    result = under(study, RoundingRule.HALF_UP)
    assert result.respondents.value == 10  # note 10 of the annex
    assert all(10 not in bases for bases in result.by_rule.values())


@pytest.mark.parametrize("rule", MODES)
def test_each_share_by_itself_fits_a_smaller_base(study: Study, rule: RoundingRule) -> None:
    def smallest(share: int) -> int | None:
        bases = (base for base in range(1, MAX_BASE + 1) if counts_by_hand(share, base, rule))
        return next(bases, None)

    codes = ("discrecional", "intermitente", "constante")
    alone = under(study, rule).smallest_alone
    assert alone == {code: smallest(share) for code, share in zip(codes, PUBLISHED, strict=True)}


def test_half_up_each_share_by_itself_needs_5_21_and_3(diagnosis: MeasurementDiagnosis) -> None:
    # 1/5 = 20 %, 10/21 = 47.6 %, 1/3 = 33.3 %
    assert diagnosis.smallest_alone == {"discrecional": 5, "intermitente": 21, "constante": 3}


# Mentions --------------------------------------------------------------------------------------


def test_ten_respondents_need_four_mentions_each_to_reach_40(
    diagnosis: MeasurementDiagnosis,
) -> None:
    assert diagnosis.by_mentions == {1: (), 2: (), 3: (), 4: (40,), 5: (40, 46), 6: (40, 46)}


@pytest.mark.parametrize("rule", MODES)
def test_mentions_are_at_most_as_many_as_all_respondents_give(
    study: Study, rule: RoundingRule
) -> None:
    result = diagnose(study, max_base=MAX_BASE, rule=rule, max_mentions=12)
    bases = [feasible.base for feasible in result.feasible]
    assert result.by_mentions == {
        most: tuple(base for base in bases if base <= 10 * most) for most in range(1, 13)
    }


# Nearest counts --------------------------------------------------------------------------------


def test_among_ten_the_shares_are_2_between_4_and_5_and_between_3_and_4(
    diagnosis: MeasurementDiagnosis,
) -> None:
    rule = RoundingRule.HALF_UP
    nearest = [nearest_counts(share, 10, rule) for share in diagnosis.published.values()]
    assert nearest == [(2,), (4, 5), (3, 4)]
    assert [fits(share, 10, rule) for share in diagnosis.published.values()] == [True, False, False]


def printed(percentage: str) -> Share:
    return Share(
        evidence=EvidenceClass.PUBLISHED,
        origins=(Origin("Cuaderno 8", "claims", ("cif_098",), "2.1"),),
        base=Base("city"),
        rounding=UNSTATED,
        method="printed",
        interval=None,
        no_interval="count_unpublished",
        published=ReportedPercentage.parse(percentage),
    )


@given(
    percentage=st.integers(0, 100), base=st.integers(1, 250), rule=st.sampled_from(sorted(MODES))
)
def test_the_nearest_counts_fit_or_lie_around_the_share(
    percentage: int, base: int, rule: RoundingRule
) -> None:
    share = printed(str(percentage))
    by_hand = counts_by_hand(percentage, base, rule)
    nearest = nearest_counts(share, base, rule)
    assert fits(share, base, rule) is bool(by_hand)
    if by_hand:
        assert list(nearest) == by_hand
    else:
        below, above = nearest
        assert above == below + 1
        assert Fraction(below, base) < Fraction(percentage, 100) < Fraction(above, base)


# Hypotheses and intervals ----------------------------------------------------------------------


def wilson_by_hand(count: int, base: int, level: float) -> tuple[float, float]:
    """Solve the score equation (Wilson 1927): (p - x/n)^2 = z^2 p (1 - p) / n."""
    z2 = norm.ppf(0.5 + level / 2) ** 2
    a, b, c = base + z2, -(2 * count + z2), count**2 / base
    root = sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def overlap(intervals: Sequence[tuple[float, float]]) -> bool:
    return all(a[0] <= b[1] for a in intervals for b in intervals)


@pytest.mark.parametrize("rule", [rule for rule in MODES if rule is not RoundingRule.FLOOR])
def test_every_hypothesis_is_a_whole_whose_parts_round_to_the_published_shares(
    study: Study, rule: RoundingRule
) -> None:
    result = under(study, rule)
    assert result.hypotheses
    for hypothesis in result.hypotheses:
        for shares in (hypothesis.wilson, hypothesis.clopper_pearson):
            assert list(shares) == list(result.published)
            assert sum(share.count for share in shares.values()) == hypothesis.base
            assert {share.base.n for share in shares.values()} == {hypothesis.base}
            assert [share.percentage.scaled for share in shares.values()] == list(PUBLISHED)


def test_the_hypotheses_start_with_the_smallest_bases(diagnosis: MeasurementDiagnosis) -> None:
    bases = [hypothesis.base for hypothesis in diagnosis.hypotheses]
    assert bases == sorted(bases)
    assert bases[0] == 40
    smallest = list(dict.fromkeys(bases))
    assert smallest == [feasible.base for feasible in diagnosis.feasible][: len(smallest)]


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_shares_of_a_hypothesis_carry_both_intervals(study: Study, level: float) -> None:
    result = diagnose(study, max_base=60, rule=RoundingRule.HALF_UP, level=level)
    for hypothesis in result.hypotheses:
        for share in hypothesis.wilson.values():
            assert share.interval is not None
            assert (share.interval.method, share.interval.level) == ("wilson", level)
            expected = wilson_by_hand(share.count, hypothesis.base, level)
            assert (share.interval.lower, share.interval.upper) == pytest.approx(expected)
        for share in hypothesis.clopper_pearson.values():
            interval = share.interval
            assert interval is not None
            assert (interval.method, interval.level) == ("clopper_pearson", level)
            # Clopper and Pearson (1934): half of the error in each tail
            tail = (1 - level) / 2
            assert binom.sf(share.count - 1, hypothesis.base, interval.lower) == pytest.approx(tail)
            assert binom.cdf(share.count, hypothesis.base, interval.upper) == pytest.approx(tail)
        for code, interval in hypothesis.together.items():
            # Goodman (1965), formula 2.4: the quantile of chi-squared at level 1 - error / parts
            count, n = hypothesis.wilson[code].count, hypothesis.base
            a = chi2.isf((1 - level) / len(PUBLISHED), 1)
            half = sqrt(a * (a + 4 * count * (n - count) / n))
            ends = [(a + 2 * count + side * half) / (2 * (n + a)) for side in (-1, 1)]
            assert (interval.lower, interval.upper) == pytest.approx(ends)
            assert (interval.method, interval.level) == ("goodman", level)
        few = min(share.count for share in hypothesis.wilson.values()) < 5
        assert bool(hypothesis.together) != few


def test_the_shares_of_a_hypothesis_are_bounded_and_cite_their_figure(
    diagnosis: MeasurementDiagnosis,
) -> None:
    shares = diagnosis.hypotheses[0].wilson
    assert {share.evidence for share in shares.values()} == {EvidenceClass.BOUNDED}
    assert [share.origins[0].rows for share in shares.values()] == [
        ("cif_097",),
        ("cif_098",),
        ("cif_099",),
    ]
    assert {share.rounding for share in shares.values()} == {RoundingRule.HALF_UP}


def test_at_40_answers_the_three_intervals_overlap_at_95_percent(
    diagnosis: MeasurementDiagnosis,
) -> None:
    # 8, 19 and 13 of 40: 10.5-34.8, 32.9-62.5 and 20.1-48.0 %
    assert overlap([wilson_by_hand(count, 40, 0.95) for count in (8, 19, 13)])
    assert diagnosis.all_overlap is True


def test_at_40_answers_not_all_intervals_overlap_at_90_percent(study: Study) -> None:
    # the first ends at 32.1 % and the second begins at 35.1 %
    assert not overlap([wilson_by_hand(count, 40, 0.9) for count in (8, 19, 13)])
    result = diagnose(study, max_base=60, rule=RoundingRule.HALF_UP, level=0.9)
    assert result.all_overlap is False


def test_at_46_answers_not_all_intervals_overlap(study: Study) -> None:
    assert not overlap([wilson_by_hand(count, 46, 0.95) for count in (9, 22, 15)])
    assert under(study, RoundingRule.HALF_EVEN).all_overlap is False


# What is carried along -------------------------------------------------------------------------


def test_the_published_shares_stay_as_printed_with_their_own_bases(
    diagnosis: MeasurementDiagnosis,
) -> None:
    shown_shares = {code: str(share.percentage) for code, share in diagnosis.published.items()}
    assert shown_shares == {"discrecional": "20", "intermitente": "48", "constante": "33"}
    assert [share.base.unit for share in diagnosis.published.values()] == [
        "city",
        "unknown",
        "office",
    ]
    assert (str(diagnosis.management.percentage), diagnosis.management.base.unit) == (
        "80",
        "reference",
    )
    printed_shares = (*diagnosis.published.values(), diagnosis.management)
    assert {share.evidence for share in printed_shares} == {EvidenceClass.PUBLISHED}
    assert diagnosis.respondents.evidence is EvidenceClass.BOUNDED  # the length of note 10


def test_a_number_that_follows_from_the_shares_is_bounded_and_cites_them(
    diagnosis: MeasurementDiagnosis,
) -> None:
    number = diagnosis.bounded(40)
    assert (number.value, number.evidence) == (40, EvidenceClass.BOUNDED)
    rows = {row for origin in number.origins for row in origin.rows}
    assert rows == {"cif_097", "cif_098", "cif_099", "cif_123"}


# A wave -----------------------------------------------------------------------------------------

MECHANISMS = {
    "m1": "discrecional",
    "m2": "intermitente",
    "m3": "intermitente",
    "m4": "constante",
    "otro": None,
}


def wave(*rows: str) -> pd.DataFrame:
    values = {"1": True, "0": False, "-": pd.NA}
    frame = pd.DataFrame([[values[m] for m in row] for row in rows], dtype="boolean")
    frame.columns = list(MECHANISMS)
    return frame


def test_intensity_of_a_wave_is_counted_on_both_bases_beside_the_published_shares(
    study: Study,
) -> None:
    origins = (Origin("Ola de prueba", "answers", ("C01",), "mecanismos"),)
    found = measure_intensity(
        study,
        wave("11100", "01100", "00011", "00000", "10010", "-----"),
        MECHANISMS,
        evidence=EvidenceClass.DEMO,
        origins=origins,
    )
    assert (found.table.cities, found.table.mentions, found.table.missing) == (5, 8, 1)
    assert {c: (s.count, s.base.n) for c, s in found.cities.items()} == {
        "discrecional": (2, 5),
        "intermitente": (2, 5),
        "constante": (2, 5),
    }
    assert {c: s.count for c, s in found.mentions.items()} == {
        "discrecional": 2,
        "intermitente": 4,
        "constante": 2,
    }
    assert [share.text("en") for share in found.published.values()] == ["20%", "48%", "33%"]
    # 1 of 5 is 20 %, but no count of 5 or of 8 rounds to 48 %
    assert found.allowed["discrecional"] == (True, False)
    assert found.allowed["intermitente"] == (False, False)
    assert found.joint == (False, False)


def test_forty_mentions_may_be_what_was_published(study: Study) -> None:
    # (8, 19, 13) of 40 is the smallest base on which the three shares are parts of a whole
    rows = ["10000"] * 8 + ["01000"] * 19 + ["00010"] * 13
    found = measure_intensity(
        study,
        wave(*rows),
        MECHANISMS,
        evidence=EvidenceClass.DEMO,
        origins=(Origin("Ola de prueba", "answers", ("C01",), "mecanismos"),),
    )
    assert found.joint == (True, True)
    assert [s.text("en") for s in found.mentions.values()] == ["20%", "48%", "33%"]


def test_an_unknown_intensity_is_refused(study: Study) -> None:
    with pytest.raises(ValueError, match="«siempre» desconocida"):
        measure_intensity(
            study,
            wave("10000"),
            {"m1": "siempre"},
            evidence=EvidenceClass.DEMO,
            origins=(Origin("Ola de prueba", "answers", ("C01",), "mecanismos"),),
        )


def test_dimensions_of_a_wave_stand_beside_the_published_share(study: Study) -> None:
    answers = pd.DataFrame(
        {"gestion": [True, True, True], "territorio": [False, True, False]}, dtype="boolean"
    )
    found = measure_dimension(
        study,
        answers,
        evidence=EvidenceClass.DEMO,
        origins=(Origin("Ola de prueba", "answers", ("C01",), "dimension_medida"),),
    )
    assert (found.mentions["gestion"].count, found.mentions["gestion"].base.n) == (3, 4)
    assert (found.cities["gestion"].count, found.cities["gestion"].base.n) == (3, 3)
    assert found.published.text("en") == "80%"
