"""Waves are brought in whole or not at all, sealed, read back, and mended when a city withdraws."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from analysis import waves
from analysis.cli import cuadernos
from analysis.exports import export
from analysis.instrument import load_instrument
from analysis.mapping import Mapping, Rule, Scan
from analysis.paths import Project
from analysis.provenance import EvidenceClass
from analysis.readers import RawColumn, RawTable
from analysis.responses import State, Wave, WaveMeta
from analysis.waves.description import read_description
from tests import wave_samples as samples


@pytest.fixture(scope="module")
def place(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project without waves."""
    root = tmp_path_factory.mktemp("project")
    for name in ("cuaderno8", "instrument"):
        shutil.copytree(project.raw / name, root / "data" / "raw" / name)
        if (project.processed / name).is_dir():
            shutil.copytree(project.processed / name, root / "data" / "processed" / name)
    (root / "notebooks").mkdir()
    return Project(root)


@pytest.fixture(scope="module")
def demo(place: Project) -> Project:
    """The same, with the demonstration waves made again."""
    samples.maker().make(place)
    return place


@pytest.fixture(scope="module")
def wave(demo: Project) -> Wave:
    return waves.load_wave(demo, "demo")


def meta(wave_id: str) -> WaveMeta:
    return WaveMeta(wave_id, {"es": "Prueba", "en": "Test"}, "2017", EvidenceClass.DEMO)


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_the_demonstration_waves_are_what_the_script_makes(demo: Project, project: Project) -> None:
    for wave_id in ("demo", "demo-b"):
        made, kept = demo.raw / "waves" / wave_id, project.raw / "waves" / wave_id
        assert everything(made) == everything(kept)
        for name in everything(made):
            assert (made / name).read_bytes() == (kept / name).read_bytes(), name


def test_what_was_answered_comes_back_as_it_was_given(demo: Project, wave: Wave) -> None:
    instrument = load_instrument(demo)
    given = {about[2]: answers for about, answers in samples.maker().first_wave(instrument)}
    given["C07"]["personal"] = "9"  # corrected on the way, with its reason
    assert list(wave.respondents.index) == list(given)
    for item in instrument.questions:
        state = wave.state(item.code)
        for code, answers in given.items():
            value = answers[item.code]
            if item.type == "select_multiple":
                rows = wave.rows(item.code)
                mine = rows[(rows["respondent"] == code) & rows["selected"].fillna(False)]
                assert set(mine["choice"]) == set(value), (code, item.code)
            elif item.type == "select_one":
                rows = wave.rows(item.code).set_index("respondent")
                assert rows.loc[code, "choice"] == value if value else True
            elif value:
                assert wave.text(item.code)[code] == value, (code, item.code)
            meanings = {c.code: c.missing or (c.none and "none") for c in item.choices}
            chosen = value if isinstance(value, list) else [value]
            said = next((meanings[c] for c in chosen if meanings.get(c)), None)
            if said:
                assert state[code] == said
            elif value:
                assert state[code] == State.ANSWERED
            else:
                assert state[code] in (State.BLANK, State.UNASKED)


def test_unasked_blank_none_and_unknown_stay_apart(wave: Wave) -> None:
    states = set(wave.answers["state"])
    assert states == set(State)
    told = wave.state("acc_evaluacion").isin([State.ANSWERED, State.NONE])
    assert wave.multiple("acc_evaluacion").notna().all(axis=1).equals(told)
    assert "no_sabe" not in wave.multiple("acc_evaluacion")


def test_what_a_page_shows_of_a_wave_is_in_both_languages(demo: Project, wave: Wave) -> None:
    assert set(wave.meta.consent) == set(wave.meta.frame) == set(wave.meta.label) == {"es", "en"}
    assert len(set(wave.meta.consent.values())) == 2


def test_the_same_respondents_can_be_paired(demo: Project, wave: Wave) -> None:
    found = waves.compare_waves(demo, wave, waves.load_wave(demo, "demo-b"))
    assert list(found.paired) == [f"C{number:02d}" for number in range(1, 17)]
    before, after = found.marks("mecanismos", "mecanismos")
    assert list(before) == list(after)
    assert "informes_gestion" in after and "informes_anuales" not in after
    own = found.b.multiple("mecanismos")
    either = own[["informes_anuales", "informes_parciales"]].any(axis=1)
    told = own.notna().all(axis=1)
    assert after.loc[told, "informes_gestion"].equals(either[told].rename("informes_gestion"))


def test_a_file_with_an_error_leaves_nothing_behind(demo: Project, tmp_path: Path) -> None:
    instrument = load_instrument(demo)
    rows = samples.clean(instrument, 1, size=2)
    rows.loc[0, "identificacion/anio_oficina"] = "12"
    path = tmp_path / "mala.csv"
    rows.to_csv(path, index=False)
    before = everything(demo.root)
    found = waves.new_wave(demo, meta("mala"), waves.Source(path, instrument))
    assert [f.kind for f in found.report.errors] == ["out_of_range"]
    assert everything(demo.root) == before


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_blank_rows_do_not_shift_the_rows_that_are_named(
    demo: Project, tmp_path: Path, ending: str
) -> None:
    instrument = load_instrument(demo)
    rows = samples.clean(instrument, 4, size=3).astype(object)
    rows.loc[1:, "identificacion/anio_oficina"] = ["12", "13"]
    blank = pd.DataFrame([[pd.NA] * rows.shape[1]], columns=rows.columns)
    spread = pd.concat([blank, rows[:1], blank, blank, rows[1:]])
    path = tmp_path / f"huecos.{ending}"
    spread.to_csv(path, index=False) if ending == "csv" else spread.to_excel(path, index=False)
    found = waves.examine(waves.Source(path, instrument))
    assert [(f.row, f.value) for f in found.report.errors] == [(6, "12"), (7, "13")]
    mend = tuple(
        waves.Correction(row, "identificacion/anio_oficina", new_value=str(2000 + row))
        for row in (6, 7)
    )
    name = f"huecos-{ending}"
    source = waves.Source(path, instrument, mapping=found.mapping, corrections=mend)
    assert waves.new_wave(demo, meta(name), source).report.ok
    wave = waves.load_wave(demo, name)
    assert wave.respondents["source_row"].tolist() == [3, 6, 7]
    gone, kept = wave.respondents.index[1], wave.respondents.index[2]
    waves.remove_respondent(demo, name, gone, date(2026, 11, 26))
    after = waves.load_wave(demo, name)
    assert after.number("anio_oficina")[kept] == 2007
    assert after.respondents["source_row"].tolist() == [2, 3]


@pytest.mark.parametrize("wave_id", ["2017", "Demo", "../x", "a b", "con", "", "x" * 41, "demo"])
def test_an_unfit_identifier_is_refused(demo: Project, wave_id: str) -> None:
    with pytest.raises(waves.WaveError):
        waves.check_id(demo, wave_id)


def test_a_changed_file_is_noticed(demo: Project) -> None:
    path = demo.raw / "waves" / "demo" / "responses.csv"
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"Ciudad ficticia C01", b"Ciudad ficticia C99"))
    with pytest.raises(waves.WaveError, match=r"responses\.csv: cambió desde que se selló"):
        waves.load_wave(demo, "demo")
    path.write_bytes(kept)
    assert waves.check_seals(demo, "demo") == []


def test_who_withdraws_is_gone_from_every_file(demo: Project) -> None:
    shutil.copytree(demo.raw / "waves" / "demo-b", demo.raw / "waves" / "retiro")
    described = demo.raw / "waves" / "retiro" / "wave.toml"
    described.write_text(described.read_text("utf-8").replace('id = "demo-b"', 'id = "retiro"'))
    before = waves.load_wave(demo, "retiro")
    assert len(before.answers) and len(before.respondents)  # read before they are gone
    waves.remove_respondent(demo, "retiro", "C05", date(2026, 11, 26))
    after = waves.load_wave(demo, "retiro")
    assert list(after.respondents.index) == [c for c in before.respondents.index if c != "C05"]
    left = before.answers[before.answers["respondent"] != "C05"].reset_index(drop=True)
    for item in before.instrument.questions:
        assert after.state(item.code).equals(before.state(item.code).drop("C05")), item.code
        if item.type == "text":
            assert after.text(item.code).equals(before.text(item.code).drop("C05"))
    assert len(left) == len(after.answers)
    for folder in (demo.raw / "waves" / "retiro", demo.processed / "waves" / "retiro"):
        for path in folder.rglob("*"):
            assert path.is_dir() or b"C05" not in path.read_bytes()
    assert [entry["date"] for entry in after.log] == ["2026-11-26"]
    assert not list((demo.raw / "waves").glob(".*"))


def test_the_free_texts_of_a_large_file_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("analysis.mapping.propose"), "MANY", 3)
    found = Scan()
    for start in (0, 10, 20):
        texts = [f"texto {n}" for n in range(start, start + 10)]
        amounts = [f"{n},5" for n in range(start, start + 10)]
        rows = pd.DataFrame({"libre": texts, "monto": amounts}, dtype="string")
        found.add(RawTable((RawColumn("libre"), RawColumn("monto")), rows))
    assert len(found.values["libre"]) == 10 and len(found.values["monto"]) == 30


def test_why_a_text_is_missing_travels_beside_the_file(demo: Project, tmp_path: Path) -> None:
    """SPSS and Stata have no place for it; the sidecar has, also when a city withdraws."""
    rows = samples.clean(load_instrument(demo), 4, size=4)
    logros, fecha = (next(c for c in rows if c.endswith(n)) for n in ("abierta_logros", "fecha"))
    rows.loc[0, logros], rows.loc[1, logros], rows.loc[1, fecha] = "s/d", "n/r", "n/r"
    path = tmp_path / "texto.csv"
    rows.to_csv(path, index=False)
    mapping = waves.examine(waves.Source(path, load_instrument(demo))).mapping
    said = {"s/d": "@dont_know", "n/r": "@refused"}
    pairs = ((logros, "s/d"), (logros, "n/r"), (fecha, "n/r"))
    more = [Rule(name, text, mapping.columns[name].item, said[text]) for name, text in pairs]
    source = waves.Source(path, load_instrument(demo), mapping=Mapping((*mapping.rules, *more)))
    assert waves.new_wave(demo, meta("texto"), source).report.ok
    before = waves.load_wave(demo, "texto")
    assert list(before.state("abierta_logros"))[:2] == [State.DONT_KNOW, State.REFUSED]
    for form in ("sav", "dta"):
        out = tmp_path / f"ola.{form}"
        export(before.instrument, form, out, wave=before)
        back = waves.Source(out, before.instrument)
        assert waves.new_wave(demo, meta(f"vuelta-{form}"), back).report.ok
        after = waves.load_wave(demo, f"vuelta-{form}")
        for item in before.instrument.questions:
            assert after.state(item.code).equals(before.state(item.code)), item.code
    waves.remove_respondent(demo, "vuelta-sav", "C01", date(2026, 11, 26))
    after = waves.load_wave(demo, "vuelta-sav")
    assert after.state("fecha")["C02"] == after.state("abierta_logros")["C02"] == State.REFUSED
    for kept in (demo.raw / "waves" / "vuelta-sav").iterdir():
        assert b"C01" not in kept.read_bytes()
    with pytest.raises(ValueError, match="indíquela con --instrument 2017"):
        waves.examine(waves.Source(tmp_path / "ola.sav", load_instrument(demo, "demo-b")))


def test_a_long_file_is_brought_in_piece_by_piece(
    demo: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instrument = load_instrument(demo)
    path = tmp_path / "larga.csv"
    samples.clean(instrument, 3, size=6).to_csv(path, index=False)
    whole = waves.examine(waves.Source(path, instrument))
    pieces, told = [], []
    monkeypatch.setattr("analysis.waves.importing.PIECE", 4)
    found = waves.examine(
        waves.Source(path, instrument),
        pieces.append,
        lambda step, how: told.append((step, how.rows)),
    )
    assert [len(piece) for piece in pieces] == [4, 2]
    assert {step for step, _ in told} == {"reading", "checking"}
    assert found.mapping == whole.mapping
    assert replace(found.report, _kept=None, faults=[]) == replace(
        whole.report, _kept=None, faults=[]
    )


def test_a_consent_in_one_text_serves_both_languages(demo: Project, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(demo.raw / "waves" / "demo", folder)
    path = folder / "wave.toml"
    head, _, rest = path.read_text("utf-8").partition("[consent]")
    path.write_text('consent = "Recuentos"\n' + head + rest[rest.index("[file]") :], "utf-8")
    assert read_description(folder).meta.consent == {"es": "Recuentos", "en": "Recuentos"}


def test_how_it_was_asked_is_told_in_each_language(demo: Project, tmp_path: Path) -> None:
    instrument = load_instrument(demo)
    path = tmp_path / "dos lenguas.csv"
    samples.clean(instrument, 8, size=2).to_csv(path, index=False)
    said = {"es": "encuesta en línea", "en": "web survey"}
    told = replace(meta("dos-lenguas"), mode=said)
    assert waves.new_wave(demo, told, waves.Source(path, instrument)).report.ok
    assert waves.load_wave(demo, "dos-lenguas").meta.mode == said
    folder = demo.raw / "waves" / "dos-lenguas"
    toml = (folder / "wave.toml").read_text("utf-8")
    assert 'en = "web survey"' in toml
    assert 'mode = "KoboToolbox"' in (demo.raw / "waves" / "demo" / "wave.toml").read_text("utf-8")


def test_what_may_be_imported_is_told_with_the_options_that_read_it(demo: Project) -> None:
    home = demo.raw / "waves" / "demo"
    given = ["--mapping", str(home / "mapping.csv"), "--corrections", str(home / "corrections.csv")]
    given += ["--decimal", ",", "--short-rows"]
    file = str(home / "responses.csv")
    done = CliRunner().invoke(cuadernos, ["wave", "check", file, *given, "--root", str(demo.root)])
    assert done.exit_code == 0, done.output
    told = done.output.splitlines()[-1].partition("cuadernos ")[2]
    command = ["wave", "new", "ID", "--from", file, *given, "--root", str(demo.root)]
    assert sorted(shlex.split(told)) == sorted(command)
