"""A demonstration wave goes out in every format and comes back equal, or with its loss declared."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from analysis.exports.labelled import labelled
from analysis.exports.template import template
from analysis.instrument import Item
from analysis.paths import Project
from analysis.readers import ReadOptions
from analysis.responses import Responses, Wave
from analysis.waves import Correction, Examined, Source, examine, load_wave
from tests import tool_files

LOSSES = {"abierta_comentarios": "los espacios del final de los textos de abierta_comentarios"}
TITLE = dict.fromkeys(("es", "en"), "Un título de setenta letras" + "a" * 43)
Rows = Iterator[dict[str, str]]


@pytest.fixture(scope="module")
def demo(project: Project) -> Wave:
    return load_wave(project, "demo")


def chosen(wave: Wave) -> dict[tuple[str, str], str]:
    """Give the answer to each question by respondent and item: a text, or codes and spaces."""
    found: dict[tuple[str, str], str] = {}
    marks = wave.answers[wave.answers["selected"].fillna(False)]
    for row in marks.itertuples():
        key = (row.respondent, row.item)
        found[key] = f"{found[key]} {row.choice}" if key in found else row.choice
    for row in wave.answers[wave.answers["selected"].isna()].itertuples():
        text = row.value if isinstance(row.value, str) else row.choice
        if isinstance(text, str) and wave.instrument.item(row.item).type != "select_multiple":
            found[row.respondent, row.item] = text
    return found


def kobo(wave: Wave, shape: str) -> Rows:
    """Write a wave as KoboToolbox does, ``select_multiple`` as one column, as columns or both."""
    answers = chosen(wave)
    for name in wave.respondents.index:
        row = {"start": "2020-01-01T10:00:00Z", "end": "2020-01-01T10:30:00Z", "respondente": name}
        for item in wave.instrument.questions:
            said = answers.get((name, item.code), "")
            path = "/".join((*item.groups, item.code))
            if item.type != "select_multiple" or shape in ("one", "both"):
                row[path] = said
            if item.type == "select_multiple" and shape in ("columns", "both"):
                for choice in item.choices:
                    mark = "1" if choice.code in said.split() else "0"
                    row[f"{path}/{choice.code}"] = mark if said else ""
        yield {**row, "_id": name, "_uuid": f"uuid:{name}"}


def labels(wave: Wave, lang: str = "es") -> Rows:
    """Write a wave as an office does: codes of questions, labels of choices, Sí and No."""
    answers = chosen(wave)
    for name in wave.respondents.index:
        row = {"respondente": name}
        for item in wave.instrument.questions:
            said = answers.get((name, item.code), "")
            if item.type != "select_multiple":
                row[item.code] = _label(item, said, lang)
                continue
            for choice in item.choices:
                mark = "Sí" if choice.code in said.split() else "No"
                row[f"{item.code} / {choice.label[lang]}"] = mark if said else ""
        yield row


def _label(item: Item, said: str, lang: str) -> str:
    return item.choice(said).label[lang] if item.choices and said else said


def as_csv(rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    found = list(rows)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(found[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(found)
    return stream.getvalue().encode(encoding)


def as_xlsx(rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    found = list(rows)
    book.active.append(list(found[0]))
    for row in found:
        book.active.append([value or None for value in row.values()])
    return _saved(book)


def _saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def filled_template(wave: Wave) -> bytes:
    """Fill the template in as its guide says: labels from the lists, 1 where a choice applies."""
    book = openpyxl.load_workbook(io.BytesIO(template(wave.instrument)))
    sheet = book.worksheets[1]
    heads = [cell.value for cell in sheet[1]]
    answers = chosen(wave)
    for line, name in enumerate(wave.respondents.index, 2):
        for column, head in enumerate(heads, 1):
            code, _, choice = head.partition("/")
            if code == "respondente":
                sheet.cell(line, column, name)
                continue
            item, said = wave.instrument.item(code), answers.get((name, code), "")
            if choice and choice in said.split():
                sheet.cell(line, column, 1)
            elif said and not choice:
                cell = _label(item, said, "es")
                number = item.type in ("integer", "decimal")
                sheet.cell(line, column, float(cell) if number else cell)
    return _saved(book)


FORMS: dict[str, Callable[[Wave], bytes]] = {
    "kobo-one.csv": lambda wave: as_csv(kobo(wave, "one")),
    "kobo-columns.csv": lambda wave: as_csv(kobo(wave, "columns"), ";", "utf-8-sig"),
    "kobo-both.xlsx": lambda wave: as_xlsx(kobo(wave, "both")),
    "labels.csv": lambda wave: as_csv(labels(wave), ";", "utf-16"),
    "labels-en.csv": lambda wave: as_csv(labels(wave, "en"), "\t"),
    "template.xlsx": filled_template,
}


def bring_back(
    wave: Wave, path: Path, options: ReadOptions | None = None
) -> tuple[Examined, pd.DataFrame]:
    kept: list[Responses] = []
    found = examine(Source(path, wave.instrument, options or ReadOptions()), kept.append)
    assert not found.report.errors, [str(fault) for fault in found.report.errors[:5]]
    assert {rule.method for rule in found.mapping.rules} <= {
        *("exact", "normalised", "declared", "tool")
    }
    return found, kept[0].answers().to_pandas()


def same(text: str) -> str:
    return text


def differences(
    wave: Wave, got: pd.DataFrame, written: Callable[[str], str] = same
) -> set[tuple[str, str]]:
    """Name the items and columns of the long table that are not as they were written."""
    key = ["respondent", "item", "choice"]
    one = wave.instrument.questions
    many = {item.code for item in one if item.type == "select_multiple"}
    found = set()
    for item in one:
        mine = [t[t["item"] == item.code] for t in (wave.answers, got)]
        keys = key if item.code in many else key[:2]
        before, after = (t.set_index(keys).sort_index() for t in mine)
        assert list(before.index) == list(after.index), item.code
        for column in before.columns:
            pair = [t[column].astype("string").fillna("\0") for t in (before, after)]
            if not pair[0].map(written).astype("string").equals(pair[1]):
                found.add((item.code, column))
    return found


@pytest.mark.parametrize("name", list(FORMS))
def test_what_a_tool_holds_comes_back_as_it_was(demo: Wave, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FORMS[name](demo))
    _, got = bring_back(demo, path)
    assert differences(demo, got) == set()


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("ods", set()),
        ("zsav", {("abierta_comentarios", "value")}),  # spaces at the end of a text
        ("por", set()),
        ("xpt", {("abierta_comentarios", "value")}),
        ("qualtrics", set()),
        ("limesurvey", set()),
    ],
)
def test_what_another_program_wrote_comes_in_as_it_was(
    demo: Wave, name: str, lost: set[tuple[str, str]], tmp_path: Path
) -> None:
    path = tmp_path / ("ola.csv" if name in ("qualtrics", "limesurvey") else f"ola.{name}")
    options = getattr(tool_files, name)(demo, chosen(demo), path)
    _, got = bring_back(demo, path, options)
    written = tool_files.in_ascii if name == "por" else same
    assert differences(demo, got, written) == lost


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_an_export_comes_back_as_it_was_or_says_what_it_lost(
    demo: Wave, kind: str, tmp_path: Path
) -> None:
    made = labelled(demo.instrument, kind, "es", demo)
    path = tmp_path / f"ola.{kind}"
    path.write_bytes(made.data)
    found, got = bring_back(demo, path)
    columns = [rule for rule in found.mapping.rules if not rule.source_value]
    assert {rule.method for rule in columns} <= {"exact", "declared", "tool"}
    lost = differences(demo, got)
    assert all(column == "value" for _, column in lost)
    assert {LOSSES[item] for item, _ in lost} <= set(made.losses)
    assert not found.report.faults


def test_spss_finds_the_sets_of_the_choices(demo: Wave, tmp_path: Path) -> None:
    path = tmp_path / "ola.sav"
    path.write_bytes(labelled(demo.instrument, "sav", "es", demo).data)
    data, meta = pyreadstat.read_sav(str(path))
    many = [item for item in demo.instrument.questions if item.type == "select_multiple"]
    assert list(meta.mr_sets) == [item.code for item in many]
    for item in many:
        group = meta.mr_sets[item.code]
        kept = [choice for choice in item.choices if not choice.missing]
        assert len(group["variable_list"]) == len(kept)
        assert set(group["variable_list"]) <= set(data.columns)
        assert (group["type"], group["counted_value"]) == ("D", 1)
        assert group["label"] == item.label["es"]


def test_a_fault_names_the_row_of_the_file(demo: Wave, tmp_path: Path) -> None:
    """Three rows of header in Qualtrics; a title above the table in a workbook."""
    answers = chosen(demo)
    answers["C02", "anio_oficina"] = "12"
    paths = {tmp_path / "qualtrics.csv": 5, tmp_path / "titulo.xlsx": 6}
    tool_files.qualtrics(demo, answers, next(iter(paths)))
    book = openpyxl.Workbook()
    frame = tool_files.codes(demo, answers)
    for line, row in enumerate([list(frame), *frame.itertuples(index=False)], 4):
        for column, text in enumerate(row, 1):
            book.active.cell(line, column, text or None)
    book.save(tmp_path / "titulo.xlsx")
    for path, row in paths.items():
        found = examine(Source(path, demo.instrument))
        assert [(f.kind, f.row) for f in found.report.errors] == [("out_of_range", row)]
        change = Correction(row, found.report.errors[0].column, "2012")
        assert examine(Source(path, demo.instrument, corrections=(change,))).report.ok


def test_a_value_without_a_proposal_is_reported_once(demo: Wave, tmp_path: Path) -> None:
    answers = {**chosen(demo), ("C02", "tipo_entidad"): "xyzzy 123"}
    path = tmp_path / "ola.csv"
    frame = tool_files.codes(demo, answers)
    frame.to_csv(path, index=False)
    found = examine(Source(path, demo.instrument))
    assert [(f.kind, f.value) for f in found.report.errors] == [("unknown_choice", "xyzzy 123")]


def test_a_title_that_spss_cuts_is_a_loss(demo: Wave) -> None:
    long = replace(demo.instrument, settings={**demo.instrument.settings, "title": TITLE})
    assert "el título se acortó a 64 bytes" in labelled(long, "sav").losses
    assert not [x for x in labelled(long, "dta").losses if "título" in x]
