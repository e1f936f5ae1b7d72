"""A wave as other tools keep it, written here and not by the exports of the project."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd
import pyreadstat
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from analysis.instrument import Item
from analysis.readers import ReadOptions
from analysis.responses import Wave

Answers = dict[tuple[str, str], str]


def write_csv(path: Path, rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(rows)


def codes(wave: Wave, answers: Answers) -> pd.DataFrame:
    """Lay a wave out with one column of codes a question, as text."""
    names = ["respondente", *(item.code for item in wave.instrument.questions)]
    rows = [
        [name, *(answers.get((name, code), "") for code in names[1:])]
        for name in wave.respondents.index
    ]
    return pd.DataFrame(rows, columns=names, dtype="object")


def ods(wave: Wave, answers: Answers, path: Path) -> ReadOptions:
    """Write a sheet of OpenDocument; lines of a text are paragraphs, spaces are marked."""
    document = OpenDocumentSpreadsheet()
    sheet = Table(name="Respuestas")
    document.spreadsheet.addElement(sheet)
    frame = codes(wave, answers)
    for row in [list(frame), *frame.itertuples(index=False)]:
        line = TableRow()
        for text in row:
            cell = TableCell(valuetype="string") if text else TableCell()
            for part in text.split("\n") if text else ():
                cell.addElement(_paragraph(part))
            line.addElement(cell)
        sheet.addElement(line)
    document.save(path)
    return ReadOptions()


def _paragraph(text: str) -> P:
    from odf.text import S

    found, plain = P(), text.rstrip(" ")
    found.addText(plain)
    if plain != text:
        found.addElement(S(c=len(text) - len(plain)))
    return found


def zsav(wave: Wave, answers: Answers, path: Path) -> ReadOptions:
    """Write SPSS, compressed, of texts with the codes."""
    pyreadstat.write_sav(codes(wave, answers), path, compress=True)
    return ReadOptions()


def por(wave: Wave, answers: Answers, path: Path) -> ReadOptions:
    """Write SPSS, portable: names of eight letters, the code in the label, texts in ASCII."""
    frame = codes(wave, answers).map(in_ascii)
    short = [f"V{number:03d}" for number in range(len(frame.columns))]
    labels = dict(zip(short, frame.columns, strict=True))
    pyreadstat.write_por(frame.set_axis(short, axis=1), path, column_labels=labels)
    return ReadOptions()


def in_ascii(text: str) -> str:
    """Write a text with the characters that ReadStat puts in a portable file."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return plain.replace("\n", " ").rstrip(" ")


def xpt(wave: Wave, answers: Answers, path: Path) -> ReadOptions:
    """Write a transport file of SAS."""
    pyreadstat.write_xport(codes(wave, answers), path, file_format_version=8)
    return ReadOptions()


def qualtrics(wave: Wave, answers: Answers, path: Path) -> ReadOptions:
    """Write an export of Qualtrics with the texts of the choices, a column a choice."""
    heads = [("StartDate", "Start Date", {"ImportId": "startDate", "timeZone": "America/Bogota"})]
    heads += [("respondente", "Respondente", {"ImportId": "QID0_TEXT"})]
    for number, item in enumerate(wave.instrument.questions, 1):
        key, label = f"QID{number}", item.label["es"]
        if item.type != "select_multiple":
            heads.append((item.code, label, {"ImportId": key if item.choices else f"{key}_TEXT"}))
            continue
        for at, choice in enumerate(item.choices, 1):
            said = f"{label} - Selected Choice - {choice.label['es']}"
            heads.append((f"{item.code}_{at}", said, {"ImportId": key, "choiceId": str(at)}))
    names, wordings, ids = zip(*heads, strict=True)
    rows = [list(names), list(wordings), [json.dumps(found) for found in ids]]
    for name in wave.respondents.index:
        cells = ["2018-03-03 10:00:00", name]
        for item in wave.instrument.questions:
            cells += _texts(item, answers.get((name, item.code), ""))
        rows.append(cells)
    write_csv(path, rows)
    return ReadOptions()


def _texts(item: Item, said: str) -> list[str]:
    if item.type == "select_multiple":
        marked = said.split()
        return [c.label["es"] if c.code in marked else "" for c in item.choices]
    return [item.choice(said).label["es"] if item.choices and said else said]


def limesurvey(wave: Wave, answers: Answers, path: Path) -> ReadOptions:
    """Write the answers of LimeSurvey and its structure: codes without signs, SQ001, A1, other."""
    kinds = {"select_one": "L", "select_multiple": "M", "date": "D", "text": "T"}
    parts: dict[str, list[dict[str, str]]] = {
        **{name: [] for name in ("questions", "subquestions", "answers")},
        "surveys": [{"sid": "1", "language": "es"}],
    }
    heads = ["id", "submitdate", "lastpage", "startlanguage", "respondente"]
    instrument = wave.instrument
    others = {item.code: instrument.other_item(item.code) for item in instrument.questions}
    inside = {other.code for other in others.values() if other}
    asked = [item for item in instrument.questions if item.code not in inside]
    for number, item in enumerate(asked, 1):
        qid, code = str(number), item.code.replace("_", "")
        row = {"qid": qid, "parent_qid": "0", "gid": "1", "type": kinds.get(item.type, "N")}
        row |= {"title": code, "question": item.label["es"], "language": "es"}
        row["other"] = "Y" if others[item.code] else "N"
        parts["questions"].append(row)
        for at, choice in enumerate(item.choices, 1):
            text = choice.label["es"]
            if choice.other:
                continue
            if item.type == "select_one":
                row = {"qid": qid, "code": f"A{at}", "answer": text, "language": "es"}
                parts["answers"].append(row)
                continue
            row = {"qid": f"{number * 1000 + at}", "parent_qid": qid, "title": f"SQ{at:03d}"}
            parts["subquestions"].append({**row, "question": text, "language": "es"})
            heads.append(f"{code}[SQ{at:03d}]")
        if item.type != "select_multiple":
            heads.append(code)
        if others[item.code]:
            heads.append(f"{code}[other]")
    rows = [heads]
    for number, name in enumerate(wave.respondents.index, 1):
        cells = [str(number), "2018-03-03 10:00:00", "5", "es", name]
        for item in asked:
            cells += _coded(item, answers.get((name, item.code), ""))
            if other := others[item.code]:
                cells.append(answers.get((name, other.code), ""))
        rows.append(cells)
    write_csv(path, rows)
    structure = path.with_suffix(".lss")
    structure.write_text(_lss(parts), "utf-8")
    return ReadOptions(structure=structure)


def _coded(item: Item, said: str) -> list[str]:
    places = [choice.code for choice in item.choices]
    if item.type == "select_multiple":
        kept = [choice.code for choice in item.choices if not choice.other]
        return [("Y" if code in said.split() else "N") if said else "" for code in kept]
    if not places or not said:
        return [said]
    return ["-oth-" if item.choice(said).other else f"A{places.index(said) + 1}"]


def _lss(parts: dict[str, list[dict[str, str]]]) -> str:
    def row(cells: dict[str, str]) -> str:
        return f"<row>{''.join(f'<{k}>{escape(v)}</{k}>' for k, v in cells.items())}</row>"

    body = "".join(
        f"<{name}><rows>{''.join(map(row, rows))}</rows></{name}>" for name, rows in parts.items()
    )
    return (
        "<document><LimeSurveyDocType>Survey</LimeSurveyDocType>"
        f"<languages><language>es</language></languages>{body}</document>"
    )
