"""Seeded faults are all reported, and nothing is reported of clean waves."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from analysis.instrument import Instrument, load_instrument
from analysis.mapping import Mapping
from analysis.paths import Project
from analysis.validation import Report, to_csv
from tests import wave_samples as samples

WAVES = 100


@pytest.fixture(scope="module")
def instrument(project: Project) -> Instrument:
    return load_instrument(project)


@pytest.fixture(scope="module")
def waves(instrument: Instrument) -> pd.DataFrame:
    """A hundred clean waves of three respondents, one below the other."""
    found = []
    for seed in range(WAVES):
        rows = samples.clean(instrument, seed, size=3)
        rows["respondente"] = f"W{seed:03d}-" + rows["respondente"]
        found.append(rows)
    return pd.concat(found, ignore_index=True)


def test_a_hundred_clean_waves_give_no_alarm(instrument: Instrument, waves: pd.DataFrame) -> None:
    report = samples.check(instrument, waves)
    assert [(f.kind, f.respondent, f.item, f.value) for f in report.faults] == []
    assert report.respondents == 3 * WAVES


# One fault a wave: each function spoils row ``at`` and tells the question it spoiled --------------


class Spoiler:
    """Spoils cells of a KoboToolbox export."""

    def __init__(self, instrument: Instrument, rows: pd.DataFrame) -> None:
        self.rows = rows
        self.names = {
            (item.code, choice): name
            for name, item, choice in samples.maker().kobo_columns(instrument)
        }
        self.instrument = instrument

    def put(self, at: int, item: str, value: object) -> str:
        self.rows.loc[at, self.names[(item, "")]] = value
        return item

    def mark(self, at: int, item: str, *codes: str) -> str:
        """Choose codes in the column of all choices and in the box of each."""
        self.put(at, item, " ".join(codes))
        for choice in self.instrument.item(item).choices:
            box = self.names[(item, choice.code)]
            self.rows.loc[at, box] = "1" if choice.code in codes else "0"
        return item


def duplicate(s: Spoiler, at: int) -> str:
    s.rows.loc[at, "respondente"] = s.rows.loc[at - 1, "respondente"]
    return ""


def unknown_choice(s: Spoiler, at: int) -> str:
    return s.put(at, "permiso_cita", "quizas")


def unknown_mark(s: Spoiler, at: int) -> str:
    code = s.mark(at, "redes", "ucci")
    s.put(at, "redes_otro", pd.NA)
    return s.put(at, code, "ucci red_inventada")


def words_for_number(s: Spoiler, at: int) -> str:
    return s.put(at, "poblacion", "muchas personas")


def not_a_date(s: Spoiler, at: int) -> str:
    return s.put(at, "fecha", "ayer")


def not_whole(s: Spoiler, at: int) -> str:
    return s.put(at, "anio_oficina", "2004.5")


def out_of_range(s: Spoiler, at: int) -> str:
    return s.put(at, "anio_oficina", "204")


def more_than_all(s: Spoiler, at: int) -> str:
    s.put(at, "personal", "3")
    return s.put(at, "personal_medicion", "4")


def broken_skip(s: Spoiler, at: int) -> str:
    s.put(at, "tipo_entidad", "ciudad")
    return s.put(at, "tipo_entidad_otro", "Un consorcio")


def missing(s: Spoiler, at: int) -> str:
    return s.put(at, "unidad", pd.NA)


def other_untold(s: Spoiler, at: int) -> str:
    s.mark(at, "redes", "ucci", "otro")
    return s.put(at, "redes_otro", pd.NA)


def with_none(s: Spoiler, at: int) -> str:
    s.put(at, "redes_otro", pd.NA)
    return s.mark(at, "redes", "ucci", "ninguna")


def contradiction(s: Spoiler, at: int) -> str:
    s.put(at, "redes_otro", pd.NA)
    s.mark(at, "redes", "ucci")
    s.rows.loc[at, s.names[("redes", "cglu")]] = "1"
    return "redes"


def words_beside_number(s: Spoiler, at: int) -> str:
    s.put(at, "personal_medicion", pd.NA)
    return s.put(at, "personal", "unas 12 personas")


def known_other(s: Spoiler, at: int) -> str:
    s.put(at, "tipo_entidad", "otro")
    return s.put(at, "tipo_entidad_otro", "  CIUDAD o municipio ")


def address(s: Spoiler, at: int) -> str:
    return s.put(at, "abierta_comentarios", "Escriba a oficina@example.org")


def tiny_budget(s: Spoiler, at: int) -> str:
    s.put(at, "presupuesto_propio", "si")
    s.put(at, "presupuesto_moneda", "usd")
    return s.put(at, "presupuesto", "12")


def all_marked(s: Spoiler, at: int) -> str:
    for item in s.instrument.questions:
        marked = s.rows.loc[at, s.names[(item.code, "")]]
        if item.type == "select_multiple" and isinstance(marked, str):
            plain = [c.code for c in item.choices if not c.exclusive and not c.other]
            s.mark(at, item.code, *plain)
            if f"{item.code}_otro" in s.instrument:
                s.put(at, f"{item.code}_otro", pd.NA)
            if item.code == "niveles_intervencion":
                s.mark(at, "jerarquia_indicadores", "gestion")
    return ""


FAULTS: dict[Callable[[Spoiler, int], str], str] = {
    duplicate: "duplicate_respondent",
    unknown_choice: "unknown_choice",
    unknown_mark: "unknown_choice",
    words_for_number: "wrong_type",
    not_a_date: "wrong_type",
    not_whole: "wrong_type",
    out_of_range: "out_of_range",
    more_than_all: "out_of_range",
    broken_skip: "skip_broken",
    missing: "required_missing",
    other_untold: "required_missing",
    with_none: "exclusive_with_others",
    contradiction: "contradiction",
    words_beside_number: "text_in_number",
    known_other: "other_matches_choice",
    address: "personal_data",
    tiny_budget: "improbable_budget",
}
WARNINGS = {
    "text_in_number",
    "other_matches_choice",
    "personal_data",
    "improbable_budget",
    "straight_lining",
}


@pytest.fixture(scope="module")
def spoiled(instrument: Instrument, waves: pd.DataFrame) -> tuple[Report, list[tuple[str, ...]]]:
    """A hundred waves with one seeded fault each, and those faults."""
    rows, rng = waves.copy(), random.Random(7)
    spoiler = Spoiler(instrument, rows)
    kinds = list(FAULTS)
    seeded = []
    for number in range(WAVES):
        spoil = kinds[number % len(kinds)]
        at = 3 * number + rng.randrange(1, 3)
        item = spoil(spoiler, at)
        seeded.append((FAULTS[spoil], str(rows.loc[at, "respondente"]), item))
    mapping = samples.propose(instrument, samples.scan(waves))
    return samples.check(instrument, rows, mapping), seeded


def test_a_hundred_seeded_faults_are_all_reported(
    spoiled: tuple[Report, list[tuple[str, ...]]],
) -> None:
    report, seeded = spoiled
    assert len(set(FAULTS.values())) >= 11 and len(FAULTS) >= 12
    found = Counter((f.kind, f.respondent, f.item) for f in report.faults)
    assert [fault for fault in seeded if fault not in found] == []
    spoiled_ones = {respondent for _, respondent, _ in seeded}
    assert {f.respondent for f in report.faults} <= spoiled_ones  # and none of their neighbours


def test_what_is_possible_is_a_warning_and_the_rest_stops_the_wave(
    spoiled: tuple[Report, list[tuple[str, ...]]],
) -> None:
    report, _ = spoiled
    assert not report.ok
    assert {f.kind for f in report.warnings} == WARNINGS - {"straight_lining"}
    assert {f.kind for f in report.errors}.isdisjoint(WARNINGS)


def test_the_report_says_who_where_what_and_how_in_spanish(
    spoiled: tuple[Report, list[tuple[str, ...]]],
) -> None:
    report, _seeded = spoiled
    table = samples.read(to_csv(report))
    assert table["fix"].notna().all() and table["allowed"].notna().all()
    row = table[table["kind"] == "out_of_range"].iloc[0]
    assert row["city"].startswith("Ciudad C")
    assert row["value"] in ("204", "4")
    assert row["question"].startswith("¿")
    assert int(row["row"]) > 1 and "/" in row["column"]


def test_a_short_word_is_not_taken_for_a_part_of_a_choice(
    instrument: Instrument, waves: pd.DataFrame
) -> None:
    """«si» stands in «sin_nombre» and «no» in «con_nombre»: neither is proposed."""
    rows = waves.iloc[:2].reset_index(drop=True)
    column = next(c for c in rows if c.endswith("/permiso_cita"))
    rows[column] = pd.Series(["si", "no"], dtype="string")
    report = samples.check(instrument, rows)
    assert [(f.kind, f.value) for f in report.errors] == [
        ("unknown_choice", "si"),
        ("unknown_choice", "no"),
    ]


def test_faults_are_counted_by_severity(instrument: Instrument, waves: pd.DataFrame) -> None:
    rows = waves.iloc[:2].reset_index(drop=True)
    ends = ("/unidad", "/region", "/cargo")
    report = samples.check(instrument, rows.drop(columns=[c for c in rows if c.endswith(ends)]))
    assert (report.total("error", "no_column"), report.total("warning", "no_column")) == (1, 2)


def test_a_question_that_nobody_answered_is_no_fault(
    instrument: Instrument, waves: pd.DataFrame
) -> None:
    rows = waves.copy()
    year = next(c for c in rows if c.endswith("/anio_oficina"))
    rows[year] = pd.NA
    report = samples.check(instrument, rows.iloc[:1].reset_index(drop=True))
    assert not [f for f in report.faults if f.item == "anio_oficina" and f.kind == "out_of_range"]


def test_marking_everything_is_noticed(instrument: Instrument, waves: pd.DataFrame) -> None:
    rows = waves.head(3).copy()
    spoiler = Spoiler(instrument, rows)
    all_marked(spoiler, 1)
    report = samples.check(instrument, rows, samples.propose(instrument, samples.scan(waves)))
    assert ("straight_lining", rows.loc[1, "respondente"]) in {
        (f.kind, f.respondent) for f in report.faults
    }


def test_a_file_without_a_required_question_is_stopped(
    instrument: Instrument, waves: pd.DataFrame
) -> None:
    rows = waves.head(3).drop(columns="identificacion/unidad")
    report = samples.check(instrument, rows)
    assert [(f.kind, f.item) for f in report.errors] == [("no_column", "unidad")]


def test_nothing_that_is_merely_alike_is_applied(
    instrument: Instrument, waves: pd.DataFrame
) -> None:
    rows = waves.head(3).rename(columns={"identificacion/unidad": "¿Cómo se llama su oficina?"})
    rows.loc[0, "identificacion/permiso_cita"] = "Sin nombre de la ciudad"
    mapping = samples.propose(instrument, samples.scan(rows))
    alike = next(r for r in mapping.rules if r.source_value == "Sin nombre de la ciudad")
    assert (alike.method, alike.accepted) == ("fuzzy", None)

    def said(mapping: Mapping) -> list[tuple[str, str]]:
        faults = samples.check(instrument, rows, mapping).errors
        return [(f.kind, f.column) for f in faults if f.value == alike.source_value]

    assert said(mapping) == [("mapping_pending", alike.source_column)]  # once, not by respondent
    refused = [replace(r, accepted=False) if r == alike else r for r in mapping.rules]
    assert said(Mapping(tuple(refused))) == [("unknown_choice", alike.source_column)]
