"""Two waves and more: what the same respondents changed, by pair and over all of them."""

import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise, product
from math import comb

import pytest

from analysis import texts
from analysis.changes import changes
from analysis.cuaderno import Cuaderno
from analysis.instrument import load_instrument
from analysis.paths import Project
from analysis.proportion import holm
from analysis.provenance import EvidenceClass, Share
from analysis.views import waves as view
from analysis.waves import Source, compare_waves, load_wave, new_wave, remove_respondent
from tests import wave_samples as samples


@pytest.fixture(scope="module")
def three(project, tmp_path_factory):
    """A project with a third wave, asked with the first questionnaire again."""
    root = tmp_path_factory.mktemp("three")
    for name in ("cuaderno8", "instrument", "waves"):
        shutil.copytree(project.raw / name, root / "data" / "raw" / name)
        if (project.processed / name).is_dir():
            shutil.copytree(project.processed / name, root / "data" / "processed" / name)
    (root / "notebooks").mkdir()
    place = Project(root)
    instrument = load_instrument(place, "2017")
    maker = samples.maker()
    rows = [
        (about, answers)
        for about, answers in maker.first_wave(instrument)
        if int(about[2][1:]) not in (2, 3)  # two respondents leave
    ]
    for _, answers in rows[:12]:
        answers |= {"acc_evaluacion": ["eva_01"], "acc_evaluacion_otro": ""}
    file = tmp_path_factory.mktemp("file") / "tercera.csv"
    file.write_text(maker.kobo_csv(instrument, rows), "utf-8", newline="")
    meta = replace(
        load_wave(place, "demo").meta,
        id="demo-c",
        label={"es": "Ola de demostración C", "en": "Demonstration wave C"},
        starts=date(2023, 3, 1),
        ends=date(2023, 4, 1),
    )
    report = new_wave(place, meta, Source(file, instrument)).report
    assert report.ok, report.errors
    return place


@pytest.fixture(scope="module")
def found(three):
    chosen = [load_wave(three, wave_id) for wave_id in view.wave_ids("demo, demo-b,demo-c")]
    return changes([compare_waves(three, a, b) for a, b in pairwise(chosen)])


def test_who_is_in_every_wave_is_paired(found):
    assert list(found.paired) == [f"C{n:02d}" for n in range(1, 17) if n not in (2, 3)]
    assert len(found.steps) == 2 and found.trends


def test_every_question_with_several_answers_that_can_be_compared_is_there(found):
    for pair, steps in zip(found.pairs, found.steps, strict=True):
        expected = set(pair.comparable("select_multiple"))
        assert {step.items for step in steps} == expected
        assert {items[0] for items in expected} > set(view.DRAWN)


def test_a_trend_counts_the_respondents_that_answered_every_wave(found):
    """Recomputed from the waves: a choice that was joined is marked when any of its parts is."""
    joined = next(
        t for t in found.trends if (t.item, t.choice) == ("mecanismos", "informes_gestion")
    )
    first, second, third = (wave.multiple("mecanismos") for wave in found.waves)
    parts = second[["informes_anuales", "informes_parciales"]].dropna().any(axis=1)
    common = [
        name
        for name in found.paired
        if name in parts.index and first.loc[name].notna().all() and third.loc[name].notna().all()
    ]
    complete = [
        all(mark[n] is not None and mark.notna()[n] for mark in joined.marks) for n in common
    ]
    assert all(complete) and joined.test.nobs == len(common)
    assert int(joined.marks[1][common].sum()) == int(parts[common].sum())


def test_cochran_is_that_of_every_arrangement(found):
    """Q grows with the sum of squared totals: enumerated over the arrangements of each city."""
    trend = next(t for t in found.trends if t.item == "acc_evaluacion" and t.test.exact)
    table = [
        tuple(bool(mark[name]) for mark in trend.marks)
        for name in trend.marks[0].index
        if all(mark.notna()[name] for mark in trend.marks)
    ]
    totals = Counter({(0, 0, 0): 1})
    for row in table:
        moved = Counter()
        ways = [w for w in product((0, 1), repeat=3) if sum(w) == sum(row)]
        for total, times in totals.items():
            for way in ways:
                moved[tuple(a + b for a, b in zip(total, way, strict=True))] += times
        totals = moved
    seen = sum(sum(column) ** 2 for column in zip(*table, strict=True))
    extreme = sum(t for total, t in totals.items() if sum(x * x for x in total) >= seen)
    assert trend.test.p_value == pytest.approx(extreme / sum(totals.values()))


def test_every_p_value_of_the_page_is_adjusted_with_the_others(found):
    tests = [*(step for steps in found.steps for step in steps), *found.trends]
    told = {str(at): t.test.p_value for at, t in enumerate(tests) if t.test}
    expected = holm(told)
    assert all(tests[int(at)].adjusted == value for at, value in expected.items())


def test_a_choice_that_one_step_joins_and_the_next_does_not_has_no_trend(three):
    chosen = [load_wave(three, wave_id) for wave_id in ("demo", "demo-b", "demo-b")]
    same = changes([compare_waves(three, a, b) for a, b in pairwise(chosen)])
    assert ("mecanismos", "informes_gestion") not in {(t.item, t.choice) for t in same.trends}
    assert any(t.item == "mecanismos" for t in same.trends)


@pytest.mark.parametrize("text", ["", "demo", "demo,demo"])
def test_one_wave_is_not_enough(text):
    with pytest.raises(ValueError, match="dos olas distintas o más"):
        view.wave_ids(text)


@pytest.mark.parametrize("lang", list(texts.LOCALES))
def test_the_page_shows_every_wave_with_its_class(study, found, lang):
    cuaderno = Cuaderno("comparacion_olas", lang)
    cuaderno.let(**view.values(cuaderno, study, found))
    for key in ("title", "finding", "findings", "lead", "method", "sources"):
        assert cuaderno.write(key)
    labels = [wave.meta.label[lang] for wave in found.waves]
    assert all(label in cuaderno.write("sources") for label in labels)
    tables = list(view.trends_tables(cuaderno, found))
    assert [c.label for c in tables[0].columns][1:4] == labels
    shares = [
        cell for t in tables for row in t.rows for cell in row.values() if isinstance(cell, Share)
    ]
    assert shares and {share.evidence for share in shares} == {EvidenceClass.DEMO}
    for at in range(len(found.pairs)):
        tables = [view.changes_table(cuaderno, found, at, i) for i in view.questions(found, at)]
        assert sum(len(t.rows) for t in tables) == len(found.steps[at])
    chart = view.changes_figure(cuaderno, found, 1, "acc_evaluacion")
    assert chart.evidence == {EvidenceClass.DEMO}


def anonymous(place, wave_id, numbers, tmp_path, column="id"):
    """Bring a wave in whose file names submissions, and not its respondents."""
    instrument = load_instrument(place, "2017")
    maker = samples.maker()
    rows = [row for row in maker.first_wave(instrument) if int(row[0][2][1:]) in numbers]
    table = samples.read(maker.kobo_csv(instrument, rows)).drop(columns=["_id", "_uuid"])
    table["respondente"] = [str(at) for at in range(1, len(table) + 1)]
    file = tmp_path / f"{wave_id}.csv"
    table.rename(columns={"respondente": column}).to_csv(file, index=False)
    meta = replace(load_wave(place, "demo").meta, id=wave_id)
    report = new_wave(place, meta, Source(file, instrument)).report
    assert report.ok, report.errors
    return load_wave(place, wave_id)


def test_submissions_that_only_share_a_number_are_not_paired(three, study, tmp_path):
    first = anonymous(three, "sin-a", range(1, 13), tmp_path)
    second = anonymous(three, "sin-b", range(13, 25), tmp_path)
    assert list(first.respondents.index) == list(second.respondents.index)  # 1, 2, 3…
    assert not first.own_codes and load_wave(three, "demo").own_codes
    pair = compare_waves(three, first, second)
    assert not len(pair.paired)
    found = changes([pair])
    (steps,) = found.steps
    assert steps and all(step.independent for step in steps)
    for step in steps:
        before, after = (mark.dropna() for mark in step.marks)
        a, b = int(after.sum()), int(before.sum())
        # fisher.test(matrix(c(a, n - a, b, m - b), 2))$p.value in R; here by enumeration
        n, m = len(after), len(before)
        ways = [
            comb(n, k) * comb(m, a + b - k) for k in range(max(0, a + b - m), min(n, a + b) + 1)
        ]
        own = comb(n, a) * comb(m, b)
        assert step.test.p_value == pytest.approx(
            sum(w for w in ways if w <= own * (1 + 1e-7)) / sum(ways)
        )
        assert step.test.estimate == pytest.approx(a / n - b / m)
    for lang in texts.LOCALES:
        cuaderno = Cuaderno("comparacion_olas", lang)
        cuaderno.let(**view.values(cuaderno, study, found))
        table = view.changes_table(cuaderno, found, 0, "acc_diseno")
        methods = {row["change"].method for row in table.rows} | {r["p"].method for r in table.rows}
        assert methods == {"independent_newcombe", "fisher_holm"}
        assert "Fisher" in cuaderno.write("method") and "McNemar" not in cuaderno.write("method")
        row = table.rows[0]
        assert (row["before"].base.n, row["after"].base.n) == tuple(
            int(mark.notna().sum())
            for mark in next(s for s in steps if s.items[0] == "acc_diseno").marks
        )


def test_one_without_a_code_among_others_is_not_paired(three, tmp_path):
    instrument = load_instrument(three, "2017")
    maker = samples.maker()
    rows = list(maker.first_wave(instrument))[:6]
    chosen = []
    for wave_id in ("hueco-a", "hueco-b"):
        table = samples.read(maker.kobo_csv(instrument, rows)).drop(columns=["_id", "_uuid"])
        table.loc[2, "respondente"] = None
        file = tmp_path / f"{wave_id}.csv"
        table.to_csv(file, index=False)
        meta = replace(load_wave(three, "demo").meta, id=wave_id)
        assert new_wave(three, meta, Source(file, instrument)).report.ok
        chosen.append(load_wave(three, wave_id))
    assert chosen[0].own_codes and chosen[0].respondents.index[2] == "sin-codigo-0003"
    paired = compare_waves(three, *chosen).paired
    assert list(paired) == [c for c in chosen[0].respondents.index if c != "sin-codigo-0003"]


def test_respondents_numbered_by_row_stay_so_after_one_leaves(three, tmp_path):
    wave = anonymous(three, "sin-c", range(1, 7), tmp_path, column="x")
    assert wave.respondents.index[0] == "R0001" and not wave.own_codes
    remove_respondent(three, "sin-c", wave.respondents.index[2], date(2026, 11, 26))
    assert not load_wave(three, "sin-c").own_codes
