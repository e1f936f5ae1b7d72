"""Tests of the audit: one verdict for each figure, and none that a changed value would not alter.

The mutation tests change a published value and require its verdict to change: a rule that would
accept any value checks nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from decimal import Decimal

import pandas as pd
import pytest

from analysis.audit import Audited, Verdict, audit
from analysis.audit.checks import CHECKS
from analysis.audit.findings import Outcome
from analysis.audit.values import Period, as_years, parse_period, value_text
from analysis.audit.verdicts import SCOPES
from analysis.published import Claim, Study

DATE = "fecha"


@pytest.fixture(scope="module")
def audited(study: Study) -> dict[str, Audited]:
    """The audit of the published figures."""
    return {item.claim.id: item for item in audit(study)}


@dataclass(frozen=True, kw_only=True)
class OneFigure(Study):
    """The whole study, of which only one figure is audited, to audit many variants fast."""

    only: str

    def all_claims(self) -> list[Claim]:
        return [self.claim(self.only)]


def with_cells(study: Study, table: str, cells: dict[str, str], column: str = "value") -> Study:
    """Copy the study with some cells of a table changed."""
    frame = study.table(table).copy()
    key = frame.columns[0]
    for row_id, value in cells.items():
        assert (frame[key] == row_id).sum() == 1
        frame.loc[frame[key] == row_id, column] = value
    return replace(study, tables={**study.tables, table: frame})


def without_rows(study: Study, table: str, *row_ids: str) -> Study:
    """Copy the study without some rows of a table."""
    frame = study.table(table)
    kept = frame[~frame[frame.columns[0]].isin(row_ids)]
    assert len(kept) == len(frame) - len(row_ids)
    return replace(study, tables={**study.tables, table: kept})


def audit_one(study: Study, claim_id: str, value: str | None = None) -> Audited:
    """Audit one figure by its own rules, with another value if one is given."""
    if value is not None:
        study = with_cells(study, "claims", {claim_id: value})
    rules = study.table("audit_rules")
    tables = {**study.tables, "audit_rules": rules[rules["claim_id"] == claim_id]}
    known = {field.name: getattr(study, field.name) for field in fields(study)}
    (item,) = audit(OneFigure(**{**known, "tables": tables}, only=claim_id))
    return item


def says(item: Audited, text: str) -> bool:
    """Tell whether the reason holds a text as whole words and numbers, or cites a row."""
    if re.fullmatch(r"[a-z]+_\d+", text):
        return any(text in origin.rows for origin in item.origins)
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", item.reason("es")) is not None


# One verdict each ------------------------------------------------------------------------------


def test_every_figure_has_exactly_one_verdict(study: Study) -> None:
    items = audit(study)
    assert sorted(item.claim.id for item in items) == study.claims["id"].tolist()
    assert len(items) == 133
    assert all(isinstance(item.verdict, Verdict) for item in items)


def test_every_verdict_has_its_reason_in_spanish(audited: dict[str, Audited]) -> None:
    for claim_id, item in audited.items():
        reason = item.reason("es")
        assert reason.endswith((".", "?")), claim_id  # a list of questions ends in one
        assert not reason.endswith(".."), claim_id
        assert not re.search(r"[{}]|\bNone\b|\bnan\b|<NA>", reason), claim_id


def test_every_verdict_cites_its_figure_and_what_it_was_compared_with(
    audited: dict[str, Audited],
) -> None:
    for claim_id, item in audited.items():
        assert item.origins[0] == item.claim.origin, claim_id
        assert len(set(item.origins)) == len(item.origins), claim_id
    assert {origin.table for origin in audited["cif_123"].origins} == {"claims", "cities"}


def test_at_least_fifty_figures_are_checked(audited: dict[str, Audited]) -> None:
    checked = [item for item in audited.values() if item.checked]
    assert len(checked) >= 50
    assert all(item.verdict is not Verdict.UNVERIFIABLE for item in checked)


def test_a_verdict_is_that_of_its_weightiest_finding(audited: dict[str, Audited]) -> None:
    expected = {
        Outcome.CONTRADICTION: Verdict.IMPOSSIBLE,
        Outcome.MATCH: Verdict.MATCHES,
        Outcome.FEASIBLE: Verdict.POSSIBLE,
        Outcome.NOTHING: Verdict.UNVERIFIABLE,
    }
    for claim_id, item in audited.items():
        outcomes = [finding.outcome for finding in item.findings]
        assert outcomes == sorted(outcomes), claim_id
        assert item.verdict is expected[outcomes[0]], claim_id


def test_a_figure_is_impossible_as_soon_as_one_of_its_checks_contradicts_it(study: Study) -> None:
    # 1.1.c: five volumes, counted in a list and restated as cif_052
    other = with_cells(study, "claims", {"cif_052": "6"})
    item = audit_one(other, "cif_059")
    assert [finding.outcome for finding in item.findings] == [
        Outcome.CONTRADICTION,
        Outcome.MATCH,
    ]
    assert item.verdict is Verdict.IMPOSSIBLE


def test_the_own_figures_of_the_study_come_first_and_the_cases_last(study: Study) -> None:
    items = audit(study)
    scopes = [item.claim.scope for item in items]
    assert scopes[0] == "estudio"
    assert scopes[-1] == "caso"
    assert list(dict.fromkeys(scopes)) == list(SCOPES)
    assert scopes == sorted(scopes, key=SCOPES.index)
    for scope in SCOPES:
        ids = [item.claim.id for item in items if item.claim.scope == scope]
        assert ids == sorted(ids), scope


# Verdicts that are known -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim_id", "verdict", "said"),
    [
        # section 2.1, 20 % of ten: 2; as parts of one whole with 48 % and 33 %, 40 at least
        ("cif_097", Verdict.POSSIBLE, ["2", "10", "48", "33", "40", "8 + 19 + 13"]),
        # section 2.1: 48 % needs 21 answers (10 of 21); 33 %, 3 (1 of 3)
        ("cif_098", Verdict.IMPOSSIBLE, ["10", "48", "21", "40", "8 + 19 + 13"]),
        ("cif_099", Verdict.IMPOSSIBLE, ["10", "33", "3", "40", "8 + 19 + 13"]),
        # section 2.1: «cercano a un 80%» of references that are not counted
        ("cif_095", Verdict.UNVERIFIABLE, ["aproximación"]),
        # note 10 of the annex: ten names
        ("cif_123", Verdict.MATCHES, ["10"]),
        # three dates for the dialogues of Mexico City: 1.1.b, 1.1.c and the annex
        ("cif_045", Verdict.IMPOSSIBLE, ["2014–2015", "cif_078", "2015–2018", "cif_130"]),
        ("cif_078", Verdict.IMPOSSIBLE, ["2015–2016", "cif_045", "2015–2018", "cif_130"]),
        ("cif_130", Verdict.IMPOSSIBLE, ["2015–2016", "cif_045", "2014–2015", "cif_078"]),
        # FAMSI: created in 2000 (Caso 7), «más de dos décadas» by 2018 (1.2)
        ("cif_079", Verdict.IMPOSSIBLE, ["2000", "2018", "18", "20", "cif_083"]),
        ("cif_083", Verdict.IMPOSSIBLE, ["más de 2", "1997", "cif_079"]),
        # Caso 10: «5 agencias», of which four are named
        ("cif_118", Verdict.IMPOSSIBLE, ["5", "4", "CONQUITO"]),
        # charts of the annex
        ("cif_127", Verdict.MATCHES, ["9"]),
        ("cif_132", Verdict.MATCHES, ["17"]),
        ("cif_133", Verdict.MATCHES, ["10"]),
        # 1.1.a: 54.619 million pesos are 19.175.490,65 dollars
        ("cif_023", Verdict.MATCHES, ["2.848,35", "2.848,40"]),
        # 54.619 / 0,335 % and / 0,325 %, in «billones»
        ("cif_025", Verdict.MATCHES, ["16,3", "16,8"]),
        # «2012-2015» is called three years
        ("cif_054", Verdict.MATCHES, ["2012–2015", "3"]),
        # nine representatives, seven entities (methodological note)
        ("cif_015", Verdict.POSSIBLE, ["7", "cif_016"]),
        # a target of the statutes, not a result (Caso 7)
        ("cif_089", Verdict.UNVERIFIABLE, ["meta"]),
        ("cif_013", Verdict.UNVERIFIABLE, ["lista"]),
        ("cif_022", Verdict.UNVERIFIABLE, ["moneda"]),
    ],
)
def test_a_known_figure_has_its_verdict_and_the_numbers_that_explain_it(
    audited: dict[str, Audited], claim_id: str, verdict: Verdict, said: list[str]
) -> None:
    item = audited[claim_id]
    assert item.verdict is verdict
    for text in said:
        assert says(item, text), (text, item.reason("es"))


def test_the_impossible_figures_are_these_eight(audited: dict[str, Audited]) -> None:
    impossible = [key for key, item in audited.items() if item.verdict is Verdict.IMPOSSIBLE]
    assert sorted(impossible) == [
        "cif_045",  # dialogues of Mexico City
        "cif_078",
        "cif_079",  # FAMSI
        "cif_083",
        "cif_098",  # shares of ten
        "cif_099",
        "cif_118",  # agencies of Quito
        "cif_130",
    ]


def test_a_share_lists_the_bases_on_which_all_of_its_composition_holds(
    audited: dict[str, Audited],
) -> None:
    for claim_id in ("cif_097", "cif_098", "cif_099"):
        # by hand: 8 + 19 + 13 = 40; 9 + 22 + 15 = 46; 12 + 29 + 20 = 61
        assert audited[claim_id].bases[:3] == (40, 46, 61)
    assert audited["cif_123"].bases == ()


def test_a_composition_without_any_base_says_how_far_it_was_looked_for(study: Study) -> None:
    # 20 + 48 + 40 is 108: no rounding of the parts of one whole makes up for 8 points
    other = with_cells(study, "claims", {"cif_099": "40"})
    for claim_id, text in (("cif_097", "10"), ("cif_098", "21")):
        item = audit_one(other, claim_id)
        assert item.bases == ()
        assert says(item, text)
        assert says(item, "200")


# Mutations -------------------------------------------------------------------------------------


def plain(number: Decimal) -> str:
    return format(number, "f")


def shifted(value: str, years: int) -> str:
    """Move every year of a date."""
    return re.sub(r"\d{4}", lambda year: str(int(year[0]) + years), value)


def simple_mutations(claim: Claim) -> list[str]:
    """A little more, a little less, twice as much; one year later and earlier."""
    if claim.kind == DATE:
        return [shifted(claim.value, years) for years in (1, -1)]
    value = Decimal(claim.value)
    last_digit = Decimal(1).scaleb(value.as_tuple().exponent)
    steps = {value + 1, value - 1, 2 * value, value + last_digit, value - last_digit}
    return [plain(number) for number in sorted(steps) if number >= 0]


def mutations(claim: Claim) -> Iterator[str]:
    """Many other values, the near ones first."""
    if claim.kind == DATE:
        for years in range(1, 40):
            yield from (shifted(claim.value, sign * years) for sign in (1, -1))
        yield from (f"{year}-{year + 1}" for year in range(2010, 2018))  # a shorter period
        return
    yield from simple_mutations(claim)
    value = Decimal(claim.value)
    most = 100 if claim.kind == "porcentaje" else 10**9
    steps = (value + sign * step for step in range(2, 40) for sign in (1, -1))
    yield from (plain(n) for n in (*steps, Decimal(0), Decimal(most)) if 0 <= n <= most)


def test_every_checked_figure_has_a_value_that_would_change_its_verdict(
    study: Study, audited: dict[str, Audited]
) -> None:
    checked = [item for item in audited.values() if item.checked]
    unmoved = [
        item.claim.id
        for item in checked
        if not any(
            audit_one(study, item.claim.id, value).verdict is not item.verdict
            for value in mutations(item.claim)
        )
    ]
    assert unmoved == []


def test_every_simple_change_of_a_figure_that_matches_makes_it_impossible(
    study: Study, audited: dict[str, Audited]
) -> None:
    matching = [item for item in audited.values() if item.verdict is Verdict.MATCHES]
    assert len(matching) >= 50
    unmoved = [
        (item.claim.id, value)
        for item in matching
        for value in simple_mutations(item.claim)
        if audit_one(study, item.claim.id, value).verdict is not Verdict.IMPOSSIBLE
    ]
    assert unmoved == []


def test_no_change_of_an_unverifiable_figure_changes_its_verdict(
    study: Study, audited: dict[str, Audited]
) -> None:
    # the counterpart: «no verificable» says that no value could be told from another
    rest = [item for item in audited.values() if not item.checked]
    moved = [
        item.claim.id
        for item in rest
        for value in simple_mutations(item.claim)
        if audit_one(study, item.claim.id, value).verdict is not Verdict.UNVERIFIABLE
    ]
    assert moved == []
    assert len(rest) > 0


@pytest.mark.parametrize(
    ("claim_id", "value", "verdict", "said"),
    [
        ("cif_127", "10", Verdict.IMPOSSIBLE, ["10", "9"]),
        ("cif_007", "4", Verdict.IMPOSSIBLE, ["4", "3", "tres"]),
        ("cif_012", "2017-10-18/2017-10-19", Verdict.IMPOSSIBLE, ["septiembre de 2017"]),
        ("cif_014", "2017-09-17", Verdict.IMPOSSIBLE, ["19 de septiembre de 2017", "cif_012"]),
        ("cif_014", "2017-09-19", Verdict.POSSIBLE, ["cif_012"]),
        ("cif_014", "2019-02-02", Verdict.IMPOSSIBLE, ["2017–2018", "cif_017"]),
        ("cif_018", "2019", Verdict.IMPOSSIBLE, ["2017–2018", "cif_017"]),
        ("cif_124", "10", Verdict.IMPOSSIBLE, ["9"]),
        ("cif_084", "5", Verdict.IMPOSSIBLE, ["6", "cif_086"]),
        ("cif_109", "18", Verdict.IMPOSSIBLE, ["17", "cif_103"]),
        ("cif_109", "17", Verdict.POSSIBLE, ["17", "cif_103"]),
        ("cif_125", "2016", Verdict.IMPOSSIBLE, ["cif_129", "cif_131"]),
        ("cif_054", "4", Verdict.IMPOSSIBLE, ["4", "2012–2015", "3"]),
        ("cif_024", "19175490.66", Verdict.IMPOSSIBLE, ["19.175.490,66", "pla_40"]),
        ("cif_057", "16", Verdict.IMPOSSIBLE, ["16", "cif_042", "15"]),
        ("cif_005", "4", Verdict.IMPOSSIBLE, ["4", "3"]),
        ("cif_118", "4", Verdict.MATCHES, ["4"]),
        # with 1997 FAMSI would be 21 years old by 2018, more than two decades; with 1998, not
        ("cif_083", "1997", Verdict.POSSIBLE, ["cif_079"]),
        ("cif_083", "1998", Verdict.IMPOSSIBLE, ["1997"]),
        ("cif_079", "1", Verdict.POSSIBLE, ["18"]),
        # the dialogues would have the date of one of the others, not of both
        ("cif_045", "2014-2015", Verdict.POSSIBLE, ["2015–2018", "cif_130"]),
        ("cif_098", "50", Verdict.POSSIBLE, ["5", "10"]),
        ("cif_097", "21", Verdict.IMPOSSIBLE, ["21", "10"]),
    ],
)
def test_a_changed_figure_has_another_verdict_with_its_reason(
    study: Study, claim_id: str, value: str, verdict: Verdict, said: list[str]
) -> None:
    item = audit_one(study, claim_id, value)
    assert item.verdict is verdict
    for text in said:
        assert says(item, text), (text, item.reason("es"))


def test_three_equal_dates_of_the_dialogues_would_match(study: Study) -> None:
    same = with_cells(study, "claims", {"cif_078": "2015-2016", "cif_130": "2015-2016"})
    assert audit_one(same, "cif_045").verdict is Verdict.MATCHES


def test_a_change_of_the_list_changes_the_verdict_of_its_length(study: Study) -> None:
    item = audit_one(without_rows(study, "actions", "dis_09"), "cif_127")
    assert item.verdict is Verdict.IMPOSSIBLE
    assert says(item, "9")
    assert says(item, "8")


def test_a_respondent_less_changes_the_verdict_of_the_ten(study: Study) -> None:
    item = audit_one(without_rows(study, "cities", "cuf"), "cif_123")
    assert item.verdict is Verdict.IMPOSSIBLE
    assert says(item, "9")


def test_a_change_of_a_restatement_changes_the_verdict_of_the_figure(study: Study) -> None:
    other = with_cells(study, "restatements", {"rep_104_1": "196"})
    item = audit_one(other, "cif_104")
    assert item.verdict is Verdict.IMPOSSIBLE
    assert says(item, "3.d")


@pytest.mark.parametrize("row_id", ["rep_007_1", "rep_007_2", "rep_007_3", "rep_007_4"])
def test_every_repetition_in_the_text_is_compared(study: Study, row_id: str) -> None:
    item = audit_one(with_cells(study, "restatements", {row_id: "4"}), "cif_007")
    assert item.verdict is Verdict.IMPOSSIBLE
    assert item.findings[0].key == "restated_differs"


def test_twenty_years_are_not_more_than_two_decades(study: Study) -> None:
    # created in 1998, FAMSI would be exactly twenty in 2018; in 1997, twenty-one
    created = {year: with_cells(study, "claims", {"cif_083": year}) for year in ("1998", "1997")}
    assert audit_one(created["1998"], "cif_079").verdict is Verdict.IMPOSSIBLE
    assert audit_one(created["1997"], "cif_079").verdict is Verdict.POSSIBLE


# Rules -----------------------------------------------------------------------------------------


def test_a_figure_without_a_rule_is_an_error_that_names_it(study: Study) -> None:
    with pytest.raises(ValueError, match="cif_022 no tiene regla"):
        audit(without_rows(study, "audit_rules", "reg_022_1"))


def test_a_rule_with_an_unknown_check_is_an_error_that_names_it(study: Study) -> None:
    other = with_cells(study, "audit_rules", {"reg_022_1": "inventada"}, column="check")
    with pytest.raises((ValueError, KeyError), match="inventada"):
        audit(other)


def test_every_figure_has_a_rule_and_every_check_is_used(study: Study) -> None:
    rules = study.table("audit_rules")
    assert set(rules["claim_id"]) == set(study.claims["id"])
    assert set(rules["check"]) == set(CHECKS)


def test_only_figures_without_any_other_rule_are_called_unverifiable(study: Study) -> None:
    rules = study.table("audit_rules")
    unverifiable = rules.loc[rules["check"] == "unverifiable", "claim_id"]
    by_figure = Counter(rules["claim_id"])
    assert all(by_figure[claim_id] == 1 for claim_id in unverifiable)


# Values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "first", "last", "precision", "text"),
    [
        ("2018", "2018-01-01", "2018-12-31", "year", "2018"),
        ("2012-2015", "2012-01-01", "2015-12-31", "year", "2012–2015"),
        ("2005-03", "2005-03-01", "2005-03-31", "month", "marzo de 2005"),
        ("2016-02", "2016-02-01", "2016-02-29", "month", "febrero de 2016"),
        ("2018-02-02", "2018-02-02", "2018-02-02", "day", "2 de febrero de 2018"),
        (
            "2017-09-18/2017-09-19",
            "2017-09-18",
            "2017-09-19",
            "day",
            "18 y 19 de septiembre de 2017",
        ),
        (
            "2015-09-25/2015-09-27",
            "2015-09-25",
            "2015-09-27",
            "day",
            "25 al 27 de septiembre de 2015",
        ),
    ],
)
def test_a_published_date_is_read_and_written(
    value: str, first: str, last: str, precision: str, text: str
) -> None:
    period = parse_period(value)
    assert (str(period.first), str(period.last), period.precision) == (first, last, precision)
    assert period.text("es") == text


@pytest.mark.parametrize("value", ["", "18", "2017-13", "2017-02-30", "marzo de 2005", "2017-"])
def test_a_text_that_is_not_a_date_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        parse_period(value)


def test_a_period_is_within_itself_and_within_a_longer_one() -> None:
    day, month, year = (parse_period(text) for text in ("2017-09-18", "2017-09", "2017"))
    assert day.within(day)
    assert day.within(month)
    assert month.within(year)
    assert not year.within(month)
    assert not parse_period("2017-10-01").within(month)
    assert isinstance(day, Period)


@pytest.mark.parametrize(
    ("claim_id", "text"),
    [
        ("cif_079", "más de 2 décadas"),
        ("cif_095", "cerca de 80\u00a0%"),
        ("cif_089", "al menos 0,7\u00a0%"),
        ("cif_116", "hasta 2018"),
        ("cif_043", "unos 650.000 USD"),
        ("cif_024", "19.175.490,65 USD"),
        ("cif_042", "15 años"),
        ("cif_127", "9"),  # what it counts is said by its measure
        ("cif_098", "48\u00a0%"),
        ("cif_114", "muy por debajo de 2 grados centígrados"),
    ],
)
def test_a_figure_is_written_with_its_qualifier(study: Study, claim_id: str, text: str) -> None:
    assert value_text(study.claim(claim_id), "es") == text


def test_every_figure_can_be_written_in_spanish(study: Study) -> None:
    for claim in study.all_claims():
        assert re.search(r"\d", value_text(claim, "es")), claim.id


@pytest.mark.parametrize(("claim_id", "years"), [("cif_079", 20), ("cif_042", 15)])
def test_a_decade_is_ten_years(study: Study, claim_id: str, years: int) -> None:
    assert as_years(study.claim(claim_id)) == years


def test_figures_that_a_rule_compares_are_of_kinds_that_can_be_compared(study: Study) -> None:
    dated = {"within", "covers", "not_before", "not_after", "same_event"}
    rules = study.table("audit_rules")
    for _, rule in rules[rules["check"].isin(dated)].iterrows():
        for claim_id in (rule["claim_id"], *rule["target"].split(";")):
            assert study.claim(claim_id).kind == DATE, rule["id"]
    assert not pd.isna(rules["check"]).any()
